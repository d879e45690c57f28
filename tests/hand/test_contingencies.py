"""N−1 worked by hand: a triangle of equal reactances, a line lost, a unit lost, several lost, rounds used up."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from clearing.case.case import Case, CommitmentInput, CommitmentUse
from clearing.case.result import ClearingResult
from clearing.day_ahead import clear
from clearing.rules.load import load
from clearing.solve.control import RunControl
from clearing.solve.options import SolveOptions
from tests.factory import market
from tests.hand.run import optimum

INF = np.inf


def triangle(emergency: dict[str, float], units: list[dict[str, Any]], **more: Any) -> Case:
    """100 MW at c; lines ab, bc, ac with x = 0.1, no limit without a contingency."""
    branches = [
        {"id": a + b, "ends": (a, b), "x": 0.1, "limit": INF, "emergency": emergency.get(a + b, INF)}
        for a, b in ("ab", "bc", "ac")
    ]
    return market({"a": [0.0], "b": [0.0], "c": [100.0]}, units, branches=branches, period_minutes=60, **more)


def told(answer: ClearingResult) -> list[tuple[str, str, float, float]]:
    return [(b.family, b.subject, b.limit_mw, round(b.shadow_price, 6)) for b in answer.bindings]


def test_a_line_lost_limits_what_the_other_way_carries() -> None:
    """Without ac everything from a goes over b: at most 70. One MW less costs 50 − 10. Rent 40·70 = 5000 − 2200."""
    units = [{"id": "g1", "bus": "a", "p_max": 200, "price": 10}, {"id": "g2", "bus": "c", "p_max": 200, "price": 50}]
    case = triangle({"bc": 70.0}, units, contingencies=[{"id": "N-ac", "branches": ["ac"]}])
    answer = optimum(case)
    assert answer.schedule is not None
    assert answer.prices is not None
    assert answer.schedule.dispatch_mw == pytest.approx(np.array([[70.0], [30.0]]))
    assert told(answer) == [("contingency", "bc|N-ac", 70.0, 40.0)]
    assert answer.prices.bus_price[:, 0] == pytest.approx([10.0, 10.0, 50.0])
    assert answer.prices.bus_congestion[:, 0] == pytest.approx([-40.0, -40.0, 0.0])


@pytest.mark.parametrize(
    "free",
    [{"exempt": ["bc"]}, {"watch": {"branches": ["ab"]}}, {"watch": {"kv": 110.0}}],
    ids=["exempt", "other branches", "voltage"],
)
def test_what_is_not_watched_limits_nothing(free: dict[str, Any]) -> None:
    units = [{"id": "g1", "bus": "a", "p_max": 200, "price": 10}, {"id": "g2", "bus": "c", "p_max": 200, "price": 50}]
    row: dict[str, Any] = {"id": "N-ac", "branches": ["ac"], "exempt": free.get("exempt", [])}
    answer = optimum(triangle({"bc": 70.0}, units, contingencies=[row], watch=free.get("watch")))
    assert answer.schedule is not None
    assert answer.schedule.dispatch_mw[:, 0] == pytest.approx([100.0, 0.0])
    assert answer.bindings == ()


def test_a_unit_lost_is_made_up_at_the_reference_and_does_not_feel_its_own_row() -> None:
    """Reference a. After the loss of g3 at c, ac carries 2/3·100 − 1/3·P_b ≤ 60: P_b ≥ 20 whatever g3 gave.

    One MW less of limit takes 3 MW from a (10) to b (20): 30. Price of c = 10 + 30·2/3 = 30, above g3's offer of 25,
    but a MW of g3 helps no limit that holds after its loss: its worth is 10, and it gives nothing.
    """
    units = [
        {"id": "g1", "bus": "a", "p_max": 200, "price": 10},
        {"id": "g2", "bus": "b", "p_max": 200, "price": 20},
        {"id": "g3", "bus": "c", "p_max": 30, "price": 25},
    ]
    lost = [{"id": "N-g3", "units": ["g3"]}]
    answer = optimum(triangle({"ac": 60.0}, units, contingencies=lost, weight={"a": 1.0}))
    assert answer.schedule is not None
    assert answer.prices is not None
    assert answer.schedule.dispatch_mw[:, 0] == pytest.approx([80.0, 20.0, 0.0])
    assert told(answer) == [("contingency", "ac|N-g3", 60.0, 30.0)]
    assert answer.prices.bus_price[:, 0] == pytest.approx([10.0, 20.0, 30.0])


def test_an_interface_holds_after_a_contingency_too() -> None:
    """bc alone reaches c without ac, and the gate allows 45 over bc: 45 from a, 55 at c."""
    units = [{"id": "g1", "bus": "a", "p_max": 200, "price": 10}, {"id": "g2", "bus": "c", "p_max": 200, "price": 50}]
    gate = [{"id": "gate", "terms": {"bc": 1.0}, "min": -45.0, "max": 45.0}]
    lost = [{"id": "N-ac", "branches": ["ac"]}]
    case = triangle({}, units, contingencies=lost, interfaces=gate, watch={"interfaces": ["gate"]})
    answer = optimum(case)
    assert answer.schedule is not None
    assert answer.schedule.dispatch_mw[:, 0] == pytest.approx([45.0, 55.0])
    assert told(answer) == [("contingency_interface", "gate|N-ac", 45.0, 40.0)]


def test_what_parts_an_island_is_not_watched() -> None:
    """Both lines to c at once leave it alone: a warning of validation, and no limit."""
    units = [{"id": "g1", "bus": "a", "p_max": 200, "price": 10}, {"id": "g2", "bus": "c", "p_max": 200, "price": 50}]
    answer = optimum(triangle({"ab": 1.0}, units, contingencies=[{"id": "both", "branches": ["ac", "bc"]}]))
    assert answer.schedule is not None
    assert answer.schedule.dispatch_mw[:, 0] == pytest.approx([100.0, 0.0])


def test_rounds_that_run_out_are_told_and_what_is_left_is_listed() -> None:
    """One row a round, one round: of two hours the worse one (100 MW, 30 over) is mended, 20 MW of the other stay."""
    units = [{"id": "g1", "bus": "a", "p_max": 200, "price": 10}, {"id": "g2", "bus": "c", "p_max": 200, "price": 50}]
    limits = {"ab": INF, "bc": 70.0, "ac": INF}
    branches = [{"id": ends, "ends": tuple(ends), "emergency": mw} for ends, mw in limits.items()]
    load_mw = {"a": [0.0, 0.0], "b": [0.0, 0.0], "c": [100.0, 90.0]}
    lost = [{"id": "N-ac", "branches": ["ac"]}]
    case = market(load_mw, units, branches=branches, period_minutes=60, contingencies=lost)
    given = replace(case, commitment=CommitmentInput(CommitmentUse.FIXED, np.ones((2, 2), dtype=np.int8)))
    rules = load("generic", "", {"solve.security_rounds": "1", "solve.security_rows": "1"})
    answer = clear(given, rules, SolveOptions(), RunControl())
    assert answer.audit_passed, answer.audit
    assert answer.schedule is not None
    assert answer.schedule.dispatch_mw == pytest.approx(np.array([[70.0, 90.0], [30.0, 0.0]]))
    (left,) = answer.violations
    assert (left.family, left.subject, left.period) == ("contingency", "bc|N-ac", 1)
    assert (left.amount_mw, left.penalty) == pytest.approx((20.0, 20.0 * 1e5))
    assert "1 limits after contingencies stay broken" in answer.termination.detail
