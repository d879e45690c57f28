"""Shaving windows of a month by hand: clauses 9.5.1.5 and 1.7.3, and the readings that settings choose."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from clearing.rules.substitution_metering import P1, MeteringRules, SeveralUnits
from clearing.substitution.metering import CAUSES, Cause, Windows, captive_month, metered, overlapping, shaved

RULES = MeteringRules()
SEVERAL, FEW = np.array([3]), np.array([2])


def windows(of: int = 1, **columns: list[int]) -> Windows:
    """Two hours from the fourth; 30 MWh taken at 10 MW before and 5 MW more; a unit of 20 MW with 8.5 % aux."""
    rows = len(next(iter(columns.values()), [0]))
    stated = {
        "enterprise": 0, "boundary": of, "start_minute": 240, "end_minute": 360, "plan_start_minute": 240,
        "plan_end_minute": 360, "taken_kwh": 30_000, "load_before_kw": 10_000, "increase_kw": 5_000,
        "shaving_load_kw": 14_000, "capacity_kw": 20_000, "auxiliary": 850, "excluded_kwh": 0,
    }  # fmt: skip
    return Windows(**{key: np.array(columns.get(key, [value] * rows)) for key, value in stated.items()})


def energy(table: Windows, units: np.ndarray = SEVERAL, rules: MeteringRules = RULES) -> list[int]:
    found: list[int] = shaved(table, units, rules).energy_kwh.tolist()
    return found


def test_clause_9_5_1_5_readings_times_ratio() -> None:
    """(1 234.5678 − 1 230.0000) · 2 200 = 10 049.16 kWh; a register of 9 999.9999 that turned: 3.5 · 100."""
    found = metered(
        np.array([12_300_000, 99_990_000, 0]), np.array([12_345_678, 25_000, 5]), np.array([2_200, 100, 1_000]),
        np.array([0, 100_000_000, 0]),
    )  # fmt: skip
    assert found.tolist() == [10_049, 350, 1]  # 0.0005 · 1 000 = half a kWh, up


def test_clause_9_5_1_5_1_m1_is_the_increase_over_the_load_before() -> None:
    """30 MWh − 2 h · 10 MW = 10 MWh."""
    assert energy(windows()) == [10_000]
    assert energy(windows(end_minute=[361])) == [30_000 - 20_167]  # 121 min · 10 MW = 20 166.67 kWh, rounded once


def test_clause_9_5_1_5_1_p1_in_the_literal_words_is_the_adjustment() -> None:
    """30 MWh − 2 h · 5 MW = 20 MWh."""
    assert energy(windows(), rules=replace(RULES, p1=P1.ADJUSTMENT)) == [20_000]


def test_clause_9_5_1_5_1_m1_is_at_most_what_was_taken_and_never_negative() -> None:
    found = shaved(windows(load_before_kw=[0, 20_000]), SEVERAL, RULES)
    assert found.energy_kwh.tolist() == [30_000, 0]
    assert (found.above.tolist(), found.below.tolist()) == ([False, False], [False, True])


def test_clause_9_5_1_5_2_m2_of_several_units_is_the_meter_less_what_is_no_shaving() -> None:
    assert energy(windows(2, excluded_kwh=[1_250])) == [28_750]


def test_clause_9_5_1_5_2_load_times_time_where_the_setting_says_so_and_the_meter_caps_it() -> None:
    """14 MW · 2 h = 28 MWh; 16 MW · 2 h = 32 MWh is more than the 30 MWh taken."""
    by_load = replace(RULES, several_units=SeveralUnits.LOAD)
    assert energy(windows(2, shaving_load_kw=[14_000, 16_000]), rules=by_load) == [28_000, 30_000]


def test_clause_9_5_1_5_2_m2_of_two_units_or_fewer_is_by_capacity_and_the_meter_caps_it() -> None:
    """20 MW · 91.5 % · 2 h = 36.6 MWh, more than the 30 MWh taken; 12 MW give 21.96 MWh."""
    found = shaved(windows(2, capacity_kw=[20_000, 12_000]), FEW, RULES)
    assert found.energy_kwh.tolist() == [30_000, 21_960]
    assert found.above.tolist() == [True, False]
    assert energy(windows(2, capacity_kw=[12_000]), FEW, replace(RULES, few_units=1)) == [30_000]


def test_clause_9_5_1_5_2_energy_of_trips_and_own_outages_is_taken_off() -> None:
    assert Cause.OTHER_UNIT_TRIP in CAUSES[2]
    assert all(Cause.OWN_OUTAGE in causes for causes in CAUSES.values())
    assert Cause.OTHER_UNIT_TRIP not in CAUSES[1] + CAUSES[3]
    assert energy(windows(2, capacity_kw=[12_000], excluded_kwh=[960]), FEW) == [21_000]


def test_clause_9_5_1_5_3_m3_by_capacity_ends_with_the_published_stop_plan() -> None:
    """From 240 to 360 by order, planned until 300: one hour counts, 12 MW · 91.5 % = 10.98 MWh."""
    table = windows(3, capacity_kw=[12_000, 12_000], plan_end_minute=[300, 400])
    assert energy(table, FEW) == [10_980, 21_960]
    assert shaved(table, FEW, RULES).beyond_minutes.tolist() == [60, 0]


def test_clause_9_5_1_5_3_m3_of_several_units_is_the_meter_less_energy_beyond_the_plan() -> None:
    assert Cause.BEYOND_PLAN in CAUSES[3]
    assert Cause.BEYOND_PLAN not in CAUSES[1] + CAUSES[2]
    assert energy(windows(3, plan_end_minute=[300], excluded_kwh=[14_000])) == [16_000]


def test_clause_1_7_3_heat_supply_and_unplanned_outages_are_no_trade_whatever_the_boundary() -> None:
    for boundary in (1, 2, 3):
        assert {Cause.OWN_OUTAGE, Cause.HEAT_SUPPLY} <= set(CAUSES[boundary])
        assert energy(windows(boundary, excluded_kwh=[4_000]))[0] == energy(windows(boundary))[0] - 4_000


def test_clause_9_5_1_5_4_w_is_grid_purchase_and_substitution() -> None:
    """10 + 10 MWh of boundary 1, 30 of boundary 2; 90 MWh taken in the month: 40 MWh bought, 7 MWh fed in apart."""
    table = windows(1, boundary=[1, 2, 1], start_minute=[0, 200, 400], end_minute=[120, 320, 520])
    month = captive_month(table, shaved(table, SEVERAL, RULES), np.array([90_000]), np.array([7_000]))
    assert month.shaved_kwh.tolist() == [[20_000, 30_000, 0]]
    assert (month.substitution_kwh[0], month.purchase_kwh[0], month.feed_in_kwh[0]) == (50_000, 40_000, 7_000)


def test_one_meter_does_not_count_twice() -> None:
    """Windows by the meter that overlap are named; those by capacity may lie in one another, as may two enterprises."""
    table = windows(2, start_minute=[0, 50, 60, 200], end_minute=[100, 55, 120, 300], enterprise=[0, 0, 0, 0])
    by_meter = np.zeros(4, dtype=bool)
    assert overlapping(table, by_meter) == [(0, 1), (0, 2)]
    assert overlapping(table, ~by_meter) == []
    assert overlapping(replace(table, enterprise=np.array([0, 1, 2, 0])), by_meter) == []
