"""Commitments found without a search, and what they are made with."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clearing.case.case import Case
from clearing.formulation.unit_data import unit_data
from clearing.grid.monitored import grid
from clearing.solve.commit import commit, lacking_mw
from clearing.solve.control import RunControl
from clearing.solve.evaluate import commitment_costs, offline_minutes, start_rows
from clearing.solve.extract import schedule_of
from clearing.solve.options import SolveOptions
from clearing.solve.project import WINDOW, cover, project
from clearing.solve.quick_start import merit_order, nearest, needed_capacity_mw, rounded, with_products
from tests.factory import market
from tests.formulation.drawn import drawn
from tests.formulation.enumeration import commitment_cost, start_cost, unit_patterns
from tests.solve.schedules import schedule_for

SEEDS = st.integers(0, 2**32 - 1)
MANY = settings(deadline=None, max_examples=150)
FEW = settings(deadline=None, max_examples=25)


def ripe(pattern: tuple[int, ...], was_on: bool, up: int, down: int) -> bool:
    """Whether every spell that begins and ends within the horizon is long enough; the first may end at once."""
    spells = [(state, len(list(group))) for state, group in itertools.groupby(pattern)]
    first_is_old = bool(spells[0][0]) == was_on
    inner = spells[1 if first_is_old else 0 : -1]
    return all(length >= (up if state else down) for state, length in inner)


@MANY
@given(SEEDS)
def test_project_is_the_best_of_all_series(seed: int) -> None:
    rng = np.random.default_rng(seed)
    periods, up, down, was_on = (
        int(rng.integers(1, 8)),
        int(rng.integers(1, 5)),
        int(rng.integers(1, 5)),
        bool(rng.integers(2)),
    )
    benefit = rng.normal(0, 1, periods)
    on_min = (rng.random(periods) < 0.15).astype(np.int8)
    on_max = (rng.random(periods) < 0.85).astype(np.int8)

    def worth(pattern: np.ndarray) -> float:
        broken = ((pattern == 0) & (on_min == 1)).sum() + ((pattern == 1) & (on_max == 0)).sum()
        return float(benefit @ pattern - WINDOW * broken)

    found = project(
        benefit[None],
        on_min[None],
        on_max[None],
        np.array([up]),
        np.array([down]),
        np.array([float(was_on)]),
        np.ones((1, periods), dtype=np.bool_),
    )[0]
    allowed = [p for p in itertools.product((0, 1), repeat=periods) if ripe(p, was_on, up, down)]
    assert tuple(found) in allowed
    assert worth(found) == pytest.approx(max(worth(np.array(p)) for p in allowed), abs=1e-4)


@FEW
@given(st.integers(0, 10**6))
def test_quick_commitments_keep_windows_and_times(seed: int) -> None:
    case, rules = drawn(seed)
    data, rng = unit_data(case), np.random.default_rng(seed)
    share = rng.random(case.units.p_min_mw.shape)
    for on in (
        merit_order(case, rules, data),
        rounded(case, rules, data, share, 0.5),
        rounded(case, rules, data, share, 0.1),
        nearest(data, np.where(share > 0.5, 1.0, -1.0)),
    ):
        for i, series in enumerate(on):
            assert tuple(series) in set(unit_patterns(case, i))


@FEW
@given(st.integers(0, 10**6))
def test_the_nearest_commitment_changes_as_little_as_may_be(seed: int) -> None:
    case, _ = drawn(seed)
    wish = np.random.default_rng(seed).integers(0, 2, case.units.p_min_mw.shape).astype(np.int8)
    found = nearest(unit_data(case), np.where(wish == 1, 1.0, -1.0))
    least = unit_data(case).on_min  # knows of initial outputs that take long to ramp down
    for i, series in enumerate(found):
        possible = [np.array(p) for p in unit_patterns(case, i)]
        changes = [int((p != wish[i]).sum()) for p in possible if (p >= least[i]).all()]
        assert int((series != wish[i]).sum()) == min(changes)


def test_cover_adds_units_in_order_until_capacity_suffices() -> None:
    ones, long = np.ones(3, dtype=np.int64), np.array([1, 3, 1])
    p_max = np.array([[10.0] * 4, [20.0] * 4, [50.0] * 4])
    flags = np.ones((3, 4), dtype=np.int8)
    on = cover(
        np.zeros((3, 4), np.int8), np.array([1, 0, 2]), p_max, np.array([0.0, 15.0, 25.0, 0.0]), 0 * flags, flags,
        long, ones, np.zeros(3), np.ones((3, 4), dtype=np.bool_),
    )  # fmt: skip
    assert on.tolist() == [[0, 0, 1, 0], [0, 1, 1, 1], [0, 0, 0, 0]]  # the second stays on for 3 periods


def test_needed_capacity_is_net_load_and_the_greater_of_products_and_system_reserve() -> None:
    _, rules = drawn(0)
    case = market(
        [100.0, 100.0], [{"id": "u", "p_max": 10.0}], renewables=[{"id": "w", "forecast": [30.0, 10.0]}],
        ties=[{"id": "t", "mw": 5.0}], products=[{"id": "q", "requirement": [4.0, 20.0]}], positive_min_mw=[8.0, 8.0],
    )  # fmt: skip
    assert needed_capacity_mw(case, rules).tolist() == [73.0, 105.0]


@FEW
@given(st.integers(0, 10**6))
def test_starts_are_classified_and_paid_as_the_text_says(seed: int) -> None:
    case, _ = drawn(seed)
    on = np.random.default_rng(seed).integers(0, 2, case.units.p_min_mw.shape).astype(np.int8)
    schedule = schedule_for(case, on)
    assert sum(part.sum() for part in commitment_costs(case, schedule)) == pytest.approx(commitment_cost(case, on))
    offline = offline_minutes(case.units, on, case.horizon.period_minutes)
    unit, period, row = start_rows(case, schedule)
    for i, t, k in zip(unit, period, row, strict=True):
        assert k >= 0
        assert case.units.start_costs.unit[k] == i
        assert case.units.start_costs.cost[k] == pytest.approx(start_cost(case, i, int(offline[i, t])))


def test_time_off_counts_what_was_before_the_horizon() -> None:
    units = [{"id": "a", "on": False, "minutes": 45}, {"id": "b", "on": True, "minutes": 45}]
    case = market([1.0] * 5, units, period_minutes=30)
    on = np.array([[0, 0, 1, 0, 1], [0, 0, 1, 1, 0]], dtype=np.int8)
    off = offline_minutes(case.units, on, 30)
    assert off[0].tolist() == [45, 75, 105, 0, 30]
    assert off[1].tolist() == [0, 30, 60, 0, 0]


def test_a_unit_that_is_off_has_no_output_left_from_tolerances() -> None:
    """schedule_of rounds the commitment; outputs of units that are off are exactly 0."""
    from clearing.formulation.sced import sced  # noqa: PLC0415
    from clearing.grid.islands import islands  # noqa: PLC0415

    case, rules = drawn(3)
    on = np.zeros(case.units.p_min_mw.shape, dtype=np.int8)
    model = sced(
        case, rules, rules.clearing_penalties, islands(case), on, np.zeros((len(case.storage.id), on.shape[1]))
    )
    x = np.full(model.problem.columns.count, 1e-9)
    schedule = schedule_of(model, x)
    assert not schedule.dispatch_mw.any()
    assert not schedule.reserve_mw.any()
    assert not schedule.on.any()


def zonal() -> Case:
    """Cheap capacity enough in the north; the product of the south can be held by dear units there alone."""
    far = [
        {"id": f"s{i}", "bus": "south", "p_min": 5.0, "p_max": 40.0, "price": 90.0 + i, "ramp": 2.0} for i in range(3)
    ]
    return market(
        {"north": [80.0] * 4, "south": [10.0] * 4}, [{"id": "n", "bus": "north", "p_max": 300.0, "price": 10.0}, *far],
        products=[{"id": "spin", "requirement": [0.0, 30.0, 30.0, 0.0], "minutes": 10.0, "buses": ["south"]}],
        buses=["north", "south"],
    )  # fmt: skip


def test_units_are_added_until_they_hold_what_a_zone_lacks() -> None:
    case, rules = zonal(), drawn(0)[1]
    data = unit_data(case)
    on = merit_order(case, rules, data)
    assert on[1:].sum() == 0
    lacking = np.array([[0.0, 30.0, 30.0, 0.0]])
    found = with_products(case, data, on, lacking)
    assert found.tolist() == [[1] * 4, [0, 1, 1, 0], [0, 1, 1, 0], [0] * 4]  # 2 MW/min · 10 min a unit
    # one of them is there already, and holds its part
    on[2] = 1
    assert with_products(case, data, on, lacking - 20.0 * (lacking > 0.0)).tolist()[1] == [0, 1, 1, 0]
    assert (with_products(case, data, on, 0.0 * lacking) == on).all()


def test_a_search_without_time_for_more_holds_the_products_of_zones() -> None:
    case, rules = zonal(), drawn(0)[1]
    heard: list[int] = []

    def stop_after_two() -> bool:
        return len(heard) >= 2

    control = RunControl(on_incumbent=lambda found: heard.append(int(found.on[1:].sum())), stopped=stop_after_two)
    search, _ = commit(case, rules, grid(case), SolveOptions(gap=0.0), control)
    assert heard == [0, 4]
    assert search.best is not None
    assert not lacking_mw(case, search.best.violations).any()
