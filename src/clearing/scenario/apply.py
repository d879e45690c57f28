"""Changes made to a case; every change that cannot be made is a finding, and the case of the caller stays as it is."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import TypeVar

import numpy as np

from clearing.case.arrays import Bools, Floats
from clearing.case.branch_windows import BranchOutages
from clearing.case.case import Case
from clearing.case.finding import Severity
from clearing.case.units import Fuel
from clearing.formats.findings import Problems
from clearing.scenario.changes import Change, Merge, Noise, Outage, Patch, Scale, SetValues
from clearing.scenario.merge import merged
from clearing.scenario.rows import set_values
from clearing.wire import case_file

C = TypeVar("C", bound=Change)
TABLES = {"unit": "units", "renewable": "renewables", "storage": "storage", "tie": "ties"}


def apply(case: Case, patches: Iterable[Patch]) -> Case:
    """The case after all changes of all patches, in order. Raises FormatError with everything that does not fit."""
    problems = Problems()
    for patch in patches:
        for number, change in enumerate(patch.changes):
            case = _apply(case, change, _At(problems, f"{patch.name or 'patch'}:changes.{number}"))
    problems.stop()
    return case


class _At:
    """Problems of one change."""

    def __init__(self, problems: Problems, path: str) -> None:
        self._problems, self._path = problems, path

    def add(self, code: str, field: str, message: str, value: object = "", limit: str = "") -> None:
        self._problems.add(code, f"{self._path}.{field}", message, value=value, limit=limit)


def _apply(case: Case, change: Change, at: _At) -> Case:
    match change:
        case Outage():
            return _outage(case, change, at)
        case Scale():
            return _scale(case, change, at)
        case Noise():
            return _noise(case, change)
        case SetValues():
            return _through_tree(case, lambda tree: set_values(tree, change, case.horizon.periods, at.add), at)
        case Merge():
            return _through_tree(case, lambda tree: merged(tree, change.patch), at)


def _outage(case: Case, change: Outage, at: _At) -> Case:
    kind, name = change.subject()
    ids = case.network.branch_id if kind == "branch" else getattr(case, TABLES[kind]).id
    window = _window(case, change.start, change.end, at)
    if name not in ids:
        at.add("UNKNOWN_ID", kind, f"The case has no {kind} of this id.", name)
    if window is None or name not in ids:
        return case
    row = ids.index(name)
    if kind == "branch":
        first, last = np.flatnonzero(window)[[0, -1]]
        old = case.network.branch_outages
        added = BranchOutages(
            np.append(old.branch, row), np.append(old.first_period, first), np.append(old.last_period, last)
        )
        return replace(case, network=replace(case.network, branch_outages=added))
    table = getattr(case, TABLES[kind])
    out = np.zeros((len(ids), case.horizon.periods), dtype=bool)
    out[row] = window
    columns = {name: np.where(out, 0, getattr(table, name)) for name in OUT[kind]}
    return replace(case, **{TABLES[kind]: replace(table, **columns)})


OUT = {
    "unit": ("on_min", "on_max"),
    "renewable": ("min_mw", "forecast_mw"),
    "storage": ("charge_max_mw", "discharge_max_mw", "charge_min_mw", "discharge_min_mw"),
    "tie": ("import_mw",),
}
"""Series that are 0 while something is out."""


def _scale(case: Case, change: Scale, at: _At) -> Case:
    window = _window(case, change.start, change.end, at)
    if window is None:
        return case
    match change.what:
        case "fuel_price":
            changed = _scale_fuel(case, _chosen(case.units.id, change, at, fuel=case.units.fuel), change.by)
        case "branch_limit":
            changed = _scale_limits(case, np.where(_chosen(case.network.branch_id, change, at), change.by, 1.0))
        case "reserve":
            changed = _scale_reserve(case, change, window, at)
        case "tie":
            chosen = _chosen(case.ties.id, change, at, _zones(case, case.ties.bus))
            mw = case.ties.import_mw * _factor(change, window, chosen)
            changed = replace(case, ties=replace(case.ties, import_mw=mw))
        case "load":
            chosen = _chosen(case.loads.id, change, at, _zones(case, case.loads.bus))
            changed = _times(case, "load", _factor(change, window, chosen))
        case "renewables":
            sites = case.renewables
            chosen = _chosen(sites.id, change, at, _zones(case, sites.bus), sites.fuel)
            changed = _times(case, "renewables", _factor(change, window, chosen))
    return changed


def _factor(change: Scale, window: Bools, chosen: Bools) -> Floats:
    """(rows, T): `by` where a row is meant and a period lies in the window, else 1."""
    return np.where(chosen[:, None] & window, change.by, 1.0)


def _noise(case: Case, change: Noise) -> Case:
    rows = len(case.loads.id if change.what == "load" else case.renewables.id)
    drawn = np.random.default_rng(change.seed).standard_normal((rows, case.horizon.periods))
    return _times(case, change.what, np.maximum(0.0, 1.0 + change.sigma * drawn))


def _times(case: Case, what: str, factor: Floats) -> Case:
    """Loads, or renewables, times a factor (rows, T)."""
    if what == "load":
        return replace(case, loads=replace(case.loads, mw=case.loads.mw * factor))
    sites = case.renewables
    wider = np.maximum(factor, 1.0)[sites.offers.resource]  # blocks cover the forecast
    offers = replace(sites.offers, width_mw=sites.offers.width_mw * wider)
    changed = replace(sites, min_mw=sites.min_mw * factor, forecast_mw=sites.forecast_mw * factor, offers=offers)
    return replace(case, renewables=changed)


def _scale_fuel(case: Case, chosen: Bools, by: float) -> Case:
    units, factor = case.units, np.where(chosen, by, 1.0)
    offers = replace(units.offers, price_per_mwh=units.offers.price_per_mwh * factor[units.offers.resource, None])
    starts = replace(units.start_costs, cost=units.start_costs.cost * factor[units.start_costs.unit])
    no_load = units.no_load_cost_per_hour * factor
    return replace(case, units=replace(units, offers=offers, start_costs=starts, no_load_cost_per_hour=no_load))


def _scale_limits(case: Case, factor: Floats) -> Case:
    network, windows = case.network, case.network.branch_limit_windows
    inside = factor[windows.branch]
    return replace(
        case,
        network=replace(
            network,
            branch_limit_mw=_scaled(network.branch_limit_mw, factor),
            branch_emergency_limit_mw=_scaled(network.branch_emergency_limit_mw, factor),
            branch_limit_windows=replace(
                windows,
                limit_mw=_scaled(windows.limit_mw, inside),
                emergency_limit_mw=_scaled(windows.emergency_limit_mw, inside),
            ),
        ),
    )


def _scaled(limit: Floats, factor: Floats) -> Floats:
    """No limit stays no limit, also times 0."""
    return np.where(np.isinf(limit), limit, np.where(np.isinf(limit), 0.0, limit) * factor)


def _scale_reserve(case: Case, change: Scale, window: Bools, at: _At) -> Case:
    reserves = case.reserves
    chosen = _chosen(reserves.product_id, change, at)
    system = (reserves.positive_min_mw, reserves.positive_max_mw, reserves.negative_min_mw)
    if not reserves.product_id and all(value is None for value in system):
        at.add("NOTHING_TO_CHANGE", "what", "The case has no reserve of its own; `set` changes those of the rule set.")
    factor = np.where(window & (change.ids is None), change.by, 1.0)
    low, high, down = (None if value is None else _scaled(value, factor) for value in system)
    needed = reserves.requirement_mw * _factor(change, window, chosen)
    changed = replace(reserves, requirement_mw=needed, positive_min_mw=low, positive_max_mw=high, negative_min_mw=down)
    return replace(case, reserves=changed)


def _chosen(
    ids: Sequence[str], change: Scale, at: _At, zone: Sequence[str] | None = None, fuel: np.ndarray | None = None
) -> Bools:
    """Rows (n) that a change means; nothing at all is a problem, and so is an id that is not there."""
    chosen = np.ones(len(ids), dtype=bool)
    for name in change.ids or ():
        if name not in ids:
            at.add("UNKNOWN_ID", "ids", f"The case has no such id for {change.what}.", name)
    if change.ids is not None:
        wanted = set(change.ids)
        chosen &= np.array([name in wanted for name in ids], dtype=bool)
    if change.zone is not None and zone is not None:
        chosen &= np.array([name == change.zone for name in zone], dtype=bool)
    if change.fuel is not None and fuel is not None:
        chosen &= fuel == Fuel[change.fuel]
    if not chosen.any() and change.what != "reserve" and not (change.ids and set(change.ids) - set(ids)):
        at.add("NOTHING_TO_CHANGE", "what", f"Nothing of the case is meant: no {change.what} of this zone or fuel.")
    return chosen


def _zones(case: Case, bus: np.ndarray) -> list[str]:
    names = (*case.network.zone_id, "")  # −1: in no zone
    return [names[k] for k in case.network.bus_zone[bus].tolist()]


def _window(case: Case, start: str | None, end: str | None, at: _At) -> Bools | None:
    """Periods (T) that overlap a window; None, and a problem, where there is none."""
    horizon = case.horizon
    begins = horizon.start_minute + np.arange(horizon.periods) * horizon.period_minutes
    inside = np.ones(horizon.periods, dtype=bool)
    if start is not None:
        inside &= begins + horizon.period_minutes > _minute(start)
    if end is not None:
        inside &= begins < _minute(end)
    if inside.any():
        return inside
    at.add("OUT_OF_RANGE", "from", "No period lies in this window.", f"{start or ''} to {end or ''}")
    return None


def _minute(text: str) -> int:
    """Minutes from 00:00 of the operating day, of HH:MM or D+1 HH:MM."""
    days, hours, minutes = re.fullmatch(r"(?:D\+(\d+) )?(\d\d):(\d\d)", text).groups()  # type: ignore[union-attr]  # judged
    return int(days or 0) * 1440 + int(hours) * 60 + int(minutes)


def _through_tree(case: Case, change: Callable[[dict[str, object]], dict[str, object]], at: _At) -> Case:
    """The case after a change of its ProtoJSON; what the reading then finds wrong is a problem of the change."""
    tree = change(case_file.case_to_tree(case))
    found, findings = case_file.case_from_tree(tree)
    wrong = [f for f in findings if f.severity is Severity.ERROR]
    for finding in wrong:
        at.add(finding.code, finding.path or "patch", finding.message, finding.value, finding.limit)
    return case if found is None or wrong else found
