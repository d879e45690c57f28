"""Real time by hand: look-ahead over a ramp, fast starts, an outage, a unit that cannot stop yet.

Ramp. Quarters. A: 0 … 100 MW at 10, 1 MW/min, so 15 MW a quarter, metered at 40; C: 0 … 30 MW at 5; B: 0 … 100 MW at
30. Load 60, then 95 MW. Alone, the first quarter takes C 30 and A 30 at a price of 10; then A reaches 45, C 30, and B
must give 20 at a price of 30: 0.25·(30·10 + 30·5) + 0.25·(45·10 + 30·5 + 20·30) = 112.5 + 300 = 412.5.
Together: a MW of A instead of C in the first quarter costs 5 and saves 30 − 10 = 20 in the second, so A stands at 50
and C at 10; then A 65, C 30, B 0: 0.25·(50·10 + 10·5) + 0.25·(65·10 + 30·5) = 137.5 + 200 = 337.5. Prices: C sets 5;
one MW more in the second quarter takes one MW of A there (10) and in the first in place of C (10 − 5): 15.
"""

from __future__ import annotations

import numpy as np
import pytest

from clearing.case.case import Case, CommitmentInput, CommitmentUse
from clearing.case.finding import Severity
from clearing.case.result import ClearingResult, Reason
from clearing.case.validate import validate
from clearing.checks.audit import audit
from clearing.day_ahead import clear
from clearing.real_time import clear_interval
from clearing.rules.load import load
from clearing.solve.control import RunControl
from clearing.solve.options import SolveOptions
from tests.factory import Row, market

RULES = load("generic")
FIXED, FOLLOW = CommitmentUse.FIXED, CommitmentUse.FOLLOW


def quarters(
    loads: list[float], units: list[Row], on: list[list[int]], use: CommitmentUse = FIXED, free: tuple[int, ...] = ()
) -> Case:
    given = CommitmentInput(use, np.array(on, dtype=np.int8), np.array(free, dtype=np.int64))
    return market(loads, units, period_minutes=15, commitment=given)


def cleared(case: Case, binding: int = 1) -> ClearingResult:
    assert not [f for f in validate(case, RULES) if f.severity is Severity.ERROR]
    result = clear_interval(case, RULES, SolveOptions(gap=0.0), RunControl(), binding)
    assert result.audit_passed, result.audit
    assert result.binding_periods == binding
    return result


def dispatched(result: ClearingResult) -> list[list[float]]:
    assert result.schedule is not None
    return np.round(result.schedule.dispatch_mw, 6).tolist()  # type: ignore[no-any-return]


def prices(result: ClearingResult) -> list[float]:
    assert result.prices is not None
    return np.round(result.prices.system_price[0], 6).tolist()  # type: ignore[no-any-return]


RAMP = [
    {"id": "A", "p_max": 100, "price": 10, "ramp": 1.0, "on": True, "mw": 40},
    {"id": "C", "p_max": 30, "price": 5, "on": True, "mw": 30},
    {"id": "B", "p_max": 100, "price": 30, "on": True, "mw": 0},
]


def test_look_ahead_holds_a_slow_unit_up_for_the_quarter_after() -> None:
    result = cleared(quarters([60, 95], RAMP, [[1, 1]] * 3))
    assert dispatched(result) == [[50, 65], [10, 30], [0, 0]]
    assert prices(result) == [5, 15]
    assert result.termination.reason is Reason.COMMITMENT_GIVEN
    assert result.termination.objective == pytest.approx(337.5)


def test_without_look_ahead_the_same_two_quarters_cost_more() -> None:
    first = cleared(quarters([60], RAMP, [[1]] * 3))
    assert (dispatched(first), prices(first)) == ([[30], [30], [0]], [10])
    then = [{**unit, "mw": mw} for unit, mw in zip(RAMP, (30, 30, 0), strict=True)]
    second = cleared(quarters([95], then, [[1]] * 3))
    assert (dispatched(second), prices(second)) == ([[45], [30], [20]], [30])
    assert first.termination.objective == pytest.approx(112.5)
    assert second.termination.objective == pytest.approx(300.0)


FAST = [
    {"id": "A", "p_max": 100, "price": 10, "on": True, "mw": 100},
    {"id": "G", "p_min": 10, "p_max": 50, "price": 40, "start_cost": 25},
    {"id": "H", "p_min": 10, "p_max": 50, "price": 20},
]


def test_only_free_units_are_started() -> None:
    """120 MW: without G 20 MW are shed; H is cheaper and stays off, for the commitment binds it."""
    bound = cleared(quarters([120, 120], FAST, [[1, 1], [0, 0], [0, 0]]))
    assert [(v.family, v.amount_mw) for v in bound.violations] == [("shortage", 20.0)] * 2
    free = cleared(quarters([120, 120], FAST, [[1, 1], [0, 0], [0, 0]], free=(1,)))
    assert dispatched(free) == [[100, 100], [20, 20], [0, 0]]
    assert free.termination.reason is Reason.OPTIMAL_WITHIN_GAP
    assert free.termination.objective == pytest.approx(25 + 0.5 * (100 * 10 + 20 * 40))
    assert free.termination.bound == pytest.approx(free.termination.objective)
    assert prices(free) == [40, 40]


def test_a_free_unit_is_not_started_where_that_does_not_pay_and_keeps_its_least_times() -> None:
    idle = cleared(quarters([90, 90], FAST, [[1, 1], [1, 1], [0, 0]], free=(1,)))
    assert dispatched(idle)[1] == [0, 0]
    running = [FAST[0], {**FAST[1], "on": True, "mw": 10, "minutes": 15, "min_up": 30}, FAST[2]]
    kept = cleared(quarters([90, 90], running, [[1, 1], [0, 0], [0, 0]], free=(1,)))
    assert dispatched(kept)[1] == [10, 0]  # the least time of a free unit holds: one quarter is left of it


def test_the_audit_sees_a_bound_unit_that_moved_and_lets_a_free_one() -> None:
    on = [[1, 1], [0, 0], [0, 0]]
    free = cleared(quarters([120, 120], FAST, on, free=(1,)))
    codes = {f.code for f in audit(quarters([120, 120], FAST, on, free=(2,)), RULES, free).findings}
    assert "COMMITMENT_GIVEN" in codes


OUTAGE = [
    {"id": "A", "p_max": 100, "price": 10, "on": True, "mw": 80, "must_off": [1, 1, 0]},
    {"id": "B", "p_min": 20, "p_max": 120, "price": 30, "on": True, "mw": 20, "ramp": 4.0},
]


def test_an_outage_takes_a_unit_from_the_commitment_and_the_others_go_as_far_as_they_can() -> None:
    """A is out for two quarters; B, 60 MW a quarter, reaches 80, then 100, then falls to 40. FIXED is refused."""
    on = [[1, 1, 1], [1, 1, 1]]
    assert "COMMITMENT_AGAINST_MUST_OFF" in {f.code for f in validate(quarters([100] * 3, OUTAGE, on), RULES)}
    case = quarters([100] * 3, OUTAGE, on, FOLLOW)
    assert {f.code for f in validate(case, RULES)} >= {"COMMITMENT_GIVES_WAY"}
    result = cleared(case)
    assert dispatched(result) == [[0, 0, 60], [80, 100, 40]]
    found = [(v.family, v.subject, v.period, round(v.amount_mw, 6)) for v in result.violations]
    assert found == [("shortage", "system", 0, 20.0), ("commitment", "A", 0, 1.0), ("commitment", "A", 1, 1.0)]


def test_a_unit_that_cannot_stop_yet_runs_on_no_longer_than_it_must() -> None:
    """A is metered at 50, may fall by 15 MW a quarter and stop from 20: 35, 20, off. The commitment wants it off."""
    units = [{**RAMP[0], "mw": 50, "shutdown_limit": 20}, {"id": "B", "p_max": 100, "price": 30, "on": True, "mw": 0}]
    result = cleared(quarters([60] * 4, units, [[0] * 4, [1] * 4], FOLLOW))
    assert result.schedule is not None
    assert result.schedule.on.tolist() == [[1, 1, 0, 0], [1, 1, 1, 1]]
    assert dispatched(result) == [[35, 20, 0, 0], [25, 40, 60, 60]]
    assert [(v.family, v.subject, v.period) for v in result.violations] == [("commitment", "A", t) for t in (0, 1)]


def test_a_commitment_that_can_be_followed_is_followed() -> None:
    result = cleared(quarters([60, 95], RAMP, [[1, 1]] * 3, FOLLOW), binding=2)
    assert result.violations == ()
    assert dispatched(result) == [[50, 65], [10, 30], [0, 0]]


def test_in_real_time_a_unit_at_its_least_output_does_not_set_the_price() -> None:
    """A: 20 … 40 MW at 10, the only one that may hold the 20 MW of reserve; C: 0 … 100 MW at 20. Load 35 MW.

    A stands at its least output with 20 MW of reserve, C gives 15. The pricing run counts missing reserve at 5 only:
    day-ahead A goes up in it and sets 10 + 5 = 15; held at its minimum, as real time wants, it leaves C to set 20.
    """
    units = [
        {"id": "A", "p_min": 20, "p_max": 40, "price": 10, "on": True, "mw": 20},
        {"id": "C", "p_max": 100, "price": 20, "on": True, "mw": 15},
    ]
    given = CommitmentInput(FIXED, np.ones((2, 1), dtype=np.int8))
    spinning = [{"id": "up", "requirement": 20, "max": [20.0, 0.0]}]
    case = market([35], units, products=spinning, period_minutes=15, commitment=given)
    low = {"penalties.pricing.product": "5", "penalties.pricing.system_reserve": "4"}
    rules, free = load("generic", "", low), load("generic", "", {**low, "prices.real_time_minimum": "free"})
    day = clear(case, rules, SolveOptions(), RunControl())
    now, other = (clear_interval(case, r, SolveOptions(), RunControl()) for r in (rules, free))
    for result in (day, now, other):
        assert result.audit_passed, result.audit
        assert dispatched(result) == [[20], [15]]
    assert [prices(r) for r in (day, now, other)] == [[15], [20], [15]]
    assert {s.subject for s in now.price_setters} == {"C"}
