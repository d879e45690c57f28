"""One day of RTS-GMLC in hours and in quarters, constant within the hour: same cost, same prices per MWh.

Ramps, start-up and shut-down limits and response times are off, so nothing but the period's length differs. The
commitment (merit order) and the storage modes are the hourly ones, repeated four times.

Only unique duals can be compared. Whether they are is decided by cost alone: cost v is a convex function of loads and
reserve requirements, and where it has several subgradients, moving all of them along a random direction d costs more
than moving against d saves, v(+εd) + v(−εd) > 2·v, with probability 1. Equality therefore says that every bus and
reserve price of the day is unique; the slope it gives is also what those prices must add up to, Σ price·d·dt.
The pricing penalties are set to the clearing ones here, so that SCED and pricing run are the same linear problem.
"""

import importlib.util
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest

from clearing import formats
from clearing.case.case import Case, CommitmentInput, CommitmentUse
from clearing.case.result import ClearingResult, Reason
from clearing.day_ahead import clear, finish
from clearing.formulation.unit_data import unit_data
from clearing.rules.load import load
from clearing.solve.control import Incumbent, RunControl
from clearing.solve.options import SolveOptions
from clearing.solve.quick_start import merit_order

DAY, QUARTERS, STEP_MW = "2020-08-12", 4, 1e-2
GENERIC = load("generic")
RULES = replace(GENERIC, pricing_penalties=GENERIC.clearing_penalties)


@dataclass(frozen=True)
class Day:
    """The hourly case, its commitment and storage modes, and the answers for hours and for quarters."""

    case: Case
    on: np.ndarray
    mode: np.ndarray
    hours: ClearingResult
    quarters: ClearingResult


def read(period_minutes: int, limit_share: float) -> Case:
    """The day-ahead series with everything off that depends on the length of a period; branch limits scaled."""
    spec = importlib.util.find_spec("dispatches_data")
    if spec is None or not spec.submodule_search_locations:
        pytest.skip("the RTS-GMLC data come with the cases extra")
    folder = Path(spec.submodule_search_locations[0]) / "packages" / "rts_gmlc"
    case = formats.read(folder, "rts-gmlc", day=DAY, series="DAY_AHEAD", period_minutes=str(period_minutes))
    free = np.full(len(case.units.id), np.inf)
    return replace(
        case,
        units=replace(
            case.units,
            ramp_up_mw_per_minute=free,
            ramp_down_mw_per_minute=free,
            startup_limit_mw=free,
            shutdown_limit_mw=free,
        ),
        reserves=replace(case.reserves, response_minutes=np.full(len(case.reserves.product_id), np.inf)),
        network=replace(case.network, branch_limit_mw=case.network.branch_limit_mw * limit_share),
    )


def dispatched(case: Case, on: np.ndarray, mode: np.ndarray) -> ClearingResult:
    given = Incumbent(on, mode, objective=0.0, bound=None)
    return finish(case, RULES, given, Reason.COMMITMENT_GIVEN, SolveOptions(), RunControl())


@pytest.fixture(scope="module", params=[1.0, 0.85], ids=["free-flowing", "congested"])
def day(request: pytest.FixtureRequest) -> Day:
    case = read(60, request.param)
    on = merit_order(case, RULES, unit_data(case))
    first = clear(
        replace(case, commitment=CommitmentInput(CommitmentUse.FIXED, on)), RULES, SolveOptions(), RunControl()
    )
    assert first.schedule is not None
    mode = (first.schedule.discharge_mw > 0.0).astype(np.int8)
    fine = read(15, request.param)
    assert np.array_equal(fine.loads.mw, quartered(case.loads.mw))
    quarters = dispatched(fine, quartered(on), quartered(mode))
    return Day(case, on, mode, dispatched(case, on, mode), quarters)


def quartered(hourly: np.ndarray) -> np.ndarray:
    return np.repeat(hourly, QUARTERS, axis=1)


def test_the_day_has_what_could_differ(day: Day, request: pytest.FixtureRequest) -> None:
    hours = day.hours
    assert hours.schedule is not None
    assert hours.prices is not None
    assert (day.case.horizon.hours, day.case.horizon.periods) == (1.0, 24)
    assert hours.schedule.start.sum() >= 5
    assert hours.schedule.discharge_mw.sum() > 50.0
    assert (hours.prices.reserve_price > 0.0).sum() >= 10
    congested = bool(np.abs(hours.prices.bus_congestion).max() > 10.0)
    assert congested == ("congested" in request.node.name)


def test_both_pass_the_audit_and_break_no_limit(day: Day) -> None:
    for answer in (day.hours, day.quarters):
        assert answer.audit_passed, answer.audit
        assert answer.violations == ()


def test_equal_cost_part_by_part(day: Day) -> None:
    hours, quarters = day.hours.costs, day.quarters.costs
    assert hours is not None
    assert quarters is not None
    for part in ("energy", "no_load", "start", "stop", "storage", "penalty", "reserve", "total"):
        assert getattr(quarters, part) == pytest.approx(getattr(hours, part), rel=1e-6, abs=1e-6), part


def test_the_prices_are_unique_and_the_slope_of_cost(day: Day) -> None:
    prices, case = day.hours.prices, day.case
    assert prices is not None
    rng = np.random.default_rng(2)
    load = rng.uniform(-1.0, 1.0, case.loads.mw.shape) * (case.loads.mw > 0.0)
    required = rng.uniform(-1.0, 1.0, case.reserves.requirement_mw.shape) * (case.reserves.requirement_mw > 0.0)

    def moved(by: float) -> float:
        there = replace(
            case,
            loads=replace(case.loads, mw=case.loads.mw + by * load),
            reserves=replace(case.reserves, requirement_mw=case.reserves.requirement_mw + by * required),
        )
        costs = dispatched(there, day.on, day.mode).costs
        assert costs is not None
        return costs.total

    up, here, down = moved(STEP_MW), moved(0.0), moved(-STEP_MW)
    slope = (prices.bus_price[case.loads.bus] * load).sum() + (prices.reserve_price * required).sum()
    assert up + down - 2.0 * here == pytest.approx(0.0, abs=1e-6)
    assert (up - down) / (2.0 * STEP_MW) == pytest.approx(slope, rel=1e-6)


@pytest.mark.parametrize("name", ["bus_price", "bus_congestion", "system_price", "zone_price", "reserve_price"])
def test_equal_prices_in_every_quarter_of_an_hour(day: Day, name: str) -> None:
    assert day.hours.prices is not None
    assert day.quarters.prices is not None
    hourly: np.ndarray = getattr(day.hours.prices, name)
    assert getattr(day.quarters.prices, name) == pytest.approx(quartered(hourly), rel=1e-6, abs=1e-6)
