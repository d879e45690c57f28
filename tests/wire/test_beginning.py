"""An earlier result as the beginning of a search: by id and by clock, and never by halves."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from clearing.case.case import Case
from clearing.v1 import schedule_pb2
from clearing.wire import beginning
from tests import factory


def result(day: str = "2026-01-14", minutes: int = 60, periods: int = 2) -> schedule_pb2.Result:
    """Units a and b on in turn, a price and a limit by period."""
    pb = schedule_pb2.Result()
    pb.horizon.operating_day, pb.horizon.period_minutes, pb.horizon.periods = day, minutes, periods
    owner = pb.owner_results.add()
    owner.units.id.extend(["a", "b"])
    owner.units.on.extend([1] * periods + [0] * (periods - 1) + [1])
    c = pb.certificate
    c.family_name.extend(["balance", "branch", "headroom"])
    c.subject_id.extend(["x", "line", "a"])
    for period in range(periods):
        for family, value in ((0, 20.0 + period), (1, -3.0), (2, -1.0)):
            c.family.append(family)
            c.subject.append(family)
            c.period.append(period)
            c.value.append(value)
    return pb


def case(minutes: int = 60, periods: int = 2, units: tuple[str, ...] = ("b", "a")) -> Case:
    return factory.market(
        [50.0] * periods, units=[{"id": name, "p_max": 100} for name in units], period_minutes=minutes
    )


def test_units_are_found_by_id_and_periods_by_the_time_of_day() -> None:
    start, said = beginning.read(result(), case())
    assert start is not None
    assert start.on.tolist() == [[0, 1], [1, 1]]
    assert start.multipliers.family == ("balance", "balance")
    assert dict(zip(start.multipliers.period.tolist(), start.multipliers.value.tolist(), strict=True)) == {0: 20, 1: 21}
    limits = start.limits
    assert (limits.family, limits.subject, limits.period.tolist()) == (("branch",) * 2, ("line",) * 2, [0, 1])
    assert limits.value.tolist() == [-3.0, -3.0]
    assert [(f.code, f.message) for f in said] == [
        ("BEGAN_AT_RESULT", "The search began at a result: 2 of 2 units, 2 multipliers, 2 network limits.")
    ]


def test_an_hour_stands_for_its_quarters_and_what_is_not_there_is_not_known() -> None:
    start, _ = beginning.read(result(), case(minutes=15, periods=10, units=("a", "new")))
    assert start is not None
    assert start.on.tolist() == [[1] * 8 + [-1] * 2, [-1] * 10]
    assert start.multipliers.value.tolist() == [20.0] * 4 + [21.0] * 4


def test_of_the_same_day_the_clock_counts() -> None:
    day = case().horizon.operating_day
    later = replace(case(), horizon=replace(case().horizon, start_minute=60, periods=2))
    start, _ = beginning.read(result(day.isoformat()), later)
    assert start is not None
    assert start.on.tolist() == [[1, -1], [1, -1]]


def test_multipliers_of_a_bound_come_before_those_of_a_dispatch() -> None:
    pb = result()
    pb.bound_certificate.CopyFrom(type(pb.bound_certificate)(
        bound=1.0, family_name=["balance"], subject_id=["x"], family=[0], subject=[0], period=[1], value=[7.0]
    ))  # fmt: skip
    start, _ = beginning.read(pb, case())
    assert start is not None
    assert (start.multipliers.value.tolist(), start.multipliers.period.tolist()) == ([7.0], [1])
    # limits of the network are those of the dispatch, their prices those of the bound, which has none
    assert start.limits.value.tolist() == [0.0, 0.0]


def test_a_result_of_something_else_is_said_to_be_that() -> None:
    pb = result()
    pb.certificate.Clear()
    start, said = beginning.read(pb, case(units=("c",)))
    assert start is None
    assert [f.code for f in said] == ["BEGINNING_UNKNOWN"]
    assert beginning.read(schedule_pb2.Result(), case())[1][0].code == "BEGINNING_UNKNOWN"


@pytest.mark.parametrize("fault", ["short", "family", "subject", "period", "before", "nan", "huge"])
def test_certificates_that_do_not_fit_are_refused(fault: str) -> None:
    pb = result()
    c = pb.certificate
    if fault == "short":
        del c.value[-1]
    elif fault in ("nan", "huge"):
        c.value[0] = np.nan if fault == "nan" else 1e12
    else:
        column = {"before": c.period}.get(fault) or getattr(c, fault)
        column[0] = -1 if fault == "before" else 99
    start, said = beginning.read(pb, case())
    assert start is None
    assert [(f.code, f.path) for f in said] == [("BEGINNING_UNREADABLE", "begin_at")]


def test_a_file_that_is_no_result_is_refused() -> None:
    assert beginning.of_file(b"{", binary=False)[1][0].code == "BAD_JSON"
    assert beginning.of_file(b"\xff\xff", binary=True)[1][0].code == "BAD_BINARY"
    assert beginning.of_file(result().SerializeToString(), binary=True)[0] == result()
