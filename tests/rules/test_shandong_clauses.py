"""Rows of the Shandong parameter table, each by its number, on figures worked by hand."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from clearing.case.declarations import Declarations, nothing_declared
from clearing.case.finding import Finding
from clearing.case.lead_times import first_start
from clearing.case.reserve_kinds import ProductKind
from clearing.case.size_class import size_class
from clearing.case.units import Fuel
from clearing.case.validate import validate
from clearing.price_limits.declared import Declared, DeclaredKind, recovery
from clearing.rules.load import load
from clearing.rules.market_choices import InBetween
from tests.factory import market

RULES = load("shandong-trial")
CLAUSE = "Shandong market parameters (trial, consultation draft), no. "
Blocks = list[tuple[float, float]]


def judged(code: str, declared: Any = None, load_: Any = (300.0,), **case: Any) -> list[Finding]:
    """Findings of one code about a market under the rule set."""
    table = market(list(load_), **case)
    given = declared(table) if declared else None
    return [f for f in validate(table, RULES, given) if f.code == code]


def unit(blocks: Blocks, p_min: float = 120.0, **more: Any) -> list[dict[str, Any]]:
    """A 300 MW coal unit with an offer curve."""
    low = {"id": "u", "p_min": p_min, "p_max": sum(width for width, _ in blocks), "blocks": blocks, "min_down": 120}
    return [low | more]


@pytest.mark.parametrize(("speed", "outside"), [(99.0, 1), (100.0, 0), (150.0, 0), (151.0, 1)])
def test_no_03_regulation_speed_of_100_to_150_mw_a_minute(speed: float, outside: int) -> None:
    product = {"id": "agc", "requirement": 0, "kind": ProductKind.REGULATION, "speed": speed}
    units = unit([(120, 300), (180, 320)], regulation=200.0)
    found = judged("REGULATION_SPEED_OUTSIDE", units=units, products=[product])
    assert len(found) == outside
    assert all(f.clause == CLAUSE + "3" for f in found)


def _heat(given: float, metered: float) -> Any:
    def declared(case: Any) -> Declarations:
        return replace(
            nothing_declared(case),
            unit_heat_gj_per_hour=np.array([given]),
            unit_metered_heat_gj_per_hour=np.array([metered]),
        )

    return declared


@pytest.mark.parametrize(("given", "far"), [(85.0, 0), (84.99, 1), (115.0, 0), (115.01, 1)])
def test_no_04_declared_heat_within_15_percent_of_the_metered(given: float, far: int) -> None:
    found = judged("HEAT_DEVIATION", _heat(given, 100.0), units=unit([(120, 300), (180, 320)]))
    assert [f.clause for f in found] == [CLAUSE + "4"] * far


def recovered(kind: DeclaredKind, declared: float, actual: float, ahead: float, real: float) -> float:
    """What one participant pays back in one period."""
    series = (np.array([[value]]) for value in (declared, actual, ahead, real))
    return float(recovery(Declared(np.array([int(kind)]), *series), RULES.market.settlement)[0, 0])


def test_no_05_five_percent_of_what_renewables_gain_by_deviating() -> None:
    """Cleared 100 MWh at 300, gives 120 at 400: gains 20 · 100, pays back 5 % of 2000."""
    assert recovered(DeclaredKind.RENEWABLE, 100.0, 120.0, 300.0, 400.0) == pytest.approx(100.0)
    assert recovered(DeclaredKind.RENEWABLE, 100.0, 70.0, 300.0, 200.0) == pytest.approx(0.05 * 30 * 100)
    assert recovered(DeclaredKind.RENEWABLE, 100.0, 80.0, 300.0, 400.0) == 0.0


def test_no_06_users_may_deviate_by_20_and_full_load_plants_by_50_percent() -> None:
    """Uses 100 MWh, declared 160 at 300, real time at 400: of 60 MWh 40 are beyond 20 %, 10 beyond 50 %."""
    figures = (160.0, 100.0, 300.0, 400.0)
    assert recovered(DeclaredKind.USER, *figures) == pytest.approx(40 * 100)
    assert recovered(DeclaredKind.VPP_LOAD, *figures) == pytest.approx(10 * 100)
    for exempt in (DeclaredKind.STORAGE, DeclaredKind.PUMPED_HYDRO, DeclaredKind.RENEWABLE_WITH_STORAGE):
        assert recovered(exempt, *figures) == 0.0
    assert recovered(DeclaredKind.USER, 120.0, 100.0, 300.0, 400.0) == pytest.approx(0.0)  # at the limit
    assert recovered(DeclaredKind.USER, 160.0, 100.0, 400.0, 300.0) == 0.0  # a loss is no gain
    assert recovered(DeclaredKind.USER, 50.0, 100.0, 400.0, 300.0) == pytest.approx(
        30 * 100
    )  # too little, ahead dearer


@pytest.mark.parametrize(("length", "short"), [(9.0, 0), (8.0, 1)])
def test_no_11_least_length_is_5_percent_of_the_span(length: float, short: int) -> None:
    """300 MW from 120 MW: 5 % of 180 MW are 9 MW, more than 2 MW."""
    blocks = [(120.0, 300.0), (length, 310.0), (180.0 - length, 320.0)]
    found = judged("OFFER_BLOCK_TOO_SHORT", units=unit(blocks))
    assert [(f.path, f.subject, f.value, f.limit, f.clause) for f in found] == [
        ("case.units.offers.width_mw[1]", "u", "8", "9", CLAUSE + "11")
    ] * short


@pytest.mark.parametrize(("length", "short"), [(2.0, 0), (1.0, 1)])
def test_no_11_least_length_is_2_mw_where_the_span_is_small(length: float, short: int) -> None:
    """50 MW from 20 MW: 5 % of 30 MW are 1.5 MW, so 2 MW hold."""
    blocks = [(20.0, 300.0), (length, 310.0), (30.0 - length, 320.0)]
    assert len(judged("OFFER_BLOCK_TOO_SHORT", load_=(40.0,), units=unit(blocks, p_min=20.0))) == short


def test_no_11_the_first_point_is_the_lowest_technical_output() -> None:
    late = judged("OFFER_FIRST_POINT", units=unit([(150.0, 300.0), (150.0, 320.0)]))
    assert [(f.value, f.limit, f.clause) for f in late] == [("150", "120", CLAUSE + "11")]
    assert judged("OFFER_FIRST_POINT", units=unit([(120.0, 300.0), (180.0, 320.0)])) == []


def test_no_12_output_points_are_whole_megawatts() -> None:
    found = judged("OFFER_POINT_OFF_STEP", units=unit([(120.0, 300.0), (60.5, 310.0), (119.5, 320.0)]))
    assert [(f.path, f.value, f.clause) for f in found] == [("case.units.offers.width_mw[1]", "180.5", CLAUSE + "12")]


@pytest.mark.parametrize(("hours_off", "first_hour"), [(100, 14), (30, 6), (2, 0)])
def test_no_16_cold_from_14_warm_from_6_hot_from_0(hours_off: int, first_hour: int) -> None:
    """From 18:00 of the day before: 20, 12 and 6 hours are 14:00, 06:00 and 00:00."""
    states = [(0, 100.0), (600, 200.0), (4321, 300.0)]
    off = {"on": False, "minutes": hours_off * 60 + 360, "mw": 0.0}  # off so long at 18:00
    case = market([300.0] * 24, units=unit([(120.0, 300.0), (180.0, 320.0)], start=states, **off))
    assert int(np.argmax(first_start(case, RULES)[0])) == first_hour


@pytest.mark.parametrize(
    ("fuel", "warm", "cold", "off"),
    [(Fuel.COAL, 600, 4320, 0), (Fuel.COAL, 601, 4320, 1), (Fuel.COAL, 600, 2880, 1), (Fuel.GAS, 1440, 4320, 0),
     (Fuel.GAS, 600, 4320, 1)],
)  # fmt: skip
def test_no_17_warm_from_10_hours_inclusive_and_cold_beyond_72(fuel: Fuel, warm: int, cold: int, off: int) -> None:
    """Coal is warm from 10 h, gas from 24 h, both ends of warm in; cold beyond 72 h, exclusive."""
    units = unit([(120.0, 300.0), (180.0, 320.0)], fuel=fuel, start=[(0, 1.0), (warm, 2.0), (cold, 3.0)])
    case = market([300.0], units=units)
    table = replace(case.units.start_costs, inclusive=np.array([True, True, False]))
    case = replace(case, units=replace(case.units, start_costs=table))
    found = [f for f in validate(case, RULES) if f.code == "START_STATE_OFF_RULE"]
    assert [f.clause for f in found] == [CLAUSE + "17"] * off


UP = [(1000.0, 14400), (660.0, 10080), (300.0, 4320), (135.0, 4320)]


@pytest.mark.parametrize(("rated", "most"), UP)
def test_no_18_min_up_of_10_7_and_3_days_at_most(rated: float, most: int) -> None:
    blocks = [(0.4 * rated, 300.0), (0.6 * rated, 320.0)]
    for minutes, wrong in ((most, 0), (most + 60, 1)):
        found = judged("MIN_UP_ABOVE_CLASS", units=unit(blocks, p_min=0.4 * rated, min_up=minutes))
        assert [(f.value, f.limit, f.clause) for f in found] == [(str(minutes), str(most), CLAUSE + "18")] * wrong


def test_no_18_a_rating_in_between_belongs_to_the_nearest_class() -> None:
    """660 MW is 60 from 600 and 340 from 1000; 450 MW as far from 300 as from 600 belongs to the lower."""
    classes = RULES.market.classes
    rated = np.array([100.0, 350.0, 450.0, 660.0, 800.0, 801.0, 1240.0])
    assert size_class(rated, classes).tolist() == [0, 0, 0, 1, 1, 2, 2]
    assert size_class(rated, replace(classes, in_between=InBetween.LOWER)).tolist() == [0, 0, 0, 1, 1, 1, 2]
    assert size_class(rated, replace(classes, in_between=InBetween.UPPER)).tolist() == [0, 1, 1, 2, 2, 2, 2]


def test_no_18_a_declared_rating_decides_the_class_of_a_derated_unit() -> None:
    def declared(case: Any) -> Declarations:
        return replace(nothing_declared(case), unit_rated_mw=np.array([1000.0]))

    units = unit([(240.0, 300.0), (160.0, 320.0)], p_min=240.0, min_up=10 * 1440)
    assert len(judged("MIN_UP_ABOVE_CLASS", units=units)) == 1
    assert judged("MIN_UP_ABOVE_CLASS", declared, units=units) == []


@pytest.mark.parametrize(
    ("rated", "minutes", "wrong"),
    [(1000.0, 119, 1), (1000.0, 120, 0), (1000.0, 2880, 0), (1000.0, 2881, 1), (600.0, 1440, 0), (600.0, 1441, 1),
     (300.0, 120, 0), (300.0, 180, 1)],
)  # fmt: skip
def test_no_19_min_down_of_2_to_48_2_to_24_and_2_hours(rated: float, minutes: int, wrong: int) -> None:
    blocks = [(0.4 * rated, 300.0), (0.6 * rated, 320.0)]
    found = judged("MIN_DOWN_OUTSIDE_CLASS", units=unit(blocks, p_min=0.4 * rated, min_down=minutes))
    assert [f.clause for f in found] == [CLAUSE + "19"] * wrong


@pytest.mark.parametrize(("given", "off"), [(123.45, 0), (123.454, 1)])
def test_no_22_declared_heat_in_hundredths_of_a_gigajoule(given: float, off: int) -> None:
    found = judged("HEAT_OFF_STEP", _heat(given, given), units=unit([(120, 300), (180, 320)]))
    assert [f.clause for f in found] == [CLAUSE + "22"] * off


def test_every_fault_comes_at_once_with_path_id_value_and_limit() -> None:
    blocks = [(150.0, 300.0), (5.5, 310.0), (144.5, 2000.0)]
    case = market([300.0], units=unit(blocks, min_up=99999, min_down=500))
    found = {f.code: f for f in validate(case, RULES)}
    wanted = {
        "OFFER_FIRST_POINT", "OFFER_BLOCK_TOO_SHORT", "OFFER_POINT_OFF_STEP", "OFFER_ABOVE_CAP",
        "MIN_UP_ABOVE_CLASS", "MIN_DOWN_OUTSIDE_CLASS",
    }  # fmt: skip
    assert wanted <= set(found)
    for f in (found[code] for code in wanted):
        assert f.subject == "u"
        assert f.path.startswith("case.units.")
        assert f.value
        assert f.limit
        assert f.clause
