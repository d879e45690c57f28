"""No schedule of a unit costs less than its subproblem: the one thing that makes a bound a bound."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import scipy.sparse as sp

from clearing.case.arrays import Bools, Floats
from clearing.milp.highs import Highs, Limits
from clearing.rules.load import load
from clearing.solve.decomposition.data import COLUMNS, Prices
from clearing.solve.decomposition.lagrangian import OWN, Lagrangian, Oracle, lagrangian
from clearing.solve.decomposition.local import INFINITE
from clearing.solve.decomposition.oracle import solve_units
from tests.factory import Row, market
from tests.oracle.cases import drawn
from tests.solve.decomposition.schedules import fleet, model_of, walk

SEEDS = range(8)
WALKS = 60
NEIGHBOURS = 12


def reduced(rng: np.random.Generator, of: Lagrangian, size: float) -> Floats:
    """Random reduced costs of the units' columns, of offers and starts as they are."""
    model = of.model
    columns, cost = model.problem.columns, np.where(of.unit_of >= 0, model.problem.cost, 0.0)
    shape = columns["on"].shape
    price = size * rng.uniform(0.3, 1.5, shape[1]) * (1.0 + 0.3 * np.sin(np.arange(shape[1]) / 3.0))
    for name, floor in (("above", 0.0), ("on", model.case.units.p_min_mw)):
        weight = 1.0 if name == "above" else floor
        cost[columns[name]] -= weight * price * rng.uniform(0.8, 1.2, shape)
    cost[columns["award"]] -= np.round(size * rng.uniform(-0.2, 0.4, columns["award"].shape), 1)
    for name in ("start", "stop"):
        cost[columns[name]] += rng.normal(0.0, 20.0, shape)
    return cost


def columns_of(oracle: Oracle, count: int) -> Floats:
    """The schedule that the kernels left, as a vector of columns; the segments of its outputs included."""
    model, plan = oracle.of.model, oracle.plan
    x = np.zeros(count)
    names = ("on", "start", "stop", "above", "start_saving", "award")
    for name, part in zip(names, (plan.on, plan.start, plan.stop, plan.above, plan.save, plan.award), strict=True):
        x[model.problem.columns[name]] = part
    left = plan.above.copy()
    for m, i in enumerate(model.unit_curve.resource):
        x[model.problem.columns["segment"][m]] = np.minimum(left[i], model.unit_curve.width_mw[m])
        left[i] -= x[model.problem.columns["segment"][m]]
    return x


class Rows:
    """The model's own rows and bounds of single units."""

    def __init__(self, of: Lagrangian) -> None:
        problem = of.model.problem
        rows = np.concatenate([problem.rows[name].ravel() for name in OWN if name in problem.rows])
        self.of, self.matrix = of, sp.csr_array(problem.matrix[rows])
        self.lower, self.upper = problem.row_lower[rows], problem.row_upper[rows]
        entries = sp.coo_array(self.matrix)
        self.unit = np.full(len(rows), -1)
        mine = of.unit_of[entries.coords[1]] >= 0
        self.unit[entries.coords[0][mine]] = of.unit_of[entries.coords[1][mine]]

    def kept(self, x: Floats) -> Bools:
        """Units (N) whose columns keep all their rows and bounds."""
        problem, of = self.of.model.problem, self.of
        near = 1e-7
        activity = self.matrix @ x
        bad_row = (activity < self.lower - near) | (activity > self.upper + near)
        bad_column = ((x < problem.lower - near) | (x > problem.upper + near)) & (of.unit_of >= 0)
        good = np.ones(len(of.units.min_up), dtype=np.bool_)
        good[self.unit[bad_row & (self.unit >= 0)]] = False
        good[of.unit_of[bad_column]] = False
        return good


def by_unit(of: Lagrangian, cost: Floats, x: Floats) -> Floats:
    mine = of.unit_of >= 0
    return np.bincount(of.unit_of[mine], weights=(cost * x)[mine], minlength=len(of.units.min_up))


@pytest.fixture(scope="module")
def counted() -> list[int]:
    return []


@pytest.mark.parametrize("seed", SEEDS)
def test_no_random_schedule_costs_less(seed: int, counted: list[int]) -> None:
    rng = np.random.default_rng(1000 + seed)
    of = lagrangian(model_of(*fleet(seed, units=40, periods=24)))
    oracle, rows, count = Oracle(of), Rows(of), len(of.model.problem.cost)
    cost = reduced(rng, of, 40.0)
    solve_units(of.units, of.prices(cost), oracle.plan, exact=False)
    relaxed = oracle.plan.value.copy()
    solve_units(of.units, of.prices(cost), oracle.plan, exact=True)
    value, best = oracle.plan.value.copy(), columns_of(oracle, count)
    able = value < INFINITE
    assert able.sum() > 30
    assert (relaxed[able] <= value[able] + 1e-7).all()
    part = set(of.relaxed) & set(OWN)
    if not part:
        assert rows.kept(best)[able].all()
    assert by_unit(of, cost, best)[able] == pytest.approx(value[able], rel=1e-9, abs=1e-6)
    seen = 0
    for k in range(WALKS + NEIGHBOURS):
        if k < WALKS:
            x = np.zeros(count)
            for i in np.flatnonzero(able):
                walk(rng, of.model, i, x)
        else:  # what is best at prices near by is nearly best here
            near = cost + (of.unit_of >= 0) * rng.normal(0.0, 10.0 ** rng.uniform(-2, 1), count)
            keep = np.concatenate([of.model.problem.columns[n].ravel() for n in ("segment", "start_saving")])
            near[keep] = cost[keep]
            solve_units(of.units, of.prices(near), oracle.plan, exact=True)
            x = columns_of(oracle, count)
        good = rows.kept(x) & able
        spent = by_unit(of, cost, x)
        assert (spent[good] >= value[good] - 1e-6 * np.maximum(1.0, np.abs(value[good]))).all()
        seen += int(good.sum())
    counted.append(seen)


def test_schedules_were_ten_thousand(counted: list[int]) -> None:
    if len(counted) < len(SEEDS):
        pytest.skip("only some of the seeds were run")
    assert sum(counted) >= 10_000


def least(of: Lagrangian, cost: Floats, unit: int) -> float | None:
    """The subproblem by branch and bound over the model's own rows; None where a unit has no schedule."""
    rows, problem = Rows(of), of.model.problem
    mine = rows.unit == unit
    part = replace(
        problem, cost=np.where(of.unit_of == unit, cost, 0.0), matrix=sp.csr_array(rows.matrix[mine]),
        row_lower=rows.lower[mine], row_upper=rows.upper[mine],
    )  # fmt: skip
    return Highs(part, threads=1).run(Limits(relative_gap=0.0, absolute_gap=0.0)).objective


@pytest.mark.parametrize("seed", range(12))
def test_subproblem_is_what_branch_and_bound_finds(seed: int) -> None:
    rng = np.random.default_rng(seed)
    case, rules = drawn(seed) if seed % 2 else fleet(seed // 2, units=4, periods=12)
    of = lagrangian(model_of(case, rules))
    oracle = Oracle(of)
    whole = not set(of.relaxed) & set(OWN)
    cost = reduced(rng, of, 40.0)
    solve_units(of.units, of.prices(cost), oracle.plan, exact=True)
    for i, value in enumerate(oracle.plan.value):
        right = least(of, cost, i)
        if right is None:
            assert value >= INFINITE or not whole
            continue
        near = 1e-6 * max(1.0, abs(right))
        assert value <= right + near
        if whole:
            assert value >= right - near


@pytest.mark.parametrize("ramp", [None, 3.0])
def test_a_min_up_time_of_one_period_holds_nobody_at_the_start_up_limit(ramp: float | None) -> None:
    # p_max 50, SU 10, SD 50, a price of 30 above an offer of 10: on 10 MW at most in the first period, 50 behind it.
    row: Row = {
        "id": "a", "p_max": 50.0, "price": 10.0, "min_up": 60, "startup_limit": 10.0, "start_cost": 5.0, "minutes": 600,
    }  # fmt: skip
    row |= {} if ramp is None else {"ramp_up": 1.0, "ramp_down": ramp}
    of = lagrangian(model_of(market([10.0] * 4, [row]), load("generic")))
    oracle = Oracle(of)
    cost = np.where(of.unit_of >= 0, of.model.problem.cost, 0.0)
    cost[of.model.problem.columns["above"]] -= 30.0
    solve_units(of.units, of.prices(cost), oracle.plan, exact=True)
    assert oracle.plan.above.tolist() == [[10.0, 50.0, 50.0, 50.0]]
    assert oracle.plan.value == pytest.approx([5.0 - 20.0 * 160.0])


def test_prices_stand_in_the_order_of_the_columns() -> None:
    assert Prices._fields == tuple("save" if name == "start_saving" else name for name in COLUMNS)
