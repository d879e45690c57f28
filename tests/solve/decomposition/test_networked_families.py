"""Every family on and off, with a network, by prices: the optimum within the gap, no bound above it, audits passed.

The optimum is that of a clearing at gap 0; branch and bound over the whole problem, all its rows at once, and for some
the specification give it again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache

import pytest

from clearing.case.case import Case
from clearing.case.give_way import give_way
from clearing.case.result import ClearingResult, Reason
from clearing.case.validate import has_errors, validate
from clearing.checks.audit import audit
from clearing.day_ahead import UNSHARED, clear
from clearing.formulation.scuc import scuc
from clearing.grid.monitored import grid
from clearing.rules.rules import LossModel, Rules
from clearing.solve import commit, kept_solver, relax, warm_start
from clearing.solve.control import RunControl
from clearing.solve.decomposition import networked
from clearing.solve.options import SolveOptions
from clearing.solve.relax import deferred
from clearing.solve.search import Search
from tests.checks import families
from tests.checks.random_market import random_market
from tests.oracle.cases import drawn
from tests.oracle.compiled import Solver
from tests.oracle.production import production, whole
from tests.oracle.test_all_families import SWITCHED_ON
from tests.oracle.test_contingencies import drawn as secured
from tests.oracle.test_contingencies import everything
from tests.oracle.test_optimum import specified

GAP = 1e-3
SECONDS = 60.0
SLACK = 1e-6

Key = tuple[str, str | int, int]

WHERE = ((networked, "LARGE"), (relax, "HUGE"), (kept_solver, "LARGE"), (warm_start, "LARGE"))
HUGE = ((commit, "HUGE_SECONDS"), (networked, "MANY"))

KEYS: list[Key] = [
    *(("drawn", seed, seed % 4) for seed in range(2000, 2180)),
    *(("market", seed, 0) for seed in range(500, 700)),
    *(("family", name, seed) for name in families.FAMILIES for seed in range(11, 15)),
    *(("market", seed, 0) for seed in range(260)),
    *(("drawn", seed, seed % 4) for seed in range(130)),
    *(("secured", seed, 0) for seed in range(130)),
]
"""What is drawn: every family at once (steered and with terms by the third number), markets, one family at a time,
losses of lines, units and several at once on a mesh."""

WARM: set[Key] = {("market", seed, 0) for seed in (22, 99, 102, 113, 195)}
"""Cases whose pricing runs end, from a basis, with multipliers on ramp rows that say the same as another limit."""

FEW: list[Key] = [
    ("drawn", 2001, 1), ("drawn", 2044, 0), ("drawn", 2070, 2), ("drawn", 2100, 0), ("market", 501, 0),
    ("market", 528, 0), ("market", 559, 0), ("family", "contingencies", 11), ("family", "system reserves", 11),
    ("family", "spacing at a plant", 11), ("family", "energy windows", 11), ("family", "pumped hydro", 11),
    ("family", "output curves", 11), ("family", "demand bids", 11), ("market", 102, 0), ("secured", 6, 0),
]  # fmt: skip

BY_STATE = 12
"""Curves by start state of a unit that has a shut-down curve as well: too much at once; see MORE."""

MORE: dict[str, Callable[[Case, Rules], bool]] = {
    "interfaces": lambda c, _: bool(c.network.interface_id),
    "contingencies": lambda c, _: bool(c.contingencies.id),
    "branch outages": lambda c, _: bool(len(c.network.branch_outages.branch)),
    "linear limits": lambda c, _: bool(c.linear_limits.id),
    "storage": lambda c, _: bool(c.storage.id),
    "pumped hydro": lambda c, _: bool(c.pumped_hydro.id),
    "direct-current lines": lambda c, _: bool(c.hvdc_lines.id),
    "demand bids": lambda c, _: bool(c.demand_bids.id),
    "virtual plants": lambda c, _: bool(c.virtual_plants.id),
    "reserve products": lambda c, _: bool(c.reserves.product_id),
    "reserve offers": lambda c, _: bool(len(c.reserve_offers.unit)),
    "regulation bands": lambda c, _: bool(len(c.regulation_bands.unit)),
    "limits of plants": lambda c, _: bool(len(c.plant_limits.plant)),
    "start-up curves": lambda c, _: bool(len(c.startup_curves.unit)),
    "shut-down curves": lambda c, _: bool(len(c.shutdown_curves.unit)),
}
"""Families that the numbered list puts together."""

FAMILIES = {**{f"number {n}": is_on for n, is_on in SWITCHED_ON.items() if n != BY_STATE}, **MORE}

ALWAYS = {"number 1", "number 7"}
"""Loads, and units: without them there is nothing to clear."""


@cache
def case_of(key: Key) -> tuple[Case, Rules]:
    """Case and rules of a key."""
    kind, name, number = key
    if kind == "drawn":
        return drawn(int(name), steered=bool(number & 1), terms=bool(number & 2))
    if kind == "secured":
        return secured(int(name))
    return random_market(int(name)) if kind == "market" else families.drawn(str(name), number)


def huge(key: Key) -> bool:
    """Whether a case is taken for a huge problem, whose dispatches begin at bases; else for a large one."""
    return KEYS.index(key) % 2 == 0 or key in WARM


def optimum(case: Case, rules: Rules) -> float | None:
    """Of production's SCUC with every row that a network limit could ever have, at gap 0; None = infeasible."""
    case, _ = give_way(case, rules)
    value = Solver(whole(production(case, rules)[0], everything(grid(case)))).optimum()
    return None if value is None else float(value)


def by_prices(case: Case, rules: Rules) -> bool:
    """Whether the way by prices takes such a case at all: one island, no losses, nothing wrong with it."""
    one = grid(case).islands
    return (
        bool(case.network.branch_id)
        and one.count == 1
        and rules.losses.model is LossModel.NONE
        and not has_errors(validate(case, rules))
    )


def cleared(case: Case, rules: Rules, gap: float) -> ClearingResult:
    return clear(case, rules, SolveOptions(gap=gap, time_limit_seconds=SECONDS), RunControl())


@contextmanager
def taken_for(*, huge: bool) -> Iterator[None]:
    """Every problem is taken for a large one, or for a huge one."""
    with pytest.MonkeyPatch.context() as patch:
        for where, name in WHERE[:1] if not huge else (*WHERE, *HUGE):
            patch.setattr(where, name, 0)
        yield


def forced(case: Case, rules: Rules, *, huge: bool) -> ClearingResult:
    """The clearing with the search by prices in it, whatever comes behind."""
    with taken_for(huge=huge):
        return cleared(case, rules, GAP)


def alone(case: Case, rules: Rules, *, huge: bool) -> Search:
    """The search by prices alone, to a gap that keeps it going."""
    with taken_for(huge=huge):
        search = Search(case, rules, grid(case), SolveOptions(gap=GAP / 100), RunControl())
        model = scuc(case, rules, search.grid.islands)
        search.deferred = deferred(model)
        networked.by_prices(search, model)
        return search


def holds(key: Key) -> ClearingResult | None:
    """Compare; None where the case has no feasible point at all."""
    case, rules = case_of(key)
    best = cleared(case, rules, 0.0)
    if best.termination.objective is None:
        assert best.termination.reason is Reason.NUMERICAL_FAILURE
        assert optimum(case, rules) is None
        return None
    solved = best.termination.reason is Reason.OPTIMAL_WITHIN_GAP
    least = best.termination.bound if solved else optimum(case, rules)
    assert least is not None
    near = SLACK * max(1.0, abs(least))
    found = forced(case, rules, huge=huge(key))
    end = found.termination
    search = alone(case, rules, huge=huge(key))
    assert search.bound is None or search.bound <= least + near
    assert search.best is None or search.best.costs.total >= least - near
    assert end.objective is not None
    assert end.objective >= least - near
    if end.bound is not None:
        assert end.bound <= least + near
    if end.reason is Reason.OPTIMAL_WITHIN_GAP:
        assert end.objective - least <= GAP * abs(end.objective) + near
    assert found.audit_passed, found.audit
    assert audit(case, rules, found).passed
    return found


def fitting() -> list[Key]:
    return [key for key in KEYS if by_prices(*case_of(key))]


@pytest.mark.parametrize("key", FEW, ids=str)
def test_by_prices_with_a_network(key: Key) -> None:
    assert by_prices(*case_of(key))
    holds(key)


def test_equal_offers_are_not_shared_out_where_that_breaks_a_system_reserve_further() -> None:
    """The dispatch sees no limit of the system reserve: of two that cost the same to it one may cost 18,000 more."""
    found = forced(*case_of(("market", 553, 0)), huge=False)
    assert UNSHARED in found.termination.detail
    assert found.termination.reason is Reason.OPTIMAL_WITHIN_GAP
    assert found.audit_passed, found.audit


@pytest.mark.oracle
@pytest.mark.parametrize("part", range(20))
def test_by_prices_with_a_network_at_length(part: int) -> None:
    """Where the bound by prices is of families that the audit can bound, it is computed again."""
    found = [holds(key) for key in fitting()[part::20]]
    assert any(one is not None and one.bound_proof is not None for one in found)


@pytest.mark.oracle
@pytest.mark.parametrize("part", range(20))
def test_branch_and_bound_over_every_row_has_the_same_optimum(part: int) -> None:
    """No row left out until it is broken, no case made smaller first: the whole problem as it is written."""
    for key in fitting()[part::20]:
        case, rules = case_of(key)
        best, right = cleared(case, rules, 0.0).termination, optimum(case, rules)
        assert (right is None) == (best.objective is None), key
        if right is not None and best.reason is Reason.OPTIMAL_WITHIN_GAP:
            assert best.bound == pytest.approx(right, rel=SLACK, abs=1e-5), key


@pytest.mark.oracle
@pytest.mark.parametrize("part", range(4))
def test_the_specification_has_the_same_optimum(part: int) -> None:
    for key in fitting()[part :: 4 * 6]:
        case, rules = case_of(key)
        best = cleared(case, rules, 0.0).termination
        right = specified(give_way(case, rules)[0], rules, "appsi_highs")
        assert (right is None) == (best.objective is None), key
        if right is not None:
            assert best.bound == pytest.approx(right, rel=1e-6, abs=1e-5), key


@pytest.mark.oracle
def test_every_family_is_on_and_off_in_some_that_take_this_way() -> None:
    cases = [case_of(key) for key in fitting()]
    assert len(cases) >= 600
    on = Counter(name for case, rules in cases for name, is_on in FAMILIES.items() if is_on(case, rules))
    assert set(on) == set(FAMILIES)
    assert min(on.values()) >= 10, on
    assert {name for name, count in on.items() if len(cases) - count < 10} <= ALWAYS, on
