"""Row by row: families that production writes as the specification does, by name, coefficients and sides."""

from __future__ import annotations

import numpy as np
import pytest

from clearing.case.case import Case
from clearing.case.reserves import Direction
from clearing.rules.rules import RampSharing, Rules
from models.scuc import scuc
from tests.oracle.cases import drawn
from tests.oracle.compiled import Compiled, Name, compiled
from tests.oracle.production import Line, Told, production

SEEDS = range(40)
EQUAL = (
    "commitment", "min_up", "min_down", "footroom", "award_cap", "product", "deliverable", "system_positive_min",
    "system_positive_max", "system_negative_min", "storage_energy", "charge_mode", "discharge_mode", "balance",
    "shed_total", "charge_least", "discharge_least", "one_mode", "award_offer", "group_output", "group_on",
    "energy_window", "storage_cycle", "demand_output", "virtual_ramp", "unit_starts", "unit_stops", "plant_starts",
    "plant_stops", "start_spacing", "stop_spacing", "stopped", "switched", "switching",
)  # fmt: skip
"""Families with the same rows. `headroom` too in form HEADROOM; branch and interface rows: test_flows."""

ONE_ROW_EACH = (
    "energy_window", "storage_cycle", "unit_starts", "unit_stops", "plant_starts", "plant_stops",
)  # fmt: skip

OTHERWISE = {
    "output", "segment_limit", "segment_limit_start", "segment_limit_stop", "start_saving", "start_matching",
    "start_offline", "headroom", "headroom_stop", "output_limit", "output_limit_stop", "ramp_up", "ramp_down",
    "start_lead", "virtual_output",
}  # fmt: skip
"""Families that production tightens or writes in other columns: test_optimum and test_dispatches compare them."""


class Pair:
    """Both forms of one case."""

    def __init__(self, case: Case, rules: Rules) -> None:
        self.case = case
        self.told = Told(case, production(case, rules)[0], rules)
        self.plain: Compiled = compiled(scuc(case, rules))

    def line(self, name: Name) -> Line:
        return self.plain.row(name)


@pytest.fixture(scope="module")
def pairs() -> list[Pair]:
    return [Pair(*drawn(seed, steered=True)) for seed in SEEDS]


def in_one_form(line: Line, fixed: dict[Name, float]) -> Line:
    """Without zeros and columns that are fixed anyway; the first coefficient by name is positive; rounded to 1e-9."""
    terms, lower, upper = line
    shift = sum(value * fixed[name] for name, value in terms.items() if name in fixed)
    kept = {name: round(value, 9) for name, value in sorted(terms.items()) if name not in fixed and abs(value) > 1e-12}
    sides = round(lower - shift, 9) + 0.0, round(upper - shift, 9) + 0.0
    if kept and next(iter(kept.values())) < 0:
        return {name: -value for name, value in kept.items()}, -sides[1] + 0.0, -sides[0] + 0.0
    return kept, *sides


def fixed_columns(pair: Pair) -> dict[Name, float]:
    """Columns without room that only one form has: renewables, shed load; slack of steps without MW, of open sides."""
    plain, problem = pair.plain, pair.told.problem
    own = {
        name: 0.0
        for (name, *_), low, high in zip(pair.told.columns, problem.lower, problem.upper, strict=True)
        if name[0].endswith(("_short", "_over")) and low == high == 0.0 and name not in plain.columns
    }
    return own | {
        name: float(plain.lower[c])
        for name, c in plain.columns.items()
        if name[0] in ("renewable", "shed") and plain.lower[c] == plain.upper[c]
    }


@pytest.mark.parametrize("family", EQUAL)
def test_rows_are_the_same(family: str, pairs: list[Pair]) -> None:
    compared = 0
    for pair in pairs:
        fixed = fixed_columns(pair)
        if family not in pair.told.problem.rows:
            assert pair.plain.family(family) == []
            continue
        rows = pair.told.rows(family)
        for at, line in rows.items():
            if family == "balance" and line == ({}, 0.0, 0.0):  # the island is part of another one in the period
                assert (family, at) not in pair.plain.rows
                continue
            assert in_one_form(line, fixed) == in_one_form(pair.line((family, at)), fixed), (family, at)
        compared += len(rows)
        for at in set(pair.plain.family(family)) - set(rows):
            assert_needless(pair, family, at)
    assert compared > (5 if family in ONE_ROW_EACH else 20)


def assert_needless(pair: Pair, family: str, at: tuple[int, ...]) -> None:
    """A row that production leaves out follows from bounds and other rows of production."""
    case, problem = pair.case, pair.told.problem
    if family == "footroom":  # no award down, so the row is above ≥ 0
        down = [q for q in range(len(case.reserves.product_id)) if case.reserves.direction[q] == Direction.DOWN]
        assert not any(("award", (q, *at)) in pair.plain.columns for q in down)
        assert problem.lower[problem.columns["above"][at]] >= 0.0
    elif family == "award_cap":  # headroom or footroom hold the award below the range of the unit
        (_, lower, upper), (_, i, _) = pair.line((family, at)), at
        cap = -min(value for name, value in pair.line((family, at))[0].items() if name[0] == "on")
        assert (lower, upper) == (-np.inf, 0.0)
        assert cap >= (case.units.p_max_mw[i] - case.units.p_min_mw[i]).max()
    elif family == "switching":  # the min up time is as long
        found, (i, *_) = pair.told.switching, at
        minutes = pair.told.plants.switching[case.units.plant[i]]
        assert case.units.min_up_minutes[i] > minutes - case.horizon.period_minutes
        assert found.length[found.unit.tolist().index(i)] == 0
    else:
        raise AssertionError(f"production has no row {family}{at}")


def test_headroom_rows_are_the_same_in_the_form_that_shares_no_ramps() -> None:
    seen = 0
    for seed in SEEDS:
        case, rules = drawn(seed, steered=True)
        if rules.reserves.ramp_sharing is RampSharing.HEADROOM:
            pair = Pair(case, rules)
            rows = pair.told.rows("headroom")
            assert set(rows) == set(pair.plain.family("headroom"))
            for at, line in rows.items():
                assert in_one_form(line, {}) == in_one_form(pair.line(("headroom", at)), {}), at
            seen += len(rows)
    assert seen > 20


def test_every_block_of_production_is_compared_somewhere(pairs: list[Pair]) -> None:
    blocks = {name for pair in pairs for name, rows in pair.told.problem.rows.items() if rows.size}
    assert blocks == set(EQUAL) | OTHERWISE


SAME_COST = (
    "charge", "discharge", "energy", "shed", "shed_step", "surplus_step", "held", "product_short",
    "system_positive_min_short", "system_positive_max_over", "system_negative_min_over", "stop", "discharging", "award",
    "charging", "award_block", "demand_segment", "stops_in_day", "other_stops_in_day", "group_output_short",
    "group_output_over", "group_on_short", "group_on_over", "energy_window_short", "energy_window_over",
    "storage_cycle_over", "unit_starts_over", "unit_stops_over", "plant_starts_over", "plant_stops_over",
    "start_spacing_over", "stop_spacing_over", "switching_over",
)  # fmt: skip
SAME_BOUNDS = set(SAME_COST) - {"charge", "discharge", "award", "stop", "switching_over"}


def test_columns_with_a_namesake_cost_the_same_and_have_the_same_bounds(pairs: list[Pair]) -> None:
    """But not bounds that the specification holds as rows (award_cap, storage modes) nor costs shared with p_min."""
    seen: set[str] = set()
    for pair in pairs:
        problem = pair.told.problem
        for column, told in enumerate(pair.told.columns):
            (name, factor), *more = told.items()
            if name[0] not in SAME_COST or name not in pair.plain.columns:
                continue
            plain = pair.plain.columns[name]
            assert (more, factor) == ([], 1.0)
            assert problem.cost[column] == pytest.approx(pair.plain.cost[plain], abs=1e-9), name
            assert problem.integer[column] == pair.plain.integer[plain], name
            if name[0] in SAME_BOUNDS:
                assert (problem.lower[column], problem.upper[column]) == pytest.approx(
                    (pair.plain.lower[plain], pair.plain.upper[plain])
                ), name
            seen.add(name[0])
    assert seen >= set(SAME_COST)


def test_on_is_held_to_the_windows_of_the_specification(pairs: list[Pair]) -> None:
    """Production adds what fixed outputs and a high initial output imply; elsewhere the bounds are the same."""
    tighter = 0
    for pair in pairs:
        problem, plain = pair.told.problem, pair.plain
        for at in np.ndindex(pair.case.units.p_min_mw.shape):
            c, k = problem.columns["on"][at], plain.columns["on", at]
            assert problem.lower[c] >= plain.lower[k], at
            assert problem.upper[c] <= plain.upper[k], at
            tighter += bool(problem.lower[c] != plain.lower[k] or problem.upper[c] != plain.upper[k])
    assert tighter > 0
