"""Writer of UnitCommitment.jl's JSON, version 0.4: the inverse of the reader, and findings for what has no place."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import numpy as np

from clearing.case.arrays import Floats
from clearing.case.case import Case
from clearing.case.contingencies import OutageKind, lost
from clearing.case.finding import Finding
from clearing.case.network import branch_limits
from clearing.formats.shared import watched_everywhere
from clearing.formats.unexpressed import Losses
from clearing.formats.unitcommitment_jl import network as net
from clearing.formats.unitcommitment_jl import sites, storage
from clearing.formats.unitcommitment_jl.fields import compact
from clearing.formats.unitcommitment_jl.parameters import GZIP
from clearing.formats.unitcommitment_jl.write_reserves import reserves
from clearing.formats.unitcommitment_jl.write_thermal import generators

VERSION = "0.4"
WRITTEN = (
    *("network", "units", "renewables", "storage", "loads", "reserves", "reserve_kinds", "reserve_demand"),
    *("demand_bids", "flow_penalties", "contingencies"),
)
NETWORK = (
    *("bus_id", "bus_zone", "bus_voltage_kv", "zone_id", "branch_id", "branch_from", "branch_to"),
    *("branch_reactance_pu", "branch_resistance_pu", "branch_tap_ratio", "branch_shift_degrees", "branch_limit_mw"),
    *("branch_emergency_limit_mw", "branch_in_service", "interface_id", "interface_min_mw", "interface_max_mw"),
    *("term_interface", "term_branch", "term_coefficient", "branch_limit_windows", "bus_reference_weight"),
)
STORAGE = (
    *("id", "plant", "owner", "bus", "charge_max_mw", "discharge_max_mw", "charge_efficiency", "discharge_efficiency"),
    *("energy_min_mwh", "energy_max_mwh", "initial_energy_mwh", "final_energy_min_mwh", "final_energy_max_mwh"),
    *("charge_price_per_mwh", "discharge_price_per_mwh", "charge_min_mw", "discharge_min_mw"),
    *("self_discharge_per_hour",),
)


def write(case: Case, path: Path, lossy: bool = False) -> tuple[Finding, ...]:
    """Write a case as `.json` or `.json.gz`; findings say what was left out.

    Raises FormatError where something that decides the answer has no place in the format, unless `lossy`. Costs
    become money a time step, offers cost points, windows of the commitment its status, buses of a product the
    eligibility of units. Notes of the case are not written.
    """
    losses = Losses()
    losses.tables(case, WRITTEN)
    tree = {
        "Parameters": _parameters(case, losses),
        "Buses": _buses(case, losses),
        "Generators": generators(case, losses) | _profiled(case, losses),
        "Storage units": _storage(case, losses),
        "Price-sensitive loads": _bids(case, losses),
        "Transmission lines": _lines(case, losses),
        "Reserves": reserves(case, losses),
        "Contingencies": _contingencies(case, losses),
    }
    findings = losses.finish(lossy)
    text = json.dumps({key: value for key, value in tree.items() if value or key == "Generators"}, indent=1)
    if path.suffix == GZIP:
        path.write_bytes(gzip.compress(text.encode(), mtime=0))
    else:
        path.write_text(text, encoding="utf-8")
    return findings


def _parameters(case: Case, losses: Losses) -> dict[str, Any]:
    horizon = case.horizon
    if horizon.start_minute:
        losses.label("case.horizon.start_minute", "The format has no clock.")
    minutes = horizon.period_minutes
    return {"Version": VERSION, "Time horizon (min)": minutes * horizon.periods, "Time step (min)": minutes}


def _buses(case: Case, losses: Losses) -> dict[str, Any]:
    """Load of every bus, of several loads the sum."""
    network, loads = case.network, case.loads
    losses.columns("case.network", network, NETWORK)
    for name in ("bus_zone", "bus_voltage_kv"):
        neutral = -1 if name == "bus_zone" else 0
        losses.rows(f"case.network.{name}", network.bus_id, getattr(network, name) != neutral, "No such label.", True)
    named = np.array([network.bus_id[k] for k in loads.bus.tolist()], dtype=object)
    other = np.array([name != own for name, own in zip(named, loads.id, strict=True)], dtype=np.bool_)
    losses.rows("case.loads.id", loads.id, other, "Load of a bus has no name of its own.", label=True)
    total = np.zeros((len(network.bus_id), case.horizon.periods))
    np.add.at(total, loads.bus, loads.mw)
    return {name: {sites.LOAD: compact(mw)} for name, mw in zip(network.bus_id, total, strict=True)}


def _profiled(case: Case, losses: Losses) -> dict[str, Any]:
    table, hours = case.renewables, case.horizon.hours
    losses.owners("case.renewables", table.id, table)
    again = np.array([name in case.units.id for name in table.id], dtype=np.bool_)
    losses.rows("case.renewables.id", table.id, again, "Units and sites share one list of names there.")
    price, several = _one_price(table.offers, len(table.id), case.horizon.periods)
    losses.rows("case.renewables.offers", table.id, several, "The format has one price for a site and time step.")
    return {
        name: {
            "Bus": case.network.bus_id[table.bus[r]],
            "Type": "Profiled",
            sites.LEAST: compact(table.min_mw[r]),
            sites.MOST: compact(table.forecast_mw[r]),
            sites.COST: compact(price[r] * hours),
        }
        for r, name in enumerate(table.id)
    }


def _bids(case: Case, losses: Losses) -> dict[str, Any]:
    table, hours = case.demand_bids, case.horizon.hours
    losses.owners("case.demand_bids", table.id, table)
    losses.rows(
        "case.demand_bids.min_mw", table.id, np.any(table.min_mw != 0.0, axis=1), "Nothing of such a load is firm."
    )
    price, several = _one_price(table.bids, len(table.id), case.horizon.periods)
    losses.rows("case.demand_bids.bids", table.id, several, "The format has one price for a load and time step.")
    return {
        name: {
            "Bus": case.network.bus_id[table.bus[b]],
            sites.DEMAND: compact(table.max_mw[b]),
            sites.REVENUE: compact(price[b] * hours),
        }
        for b, name in enumerate(table.id)
    }


def _one_price(offers: Any, count: int, periods: int) -> tuple[Floats, np.ndarray]:
    """Price (count, T) of the block that is used, 0 without one, and resources with several prices in a period."""
    price, several = np.zeros((count, periods)), np.zeros(count, dtype=np.bool_)
    seen = np.zeros((count, periods), dtype=np.bool_)
    for m, r in enumerate(offers.resource.tolist()):
        used, own = offers.width_mw[m] > 0.0, offers.price_per_mwh[m]
        several[r] |= bool(np.any(used & seen[r] & (price[r] != own)))
        take = used | ~seen[r]
        price[r] = np.where(take & ~(seen[r] & used), own, price[r])
        seen[r] |= used
    return price, several


def _storage(case: Case, losses: Losses) -> dict[str, Any]:
    table, hours = case.storage, case.horizon.hours
    if not table.id:
        return {}
    losses.columns("case.storage", table, STORAGE)
    losses.owners("case.storage", table.id, table)
    step_loss = 1.0 - (1.0 - table.self_discharge_per_hour) ** hours if hours != 1.0 else table.self_discharge_per_hour
    return {
        name: {
            "Bus": case.network.bus_id[table.bus[g]],
            storage.LEAST: compact(table.energy_min_mwh[g]),
            storage.MOST: compact(table.energy_max_mwh[g]),
            storage.BOTH: False,
            storage.CHARGE_COST: compact(-table.charge_price_per_mwh[g] * hours),
            storage.DISCHARGE_COST: compact(table.discharge_price_per_mwh[g] * hours),
            storage.CHARGE_SHARE: compact(table.charge_efficiency[g]),
            storage.DISCHARGE_SHARE: compact(table.discharge_efficiency[g]),
            storage.LOSS: compact(step_loss[g]),
            storage.CHARGE_LEAST: compact(table.charge_min_mw[g]),
            storage.CHARGE_MOST: compact(table.charge_max_mw[g]),
            storage.DISCHARGE_LEAST: compact(table.discharge_min_mw[g]),
            storage.DISCHARGE_MOST: compact(table.discharge_max_mw[g]),
            storage.INITIAL: float(table.initial_energy_mwh[g]),
            storage.LAST_LEAST: float(table.final_energy_min_mwh[g]),
            storage.LAST_MOST: float(table.final_energy_max_mwh[g]),
        }
        for g, name in enumerate(table.id)
    }


def _lines(case: Case, losses: Losses) -> dict[str, Any]:
    """Branches in service, with the susceptance that reactance and tap ratio give together."""
    network, path = case.network, "case.network"
    ids, live = network.branch_id, network.branch_in_service
    shifted = live & (network.branch_shift_degrees != 0.0)
    losses.rows(f"{path}.branch_in_service", ids, ~live, "A branch out of service is left out.", label=True)
    losses.rows(f"{path}.branch_shift_degrees", ids, shifted, "The format has no phase shifters.")
    if network.interface_id:
        losses.problem(f"{path}.interface_id", "The format has no interfaces.", ", ".join(network.interface_id))
    if network.bus_reference_weight is not None:
        losses.label(f"{path}.bus_reference_weight", "The format has no reference; parts of prices only.")
    own = np.full(len(ids), np.nan)
    own[case.flow_penalties.branch] = case.flow_penalties.branch_price_per_mwh
    limits = dict(zip((net.NORMAL, net.EMERGENCY), branch_limits(network, case.horizon.periods), strict=True))
    finite = np.array([np.isfinite(v) for v in limits.values()])
    limited = finite.any(axis=(0, 2)) & live
    halfway = np.any(finite.any(axis=2) & ~finite.all(axis=2), axis=0) & live
    losses.rows(f"{path}.branch_limit_windows", ids, halfway, "A limit in some periods only has no number in others.")
    message = f"Breaking a limit costs {net.DEFAULT_PENALTY:g} a MW and time step where a branch has no price."
    losses.rows("case.flow_penalties.branch", ids, limited & np.isnan(own), message, label=True)
    lines = {}
    for k in np.flatnonzero(live).tolist():
        row: dict[str, Any] = {
            net.ENDS[0]: network.bus_id[network.branch_from[k]],
            net.ENDS[1]: network.bus_id[network.branch_to[k]],
            net.SUSCEPTANCE: net.REACTANCE / float(network.branch_reactance_pu[k] * network.branch_tap_ratio[k]),
        }
        row |= {key: compact(limit[k]) for key, limit in limits.items() if np.isfinite(limit[k]).all()}
        if np.isfinite(own[k]):
            row[net.PENALTY] = float(own[k]) * case.horizon.hours
        lines[ids[k]] = row
    return lines


def _contingencies(case: Case, losses: Losses) -> dict[str, Any]:
    """Lines and units lost at once; every line is watched there, and no interface."""
    table, path = case.contingencies, "case.contingencies"
    if not table.id:
        return {}
    everywhere = "Every line is watched after every contingency there."
    watched_everywhere(case, losses, everywhere, "The format has no voltages.", "The format has no interfaces.")
    other = ~np.isin(table.outage_kind, (OutageKind.BRANCH, OutageKind.UNIT))
    names = [table.id[c] for c in table.outage_contingency.tolist()]
    losses.rows(f"{path}.outage_kind", names, other, "Lines and units are lost there, nothing else.")
    live, lines, units = case.network.branch_in_service, lost(table, OutageKind.BRANCH), lost(table, OutageKind.UNIT)
    found: dict[str, Any] = {}
    for c, name in enumerate(table.id):
        row = {
            net.AFFECTED_LINES: [case.network.branch_id[k] for k in lines[c].tolist() if live[k]],
            net.AFFECTED_UNITS[0]: [case.units.id[i] for i in units[c].tolist()],
        }
        found[name] = {key: value for key, value in row.items() if value}
    return found
