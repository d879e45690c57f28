"""Reserve requirements (families 2 to 5)."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from clearing.case.arrays import Floats
from clearing.case.case import Case
from clearing.case.reserve_demand import shortfall_steps
from clearing.case.reserve_sharing import serves
from clearing.formulation.awards import Awards, joint_pairs
from clearing.grid.islands import bus_load_mw
from clearing.milp.columns import Columns, column_block
from clearing.milp.rows import RowBlock, Scattered, Term, row_block
from clearing.rules.rules import HeldIn, ReserveRules, Steps


def award_cap(case: Case, awards: Awards, columns: Columns) -> RowBlock:
    """award_pt + Σ_{better products, joint cap} award ≤ cap_p · on_it. Shape (n, T).

    Of pairs whose cap is below the unit's range (else headroom holds it).
    """
    kept, periods = capped(case, awards), case.horizon.periods
    terms: list[Term] = [(columns["award"][kept], 1.0), (columns["on"][awards.unit[kept]], -awards.cap_mw[kept, None])]
    row, better = joint_pairs(case, awards.form, awards.product, awards.unit, kept)
    shared = [(row[:, None] * periods + np.arange(periods), columns["award"][better], 1.0)]
    return row_block("award_cap", (len(kept), periods), -np.inf, 0.0, terms, shared)


def capped(case: Case, awards: Awards) -> np.ndarray:
    """Pairs that have a row in `award_cap`; flexible ramping always, its award is not in the headroom."""
    reach = (case.units.p_max_mw - case.units.p_min_mw).max(axis=1, initial=0.0)
    return np.flatnonzero(awards.flexible | (awards.cap_mw < reach[awards.unit]))


def product(case: Case, awards: Awards, columns: Columns) -> RowBlock:
    """Σ_{covered units, storage} (award_qit + Σ_{p → q} award_pit) ≥ requirement_qt. Shape (Q, T).

    p → q: awards of the better product p also count towards q. Reserve prices are the duals of these rows.
    """
    requirement, scattered = case.reserves.requirement_mw, []
    of_units = serves(case.reserves, case.reserve_sharing, case.units.bus)[:, awards.product, awards.unit]
    of_storage = serves(case.reserves, case.reserve_sharing, case.storage.bus)
    for name, counts in (
        ("award", of_units),
        ("award_offline", of_units[:, awards.offline]),
        ("award_storage", of_storage[:, awards.storage_product, awards.storage]),
    ):
        product, pair = np.nonzero(counts)
        row = product[:, None] * requirement.shape[1] + np.arange(requirement.shape[1])
        scattered.append((row, columns[name][pair], 1.0))
    return row_block("product", requirement.shape, requirement, np.inf, (), scattered)


def carrying(case: Case, product: RowBlock, columns: Columns) -> RowBlock:
    """The elastic rows of `product`, what better products lack counted as held in lesser ones where it carries."""
    terms, periods = case.award_terms, case.horizon.periods
    if not len(terms.carry_from):
        return product
    short = columns["product.short"].reshape(-1, len(case.reserves.product_id), periods)
    here = terms.carry_to[:, None] * periods + np.arange(periods)
    column = short[:, terms.carry_from]
    row = np.broadcast_to(here, column.shape)
    return replace(
        product,
        row=np.concatenate([product.row, row.ravel()]),
        column=np.concatenate([product.column, column.ravel()]),
        value=np.concatenate([product.value, np.ones(column.size)]),
    )


def product_steps(case: Case, default: Steps) -> list[tuple[Floats, Floats]]:
    """Width and price of every step of a shortfall, each by row (Q·T): the product's demand curve, else the default.

    A product with fewer steps than others has further ones of no width.
    """
    count, periods = case.reserves.requirement_mw.shape
    curves = shortfall_steps(case.reserve_demand, count, default)
    steps = []
    for k in range(max(map(len, curves), default=0)):
        step = [curve[k] if k < len(curve) else (0.0, curve[-1][1]) for curve in curves]
        width, price = (np.repeat(column, periods) for column in zip(*step, strict=True))
        steps.append((width, price))
    return steps or [(np.zeros(0), np.zeros(0))]


def requirements(case: Case, rules: ReserveRules) -> tuple[Floats | None, Floats | None, Floats | None]:
    """Positive least, positive greatest, negative least (T): the case's values, else the rule set's, else None."""
    periods = case.horizon.periods

    def either(own: Floats | None, default: float | None) -> Floats | None:
        return own if own is not None else None if default is None else np.full(periods, default)

    own = case.reserves
    return (
        either(own.positive_min_mw, rules.positive_min_mw),
        either(own.positive_max_mw, rules.positive_max_mw),
        either(own.negative_min_mw, rules.negative_min_mw),
    )


def in_dispatch(case: Case, rules: ReserveRules) -> tuple[Floats | None, Floats | None]:
    """Least and greatest positive reserve (T) where a dispatch is held to them, else None."""
    least, most, _ = requirements(case, rules)
    held = HeldIn.DISPATCH
    return (least if rules.positive_min_in is held else None, most if rules.positive_max_in is held else None)


def net_load_mw(case: Case) -> Floats:
    """Load minus tie imports of the whole system (T)."""
    return np.asarray(bus_load_mw(case).sum(axis=0) - case.ties.import_mw.sum(axis=0))


def positive_least(case: Case, rules: ReserveRules, least: Floats, columns: Columns) -> list[RowBlock]:
    """Σ on·p_max + κ·Σ forecast + Σ_g deliverable + Σ_h pumped_ready ≥ D − ΣT + R+, shape (T).

    Capacity on line covers load and reserve. least: R+ less what of pumped hydro is kept out of the market for it.

    deliverable_gt ≤ discharge_max, and ≤ (energy_gt − energy_min)·η_d / duration: what storage can hold for the
    reserve duration. Family 2; no reserve is paid for it.
    """
    storage, periods = case.storage, case.horizon.periods
    held = columns.add(column_block("deliverable", storage.discharge_max_mw.shape, 0.0, storage.discharge_max_mw))
    share = storage.discharge_efficiency / (rules.storage_minutes / 60.0)
    within = row_block(
        "deliverable",
        held.shape,
        -np.inf,
        -share * storage.energy_min_mwh,
        [(held, 1.0), (columns["energy"], -share)],
    )
    here = np.arange(periods)
    right = net_load_mw(case) + least - rules.renewable_share * case.renewables.forecast_mw.sum(axis=0)
    total = row_block(
        "system_positive_min",
        (periods,),
        right,
        np.inf,
        (),
        [
            _over_rows(columns["on"], case.units.p_max_mw, here),
            _over_rows(held, 1.0, here),
            *([_over_rows(columns["pumped_ready"], 1.0, here)] if "pumped_ready" in columns else []),
        ],
    )
    return [within, total]


def positive_greatest(case: Case, most: Floats, columns: Columns) -> RowBlock:
    """Σ (on·p_max − P) ≤ R+max, shape (T). Family 2, greatest; a reading: room of all committed units counts."""
    here = np.arange(case.horizon.periods)
    room = case.units.p_max_mw - case.units.p_min_mw
    terms = [_over_rows(columns["on"], room, here), _over_rows(columns["above"], -1.0, here)]
    return row_block("system_positive_max", most.shape, -np.inf, most, (), terms)


def negative_least(case: Case, least: Floats, columns: Columns) -> RowBlock:
    """Σ on·p_min + Σ renewables.min ≤ D − ΣT − R−, shape (T): the system can go down by R−. Family 3."""
    here = np.arange(case.horizon.periods)
    right = net_load_mw(case) - least - case.renewables.min_mw.sum(axis=0)
    terms = [_over_rows(columns["on"], case.units.p_min_mw, here)]
    return row_block("system_negative_min", right.shape, -np.inf, right, (), terms)


def _over_rows(index: np.ndarray, coefficient: Floats | float, here: np.ndarray) -> Scattered:
    return np.broadcast_to(here, index.shape), index, coefficient
