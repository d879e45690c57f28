"""Egret's test_case_1 and test_case_2: the published optimum, from production and from the executable specification."""

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

DATA = Path(__file__).resolve().parents[3] / "shared" / "data" / "egret"
PUBLISHED = {"test_case_1": 4201915.017320504, "test_case_2": 5454367.7670904165}
"""Money a day: 28 (35) units, 24 hours, one bus, a spinning reserve of 3 % of the load."""
GAP = 5e-7


def instance(name: str) -> Case:
    file = DATA / f"{name}.json"
    if not file.is_file():
        pytest.skip("Egret's instances are not beside the checkout (../shared/data/egret)")
    return formats.read(file)


@pytest.mark.slow
@pytest.mark.parametrize("name", PUBLISHED)
def test_production_finds_the_published_optimum(name: str) -> None:
    answer = clear(instance(name), load("generic"), SolveOptions(gap=GAP, time_limit_seconds=600.0), RunControl())
    end = answer.termination
    print(f"\n{name}: {end.objective!r}, bound {end.bound!r}, published {PUBLISHED[name]!r}")
    assert end.reason is Reason.OPTIMAL_WITHIN_GAP
    assert end.objective == pytest.approx(PUBLISHED[name], rel=1e-6)
    assert end.bound is not None
    assert end.bound <= PUBLISHED[name] * (1.0 + 1e-9)
    assert answer.violations == ()
    assert answer.audit_passed, answer.audit


@pytest.mark.slow
@pytest.mark.parametrize("name", PUBLISHED)
def test_the_specification_finds_the_published_optimum(name: str) -> None:
    found = solve(scuc(instance(name), load("generic")), gap=GAP, seconds=600.0)
    print(f"\n{name}: {found.objective!r}, bound {found.bound!r} in {found.seconds:.0f} s")
    assert found.objective == pytest.approx(PUBLISHED[name], rel=1e-6)
    assert found.bound <= PUBLISHED[name] * (1.0 + 1e-9)
