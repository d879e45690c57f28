"""A Lagrangian bound recomputed from its multipliers, case and rules: what every part of the market costs at them.

bound = Σ multiplier · right side of the priced rows + the least reduced cost of every unit (unit_bound.py), renewable
block, shed load, surplus, shortfall, broken limit and store (storage_bound.py) by itself. A MW is worth the multiplier
of the balance and what those of branches and interfaces bring at its bus (bound_network.py). Any multipliers give a
bound; what is rechecked is that these give this one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from clearing.case.arrays import Floats
from clearing.case.bound_proof import PROVEN, STORAGE, BoundProof, provable
from clearing.case.case import Case
from clearing.case.finding import Finding
from clearing.case.free_units import free_to_search, has_free_units
from clearing.case.result import BoundKind, ClearingResult
from clearing.checks.bids import firm_load
from clearing.checks.bound_network import Watched, congestion, watched
from clearing.checks.bound_sides import stepped
from clearing.checks.bound_system import asked, system
from clearing.checks.electrical import Electrical, electrical, of_island
from clearing.checks.finding import note, single
from clearing.checks.storage_bound import stores_least
from clearing.checks.unit_costs import units_least
from clearing.rules.rules import Rules

AGREE = 1e-9
"""Relative difference up to which two computations of a bound are the same."""

Values = dict[str, Floats]


@dataclass(frozen=True, slots=True)
class Read:
    """Multipliers (n, T) by family, money per MW and hour, 0 where there is none; limits of the network."""

    values: Values
    limits: Watched


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
    grid = electrical(case.network, firm_load(case))
    given, stray = read(case, rules, grid, proof)
    if stray:
        return stray
    right = recomputed(case, rules, grid, given)
    if np.isfinite(right) and abs(right - proof.bound) <= AGREE * max(1.0, abs(proof.bound)):
        return []
    text = f"The multipliers give a bound of {right:.12g}, not {proof.bound:.12g}."
    return [single("BOUND", "bound", text, proof.bound, right)]


def read(case: Case, rules: Rules, grid: Electrical, proof: BoundProof) -> tuple[Read, list[Finding]]:
    """Multipliers by family, and findings about entries that fit nothing or stand twice."""
    periods, table = case.horizon.periods, proof.multipliers
    limits = watched(case, grid, frozenset(zip(table.family, table.subject, strict=True)))
    demanded = asked(case, rules)
    ids = {"balance": grid.island_id, "shed_total": grid.island_id, "product": case.reserves.product_id}
    ids |= dict.fromkeys(STORAGE, case.storage.id) | dict.fromkeys(demanded, ("system",))
    ids |= {name: limit.id for name, limit in limits.limits.items()}
    ids["deliverable"] = case.storage.id if "system_positive_min" in demanded else ()
    values = {name: np.full((len(ids.get(name, ())), periods), np.nan) for name in PROVEN}
    place = {name: {subject: k for k, subject in enumerate(own)} for name, own in ids.items()}
    stray = 0
    for family, subject, period, value in zip(table.family, table.subject, table.period, table.value, strict=True):
        row = place.get(family, {}).get(subject, -1)
        if row < 0 or not 0 <= period < periods or not np.isnan(values[family][row, period]) or not np.isfinite(value):
            stray += 1
            continue
        values[family][row, period] = value
    if "system_positive_min" not in demanded:
        values["deliverable"] = np.zeros((len(case.storage.id), periods))
    text = f"{stray} multipliers of the bound are of no family, subject or period, no numbers, or stand twice."
    found = [single("MULTIPLIER_UNKNOWN", "bound", text)] if stray else []
    return Read({name: np.nan_to_num(value, nan=0.0) for name, value in values.items()}, limits), found


def recomputed(case: Case, rules: Rules, grid: Electrical, given: Read) -> float:
    """The Lagrangian at multipliers, money."""
    hours, values = case.horizon.hours, {name: value * case.horizon.hours for name, value in given.values.items()}
    load, product = firm_load(case), values["product"]
    if (product < 0.0).any():
        return -np.inf  # the rows have no upper side
    limited = congestion(case, rules, grid, given.limits, values)
    at_bus = of_island(grid, values["balance"]) + limited.bus
    fixed = load.copy()
    for table, mw in ((case.ties, case.ties.import_mw), (case.renewables, case.renewables.min_mw)):
        np.subtract.at(fixed, table.bus, mw)
    total = float((at_bus * fixed).sum() + (product * case.reserves.requirement_mw).sum()) + limited.total
    total += _renewables(case, at_bus) + _stores(case, rules, at_bus, values)
    total += _imbalance(case, rules, grid, at_bus, values) + stepped(rules.clearing_penalties.product, hours, product)
    award = np.where(case.reserves.covers_bus[:, case.units.bus, None], product[:, None, :], 0.0)
    reserve = system(case, rules, values)
    energy = at_bus[case.units.bus] - limited.lost + reserve.output
    return total + reserve.total + float(units_least(case, rules, energy, award, reserve.on).sum())


def _stores(case: Case, rules: Rules, at_bus: Floats, values: Values) -> float:
    least = values["system_positive_min"]
    held = least[0] if len(least) else np.zeros(case.horizon.periods)
    return stores_least(case, at_bus, values, held, rules.reserves.storage_minutes / 60.0)


def _imbalance(case: Case, rules: Rules, grid: Electrical, at_bus: Floats, values: Values) -> float:
    """Load and exports that are shed, at the price of their bus, and surplus, at that of the island."""
    hours, penalties = case.horizon.hours, rules.clearing_penalties
    balance, shed = values["balance"], values["shed_total"]
    sheddable = np.maximum(firm_load(case), 0.0)
    np.add.at(sheddable, case.ties.bus, np.maximum(-case.ties.import_mw, 0.0))
    total = float((np.minimum(0.0, -at_bus - of_island(grid, shed)) * sheddable).sum())
    stands = grid.island[grid.first_bus] == np.arange(len(grid.island_id))[:, None]
    total += stepped(penalties.shortage, hours, -shed)
    return total + stepped(penalties.surplus, hours, np.where(stands, -balance, 0.0))


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
