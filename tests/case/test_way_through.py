"""Initial states, windows, ramps and given commitments: who has a way through the day, and who has not."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given as drawn
from hypothesis import settings
from hypothesis import strategies as st

from clearing.case.case import Case, CommitmentInput, CommitmentUse
from clearing.case.finding import Severity
from clearing.case.validate import validate
from clearing.rules.load import load
from tests.case.cases import of, one
from tests.case.one_unit import COMMITMENTS, T, feasible, units
from tests.factory import market

ERROR, WARNING = Severity.ERROR, Severity.WARNING

ON = {"id": "g", "p_min": 50, "p_max": 100, "on": True, "minutes": 60, "mw": 100}
OFF = {"id": "g", "p_min": 50, "p_max": 100, "minutes": 60}
CLASH = [
    ({**ON, "min_up": 180, "must_off": [0, 1, 0, 0]}, "MIN_UP_AGAINST_MUST_OFF", "on_max", 1),
    ({**OFF, "min_down": 180, "must_run": [0, 1, 0, 0]}, "MIN_DOWN_AGAINST_MUST_RUN", "on_min", 1),
    (
        {**OFF, "min_down": 120, "must_run": [1, 0, 1, 0], "must_off": [0, 1, 0, 0]},
        "MIN_DOWN_AGAINST_MUST_RUN",
        "on_min",
        0,
    ),
    (
        {**ON, "min_down": 120, "must_run": [1, 0, 1, 0], "must_off": [0, 1, 0, 0]},
        "COMMITMENT_WINDOWS_CLASH",
        "on_min",
        2,
    ),
    (
        {**OFF, "min_up": 120, "must_run": [0, 1, 0, 0], "must_off": [1, 0, 1, 0]},
        "COMMITMENT_WINDOWS_CLASH",
        "on_min",
        2,
    ),
    ({**OFF, "min_down": 120, "fixed": {0: 60}}, "COMMITMENT_WINDOWS_CLASH", "on_min", 0),
    ({**ON, "min_up": 120, "fixed": {0: 0}}, "COMMITMENT_WINDOWS_CLASH", "on_min", 0),
    (
        {**ON, "ramp": 0.5, "p_min": [80, 5, 5, 5], "p_max": [90, 40, 40, 40], "mw": 80, "must_run": 1},
        "LIMITS_BEYOND_RAMP",
        "p_min_mw",
        1,
    ),
    ({**ON, "mw": 30, "ramp": 0.1, "must_run": 1}, "INITIAL_OUTPUT_CANNOT_FOLLOW", "initial_mw", 0),
    ({**ON, "mw": 30, "ramp": 0.1, "min_up": 120}, "INITIAL_OUTPUT_CANNOT_FOLLOW", "initial_mw", 0),
    (
        {**ON, "p_max": [60, 100, 100, 100], "ramp": 0.5, "shutdown_limit": 60},
        "INITIAL_OUTPUT_CANNOT_FOLLOW",
        "initial_mw",
        0,
    ),
    (
        {**ON, "p_min": 5, "p_max": [100, 100, 30, 100], "ramp": 0.35, "must_run": [1, 1, 1, 0]},
        "INITIAL_OUTPUT_CANNOT_FOLLOW",
        "initial_mw",
        2,
    ),
    ({**ON, "fixed": {0: 60, 1: 70}, "ramp": 0.5}, "INITIAL_OUTPUT_CANNOT_FOLLOW", "initial_mw", 0),
    ({**ON, "must_off": 1, "shutdown_limit": 60}, "INITIAL_OUTPUT_CANNOT_FOLLOW", "initial_mw", -1),
    (
        {**ON, "must_off": [0, 1, 1, 1], "ramp": 0.5, "shutdown_limit": 60},
        "INITIAL_OUTPUT_CANNOT_FOLLOW",
        "initial_mw",
        -1,
    ),
    ({**ON, "fixed": {0: 60, 1: 100}, "ramp": 0.5}, "FIXED_OUTPUT_BEYOND_RAMP", "fixed_mw", -1),
    ({**ON, "fixed": {2: 60, 1: 100}, "ramp": 0.5}, "FIXED_OUTPUT_BEYOND_RAMP", "fixed_mw", -1),
]


@pytest.mark.parametrize(("row", "code", "column", "period"), CLASH)
def test_a_unit_without_a_way_through_the_day_is_named(
    row: dict[str, Any], code: str, column: str, period: int
) -> None:
    finding = one(market([80] * 4, units=[row]), code)
    assert (finding.severity, finding.subject, finding.period) == (WARNING, "g", period)
    assert finding.path.startswith(f"case.units.{column}")


GIVES_WAY = "_GIVES_WAY"
WAYS = [
    {**ON, "min_up": 180, "must_off": [0, 0, 1, 0]},
    {**OFF, "min_down": 180, "must_run": [0, 0, 1, 0]},
    {**ON, "min_down": 60, "must_run": [1, 0, 1, 0], "must_off": [0, 1, 0, 0]},
    {**ON, "must_off": [0, 1, 1, 1], "ramp": 0.75, "shutdown_limit": 60, "startup_limit": 60},
    {**ON, "p_max": [60, 100, 100, 100], "ramp": 0.5, "shutdown_limit": 100},
    {**ON, "fixed": {0: 100, 1: 0, 2: 60}, "ramp": 0.5},
    {**OFF, "fixed": {2: 70, 3: 100}, "ramp": 0.5},
    {**ON, "p_max": [90, 70, 100, 100], "mw": 90, "ramp": 0.5, "must_run": 1},
    {**ON, "p_min": 5, "p_max": [100, 100, 30, 100], "ramp": 0.4, "must_run": [1, 1, 1, 0]},
    {**ON, "p_min": 5, "p_max": [100, 100, 30, 100], "ramp": 0.35, "must_run": [1, 1, 0, 0]},
    {**ON, "mw": 30, "ramp": 0.1},
]


@pytest.mark.parametrize("row", WAYS)
def test_a_unit_with_a_way_through_the_day_is_not_blamed(row: dict[str, Any]) -> None:
    findings = validate(market([80] * 4, units=[row]), load())
    assert not [f for f in findings if f.severity is ERROR or f.code.endswith(GIVES_WAY)]


def test_limits_beyond_the_ramp_only_warn_where_the_unit_may_stop() -> None:
    row = {**ON, "ramp": 0.5, "p_max": [90, 40, 40, 40], "p_min": 5, "shutdown_limit": 95, "startup_limit": 95}
    assert not of(validate(market([80] * 4, units=[row]), load()), "LIMITS_BEYOND_RAMP")
    row = {**ON, "ramp": 0.5, "p_min": [80, 10, 10, 10], "p_max": [100, 20, 20, 20]}
    finding = one(market([80] * 4, units=[row]), "LIMITS_BEYOND_RAMP")
    assert (finding.severity, finding.period) == (WARNING, 1)


def given(use: CommitmentUse, on: list[list[int]]) -> Case:
    unit = {**ON, "min_up": 180, "min_down": 120, "must_run": [1, 0, 0, 0, 0], "must_off": [0, 0, 0, 0, 1]}
    commitment = CommitmentInput(use, np.array(on, dtype=np.int8))
    return market([80] * 5, units=[unit], commitment=commitment)


@pytest.mark.parametrize(
    ("use", "on", "code", "period", "severity"),
    [
        (CommitmentUse.FIXED, [0, 0, 0, 0, 0], "COMMITMENT_AGAINST_MUST_RUN", 0, ERROR),
        (CommitmentUse.HINT, [0, 0, 0, 0, 0], "COMMITMENT_AGAINST_MUST_RUN", 0, WARNING),
        (CommitmentUse.FIXED, [1, 1, 1, 1, 1], "COMMITMENT_AGAINST_MUST_OFF", 4, ERROR),
        (CommitmentUse.HINT, [1, 1, 1, 1, 1], "COMMITMENT_AGAINST_MUST_OFF", 4, WARNING),
        (CommitmentUse.FLOOR, [1, 1, 1, 1, 1], "COMMITMENT_AGAINST_MUST_OFF", 4, WARNING),
        (CommitmentUse.FIXED, [1, 0, 0, 0, 0], "COMMITMENT_BREAKS_MIN_UP", 1, WARNING),
        (CommitmentUse.FIXED, [1, 1, 0, 1, 0], "COMMITMENT_BREAKS_MIN_DOWN", 3, WARNING),
        (CommitmentUse.FIXED, [1, 2, 0, 0, 0], "NOT_ZERO_OR_ONE", 1, ERROR),
    ],
)
def test_a_given_commitment_is_held_against_the_case(
    use: CommitmentUse, on: list[int], code: str, period: int, severity: Severity
) -> None:
    finding = one(given(use, [on]), code)
    assert (finding.path, finding.subject, finding.period, finding.severity) == (
        "case.commitment.on[0]",
        "g",
        period,
        severity,
    )


def test_a_sound_commitment_passes_and_an_aimless_one_does_not() -> None:
    sound = validate(given(CommitmentUse.FIXED, [[1, 1, 0, 0, 0]]), load())
    assert {f.code for f in sound} == {"LOAD_ABOVE_CAPACITY"}  # where its only unit must be off
    finding = one(given(CommitmentUse.UNSPECIFIED, [[1, 1, 0, 0, 0]]), "UNKNOWN_ENUM")
    assert finding.path == "case.commitment.use"
    assert one(given(CommitmentUse.FIXED, [[1, 1]]), "WRONG_LENGTH").path == "case.commitment.on"


def _gives_way(case: Case) -> set[str]:
    findings = validate(case, load())
    assert not [f for f in findings if f.severity is ERROR]
    return {f.code for f in findings if f.code.endswith(GIVES_WAY)}


@settings(deadline=None)  # shared machines
@drawn(units())
def test_something_gives_way_just_where_there_is_no_way_through(unit: dict[str, Any]) -> None:
    given_way = _gives_way(market([20] * T, units=[unit]))
    assert bool(given_way) != any(feasible(unit, on) for on in COMMITMENTS)


@settings(deadline=None)  # shared machines
@drawn(units(), st.sampled_from(COMMITMENTS))
def test_just_commitments_without_a_dispatch_are_refused(unit: dict[str, Any], on: tuple[int, ...]) -> None:
    free = {**unit, "min_up": 0, "min_down": 0}
    commitment = CommitmentInput(CommitmentUse.FIXED, np.array([on], dtype=np.int8))
    findings = validate(market([20] * T, units=[free], commitment=commitment), load())
    blamed = {f.code for f in findings if f.severity is ERROR and f.path.startswith("case.commitment")}
    if not [f for f in findings if f.code.endswith(GIVES_WAY)]:
        assert bool(blamed) != feasible(free, on)
