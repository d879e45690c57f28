"""Tables → messages → tables gives every bit back, through both file forms."""

from __future__ import annotations

import time

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

from clearing.case.case import Case
from clearing.case.finding import Severity
from clearing.case.result import ClearingResult
from clearing.rules import load
from clearing.v1 import case_pb2, schedule_pb2
from clearing.wire import case_file, decode, digest, encode
from clearing.wire.columns import series
from tests.factory import market
from tests.wire.drawn import cases
from tests.wire.drawn_results import results
from tests.wire.equal import difference

RULES = load.load("generic")
quick = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@quick
@given(cases())
def test_case_in_binary_form(case: Case) -> None:
    back, findings = case_file.case_from_bytes(case_file.case_to_bytes(case))
    assert findings == []
    assert difference(case, back) == ""


@quick
@given(cases())
def test_case_as_json(case: Case) -> None:
    back, findings = case_file.case_from_json(case_file.case_to_json(case))
    assert findings == []
    assert difference(case, back) == ""


@quick
@given(results())
def test_result_in_binary_form(drawn: tuple[Case, ClearingResult]) -> None:
    case, result = drawn
    back, findings = case_file.result_from_bytes(case_file.result_to_bytes(case, RULES, result), case)
    assert findings == []
    assert difference(result, back) == ""


@quick
@given(results())
def test_result_as_json(drawn: tuple[Case, ClearingResult]) -> None:
    case, result = drawn
    back, findings = case_file.result_from_json(case_file.result_to_json(case, RULES, result), case)
    assert findings == []
    assert difference(result, back) == ""


@quick
@given(results())
def test_owners_of_a_result_may_come_in_any_order(drawn: tuple[Case, ClearingResult]) -> None:
    case, result = drawn
    pb = encode.result(case, RULES, result)
    owners = list(pb.owner_results)[::-1]
    pb.ClearField("owner_results")
    pb.owner_results.extend(owners)
    back, _ = decode.result(pb, case)
    assert back is not None
    assert difference(result.schedule, back.schedule) == ""
    assert difference(result.uplift, back.uplift) == ""


def test_what_is_constant_is_written_once() -> None:
    case = market([100.0] * 96, units=[{"id": "g", "p_max": 50.0}, {"id": "h", "p_max": 60.0}])
    pb = encode.case(case)
    assert list(pb.units.p_max_mw) == [50.0, 60.0]
    assert list(pb.loads.mw) == [100.0]
    assert list(pb.units.on_max) == [1, 1]
    assert list(pb.units.offers.width_mw) == [50.0, 60.0]


def test_zeros_of_both_signs_and_nan_are_not_taken_for_constant() -> None:
    assert series(np.array([[0.0, -0.0]]), 2) == [0.0, -0.0]
    assert len(series(np.array([[1.0, np.nan]]), 2)) == 2
    assert len(series(np.array([[np.nan, np.nan]]), 2)) == 1


def test_an_array_of_the_wrong_shape_goes_out_as_it_is() -> None:
    assert series(np.ones((2, 3)), 4) == [1.0] * 6


def test_a_row_number_that_does_not_exist_is_not_written() -> None:
    case = market([1.0], units=[{"id": "g", "p_max": 1.0}])
    case.units.bus.setflags(write=True)
    case.units.bus[0] = 7
    with pytest.raises(ValueError, match="row numbers must lie in"):
        encode.case(case)


@quick
@given(results())
def test_equal_results_have_equal_bytes_and_a_digest_that_fits(drawn: tuple[Case, ClearingResult]) -> None:
    case, result = drawn
    once = encode.result(case, RULES, result, case_digest="abc")
    back, _ = decode.result(once, case)
    assert back is not None
    again = encode.result(case, RULES, back, case_digest="abc")
    assert again.SerializeToString(deterministic=True) == once.SerializeToString(deterministic=True)
    assert once.digest == digest.of_result(once)


def test_a_province_day_is_coded_within_seconds() -> None:
    """1000 units × 10 blocks × 96 periods: loops over numbers would take tens of seconds."""
    periods, units = 96, 1000
    case = market(
        np.linspace(1e4, 2e4, periods).tolist(),
        units=[
            {
                "id": f"g{k}",
                "p_max": np.linspace(300, 310 + k, periods),
                "blocks": [(np.linspace(30, 31, periods), np.linspace(b, b + 1, periods)) for b in range(10)],
            }
            for k in range(units)
        ],
    )
    started = time.perf_counter()
    data = case_file.case_to_bytes(case)
    back, findings = case_file.case_from_bytes(data)
    seconds = time.perf_counter() - started
    assert findings == []
    assert difference(case, back) == ""
    assert len(data) > 15_000_000
    assert seconds < 4.0


@pytest.mark.parametrize("message", [case_pb2.Case, schedule_pb2.Result])
def test_garbage_is_a_finding_not_an_exception(message: type) -> None:
    case = market([1.0])
    readers = {
        case_pb2.Case: (case_file.case_from_bytes, case_file.case_from_json),
        schedule_pb2.Result: (
            lambda data: case_file.result_from_bytes(data, case),
            lambda text: case_file.result_from_json(text, case),
        ),
    }
    binary, text = readers[message]
    found = [
        binary(b"\xff\xff\xff"),
        text("{"),
        text("[" * 100_000),
        text('{"no_such_field": 1}'),
        text('{"notes": [], "notes": []}'),
        text("null"),
    ]
    for table, findings in found:
        assert table is None
        assert findings[0].severity == Severity.ERROR
