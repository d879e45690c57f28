"""The commitment of a result, over the units and periods of another case."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from clearing.case.case import Case
from clearing.v1 import case_pb2, schedule_pb2
from clearing.wire import case_file
from clearing.wire.commitment import commitment_of
from tests.factory import market


def hourly() -> schedule_pb2.Result:
    """Three hours of 15 January 2026; units of two owners, b constant."""
    return schedule_pb2.Result(
        horizon=case_pb2.Horizon(operating_day="2026-01-15", period_minutes=60, periods=3),
        owner_results=[
            schedule_pb2.OwnerResult(owner_id="x", units=schedule_pb2.UnitResults(id=["b"], on=[1])),
            schedule_pb2.OwnerResult(units=schedule_pb2.UnitResults(id=["c", "a"], on=[0, 1, 1, 1, 0, 0])),
        ],
    )


def quarters(start_minute: int, periods: int, *units: str) -> Case:
    return market([1.0] * periods, [{"id": u} for u in units], period_minutes=15, start_minute=start_minute)


def test_units_are_found_by_id_and_periods_by_the_clock() -> None:
    on, findings = commitment_of(hourly(), quarters(30, 4, "a", "b", "c"))
    assert findings == []
    assert on is not None
    np.testing.assert_array_equal(on, [[1, 1, 0, 0], [1, 1, 1, 1], [0, 0, 1, 1]])
    assert on.dtype == np.int8


def test_the_day_before_is_another_day() -> None:
    case = quarters(0, 2, "a")
    later = replace(case, horizon=replace(case.horizon, operating_day=case.horizon.operating_day.replace(day=16)))
    assert commitment_of(hourly(), later)[0] is None
    back = replace(later, horizon=replace(later.horizon, operating_day=case.horizon.operating_day.replace(day=14)))
    moved = replace(back, horizon=replace(back.horizon, start_minute=1440 + 45))
    on, _ = commitment_of(hourly(), moved)
    np.testing.assert_array_equal(on, [[1, 0]])


@pytest.mark.parametrize(
    ("start", "units", "told"), [(165, ("a",), "D+0"), (0, ("a", "z"), "the units z"), (2880, ("a",), "the periods")]
)
def test_what_is_missing_is_named(start: int, units: tuple[str, ...], told: str) -> None:
    on, findings = commitment_of(hourly(), quarters(start, 2, *units))
    assert on is None
    assert [f.code for f in findings] == ["COMMITMENT_INCOMPLETE"]
    assert told.replace("D+0", "03:15") in findings[0].message


def test_columns_of_a_wrong_length_or_a_bad_date_count_as_missing() -> None:
    pb = hourly()
    pb.owner_results[1].units.on.append(1)
    assert "the units a" in commitment_of(pb, quarters(0, 1, "a"))[1][0].message
    pb = hourly()
    pb.horizon.operating_day = "yesterday"
    assert "the periods 00:15" in commitment_of(pb, quarters(0, 1, "a"))[1][0].message


def test_files_of_both_kinds() -> None:
    case = quarters(0, 1, "a")
    by_text, none = case_file.commitment_from_json(case_file.message_to_json(hourly()), case)
    by_bytes, also_none = case_file.commitment_from_bytes(hourly().SerializeToString(), case)
    assert none == also_none == []
    np.testing.assert_array_equal(by_text, [[1]])
    np.testing.assert_array_equal(by_bytes, [[1]])
    assert case_file.commitment_from_json("{", case)[1][0].code == "BAD_JSON"
