"""Every text of the house that a page shows has its Chinese; names of somebody's have none and are left alone."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from clearing.batch.summary import figures
from clearing.report import batch, compare, html, pages, words
from clearing.report.about import About
from clearing.report.day import render_day
from clearing.report.market_power import render as render_power
from clearing.report.substitution import render as render_round
from tests.market_day.example import market_day
from tests.report import example, test_batch, test_substitution
from tests.report.test_html import Page

FIGURES = re.compile(r"[\d\s.,:;–−%+()→×∞·-]*|MWh?|HHI")


@pytest.fixture
def shown() -> Iterator[list[str]]:
    """Texts that pages showed without Chinese."""
    missed: list[str] = []

    def watched(text: str) -> object:
        if words.chinese(str(text)) is None and not FIGURES.fullmatch(str(text)):
            missed.append(str(text))
        return words.both(str(text))

    filters = pages.environment().filters
    pages.environment().cache.clear()  # type: ignore[union-attr]
    filters["both"] = watched
    yield missed
    filters["both"] = words.both
    pages.environment().cache.clear()  # type: ignore[union-attr]


def test_no_page_says_anything_in_one_language_only(shown: list[str]) -> None:
    runs = []
    for name, made in (("A", example.province()), ("B", example.two_units())):
        html.render(*made, example.ABOUT)
        runs.append(compare.Run(name, *made, example.ABOUT))
    compare.render([runs[0], runs[0]])
    compare.render(runs)
    render_day(market_day(15, hours=24), About("generic", "1"))
    render_day(market_day(audit_of=3, broken=5), About("generic", "1"))
    render_power(runs[1].case, {"structure": dict.fromkeys(
        ("supply_mw", "demand_mw", "hhi", "top_share", "failing_groups"), [0.0] * 4)})  # fmt: skip
    for round_ in test_substitution.rounds():
        render_round(*round_)
    for runs_of_batch in ([], test_batch.RUNS):
        batch.render(test_batch.told(), figures(test_batch.told()), runs_of_batch)
    names = {"A", "B", "Jinan", "Qingdao", "烟台", "spin-up", "spin-down", "base", "peak", "east", "west"}
    names |= {"clearing", "code", "numpy 2.3.0"}
    assert set(shown) - names == set()


@pytest.mark.parametrize(
    ("english", "wanted"),
    [
        ("Summary", "概览"),
        ("peak 7,899 MW", "最大 7,899 MW"),
        ("<b>peak</b>", None),
        ("A less B.", "A 减 B。"),
        ("{0.__class__} less B.", "{0.__class__} 减 B。"),
    ],
)
def test_sentences_keep_their_figures(english: str, wanted: str | None) -> None:
    assert words.chinese(english) == wanted


def test_what_stands_in_a_sentence_is_escaped_in_both_languages() -> None:
    told = str(words.both("<img src=x> less <b>."))
    assert told.count("&lt;img src=x&gt;") == 2
    assert "<img" not in told


def test_a_page_carries_both_and_a_choice() -> None:
    page = Page(html.render(*example.two_units(), example.ABOUT))
    assert {"english", "chinese"} <= set(page.ids)
    assert "概览" in page.text
    assert "Summary" in page.text
