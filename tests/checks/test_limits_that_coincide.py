"""Where a ramp row says the same as a bound of the output, its multiplier may be the bound's: solvers give either."""

from __future__ import annotations

import pytest

from clearing.case.finding import Severity
from clearing.checks.audit import audit
from clearing.rules.load import load
from tests.checks.build import multipliers, prices, result, schedule
from tests.checks.hand_worked import Worked
from tests.factory import market

RULES = load("generic")
Entry = tuple[str, str, int, float]


def leaving(entry: Entry) -> Worked:
    """A unit stops in the first hour from more than its ramp, another in the second from p_max, a third starts at it.

    None of them may do otherwise, no limit of starts or stops is stated, and the base unit sets the price of 20.
    """
    cheap = {"p_min": 10, "price": 9, "ramp": 0.5}
    case = market(
        [130, 90],
        units=[
            {"id": "base", "p_max": 200, "price": 20, "on": True, "mw": 90},
            {"id": "first", "p_max": 90, "on": True, "mw": 80, "must_off": [1, 1], **cheap},
            {"id": "second", "p_max": 40, "on": True, "mw": 40, "must_off": [0, 1], **cheap},
            {"id": "third", "p_max": 30, "must_off": [1, 0], **cheap},
        ],
    )
    plan = schedule(case, [[90, 60], [0, 0], [40, 0], [0, 30]])
    proof = multipliers(*(("balance", "system", t, 20.0) for t in range(2)), *_worth(entry))
    energy = 150 * 20.0 + 70 * 9.0
    paid = ([3000, 0, 800, 600], [3000, 0, 360, 270])
    return case, result(plan, {"energy": energy}, given=prices(case, [20, 20]), proof=proof, uplift=paid), energy


def _worth(entry: Entry) -> list[Entry]:
    """What an hour at p_max is worth to second and third, on the row of an entry where that is of theirs."""
    usual: list[Entry] = [("headroom", "second", 0, -11.0), ("headroom", "third", 1, -11.0)]
    return [*(one for one in usual if one[1] != entry[1]), entry]


@pytest.mark.parametrize(
    "entry",
    [
        ("ramp_down", "first", 0, -7.0),
        ("ramp_down", "second", 1, -11.0),
        ("ramp_up", "third", 1, -11.0),
        ("headroom", "third", 1, -11.0),
    ],
)
def test_either_row_may_hold_the_multiplier(entry: Entry) -> None:
    case, cleared, objective = leaving(entry)
    report = audit(case, RULES, cleared)
    assert [f for f in report.findings if f.severity is Severity.ERROR] == []
    assert report.objective == pytest.approx(objective)


@pytest.mark.parametrize(
    ("entry", "code"),
    [
        (("ramp_down", "first", 0, 7.0), "MULTIPLIER_SIGN"),
        (("ramp_down", "second", 0, -7.0), "COMPLEMENTARITY"),
        (("ramp_up", "second", 0, -11.0), "COMPLEMENTARITY"),
        (("ramp_up", "third", 1, 11.0), "MULTIPLIER_SIGN"),
        (("ramp_up", "third", 1, -13.0), "STATIONARITY"),
    ],
)
def test_a_row_that_does_not_bind_may_not(entry: Entry, code: str) -> None:
    case, cleared, _ = leaving(entry)
    assert code in {f.code for f in audit(case, RULES, cleared).findings if f.severity is Severity.ERROR}
