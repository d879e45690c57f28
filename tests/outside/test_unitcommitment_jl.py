"""UnitCommitment.jl's own small instances: published prices, and production against the specification."""

from pathlib import Path

import pytest

from clearing import formats
from clearing.case.case import Case
from clearing.case.result import Reason
from clearing.day_ahead import clear
from clearing.rules.load import load
from clearing.solve.control import RunControl
from clearing.solve.options import SolveOptions
from models.scuc import scuc
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
