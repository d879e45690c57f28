"""What is refused: every fault at once, with field path, id, value and limit."""

from __future__ import annotations

from enum import IntEnum

import numpy as np
import pytest

from clearing import pipeline
from clearing.case.finding import Finding, Severity
from clearing.substitution.deviation_year import Exemption, Standing
from clearing.substitution.metering import Cause
from clearing.v1 import substitution_metering_pb2 as pb2
from clearing.wire.errors import InvalidRequest
from clearing.wire.substitution_months import Boundary
from tests.substitution import requests

Request = pb2.MeterSubstitutionRequest | pb2.SettleSubstitutionDeviationRequest


def refused(request: Request) -> tuple[Finding, ...]:
    month = isinstance(request, pb2.MeterSubstitutionRequest)
    run = pipeline.meter_substitution if month else pipeline.settle_substitution_deviation
    with pytest.raises(InvalidRequest) as fault:
        run(request.SerializeToString())
    return fault.value.findings


def codes(request: Request) -> set[tuple[str, str, str]]:
    return {(f.code, f.path, f.subject) for f in refused(request)}


def test_every_fault_of_a_month_at_once() -> None:
    pb = requests.month()
    pb.month = "2016-13"
    pb.captives.units[0] = 0
    pb.captives.take_end_reading[1] = 1
    pb.windows.enterprise[0] = "nobody"
    pb.windows.end_minute[1] = 2880
    pb.windows.plan_end_minute[2] = 10080
    pb.windows.auxiliary_rate[3] = 10_000
    pb.no_shaving.cause[1] = pb2.NO_SHAVING_CAUSE_OTHER_UNIT_TRIP  # type: ignore[call-overload]
    pb.no_shaving.energy_kwh[0] = 480_001
    pb.sites.site[1] = "h1"
    pb.sites.area[3] = "nowhere"
    pb.sites.direct_kwh[0] = -1
    pb.areas.fleet[0] = 3
    assert {
        ("BAD_DATE", "month", ""), ("OUT_OF_RANGE", "captives.units[0]", "alum"),
        ("READING_BACKWARDS", "captives.take_end_reading[1]", "brine"), ("UNKNOWN_ID", "windows.enterprise[0]", ""),
        ("OUT_OF_RANGE", "windows.end_minute[1]", "alum"), ("NO_STOP_PLAN", "windows.plan_end_minute[2]", "brine"),
        ("OUT_OF_RANGE", "windows.auxiliary_rate[3]", "brine"),
        ("CAUSE_OF_OTHER_BOUNDARY", "no_shaving.cause[1]", "brine"),
        ("EXCLUDED_ABOVE_TAKEN", "windows.end_reading[1]", "alum"), ("DUPLICATE_ID", "sites.site[1]", ""),
        ("UNKNOWN_ID", "sites.area[3]", ""), ("OUT_OF_RANGE", "sites.direct_kwh[0]", "h1"),
        ("OUT_OF_RANGE", "areas.fleet[0]", "hami-wind"),
    } <= codes(pb)  # fmt: skip
    found = next(f for f in refused(pb) if f.path == "sites.direct_kwh[0]")
    assert (found.value, found.limit, found.severity) == ("-1", "0 to 100000000000", Severity.ERROR)


def test_what_only_the_rules_show() -> None:
    """B by the meter in two windows at once, a stop beyond its plan, and more shaving than the month's meter holds."""
    pb = requests.month()
    pb.captives.units[1] = 3
    pb.windows.start_minute[3] = 12_000
    pb.windows.end_minute[3] = 12_100
    pb.captives.take_end_reading[1] = 40_000_001
    found = refused(pb)
    assert {(f.code, f.path, f.subject, f.clause) for f in found} == {
        ("OVERLAPPING_WINDOWS", "windows.start_minute[3]", "brine", "Xinjiang 9.5.1.5"),
        ("BEYOND_PLAN_WITHOUT_ENERGY", "windows.end_minute[2]", "brine", "Xinjiang 9.5.1.5 (3)"),
        ("SHAVING_ABOVE_TAKE", "captives.take_end_reading[1]", "brine", "Xinjiang 9.5.1.5 (4)"),
    }
    assert all(f.severity is Severity.ERROR for f in found)


def test_a_window_by_capacity_needs_the_capacity_and_active_power_the_load_before() -> None:
    pb = requests.month()
    pb.windows.ClearField("capacity_kw")
    assert codes(pb) == {("REQUIRED", f"windows.capacity_kw[{row}]", "brine") for row in (2, 3)}
    pb.windows.ClearField("load_before_kw")
    assert codes(pb) == {("REQUIRED", "windows.load_before_kw[0]", "alum")}


def test_other_readings_need_their_own_columns() -> None:
    pb = requests.month()
    pb.windows.increase_kw[0] = 0
    pb.windows.shaving_load_kw.extend([0] * 4)
    for key, value in (("p1", "adjustment"), ("several_units", "load")):
        pb.rules.overrides.add(key=f"substitution.metering.{key}", value=value)
    assert codes(pb) == {
        ("REQUIRED", "windows.increase_kw[0]", "alum"), ("REQUIRED", "windows.shaving_load_kw[1]", "alum")
    }  # fmt: skip


def test_captive_energy_that_no_site_can_give() -> None:
    pb = requests.month()
    pb.sites.end_reading[:] = [0] * 4
    assert codes(pb) == {("NO_AREA_ENERGY", "sites", "")}


def test_every_fault_of_a_year_at_once() -> None:
    pb = requests.year()
    pb.months = 5
    pb.captives.award_kwh[0] = -5
    pb.exempt.party[2] = "nobody"
    pb.exempt.cause[0] = 9  # type: ignore[call-overload]
    pb.transfers.taker[0] = "alum"
    pb.transfers.energy_kwh[1] = 0
    pb.transfers.asked[1] = "2016-02-30"
    pb.plan_changes.month[0] = "2017-01"
    pb.plan_changes.confirmed[1] = 2
    pb.base_price_milli = -1
    assert {
        ("OUT_OF_RANGE", "months", ""), ("OUT_OF_RANGE", "captives.award_kwh[0]", "alum"),
        ("UNKNOWN_ID", "exempt.party[2]", ""), ("UNKNOWN_ENUM", "exempt.cause[0]", ""),
        ("CONTRADICTION", "transfers.taker[0]", "alum"), ("OUT_OF_RANGE", "transfers.energy_kwh[1]", "alum"),
        ("BAD_DATE", "transfers.asked[1]", "alum"), ("BAD_DATE", "plan_changes.month[0]", ""),
        ("OUT_OF_RANGE", "plan_changes.confirmed[1]", "r1"), ("OUT_OF_RANGE", "base_price_milli", ""),
    } <= codes(pb)  # fmt: skip


def test_energy_that_cannot_be() -> None:
    pb = requests.year()
    pb.sites.site[3] = "brine"
    pb.sites.settled_kwh[0] = 552_001
    pb.sites.returned_kwh[8] = 20_001
    pb.captives.award_kwh[:] = [0, 0]
    pb.scaled_total_kwh = 5
    assert codes(pb) == {
        ("DUPLICATE_ID", "sites.site[3]", "brine"), ("SETTLED_ABOVE_DUE", "sites.settled_kwh[0]", "h1"),
        ("RETURNED_ABOVE_ADVANCED", "sites.returned_kwh[2]", "t1"),
    }  # fmt: skip
    pb = requests.year()
    pb.captives.award_kwh[:] = [0, 0]
    pb.scaled_total_kwh = 5
    assert codes(pb) == {("NOTHING_TO_SCALE", "scaled_total_kwh", "")}


@pytest.mark.parametrize(
    ("table", "wire", "prefix"),
    [
        (Boundary, pb2.ShavingBoundary, "SHAVING_BOUNDARY_"),
        (Cause, pb2.NoShavingCause, "NO_SHAVING_CAUSE_"),
        (Exemption, pb2.ExemptionCause, "EXEMPTION_CAUSE_"),
        (Standing, pb2.DeviationStanding, "DEVIATION_STANDING_"),
    ],
)
def test_enums_have_the_names_and_numbers_of_the_tables(table: type[IntEnum], wire: object, prefix: str) -> None:
    named = {prefix + kind.name: kind.value for kind in table}
    assert {**named, f"{prefix}UNSPECIFIED": 0} == dict(wire.items())  # type: ignore[attr-defined]


def test_empty_requests_are_refused() -> None:
    assert ("REQUIRED", "captives.enterprise", "") in codes(pb2.MeterSubstitutionRequest())
    assert ("REQUIRED", "captives.enterprise", "") in codes(pb2.SettleSubstitutionDeviationRequest())


def test_a_rule_that_is_none() -> None:
    pb = requests.month()
    pb.rules.overrides.add(key="substitution.metering.p1", value="guess")
    assert {f.code for f in refused(pb)} == {"BAD_RULE_VALUE"}


@pytest.mark.parametrize("seed", range(4))
def test_hostile_bytes_and_numbers_are_answered_or_refused(seed: int) -> None:
    """Bytes changed, columns cut, and the ends of the range of whole numbers: InvalidRequest or an answer, nothing
    else."""
    draw = np.random.default_rng(seed)
    for source, run in (
        (requests.month(), pipeline.meter_substitution), (requests.year(), pipeline.settle_substitution_deviation)
    ):  # fmt: skip
        for _ in range(30):
            pb = type(source)()
            pb.CopyFrom(source)
            _mutate(pb, draw)
            raw = bytearray(pb.SerializeToString())
            if draw.random() < 0.3:
                raw[int(draw.integers(len(raw)))] = int(draw.integers(256))
            findings: tuple[Finding, ...] = ()
            try:
                answered = len(run(bytes(raw))) > 0
            except InvalidRequest as fault:
                answered, findings = False, fault.findings
            assert answered or any(f.severity is Severity.ERROR for f in findings)


def _mutate(pb: Request, draw: np.random.Generator) -> None:
    """One or two columns of a table: a value at an end of the range, cut short, or doubled."""
    for _ in range(int(draw.integers(1, 3))):
        tables = [value for field, value in pb.ListFields() if field.message_type is not None]
        columns = [
            (t, f.name) for t in tables for f, v in t.ListFields() if hasattr(v, "__len__") and not isinstance(v, str)
        ]
        table, name = columns[int(draw.integers(len(columns)))]
        column = getattr(table, name)
        kind, row = int(draw.integers(3)), int(draw.integers(len(column)))
        if kind == 0 and isinstance(column[row], int):
            wide = name.endswith(("kwh", "reading", "milli", "at", "ratio", "kw"))
            low, high = (-(2**63), 2**63 - 1) if wide else (-(2**31), 2**31 - 1)
            column[row] = (low, high, 0, -1, 1)[int(draw.integers(5))]
        elif kind == 1:
            del column[row]
        else:
            column.append(column[row])
