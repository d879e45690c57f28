from __future__ import annotations

import base64
import hashlib
import json
import re
from collections import Counter
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pytest
from plotly.offline import get_plotlyjs

from clearing.case.case import Case
from clearing.case.losses import Losses
from clearing.case.result import BoundKind, ClearingResult, Reason, Termination
from clearing.report.about import About
from clearing.report.balance import FUEL_NAMES
from clearing.report.html import render
from clearing.report.words import plot_words
from tests import factory
from tests.report import example

SECTIONS = {
    "summary",
    "termination",
    "costs",
    "dispatch",
    "prices",
    "commitment",
    "reserves",
    "bindings",
    "violations",
    "starts",
    "make-whole",
    "audit",
    "provenance",
}
HOSTILE = (
    "</script><script>alert(1)</script>",
    "<img src=x onerror=alert(2)>",
    '"><b>bold</b>',
    "<!--",
    "火电 & 'quote' {{ 7*7 }} ${x}",
    "javascript:alert(3)",
)


class Page(HTMLParser):
    """What a browser would see: tags, ids, attributes, text outside scripts, and the scripts."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: Counter[str] = Counter()
        self.ids: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []
        self.scripts: list[tuple[str, str]] = []
        self.words: list[str] = []
        self.unclosed: list[str] = []
        self._script: str | None = None
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] += 1
        given = {name: value or "" for name, value in attrs}
        self.attributes += [(tag, name, value) for name, value in given.items()]
        if "id" in given:
            self.ids.append(given["id"])
        if tag == "script":
            self._script = given.get("type", "")
        if tag not in ("meta", "br", "img", "link", "input", "hr"):
            self.unclosed.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.unclosed.pop() == tag
        if tag == "script":
            self._script = None

    def handle_data(self, data: str) -> None:
        if self._script is None:
            self.words.append(data)
        else:
            self.scripts.append((self._script, data))

    @property
    def text(self) -> str:
        return " ".join(self.words)

    @property
    def figures(self) -> list[dict]:  # type: ignore[type-arg]
        return [json.loads(data) for kind, data in self.scripts if kind == "application/json"]


def hostile_case() -> tuple[Case, ClearingResult]:
    case, result = example.province(units=6, per_zone=2, periods=24)
    names = HOSTILE[: len(case.units.id)]
    case = replace(
        case,
        name=HOSTILE[0],
        units=replace(case.units, id=names),
        network=replace(case.network, bus_id=names, zone_id=HOSTILE[1:4]),
        reserves=replace(case.reserves, product_id=HOSTILE[:2]),
        notes=HOSTILE,
    )
    return case, result


def test_page_is_well_formed_and_complete() -> None:
    case, result = example.province()
    page = Page(render(case, result, example.ABOUT))
    assert not page.unclosed
    assert set(page.ids) >= SECTIONS
    assert len(page.ids) == len(set(page.ids))
    for words in ("OPTIMAL_WITHIN_GAP", "claimed by the MIP solver", "audit passed", "solve.gap = 0.001", "spin-up"):
        assert words in page.text
    assert page.tags["figure"] == len(page.figures) > 10


def test_figures_are_plotly_json_on_period_end_labels() -> None:
    case, result = example.province()
    figures = Page(render(case, result, example.ABOUT)).figures
    labels = set(case.horizon.labels())
    for figure in figures:
        assert set(figure) == {"data", "layout"}
        assert figure["data"]
        if figure["layout"]["xaxis"].get("visible") is False:
            continue  # the one-line view has no periods
        for trace in figure["data"]:
            assert trace["type"] in {"bar", "scatter", "heatmap"}
            assert set(trace["x"]) <= labels | {"before", "after"}
    heights = [len(f["data"][0]["z"]) for f in figures if f["data"][0]["type"] == "heatmap"]
    assert heights == [len(case.network.bus_id), len(case.units.id)]


def test_commitment_map_is_blank_where_units_are_off_and_marks_starts() -> None:
    case, result = example.two_units()
    figures = Page(render(case, result, example.ABOUT)).figures
    heat, marks = next(f["data"] for f in figures if f["data"][0]["type"] == "heatmap")
    assert heat["y"] == ["base", "peak"]
    assert heat["z"] == [[80.0, 90.0, 100.0, 100.0], [None, None, 62.0, 25.0]]
    assert (marks["x"], marks["y"]) == (["03:00"], ["peak"])


def test_rows_too_thin_for_names_are_marked_by_fuels_in_both_languages() -> None:
    case, result = example.province(units=120)
    figures = Page(render(case, result, example.ABOUT)).figures
    axis = next(f["layout"]["yaxis"] for f in figures if f["layout"]["yaxis"].get("tickwords"))
    assert "ticktext" not in axis  # the page's script makes it of the words, in the language that is chosen
    assert len(axis["tickwords"]) == len(axis["tickvals"]) > 3
    assert {fuel for fuel in FUEL_NAMES.values() if fuel not in plot_words()} == set()


def test_nothing_comes_from_outside() -> None:
    case, result = example.province()
    html = render(case, result, example.ABOUT)
    page = Page(html)
    for tag, name, value in page.attributes:
        if name in {"src", "href", "action", "data", "poster", "srcset", "formaction"}:
            assert (tag, name, value[:1]) == ("a", "href", "#")
    assert not {"link", "iframe", "object", "embed", "img", "base"} & set(page.tags)
    own = html.replace(get_plotlyjs(), "")
    assert not re.search(r"https?://|url\(|@import|//cdn", own)
    policy = next(v for tag, name, v in page.attributes if name == "content" and v.startswith("default-src"))
    assert policy.startswith("default-src 'none'; script-src 'sha256-")


def test_plotly_is_embedded_once_and_only_known_scripts_may_run() -> None:
    case, result = example.two_units()
    html = render(case, result, example.ABOUT)
    assert html.count("* plotly.js v") == 1
    assert html.count(get_plotlyjs()) == 1
    page = Page(html)
    policy = next(v for _, name, v in page.attributes if name == "content" and v.startswith("default-src"))
    run = [data for kind, data in page.scripts if kind == ""]
    allowed = [base64.b64encode(hashlib.sha256(data.encode()).digest()).decode() for data in run]
    assert len(run) == 2
    assert re.findall(r"'sha256-([^']+)'", policy) == allowed


def test_hostile_names_stay_text() -> None:
    case, result = hostile_case()
    html = render(case, result, About(rules_name=HOSTILE[0], rules_overrides=((HOSTILE[1], HOSTILE[2]),)))
    page = Page(html)
    plain = Page(render(*example.province(units=6, per_zone=2, periods=24), example.ABOUT))
    assert page.tags["script"] == plain.tags["script"]
    assert not page.tags["img"]
    assert not page.tags["b"]
    assert not page.unclosed
    assert not [name for _, name, _ in page.attributes if name.startswith("on")]
    for name in HOSTILE[:4]:
        assert name in page.text
    assert "{{ 7*7 }}" in page.text
    own = html.replace(get_plotlyjs(), "")
    assert "<img src=x" not in own
    assert "</script><script>alert" not in own
    labels = [text for f in page.figures for text in _texts(f) if "img" in text]
    assert labels
    assert not [text for text in labels if "<" in text]


def _texts(node: object) -> list[str]:
    if isinstance(node, str):
        return [node]
    if isinstance(node, dict):
        return [t for value in node.values() for t in _texts(value)]
    return [t for value in node for t in _texts(value)] if isinstance(node, list) else []


def test_numbers_that_json_does_not_know_become_null() -> None:
    case, result = example.two_units()
    assert result.prices is not None
    price = np.array(result.prices.bus_price)
    price[0, 1] = np.nan
    broken = replace(result, prices=replace(result.prices, bus_price=price, system_price=price.copy()))
    html = render(case, broken, example.ABOUT)
    assert "NaN" not in html.replace(get_plotlyjs(), "")
    assert [20.0, 20.0, None, 60.0, 60.0, 60.0] in [t.get("y") for f in Page(html).figures for t in f["data"]]


@pytest.mark.parametrize("reason", [Reason.TIME_LIMIT_WITHOUT_SOLUTION, Reason.NUMERICAL_FAILURE])
def test_a_result_without_schedule_is_still_a_report(reason: Reason) -> None:
    case, _ = example.two_units()
    ending = Termination(reason, None, None, BoundKind.NONE, None, None, 0.001, False, detail="Nothing found.")
    page = Page(render(case, ClearingResult(ending), About()))
    assert set(page.ids) >= SECTIONS
    assert reason.name in page.text
    assert "not audited" in page.text
    assert not page.figures


def test_an_unpriced_result_and_a_failed_audit_say_so() -> None:
    case, result = example.two_units()
    page = Page(render(case, replace(result, prices=None, uplift=None, audit_passed=False), example.ABOUT))
    assert "The result was not priced." in page.text
    assert "audit failed" in page.text


def test_case_with_renewables_only_is_a_report_too() -> None:
    case = factory.market(load=[5.0, 6.0], renewables=[{"id": "w", "forecast": [9.0, 9.0]}])
    _, result = example.two_units()
    schedule = example.schedule_of(case, np.zeros((0, 2)), np.zeros((0, 2)))
    bare = ClearingResult(result.termination, schedule=schedule, audit_passed=True)
    page = Page(render(case, bare, example.ABOUT))
    assert "The case has no unit to commit." in page.text
    assert "There is no schedule to cost." in page.text
    assert "No unit starts." in page.text


def test_report_of_a_large_day_stays_small_enough_to_mail() -> None:
    case, result = example.province(units=600, per_zone=90)
    assert len(render(case, result, example.ABOUT).encode("utf-8")) < 8_000_000


def test_losses_have_a_section_where_the_rule_set_has_them() -> None:
    case, result = example.two_units()
    assert 'id="losses"' not in render(case, result, About())
    periods = case.horizon.periods
    losses = Losses(
        np.full((len(case.network.bus_id), periods), 0.04), np.full((1, periods), 2.0), np.ones((1, periods))
    )
    page = render(case, replace(result, losses=losses), About())
    section = page[page.index('<section id="losses">') :].partition("</section>")[0]
    assert "Losses&#39; part of the surplus" in section
    assert all(text in section for text in ("2.000", "0.0400", f"{float(periods):.2f}"))
    assert '<a href="#losses">' in page
