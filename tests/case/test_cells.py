"""One spoilt cell of a valid case gives the right code, at the right path, about the right subject."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pytest

from clearing.case.case import Case
from clearing.case.finding import Severity
from clearing.case.validate import validate
from clearing.rules.load import load
from tests.case.cases import put, valid

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
    Spoilt("storage.charge_efficiency", (0, 1), 0.0, "OUT_OF_RANGE", "s1", period=1),
    Spoilt("storage.discharge_efficiency", (0, 2), 1.01, "OUT_OF_RANGE", "s1", period=2),
    Spoilt("storage.discharge_efficiency", (0, 2), 1e-300, "OUT_OF_RANGE", "s1", period=2),
    Spoilt("storage.charge_max_mw", (0, 2), -1.0, "NEGATIVE", "s1", period=2),
    Spoilt("storage.initial_energy_mwh", 0, NAN, "NOT_FINITE", "s1"),
    Spoilt("storage.discharge_price_per_mwh", (0, 1), 2e7, "TOO_LARGE", "s1", period=1),
    Spoilt("ties.import_mw", (0, 1), INF, "NOT_FINITE", "t1", period=1),
    Spoilt("loads.mw", (1, 3), NAN, "NOT_FINITE", "load-b", period=3),
    Spoilt("loads.mw", (0, 0), 1e9, "TOO_LARGE", "load-a", period=0),
    Spoilt("network.branch_reactance_pu", 1, NAN, "NOT_FINITE", "bc"),
    Spoilt("network.branch_reactance_pu", 1, 0.0, "ZERO_REACTANCE", "bc"),
    Spoilt("network.branch_tap_ratio", 0, 0.0, "OUT_OF_RANGE", "ab"),
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
    Spoilt("units.initial_mw", 0, 201.0, "INITIAL_OUTPUT_ABOVE_P_MAX", "g1", severity=WARNING),
    Spoilt("units.initial_minutes", 0, 0, "INITIAL_MINUTES_ZERO", "g1"),
    Spoilt("units.on_max", (1, 2), 0, "MUST_RUN_AND_MUST_OFF", "g2", path="units.on_min", period=2, severity=WARNING),
    Spoilt("units.fixed_mw", 1, 201.0, "FIXED_OUTPUT_OUTSIDE_LIMITS", "g1", severity=WARNING),
    Spoilt("units.fixed_mw", 1, 20.0, "FIXED_OUTPUT_OUTSIDE_LIMITS", "g1", severity=WARNING),
    Spoilt("units.on_max", (0, 1), 0, "FIXED_OUTPUT_IN_MUST_OFF", "g1", 1, path="units.fixed_mw", severity=WARNING),
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
    Spoilt("storage.energy_min_mwh", (0, 1), 41.0, "ENERGY_MIN_ABOVE_MAX", "s1", period=1),
    Spoilt("storage.initial_energy_mwh", 0, 41.0, "INITIAL_ENERGY_OUTSIDE", "s1", severity=WARNING),
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
    assert validate(valid(), load("generic", "", {"losses.model": "given"})) == []
    assert [f.code for f in validate(valid(), load())] == ["LOSS_FACTORS_NOT_USED"]


@pytest.mark.parametrize("spoilt", CELLS, ids=lambda s: f"{s.field}-{s.code}")
def test_a_spoilt_cell_is_named(spoilt: Spoilt) -> None:
    case = put(valid(), spoilt.field, spoilt.value, spoilt.at)
    assert (spoilt.code, spoilt.wanted(), spoilt.subject, spoilt.period, spoilt.severity) in found(case)
