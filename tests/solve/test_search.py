"""The search as its caller sees it: endings, hints, given commitments, incumbents, repetition."""

import time
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from clearing.case.case import Case, CommitmentInput, CommitmentUse
from clearing.case.result import BoundKind, ClearingResult, Reason
from clearing.case.validate import has_errors, validate
from clearing.day_ahead import clear, finish
from clearing.rules.load import load
from clearing.solve import search
from clearing.solve.control import Incumbent, Progress, RunControl
from clearing.solve.dispatch import Dispatch
from clearing.solve.modes import SEARCH_SECONDS
from clearing.solve.options import SolveOptions
from tests.factory import Row, market
from tests.formulation.drawn import GENERIC, drawn, exact
from tests.formulation.enumeration import brute_force, commitments, unit_patterns
from tests.formulation.reference import Reference

EXACT = SolveOptions(time_limit_seconds=60.0, gap=0.0)


def fleet(units: int = 30, periods: int = 48) -> Case:
    """Many alike units with start costs and min times: quick to dispatch, long to prove."""
    rng = np.random.default_rng(7)
    rows: list[Row] = [
        {
            "id": f"u{i}", "p_min": 30.0, "p_max": 100.0,
            "blocks": [(50.0, 20 + rng.random()), (50.0, 24 + rng.random())],
            "no_load": 200.0 + 40 * rng.random(), "start": [(0, 600.0), (240, 900.0), (600, 1500.0)], "ramp": 1.0,
            "startup_limit": 50.0, "shutdown_limit": 50.0, "min_up": 240, "min_down": 180, "on": bool(i % 2),
            "mw": 40.0 * (i % 2), "minutes": 300,
        }
        for i in range(units)
    ]  # fmt: skip
    hours = np.arange(periods)
    load = 50.0 * units * (1 + 0.35 * np.sin(hours / 7) + 0.1 * np.sin(hours * 1.3))
    return market(load, rows, products=[{"id": "spin", "requirement": 120.0}], period_minutes=30)


def honest(result: ClearingResult) -> None:
    """Numbers of the termination agree with each other and with the schedule."""
    end = result.termination
    assert (result.schedule is None) == (end.objective is None)
    if end.objective is not None and end.bound is not None:
        assert end.bound <= end.objective + 1e-6 * abs(end.objective)
        assert end.gap == pytest.approx((end.objective - end.bound) / max(abs(end.objective), abs(end.bound), 1.0))
    assert (end.bound is None) == (end.bound_kind is BoundKind.NONE)
    if end.reason is Reason.OPTIMAL_WITHIN_GAP:
        assert end.gap is not None
        assert end.gap <= end.gap_asked + 1e-12
    if result.schedule is not None:
        assert result.costs is not None
        assert end.objective == pytest.approx(result.costs.total)
        assert result.audit_passed


def test_a_short_budget_ends_in_an_honest_answer() -> None:
    case, began = fleet(), time.monotonic()
    result = clear(case, exact(GENERIC), SolveOptions(time_limit_seconds=0.2, gap=0.0), RunControl())
    honest(result)
    assert result.termination.reason in (Reason.TIME_LIMIT_WITH_SOLUTION, Reason.TIME_LIMIT_WITHOUT_SOLUTION)
    assert time.monotonic() - began < 10.0


def test_a_stop_from_the_start_leaves_nothing_and_says_so() -> None:
    result = clear(fleet(6, 12), exact(GENERIC), EXACT, RunControl(stopped=lambda: True))
    honest(result)
    assert result.termination.reason is Reason.INTERRUPTED_WITHOUT_SOLUTION
    assert (result.schedule, result.prices, result.termination.bound) == (None, None, None)
    assert result.termination.detail


def test_a_stop_after_the_first_incumbent_ends_the_search_not_the_answer() -> None:
    kept: list[Incumbent] = []
    result = clear(fleet(), exact(GENERIC), EXACT, RunControl(stopped=lambda: bool(kept), on_incumbent=kept.append))
    honest(result)
    assert result.termination.reason is Reason.INTERRUPTED_WITH_SOLUTION
    assert result.schedule is not None
    assert result.prices is not None


def test_a_deadline_is_met_with_what_there_is() -> None:
    began = time.monotonic()
    result = clear(fleet(), exact(GENERIC), EXACT, RunControl(answer_by=began + 3.0))
    honest(result)
    assert result.schedule is not None
    assert time.monotonic() - began < 6.0  # generous: this machine is shared


def test_progress_and_incumbents_are_told_and_an_incumbent_can_be_finished_later() -> None:
    kept: list[Incumbent] = []
    told: list[Progress] = []
    case = fleet(6, 16)
    control = RunControl(on_incumbent=kept.append, on_progress=told.append)
    result = clear(case, exact(GENERIC), EXACT, control)
    honest(result)
    assert result.termination.reason is Reason.OPTIMAL_WITHIN_GAP
    stages = [p.stage for p in told]
    assert [s for k, s in enumerate(stages) if s not in stages[:k]][:2] == ["form", "commit"]
    bounds = [p.bound for p in told if p.bound is not None]
    assert bounds == sorted(bounds)
    assert all(p.gap is None or p.gap >= 0 for p in told)
    assert kept
    last = kept[-1]
    late = finish(case, exact(GENERIC), last, Reason.WORKER_LOST_WITH_SOLUTION, EXACT, RunControl())
    honest(late)
    assert late.termination.reason is Reason.WORKER_LOST_WITH_SOLUTION
    assert late.schedule is not None
    assert np.array_equal(late.schedule.on, last.on)
    assert late.termination.objective == pytest.approx(last.objective, rel=1e-6)
    assert late.prices is not None


def test_reproducible_runs_are_equal_to_the_last_bit_and_know_no_clock() -> None:
    case = fleet(8, 20)
    options = SolveOptions(time_limit_seconds=0.0, gap=1e-3, reproducible=True, seed=3, work_limit_nodes=20)
    first, second = (clear(case, GENERIC, options, RunControl()) for _ in range(2))
    honest(first)
    for name in ("schedule", "prices", "multipliers", "flows", "uplift"):
        a, b = getattr(first, name), getattr(second, name)
        assert a is not None
        for field in a.__slots__:
            left, right = getattr(a, field), getattr(b, field)
            assert np.array_equal(left, right) if isinstance(left, np.ndarray) else left == right
    assert replace(first.termination, seconds=()) == replace(second.termination, seconds=())
    assert (first.costs, first.violations, first.bindings) == (second.costs, second.violations, second.bindings)


@pytest.mark.parametrize("reproducible", [False, True])
def test_a_search_over_modes_knows_no_clock_where_runs_must_repeat(
    reproducible: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    seconds: set[float] = set()
    real = search.dispatch

    def watched(*given: Any, mode_seconds: float, **options: Any) -> Dispatch | None:
        seconds.add(mode_seconds)
        return real(*given, mode_seconds=mode_seconds, **options)

    monkeypatch.setattr(search, "dispatch", watched)
    clear(fleet(4, 12), GENERIC, SolveOptions(reproducible=reproducible, work_limit_nodes=20), RunControl())
    assert seconds == {np.inf if reproducible else SEARCH_SECONDS}


@pytest.mark.slow
def test_a_node_limit_is_named_as_a_work_limit() -> None:
    options = SolveOptions(gap=0.0, reproducible=True, work_limit_nodes=1)
    result = clear(fleet(10, 24), exact(GENERIC), options, RunControl())
    honest(result)
    assert result.termination.reason is Reason.WORK_LIMIT_WITH_SOLUTION


SMALL = [s for s in range(40) if not drawn(s)[0].storage.id][:10]


@pytest.mark.parametrize("seed", SMALL)
def test_a_hint_of_any_kind_leaves_the_optimum_and_the_rules_alone(seed: int) -> None:
    """A wild hint may break min up and down times and windows; the schedule may not."""
    case, rules = drawn(seed)
    right = brute_force(case, rules)
    assert right is not None
    rng = np.random.default_rng(seed)
    for wish in (right.on, rng.integers(0, 2, right.on.shape).astype(np.int8)):
        hinted = replace(case, commitment=CommitmentInput(CommitmentUse.HINT, wish.copy()))
        result = clear(hinted, rules, EXACT, RunControl())
        honest(result)
        assert result.termination.objective == pytest.approx(right.objective, rel=1e-6)


def test_a_hint_that_breaks_min_up_times_is_never_the_answer() -> None:
    """The hint, on in period 1 only, would cost 100 + 1000; 3 periods on are owed. The search has no time to look."""
    unit = {"id": "u", "p_min": 10.0, "p_max": 100.0, "price": 10.0, "start_cost": 100.0, "min_up": 180, "on": False}
    case = market([0.0, 100.0, 0.0, 0.0], [unit], renewables=[], period_minutes=60)
    case = replace(case, commitment=CommitmentInput(CommitmentUse.HINT, np.array([[0, 1, 0, 0]], dtype=np.int8)))
    kept: list[Incumbent] = []
    clear(case, exact(GENERIC), EXACT, RunControl(on_incumbent=kept.append))
    assert kept
    assert all(tuple(i.on[0]) in set(unit_patterns(case, 0)) for i in kept)


@pytest.mark.parametrize("seed", SMALL[:6])
def test_a_fixed_commitment_is_returned_as_it_is_at_its_own_cost(seed: int) -> None:
    case, rules = drawn(seed)
    reference = Reference(case, rules, rules.clearing_penalties, system=False)
    everything = list(commitments(case))
    tried = 0
    for k in np.random.default_rng(seed).permutation(len(everything)):
        on, mode = everything[k]
        cost = reference.solve(on, mode)
        given = replace(case, commitment=CommitmentInput(CommitmentUse.FIXED, on))
        if cost is None or has_errors(validate(given, rules)):
            continue
        result = clear(given, rules, EXACT, RunControl())
        honest(result)
        assert result.termination.reason is Reason.COMMITMENT_GIVEN
        assert result.termination.bound is None
        assert result.schedule is not None
        assert np.array_equal(result.schedule.on, on)
        assert result.costs is not None
        tried += 1
        if tried == 3:
            return
    assert tried


def test_the_security_rounds_may_run_out_honestly() -> None:
    """One round only: limits met late may stay out of the bound, and then optimality is not claimed."""
    rules = exact(load("generic", "", {"solve.security_rounds": "1"}))
    for seed in range(12):
        case, _ = drawn(seed)
        honest(clear(case, rules, EXACT, RunControl()))


def test_a_valid_case_whose_export_nothing_serves_still_gets_a_dispatch() -> None:
    case = market([10.0, 10.0], [{"id": "u", "p_max": 5.0}], ties=[{"id": "t", "mw": -30.0}])
    assert not has_errors(validate(case, GENERIC))
    result = clear(case, GENERIC, EXACT, RunControl())
    assert [(v.family, round(v.amount_mw, 6)) for v in result.violations] == [("shortage", 35.0)] * 2
    assert result.audit_passed
