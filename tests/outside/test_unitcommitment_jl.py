"""UnitCommitment.jl's own small instances: published prices, and production against the specification."""

import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from clearing import formats
from clearing.case.arrays import Flags
from clearing.case.case import Case, CommitmentInput, CommitmentUse
from clearing.case.result import Reason
from clearing.day_ahead import clear
from clearing.formulation.unit_data import unit_data
from clearing.grid.monitored import AFTER, grid
from clearing.rules.load import load
from clearing.rules.rules import Rules
from clearing.solve.control import RunControl
from clearing.solve.dispatch import dispatch
from clearing.solve.options import SolveOptions
from clearing.solve.quick_start import merit_order
from models.sced import sced
from models.scuc import scuc
from models.secure import secured
from models.solve import solve

DATA = Path(__file__).resolve().parents[3] / "shared" / "data" / "unitcommitment-jl"

PUBLISHED = {"lmp_simple_test_1": (50.0, 50.0), "lmp_simple_test_2": (50.0, 60.0)}
"""Price at bus A and bus B, as in the package's test/src/lmp tests."""
NETWORKS = ("case14", "case14-storage", "case14-sub-hourly")
"""With their 19 contingencies, a line each."""


def instance(name: str, **options: str) -> Case:
    file = DATA / f"{name}.json.gz"
    if not file.is_file():
        pytest.skip("the instances of UnitCommitment.jl are not beside the checkout (../shared/data/unitcommitment-jl)")
    return formats.read(file, **options)


@pytest.mark.parametrize("name", PUBLISHED)
def test_prices_at_both_ends_of_the_line(name: str) -> None:
    answer = clear(instance(name), load("generic"), SolveOptions(gap=0.0), RunControl())
    assert answer.audit_passed, answer.audit
    assert answer.prices is not None
    assert tuple(answer.prices.bus_price[:, 0]) == pytest.approx(PUBLISHED[name], abs=1e-9)


@pytest.mark.parametrize("name", NETWORKS)
def test_both_routes_find_one_optimum(name: str) -> None:
    case, rules = instance(name), load("generic")
    assert len(case.contingencies.id) == 19
    answer = clear(case, rules, SolveOptions(gap=0.0), RunControl())
    found = solve(scuc(case, rules), gap=0.0, seconds=60.0)
    print(f"\n{name}: production {answer.termination.objective!r}, specification {found.objective!r}")
    assert answer.termination.reason is Reason.OPTIMAL_WITHIN_GAP
    assert answer.audit_passed, answer.audit
    assert answer.termination.objective == pytest.approx(found.objective, rel=1e-9)


def idle(case: Case) -> Flags:
    """Modes of storage: there is none."""
    return np.zeros((0, case.horizon.periods), dtype=np.int8)


def limited(case: Case, rules: Rules, on: Flags) -> Case:
    """case118 states no limits, so none of its contingencies can bind. Here a branch carries after any of them what it
    does in the dispatch without limits, the ten that carry most 5 % less; and normally what it does there, at least
    five sixths of the other.
    """
    found = dispatch(case, rules, grid(case), on, idle(case), RunControl())
    assert found is not None
    flow, factors = found.grid.branch_flow(found.injection), found.grid.security.factors[0]
    after = np.zeros(len(flow))
    for lost, factor in zip(factors.branch, factors.factor, strict=True):
        left = np.abs(flow + factor[:, None] * flow[lost]).max(axis=1)
        left[lost] = 0.0
        after = np.maximum(after, left)
    after[np.argsort(-after)[:10]] *= 0.95
    normal = np.maximum(np.abs(flow).max(axis=1), after / 1.2)
    network = replace(
        case.network,
        branch_limit_mw=np.ceil(normal),
        branch_emergency_limit_mw=np.ceil(np.maximum(normal, after)),
    )
    return replace(case, network=network)


def both_routes(case: Case, rules: Rules, on: Flags) -> int:
    """Dispatched by production and specification, each by rounds of its own; how many rows production adds."""
    own = dispatch(case, rules, grid(case), on, idle(case), RunControl())
    assert own is not None
    after = own.grid.monitored.kind >= AFTER
    rows = int(own.active[after].sum())
    started = time.perf_counter()
    spec = secured(case, rules, lambda among: sced(case, rules, on, idle(case), among=among), solve)
    costs = own.costs.total - own.costs.no_load - own.costs.start - own.costs.stop
    print(f"\nproduction {costs!r}, rounds {own.secured}, rows {rows}, {own.seconds:.1f} s")
    spent = time.perf_counter() - started
    print(f"specification {spec.solved.objective!r}, solves {spec.rounds}, limits {spec.added}, {spent:.0f} s")
    assert costs == pytest.approx(spec.solved.objective, rel=1e-6)
    assert (own.secured > 0) == (spec.rounds > 1) == bool(np.abs(own.network_dual[after]).max(initial=0.0) > 1e-3)
    given = replace(case, commitment=CommitmentInput(on=on, use=CommitmentUse.FIXED))
    answer = clear(given, rules, SolveOptions(), RunControl())
    assert answer.audit_passed, answer.audit
    assert answer.termination.objective == pytest.approx(own.costs.total, rel=1e-9)
    return rows


@pytest.mark.parametrize(
    "limits",
    [
        pytest.param("as published", marks=pytest.mark.slow),
        pytest.param("with limits", marks=pytest.mark.oracle),
    ],
)
def test_case118_with_177_contingencies_dispatched_by_both_routes(limits: str) -> None:
    """54 units, 186 lines, 36 h; the commitment by merit order."""
    case, rules = instance("case118-initcond", initial="merit-order"), load("generic")
    assert (len(case.contingencies.id), case.horizon.periods) == (177, 36)
    on = merit_order(case, rules, unit_data(case))
    case = limited(case, rules, on) if limits == "with limits" else case
    assert (both_routes(case, rules, on) > 0) == (limits == "with limits")


def test_contingencies_by_rounds_end_where_all_at_once_does() -> None:
    case, rules = instance("case14"), load("generic")
    on = merit_order(case, rules, unit_data(case))
    case = limited(case, rules, on)
    assert both_routes(case, rules, on) > 0
    whole = solve(sced(case, rules, on, idle(case))).objective
    spec = secured(case, rules, lambda among: sced(case, rules, on, idle(case), among=among), solve)
    assert spec.solved.objective == pytest.approx(whole, rel=1e-9)
    assert spec.added > 0
