"""A month of new-energy sites by hand: clauses 9.5.1.2, 9.5.1.5 (the second) and 9.5.2.1, and plans by 8.3.5."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from clearing.rules.substitution_metering import DeductionOrder, Insufficient, MeteringRules
from clearing.substitution.metering_sites import SiteMonth, Sites, month_plan, site_month

FIRST = MeteringRules()
SECOND = MeteringRules(deduction_order=DeductionOrder.OTHER_MARKET_FIRST)


def sites(on_grid: list[int], direct: list[int], export: list[int], back: list[int] | None = None) -> Sites:
    """Sites a and b of area 0, c of area 1."""
    columns = (on_grid, direct, export, back or [0, 0, 0])
    return Sites(np.array([0, 0, 1]), *(np.array(column) for column in columns), np.arange(3))


def month(table: Sites, areas: list[int], rules: MeteringRules = FIRST) -> SiteMonth:
    return site_month(table, np.array(areas), rules)


TIGHT = sites([60_000, 40_000, 50_000], [10_000, 20_000, 0], [5_000, 10_000, 10_000])


def test_clause_9_5_1_5_n3_is_on_grid_energy_times_the_ratio_of_the_area() -> None:
    """X of area 0 = 30 / 100, of area 1 = 5 / 50."""
    found = month(sites([60_000, 40_000, 50_000], [10_000, 0, 0], [0, 0, 0]), [30_000, 5_000])
    assert found.settled_kwh.tolist() == [18_000, 12_000, 5_000]
    assert (found.area_kwh.tolist(), found.base_kwh.tolist()) == ([30_000, 5_000], [100_000, 50_000])


def test_clause_9_5_2_1_first_order_takes_the_ratio_of_all_energy() -> None:
    """b: 40 MWh − 12 substitution − 20 direct trade, 8 of 10 MWh export: priority energy cannot cover the rest."""
    found = month(TIGHT, [30_000, 5_000], replace(FIRST, insufficient=Insufficient.BY_ORDER))
    assert found.settled_kwh.tolist() == [18_000, 12_000, 5_000]
    assert found.priority_kwh.tolist() == [27_000, 0, 35_000]
    assert found.export_short_kwh.tolist() == [0, 2_000, 0]
    assert found.advanced_kwh.tolist() == [0, 0, 0]


def test_clause_9_5_2_1_second_order_takes_the_ratio_of_what_other_market_leaves() -> None:
    """Left: a 45, b 10 of 55 MWh in area 0; 30 · 45/55 = 24.545…, 30 · 10/55 = 5.454… MWh."""
    found = month(TIGHT, [30_000, 5_000], SECOND)
    assert found.base_kwh.tolist() == [55_000, 40_000]
    assert found.due_kwh.tolist() == [24_545, 5_455, 5_000]
    assert found.settled_kwh.tolist() == [24_545, 5_455, 5_000]
    assert found.priority_kwh.tolist() == [20_455, 4_545, 35_000]


def test_clause_9_5_1_2_direct_trade_then_export_then_substitution_advanced() -> None:
    """a has 60: 45 direct, 15 of 20 export, none of its 18 substitution: advanced by the grid."""
    found = month(sites([60_000, 40_000, 50_000], [45_000, 0, 0], [20_000, 0, 0]), [30_000, 5_000])
    assert found.direct_kwh.tolist() == [45_000, 0, 0]
    assert (found.export_kwh.tolist(), found.export_short_kwh.tolist()) == ([15_000, 0, 0], [5_000, 0, 0])
    assert found.advanced_kwh.tolist() == [18_000, 0, 0]
    assert (found.settled_kwh + found.advanced_kwh).tolist() == found.due_kwh.tolist() == [18_000, 12_000, 5_000]


def test_clause_9_6_1_2_an_area_short_of_energy_settles_what_it_has() -> None:
    """Area 1 owes 60 MWh and has 50: 10 are advanced."""
    found = month(sites([60_000, 40_000, 50_000], [0, 0, 0], [0, 0, 0]), [0, 60_000])
    assert found.settled_kwh.tolist() == [0, 0, 50_000]
    assert found.advanced_kwh.tolist() == [0, 0, 10_000]


def test_second_order_without_anything_left_shares_by_energy() -> None:
    """a and b are sold out: 10 MWh are due by 60 to 40, and advanced."""
    table = sites([60_000, 40_000, 50_000], [60_000, 40_000, 0], [0, 0, 0])
    found = month(table, [10_000, 0], SECOND)
    assert found.due_kwh.tolist() == found.advanced_kwh.tolist() == [6_000, 4_000, 0]


def test_clause_7_2_2_2_energy_given_back_comes_after_substitution() -> None:
    """c: 50 − 10 export − 5 substitution leaves 35; it gives 20 back, b 0 of 3 as nothing is left."""
    table = sites([60_000, 27_000, 50_000], [10_000, 20_000, 0], [5_000, 10_000, 10_000], [0, 3_000, 20_000])
    found = month(table, [0, 5_000])
    assert found.returned_kwh.tolist() == [0, 0, 20_000]
    assert found.priority_kwh.tolist() == [45_000, 0, 15_000]


def test_clause_8_3_5_month_plan_of_new_energy_is_the_captive_plan_shared_as_the_year_was_cleared() -> None:
    """100 kWh over awards of 1, 1, 1: the remainder goes to the first."""
    assert month_plan(100, np.array([7, 7, 7]), np.array([0, 1, 2])).tolist() == [34, 33, 33]
    assert month_plan(90_000, np.array([10_000, 20_000, 60_000]), np.arange(3)).tolist() == [10_000, 20_000, 60_000]


def test_every_kwh_is_somewhere() -> None:
    """W = substitution + direct + export + given back + priority; ΣN3 due = M; both orders, both ends of
    sufficiency."""
    draw = np.random.default_rng(3)
    for rules in (FIRST, SECOND, replace(FIRST, insufficient=Insufficient.BY_ORDER)):
        for _ in range(200):
            n, areas = int(draw.integers(1, 12)), int(draw.integers(1, 4))
            area = draw.integers(0, areas, n)
            energy = draw.integers(0, 100_000, (4, n))
            table = Sites(area, energy[0] + 1, energy[1] // 2, energy[2] // 2, energy[3] // 4, np.arange(n))
            owed = draw.integers(0, 60_000, areas) * np.isin(np.arange(areas), area)
            found = site_month(table, owed, rules)
            parts = found.settled_kwh + found.direct_kwh + found.export_kwh + found.returned_kwh + found.priority_kwh
            assert (parts == table.on_grid_kwh).all()
            assert (found.due_kwh == found.settled_kwh + found.advanced_kwh).all()
            assert [int(found.due_kwh[area == a].sum()) for a in range(areas)] == owed.tolist()
            assert (found.direct_kwh + found.direct_short_kwh == table.direct_kwh).all()
            assert (found.export_kwh + found.export_short_kwh == table.export_kwh).all()
            assert min(parts.min(), found.priority_kwh.min(), found.advanced_kwh.min(), found.settled_kwh.min()) >= 0
