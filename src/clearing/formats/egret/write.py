"""Writer of Egret's JSON: the inverse of the reader, and findings for what has no place."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from clearing.case.arrays import Floats
from clearing.case.case import Case
from clearing.case.finding import Finding
from clearing.case.linear_limits import NO_LINEAR_LIMITS
from clearing.case.offers import Offers
from clearing.case.resources import STEADY
from clearing.case.units import Fuel
from clearing.formats.egret.network import BASE_MVA
from clearing.formats.egret.write_network import branches, contingencies, interfaces, penalty_after
from clearing.formats.egret.write_reserves import written_reserves
from clearing.formats.egret.write_thermal import LETTERS, generators, series
from clearing.formats.unexpressed import Losses

WRITTEN = (
    *("network", "units", "renewables", "storage", "loads", "demand_bids", "hvdc_lines", "flow_penalties"),
    "contingencies",
    *("linear_limits", "startup_curves", "shutdown_curves", "reserves", "reserve_sharing", "reserve_demand"),
    *("reserve_offers", "reserve_kinds", "award_terms", "regulation_bands"),
)
NETWORK = (
    *("bus_id", "bus_zone", "bus_voltage_kv", "zone_id", "branch_id", "branch_from", "branch_to"),
    *("branch_reactance_pu", "branch_resistance_pu", "branch_tap_ratio", "branch_shift_degrees", "branch_limit_mw"),
    *(
        "branch_emergency_limit_mw",
        "branch_in_service",
        "branch_outages",
        "interface_id",
        "interface_min_mw",
        "interface_max_mw",
    ),
    *("term_interface", "term_branch", "term_coefficient"),
)
STORAGE = (
    *("id", "plant", "owner", "bus", "charge_max_mw", "discharge_max_mw", "charge_efficiency", "discharge_efficiency"),
    *("energy_min_mwh", "energy_max_mwh", "initial_energy_mwh", "final_energy_min_mwh", "final_energy_max_mwh"),
    *("charge_price_per_mwh", "discharge_price_per_mwh", "charge_min_mw", "discharge_min_mw"),
    *("self_discharge_per_hour",),
)


def write(case: Case, path: Path, lossy: bool = False) -> tuple[Finding, ...]:
    """Write a case as `.json`; findings say what was left out.

    Raises FormatError where something that decides the answer has no place in the format, unless `lossy`. Offers become
    cost points, a limit without a penalty of its own `violation_penalty: null`. Reserve products are written where they
    are the ones that the reader makes of Egret's, which is tried by reading them back. Notes are not written.
    """
    losses = Losses()
    losses.tables(case, WRITTEN)
    horizon = case.horizon
    if horizon.start_minute:
        losses.label("case.horizon.start_minute", "The format has no clock.")
    tree: dict[str, Any] = {
        "system": {
            "time_keys": [str(t + 1) for t in range(horizon.periods)],
            "time_period_length_minutes": horizon.period_minutes,
            "baseMVA": BASE_MVA,
            "reference_bus": case.network.bus_id[0],
        },
        "elements": {
            "bus": _buses(case, losses),
            "branch": branches(case),
            "interface": interfaces(case, losses),
            "load": _loads(case, losses),
            "generator": generators(case, losses) | _sites(case, losses),
            "storage": _storage(case, losses),
            "dc_branch": _lines(case, losses),
            "security_constraint": _constraints(case, losses),
            "contingency": contingencies(case, losses),
        },
    }
    tree["system"] |= penalty_after(case)
    written_reserves(case, tree, losses)
    findings = losses.finish(lossy)
    path.write_text(json.dumps(tree, indent=1), encoding="utf-8")
    return findings


def _buses(case: Case, losses: Losses) -> dict[str, Any]:
    network = case.network
    losses.columns("case.network", network, NETWORK)
    zoned = network.bus_zone != -1
    losses.rows("case.network.bus_zone", network.bus_id, zoned, "Price zones of buses are not written.", label=True)
    return {name: {"base_kv": float(kv)} for name, kv in zip(network.bus_id, network.bus_voltage_kv, strict=True)}


def _loads(case: Case, losses: Losses) -> dict[str, Any]:
    bus, bids = case.network.bus_id, case.demand_bids
    loads = zip(case.loads.id, case.loads.bus.tolist(), case.loads.mw, strict=True)
    rows: dict[str, Any] = {name: {"bus": bus[k], "in_service": True, "p_load": series(mw)} for name, k, mw in loads}
    losses.owners("case.demand_bids", bids.id, bids)
    firm = np.array([bool(v.any()) for v in bids.min_mw], dtype=np.bool_)
    losses.rows("case.demand_bids.min_mw", bids.id, firm, "Nothing of a load with a price is firm there.")
    again = np.array([name in rows for name in bids.id], dtype=np.bool_)
    losses.rows("case.demand_bids.id", bids.id, again, "Loads with and without a price share one list of names there.")
    price = _one_price("case.demand_bids.bids", bids.bids, bids.id, bids.max_mw, losses)
    for b, name in enumerate(bids.id):
        row = {"bus": bus[bids.bus[b]], "in_service": True, "p_load": series(bids.max_mw[b])}
        rows[name] = row | {"p_price": series(price[b])}
    return rows


def _one_price(path: str, offers: Offers, ids: tuple[str, ...], most: Floats, losses: Losses) -> Floats:
    """Price (n, T) of resources whose offer is one block over their whole range."""
    price, several = np.zeros(most.shape), np.zeros(len(ids), dtype=np.bool_)
    for k in range(len(ids)):
        mine = np.flatnonzero(offers.resource == k)
        used = mine[(offers.width_mw[mine] > 0.0).any(axis=1)]
        if len(used):
            price[k] = offers.price_per_mwh[used[0]]
            several[k] = bool(np.any((offers.price_per_mwh[used] != price[k]) & (offers.width_mw[used] > 0.0)))
    losses.rows(path, ids, several, "The format has one price for it in a period.")
    return price


def _sites(case: Case, losses: Losses) -> dict[str, Any]:
    table, bus = case.renewables, case.network.bus_id
    losses.owners("case.renewables", table.id, table)
    price = _one_price("case.renewables.offers", table.offers, table.id, table.forecast_mw, losses)
    again = np.array([name in case.units.id for name in table.id], dtype=np.bool_)
    losses.rows("case.renewables.id", table.id, again, "Units and sites share one list of names there.")
    return {
        name: {
            "generator_type": "renewable",
            "bus": bus[table.bus[r]],
            "fuel": LETTERS.get(Fuel(int(table.fuel[r])), "other"),
            "in_service": True,
            "p_min": series(table.min_mw[r]),
            "p_max": series(table.forecast_mw[r]),
            "p_cost": series(price[r]),
        }
        for r, name in enumerate(table.id)
    }


def _storage(case: Case, losses: Losses) -> dict[str, Any]:
    table, bus = case.storage, case.network.bus_id
    if not table.id:
        return {}
    losses.columns("case.storage", table, STORAGE)
    losses.owners("case.storage", table.id, table)
    steady = {name: np.asarray(getattr(table, name)) for name in STEADY}
    for key, values in steady.items():
        varies = np.array([bool(np.any(v != v[:1])) for v in values], dtype=np.bool_)
        losses.rows(f"case.storage.{key}", table.id, varies, "It is the same in all periods there.")
    first = {key: values[:, 0] for key, values in steady.items()}
    size = first["energy_max_mwh"]
    capped = table.final_energy_max_mwh < size
    losses.rows("case.storage.final_energy_max_mwh", table.id, capped, "The format has no greatest final energy.")
    losses.rows("case.storage.energy_max_mwh", table.id, size <= 0.0, "Energies are shares of the capacity there.")

    def share(energy: Floats, g: int) -> float:
        return float(energy[g] / size[g]) if size[g] > 0.0 else 0.0

    return {
        name: {
            "bus": bus[table.bus[g]],
            "in_service": True,
            "min_charge_rate": series(table.charge_min_mw[g]),
            "max_charge_rate": series(table.charge_max_mw[g]),
            "min_discharge_rate": series(table.discharge_min_mw[g]),
            "max_discharge_rate": series(table.discharge_max_mw[g]),
            "energy_capacity": float(size[g]),
            "minimum_state_of_charge": share(first["energy_min_mwh"], g),
            "initial_state_of_charge": share(table.initial_energy_mwh, g),
            "end_state_of_charge": share(table.final_energy_min_mwh, g),
            "charge_efficiency": float(first["charge_efficiency"][g]),
            "discharge_efficiency": float(first["discharge_efficiency"][g]),
            "discharge_efficienty": float(first["discharge_efficiency"][g]),
            "retention_rate_60min": float(1.0 - first["self_discharge_per_hour"][g]),
            "charge_cost": series(-table.charge_price_per_mwh[g]),
            "discharge_cost": series(table.discharge_price_per_mwh[g]),
        }
        for g, name in enumerate(table.id)
    }


def _lines(case: Case, losses: Losses) -> dict[str, Any]:
    table, bus = case.hvdc_lines, case.network.bus_id
    if not table.id:
        return {}
    losses.rows("case.hvdc_lines.dispatchable", table.id, ~table.dispatchable, "Every line is dispatched there.")
    even = np.array([bool(np.all(low == -high)) for low, high in zip(table.min_mw, table.max_mw, strict=True)])
    losses.rows(
        "case.hvdc_lines.min_mw", table.id, table.dispatchable & ~even, "A line has one rating both ways there."
    )
    losses.rows("case.hvdc_lines.loss_rate", table.id, table.loss_rate > 0.0, "A line has no losses there.")
    losses.rows(
        "case.hvdc_lines.ramp_mw_per_minute",
        table.id,
        np.isfinite(table.ramp_mw_per_minute),
        "A line has no ramp there.",
    )
    return {
        name: {
            "from_bus": bus[table.from_bus[h]],
            "to_bus": bus[table.to_bus[h]],
            "in_service": True,
            "rating_long_term": series(table.max_mw[h]),
        }
        for h, name in enumerate(table.id)
    }


def _constraints(case: Case, losses: Losses) -> dict[str, Any]:
    limits = case.linear_limits
    if limits is NO_LINEAR_LIMITS:
        return {}
    for term in ("bus", "branch"):
        named = [limits.id[c] for c in getattr(limits, f"{term}_limit").tolist()]
        bad = np.ones(len(named), dtype=np.bool_)
        losses.rows(f"case.linear_limits.{term}", named, bad, "A constraint weighs outputs only there.")
    curved = {case.units.id[i] for i in np.union1d(case.startup_curves.unit, case.shutdown_curves.unit).tolist()}
    weighed = np.array([case.units.id[i] in curved for i in limits.unit.tolist()], dtype=np.bool_)
    named = [limits.id[c] for c in limits.unit_limit.tolist()]
    losses.rows("case.linear_limits.unit", named, weighed, "Output on curves counts in a constraint there.")
    tables = (("unit", "generator", case.units.id), ("renewable", "generator", case.renewables.id))
    rows: dict[str, Any] = {}
    for c, name in enumerate(limits.id):
        coefs: dict[str, dict[str, float]] = {"generator": {}, "storage": {}}
        for term, kind, ids in (*tables, ("storage", "storage", case.storage.id)):
            for row in np.flatnonzero(getattr(limits, f"{term}_limit") == c).tolist():
                element = ids[int(getattr(limits, term)[row])]
                if element in curved:
                    continue
                factor = float(getattr(limits, f"{term}_coefficient")[row])
                coefs[kind][element] = coefs[kind].get(element, 0.0) + factor
        own = float(limits.price_per_mwh[c])
        row_: dict[str, Any] = {
            "security_constraint_type": "pg",
            "coefs": {"data_type": "coefs", "values": coefs},
            "violation_penalty": own if own >= 0.0 else None,
        }
        for key, bound in (("lower_bound", limits.min_mw[c]), ("upper_bound", limits.max_mw[c])):
            if np.isfinite(bound).all():
                row_[key] = series(bound)
            elif np.isfinite(bound).any():
                losses.problem(f"case.linear_limits.{key}", "A bound stands in all periods or in none there.", name)
        rows[name] = row_
    return rows
