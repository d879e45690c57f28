"""A Lagrangian bound recomputed from its multipliers, case and rules: what every part of the market costs at them.

bound = Σ multiplier · right side of the priced rows + the least reduced cost of every unit (unit_bound.py), renewable
block, shed load, surplus, shortfall and store (storage_bound.py) by itself. Any multipliers give a bound; what is
rechecked is that these give this one.
"""

from __future__ import annotations

import numpy as np

from clearing.case.arrays import Floats
from clearing.case.bound_proof import PROVEN, STORAGE, BoundProof, provable
from clearing.case.case import Case
from clearing.case.finding import Finding
from clearing.case.free_units import free_to_search, has_free_units
from clearing.case.result import BoundKind, ClearingResult
from clearing.checks.bids import firm_load
from clearing.checks.electrical import electrical, island_sum, of_island
from clearing.checks.finding import note, single
from clearing.checks.storage_bound import stores_least
from clearing.checks.unit_costs import units_least
from clearing.rules.rules import Rules, Steps

AGREE = 1e-9
"""Relative difference up to which two computations of a bound are the same."""

FAR = 1e6
"""MW that no slack without a limit reaches: where its reduced cost is negative by rounding only."""

Values = dict[str, Floats]


def bound(case: Case, rules: Rules, result: ClearingResult) -> list[Finding]:
    """A proof gives its bound, and that is the one called Lagrangian; a note where there is none. case: as cleared."""
    end, proof = result.termination, result.bound_proof
    claimed = end.bound_kind is BoundKind.LAGRANGIAN
    if proof is None:
        text = "There are no multipliers of the bound: this result does not prove it."
        return [note("BOUND_NOT_RECHECKED", "bound", text)] if claimed else []
    if claimed and (end.bound is None or not abs(proof.bound - end.bound) <= AGREE * max(1.0, abs(end.bound))):
        return [single("BOUND", "bound", "The bound is not the one that is proved.", end.bound, proof.bound)]
    if has_free_units(case):
        case = free_to_search(case, rules)  # what was searched: all but the free units are given
    if not provable(case, rules):
        return [note("BOUND_NOT_RECHECKED", "bound", "Families of the case are none that the audit can bound.")]
    values, stray = _values(case, proof)
    if stray:
        return stray
    right = recomputed(case, rules, values)
    if np.isfinite(right) and abs(right - proof.bound) <= AGREE * max(1.0, abs(proof.bound)):
        return []
    text = f"The multipliers give a bound of {right:.12g}, not {proof.bound:.12g}."
    return [single("BOUND", "bound", text, proof.bound, right)]


def _values(case: Case, proof: BoundProof) -> tuple[Values, list[Finding]]:
    """Multipliers (n, T) by family, and findings about entries that fit nothing or stand twice."""
    periods, table = case.horizon.periods, proof.multipliers
    islands = electrical(case.network, firm_load(case)).island_id
    ids = {"balance": islands, "shed_total": islands, "product": case.reserves.product_id}
    ids |= dict.fromkeys(STORAGE, case.storage.id)
    values = {name: np.full((len(ids[name]), periods), np.nan) for name in PROVEN}
    place = {name: {subject: k for k, subject in enumerate(ids[name])} for name in PROVEN}
    stray = 0
    for family, subject, period, value in zip(table.family, table.subject, table.period, table.value, strict=True):
        row = place.get(family, {}).get(subject, -1)
        if row < 0 or not 0 <= period < periods or not np.isnan(values[family][row, period]) or not np.isfinite(value):
            stray += 1
            continue
        values[family][row, period] = value
    text = f"{stray} multipliers of the bound are of no family, subject or period, no numbers, or stand twice."
    found = [single("MULTIPLIER_UNKNOWN", "bound", text)] if stray else []
    return {name: np.nan_to_num(value, nan=0.0) for name, value in values.items()}, found


def recomputed(case: Case, rules: Rules, values: Values) -> float:
    """The Lagrangian at multipliers (n, T) by family, money per MW and hour."""
    hours = case.horizon.hours
    load = firm_load(case)
    grid = electrical(case.network, load)
    balance, shed, product = (values[name] * hours for name in ("balance", "shed_total", "product"))
    fixed = load.copy()
    for table, mw in ((case.ties, case.ties.import_mw), (case.renewables, case.renewables.min_mw)):
        np.subtract.at(fixed, table.bus, mw)
    required = case.reserves.requirement_mw
    if (product < 0.0).any():
        return -np.inf  # the rows have no upper side
    total = float((balance * island_sum(grid, fixed)).sum() + (product * required).sum())
    at_bus = of_island(grid, balance)
    total += _renewables(case, at_bus) + stores_least(case, at_bus, *(values[name] * hours for name in STORAGE))
    sheddable = np.maximum(load, 0.0)
    np.add.at(sheddable, case.ties.bus, np.maximum(-case.ties.import_mw, 0.0))
    total += float((np.minimum(0.0, -at_bus - of_island(grid, shed)) * sheddable).sum())
    penalties = rules.clearing_penalties
    stands = grid.island[grid.first_bus] == np.arange(len(grid.island_id))[:, None]
    for steps, gain in (
        (penalties.shortage, -shed),
        (penalties.surplus, np.where(stands, -balance, 0.0)),
        (penalties.product, product),
    ):
        total += _steps(steps, hours, gain)
    award = np.where(case.reserves.covers_bus[:, case.units.bus, None], product[:, None, :], 0.0)
    unit = units_least(case, rules, at_bus[case.units.bus], award)
    return total + float(unit.sum())


def _renewables(case: Case, at_bus: Floats) -> float:
    """Cost of the least output, and of every block beyond it that pays at the multiplier of its bus (K, T)."""
    table, hours = case.renewables, case.horizon.hours
    least, most = _cut(table.offers.resource, table.offers.width_mw, table.min_mw, table.forecast_mw)
    price = table.offers.price_per_mwh * hours
    gain = np.minimum(0.0, price - at_bus[table.bus[table.offers.resource]])
    return float((price * least).sum() + (gain * most).sum())


def _cut(resource: np.ndarray, width: Floats, floor: Floats, ceiling: Floats) -> tuple[Floats, Floats]:
    """MW of every block below the floor, and between floor and ceiling (n, T)."""
    below, between = np.zeros(width.shape), np.zeros(width.shape)
    passed = np.zeros(floor.shape)
    for m, r in enumerate(resource):
        begin, end = passed[r], passed[r] + width[m]
        below[m] = np.clip(np.minimum(end, floor[r]) - begin, 0.0, None)
        between[m] = np.clip(end, floor[r], ceiling[r]) - np.clip(begin, floor[r], ceiling[r])
        passed[r] = end
    return below, between


def _steps(steps: Steps, hours: float, gain: Floats) -> float:
    """Least cost of a slack with stepped penalties that brings `gain` a MW (n, T)."""
    total = 0.0
    for width, price in steps:
        reduced = np.minimum(0.0, price * hours - gain)
        total += float((reduced * min(width, FAR)).sum())
    return total
