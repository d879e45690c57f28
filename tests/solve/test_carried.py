"""What an interval leaves to the next one: limits that were met, rows, the basis; and what it must not do."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from clearing import pipeline
from clearing.case.case import Case, CommitmentInput, CommitmentUse
from clearing.case.offers import Offers
from clearing.case.result import ClearingResult
from clearing.checks.audit import audit, before
from clearing.client import messages
from clearing.grid.monitored import AFTER, grid
from clearing.grid.pairs import Pairs
from clearing.milp.highs import Highs
from clearing.milp.outcome import Outcome
from clearing.milp.standing import Standing
from clearing.real_time import clear_interval
from clearing.rules.load import load
from clearing.rules.rules import of_real_time
from clearing.solve import carried as carried_
from clearing.solve import dispatch as dispatches
from clearing.solve import kept_solver, warm_start
from clearing.solve.beside import Beside
from clearing.solve.carried import Carried
from clearing.solve.control import RunControl
from clearing.solve.options import SolveOptions
from clearing.wire.errors import InvalidRequest
from tests.factory import Row, market

RULES = load("generic")
LINES = [
    {"id": a + b, "ends": (a, b), "x": 0.1, "limit": np.inf, "emergency": 70.0 if a + b == "bc" else np.inf}
    for a, b in ("ab", "bc", "ac")
]
UNITS: list[Row] = [
    {"id": "g1", "bus": "a", "p_max": 200, "price": 10, "on": True, "mw": 70},
    {"id": "g2", "bus": "c", "p_max": 200, "price": 50, "on": True, "mw": 30},
]


def interval(load_mw: float, *, lost: bool = True, more: float = 5, start_minute: int = 0) -> Case:
    """The triangle of tests/hand/test_contingencies.py: without ac at most 70 MW go from a to c."""
    given = CommitmentInput(CommitmentUse.FIXED, np.ones((2, 2), dtype=np.int8))
    loads = {"a": [0.0, 0.0], "b": [0.0, 0.0], "c": [load_mw, load_mw + more]}
    contingencies = [{"id": "N-ac", "branches": ["ac"]}] if lost else []
    return market(
        loads, UNITS, branches=LINES, period_minutes=15, commitment=given, contingencies=contingencies,
        start_minute=start_minute,
    )  # fmt: skip


def cleared(case: Case, carried: Carried | None) -> ClearingResult:
    result = clear_interval(case, RULES, SolveOptions(), RunControl(), carried=carried)
    assert result.audit_passed, result.audit
    return result


@pytest.fixture
def _small_is_large(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that a warm start is taken here too."""
    monkeypatch.setattr(warm_start, "LARGE", 0)


def agree(one: ClearingResult, other: ClearingResult) -> None:
    assert one.schedule is not None
    assert other.schedule is not None
    assert one.prices is not None
    assert other.prices is not None
    np.testing.assert_allclose(one.schedule.dispatch_mw, other.schedule.dispatch_mw, atol=1e-7)
    np.testing.assert_allclose(one.prices.bus_price, other.prices.bus_price, atol=1e-7)


@pytest.mark.usefixtures("_small_is_large")
def test_the_next_interval_begins_with_the_rows_and_the_basis_and_ends_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    carried, rounds = Carried(), []
    real = dispatches.NetworkRows.add_broken

    def counted(rows: dispatches.NetworkRows, x: np.ndarray) -> int:
        added = real(rows, x)
        rounds.append(added)
        return added

    monkeypatch.setattr(dispatches.NetworkRows, "add_broken", counted)
    first = cleared(interval(100.0), carried)
    assert sum(rounds) > 0
    assert first.schedule is not None
    np.testing.assert_allclose(first.schedule.dispatch_mw, [[70, 70], [30, 35]], atol=1e-6)
    rounds.clear()
    warm = cleared(interval(110.0), carried)
    assert sum(rounds) == 0  # every row was there from the start
    rounds.clear()
    agree(warm, cleared(interval(110.0), None))
    assert sum(rounds) > 0


@pytest.mark.usefixtures("_small_is_large")
def test_a_start_that_ends_at_no_proven_optimum_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    """The cheap unit becomes the dear one: the solver, told to mind no reduced cost, calls the old basis optimal."""
    reversed_ = replace(interval(60.0), units=replace(interval(60.0).units, offers=_other_way_round(interval(60.0))))
    carried, doubts, tolerance = Carried(), [], "dual_feasibility_tolerance"
    stand, forget, doubtful = Highs.stand, Highs.forget, dispatches._doubtful

    def standing(highs: Highs, basis: Standing, *, near: bool = False) -> None:
        stand(highs, basis, near=near)
        highs.option(tolerance, 1e3)

    def forgetting(highs: Highs) -> None:
        highs.option(tolerance, 1e-7)
        forget(highs)

    def doubting(highs: Highs, outcome: Outcome) -> bool:
        doubts.append(doubtful(highs, outcome))
        return doubts[-1]

    cleared(interval(60.0), carried)
    monkeypatch.setattr(Highs, "stand", standing)
    monkeypatch.setattr(Highs, "forget", forgetting)
    monkeypatch.setattr(dispatches, "_doubtful", doubting)
    agree(cleared(reversed_, carried), cleared(reversed_, None))
    assert any(doubts)


def _other_way_round(case: Case) -> Offers:
    """Prices of the units in the opposite order."""
    return replace(case.units.offers, price_per_mwh=case.units.offers.price_per_mwh[::-1].copy())


def test_elements_are_found_again_by_what_they_are() -> None:
    """Rows of a grid that knows other pairs, in another order, against a look at all of them."""
    known = grid(interval(100.0))
    pairs = Pairs(np.array([0, 0, 0]), np.array([0, 1, 2]), np.array([0, 0, 0]))
    before, now = known.watching(pairs).monitored, known.watching(pairs.chosen(np.array([2, 0]))).monitored
    keys = [list(zip(m.kind.tolist(), m.row.tolist(), m.contingency.tolist(), strict=True)) for m in (before, now)]
    expected = [keys[1].index(key) if key in keys[1] else -1 for key in keys[0]]
    assert expected.count(-1) == 1
    np.testing.assert_array_equal(carried_._places(before, now), expected)


@pytest.mark.usefixtures("_small_is_large")
def test_a_later_interval_has_the_rows_that_bound_at_its_own_time_and_the_same_solver(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Rows bind in the second quarter only; a quarter later they stand in the first one."""
    carried = Carried()
    cleared(interval(60.0, more=30.0), carried)
    following = interval(90.0, more=-40.0, start_minute=15)
    start = carried.start(carried.known(grid(following)), following.horizon)
    assert start is not None
    assert start.active.any(axis=0).tolist() == [True, True]
    made = []
    real = kept_solver.relaxed
    monkeypatch.setattr(kept_solver, "relaxed", lambda *problem: made.append(1) or real(*problem))
    agree(cleared(following, carried), cleared(following, None))
    assert len(made) == 1  # that of the interval without a stream


def test_the_limits_that_were_met_are_watched_from_the_start() -> None:
    carried, case = Carried(), interval(100.0)
    fresh = grid(case)
    assert carried.known(fresh) is fresh
    assert carried.start(fresh, case.horizon) is None
    cleared(case, carried)
    known = carried.known(grid(interval(110.0)))
    assert known.monitored.id[(known.monitored.kind >= AFTER).argmax()] == "bc|N-ac"


@pytest.mark.usefixtures("_small_is_large")
def test_any_other_case_may_follow() -> None:
    """Another list of contingencies, other periods, other units: nothing is carried over that does not fit."""
    carried = Carried()
    cleared(interval(100.0), carried)
    agree(cleared(interval(100.0, lost=False), carried), cleared(interval(100.0, lost=False), None))
    given = CommitmentInput(CommitmentUse.FIXED, np.ones((2, 1), dtype=np.int8))
    for lines in (LINES, [*LINES, {"id": "ac2", "ends": ("a", "c"), "x": 0.1, "limit": 20.0}], LINES[1:]):
        other = market(
            {"a": [0.0], "b": [0.0], "c": [100.0]}, UNITS, branches=lines, period_minutes=15, commitment=given,
            contingencies=[{"id": "N-ac", "branches": ["ac"]}],
        )  # fmt: skip
        agree(cleared(other, carried), cleared(other, None))
    agree(cleared(interval(105.0), carried), cleared(interval(105.0), None))


@pytest.mark.usefixtures("_small_is_large")
def test_a_basis_moves_with_the_clock_and_what_lost_its_bound_enters_it() -> None:
    carried = Carried()
    cleared(interval(100.0), carried)
    same = interval(105.0, more=0.0, start_minute=15)  # the second quarter, and one like it
    for start in (carried.start, carried.priced_start):
        was = start(carried.known(grid(interval(100.0))), interval(100.0).horizon)
        later = start(carried.known(grid(same)), same.horizon)
        assert was is not None
        assert later is not None
        assert was.own is not None
        assert later.own is not None
        segments = _block(was.layout, "segment")
        before, after = (s.own.column[segments].reshape(-1, 2) for s in (was, later) if s.own is not None)
        assert (after[:, 0] == before[:, 1]).all()
        assert (after[:, 1] == before[:, 1]).all()
        assert np.isnan(later.value[segments].reshape(-1, 2)).all(axis=0).tolist() == [False, True]
    agree(cleared(same, carried), cleared(same, None))


def _block(layout: warm_start.Layout, wanted: str) -> slice:
    begin = 0
    for name, shape in layout:
        if name == wanted:
            return slice(begin, begin + int(np.prod(shape)))
        begin += int(np.prod(shape))
    raise KeyError(wanted)


@pytest.mark.usefixtures("_small_is_large")
def test_a_store_that_must_end_full_later_than_before() -> None:
    """Its energy was out of the basis, at the least it had to end with; a quarter later it only passes there."""
    carried = Carried()
    for start_minute in (0, 15, 30):
        given = CommitmentInput(CommitmentUse.FIXED, np.ones((2, 3), dtype=np.int8))
        load = [100.0 + start_minute + 10.0 * t for t in range(3)]
        case = market(
            {"a": [0.0] * 3, "b": [0.0] * 3, "c": load}, UNITS, branches=LINES, period_minutes=15, commitment=given,
            contingencies=[{"id": "N-ac", "branches": ["ac"]}], start_minute=start_minute,
            storage=[{"id": "s", "bus": "c", "power": 30, "energy": 40, "initial": 5, "final": 12 + start_minute / 15}],
        )  # fmt: skip
        warm = cleared(case, carried)
        cold = cleared(case, None)
        assert warm.costs is not None
        assert cold.costs is not None
        np.testing.assert_allclose(warm.costs.total, cold.costs.total, rtol=1e-9)


@pytest.mark.usefixtures("_small_is_large")
def test_blocks_that_lose_or_gain_all_their_width_keep_the_basis_of_the_others() -> None:
    """A site without any forecast is no column: the next interval begins from what the others had all the same."""
    carried, found = Carried(), []
    for start_minute, sun in ((0, [30.0, 10.0]), (15, [0.0, 0.0]), (30, [0.0, 20.0])):
        given = CommitmentInput(CommitmentUse.FIXED, np.ones((2, 2), dtype=np.int8))
        sites = [
            {"id": "wind", "bus": "a", "forecast": [25.0, 25.0], "price": 0},
            {"id": "sun", "bus": "b", "forecast": sun, "price": 5},
        ]
        case = market(
            {"a": [0.0] * 2, "b": [0.0] * 2, "c": [110.0, 120.0]}, UNITS, branches=LINES, period_minutes=15,
            commitment=given, contingencies=[{"id": "N-ac", "branches": ["ac"]}], start_minute=start_minute,
            renewables=sites,
        )  # fmt: skip
        start = carried.start(carried.known(grid(case)), case.horizon)
        found.append(start)
        agree(cleared(case, carried), cleared(case, None))
    assert all(start is not None for start in found[1:])
    before, after = found[1:]
    layouts = [dict(s.layout)["renewable_segment"] for s in (before, after)]
    assert layouts == [(2, 2), (1, 2)]
    fitted = before.fitted(after.layout, after.block)
    assert fitted is not None
    was, now = _block(before.layout, "renewable_segment"), _block(after.layout, "renewable_segment")
    assert (fitted.own.column[now] == before.own.column[was][:2]).all()
    back = after.fitted(before.layout, before.block)
    assert back is not None
    assert np.isnan(back.value[was][2:]).all()
    assert before.fitted((("other", (1, 2)), *before.layout[1:]), before.block) is None


@pytest.mark.usefixtures("_small_is_large")
def test_a_limit_that_the_pricing_run_alone_met_is_watched_so_that_its_end_is_a_start() -> None:
    carried, case = Carried(), interval(100.0)
    cleared(case, carried)
    priced = carried._priced
    assert priced is not None
    assert priced.at is not None
    wider = priced.grid.watching(Pairs(np.array([0]), np.array([0]), np.array([0])))
    assert len(wider.monitored.id) == len(priced.grid.monitored.id) + 1
    row = np.zeros((1, case.horizon.periods), dtype=np.int8)  # it has a row that binds
    more = replace(
        priced.at,
        limit=np.concatenate([priced.at.limit, row]),
        broken=np.pad(priced.at.broken, ((0, 0), (0, 1), (0, 0))),
    )
    carried._priced = replace(priced, grid=wider, at=more)
    now = grid(case)
    assert carried.priced_start(now, case.horizon) is None
    assert carried.priced_start(carried.known(now), case.horizon) is not None


@pytest.mark.usefixtures("_small_is_large")
def test_an_interval_is_judged_while_it_is_solved_and_refused_for_what_is_wrong(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The second interval has a start, so its case is judged beside; what is wrong is found as by the unary call."""
    begun: list[Beside[object]] = []
    begin = Beside.begin
    monkeypatch.setattr(Beside, "begin", lambda self: (begun.append(self), begin(self)))
    case = interval(100.0)
    wrong = replace(case, units=replace(case.units, p_max_mw=case.units.p_min_mw - 1.0))
    first, again, refused = (
        messages.real_time_request(c, "generic", "", None, None, "", None, 1, None).SerializeToString()
        for c in (case, case, wrong)
    )
    stream = pipeline.new_stream()
    pipeline.clear_real_time(first, RunControl(), "1", stream)
    judged_before = len(begun)
    pipeline.clear_real_time(again, RunControl(), "2", stream)
    assert len(begun) > 2 * judged_before
    with pytest.raises(InvalidRequest) as alone:
        pipeline.clear_real_time(refused, RunControl(), "3")
    with pytest.raises(InvalidRequest) as beside:
        pipeline.clear_real_time(refused, RunControl(), "4", stream)
    assert beside.value.findings == alone.value.findings


def test_what_an_audit_knows_before_there_are_prices_changes_no_verdict() -> None:
    """Also of a schedule that breaks limits: the units swap 20 MW, and the flow after the outage is too large."""
    case, rules = interval(100.0), of_real_time(RULES)
    result = cleared(case, None)
    assert result.schedule is not None
    moved = result.schedule.dispatch_mw + np.array([[20.0], [-20.0]])
    broken = replace(result, schedule=replace(result.schedule, dispatch_mw=moved))
    for judged, passed in ((result, True), (broken, False)):
        assert judged.schedule is not None
        known = audit(case, rules, judged, before(case, rules, judged.schedule))
        assert known == audit(case, rules, judged)
        assert known.passed is passed
