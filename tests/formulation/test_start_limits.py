"""Families 11 and 13: rows by hand, and the best commitment of small markets against every commitment there is."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest

from clearing.case.case import Case, CommitmentInput, CommitmentUse
from clearing.case.finding import Severity
from clearing.case.result import ClearingResult
from clearing.checks.audit import audit
from clearing.checks.starts import FAMILIES as START_FAMILIES
from clearing.day_ahead import clear
from clearing.formulation.scuc import scuc
from clearing.grid.islands import islands
from clearing.milp.problem import Problem
from clearing.rules.rules import Rules, StartRules
from clearing.solve.control import RunControl
from clearing.solve.options import SolveOptions
from tests.factory import Row, market
from tests.formulation.drawn import CLEARING, GENERIC, exact
from tests.formulation.enumeration import commitment_cost, commitments
from tests.formulation.reading import row
from tests.formulation.reference import Reference

INF = np.inf
EACH = 700.0


def rules(**starts: object) -> Rules:
    """Searched to the end, penalties of a small market, 700 a start or stop too many."""
    found = StartRules(penalty=((INF, EACH),), **starts)  # type: ignore[arg-type]
    return replace(exact(GENERIC), clearing_penalties=CLEARING, starts=found)


def problem(case: Case, given: Rules) -> Problem:
    return scuc(case, given, islands(case)).problem


def unit(name: str, **more: object) -> Row:
    """0 to 40 MW, stopped for long; any number of starts and stops, each for 10 and 5."""
    return {"id": name, "p_max": 40.0, "p_min": 10.0, "price": 20.0, "minutes": 6000, "plant": "q",
            "start_cost": 10.0, "stop_cost": 5.0, **more}  # fmt: skip


# rows -----------------------------------------------------------------------------------------------------------------
def test_starts_and_stops_of_a_unit_are_counted_by_the_day_a_period_begins_in() -> None:
    case = market([30.0] * 4, [unit("a"), unit("b", max_starts=2, max_stops=0)], start_minute=22 * 60)
    p = problem(case, rules())
    assert p.rows["unit_starts"].shape == (1, 2)
    slack = {"unit_starts.over[0,0]": -1.0}
    assert row(p, "unit_starts", 0, 0) == ({"start[1,0]": 1.0, "start[1,1]": 1.0, **slack}, -INF, 2.0)
    slack = {"unit_stops.over[0,1]": -1.0}
    assert row(p, "unit_stops", 0, 1) == ({"stop[1,2]": 1.0, "stop[1,3]": 1.0, **slack}, -INF, 0.0)


def test_starts_of_a_plant_are_those_of_its_units() -> None:
    units = [unit("a"), unit("b", plant="other"), unit("c")]
    case = market([30.0] * 2, units, plant_limits=[{"plant": "q", "max_starts": 1}])
    p = problem(case, rules())
    assert p.rows["plant_starts"].shape == (1, 1)
    assert p.rows["plant_stops"].shape == (0, 1)
    terms = {"start[0,0]": 1.0, "start[0,1]": 1.0, "start[2,0]": 1.0, "start[2,1]": 1.0}
    assert row(p, "plant_starts", 0, 0) == ({**terms, "plant_starts.over[0,0]": -1.0}, -INF, 1.0)


def test_spacing_sums_the_window_that_ends_with_the_period() -> None:
    """90 min are two periods of an hour; the own value of a plant outranks the rule set's, 0 is none."""
    units = [unit("a"), unit("b"), unit("c", plant="free"), unit("d", plant="")]
    case = market([30.0] * 3, units, plant_limits=[{"plant": "free", "start_spacing": 0}])
    p = problem(case, rules(start_spacing_minutes=90))
    assert p.rows["start_spacing"].shape == (1, 3)
    assert p.rows["stop_spacing"].shape == (0, 3)
    terms = {f"start[{i},{t}]": 1.0 for i in range(2) for t in (1, 2)}
    assert row(p, "start_spacing", 0, 2) == ({**terms, "start_spacing.over[0,2]": -1.0}, -INF, 1.0)


def test_a_start_shortly_before_the_horizon_counts_for_the_spacing() -> None:
    units = [unit("a", on=True, mw=20.0, minutes=30), unit("b", on=True, mw=20.0, minutes=6000), unit("c", minutes=30)]
    p = problem(market([50.0] * 4, units), rules(start_spacing_minutes=120, stop_spacing_minutes=60))
    assert [row(p, "start_spacing", 0, t)[2] for t in range(4)] == [0.0, 0.0, 1.0, 1.0]
    assert [row(p, "stop_spacing", 0, t)[2] for t in range(4)] == [0.0, 1.0, 1.0, 1.0]


def test_what_does_not_start_too_often_has_no_rows() -> None:
    p = problem(market([30.0] * 3, [unit("a")]), rules())
    for name in (
        "unit_starts",
        "unit_stops",
        "plant_starts",
        "plant_stops",
        "start_spacing",
        "stop_spacing",
        "switching",
    ):
        assert p.rows[name].size == 0


def test_switching_asks_a_started_unit_to_stay_on_a_day_another_one_stops() -> None:
    """90 min are two periods; of c, min up is as long anyway; d has no other unit beside it."""
    units = [unit("a"), unit("b"), unit("c", min_up=120), unit("d", plant="alone")]
    p = problem(market([30.0] * 3, units), rules(switching_minutes=90))
    assert (p.rows["stopped"].shape, p.rows["switched"].shape, p.rows["switching"].shape) == ((3, 3), (6, 1), (3, 1, 3))
    assert row(p, "stopped", 1, 2) == ({"stopped[1,0]": 1.0, "stop[1,2]": -1.0}, 0.0, INF)
    assert row(p, "switched", 0, 0) == ({"switched[0,0]": 1.0, "stopped[1,0]": -1.0}, 0.0, INF)
    terms = {"start[0,1]": 1.0, "start[0,2]": 1.0, "on[0,2]": -1.0, "switched[0,0]": 1.0}
    assert row(p, "switching", 0, 0, 2) == ({**terms, "switching.over[0,2]": -1.0}, -INF, 1.0)
    assert row(p, "switching", 2, 0, 2)[2] == INF


def test_the_day_of_a_start_is_the_day_of_the_stop() -> None:
    """22:00 to 2:00: a start at 23:00 asks at 0:00 too, but only for stops before midnight."""
    p = problem(market([30.0] * 4, [unit("a"), unit("b")], start_minute=1320), rules(switching_minutes=120))
    assert row(p, "switching", 0, 0, 2)[0] == {
        "start[0,1]": 1.0, "on[0,2]": -1.0, "switched[0,0]": 1.0, "switching.over[0,2]": -1.0,
    }  # fmt: skip
    assert row(p, "switching", 0, 1, 2)[0].keys() == {"start[0,2]", "on[0,2]", "switched[0,1]", "switching.over[0,6]"}
    assert row(p, "switching", 0, 0, 3) == ({"switching.over[0,3]": -1.0}, -INF, INF)  # nothing to break


# the optimum ----------------------------------------------------------------------------------------------------------
def switches(case: Case, on: np.ndarray) -> tuple[list[list[int]], list[list[int]]]:
    """Periods of the starts and of the stops of every unit."""
    starts, stops = [], []
    for i, states in enumerate(on.tolist()):
        before = [int(case.units.initial_on[i]), *states[:-1]]
        starts.append([t for t, (was, now) in enumerate(zip(before, states, strict=True)) if now > was])
        stops.append([t for t, (was, now) in enumerate(zip(before, states, strict=True)) if now < was])
    return starts, stops


def too_many(case: Case, given: Rules, on: np.ndarray) -> int:
    """Starts and stops beyond limits, written from the words of the rule; one day, one plant of all units."""
    starts, stops = switches(case, on)
    minutes, units = case.horizon.period_minutes, case.units
    beyond = 0
    for limits, moved in ((case.start_limits.max_starts, starts), (case.start_limits.max_stops, stops)):
        for i, most in zip(case.start_limits.unit.tolist(), limits.tolist(), strict=True):
            beyond += max(0, len(moved[i]) - most) if most >= 0 else 0
    plants = case.plant_limits
    for limits, moved in ((plants.max_starts, starts), (plants.max_stops, stops)):
        for most in limits.tolist():
            beyond += max(0, sum(map(len, moved)) - most) if most >= 0 else 0
    for spacing, moved, state in (
        (given.starts.start_spacing_minutes, starts, True),
        (given.starts.stop_spacing_minutes, stops, False),
    ):
        every = [t * minutes for own in moved for t in own]
        old = [-int(m) for m, was in zip(units.initial_minutes, units.initial_on, strict=True) if was == state]
        for t in range(case.horizon.periods if spacing else 0):
            ends = t * minutes
            recent = sum(ends - spacing < at <= ends for at in every)
            earlier = sum(ends - spacing < at for at in old)
            beyond += max(0, recent - max(0, 1 - earlier))
    return beyond + left_early(given.starts.switching_minutes, minutes, on, starts, stops)


def left_early(least: int, minutes: int, on: np.ndarray, starts: list[list[int]], stops: list[list[int]]) -> int:
    """Periods in which a unit started on the day of another one's stop is off too soon, or on from a second start."""
    missing = 0
    for i, own in enumerate(starts):
        if least == 0 or not any(other for j, other in enumerate(stops) if j != i):
            continue
        for t in range(on.shape[1]):
            missing += max(0, sum(0 <= t - k < least / minutes for k in own) - int(on[i, t]))
    return missing


def cheapest(case: Case, given: Rules) -> tuple[float, int]:
    """Objective of the best commitment by trying all, and how many starts and stops too many it has."""
    reference = Reference(case, given, given.clearing_penalties)
    best, broken = INF, 0
    for on, mode in commitments(case):
        cost = reference.solve(on, mode)
        beyond = too_many(case, given, on)
        total = INF if cost is None else cost + commitment_cost(case, on) + EACH * beyond
        if total < best:
            best, broken = total, beyond
    return best, broken


def solved(case: Case, given: Rules) -> ClearingResult:
    result = clear(case, given, SolveOptions(), RunControl())
    errors = [f for f in audit(case, given, result).findings if f.severity is Severity.ERROR]
    assert errors == []
    return result


def drawn(seed: int) -> tuple[Case, Rules]:
    """Two or three units of one plant under a load that goes up and down."""
    rng = np.random.default_rng(seed)
    count, periods = [(2, 5), (3, 4), (2, 4)][seed % 3]
    units = []
    for i in range(count):
        on = bool(rng.random() < 0.5)
        own = unit(f"u{i}", price=float(rng.integers(10, 40)), on=on, mw=20.0 * on)
        own |= {"minutes": int(rng.choice([30, 60, 120, 600])), "min_up": int(rng.choice([0, 120]))}
        if rng.random() < 0.5:
            own |= {"max_starts": int(rng.integers(-1, 2)), "max_stops": int(rng.integers(-1, 2))}
        units.append(own)
    load = rng.choice([5.0, 25.0, 45.0, 75.0], periods)
    site: Row = {"plant": "q", "max_starts": int(rng.integers(-1, 3)), "max_stops": int(rng.integers(-1, 3))}
    limits = [site] if rng.random() < 0.6 else []
    spacing = {f"{name}_spacing_minutes": int(rng.choice([0, 60, 90, 120])) for name in ("start", "stop")}
    if seed % 2:
        spacing["switching_minutes"] = int(rng.choice([120, 150, 180]))
    return market(load, units, plant_limits=limits), rules(**spacing)


SEEDS = range(16)


@pytest.mark.parametrize("seed", SEEDS)
def test_production_finds_the_optimum_of_all_commitments(seed: int) -> None:
    case, given = drawn(seed)
    best, _ = cheapest(case, given)
    result = solved(case, given)
    assert result.costs is not None
    assert result.costs.total == pytest.approx(best, rel=1e-6, abs=1e-4)


def test_the_draws_bind_and_are_broken() -> None:
    """Else the test above proves little."""
    without = [cheapest(case, rules())[0] for case, _ in map(drawn, SEEDS) for case in [free(case)]]
    found = [cheapest(*drawn(seed)) for seed in SEEDS]
    assert sum(best > base + 1e-6 for (best, _), base in zip(found, without, strict=True)) > len(SEEDS) // 3
    assert sum(broken > 0 for _, broken in found) >= 3


def switching_draw(seed: int) -> tuple[Case, Rules]:
    """A unit that is on goes out; the ones beside it would rather serve short peaks than stay on."""
    rng = np.random.default_rng([seed, 20])
    periods = 5
    out = int(rng.integers(1, 4))
    units = [unit("out", on=True, mw=20.0, must_off=[0] * out + [1] * (periods - out), shutdown_limit=40.0)]
    for name in ("b", "c")[: 1 + seed % 2]:
        units.append(
            unit(name, p_min=10.0, price=float(rng.integers(15, 40)), no_load=float(rng.choice([50.0, 300.0])))
        )
    load = [25.0, *rng.choice([0.0, 4.6, 25.0], periods - 1)]
    return market(load, units), rules(switching_minutes=int(rng.choice([120, 150, 240])))


SWITCHED = (0, 1, 2, 7, 9, 10)
"""The time binds in all but the first, and is broken in some."""


@pytest.mark.parametrize("seed", SWITCHED)
def test_switching_finds_the_optimum_of_all_commitments(seed: int) -> None:
    case, given = switching_draw(seed)
    result = solved(case, given)
    assert result.costs is not None
    assert result.costs.total == pytest.approx(cheapest(case, given)[0], rel=1e-6, abs=1e-4)


def test_switching_binds_in_its_draws() -> None:
    found = [(cheapest(*switching_draw(s)), cheapest(switching_draw(s)[0], rules())[0]) for s in SWITCHED]
    assert sum(best > base + 1e-6 for (best, _), base in found) >= 3
    assert any(broken for (_, broken), _ in found)
    assert any(best > base + 1e-6 and not broken for (best, broken), base in found)


def free(case: Case) -> Case:
    """The same market without limits."""
    bare = market([1.0])
    return replace(case, start_limits=bare.start_limits, plant_limits=bare.plant_limits)


def test_two_peaks_and_one_start_by_hand() -> None:
    """Over the gap, a idles at its p_min of 10 MW, 5 MW more than the load, at 800: it may start once.

    The other way is to shed 5 MW at 900, to stop for 5, to start again for 10, and the 700 of one start too many.
    """
    case = market([30.0, 5.0, 30.0], [unit("a", max_starts=1)])
    result = solved(case, rules())
    assert result.schedule is not None
    assert result.costs is not None
    idling = 2 * 600 + 200 + 10 + 5 * 800
    twice = 2 * 600 + 5 * 900 + 2 * 10 + 5 + EACH
    assert result.costs.total == pytest.approx(min(idling, twice))
    assert result.schedule.on.tolist() == [[1, 1, 1]]
    cheap = replace(rules(), starts=StartRules(penalty=((INF, 1.0),)))
    dear = market([30.0, 4.0, 30.0], [unit("a", max_starts=1)])
    result = solved(dear, cheap)  # idling spills 6 MW at 800, a second start sheds 4 MW at 900
    assert [(v.family, v.subject, v.period, v.amount_mw, v.penalty) for v in result.violations][-1] == (
        "unit_starts", "a", 2, 1.0, 1.0,
    )  # fmt: skip


def test_a_given_commitment_that_starts_too_often_is_dispatched_and_says_so() -> None:
    on = np.array([[1, 0, 1], [1, 1, 1]], dtype=np.int8)
    given = CommitmentInput(CommitmentUse.FIXED, on)
    limits = [{"plant": "q", "max_starts": 1}]
    case = market([30.0] * 3, [unit("a"), unit("b")], plant_limits=limits, commitment=given, period_minutes=15)
    result = solved(case, rules(start_spacing_minutes=30))
    told = {(v.family, v.subject, v.period): (v.amount_mw, v.penalty) for v in result.violations}
    # both in the first quarter; the second still sees them; the third sees a's second start only
    assert told == {
        ("plant_starts", "q", 0): (2.0, 2 * EACH),
        ("start_spacing", "q", 0): (1.0, EACH),
        ("start_spacing", "q", 1): (1.0, EACH),
    }


def test_limits_by_every_combination_of_two_switch_patterns() -> None:
    """Violations listed by production are those of the words of the rule, for every commitment of two units."""
    case = market(
        [30.0] * 4, [unit("a", max_starts=1, max_stops=0), unit("b", on=True, mw=20.0, minutes=60)],
        plant_limits=[{"plant": "q", "max_starts": 1, "max_stops": 1}],
    )  # fmt: skip
    given = rules(start_spacing_minutes=120, stop_spacing_minutes=180, switching_minutes=180)
    for pattern in itertools.islice(itertools.product((0, 1), repeat=8), 0, 256, 3):
        on = np.array(pattern, dtype=np.int8).reshape(2, 4)
        fixed = replace(case, commitment=CommitmentInput(CommitmentUse.FIXED, on))
        result = solved(fixed, given)
        counted = [v.amount_mw for v in result.violations if v.family in START_FAMILIES]
        assert sum(counted) == too_many(case, given, on)
