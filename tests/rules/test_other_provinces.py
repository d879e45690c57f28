"""Figures of other provinces in their rule sets, and what they refuse."""

from __future__ import annotations

from typing import Any

import pytest

from clearing.case.validate import validate
from clearing.market_power.structure import of_system
from clearing.market_power.supply import demand, supply
from clearing.rules.load import load
from clearing.rules.rule_set import RulesError, read
from tests.factory import market


def codes(name: str, **unit: Any) -> list[tuple[str, str]]:
    """(code, limit) of the findings with a clause about one coal unit of 300 MW."""
    row = {"id": "u", "p_min": 150.0, "p_max": 300.0, "blocks": [(150, 300), (75, 310), (75, 320)]} | unit
    return [(f.code, f.limit) for f in validate(market([200.0], units=[row]), load(name)) if f.clause]


def test_jiangsu_asks_whole_megawatts() -> None:
    assert codes("jiangsu", blocks=[(150, 300), (75.5, 310), (74.5, 320)]) == [
        ("OFFER_POINT_OFF_STEP", "a multiple of 1 MW")
    ]
    assert load("jiangsu").starts.lead_clock_minute == -720


def test_jiangsu_flags_concentrated_periods() -> None:
    """Four owners of 25 %: 2500 and all of it, above 1800 and 65 %; twenty of 5 %: 500 and 20 %."""
    rules = load("jiangsu")
    for owners, flagged in ((4, True), (20, False)):
        units = [{"id": f"u{k}", "owner": f"o{k}", "p_max": 100 / owners, "price": 1.0} for k in range(owners)]
        case = market([50.0], units=units)
        found = of_system(supply(case, rules), demand(case, rules), rules.market.structure)
        assert found.concentrated.tolist() == [flagged]


def test_shaanxi_asks_three_segments_and_a_ramp() -> None:
    assert ("TOO_FEW_SEGMENTS", "≥ 3") in codes("shaanxi", blocks=[(150, 300), (150, 320)])
    assert [code for code, _ in codes("shaanxi", ramp=4.0)] == ["RAMP_BELOW_CLASS"] * 2  # 1.5 % of 300 MW are 4.5
    assert codes("shaanxi", ramp=4.5) == []


STARTS = [(0, 4e5), (600, 4.6e5), (4320, 5e5)]


def test_chongqing_caps_starts_by_class() -> None:
    """300 MW class, 万元: hot 5–30, warm 5–45, cold 5–60; no-load at most 1 an hour."""
    found = codes("chongqing", start=STARTS, no_load=10001.0, min_down=120)
    assert ("START_COST_OUTSIDE_CLASS", "300000") in found
    assert ("START_COST_OUTSIDE_CLASS", "450000") in found
    assert ("NO_LOAD_OUTSIDE_CLASS", "10000") in found
    assert codes("chongqing", start=[(0, 5e4), (600, 6e4), (4320, 6e5)], no_load=1e4) == []


def test_chongqing_orders_starts_and_asks_whole_yuan_within_0_and_1500() -> None:
    falling = codes("chongqing", start=[(0, 2e5), (600, 1e5), (4320, 3e5)])
    assert ("START_COSTS_OUT_OF_ORDER", "200000") in falling
    blocks = [(150, -1), (75, 310.5), (75, 1501)]
    assert {code for code, _ in codes("chongqing", blocks=blocks, start=[(0, 5e4)])} == {
        "OFFER_BELOW_FLOOR", "OFFER_ABOVE_CAP", "OFFER_PRICE_OFF_STEP",
    }  # fmt: skip


@pytest.mark.parametrize("name", ["jiangsu", "shaanxi", "chongqing", "hunan", "fujian-2024", "fujian-2025-4"])
def test_what_a_rule_set_states_itself_has_a_clause_or_says_that_it_is_a_reading(name: str) -> None:
    assert load(name).name == name
    generic = dict(load("generic").clauses)
    own = {key: clause for key, clause in load(name).clauses if clause != generic[key]}
    assert own
    assert all(clause and "project default" not in clause for clause in own.values())


def test_a_rule_set_that_extends_nothing_known_is_refused() -> None:
    with pytest.raises(RulesError) as refused:
        read('name = "x"\nversion = "1"\ntitle = "t"\nextends = "nowhere"\n')
    assert "rules.extends" in {f.path for f in refused.value.findings}
