"""A line and an interface with penalties of their own, worked by hand, under every way to price a broken limit.

Two buses, one hour, 100 MW of load at `b`; the line from `a` carries 60. 10 an MWh at `a`, 25 at `b`: one MW more over
the line saves 15. At a penalty of 4 it pays to break the limit by the 40 MW that are missing: 100·10 + 40·4 = 1160, and
the price at `b` is 10 + 4. At a penalty of 20 it does not: 60·10 + 40·25 = 1600, prices 10 and 25.
"""

from typing import Any

import numpy as np
import pytest

from clearing.case.case import Case
from clearing.case.result import ClearingResult
from clearing.day_ahead import clear
from clearing.rules.load import load
from clearing.solve.control import RunControl
from clearing.solve.options import SolveOptions
from models.scuc import scuc
from models.solve import solve
from tests.factory import market

UNITS = [
    {"id": "far", "bus": "a", "p_max": 200.0, "price": 10.0, "on": True, "mw": 60.0},
    {"id": "near", "bus": "b", "p_max": 200.0, "price": 25.0, "on": True, "mw": 40.0},
]


def two_buses(penalty: float, gate: bool) -> Case:
    line: dict[str, Any] = {"id": "ab", "ends": ("a", "b")}
    own = {"penalty": penalty}
    return market(
        {"a": [0.0], "b": [100.0]},
        UNITS,
        branches=[line if gate else {**line, "limit": 60.0, **own}],
        interfaces=[{"id": "cut", "terms": {"ab": 1.0}, "max": 60.0, **own}] if gate else [],
    )


def answer(case: Case, pricing: str) -> ClearingResult:
    found = clear(case, load("generic", "", {"prices.violation_pricing": pricing}), SolveOptions(gap=0.0), RunControl())
    assert found.audit_passed, found.audit
    return found


@pytest.mark.parametrize("pricing", ["penalty", "relax_and_rerun"])
@pytest.mark.parametrize("gate", [False, True])
@pytest.mark.parametrize(
    ("penalty", "objective", "flow", "prices"), [(4.0, 1160.0, 100.0, (10.0, 14.0)), (20.0, 1600.0, 60.0, (10.0, 25.0))]
)
def test_a_limit_is_broken_where_its_own_penalty_is_cheaper(
    penalty: float, objective: float, flow: float, prices: tuple[float, float], gate: bool, pricing: str
) -> None:
    case = two_buses(penalty, gate)
    found = answer(case, pricing)
    assert found.termination.objective == pytest.approx(objective)
    assert found.flows is not None
    assert found.prices is not None
    assert found.flows.branch_mw[0, 0] == pytest.approx(flow)
    assert found.prices.bus_price[:, 0].tolist() == pytest.approx(prices)
    family, subject = ("interface", "cut") if gate else ("branch", "ab")
    listed = [(v.family, v.subject, v.amount_mw, v.penalty) for v in found.violations]
    assert listed == ([(family, subject, pytest.approx(40.0), pytest.approx(160.0))] if flow > 60.0 else [])
    assert solve(scuc(case, load("generic")), gap=0.0).objective == pytest.approx(objective)


def test_a_line_without_one_has_the_rule_sets() -> None:
    case = two_buses(4.0, gate=False)
    other = market({"a": [0.0], "b": [100.0]}, UNITS, branches=[{"id": "ab", "ends": ("a", "b"), "limit": 60.0}])
    assert not len(other.flow_penalties.branch)
    assert np.array_equal(case.flow_penalties.branch, [0])
    assert answer(other, "penalty").termination.objective == pytest.approx(1600.0)
