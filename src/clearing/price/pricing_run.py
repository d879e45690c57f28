"""The pricing run: SCED again with pricing penalties and with outputs that may not set the price held."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from clearing.case.arrays import Bools, Floats
from clearing.case.awarded import counted_mw
from clearing.case.case import Case
from clearing.case.reserve_demand import has_curve
from clearing.case.reserve_kinds import ReserveKinds
from clearing.case.reserves import Reserves
from clearing.case.resources import Loads
from clearing.case.schedule import Schedule
from clearing.formulation.regulation import held_speed
from clearing.grid.islands import Islands
from clearing.grid.monitored import Grid
from clearing.rules.rules import PriceRules, Rules, ViolationPricing
from clearing.solve.control import RunControl
from clearing.solve.dispatch import Dispatch, dispatch
from clearing.solve.evaluate import SMALLEST_MW
from clearing.solve.joint_limits import moved, positive_reserve, without_surplus
from clearing.solve.kept_solver import KeptSolver
from clearing.solve.network_rows import excess, own_prices
from clearing.solve.warm_start import WarmStart

AT_LEAST_OUTPUT_MW = 1e-6

MARGIN_MW = 1e-3
"""How much further than attained a broken limit is moved for RELAX_AND_RERUN."""


def frozen_outputs(case: Case, rules: PriceRules, schedule: Schedule) -> Bools:
    """Unit-periods (N, T) held at their SCED output: clearing-model.md, pricing run.

    Not price-eligible, at all or in the period; fixed output; at p_min if must-run, in real time whether must-run or
    not where the rule set says so.
    """
    units = case.units
    held = np.broadcast_to(~units.price_eligible[:, None], schedule.on.shape).copy()
    held[units.fixed_unit, units.fixed_period] = True
    held[case.price_ineligible.unit, case.price_ineligible.period] = True
    at_least = schedule.dispatch_mw <= units.p_min_mw + AT_LEAST_OUTPUT_MW
    return np.asarray((held | (((units.on_min == 1) | rules.minimum_held) & at_least)) & (schedule.on == 1))


def pricing_run(
    case: Case,
    rules: Rules,
    grid: Grid,
    cleared: Dispatch,
    control: RunControl,
    seconds: float | None = None,
    solver: KeptSolver | None = None,
    start: WarmStart | None = None,
) -> Dispatch | None:
    """Duals of the dispatch at pricing penalties; None when it was cut short.

    start: where an earlier pricing run ended; else, or where it does not fit, begun where the dispatch ended.

    With RELAX_AND_RERUN every limit that the schedule breaks is moved to what was attained first, so that no
    penalty enters a price. Where nobody is free to answer even then (all outputs frozen), energy has the price 0.
    """
    if rules.prices.violation_pricing is ViolationPricing.PENALTY or not cleared.violations:
        return _priced(case, rules, grid, cleared, control, seconds, solver, start)
    case, grid = _relaxed(case, rules, grid, cleared)
    priced = _priced(case, rules, grid, cleared, control, seconds, solver, start)
    if priced is None:
        return None
    places = _unanswered(grid.islands, cleared.schedule, priced.schedule)
    if not (places[0] | places[1]).any():
        return priced
    return _priced(case, rules, grid, cleared, control, seconds, solver, start, places)


def _priced(
    case: Case,
    rules: Rules,
    grid: Grid,
    cleared: Dispatch,
    control: RunControl,
    seconds: float | None,
    solver: KeptSolver | None,
    start: WarmStart | None,
    unpriced: tuple[Bools, Bools] | None = None,
) -> Dispatch | None:
    schedule = cleared.schedule
    frozen = frozen_outputs(case, rules.prices, schedule)
    return dispatch(
        case,
        rules,
        grid,
        schedule.on,
        cleared.mode,
        control,
        penalties=rules.pricing_penalties,
        active=cleared.active,
        frozen=(frozen, schedule.dispatch_mw),
        starts=(start, cleared.start),
        seconds=seconds,
        unpriced=unpriced,
        tangents=() if cleared.losses is None else (cleared.losses.at,),
        solver=solver,
        measured=False,
    )


def _unanswered(islands: Islands, cleared: Schedule, priced: Schedule) -> tuple[Bools, Bools]:
    """Islands and periods (I, T) where the margin meets nobody: a shortage became a surplus, and the reverse.

    Load was shed at its bus, so both are free there; a surplus is taken off at the reference, and free only there.
    """
    shed, shed_now = (islands.total(schedule.shed_mw) > SMALLEST_MW for schedule in (cleared, priced))
    spilled, spilled_now = (schedule.surplus_mw > SMALLEST_MW for schedule in (cleared, priced))
    nobody = (shed & spilled_now) | (spilled & shed_now)
    return nobody & shed, nobody & ~shed


def _relaxed(case: Case, rules: Rules, grid: Grid, cleared: Dispatch) -> tuple[Case, Grid]:
    """Shed load leaves the case, surplus becomes load at the reference, broken limits move to what was attained.

    All by MARGIN_MW more than that: exactly at what was attained the dual would be free up to the penalty.
    """
    schedule, monitored = cleared.schedule, grid.monitored
    awarded = counted_mw(case, schedule)
    # A demand curve is a buyer's bid and stays; only what breaks at a penalty is moved.
    penalised = ~has_curve(case.reserve_demand, len(awarded))[:, None]
    short = penalised & (awarded < case.reserves.requirement_mw - SMALLEST_MW)
    requirement = np.where(short, np.maximum(awarded - MARGIN_MW, 0.0), case.reserves.requirement_mw)
    # So does a limit with a penalty of its own: the price of breaking it is what its owner pays.
    over = (excess(monitored, cleared.flow) > 0.0) & np.isnan(own_prices(case, monitored))[:, None]
    lower = np.where(over & (cleared.flow < monitored.lower), cleared.flow - MARGIN_MW, monitored.lower)
    upper = np.where(over & (cleared.flow > monitored.upper), cleared.flow + MARGIN_MW, monitored.upper)
    attained = replace(monitored, lower=lower, upper=upper)
    taken_off = _surplus_at_buses(grid.islands, schedule)
    loads = _less_shed(case, taken_off, schedule)
    reserves = _attained_reserve(case, rules, schedule, loads.mw.sum(axis=0) - case.loads.mw.sum(axis=0))
    relaxed_case = replace(
        without_surplus(moved(case, schedule, MARGIN_MW), taken_off),
        loads=loads,
        reserves=replace(reserves, requirement_mw=requirement),
        reserve_kinds=_attained_speed(case, schedule),
    )
    return relaxed_case, replace(grid, monitored=attained)


def as_cleared(priced: Grid, cleared: Grid) -> Grid:
    """The grid of a pricing run with the limits of the clearing where the run moved them."""
    count = len(cleared.monitored.id)
    lower, upper = (
        np.concatenate([getattr(cleared.monitored, side), getattr(priced.monitored, side)[count:]])
        for side in ("lower", "upper")
    )
    return replace(priced, monitored=replace(priced.monitored, lower=lower, upper=upper))


def _attained_reserve(case: Case, rules: Rules, schedule: Schedule, more_load: Floats) -> Reserves:
    """The positive reserve that a dispatch is held to, moved to what is held where that breaks it.

    more_load (T): by how much the load of the relaxed case differs. The least counts what is beyond the load: with what
    is shed or spilled in the load, the same capacity is held.
    """
    least, most = case.reserves.positive_min_mw, case.reserves.positive_max_mw
    for limit in positive_reserve(case, rules, schedule):
        broken = limit.excess > SMALLEST_MW
        if limit.family == "system_positive_min":
            least = np.where(broken, limit.attained - MARGIN_MW, limit.lower)[0] - more_load
        else:
            most = np.where(broken, limit.attained + MARGIN_MW, limit.upper)[0]
    return replace(case.reserves, positive_min_mw=least, positive_max_mw=most)


def _attained_speed(case: Case, schedule: Schedule) -> ReserveKinds:
    """Speed requirements that are not met, moved to what is held. They have penalties only, no demand curve."""
    table = case.reserve_kinds
    if not len(table.product):
        return table
    held, required = held_speed(case, schedule)[table.product], table.speed_requirement_mw_per_minute
    short = held < required - SMALLEST_MW
    moved_to = np.where(short, np.maximum(held - MARGIN_MW, 0.0), required)
    return replace(table, speed_requirement_mw_per_minute=moved_to)


def _surplus_at_buses(islands: Islands, schedule: Schedule) -> Floats:
    """Load that stands for the surplus, at the references (K, T), MW."""
    surplus = schedule.surplus_mw + np.where(schedule.surplus_mw > SMALLEST_MW, MARGIN_MW, 0.0)
    return np.asarray(islands.reference_weight * islands.at_buses(surplus))


def _less_shed(case: Case, taken_off: Floats, schedule: Schedule) -> Loads:
    """Loads without what is shed and with the surplus: one row more for every bus, also for those without a load."""
    shed = schedule.shed_mw
    change = taken_off - (shed + np.where(shed > SMALLEST_MW, MARGIN_MW, 0.0))
    buses, loads = case.network.bus_id, case.loads
    return Loads(
        id=(*loads.id, *buses),
        bus=np.concatenate([loads.bus, np.arange(len(buses))]),
        mw=np.concatenate([loads.mw, change]),
    )
