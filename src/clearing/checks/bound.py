"""A Lagrangian bound recomputed from its multipliers, case and rules: what every part of the market costs at them.

bound = Σ multiplier · right side of the priced rows + the least reduced cost of every unit (unit_bound.py), renewable
block, shed load, surplus, shortfall, broken limit and store (storage_bound.py) by itself. A MW is worth the multiplier
of the balance and what those of branches and interfaces bring at its bus (bound_network.py). Any multipliers give a
bound; what is rechecked is that these give this one.
"""

from __future__ import annotations

import numpy as np

from clearing.case.arrays import Floats
from clearing.case.bound_proof import left_out, provable
from clearing.case.case import Case
from clearing.case.finding import Finding
from clearing.case.free_units import free_to_search, has_free_units
from clearing.case.result import BoundKind, ClearingResult, Termination
from clearing.checks.bids import firm_load
from clearing.checks.bound_bids import bids_least, lines_least, virtual_least
from clearing.checks.bound_joint import groups, system
from clearing.checks.bound_kinds import of_stores, off_line, on_line, speed
from clearing.checks.bound_linear import linear
from clearing.checks.bound_network import congestion
from clearing.checks.bound_plants import switches
from clearing.checks.bound_pumped import pumped_least
from clearing.checks.bound_read import Read, read
from clearing.checks.bound_reserve import offers_least, products
from clearing.checks.bound_sides import ByUnit, boxes, cut, soft, stepped
from clearing.checks.electrical import Electrical, electrical, of_island
from clearing.checks.finding import note, single
from clearing.checks.output_curves import begun_before
from clearing.checks.storage_bound import stores_least
from clearing.checks.unit_costs import Besides, units_least
from clearing.rules.rules import Rules

AGREE = 1e-9
"""Relative difference up to which two computations of a bound are the same."""

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
    grid = electrical(case.network, firm_load(case))
    given, stray = read(case, rules, grid, proof)
    if stray:
        return stray
    right = recomputed(case, rules, grid, given)
    if np.isfinite(right) and abs(right - proof.bound) <= AGREE * max(1.0, abs(proof.bound)):
        return _told(case, rules, end, proof.bound)
    text = f"The multipliers give a bound of {right:.12g}, not {proof.bound:.12g}."
    return [single("BOUND", "bound", text, proof.bound, right)]


def _told(case: Case, rules: Rules, end: Termination, proved: float) -> list[Finding]:
    """What a proof that holds leaves out, and what it proves where more is claimed."""
    found, left = [], left_out(case, rules)
    if left:
        text = f"The bound that is proved leaves out, whole or in part: {', '.join(left)}."
        found.append(note("BOUND_LEAVES_OUT", "bound", text))
    if end.bound is not None and end.bound_kind is not BoundKind.LAGRANGIAN and end.objective is not None:
        gap = (end.objective - proved) / max(abs(end.objective), abs(proved), 1.0)
        text = f"The multipliers prove a bound of {proved:.9g}, a gap of {gap:.3g}; the solver claims {end.bound:.9g}."
        found.append(note("BOUND_PROVED", "bound", text))
    return found


def recomputed(case: Case, rules: Rules, grid: Electrical, given: Read) -> float:
    """The Lagrangian at multipliers, money."""
    hours = case.horizon.hours
    values = {name: value * hours for name, value in given.values.items()}
    limited = congestion(case, rules, grid, given.limits, values)
    weighed = linear(case, rules, grid, values["linear_limit"])
    at_bus = of_island(grid, values["balance"]) + limited.bus + weighed.bus
    total = limited.total + weighed.total + _fixed(case, at_bus) + _renewables(case, at_bus, weighed.site)
    total += _imbalance(case, rules, grid, at_bus, values)
    total += products(case, rules, values["product"]) + offers_least(case)
    total += speed(case, rules, values["regulation_speed"]) + off_line(case, rules, values)
    total += _stores(case, rules, at_bus[case.storage.bus] + weighed.store, values)
    total += pumped_least(case, rules, at_bus[case.pumped_hydro.bus], values, _held(case, values))
    total += bids_least(case, at_bus, values) + virtual_least(case, at_bus, values)
    total += lines_least(case, rules, at_bus, limited.lost_line, values)
    reserve, group = system(case, rules, values), groups(case, rules, values)
    total += reserve.total + group.total
    if not np.isfinite(total):
        return -np.inf
    return total + _units(case, rules, at_bus[case.units.bus] - limited.lost, weighed.unit, (reserve, group), values)


def _units(
    case: Case, rules: Rules, at_unit: Floats, weighed: Floats, joint: tuple[ByUnit, ByUnit], values: Values
) -> float:
    """Units at the worth (N, T) of a MW at them, what linear limits weigh of it, and by the rows that join units."""
    reserve, group = joint
    begun = begun_before(case)
    energy = at_unit + weighed + reserve.output + group.output
    award, flexible = on_line(case, values)
    switched = switches(case, rules, values)
    besides = Besides(reserve.on + group.on + flexible, at_unit, switched.start, switched.stop)
    least = units_least(case, rules, energy, award, besides)
    return switched.total + float(least.sum()) - float((at_unit * begun).sum())


def _fixed(case: Case, at_bus: Floats) -> float:
    """Load, less ties and the least output of renewables, at the price of their bus."""
    fixed = firm_load(case)
    for table, mw in ((case.ties, case.ties.import_mw), (case.renewables, case.renewables.min_mw)):
        np.subtract.at(fixed, table.bus, mw)
    return float((at_bus * fixed).sum())


def _stores(case: Case, rules: Rules, energy: Floats, values: Values) -> float:
    """Stores, and limits of their cycles, which stand at the last period."""
    table, hours = case.storage_cycles, case.horizon.hours
    given, most = values["storage_cycle"], np.full(values["storage_cycle"].shape, np.inf)
    stored = case.storage.energy_max_mwh.max(axis=1, initial=0.0) - case.storage.energy_min_mwh.min(axis=1)
    discharge = np.zeros(len(case.storage.id))
    if len(table.storage):
        most[:, -1] = table.max_cycles * stored[table.storage]
        np.add.at(discharge, table.storage, given[:, -1] * hours)
    total = soft(given, -np.inf, most, rules.clearing_penalties.joint_limit, 1.0)
    awards, hours = of_stores(case, rules, values), rules.reserves.storage_minutes / 60.0
    return (
        total
        + awards.total
        + stores_least(case, energy + awards.net, awards.level, values, discharge, _held(case, values), hours)
    )


def _held(case: Case, values: Values) -> Floats:
    """What a MW in the positive reserve is worth (T)."""
    least = values["system_positive_min"]
    return np.asarray(least[0] if len(least) else np.zeros(case.horizon.periods))


def _imbalance(case: Case, rules: Rules, grid: Electrical, at_bus: Floats, values: Values) -> float:
    """Load and exports that are shed, at the price of their bus, and surplus, at that of the island."""
    hours, penalties = case.horizon.hours, rules.clearing_penalties
    balance, shed = values["balance"], values["shed_total"]
    sheddable = np.maximum(firm_load(case), 0.0)
    np.add.at(sheddable, case.ties.bus, np.maximum(-case.ties.import_mw, 0.0))
    total = boxes(-at_bus - of_island(grid, shed), 0.0, sheddable)
    stands = grid.island[grid.first_bus] == np.arange(len(grid.island_id))[:, None]
    total += stepped(penalties.shortage, hours, -shed)
    return total + stepped(penalties.surplus, hours, np.where(stands, -balance, 0.0))


def _renewables(case: Case, at_bus: Floats, weighed: Floats) -> float:
    """Cost of the least output, and of every block beyond it that pays at the worth of a MW of its site (R, T)."""
    table, hours = case.renewables, case.horizon.hours
    least, most = cut(table.offers.resource, table.offers.width_mw, table.min_mw, table.forecast_mw)
    price, worth = table.offers.price_per_mwh * hours, at_bus[table.bus] + weighed
    return float((price * least).sum()) + boxes(price - worth[table.offers.resource], 0.0, most)
