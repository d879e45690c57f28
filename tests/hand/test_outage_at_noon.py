"""A unit is lost at noon: the next interval dispatches without it, and says what gave way and at what price.

Quarters on one bus, load 100 MW. Day-ahead A (0 … 100 MW at 10) runs at 80, B (20 … 120 MW at 30, 60 MW a quarter) at
20, G (10 … 30 MW at 70, start 25, fast) is off. Until 12:00 A 80, B 20, price 10. At 12:00 A is out for two quarters.
The interval that begins then has A must-off, B metered at 20 and G free to start:

    12:15   B can reach 80; G 20, so nothing is shed: one more MW comes from G, price 70
    12:30   B 100, G off again; one more MW is 30, and B then cannot fall below 41 in the next quarter, where A would
            have been 20 cheaper: price 50
    12:45   A is back, B has fallen as far as it can, to 40: A 60, price 10

G on for a second quarter (B 90, G 10, then B 30, A 70) would cost 850 + 400 instead of 750 + 450. Without G 20 MW are
shed; the shortage is listed with its penalty.
"""

from __future__ import annotations

import numpy as np
import pytest

from clearing.case.case import Case, CommitmentInput, CommitmentUse
from clearing.case.interval import after, cut
from clearing.case.result import ClearingResult
from clearing.case.validate import validate
from clearing.real_time import clear_interval
from clearing.rules.load import load
from clearing.solve.carried import Carried
from clearing.solve.control import RunControl
from clearing.solve.options import SolveOptions
from tests.factory import Row, market

RULES = load("generic")
UNITS: list[Row] = [
    {"id": "A", "p_max": 100, "price": 10, "on": True, "mw": 80},
    {"id": "B", "p_min": 20, "p_max": 120, "price": 30, "on": True, "mw": 20, "ramp": 4.0},
    {"id": "G", "p_min": 10, "p_max": 30, "price": 70, "start_cost": 25},
]
ON = np.array([[1] * 4, [1] * 4, [0] * 4], dtype=np.int8)


def noon(*, out: bool, free: bool) -> Case:
    """11:45 to 12:45; A out from 12:00 to 12:30."""
    given = CommitmentInput(CommitmentUse.FOLLOW, ON, np.array([2] if free else [], dtype=np.int64))
    units = [{**UNITS[0], "must_off": [0, 1, 1, 0]} if out else UNITS[0], *UNITS[1:]]
    return market([100.0] * 4, units, period_minutes=15, start_minute=11 * 60 + 45, commitment=given)


def cleared(case: Case, carried: Carried) -> ClearingResult:
    result = clear_interval(case, RULES, SolveOptions(gap=0.0), RunControl(), carried=carried)
    assert result.audit_passed, result.audit
    return result


def at_noon(free: bool) -> tuple[ClearingResult, ClearingResult]:
    """The interval of 11:45, which knows of no outage, and the next one, which does."""
    carried = Carried()
    before = cut(noon(out=False, free=free), 0, 2)
    first = cleared(before, carried)
    assert first.schedule is not None
    then = after(before, first.schedule, 0, cut(noon(out=True, free=free), 1, 3))
    assert {f.code for f in validate(then, RULES)} >= {"COMMITMENT_GIVES_WAY"}
    return first, cleared(then, carried)


def test_the_interval_after_the_outage_dispatches_without_the_unit_and_a_fast_unit_sets_the_price() -> None:
    first, second = at_noon(free=True)
    assert first.schedule is not None
    assert first.prices is not None
    np.testing.assert_allclose(first.schedule.dispatch_mw[:, 0], [80, 20, 0], atol=1e-6)
    assert first.prices.system_price[0, 0] == pytest.approx(10.0)
    assert second.schedule is not None
    assert second.prices is not None
    np.testing.assert_allclose(second.schedule.dispatch_mw, [[0, 0, 60], [80, 100, 40], [20, 0, 0]], atol=1e-6)
    assert second.prices.system_price[0] == pytest.approx([70.0, 50.0, 10.0])
    gave_way = [(v.family, v.subject, v.period) for v in second.violations]
    assert gave_way == [("commitment", "A", 0), ("commitment", "A", 1)]
    assert {(s.subject, s.period) for s in second.price_setters} >= {("G", 0), ("A", 2)}


def test_without_a_fast_unit_load_is_shed_and_listed_with_its_penalty() -> None:
    _, second = at_noon(free=False)
    assert second.schedule is not None
    assert second.prices is not None
    np.testing.assert_allclose(second.schedule.dispatch_mw, [[0, 0, 60], [80, 100, 40], [0, 0, 0]], atol=1e-6)
    short = [v for v in second.violations if v.family == "shortage"]
    assert [(v.subject, v.period, round(v.amount_mw, 6)) for v in short] == [("system", 0, 20.0)]
    assert short[0].penalty == pytest.approx(20.0 * 0.25 * RULES.clearing_penalties.shortage[0][1])
    assert [(v.family, v.subject) for v in second.violations if v not in short] == [("commitment", "A")] * 2
    assert second.explanations is not None
    broken = second.explanations.broken
    assert ("shortage", 0) in set(zip(broken.family, np.asarray(broken.period).tolist(), strict=True))
