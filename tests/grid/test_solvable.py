"""A network whose flows do not follow from injections is refused, not a fault of the server."""

from __future__ import annotations

import pytest

from clearing import pipeline
from clearing.case.finding import Severity
from clearing.grid.solvable import unsolvable
from clearing.solve.control import RunControl
from clearing.v1 import clearing_service_pb2 as service
from clearing.wire import write_case
from clearing.wire.errors import InvalidRequest
from tests import factory
from tests.factory import Row


def request(*reactances: float, tap: float = 1.0) -> service.ClearDayAheadRequest:
    """Two buses and a parallel line for every reactance."""
    branches: list[Row] = [
        {"id": f"l{k}", "ends": ("a", "b"), "x": x, "limit": 50.0, "tap": tap} for k, x in enumerate(reactances)
    ]
    case = factory.market(
        {"a": [20.0], "b": [10.0]}, units=[{"id": "g", "bus": "a", "p_max": 100}], buses=["a", "b"], branches=branches
    )
    return service.ClearDayAheadRequest(case=write_case.case(case))


def refused(asked: service.ClearDayAheadRequest) -> list[tuple[str, str]]:
    with pytest.raises(InvalidRequest) as caught:
        pipeline.clear_day_ahead(asked.SerializeToString(), RunControl(), "grid")
    return [(f.code, f.path) for f in caught.value.findings if f.severity is Severity.ERROR]


def test_reactances_that_cancel_are_named() -> None:
    assert refused(request(0.1, -0.1)) == [("SINGULAR_NETWORK", "case.network.branch_reactance_pu")]


def test_a_series_capacitor_alone_is_none() -> None:
    answer = pipeline.clear_day_ahead(request(0.1, -0.3).SerializeToString(), RunControl(), "grid")
    assert service.ClearDayAheadResponse.FromString(answer).result.audit.passed


@pytest.mark.parametrize(
    ("x", "tap", "path"), [(0.1, 1.7e-96, "branch_tap_ratio[0]"), (1e-12, 1.0, "branch_reactance_pu[0]")]
)
def test_next_to_nothing_is_out_of_range(x: float, tap: float, path: str) -> None:
    asked = request(x, tap=tap)
    assert [where for _, where in refused(asked)] == [f"case.network.{path}"]


def test_networks_without_a_negative_reactance_are_not_looked_at() -> None:
    case = factory.market([1.0], units=[{"id": "g", "p_max": 10}])
    assert unsolvable(case) == []
