"""Row multipliers of the pricing LP by family and subject, and the limits that bind."""

from __future__ import annotations

import numpy as np

from clearing.case.arrays import Floats, Ids, Ints
from clearing.case.case import Case
from clearing.case.prices import Multipliers
from clearing.case.reserves import Direction
from clearing.case.result import Binding
from clearing.formulation.awards import Awards
from clearing.formulation.flexible_ramping import flexible_pairs, flexible_ramp_units, flexible_units
from clearing.formulation.limits import footroom_units
from clearing.formulation.model import Model
from clearing.formulation.non_spinning import offline_units
from clearing.formulation.ramps import ramp_units
from clearing.formulation.regulation import required_speed, speed_products
from clearing.formulation.regulation_bands import band_pairs
from clearing.formulation.reserves import capped
from clearing.formulation.storage_awards import holders
from clearing.grid.monitored import FAMILY, Grid
from clearing.rules.rules import Rules
from clearing.solve.dispatch import Dispatch
from clearing.solve.joint_limits import JointLimit, positive_reserve, priced_limits

SMALLEST_PRICE = 1e-9


def multipliers(case: Case, rules: Rules, grid: Grid, priced: Dispatch) -> Multipliers:
    """All nonzero multipliers, money per MW and hour, signed as ∂cost/∂(row side)."""
    family: list[str] = []
    subject: list[str] = []
    period: list[np.ndarray] = []
    value: list[Floats] = []
    for name, ids, dual in _families(case, rules, grid, priced):
        row, column = np.nonzero(np.abs(dual) > SMALLEST_PRICE)
        family += [name] * len(row)
        subject += [ids[r] for r in row]
        period.append(column)
        value.append(dual[row, column])
    none = np.zeros(0)
    return Multipliers(
        tuple(family),
        tuple(subject),
        np.concatenate([none.astype(np.int64), *period]).astype(np.int64),
        np.concatenate([none, *value]),
    )


def _families(case: Case, rules: Rules, grid: Grid, priced: Dispatch) -> list[tuple[str, Ids, Floats]]:
    """Family, subjects (n) and multipliers (n, T) of every block that the certificate holds."""
    model, hours, units = priced.model, case.horizon.hours, case.units
    rows = model.problem.rows

    def dual(name: str) -> Floats:
        return np.asarray(priced.row_dual[rows[name]] / hours)

    def of(index: np.ndarray) -> Ids:
        return tuple(units.id[i] for i in index)

    short = np.flatnonzero(model.data.min_up < 2)
    out: list[tuple[str, Ids, Floats]] = [("balance", grid.islands.id, dual("balance"))]
    network = priced.network_dual / hours
    for code, name in enumerate(FAMILY):
        chosen = np.flatnonzero(grid.monitored.kind == code)
        out.append((name, tuple(map(grid.monitored.id.__getitem__, chosen.tolist())), network[chosen]))
    out.append(("product", case.reserves.product_id, dual("product")))
    for name in ("headroom", "output_limit"):
        if name in rows:
            total = dual(name).copy()
            if f"{name}_stop" in rows:
                total[short] += dual(f"{name}_stop")
            out.append((name, units.id, total))
    out.append(("footroom", of(footroom_units(case, model.awards)), dual("footroom")))
    out.append(("ramp_up", of(ramp_units(case, model.data.ramp_up_mw, model.awards)), dual("ramp_up")))
    out.append(("ramp_down", of(ramp_units(case, model.data.ramp_down_mw, model.awards)), dual("ramp_down")))
    out.append(("award_cap", _pair_ids(case, model.awards, capped(case, model.awards)), dual("award_cap")))
    out += [(name, ids, dual(name)) for name, ids in _of_kinds(case, model) if name in rows]
    out.append(("storage_energy", case.storage.id, dual("storage_energy")))
    if "reservoir_energy" in rows:
        out.append(("reservoir_energy", case.pumped_hydro.reservoir_id, dual("reservoir_energy")))
    if "virtual_ramp" in rows:
        out.append(("virtual_ramp", case.virtual_plants.id, dual("virtual_ramp")))
    if "hvdc_ramp" in rows:
        out.append(("hvdc_ramp", case.hvdc_lines.id, dual("hvdc_ramp")))
    for limit in _limits(case, rules, priced):
        value = dual(limit.family)
        value = _at_last(limit, value) if limit.energy else value.reshape(limit.attained.shape)
        out.append((limit.family, limit.subjects, value))
    return out


def _of_kinds(case: Case, model: Model) -> list[tuple[str, Ids]]:
    """Families of single kinds of products and of storage that holds products, with their subjects."""
    awards, units, stores = model.awards, case.units.id, case.storage.id
    up, down = flexible_units(case, awards)
    ramp_up, ramp_down = flexible_ramp_units(case, model.data, awards)
    return [
        ("regulation_speed", _picked(case.reserves.product_id, speed_products(case))),
        ("flexible_next", _pair_ids(case, awards, flexible_pairs(awards))),
        ("flexible_up", _picked(units, up)),
        ("flexible_down", _picked(units, down)),
        ("flexible_ramp_up", _picked(units, ramp_up)),
        ("flexible_ramp_down", _picked(units, ramp_down)),
        ("offline", _picked(units, offline_units(awards))),
        ("offline_stated", _pair_ids(case, awards, awards.offline[awards.stated])),
        ("band_cap", _pair_ids(case, awards, band_pairs(case, awards)[0])),
        *(
            (f"storage_{way}{energy}", _picked(stores, holders(case, awards, direction)))
            for way, direction in (("up", Direction.UP), ("down", Direction.DOWN))
            for energy in ("", "_energy")
        ),
    ]


def _pair_ids(case: Case, awards: Awards, pairs: Ints) -> Ids:
    return tuple(f"{case.units.id[awards.unit[p]]}|{case.reserves.product_id[awards.product[p]]}" for p in pairs)


def _picked(ids: Ids, rows: Ints) -> Ids:
    return tuple(ids[row] for row in rows)


def _limits(case: Case, rules: Rules, priced: Dispatch) -> tuple[JointLimit, ...]:
    return (*priced_limits(case, priced.schedule), *positive_reserve(case, rules, priced.schedule))


def _at_last(limit: JointLimit, value: Floats) -> Floats:
    """Multipliers (n) of limits over windows at the last period of each (n, T)."""
    window = np.isfinite(limit.lower) | np.isfinite(limit.upper)
    return np.where(window, value[:, None], 0.0)


def bindings(case: Case, rules: Rules, grid: Grid, priced: Dispatch, certificate: Multipliers) -> tuple[Binding, ...]:
    """Limits with a shadow price: of the network, of products and their speed, and those that join units or periods."""
    element = {(FAMILY[k], i): e for e, (k, i) in enumerate(zip(grid.monitored.kind, grid.monitored.id, strict=True))}
    product = {q: k for k, q in enumerate(case.reserves.product_id)}
    joint = {limit.family: limit for limit in _limits(case, rules, priced)}
    found = []
    for family, subject, t, value in zip(
        certificate.family, certificate.subject, certificate.period, certificate.value, strict=True
    ):
        if family == "product":
            limit, side = float(case.reserves.requirement_mw[product[subject], t]), "min"
        elif family == "regulation_speed":
            limit, side = float(required_speed(case)[product[subject], t]), "min"
        elif family in FAMILY:
            e, side = element[(family, subject)], "max" if value < 0.0 else "min"
            limit = float((grid.monitored.upper if side == "max" else grid.monitored.lower)[e, t])
        elif family in joint:
            joined = joint[family]
            row, side = joined.subjects.index(subject), "max" if value < 0.0 else "min"
            limit = float((joined.upper if side == "max" else joined.lower)[row, t])
        else:
            continue
        found.append(Binding(family, subject, int(t), side, limit, abs(float(value))))
    return tuple(found)
