"""Reliability commitment after a day-ahead: the cheapest sufficient unit is added, nothing is taken away.

One bus, one hour. The day-ahead commitment has A (0 … 100 MW at 20) and E (10 MW, no more and no less, at 60) on. The
operator forecasts 150 MW, so 150 − 100 − 10 = 40 MW are missing. Off are

  B   at most 35 MW at 30, nothing to start         not sufficient: 5 MW would be shed
  C   0 … 60 MW at 35, start 300                    300 + 40·35 = 1700                          *
  D   50 … 100 MW at 25, start 1000                 1000 + 50·25 − 10·20 (A backs down) = 2050
  F   0 … 60 MW at 34, start 400                    400 + 40·34 = 1760
  B and C                                           35·30 + 5·35 + 300 = 1525                   the least of all

With B out of service (must-off) the least is C: 100·20 + 10·60 + 1700 = 4300; with B on line too, 2000 + 600 + 1525 =
4125. Free to choose, E would be off: 2000 + 35·30 + 15·35 + 300 = 3875 < 4125.
"""

from dataclasses import replace

import numpy as np
import pytest

from clearing.case.case import Case, CommitmentInput, CommitmentUse
from clearing.case.finding import Severity
from clearing.case.result import Reason
from clearing.case.validate import validate
from clearing.checks.audit import audit
from clearing.day_ahead import clear
from clearing.rules.load import load
from clearing.solve.control import RunControl
from clearing.solve.options import LastStage, SolveOptions
from models.scuc import scuc
from models.solve import solve
from tests.factory import Row, market
from tests.hand.run import optimum

UNITS = [
    {"id": "A", "p_max": 100, "price": 20, "on": True, "mw": 100},
    {"id": "E", "p_min": 10, "p_max": 10, "price": 60, "on": True, "mw": 10},
    {"id": "B", "p_max": 35, "price": 30},
    {"id": "C", "p_max": 60, "price": 35, "start_cost": 300},
    {"id": "D", "p_min": 50, "p_max": 100, "price": 25, "start_cost": 1000},
    {"id": "F", "p_max": 60, "price": 34, "start_cost": 400},
]
DAY_AHEAD = np.array([[1], [1], [0], [0], [0], [0]], dtype=np.int8)


def forecast(use: CommitmentUse | None, **other: Row) -> Case:
    """The operator's forecast on the day-ahead commitment; other: units with something changed."""
    units = [{**unit, **other.get(str(unit["id"]), {})} for unit in UNITS]
    return market([150.0], units=units, commitment=None if use is None else CommitmentInput(use, DAY_AHEAD))


def test_the_cheapest_sufficient_unit_is_added() -> None:
    answer = optimum(forecast(CommitmentUse.FLOOR, B={"must_off": [True]}))
    assert answer.schedule is not None
    assert answer.schedule.on.ravel().tolist() == [1, 1, 0, 1, 0, 0]
    np.testing.assert_allclose(answer.schedule.dispatch_mw.ravel(), [100, 10, 0, 40, 0, 0], atol=1e-6)
    assert answer.termination.objective == pytest.approx(4300.0)


def test_two_small_additions_may_be_cheaper_than_one() -> None:
    answer = optimum(forecast(CommitmentUse.FLOOR))
    assert answer.schedule is not None
    assert answer.schedule.on.ravel().tolist() == [1, 1, 1, 1, 0, 0]
    assert answer.termination.objective == pytest.approx(4125.0)


def test_without_the_floor_the_dear_unit_goes_off() -> None:
    """So it is the floor that kept it: as a hint the same commitment holds nobody."""
    for use in (None, CommitmentUse.HINT):
        answer = optimum(forecast(use))
        assert answer.schedule is not None
        assert answer.schedule.on.ravel().tolist() == [1, 0, 1, 1, 0, 0]
        assert answer.termination.objective == pytest.approx(3875.0)


def test_the_specification_keeps_the_floor_too() -> None:
    found = solve(scuc(forecast(CommitmentUse.FLOOR), load("generic")))
    assert found.objective == pytest.approx(4125.0)


def test_an_outage_takes_a_unit_from_the_floor_and_is_listed() -> None:
    case = forecast(CommitmentUse.FLOOR, E={"must_off": [True]})
    codes = {f.code: f.severity for f in validate(case, load("generic"))}
    assert codes["COMMITMENT_AGAINST_MUST_OFF"] is Severity.WARNING
    assert codes["MUST_RUN_GIVES_WAY"] is Severity.WARNING
    assert Severity.ERROR not in codes.values()
    answer = clear(case, load("generic"), SolveOptions(gap=0.0), RunControl())
    assert answer.audit_passed, answer.audit
    assert [(v.family, v.subject, v.period) for v in answer.violations] == [("must_run", "E", 0)]
    assert answer.termination.objective == pytest.approx(3875.0)


def test_the_audit_catches_a_unit_taken_away() -> None:
    """The answer without the floor, judged as one that had to keep it."""
    free = optimum(forecast(None))
    case = forecast(CommitmentUse.FLOOR)
    assert "MUST_RUN" in {f.code for f in audit(case, load("generic"), free).findings}


def test_commitment_alone_comes_without_prices() -> None:
    case = forecast(CommitmentUse.FLOOR)
    answer = clear(case, load("generic"), SolveOptions(gap=0.0, last_stage=LastStage.DISPATCH), RunControl())
    assert answer.termination.reason is Reason.OPTIMAL_WITHIN_GAP
    assert answer.termination.objective == pytest.approx(4125.0)
    assert answer.audit_passed, answer.audit
    assert not answer.termination.priced
    assert "not asked for" in answer.termination.detail
    assert answer.prices is None
    assert answer.multipliers is None
    given = replace(case, commitment=CommitmentInput(CommitmentUse.FIXED, np.ones((6, 1), dtype=np.int8)))
    dispatched = clear(given, load("generic"), SolveOptions(last_stage=LastStage.DISPATCH), RunControl())
    assert dispatched.termination.reason is Reason.COMMITMENT_GIVEN
    assert dispatched.prices is None
