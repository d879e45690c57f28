"""The pricing run: SCED again with pricing penalties and with outputs that may not set the price held."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from clearing.case.arrays import Bools, Flags, Floats
from clearing.case.case import Case
from clearing.case.reserve_demand import has_curve
from clearing.case.reserve_sharing import awarded_mw
from clearing.case.schedule import Schedule
from clearing.grid.islands import Islands
from clearing.grid.monitored import Grid
from clearing.rules.rules import Rules, ViolationPricing
from clearing.solve.control import RunControl
from clearing.solve.dispatch import Dispatch, dispatch
from clearing.solve.evaluate import SMALLEST_MW

AT_LEAST_OUTPUT_MW = 1e-6


def frozen_outputs(case: Case, schedule: Schedule) -> Bools:
    """Unit-periods (N, T) held at their SCED output: clearing-model.md, pricing run.

    Not price-eligible; fixed output; must-run and at p_min.
    """
    units = case.units
    held = np.broadcast_to(~units.price_eligible[:, None], schedule.on.shape).copy()
    held[units.fixed_unit, units.fixed_period] = True
    at_least = schedule.dispatch_mw <= units.p_min_mw + AT_LEAST_OUTPUT_MW
    return np.asarray((held | ((units.on_min == 1) & at_least)) & (schedule.on == 1))


def pricing_run(
    case: Case, rules: Rules, grid: Grid, cleared: Dispatch, control: RunControl, seconds: float | None = None
) -> Dispatch | None:
    """Duals of the dispatch at pricing penalties; None when it was cut short.

    With RELAX_AND_RERUN every limit that the schedule breaks is moved to what was attained first, so that no
    penalty enters a price.
    """
    if rules.prices.violation_pricing is ViolationPricing.RELAX_AND_RERUN and cleared.violations:
        case, grid = _relaxed(case, grid, cleared)
    schedule = cleared.schedule
    mode = (schedule.discharge_mw > schedule.charge_mw).astype(np.int8)
    frozen = frozen_outputs(case, schedule)
    return dispatch(
        case,
        rules,
        grid,
        schedule.on,
        _given_mode(cleared, mode),
        control,
        penalties=rules.pricing_penalties,
        active=cleared.active,
        frozen=(frozen, schedule.dispatch_mw),
        seconds=seconds,
    )


def _given_mode(cleared: Dispatch, running: Flags) -> Flags:
    """Storage modes of the cleared dispatch: its columns were held at them."""
    held = cleared.model.problem.lower[cleared.model.problem.columns["discharging"]]
    mode: Flags = np.rint(np.maximum(held, running)).astype(np.int8)
    return mode


def _relaxed(case: Case, grid: Grid, cleared: Dispatch) -> tuple[Case, Grid]:
    """Shed load leaves the case, surplus becomes load at the reference, broken limits move to what was attained."""
    schedule, monitored = cleared.schedule, grid.monitored
    loads = _less_shed(case, grid.islands, schedule)
    awarded = awarded_mw(case.reserves, case.reserve_sharing, case.units.bus, schedule.reserve_mw)
    # A demand curve is a buyer's bid and stays; only what breaks at a penalty is moved.
    penalised = ~has_curve(case.reserve_demand, len(awarded))[:, None]
    short = penalised & (awarded < case.reserves.requirement_mw - SMALLEST_MW)
    requirement = np.where(short, awarded, case.reserves.requirement_mw)
    flow = cleared.flow
    moved = replace(monitored, lower=np.minimum(monitored.lower, flow), upper=np.maximum(monitored.upper, flow))
    relaxed_case = replace(
        case, loads=replace(case.loads, mw=loads), reserves=replace(case.reserves, requirement_mw=requirement)
    )
    return relaxed_case, replace(grid, monitored=moved)


def _less_shed(case: Case, islands: Islands, schedule: Schedule) -> Floats:
    """Loads (D, T) without what is shed and with the surplus; a bus's change falls on its first load."""
    change = -schedule.shed_mw + islands.reference_weight[:, None] * schedule.surplus_mw[islands.of_bus]
    loads: Floats = np.array(case.loads.mw)
    bus, first = np.unique(case.loads.bus, return_index=True)
    loads[first] += change[bus]
    return np.asarray(loads)
