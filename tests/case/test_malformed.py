"""Shapes, horizon, offers, storage, network, reserves, balance: malformed cases one by one."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from clearing.case.finding import Severity
from clearing.case.validate import validate
from clearing.rules.load import load
from tests.case.cases import of, one, put, valid
from tests.case.test_cells import CELLS
from tests.factory import market

ERROR, WARNING, NOTE = Severity.ERROR, Severity.WARNING, Severity.NOTE


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
    assert (finding.path, finding.subject, finding.severity) == (f"case.storage.{column}[0]", "s", WARNING)


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
