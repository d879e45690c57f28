"""Narrow searches on problems that are small enough to know the answer by branch and bound alone."""

from __future__ import annotations

import pytest

from clearing.day_ahead import clear
from clearing.solve import narrow
from clearing.solve.control import RunControl
from clearing.solve.options import SolveOptions
from clearing.solve.search import Search
from tests.oracle.cases import drawn

EXACT = SolveOptions(time_limit_seconds=60.0, gap=0.0)


@pytest.mark.parametrize("seed", range(8))
def test_narrow_searches_change_nothing_about_the_optimum(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """With them and without them the same optimum is proved; with them they really run."""
    case, rules = drawn(seed, terms=True)
    plain = clear(case, rules, EXACT, RunControl())
    rounds: list[int] = []
    once = narrow._narrow_once

    def counted(search: Search, *rest: object) -> None:
        rounds.append(1)
        once(search, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(narrow, "SMALL", 0)
    monkeypatch.setattr(narrow, "_narrow_once", counted)
    found = clear(case, rules, EXACT, RunControl())
    assert rounds
    assert found.termination.reason is plain.termination.reason
    assert found.termination.objective == pytest.approx(plain.termination.objective, rel=1e-6, abs=1e-6)
    assert found.audit_passed


def test_a_small_problem_goes_straight_to_branch_and_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("a narrow search ran")

    monkeypatch.setattr(narrow, "_narrow_once", refuse)
    assert clear(*drawn(0, terms=True), EXACT, RunControl()).audit_passed
