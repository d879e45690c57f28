"""The page of a batch, from a summary and rows made by hand."""

from __future__ import annotations

from typing import Any

import pytest

from clearing.batch.summary import figures
from clearing.report import batch
from tests.report.test_html import Page

HOSTILE = "<img src=x onerror=alert(1)>"


def row(objective: float, **other: Any) -> dict[str, Any]:
    """A row of results.parquet as far as the page reads it."""
    return {
        "operating_day": "2020-03-01", "reason": "OPTIMAL_WITHIN_GAP", "objective": objective, "gap": 0.001,
        "audit_passed": True, "violations": 0, "starts": 3, "price_mean": 20.0, "price_min": 0.0, "price_max": 60.0,
    } | other  # fmt: skip


def told(**other: Any) -> dict[str, Any]:
    """A summary of three runs, one of them without an answer."""
    return {
        "name": "spring", "runs": 3, "finished": 2, "finished_now": 1, "finished_before": 1, "failed": 1,
        "audit_failed": ["b"], "gap_missed": [], "with_violations": 1, "reasons": {"OPTIMAL_WITHIN_GAP": 2},
        "objective_sum": 30.0, "gap_median": 0.001, "gap_max": 0.002, "run_seconds_median": 1.0, "run_seconds_max": 2.0,
        "attempts_more_than_one": [], "start_seconds": 1.0, "seconds": 3.0, "runs_per_hour": 1200.0,
        "versions": "clearing=0.1.0 code=ab", "other_versions": {"numpy 2.3.0": 1},
        "failures": [
            {"run": "c", "refused": True, "findings": [{"code": "NEGATIVE", "path": "case", "message": "no"}]},
        ],
    } | other  # fmt: skip


RUNS = [("a", row(10.0)), ("b", row(20.0, audit_passed=False, violations=2, price_mean=None, gap=None))]


def page(summary: dict[str, Any], runs: list[tuple[str, dict[str, Any]]]) -> Page:
    return Page(batch.render(summary, figures(summary), runs))


def test_what_ended_how_and_what_every_run_costs() -> None:
    html = batch.render(told(), figures(told()), RUNS)
    for text in ("2 of 3 runs are finished.", "NEGATIVE", "numpy 2.3.0", "已完成", "code", "Sum of costs"):
        assert text in html
    cost, gap, prices = (figure["data"] for figure in Page(html).figures)
    assert (cost[0]["x"], cost[0]["y"]) == (["a", "b"], [10.0, 20.0])
    assert gap[0]["y"] == [0.1, None]
    assert [line["name"] for line in prices] == ["Lowest price", "Mean price", "Highest price"]
    assert prices[1]["y"] == [20.0, 20.0, None, None]


def test_names_of_others_are_only_names() -> None:
    summary = told(name=HOSTILE, audit_failed=[HOSTILE], failures=[
        {"run": HOSTILE, "refused": False, "findings": [{"code": "X", "path": HOSTILE, "message": HOSTILE}]}
    ])  # fmt: skip
    html = batch.render(summary, figures(summary), [(HOSTILE, row(1.0, operating_day=HOSTILE))])
    assert "<img" not in html
    assert html.count("&lt;img src=x") > 4
    assert "img" not in Page(html).tags


@pytest.mark.parametrize("many", [0, batch.MOST_PLOTTED + 1])
def test_none_and_too_many_to_draw(many: int) -> None:
    found = page(told(), [(f"r{n}", row(1.0)) for n in range(many)])
    assert found.figures == []
