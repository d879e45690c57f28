"""Every malformed case gives the right code, at the right path, about the right subject."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pytest

from clearing.case.case import Case, CommitmentInput, CommitmentUse
from clearing.case.finding import Finding, Severity
from clearing.case.validate import validate
from clearing.rules.load import load
from tests.case.cases import put, valid
from tests.factory import market

ERROR, WARNING, NOTE = Severity.ERROR, Severity.WARNING, Severity.NOTE
NAN, INF = np.nan, np.inf


class Spoilt(NamedTuple):
    """One cell of the valid case set to a value, and what must be said about it."""

    field: str
    at: Any
    value: Any
    code: str
    subject: str = ""
    row: Any = None  # None: the row of `at`; '': the column itself
    period: int = -1
    severity: Severity = ERROR
    path: str = ""  # '' = the field itself

    def wanted(self) -> str:
        """Path of the finding."""
        row = self.row
        if row is None:
            row = self.at[0] if isinstance(self.at, tuple) else self.at
        return f"case.{self.path or self.field}" + (f"[{row}]" if row not in {"", None} else "")


CELLS = [
    # numbers that are none, or too large, or of the wrong sign
    Spoilt("units.p_min_mw", (1, 2), NAN, "NOT_FINITE", "g2", period=2),
    Spoilt("units.p_max_mw", (0, 3), INF, "NOT_FINITE", "g1", period=3),
    Spoilt("units.p_max_mw", (0, 3), 1e30, "TOO_LARGE", "g1", period=3),
    Spoilt("units.p_min_mw", (1, 0), -1.0, "NEGATIVE", "g2", period=0),
    Spoilt("units.ramp_up_mw_per_minute", 0, 0.0, "NOT_POSITIVE", "g1"),
    Spoilt("units.ramp_down_mw_per_minute", 1, -2.0, "NOT_POSITIVE", "g2"),
    Spoilt("units.ramp_down_mw_per_minute", 1, NAN, "NOT_FINITE", "g2"),
    Spoilt("units.startup_limit_mw", 0, -INF, "NOT_FINITE", "g1"),
    Spoilt("units.min_up_minutes", 0, -60, "NEGATIVE", "g1"),
    Spoilt("units.min_down_minutes", 1, -1, "NEGATIVE", "g2"),
    Spoilt("units.min_up_minutes", 0, 10**12, "TOO_LARGE", "g1"),
    Spoilt("units.initial_minutes", 0, -1, "NEGATIVE", "g1"),
    Spoilt("units.initial_mw", 0, -1.0, "NEGATIVE", "g1"),
    Spoilt("units.no_load_cost_per_hour", 0, NAN, "NOT_FINITE", "g1"),
    Spoilt("units.stop_cost", 1, -1.0, "NEGATIVE", "g2"),
    Spoilt("units.fixed_mw", 1, -3.0, "NEGATIVE", "g1"),
    Spoilt("units.on_min", (1, 0), 2, "NOT_ZERO_OR_ONE", "g2", period=0),
    Spoilt("units.on_max", (0, 3), -1, "NOT_ZERO_OR_ONE", "g1", period=3),
    Spoilt("units.fuel", 0, 99, "UNKNOWN_ENUM", "g1"),
    Spoilt("units.offers.width_mw", (1, 1), -5.0, "NEGATIVE", "g1", period=1),
    Spoilt("units.offers.price_per_mwh", (3, 0), INF, "NOT_FINITE", "g2", period=0),
    Spoilt("units.offers.price_per_mwh", (3, 0), -1e8, "TOO_LARGE", "g2", period=0),
    Spoilt("units.start_costs.cost", 0, -1.0, "NEGATIVE", "g1"),
    Spoilt("units.start_costs.after_minutes", 1, -600, "NEGATIVE", "g1"),
    Spoilt("units.start_costs.state", 0, 0, "UNKNOWN_ENUM", "g1"),
    Spoilt("renewables.forecast_mw", (1, 1), -1.0, "NEGATIVE", "w2", period=1),
    Spoilt("renewables.min_mw", (0, 0), NAN, "NOT_FINITE", "w1", period=0),
    Spoilt("storage.charge_efficiency", 0, 0.0, "NOT_POSITIVE", "s1"),
    Spoilt("storage.discharge_efficiency", 0, 1.01, "OUT_OF_RANGE", "s1"),
    Spoilt("storage.charge_max_mw", (0, 2), -1.0, "NEGATIVE", "s1", period=2),
    Spoilt("storage.initial_energy_mwh", 0, NAN, "NOT_FINITE", "s1"),
    Spoilt("storage.discharge_price_per_mwh", (0, 1), 2e7, "TOO_LARGE", "s1", period=1),
    Spoilt("ties.import_mw", (0, 1), INF, "NOT_FINITE", "t1", period=1),
    Spoilt("loads.mw", (1, 3), NAN, "NOT_FINITE", "load-b", period=3),
    Spoilt("loads.mw", (0, 0), 1e9, "TOO_LARGE", "load-a", period=0),
    Spoilt("network.branch_reactance_pu", 1, NAN, "NOT_FINITE", "bc"),
    Spoilt("network.branch_reactance_pu", 1, 0.0, "ZERO_REACTANCE", "bc"),
    Spoilt("network.branch_tap_ratio", 0, 0.0, "NOT_POSITIVE", "ab"),
    Spoilt("network.branch_shift_degrees", 0, 400.0, "OUT_OF_RANGE", "ab"),
    Spoilt("network.branch_limit_mw", 0, -10.0, "NEGATIVE", "ab"),
    Spoilt("network.branch_emergency_limit_mw", 0, NAN, "NOT_FINITE", "ab"),
    Spoilt("network.bus_voltage_kv", 2, -1.0, "NEGATIVE", "c"),
    Spoilt("network.interface_min_mw", (0, 1), INF, "NOT_FINITE", "north", period=1),
    Spoilt("network.interface_max_mw", (0, 1), -INF, "NOT_FINITE", "north", period=1),
    Spoilt("network.term_coefficient", 1, NAN, "NOT_FINITE", "north"),
    Spoilt("reserves.requirement_mw", (0, 2), -1.0, "NEGATIVE", "up", period=2),
    Spoilt("reserves.unit_max_mw", (0, 1), NAN, "NOT_FINITE", "up"),
    Spoilt("reserves.response_minutes", 0, 0.0, "NOT_POSITIVE", "up"),
    Spoilt("reserves.direction", 0, 0, "UNKNOWN_ENUM", "up"),
    Spoilt("reserves.negative_min_mw", 3, -1.0, "NEGATIVE"),
    # ids and indices
    Spoilt("units.id", 1, "g1", "DUPLICATE_ID", "g1"),
    Spoilt("units.id", 0, "", "EMPTY_ID"),
    Spoilt("units.id", 0, "g\n1", "BAD_ID", "g\n1"),
    Spoilt("units.id", 0, "x" * 129, "ID_TOO_LONG", "x" * 128),
    Spoilt("network.bus_id", 2, "a", "DUPLICATE_ID", "a"),
    Spoilt("network.branch_id", 1, "ab", "DUPLICATE_ID", "ab"),
    Spoilt("reserves.product_id", 0, "", "EMPTY_ID"),
    Spoilt("participants.owner_id", 1, "o1", "DUPLICATE_ID", "o1"),
    Spoilt("storage.id", 0, "g1", "DUPLICATE_ID", "g1"),
    Spoilt("renewables.id", 0, "g2", "DUPLICATE_ID", "g2"),
    Spoilt("units.bus", 1, 3, "INDEX_OUT_OF_RANGE", "g2"),
    Spoilt("units.bus", 1, -1, "INDEX_OUT_OF_RANGE", "g2"),
    Spoilt("units.owner", 0, 2, "INDEX_OUT_OF_RANGE", "g1"),
    Spoilt("units.plant", 0, -2, "INDEX_OUT_OF_RANGE", "g1"),
    Spoilt("units.offers.resource", 0, 7, "INDEX_OUT_OF_RANGE"),
    Spoilt("units.start_costs.unit", 0, -1, "INDEX_OUT_OF_RANGE"),
    Spoilt("units.fixed_unit", 0, 5, "INDEX_OUT_OF_RANGE"),
    Spoilt("units.fixed_period", 0, 4, "INDEX_OUT_OF_RANGE", "g1"),
    Spoilt("network.branch_to", 0, 9, "INDEX_OUT_OF_RANGE", "ab"),
    Spoilt("network.bus_zone", 0, 2, "INDEX_OUT_OF_RANGE", "a"),
    Spoilt("network.term_branch", 0, 3, "INDEX_OUT_OF_RANGE", "north"),
    Spoilt("network.term_interface", 0, 1, "INDEX_OUT_OF_RANGE"),
    Spoilt("loads.bus", 0, 3, "INDEX_OUT_OF_RANGE", "load-a"),
    Spoilt("ties.bus", 0, 3, "INDEX_OUT_OF_RANGE", "t1"),
    # network
    Spoilt("network.branch_to", 0, 0, "BRANCH_LOOP", "ab"),
    Spoilt("network.interface_min_mw", (0, 2), 400.0, "INTERFACE_MIN_ABOVE_MAX", "north", period=2),
    Spoilt("network.branch_limit_mw", 1, 0.0, "BRANCH_LIMIT_ZERO", "bc", severity=WARNING),
    Spoilt("network.branch_emergency_limit_mw", 1, 50.0, "EMERGENCY_BELOW_NORMAL", "bc", severity=WARNING),
    Spoilt("network.branch_reactance_pu", 1, -0.1, "NEGATIVE_REACTANCE", "bc", severity=WARNING),
    Spoilt("network.branch_resistance_pu", 1, -0.1, "NEGATIVE_RESISTANCE", "bc", severity=WARNING),
    Spoilt("network.term_branch", 1, 0, "DUPLICATE_TERM", "north", severity=WARNING),
    Spoilt(
        "network.branch_in_service",
        2,
        False,
        "TERM_OUT_OF_SERVICE",
        "north",
        1,
        severity=WARNING,
        path="network.term_branch",
    ),
    # units
    Spoilt("units.p_min_mw", (0, 2), 201.0, "P_MIN_ABOVE_P_MAX", "g1", period=2),
    Spoilt("units.startup_limit_mw", 0, 39.0, "STARTUP_LIMIT_BELOW_P_MIN", "g1"),
    Spoilt("units.shutdown_limit_mw", 0, 10.0, "SHUTDOWN_LIMIT_BELOW_P_MIN", "g1"),
    Spoilt("units.no_load_cost_per_hour", 0, -2.0, "NEGATIVE_NO_LOAD", "g1", severity=NOTE),
    Spoilt("units.start_costs.after_minutes", 0, 30, "START_STATE_FIRST_NOT_ZERO", "g1"),
    Spoilt("units.start_costs.after_minutes", 2, 600, "START_STATES_NOT_RISING", "g1"),
    Spoilt("units.start_costs.cost", 2, 150.0, "START_COST_FALLS", "g1", severity=WARNING),
    Spoilt("units.start_costs.unit", 0, 1, "START_STATES_NOT_GROUPED", "g1", 1),
    Spoilt("units.initial_mw", 1, 5.0, "INITIAL_OFF_WITH_OUTPUT", "g2"),
    Spoilt("units.initial_mw", 0, 201.0, "INITIAL_OUTPUT_ABOVE_P_MAX", "g1"),
    Spoilt("units.initial_minutes", 0, 0, "INITIAL_MINUTES_ZERO", "g1"),
    Spoilt("units.on_max", (1, 2), 0, "MUST_RUN_AND_MUST_OFF", "g2", path="units.on_min", period=2),
    Spoilt("units.fixed_mw", 1, 201.0, "FIXED_OUTPUT_OUTSIDE_LIMITS", "g1"),
    Spoilt("units.fixed_mw", 1, 20.0, "FIXED_OUTPUT_OUTSIDE_LIMITS", "g1"),
    Spoilt("units.on_max", (0, 1), 0, "FIXED_OUTPUT_IN_MUST_OFF", "g1", 1, path="units.fixed_mw"),
    Spoilt("units.fixed_period", 1, 0, "DUPLICATE_FIXED_OUTPUT", "g1"),
    # offers
    Spoilt("units.offers.price_per_mwh", (1, 3), 9.0, "OFFER_NOT_MONOTONE", "g1", period=3),
    Spoilt("units.offers.width_mw", (2, 1), 59.0, "OFFER_TOO_NARROW", "g1", period=1),
    Spoilt("units.offers.width_mw", (1, 1), 0.0, "OFFER_GAP", "g1", 2, 1, WARNING),
    Spoilt("units.offers.resource", 0, 1, "OFFERS_NOT_GROUPED", "g1", 1),
    Spoilt("renewables.offers.width_mw", (0, 2), 29.0, "OFFER_TOO_NARROW", "w1", period=2),
    Spoilt("units.offers.price_per_mwh", (3, 1), 6e4, "OFFER_ABOVE_PENALTY", "g2", period=1, severity=WARNING),
    # renewables, storage, reserves
    Spoilt("renewables.min_mw", (1, 3), 6.0, "MIN_ABOVE_FORECAST", "w2", period=3),
    Spoilt("storage.energy_min_mwh", 0, 41.0, "ENERGY_MIN_ABOVE_MAX", "s1"),
    Spoilt("storage.initial_energy_mwh", 0, 41.0, "INITIAL_ENERGY_OUTSIDE", "s1"),
    Spoilt("storage.final_energy_min_mwh", 0, 41.0, "FINAL_MIN_ABOVE_MAX", "s1"),
    Spoilt("storage.charge_price_per_mwh", (0, 1), 3.0, "STORAGE_PAYS_TO_CYCLE", "s1", period=1, severity=WARNING),
    Spoilt("reserves.covers_bus", (0, slice(None)), False, "PRODUCT_COVERS_NO_BUS", "up"),
    Spoilt("reserves.requirement_mw", (0, 1), 71.0, "REQUIREMENT_ABOVE_CAPABILITY", "up", period=1, severity=WARNING),
    Spoilt("reserves.positive_min_mw", 2, 501.0, "SYSTEM_RESERVE_MIN_ABOVE_MAX", row="", period=2),
    Spoilt("reserves.positive_min_mw", 2, 400.0, "SYSTEM_RESERVE_ABOVE_CAPABILITY", row="", period=2, severity=WARNING),
]


def found(case: Case) -> set[tuple[str, str, str, int, Severity]]:
    return {(f.code, f.path, f.subject, f.period, f.severity) for f in validate(case, load())}


def test_the_valid_case_is_valid() -> None:
    assert validate(valid(), load()) == []


@pytest.mark.parametrize("spoilt", CELLS, ids=lambda s: f"{s.field}-{s.code}")
def test_a_spoilt_cell_is_named(spoilt: Spoilt) -> None:
    case = put(valid(), spoilt.field, spoilt.value, spoilt.at)
    assert (spoilt.code, spoilt.wanted(), spoilt.subject, spoilt.period, spoilt.severity) in found(case)


def of(findings: list[Finding], code: str) -> list[Finding]:
    return [f for f in findings if f.code == code]


def one(case: Case, code: str, **overrides: str) -> Finding:
    (finding,) = of(validate(case, load(overrides={k.replace("__", "."): v for k, v in overrides.items()})), code)
    return finding


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("units.p_min_mw", np.zeros((2, 3)), "WRONG_LENGTH"),
        ("units.p_min_mw", np.zeros(2), "WRONG_LENGTH"),
        ("units.initial_mw", np.zeros(3), "WRONG_LENGTH"),
        ("units.offers.width_mw", np.zeros((3, 4)), "WRONG_LENGTH"),
        ("units.start_costs.cost", np.zeros(2), "WRONG_LENGTH"),
        ("network.branch_to", np.zeros(2, dtype=np.int64), "WRONG_LENGTH"),
        ("loads.mw", np.zeros((1, 4)), "WRONG_LENGTH"),
        ("reserves.covers_bus", np.ones((1, 2), dtype=bool), "WRONG_LENGTH"),
        ("reserves.positive_min_mw", np.zeros(3), "WRONG_LENGTH"),
        ("units.p_min_mw", np.zeros((2, 4), dtype=np.int64), "WRONG_TYPE"),
        ("units.bus", np.zeros(2), "WRONG_TYPE"),
        ("units.initial_on", np.zeros(2), "WRONG_TYPE"),
        ("loads.mw", [[1.0] * 4] * 2, "WRONG_TYPE"),
    ],
)
def test_a_misshapen_column_is_named_and_stops_nothing_else(field: str, value: Any, code: str) -> None:
    case = put(put(valid(), field, value), "network.branch_reactance_pu", 0.0, 1)
    codes = {(f.code, f.path) for f in validate(case, load())}
    assert (code, f"case.{field}") in codes
    if not field.startswith("network"):
        assert ("ZERO_REACTANCE", "case.network.branch_reactance_pu[1]") in codes


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("period_minutes", 0, "BAD_PERIOD_LENGTH"),
        ("period_minutes", 7, "BAD_PERIOD_LENGTH"),
        ("period_minutes", 120, "BAD_PERIOD_LENGTH"),
        ("period_minutes", -15, "BAD_PERIOD_LENGTH"),
        ("periods", 0, "BAD_PERIOD_COUNT"),
        ("periods", -1, "BAD_PERIOD_COUNT"),
        ("periods", 2001, "BAD_PERIOD_COUNT"),
        ("start_minute", 1440, "BAD_START_MINUTE"),
        ("start_minute", -15, "BAD_START_MINUTE"),
    ],
)
def test_a_bad_horizon_is_named(field: str, value: int, code: str) -> None:
    findings = validate(put(valid(), f"horizon.{field}", value), load())
    assert (code, f"case.horizon.{field}", str(value)) in {(f.code, f.path, f.value) for f in findings}


def test_a_case_has_a_bus() -> None:
    case = put(put(market([1]), "network.bus_id", ()), "network.bus_zone", np.zeros(0, dtype=np.int64))
    assert one(case, "NO_BUS").path == "case.network.bus_id"


def test_an_interface_without_a_term_is_named() -> None:
    case = market({"a": [1]}, interfaces=[{"id": "x"}])
    assert one(case, "INTERFACE_WITHOUT_TERM").path == "case.network.interface_id[0]"


def test_offers_keep_to_the_limits_of_the_rule_set() -> None:
    findings = validate(valid(), load(overrides={"offers.cap_per_mwh": "35", "offers.floor_per_mwh": "-4"}))
    dear, cheap = of(findings, "OFFER_ABOVE_CAP"), of(findings, "OFFER_BELOW_FLOOR")
    assert [(f.path, f.subject, f.period, f.value) for f in dear] == [
        ("case.units.offers.price_per_mwh[3]", "g2", 0, "40")
    ]
    assert [(f.path, f.subject, f.value) for f in cheap] == [("case.renewables.offers.price_per_mwh[0]", "w1", "-5")]
    assert "in 4 periods" in dear[0].message
    unused = put(valid(), "units.offers.width_mw", 0.0, (3, slice(None)))
    assert not of(validate(unused, load(overrides={"offers.cap_per_mwh": "35"})), "OFFER_ABOVE_CAP")
    stored = put(valid(), "storage.discharge_price_per_mwh", 36.0, (0, 2))
    findings = of(validate(stored, load(overrides={"offers.cap_per_mwh": "35"})), "OFFER_ABOVE_CAP")
    assert ("case.storage.discharge_price_per_mwh[0]", 2) in {(f.path, f.period) for f in findings}


def test_segments_of_positive_width_are_counted() -> None:
    finding = one(valid(), "TOO_MANY_SEGMENTS", offers__max_segments="2")
    assert (finding.path, finding.subject, finding.value, finding.limit) == (
        "case.units.offers.width_mw[2]",
        "g1",
        "3",
        "2",
    )
    fewer = put(valid(), "units.offers.width_mw", np.array([[40.0] * 4, [160.0] * 4, [0.0] * 4, [80.0] * 4]))
    assert not of(validate(fewer, load(overrides={"offers.max_segments": "2"})), "TOO_MANY_SEGMENTS")


def test_a_curve_need_not_reach_where_the_unit_is_off_or_has_no_block() -> None:
    rows = [{"id": "g", "p_max": 100, "blocks": [(50, 1)], "must_off": [1, 1]}, {"id": "h", "p_max": 9, "blocks": []}]
    assert not of(validate(market([1, 1], units=rows), load()), "OFFER_TOO_NARROW")


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
    assert (finding.severity, finding.subject, finding.period) == (ERROR, "g", period)
    assert finding.path.startswith(f"case.units.{column}")


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
    assert not [f for f in findings if f.severity is ERROR]


def test_limits_beyond_the_ramp_only_warn_where_the_unit_may_stop() -> None:
    row = {**ON, "ramp": 0.5, "p_max": [90, 40, 40, 40], "p_min": 5, "shutdown_limit": 95, "startup_limit": 95}
    assert not of(validate(market([80] * 4, units=[row]), load()), "LIMITS_BEYOND_RAMP")
    row = {**ON, "ramp": 0.5, "p_min": [80, 10, 10, 10], "p_max": [100, 20, 20, 20]}
    finding = one(market([80] * 4, units=[row]), "LIMITS_BEYOND_RAMP")
    assert (finding.severity, finding.period) == (WARNING, 1)


STORES = [
    ({"initial": 0, "final": 35, "power": 10, "energy": 40}, "FINAL_ENERGY_UNREACHABLE", "final_energy_min_mwh"),
    (
        {"initial": 40, "final": 0, "final_max": 5, "power": 10, "energy": 40},
        "FINAL_ENERGY_UNREACHABLE",
        "final_energy_max_mwh",
    ),
    (
        {"initial": 10, "final": 50, "final_max": 60, "power": 90, "energy": 40},
        "FINAL_ENERGY_OUTSIDE",
        "final_energy_min_mwh",
    ),
]


@pytest.mark.parametrize(("row", "code", "column"), STORES)
def test_storage_that_cannot_end_where_it_must_is_named(row: dict[str, Any], code: str, column: str) -> None:
    finding = one(market([1, 1, 1], storage=[{"id": "s", **row}]), code)
    assert (finding.path, finding.subject, finding.severity) == (f"case.storage.{column}[0]", "s", ERROR)


def test_charging_losses_count_on_the_way_to_the_final_energy() -> None:
    row = {"id": "s", "initial": 0, "final": 27, "power": 10, "energy": 40, "eta": 0.9}
    assert not of(validate(market([1] * 3, storage=[row]), load()), "FINAL_ENERGY_UNREACHABLE")
    assert one(market([1] * 3, storage=[{**row, "final": 27.1}]), "FINAL_ENERGY_UNREACHABLE").limit == "27"


def test_load_above_capacity_is_warned_of_by_range() -> None:
    case = market([90, 110, 130, 90, 105], units=[{"id": "g", "p_max": 100}], ties=[{"id": "t", "mw": 2}])
    first, second = of(validate(case, load()), "LOAD_ABOVE_CAPACITY")
    assert (first.severity, first.period, first.value, first.limit) == (WARNING, 1, "128", "100")
    assert "periods 1 to 2" in first.message
    assert "03:00" in first.message
    assert (second.period, second.value, second.path) == (4, "103", "case.loads.mw")


def test_islands_are_told_apart() -> None:
    case = market(
        {"a": [10], "b": [20], "c": [5]},
        units=[{"id": "g", "bus": "a", "p_max": 15}],
        branches=[{"id": "ab", "ends": ("a", "b"), "on": False}, {"id": "ac", "ends": ("c", "a")}],
    )
    findings = validate(case, load())
    (note,) = of(findings, "SEVERAL_ISLANDS")
    assert (note.severity, note.value, note.limit) == (NOTE, "2", "a, b")
    (alone,) = of(findings, "ISLAND_WITHOUT_GENERATION")
    assert (alone.severity, alone.subject, alone.path) == (WARNING, "b", "case.network.bus_id[1]")
    assert not of(findings, "LOAD_ABOVE_CAPACITY")


def test_load_above_the_capacity_of_one_island_names_it() -> None:
    units = [{"id": "g", "bus": "a", "p_max": 500}, {"id": "h", "bus": "b", "p_max": 10}]
    finding = one(market({"a": [10], "b": [20]}, units=units), "LOAD_ABOVE_CAPACITY")
    assert (finding.subject, finding.value, finding.limit) == ("b", "20", "10")


def test_what_must_be_taken_above_load_is_warned_of() -> None:
    rows = [{"id": "g", "p_min": 50, "p_max": 100, "must_run": [1, 1, 0]}]
    finding = one(market([60, 40, 40], units=rows), "MUST_TAKE_ABOVE_LOAD")
    assert (finding.severity, finding.period, finding.value, finding.limit) == (WARNING, 1, "40", "50")


def test_negative_load_is_allowed() -> None:
    assert not [f for f in validate(market([-5, 3], units=[{"id": "g", "p_max": 9}]), load()) if f.severity is ERROR]


def test_rule_set_reserves_meet_the_case() -> None:
    case = market([60], units=[{"id": "g", "p_max": 100}])
    finding = one(case, "SYSTEM_RESERVE_ABOVE_CAPABILITY", reserves__positive_min_mw="41")
    assert (finding.severity, finding.value, finding.limit) == (WARNING, "41", "40")
    assert not of(validate(case, load(overrides={"reserves.positive_min_mw": "40"})), "SYSTEM_RESERVE_ABOVE_CAPABILITY")
    case = market([60], units=[{"id": "g", "p_max": 100}], positive_min_mw=30)
    assert one(case, "SYSTEM_RESERVE_MIN_ABOVE_MAX", reserves__positive_max_mw="20").limit == "20"


def test_a_product_counts_ramp_cap_and_room_of_the_units_it_covers() -> None:
    units = [
        {"id": "g", "bus": "a", "p_min": 40, "p_max": 100, "ramp": 2},
        {"id": "h", "bus": "a", "p_min": 40, "p_max": 45},
        {"id": "k", "bus": "b", "p_max": 500},
    ]
    product = {"id": "r", "minutes": 10, "max": 30, "buses": ["a"], "requirement": 26}
    finding = one(market({"a": [1], "b": [1]}, units=units, products=[product]), "REQUIREMENT_ABOVE_CAPABILITY")
    assert finding.limit == "25"  # min(2 MW/min · 10, 30, 60) + min(30, 5)


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


def test_many_faults_are_capped_but_counted() -> None:
    units = [{"id": f"g{i}", "p_min": 10, "p_max": 5} for i in range(33)]
    findings = of(validate(market([1, 1], units=units), load()), "P_MIN_ABOVE_P_MAX")
    assert len(findings) == 21
    assert [f.path for f in findings[:20]] == [f"case.units.p_min_mw[{i}]" for i in range(20)]
    assert (findings[20].path, findings[20].value) == ("case.units.p_min_mw", "13")


def test_everything_is_found_at_once_errors_first() -> None:
    case = valid()
    spoilt = [s for s in CELLS if s.code in {"NOT_FINITE", "NEGATIVE", "DUPLICATE_ID", "TOO_LARGE"}]
    for cell in spoilt:
        case = put(case, cell.field, cell.value, cell.at)
    findings = validate(case, load())
    assert {s.code for s in spoilt} <= {f.code for f in findings}
    assert [f.severity for f in findings] == sorted(f.severity for f in findings)
    assert len({f.path for f in findings}) > 25
