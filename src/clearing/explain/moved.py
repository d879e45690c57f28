"""The case with the limits of the remedies moved: what would have been clean."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, TypeVar

import numpy as np

from clearing.case.arrays import Floats
from clearing.case.case import Case
from clearing.case.contingencies import after_contingency
from clearing.case.energy_limits import usable_energy, window_ids
from clearing.case.explanations import Remedies
from clearing.case.resources import Loads
from clearing.explain.spacing import COLUMN, with_time
from clearing.formulation.reserves import requirements
from clearing.grid.islands import Islands, islands
from clearing.rules.rules import Rules

T = TypeVar("T", bound=Any)

SYSTEM = {
    "system_positive_min": "positive_min_mw",
    "system_positive_max": "positive_max_mw",
    "system_negative_min": "negative_min_mw",
}


def moved_case(case: Case, rules: Rules, table: Remedies) -> Case:
    """Move exactly the limits of the table. Raises ValueError for a family that has no limit to move."""
    rows = zip(table.family, table.subject, table.side, table.period.tolist(), table.after.tolist(), strict=True)
    where = islands(case)
    for family, subject, side, period, after in rows:
        case = _moved(case, rules, where, (family, subject, side), period, after)
    return case


def _moved(case: Case, rules: Rules, where: Islands, key: tuple[str, str, str], t: int, after: float) -> Case:
    family, subject, side = key
    if family in ("shortage", "surplus"):
        return _with_load(case, where, family, subject, t, after)
    if family in ("branch", "interface", "contingency", "contingency_interface"):
        move = _network if family in ("branch", "interface") else _after_contingency
        return move(case, family, subject, side, t, after)
    if family in ("product", "regulation_speed") or family in SYSTEM:
        return _reserves(case, rules, family, subject, t, after)
    if family in ("group_output", "group_on"):
        return _group(case, family, subject, side, t, after)
    if family in ("energy_window", "storage_cycle"):
        return _energy(case, family, subject, side, after)
    return (
        with_time(case, family, subject, round(after)) if family in COLUMN else _counted(case, family, subject, after)
    )


def _reserves(case: Case, rules: Rules, family: str, subject: str, t: int, after: float) -> Case:
    reserves = case.reserves
    if family == "regulation_speed":
        return _speed(case, subject, t, after)
    if family == "product":
        moved = _put(reserves.requirement_mw, reserves.product_id.index(subject), t, after)
        return replace(case, reserves=replace(reserves, requirement_mw=moved))
    series = np.array(dict(zip(SYSTEM, requirements(case, rules.reserves), strict=True))[family])
    series[t] = after
    return replace(case, reserves=_with(reserves, SYSTEM[family], series))


def _speed(case: Case, subject: str, t: int, after: float) -> Case:
    kinds = case.reserve_kinds
    row = kinds.product.tolist().index(case.reserves.product_id.index(subject))
    moved = _put(kinds.speed_requirement_mw_per_minute, row, t, after)
    return replace(case, reserve_kinds=replace(kinds, speed_requirement_mw_per_minute=moved))


def _with(table: T, column: str, values: np.ndarray) -> T:
    """The table with one column replaced, by its name."""
    changed: dict[str, Any] = {column: values}
    return replace(table, **changed)


def _put(values: np.ndarray, row: int, period: int, after: float) -> np.ndarray:
    """A copy with one value replaced; period −1 = the whole row."""
    full = np.array(values)
    if period < 0:
        full[row] = after
    else:
        full[row, period] = after
    return full


def _with_load(case: Case, where: Islands, family: str, subject: str, t: int, after: float) -> Case:
    """Load of a bus brought to `after` (what its ties export counted in), or load of an island raised by `after`."""
    change = np.zeros((len(case.network.bus_id), case.horizon.periods))
    if family == "surplus":
        inside = where.of_bus[:, t] == where.id.index(subject)
        change[:, t] = np.where(inside, where.reference_weight[:, t], 0.0) * after
    else:
        k = case.network.bus_id.index(subject)
        change[k, t] = after - net_load(case)[k, t]
    rows = np.flatnonzero(change.any(axis=1))
    buses, loads = case.network.bus_id, case.loads
    names = tuple(f"moved-{len(loads.id) + n}-{buses[k]}" for n, k in enumerate(rows.tolist()))
    moved = Loads(
        id=(*loads.id, *names), bus=np.concatenate([loads.bus, rows]), mw=np.concatenate([loads.mw, change[rows]])
    )
    return replace(case, loads=moved)


def net_load(case: Case) -> Floats:
    """What a bus takes (K, T), MW: its loads, the least quantities of its bids, and what its ties export."""
    total = np.zeros((len(case.network.bus_id), case.horizon.periods))
    np.add.at(total, case.loads.bus, case.loads.mw)
    np.add.at(total, case.ties.bus, -case.ties.import_mw)
    if case.demand_bids.id:
        np.add.at(total, case.demand_bids.bus, case.demand_bids.min_mw)
    return total


def _network(case: Case, family: str, subject: str, side: str, t: int, after: float) -> Case:
    network = case.network
    if family == "branch":
        row, windows = network.branch_id.index(subject), network.branch_limit_windows
        limit = np.array(network.branch_limit_mw)
        limit[row] = max(after, limit[row])
        lifted = np.where(windows.branch == row, np.maximum(windows.limit_mw, after), windows.limit_mw)
        windows = replace(windows, limit_mw=lifted)
        return replace(case, network=replace(network, branch_limit_mw=limit, branch_limit_windows=windows))
    name = f"interface_{side}_mw"
    moved = _put(getattr(network, name), network.interface_id.index(subject), t, after)
    return replace(case, network=_with(network, name, moved))


def _after_contingency(case: Case, family: str, subject: str, side: str, t: int, after: float) -> Case:
    """The emergency limit of a branch, or the limit of an interface, which holds with and without contingencies."""
    network, table = case.network, case.contingencies
    if family == "contingency_interface":
        row = after_contingency(table, network.interface_id, subject)
        now = getattr(network, f"interface_{side}_mw")[row, t]
        further = max(after, now) if side == "max" else min(after, now)
        return _network(case, "interface", network.interface_id[row], side, t, further)
    row, windows = after_contingency(table, network.branch_id, subject), network.branch_limit_windows
    limit = np.array(network.branch_emergency_limit_mw)
    limit[row] = max(after, limit[row])
    wide = np.maximum(windows.emergency_limit_mw, after)
    windows = replace(windows, emergency_limit_mw=np.where(windows.branch == row, wide, windows.emergency_limit_mw))
    return replace(case, network=replace(network, branch_emergency_limit_mw=limit, branch_limit_windows=windows))


def _group(case: Case, family: str, subject: str, side: str, t: int, after: float) -> Case:
    groups = case.unit_groups
    name = f"{side}_mw" if family == "group_output" else f"{side}_on"
    moved = _put(getattr(groups, name), groups.id.index(subject), t, after)
    return replace(case, unit_groups=_with(groups, name, moved))


def _energy(case: Case, family: str, subject: str, side: str, after: float) -> Case:
    if family == "energy_window":
        windows = case.energy_windows
        values = np.array(getattr(windows, f"{side}_mwh"))
        values[window_ids(windows, case.units.id).index(subject)] = after
        return replace(case, energy_windows=_with(windows, f"{side}_mwh", values))
    cycles, storage = case.storage_cycles, case.storage
    g = storage.id.index(subject)
    most = np.array(cycles.max_cycles)
    most[cycles.storage == g] = after / usable_energy(storage)[g]
    return replace(case, storage_cycles=replace(cycles, max_cycles=most))


def _counted(case: Case, family: str, subject: str, after: float) -> Case:
    """Starts and stops a day, of a unit or a plant."""
    name = "max_starts" if family.endswith("starts") else "max_stops"
    if family in ("unit_starts", "unit_stops"):
        own = case.start_limits
        values = np.array(getattr(own, name))
        values[own.unit == case.units.id.index(subject)] = round(after)
        return replace(case, start_limits=_with(own, name, values))
    if family in ("plant_starts", "plant_stops"):
        plants = case.plant_limits
        values = np.array(getattr(plants, name))
        values[plants.plant == case.participants.plant_id.index(subject)] = round(after)
        return replace(case, plant_limits=_with(plants, name, values))
    raise ValueError(f"{family} has no limit in the case that could move")
