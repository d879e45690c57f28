"""At a given commitment: the same dispatches are allowed at the same cost; prices are duals of the specification."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from types import SimpleNamespace

import numpy as np
import pytest

from clearing.case.arrays import Flags, Floats, Ints
from clearing.case.case import Case
from clearing.day_ahead import clear
from clearing.formulation.modes import modes_of
from clearing.formulation.sced import sced as production_sced
from clearing.grid.monitored import Grid, grid
from clearing.price.certificate import multipliers
from clearing.price.lmp import prices
from clearing.price.pricing_run import pricing_run
from clearing.rules.rules import Rules, ViolationPricing
from clearing.solve.control import RunControl
from clearing.solve.dispatch import Dispatch, dispatch
from clearing.solve.options import SolveOptions
from models.outcome import storage_mode
from models.pricing import pricing, unanswered
from models.sced import sced
from models.solve import solve
from tests.oracle.cases import drawn
from tests.oracle.compiled import Compiled, Name, Solver, compiled
from tests.oracle.production import Told, whole
from tests.oracle.steering import steering_penalty

SEEDS = range(32)
WITH_TERMS = range(10)
MORE_WITH_TERMS = range(1000, 1100)
NUDGE_MW = 1e-3
DRAWN = ("output", "renewable", "award", "charge", "discharge", "demand", "virtual")
GIVEN = ("renewable_floor", "virtual_floor", "regulating")
FREE = ("segment", "renewable_segment", "demand_segment", "virtual_segment", "award_block")


@dataclass(frozen=True)
class Cleared:
    """A case cleared by production: commitment, modes in both spellings, dispatch, pricing run."""

    case: Case
    rules: Rules
    grid: Grid
    on: Flags
    mode: Ints
    modes: Flags
    regulating: Flags
    sced: Dispatch
    priced: Dispatch

    @cached_property
    def slopes(self) -> Slopes:
        return Slopes(self)


def cleared(seed: int, terms: bool = False) -> Cleared:
    """terms: with linear limits, terms of awards and bands of regulation."""
    case, rules = drawn(seed, terms=terms)
    result = clear(case, rules, SolveOptions(time_limit_seconds=60.0), RunControl())
    if result.schedule is None:
        pytest.skip(f"seed {seed} has no dispatch")
    on, grid_ = result.schedule.on, grid(case)
    mode = storage_mode(result.schedule)
    modes = modes_of(case, result.schedule)
    found = dispatch(case, rules, grid_, on, modes, RunControl())
    assert found is not None
    priced = pricing_run(case, rules, grid_, found, RunControl())
    assert priced is not None
    return Cleared(case, rules, grid_, on, mode, modes, result.schedule.regulating, found, priced)


Drawn = tuple[int, bool]


@pytest.fixture(scope="module")
def every() -> dict[Drawn, Cleared]:
    return {}


@pytest.fixture(
    params=[
        *((seed, False) for seed in SEEDS),
        *((seed, True) for seed in WITH_TERMS),
        *(pytest.param((seed, True), marks=pytest.mark.oracle) for seed in MORE_WITH_TERMS),
    ],
    ids=lambda drawn_: f"{drawn_[0]}{' with terms' * drawn_[1]}",
)
def one(request: pytest.FixtureRequest, every: dict[Drawn, Cleared]) -> Cleared:
    if request.param not in every:
        every[request.param] = cleared(*request.param)
    return every[request.param]


def test_sced_costs_what_the_specification_says(one: Cleared) -> None:
    plain = compiled(sced(one.case, one.rules, one.on, one.mode, regulating=one.regulating))
    costs = one.sced.costs
    steering = steering_penalty(one.sced.violations, one.rules)
    own = costs.energy + costs.demand + costs.storage + costs.reserve + costs.penalty - steering
    assert own == pytest.approx(Solver(plain, offset=plain.offset).optimum(), rel=1e-7, abs=1e-6)


def test_the_same_dispatches_are_allowed(one: Cleared) -> None:
    """Both are minimised in directions drawn at random: of output, awards, storage, bids and virtual plants.

    So ramps, output limits and blocks, which production writes otherwise, are held against the plain rows.
    """
    model = production_sced(
        one.case,
        one.rules,
        one.rules.clearing_penalties,
        one.grid.islands,
        one.on,
        one.modes,
    )
    problem, told = whole(model, one.grid), Told(one.case, model, one.rules)
    plain = compiled(sced(one.case, one.rules, one.on, one.mode, regulating=one.regulating))
    rng = np.random.default_rng(len(plain.cost))
    for _ in range(4):
        wanted = {name: float(rng.normal(0, 50)) for name in plain.columns if name[0] in DRAWN}
        here, there = toward(wanted, plain), toward_in_production(wanted, told)
        cost = np.concatenate([there[0], problem.cost[len(there[0]) :]])
        right = Solver(replaced(plain, here), offset=0.0).optimum()
        own = Solver(replaced(problem, cost), offset=there[1]).optimum()
        assert right is not None
        assert own == pytest.approx(right, rel=1e-7, abs=1e-5)


def replaced(problem: object, cost: Floats) -> object:
    """The same rows with another cost."""
    fields = {
        name: getattr(problem, name) for name in ("lower", "upper", "matrix", "row_lower", "row_upper", "integer")
    }
    return SimpleNamespace(**fields, cost=cost)


def toward(wanted: dict[Name, float], plain: Compiled) -> Floats:
    """Cost of the specification's columns: what is wanted, penalties kept, blocks for nothing."""
    cost = plain.cost.copy()
    for name, column in plain.columns.items():
        if name[0] in FREE:
            cost[column] = 0.0
        elif name in wanted:
            cost[column] = wanted[name]
    return cost


def toward_in_production(wanted: dict[Name, float], told: Told) -> tuple[Floats, float]:
    """The same cost in production's columns, and what of it is constant: p_min·on, the least output of renewables."""
    cost, constant = told.problem.cost.copy(), 0.0
    owner, least = told.model.renewable_curve.resource, told.case.renewables.min_mw
    p_min, on = told.case.units.p_min_mw, told.problem.lower[told.problem.columns["on"]]
    for column, known in enumerate(told.columns):
        (family, at), *_ = known  # not ONE, which stands behind
        if family in (*FREE, *GIVEN) and family != "renewable_segment":
            cost[column] = 0.0
        elif family == "renewable_segment":
            cost[column] = wanted.get(("renewable", (int(owner[at[0]]), at[1])), 0.0)
        elif (family, at) in wanted:
            cost[column] = wanted[family, at]
    for (family, at), price in wanted.items():
        if family == "output":
            constant += price * p_min[at] * on[at]
        elif family == "renewable":
            constant += price * least[at]
        elif family == "demand":
            constant += price * told.case.demand_bids.min_mw[at]
        elif family == "virtual":
            constant += price * told.case.virtual_plants.min_mw[at]
    return cost, constant


class Slopes:
    """What one more MW on the right side of rows costs in the pricing run of the specification, from both sides."""

    def __init__(self, one: Cleared) -> None:
        self.hours = one.case.horizon.hours
        m = pricing(one.case, one.rules, one.sced.schedule, one.mode)
        solve(m)
        again = unanswered(m, one.case, one.rules, one.sced.schedule)
        self.free = again is not None
        self.plain = compiled(pricing(one.case, one.rules, one.sced.schedule, one.mode, again) if self.free else m)
        self.solver = Solver(self.plain, offset=self.plain.offset)
        self.at_rest = self.value()
        assert np.isfinite(self.at_rest)

    def value(self) -> float:
        """+inf where there is no point: an island whose load is all shed cannot take more of it."""
        found = self.solver.optimum()
        return np.inf if found is None else found

    def interval(self, sides: dict[Name, float], side: str = "both") -> tuple[float, float]:
        """Left and right slope per MWh; sides: MW by row for one MW of the change. Every dual lies between them."""
        values = {}
        for sign in (-1.0, 1.0):
            self._move(sides, sign * NUDGE_MW, side)
            values[sign] = self.value()
            self._move(sides, 0.0, side)
        left = (self.at_rest - values[-1.0]) / NUDGE_MW / self.hours
        right = (values[1.0] - self.at_rest) / NUDGE_MW / self.hours
        return left, right

    def _move(self, sides: dict[Name, float], mw: float, side: str) -> None:
        for name, weight in sides.items():
            row = self.plain.rows[name]
            low, high = self.plain.row_lower[row], self.plain.row_upper[row]
            low, high = low + mw * weight * (side != "upper"), high + mw * weight * (side != "lower")
            self.solver.highs.changeRowBounds(row, low, high)


def assert_between(price: float, interval: tuple[float, float], what: object) -> bool:
    """A price lies between both slopes; whether they are the same, so that it is the only one."""
    left, right = interval
    room = 1e-4 * max(1.0, *(abs(side) for side in interval if np.isfinite(side)))
    assert left <= right + 2 * room, what
    assert left - room <= price <= right + room, (what, price, interval)
    return right - left <= room


def test_bus_prices_are_duals_of_the_specification(one: Cleared) -> None:
    """The price at a bus is the cost of one more MW of load there; equal to it where that is unique."""
    slopes, found = one.slopes, prices(one.case, one.rules, one.grid, one.priced, one.sced.schedule)
    uncapped, island = found.bus_energy + found.bus_congestion, one.grid.islands.of_bus
    for k, t in np.ndindex(uncapped.shape):
        sides = {("balance", (int(island[k, t]), t)): 1.0}
        if ("bus_balance", (k, t)) in slopes.plain.rows:
            sides["bus_balance", (k, t)] = 1.0
        linear = one.case.linear_limits
        for row in np.flatnonzero(linear.bus == k):
            name = ("linear_limit", (int(linear.bus_limit[row]), t))
            sides[name] = sides.get(name, 0.0) + float(linear.bus_coefficient[row])
        sides = {name: weight for name, weight in sides.items() if name in slopes.plain.rows}
        assert_between(uncapped[k, t], slopes.interval(sides), ("bus", k, t))


def test_reserve_prices_are_duals_of_the_specification(one: Cleared) -> None:
    slopes, found = one.slopes, prices(one.case, one.rules, one.grid, one.priced, one.sced.schedule)
    for q, t in np.ndindex(found.reserve_price.shape):
        assert_between(found.reserve_price[q, t], slopes.interval({("product", (q, t)): 1.0}), ("product", q, t))


def test_branch_and_interface_prices_are_duals_of_the_specification(one: Cleared) -> None:
    """A value ≤ 0 prices the upper limit, one ≥ 0 the lower limit."""
    slopes, certificate = one.slopes, multipliers(one.case, one.rules, one.grid, one.priced)
    value = {
        (family, subject, int(t)): float(v)
        for family, subject, t, v in zip(
            certificate.family, certificate.subject, certificate.period, certificate.value, strict=True
        )
    }
    ids = {"branch": one.case.network.branch_id, "interface": one.case.network.interface_id}
    for (family, at), row in slopes.plain.rows.items():
        if family in ids:
            price = value.get((family, ids[family][at[0]], at[1]), 0.0)
            for side, limit, own in (
                ("upper", slopes.plain.row_upper[row], min(price, 0.0)),
                ("lower", slopes.plain.row_lower[row], max(price, 0.0)),
            ):
                if np.isfinite(limit):
                    assert_between(own, slopes.interval({(family, at): 1.0}, side), (family, at, side))


def test_prices_are_mostly_unique_and_some_are_of_congestion_and_of_broken_limits(every: dict[Drawn, Cleared]) -> None:
    """Else the tests above would show little."""
    unique = total = congested = broken = relaxed = 0
    for seed in SEEDS:
        if (seed, False) not in every:
            try:
                every[seed, False] = cleared(seed)
            except pytest.skip.Exception:
                continue
        one = every[seed, False]
        slopes, found = one.slopes, prices(one.case, one.rules, one.grid, one.priced, one.sced.schedule)
        congested += bool((np.abs(found.bus_congestion) > 1e-3).any())
        broken += bool(one.sced.violations)
        relaxed += bool(one.sced.violations) and (
            one.rules.prices.violation_pricing is ViolationPricing.RELAX_AND_RERUN
        )
        for t in range(one.case.horizon.periods):
            left, right = slopes.interval({("balance", (0, t)): 1.0})
            unique += right - left < 1e-4 * max(1.0, abs(left))
            total += 1
    assert unique > total // 2
    assert min(congested, broken, relaxed) >= 5, (congested, broken, relaxed)
