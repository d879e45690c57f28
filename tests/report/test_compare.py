"""Runs beside each other: every difference is there, and nothing else."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest

from clearing.report.compare import Run, render
from clearing.report.differences import input_table
from tests.report import example
from tests.report.test_html import HOSTILE, Page, hostile_case


def run(name: str, **changes: object) -> Run:
    case, result = example.two_units()
    return Run(name, case, replace(result, **changes), example.ABOUT)


def rows_of(text: str, section: str) -> list[list[str]]:
    """Cells of the first table of a section."""
    text = re.sub(r'<span class="en">(.*?)</span><span class="zh" lang="zh">.*?</span>', r"\1", text)
    body = text.split(f'<section id="{section}">')[1].split("<tbody>")[1].split("</tbody>", maxsplit=1)[0]
    rows = [row.split("<td")[1:] for row in body.split("<tr")[1:]]
    return [[cell.split(">", 1)[1].split("</td>")[0] for cell in row] for row in rows]


def test_equal_runs_have_no_difference() -> None:
    text = render([run("a"), run("b")])
    page = Page(text)
    assert not page.unclosed
    for words in (
        "Both runs were of the same case.", "The price is the same at every bus and period.", "Every unit runs alike.",
    ):  # fmt: skip
        assert words in page.text
    assert not [row for row in rows_of(text, "summary") if row[3:] and row[3] not in ("0", "0.00", "0.0", "")]


def test_cost_prices_energy_and_hours_are_held_against_the_first() -> None:
    before, after = run("before"), run("after")
    assert after.result.schedule is not None
    assert after.result.prices is not None
    assert after.result.costs is not None
    dearer = after.result.prices.bus_price + np.array([[0.0, 0.0, 6.0, 2.0]])
    dispatch = after.result.schedule.dispatch_mw + np.array([[0.0, 0, -5, 0], [0, 0, 5, 0]])
    on = np.array([[1, 1, 1, 1], [0, 1, 1, 1]], dtype=np.int8)
    after = replace(
        after,
        result=replace(
            after.result,
            costs=replace(after.result.costs, energy=after.result.costs.energy + 123.45),
            prices=replace(after.result.prices, bus_price=dearer),
            schedule=replace(after.result.schedule, dispatch_mw=dispatch, on=on),
        ),
    )
    text = render([before, after])
    figures = {row[0]: row for row in rows_of(text, "summary")}
    assert figures["Total cost"][3] == "+123.45"
    # (6·150 + 2·120) / (80 + 90 + 150 + 120)
    assert figures["Mean price by load, per MWh"][3] == "+2.59"
    (bus,) = rows_of(text, "buses")
    assert bus[1:] == ["40.00", "42.00", "+2.00", "6.00", "03:00"]
    assert {row[0]: row[3] for row in rows_of(text, "units")} == {"base": "−5.0", "peak": "+5.0"}
    hours = text.split('<section id="units">')[1].split("<table>")[2]
    assert "+1.00" in hours.split("</table>")[0]


def test_limits_of_one_run_alone_come_first() -> None:
    case, result = example.province(units=8, per_zone=4, periods=24)
    first = Run("first", case, result, example.ABOUT)
    other = replace(first, name="other", result=replace(result, bindings=result.bindings[1:], violations=()))
    only = replace(result.bindings[0], subject="only here")
    first = replace(first, result=replace(result, bindings=(*result.bindings, only)))
    rows = rows_of(render([first, other]), "bindings")
    assert rows[0][1:4] == ["only here", "1", "14.50"]
    assert rows[0][4:] == ["–", "–"]
    (broken,) = rows_of(render([first, other]), "violations")
    assert broken == ["product", "spin-up", "1", "2,000.00", "–", "–"]


def test_three_runs_stand_side_by_side() -> None:
    text = render([run("a"), run("b"), run("c")])
    assert len(rows_of(text, "summary")[0]) == 6


def test_inputs_that_differ_are_named() -> None:
    case, _ = example.two_units()
    more = case.loads.mw.copy()
    more[0, 2] = 155.0
    units = replace(case.units, p_max_mw=case.units.p_max_mw * np.array([[1.0], [1.1]]))
    found = input_table(case, replace(case, loads=replace(case.loads, mw=more), units=units))
    what = {row[0]: row[1:] for row in found.rows}
    assert what["units.p_max_mw"] == ("4", "peak: 80.000 → 88.000")
    assert what["loads.mw"][0] == "1"
    assert what["loads.mw"][1].endswith("150.000 → 155.000")
    assert set(what) == {"units.p_max_mw", "loads.mw"}
    assert input_table(case, case).rows == []


def test_other_periods_are_said_not_compared() -> None:
    case, result = example.province(units=6, per_zone=2, periods=24)
    text = render([run("short"), Run("long", case, result, example.ABOUT)])
    assert text.count("The runs are of other periods.") == 2
    assert "horizon.periods" in text


def test_one_run_is_no_comparison() -> None:
    with pytest.raises(ValueError, match="two runs"):
        render([run("a")])


def test_hostile_names_are_only_names() -> None:
    case, result = hostile_case()
    first = Run(HOSTILE[0], case, result, example.ABOUT)
    prices = result.prices
    assert prices is not None
    other = Run(
        HOSTILE[1], case, replace(result, prices=replace(prices, bus_price=prices.bus_price * 1.1)), example.ABOUT
    )
    page = Page(render([first, other]))
    assert not page.unclosed
    assert page.tags["img"] == page.tags["b"] == 0
    assert page.tags["script"] == len(page.figures) + 2
    assert HOSTILE[1] in page.text
