"""Losses: production's settled answer against the specification linearised at it, written on its own."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from clearing.case.case import Case
from clearing.case.contingencies import Contingencies, OutageKind
from clearing.case.result import ClearingResult
from clearing.day_ahead import clear
from clearing.grid.losses import island_losses
from clearing.grid.monitored import grid
from clearing.rules.load import load
from clearing.solve.control import RunControl
from clearing.solve.options import SolveOptions
from models import outcome
from models.contingencies import watched
from models.data import read
from models.losses import point
from models.sced import dispatch as specified
from models.solve import solve
from tests.factory import market

RULES = load("generic", "", {"losses.model": "marginal", "losses.tolerance_mw": "1e-6", "losses.max_rounds": "40"})
KEEP = RULES.clearing_penalties


def meshed(seed: int) -> Case:
    """Four buses in a ring with a diagonal, a phase shifter, a line that binds, three units, two periods."""
    rng = np.random.default_rng(seed)
    ends = (("a", "b"), ("b", "c"), ("c", "d"), ("d", "a"), ("a", "c"))
    lines = [
        {"id": x + y, "ends": (x, y), "x": float(rng.uniform(0.05, 0.2)), "r": float(rng.uniform(0.005, 0.05))}
        for x, y in ends
    ]
    lines[4] |= {"shift": 1.5, "limit": 45.0}
    price = rng.uniform(20, 40, 3)
    units = [
        {"id": f"u{k}", "bus": bus, "p_max": 150.0, "blocks": [(60.0, float(price[k])), (90.0, float(price[k]) + 3.0)]}
        for k, bus in enumerate("abd")
    ]
    demand = {"a": [0.0, 10.0], "b": [40.0, 60.0], "c": [90.0, 120.0], "d": [20.0, 0.0]}
    return market(demand, units=units, branches=lines, period_minutes=30)


@pytest.fixture(scope="module", params=range(3))
def settled(request: pytest.FixtureRequest) -> tuple[Case, ClearingResult]:
    case = meshed(request.param)
    answer = clear(case, RULES, SolveOptions(gap=0.0), RunControl())
    assert answer.audit_passed, answer.audit
    assert answer.violations == ()
    return case, answer


def injection_of(case: Case, answer: ClearingResult) -> np.ndarray:
    total = np.zeros((len(case.network.bus_id), case.horizon.periods))
    assert answer.schedule is not None
    np.add.at(total, case.units.bus, answer.schedule.dispatch_mw)
    np.add.at(total, case.loads.bus, -case.loads.mw)
    return total


def test_losses_and_factors_are_those_of_the_specification(settled: tuple[Case, ClearingResult]) -> None:
    case, answer = settled
    injection = injection_of(case, answer)
    at = point(read(case, RULES), injection)
    lost, factor = island_losses(case.network, grid(case), injection)
    assert lost == pytest.approx(at.island_mw, abs=1e-9)
    assert factor == pytest.approx(at.factor, abs=1e-9)
    assert injection.sum(axis=0) == pytest.approx(at.island_mw[0], abs=1e-6)


def test_the_answer_is_an_optimum_of_the_specification_linearised_at_it(settled: tuple[Case, ClearingResult]) -> None:
    """Same cost, and the prices of its duals, as near as an operating point within 1e-6 MW of losses lets them be."""
    case, answer = settled
    assert answer.schedule is not None
    assert answer.prices is not None
    assert answer.costs is not None
    d = read(case, RULES)
    at = point(d, injection_of(case, answer))
    on = answer.schedule.on
    m = specified(d, on, np.zeros((0, 2), dtype=np.int64), None, KEEP, at=at)
    found = solve(m)
    assert answer.costs.energy == pytest.approx(found.objective, rel=1e-6)
    assert outcome.lossy_prices(m, d, at.factor) == pytest.approx(answer.prices.bus_price, rel=2e-3)


def test_tangents_anywhere_bound_the_cost_from_below(settled: tuple[Case, ClearingResult]) -> None:
    """Losses linearised anywhere are below the quadratic ones, so no such problem may cost more than the answer."""
    case, answer = settled
    assert answer.schedule is not None
    assert answer.costs is not None
    d, rng = read(case, RULES), np.random.default_rng(5)
    own = injection_of(case, answer)
    for spread in (0.0, 0.5, 5.0, 20.0):
        at = point(d, own + rng.normal(0.0, 1.0, own.shape) * spread)
        m = specified(d, answer.schedule.on, np.zeros((0, 2), dtype=np.int64), None, KEEP, at=at)
        assert solve(m).objective <= answer.costs.energy * (1.0 + 1e-7)


@pytest.mark.parametrize("seed", range(3))
def test_contingencies_and_losses_together(seed: int) -> None:
    """Limits after the loss of a line, of a unit and of both that bind, with marginal losses before them."""
    plain = meshed(seed)
    lost = {"N0": ([0], []), "N1": ([1], []), "U": ([], [1]), "NU": ([3], [0])}
    rows = [
        (c, kind, element)
        for c, pair in enumerate(lost.values())
        for kind, elements in zip((OutageKind.BRANCH, OutageKind.UNIT), pair, strict=True)
        for element in elements
    ]
    of, kind, element = np.array(rows, dtype=np.int64).T.copy()
    none = np.zeros(0, dtype=np.int64)
    case = replace(
        plain,
        network=replace(plain.network, branch_emergency_limit_mw=np.full(5, 80.0)),
        contingencies=Contingencies(tuple(lost), of, kind, element, none, 0.0, none, none, none),
    )
    answer = clear(case, RULES, SolveOptions(gap=0.0), RunControl())
    assert answer.audit_passed, answer.audit
    assert answer.schedule is not None
    assert answer.prices is not None
    assert answer.costs is not None
    assert any(b.family == "contingency" for b in answer.bindings)
    assert answer.prices.bus_loss.any()
    d = watched(read(case, RULES))
    at = point(d, injection_of(case, answer))
    m = specified(d, answer.schedule.on, np.zeros((0, 2), dtype=np.int64), None, KEEP, at=at)
    found = solve(m)
    assert answer.violations == ()
    assert answer.costs.energy == pytest.approx(found.objective, rel=1e-6)
    assert outcome.lossy_prices(m, d, at.factor) == pytest.approx(answer.prices.bus_price, rel=2e-3)
