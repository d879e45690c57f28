"""Contingencies: production against the specification, by optimum of SCUC, SCED and pricing run, prices and audit."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from clearing.case.case import Case
from clearing.case.validate import has_errors, validate
from clearing.day_ahead import clear
from clearing.grid.monitored import Grid, grid
from clearing.grid.pairs import Pairs
from clearing.price.pricing_run import pricing_run
from clearing.rules.rules import Rules, ViolationPricing
from clearing.solve.control import RunControl
from clearing.solve.dispatch import dispatch
from clearing.solve.options import SolveOptions
from models.data import read
from models.outcome import bus_prices, storage_mode
from models.pricing import pricing
from models.sced import sced
from models.scuc import scuc
from models.solve import solve
from tests.factory import Row, market
from tests.formulation.drawn import CLEARING, GENERIC, exact

BASE = exact(replace(GENERIC, clearing_penalties=CLEARING))
SEEDS = [*range(2), *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(2, 6))]


def drawn(seed: int) -> tuple[Case, Rules]:
    """A mesh of five buses with a shifter, outages by period, losses of lines, units, an HVDC line and of several."""
    rng = np.random.default_rng([seed, 21])
    buses, periods = list("abcde"), int(rng.integers(1, 4))
    ends = [("a", "b"), ("b", "c"), ("c", "d"), ("d", "e"), ("e", "a"), ("a", "c"), ("b", "d")]
    branches: list[Row] = [
        {
            "id": f"l{k}", "ends": pair, "x": float(rng.uniform(0.05, 0.3)), "limit": float(rng.uniform(30, 90)),
            "emergency": float(rng.uniform(25, 100)), "shift": float(rng.choice([0.0, 0.0, 2.0])),
            "tap": float(rng.choice([1.0, 0.95])),
            **({"out": [(0, 0)]} if rng.random() < 0.15 else {}), **({"penalty": 30.0} if rng.random() < 0.1 else {}),
        }
        for k, pair in enumerate(ends)
    ]  # fmt: skip
    units = [
        {
            "id": f"g{k}", "bus": bus, "p_max": float(rng.uniform(60, 150)), "p_min": float(rng.choice([0, 20])),
            "price": float(rng.integers(5, 60)), "on": True, "mw": 30.0, "no_load": float(rng.choice([0, 100])),
            "start_cost": float(rng.choice([0, 300])),
            **({"up": [5.0], "min_down": 60, "p_min": 20.0} if rng.random() < 0.3 else {}),
        }
        for k, bus in enumerate("aceb")
    ]  # fmt: skip
    lost = [{"id": f"N{k}", "branches": [f"l{k}"], "exempt": ["l0"] * (k == 2)} for k in range(7)]
    lost += [{"id": "U0", "units": ["g0"]}, {"id": "U1", "units": ["g1"], "branches": ["l1"]}]
    lost += [{"id": "H", "hvdc": ["h"]}, {"id": "D", "branches": ["l0", "l2"]}]
    line: Row = {"id": "h", "ends": ("a", "d"), "max": 20.0}
    if rng.random() < 0.5:
        line |= {"loss": 0.05, "min": 0.0}
    watch: Row = {"interfaces": ["cut"]}
    if rng.random() < 0.3:
        watch["branches"] = ["l0", "l1", "l3", "l5"]
    case = market(
        {bus: rng.uniform(0, 50, periods).round(1) for bus in buses},
        units,
        buses=buses,
        branches=branches,
        hvdc=[line],
        interfaces=[{"id": "cut", "terms": {"l0": 1.0, "l5": 1.0}, "min": -60, "max": 60}],
        contingencies=lost,
        watch=watch,
        period_minutes=30,
    )
    form = ViolationPricing.PENALTY if rng.random() < 0.5 else ViolationPricing.RELAX_AND_RERUN
    rules = replace(BASE, prices=replace(BASE.prices, violation_pricing=form))
    assert not has_errors(validate(case, rules))
    return case, rules


def everything(found: Grid) -> Grid:
    """The grid that limits every branch and interface after every contingency, but for pairs that are exempt."""
    table = found.security.contingencies
    network, count = found.monitored.weight[0].shape[1], len(table.id)
    gates = np.unique(table.monitored_interface)
    rows = np.tile(np.concatenate([np.arange(network), gates]), count)
    kind = np.tile(np.repeat([0, 1], [network, len(gates)]), count)
    contingency = np.repeat(np.arange(count), network + len(gates))
    exempt = set(zip(table.exempt_branch.tolist(), table.exempt_contingency.tolist(), strict=True))
    pairs = zip(kind.tolist(), rows.tolist(), contingency.tolist(), strict=True)
    kept = np.array([k == 1 or (row, c) not in exempt for k, row, c in pairs], dtype=np.bool_)
    return found.watching(Pairs(kind[kept], rows[kept], contingency[kept]))


@pytest.mark.parametrize("seed", SEEDS)
def test_the_specification_finds_the_same_optimum(seed: int) -> None:
    case, rules = drawn(seed)
    result = clear(case, rules, SolveOptions(gap=0.0), RunControl())
    schedule = result.schedule
    assert schedule is not None
    assert result.audit_passed, result.audit
    plain = solve(scuc(case, rules)).objective
    assert result.termination.objective == pytest.approx(plain, rel=1e-6, abs=1e-4)


@pytest.mark.parametrize("seed", SEEDS)
def test_dispatch_and_prices_are_those_of_the_specification(seed: int) -> None:
    case, rules = drawn(seed)
    result = clear(case, rules, SolveOptions(gap=0.0), RunControl())
    schedule = result.schedule
    assert schedule is not None
    assert result.prices is not None
    mode = storage_mode(schedule)
    own = solve(sced(case, rules, schedule.on, mode, schedule.pumped_mode)).objective
    found = dispatch(case, rules, grid(case), schedule.on, np.zeros((0, case.horizon.periods), np.int8), RunControl())
    assert found is not None
    costs = found.costs
    assert costs.total - costs.no_load - costs.start - costs.stop == pytest.approx(own, rel=1e-6, abs=1e-4)
    m = pricing(case, rules, found.schedule, mode)
    priced = pricing_run(case, rules, found.grid, found, RunControl())
    assert priced is not None
    # what is the same at any dispatch of a commitment stands in the specification's objective only
    constant = own - found.lp_objective
    assert priced.lp_objective + constant == pytest.approx(solve(m).objective, rel=1e-6, abs=1e-3)
    assert bus_prices(m, read(case, rules)).shape == result.prices.bus_price.shape


@pytest.mark.parametrize("seed", SEEDS)
def test_all_rows_at_once_give_the_same_optimum(seed: int) -> None:
    """What is added round by round, ten rows at most, ends where everything from the start does."""
    case, rules = drawn(seed)
    lazy = replace(rules, solve=replace(rules.solve, security_rows=10, security_rounds=1000))
    on, mode = np.ones((4, case.horizon.periods), dtype=np.int8), np.zeros((0, case.horizon.periods), np.int8)
    whole = everything(grid(case))
    every = np.isfinite(whole.monitored.upper) | np.isfinite(whole.monitored.lower)
    once = dispatch(case, rules, whole, on, mode, RunControl(), active=every)
    rounds = dispatch(case, lazy, grid(case), on, mode, RunControl())
    assert once is not None
    assert rounds is not None
    assert rounds.left == once.left == 0
    assert once.secured == 0
    assert rounds.lp_objective == pytest.approx(once.lp_objective, rel=1e-7, abs=1e-5)
    assert rounds.active.sum() < once.active.sum()
