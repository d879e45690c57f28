"""Every part of the cost of a schedule, computed anew, and the comparison with what the result claims."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from clearing.case.arrays import Floats, freeze
from clearing.case.finding import Finding
from clearing.case.result import ClearingResult, Costs
from clearing.checks.bids import demand_value, virtual_area, way
from clearing.checks.curve import energy_cost, reserve_blocks
from clearing.checks.facts import Facts, minutes_off
from clearing.checks.finding import RELATIVE, over, single
from clearing.checks.kinds import unit_speed
from clearing.checks.pumped_hydro import trade
from clearing.checks.reserve_amounts import award_worth
from clearing.checks.soft import Soft, penalty


@dataclass(frozen=True, slots=True)
class UnitCosts:
    """Money over the day by unit (N,)."""

    energy: Floats
    no_load: Floats
    start: Floats
    stop: Floats
    reserve: Floats

    def __post_init__(self) -> None:
        freeze(self)

    @property
    def total(self) -> Floats:
        """What make-whole payments compare with revenue (N,)."""
        return self.energy + self.no_load + self.start + self.stop + self.reserve


def unit_costs(known: Facts) -> UnitCosts:
    """Energy and awards dt·area under their offers, no-load dt·on, starts by state, stops."""
    units, hours = known.case.units, known.hours
    return UnitCosts(
        energy=energy_cost(units.offers, known.schedule.dispatch_mw).sum(axis=1) * hours,
        no_load=units.no_load_cost_per_hour * known.on.sum(axis=1) * hours,
        start=start_cost(known),
        stop=units.stop_cost * known.stopped.sum(axis=1),
        reserve=reserve_cost(known),
    )


def reserve_cost(known: Facts) -> Floats:
    """Σ over products of the area under the unit's blocks up to its award, and the hours it regulates, money (N,)."""
    total = np.zeros(len(known.case.units.id))
    for q, blocks in reserve_blocks(known.case).items():
        total += energy_cost(blocks, known.schedule.reserve_mw[q]).sum(axis=1) * known.hours
    bands = known.case.regulation_bands
    if len(bands.unit):
        total[bands.unit] += (bands.cost_per_hour * (known.schedule.regulating[bands.unit] > 0)).sum(
            axis=1
        ) * known.hours
    return total


def start_cost(known: Facts) -> Floats:
    """Σ over starts of the cost of the last state whose threshold the time off passes (N,).

    Time off = whole periods off, plus the initial minutes where the unit was off since before the horizon.
    Where no threshold is passed the first state counts.
    """
    costs = known.case.units.start_costs
    total = np.zeros(len(known.case.units.id))
    unit, period = np.nonzero(known.started)
    if not len(unit) or not len(costs.unit):
        return total
    minutes = minutes_off(known)[unit, period]
    first = np.searchsorted(costs.unit, unit, side="left")
    last = np.searchsorted(costs.unit, unit, side="right") - 1
    row = first.copy()
    for step in range(1, int((last - first).max(initial=0)) + 1):
        state = np.minimum(first + step, last)
        passed = np.where(
            costs.inclusive[state], minutes >= costs.after_minutes[state], minutes > costs.after_minutes[state]
        )
        row = np.where((first + step <= last) & passed, state, row)
    has = last >= first
    np.add.at(total, unit[has], costs.cost[row[has]])
    return total


def recompute(known: Facts, soft: tuple[Soft, ...]) -> tuple[Costs, Costs]:
    """The cost parts, and by how much each may differ from a claim: 1e-6 of the money moved in it."""
    case, schedule, hours, by_unit = known.case, known.schedule, known.hours, unit_costs(known)
    renewable = energy_cost(case.renewables.offers, schedule.renewable_mw) * hours
    bought = case.storage.charge_price_per_mwh * schedule.charge_mw * hours
    sold = case.storage.discharge_price_per_mwh * schedule.discharge_mw * hours
    generated, pumped = (money * hours for money in trade(case, schedule))
    paid, paid_slack = penalty(known, soft)
    area, generates = virtual_area(case, schedule) * hours, (way(case) > 0)[:, None]
    offered, valued = np.where(generates, area, 0.0), np.where(generates, 0.0, area)
    worth = demand_value(case, schedule) * hours
    costs = Costs(
        energy=float(by_unit.energy.sum() + renewable.sum() + offered.sum()),
        no_load=float(by_unit.no_load.sum()),
        start=float(by_unit.start.sum()),
        stop=float(by_unit.stop.sum()),
        storage=float(sold.sum() - bought.sum() + generated.sum() - pumped.sum()),
        penalty=paid,
        demand=-float(valued.sum() + worth.sum()),
        reserve=float(by_unit.reserve.sum()),
    )
    allowed = Costs(
        energy=_allowed(by_unit.energy, renewable, offered),
        no_load=_allowed(by_unit.no_load),
        start=_allowed(by_unit.start),
        stop=_allowed(by_unit.stop),
        storage=_allowed(sold, bought, generated, pumped),
        penalty=RELATIVE * max(1.0, paid) + paid_slack,
        demand=_allowed(valued, worth),
        reserve=_allowed(by_unit.reserve),
    )
    return costs, allowed


def _allowed(*moved: Floats) -> float:
    return RELATIVE * max(1.0, sum(float(np.abs(m).sum()) for m in moved))


def objective(result: ClearingResult, costs: Costs, allowed: Costs) -> list[Finding]:
    """Claimed cost parts and claimed objective against the recomputed ones."""
    found: list[Finding] = []
    if result.costs is not None:
        for part in ("energy", "no_load", "start", "stop", "storage", "penalty", "demand", "reserve"):
            claimed, right = float(getattr(result.costs, part)), float(getattr(costs, part))
            if not abs(claimed - right) <= getattr(allowed, part):
                text = f"The {part.replace('_', '-')} cost is claimed as {claimed:.9g}, the schedule costs {right:.9g}."
                found.append(single("COST", "objective", text, claimed, right, part))
    claim = result.termination.objective
    if claim is not None and not abs(claim - costs.total) <= allowed.total:
        text = f"The objective is claimed as {claim:.9g}, the schedule costs {costs.total:.9g}."
        found.append(single("OBJECTIVE", "objective", text, claim, costs.total))
    return found


def uplift(known: Facts, result: ClearingResult) -> list[Finding]:
    """Make-whole = max(0, cost − revenue); revenue = Σ_t dt·(bus price · P + Σ_q worth · award), by unit; awards of
    regulation earn the price of speed for the speed they bring too."""
    prices, claimed = result.prices, result.uplift
    if prices is None or claimed is None:
        return []
    units, schedule = known.case.units, known.schedule
    energy = prices.bus_price[units.bus] * (schedule.dispatch_mw + schedule.curve_mw) * known.hours
    speed = unit_speed(known.case)[:, :, None] * prices.reserve_speed_price[:, None]
    reserve = ((award_worth(known, prices.reserve_price) + speed) * schedule.reserve_mw).sum(axis=0) * known.hours
    revenue, cost = (energy + reserve).sum(axis=1), unit_costs(known).total
    moved = np.maximum(1.0, np.abs(energy).sum(axis=1) + np.abs(reserve).sum(axis=1) + np.abs(cost))
    found: list[Finding] = []
    for name, claim, right in (
        ("revenue", claimed.revenue, revenue),
        ("cost", claimed.cost, cost),
        ("make-whole payment", claimed.make_whole, np.maximum(0.0, cost - revenue)),
    ):
        text = f"{name} is not the one that follows from schedule and prices"
        found += over(
            "UPLIFT", "uplift", units.id, np.abs(claim - right), RELATIVE * moved, text, claim, right, "money"
        )
    return found
