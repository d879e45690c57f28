"""Cases worked on paper are judged clean, cost what the arithmetic says, and every corruption of them is caught."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from clearing.case.finding import Severity
from clearing.checks.audit import audit
from clearing.rules.load import load
from tests.checks.corrupt import corruptions, expected
from tests.checks.hand_worked import WORKED, Worked, congested, peaker, ramping, short, stored

RULES = load("generic")


@pytest.mark.parametrize("work", WORKED)
def test_clean(work: Callable[[], Worked]) -> None:
    case, result, objective = work()
    report = audit(case, RULES, result)
    assert [f for f in report.findings if f.severity is Severity.ERROR] == []
    assert report.passed
    assert report.objective == pytest.approx(objective, rel=1e-12)


@pytest.mark.parametrize("work", WORKED)
@pytest.mark.parametrize("seed", range(2))
def test_every_corruption_is_caught(work: Callable[[], Worked], seed: int) -> None:
    case, result, _ = work()
    drawn = list(corruptions(case, RULES, result, np.random.default_rng(seed)))
    assert len(drawn) > 25
    for name, corrupted in drawn:
        report = audit(case, RULES, corrupted)
        codes = {f.code for f in report.findings if f.severity is Severity.ERROR}
        assert not report.passed, name
        assert codes & expected(name), (name, codes)


def codes_of(work: Worked, **changes: object) -> set[str]:
    case, result, _ = work
    report = audit(case, RULES, replace(result, **changes))  # type: ignore[arg-type]
    return {f.code for f in report.findings if f.severity is not Severity.WARNING}


def test_violation_listed_is_a_warning_and_unlisted_an_error() -> None:
    case, result, _ = short()
    assert [f.code for f in audit(case, RULES, result).findings] == ["VIOLATION"]
    assert codes_of(short(), violations=()) == {"VIOLATION_NOT_LISTED"}


def test_wrong_price_in_step_is_found_by_stationarity_alone() -> None:
    case, result, _ = ramping()
    assert result.prices is not None
    assert result.multipliers is not None
    moved = {f: getattr(result.prices, f) - 1.0 for f in ("bus_price", "bus_energy", "system_price")}
    value = np.where(
        np.array(result.multipliers.family) == "balance", result.multipliers.value - 1.0, result.multipliers.value
    )
    found = codes_of(
        (case, result, 0.0),
        prices=replace(result.prices, **moved),
        multipliers=replace(result.multipliers, value=value),
        uplift=None,
    )
    assert found == {"STATIONARITY"}


def test_storage_value_must_match_the_price_it_charges_at() -> None:
    case, result, _ = stored()
    assert result.multipliers is not None
    value = np.array(result.multipliers.value)
    value[3] = -10.0  # as if the dual had not been divided by the half hour
    assert codes_of((case, result, 0.0), multipliers=replace(result.multipliers, value=value)) == {"STATIONARITY"}


def test_unused_multiplier_is_not_complementary() -> None:
    case, result, _ = peaker()
    table = result.multipliers
    assert table is not None
    longer = replace(
        table,
        family=(*table.family, "headroom"),
        subject=(*table.subject, "peak"),
        period=np.append(table.period, 1),
        value=np.append(table.value, -5.0),
    )
    assert codes_of((case, result, 0.0), multipliers=longer) == {"COMPLEMENTARITY", "STATIONARITY"}


def test_without_multipliers_only_parts_are_judged() -> None:
    assert codes_of(congested(), multipliers=None) == {"PRICES_NOT_CERTIFIED"}


def test_without_schedule_there_is_a_note_and_a_reason_that_fits() -> None:
    case, result, _ = peaker()
    empty = replace(result, schedule=None, prices=None, multipliers=None, uplift=None, flows=None, costs=None)
    assert {f.code for f in audit(case, RULES, empty).findings} >= {"NO_SCHEDULE", "TERMINATION"}
    assert audit(case, RULES, empty).objective is None
