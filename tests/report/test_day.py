"""The report of a market day: whole, safe, and with the figures of the day made by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from clearing.market_day.day import MarketDay
from clearing.report.about import About
from clearing.report.day import render_day
from clearing.report.day_tables import added_table, cause_table, clearing_table, kind_table, resource_table
from tests.market_day.example import market_day
from tests.report.test_html import HOSTILE, Page

SECTIONS = {
    *("summary", "prices", "dispatch", "deviations", "sellers", "buyers", "reliability", "violations"),
    *("clearings", "audit", "provenance"),
}


def page_of(day: MarketDay) -> Page:
    page = Page(render_day(day, About("generic", "1")))
    assert not page.unclosed
    assert set(page.ids) >= SECTIONS
    assert len(page.ids) == len(set(page.ids))
    return page


@pytest.mark.parametrize(("minutes", "periods"), [(15, 96), (5, 288)])
def test_a_whole_day_is_shown(minutes: int, periods: int) -> None:
    page = page_of(market_day(minutes, hours=24))
    assert f"{periods} × {minutes} min" in page.text
    assert f"{periods + 2} clearings: day-ahead, RUC, and {periods} intervals of {minutes} minutes." in page.text
    assert page.tags["figure"] == len(page.figures)
    prices = page.figures[0]["data"]
    assert [trace["name"] for trace in prices] == ["Day-ahead", "Real time"]
    assert len(prices[1]["x"]) == periods + 2  # a category before and one after
    assert "Units added by the RUC" in page.text


def test_tables_hold_the_figures_worked_by_hand() -> None:
    day = market_day()
    assert ("Outages", "0.0", "−40.0", "−40.0", "−2,400.00") in cause_table(day).rows
    assert ("Units added by the RUC", "50.0", "0.0", "50.0", "3,000.00") in cause_table(day).rows
    # base: (60 + 70)·30 = 3900, +30·30 − 30·60 = −900
    sold = resource_table(day, loads=False).rows
    assert ("Unit", "base", "130.00", "130.00", "0.00", "3,900.00", "−900.00", "3,000.00") in sold
    assert ("Load", "−300", "−310", "−10", "−9,000", "−300", "−9,300") in kind_table(day).rows
    assert kind_table(day).rows[-1][-1] == "0.00"
    assert added_table(day).rows == [("peak", "Coal", "01:15–02:00", "4 of 4", "50.0", "3,000.00")]
    assert resource_table(day, loads=True).rows[0][0] == "Load"


def test_a_failed_audit_and_a_broken_limit_are_named() -> None:
    day = market_day(audit_of=3, broken=5)
    table = clearing_table(day)
    assert [table.rows[k][0] for k, tone in enumerate(table.tones) if tone] == ["interval_003", "interval_005"]
    page = page_of(day)
    for words in ("an audit failed", "failed: BALANCE", "interval_003: balance/island_0", "L1"):
        assert words in page.text


def test_a_day_without_prices_says_so() -> None:
    day = market_day()
    none = np.full(len(day.labels), np.nan)
    bus = np.full(day.bus_price.shape, np.nan)
    page = page_of(replace(day, settlement=None, ahead_price=none, real_price=none, bus_price=bus, ahead_bus_price=bus))
    assert "Neither market was priced." in page.text
    assert "A market was not priced, so nothing settles." in page.text
    assert " nan" not in page.text.lower()


def test_names_from_a_case_stay_text() -> None:
    day = market_day()
    case = replace(day.day, name=HOSTILE[0], notes=HOSTILE, units=replace(day.day.units, id=HOSTILE[:3]))
    page = page_of(replace(day, day=case, added=HOSTILE[2:3]))
    assert page.tags["b"] == page.tags["img"] == 0
    assert HOSTILE[0] in page.text
