"""Formulations: one optimum whatever is chosen, LP bounds in the order that the papers prove, and strictly so."""

from __future__ import annotations

from functools import cache
from itertools import pairwise

import pytest

from clearing.bench.variants import (
    DEFAULT,
    TIGHTEST,
    CostCurve,
    Limits,
    Ramps,
    StartCost,
    Variants,
    every,
    one_at_a_time,
)
from clearing.case.case import Case
from clearing.rules.rules import Rules
from models.bench import lp_bound
from models.scuc import scuc
from models.solve import NoSolutionError, solve
from tests.factory import Row, market
from tests.formulation.drawn import GENERIC
from tests.oracle.cases import drawn
from tests.solve.decomposition import plates

NEAR = 1e-6

CHAINS: tuple[tuple[Variants, ...], ...] = (
    (Variants(StartCost.THREE_BIN), Variants(StartCost.TYPES), Variants(StartCost.MATCH)),
    (Variants(StartCost.TYPES), Variants(StartCost.STATES)),
    (Variants(ramps=Ramps.ARROYO_CONEJO), Variants(ramps=Ramps.DAMCI_KURT)),
    (Variants(limits=Limits.BASIC), Variants(limits=Limits.GENTILE), Variants(limits=Limits.PAN_GUAN)),
    (
        Variants(cost_curve=CostCurve.WIDTHS),
        Variants(cost_curve=CostCurve.ON),
        Variants(cost_curve=CostCurve.START_STOP),
    ),
    (DEFAULT, TIGHTEST),
)
"""Weaker before stronger."""


def optimum(case: Case, rules: Rules, variants: Variants) -> float | None:
    try:
        return solve(scuc(case, rules, variants=variants)).objective
    except NoSolutionError:
        return None


@cache
def plate(seed: int) -> tuple[Case, Rules]:
    return plates.drawn(seed, most_units=5, most_periods=10)


@cache
def relaxed(seed: int, variants: Variants) -> float:
    return lp_bound(*plate(seed), variants)


@pytest.mark.parametrize("seed", [*range(3), *(pytest.param(s, marks=pytest.mark.slow) for s in range(3, 12))])
def test_every_formulation_has_the_same_optimum_on_copper_plates(seed: int) -> None:
    case, rules = plate(seed)
    right = optimum(case, rules, DEFAULT)
    for variants in one_at_a_time():
        assert optimum(case, rules, variants) == pytest.approx(right, rel=NEAR), variants.name


@pytest.mark.parametrize("seed", [*range(2), *(pytest.param(s, marks=pytest.mark.slow) for s in range(2, 12))])
def test_every_formulation_has_the_same_optimum_with_every_family(seed: int) -> None:
    case, rules = drawn(seed, steered=bool(seed % 2), terms=seed % 3 == 0)
    right = optimum(case, rules, DEFAULT)
    for variants in one_at_a_time():
        assert optimum(case, rules, variants) == pytest.approx(right, rel=NEAR), variants.name


@pytest.mark.oracle
@pytest.mark.parametrize("seed", range(40))
def test_all_combinations_have_the_same_optimum(seed: int) -> None:
    case, rules = drawn(seed + 300, steered=bool(seed % 2), terms=seed % 3 == 0) if seed % 2 else plate(seed + 300)
    right = optimum(case, rules, DEFAULT)
    for variants in every(list(StartCost), list(Ramps), list(Limits), list(CostCurve)):
        assert optimum(case, rules, variants) == pytest.approx(right, rel=NEAR), variants.name


@pytest.mark.parametrize("seed", range(4))
def test_lp_bounds_stand_in_the_order_that_the_papers_prove(seed: int) -> None:
    right = optimum(*plate(seed), DEFAULT)
    assert right is not None
    for chain in CHAINS:
        for weaker, stronger in pairwise(chain):
            assert relaxed(seed, weaker) <= relaxed(seed, stronger) + NEAR * abs(right), (weaker, stronger)
        assert relaxed(seed, chain[-1]) <= right + NEAR * abs(right)


DEAR = {"id": "dear", "p_min": 0.0, "p_max": 200.0, "blocks": [(200.0, 100.0)], "on": True, "mw": 0.0, "minutes": 600}
CHEAP = {"id": "a", "p_min": 0.0, "p_max": 100.0, "blocks": [(100.0, 10.0)], "no_load": 1000.0, "minutes": 600}
WARM = CHEAP | {"on": False, "start": [(0, 100.0), (150, 500.0)]}
RAMPED = CHEAP | {"on": True, "mw": 100.0, "startup_limit": 40.0, "ramp_up": 0.5, "min_up": 180}
CYCLED = RAMPED | {
    "p_min": 40.0, "blocks": [(50.0, 10.0), (50.0, 30.0)], "startup_limit": 60.0, "shutdown_limit": 60.0,
    "ramp_down": 0.5, "min_up": 60, "start": [(0, 100.0), (150, 500.0)],
}  # fmt: skip


@pytest.mark.parametrize(
    ("load", "unit", "bounds"),
    [
        ([50.0, 0.0, 50.0, 100.0], WARM, {Variants(StartCost.TYPES): 4350.0, Variants(StartCost.MATCH): 4550.0}),
        (
            [100.0, 50.0, 70.0, 100.0],
            RAMPED,
            {
                Variants(limits=Limits.BASIC): 6400.0,
                Variants(limits=Limits.GENTILE): 6700.0,
                Variants(limits=Limits.PAN_GUAN): 7200.0,
                Variants(cost_curve=CostCurve.START_STOP): 6700.0,
            },
        ),
        (
            [100.0, 30.0, 70.0, 100.0, 20.0, 60.0],
            CYCLED,
            {
                DEFAULT: 14141.905,
                Variants(ramps=Ramps.DAMCI_KURT): 14514.286,
                Variants(cost_curve=CostCurve.ON): 15109.524,
            },
        ),
    ],
)
def test_stronger_rows_have_a_greater_bound(load: list[float], unit: Row, bounds: dict[Variants, float]) -> None:
    case = market(load, [unit, DEAR])
    for variants, bound in bounds.items():
        assert lp_bound(case, GENERIC, variants) == pytest.approx(bound, abs=1e-3), variants.name


def test_types_are_stronger_than_three_binaries_on_some_case() -> None:
    types, three = Variants(StartCost.TYPES), Variants(StartCost.THREE_BIN)
    assert any(relaxed(seed, types) > relaxed(seed, three) + 1e-3 for seed in range(12))
