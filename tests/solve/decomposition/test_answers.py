"""Schedules of single units against all of them, the plate's money against the problem's own."""

from dataclasses import replace

import numpy as np
import pytest

from clearing.case.case import Case
from clearing.formulation.model import Model
from clearing.formulation.scuc import scuc
from clearing.grid.monitored import grid
from clearing.rules.rules import Rules
from clearing.solve.control import RunControl
from clearing.solve.decomposition.answers import Standing, best_path
from clearing.solve.decomposition.plate import paths, plate
from clearing.solve.decomposition.restricted import cost_of
from clearing.solve.evaluate import commitment_costs
from clearing.solve.options import SolveOptions
from clearing.solve.quick_start import nearest
from clearing.solve.search import Search
from tests.formulation.enumeration import unit_patterns
from tests.solve.decomposition.plates import drawn
from tests.solve.schedules import schedule_for


def formed(case: Case, rules: Rules) -> tuple[Search, Model]:
    network = grid(case)
    search = Search(case, rules, network, SolveOptions(), RunControl())
    return search, scuc(case, rules, network.islands)


def value(
    case: Case, unit: int, on: np.ndarray, benefit: np.ndarray, at_start: np.ndarray, at_stop: np.ndarray
) -> float:
    """Benefit of a schedule (T) less its switches, by the costs that a schedule is charged."""
    whole = np.zeros((len(case.units.id), len(on)), dtype=np.int8)
    whole[unit] = on
    schedule = schedule_for(case, whole)
    _, start, stop = commitment_costs(case, schedule)
    first, last = np.flatnonzero(schedule.start[unit]), np.flatnonzero(schedule.stop[unit]) - 1
    money = benefit @ on - start[unit].sum() - stop[unit].sum()
    return float(money - at_start[first].sum() - at_stop[last[last >= 0]].sum())


@pytest.mark.parametrize("seed", range(12))
def test_a_units_path_is_the_best_of_all_schedules(seed: int) -> None:
    case, rules = drawn(seed, most_units=5, most_periods=9)
    limits, rng = paths(formed(case, rules)[1]), np.random.default_rng(seed)
    for i in range(len(case.units.id)):
        benefit = rng.normal(60.0, 300.0, case.horizon.periods)
        at_start, at_stop = rng.uniform(0.0, 50.0, (2, case.horizon.periods))
        on = np.zeros(case.horizon.periods, dtype=np.int8)
        best_path(
            benefit, at_start, at_stop, limits.min_up[i], limits.min_down[i], limits.on_min[i], limits.on_max[i],
            limits.was_on[i], limits.first_start[i], limits.start_first[i], limits.start_after[i], limits.stop[i],
            limits.stop_first[i], on,
        )  # fmt: skip
        patterns = [np.array(p, dtype=np.int8) for p in unit_patterns(case, i)]
        # An initial output too high to fall to SD in time holds a unit on as well.
        patterns = [p for p in patterns if (p >= limits.on_min[i]).all() and (p <= limits.on_max[i]).all()]
        assert tuple(on) in {tuple(p) for p in patterns}
        values = [value(case, i, p, benefit, at_start, at_stop) for p in patterns]
        assert value(case, i, on, benefit, at_start, at_stop) == pytest.approx(max(values), abs=1e-6)


@pytest.mark.parametrize("seed", range(8))
def test_without_ramps_the_plates_money_is_the_problems_and_gains_are_differences(seed: int) -> None:
    case, rules = drawn(100 + seed, most_units=6, most_periods=10)
    none = np.full(len(case.units.id), np.inf)
    units = replace(
        case.units, ramp_up_mw_per_minute=none, ramp_down_mw_per_minute=none, startup_limit_mw=none,
        shutdown_limit_mw=none,
    )  # fmt: skip
    reserves = replace(
        case.reserves, positive_min_mw=None, unit_max_mw=np.full(case.reserves.unit_max_mw.shape, np.inf)
    )
    case = replace(case, units=units, reserves=reserves)
    # One step each, as the plate has them; reserve gives way before energy.
    steps = {"shortage": ((np.inf, 1200.0),), "surplus": ((np.inf, 1000.0),), "product": ((np.inf, 600.0),)}
    rules = replace(rules, clearing_penalties=replace(rules.clearing_penalties, **steps))
    search, model = formed(case, rules)
    constant = model.renewable_curve.floor_cost_per_hour.sum() * case.horizon.hours
    standing = Standing(plate(model), paths(model), nearest(model.data, np.full(model.data.on_min.shape, 1.0)))
    for _ in range(3):
        found, before = cost_of(search, model, standing.on.copy()), standing.cost()
        assert found is not None
        assert before + constant == pytest.approx(found.objective, rel=1e-6, abs=1e-3)
        gain = standing.sweep(np.arange(len(case.units.id)), 1e-6)
        assert before - standing.cost() == pytest.approx(gain, abs=1e-3)
