"""Formulations: one optimum whatever is chosen, LP bounds in the order that the papers prove, and strictly so."""

from __future__ import annotations

from functools import cache

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
        for weaker, stronger in zip(chain, chain[1:], strict=False):
            assert relaxed(seed, weaker) <= relaxed(seed, stronger) + NEAR * abs(right), (weaker, stronger)
        assert relaxed(seed, chain[-1]) <= right + NEAR * abs(right)


@pytest.mark.parametrize("chain", CHAINS, ids=lambda chain: " < ".join(v.name for v in chain))
def test_every_step_is_strict_on_some_case(chain: tuple[Variants, ...]) -> None:
    for weaker, stronger in zip(chain, chain[1:], strict=False):
        gains = (relaxed(seed, stronger) - relaxed(seed, weaker) for seed in range(12))
        assert any(gain > 1e-3 for gain in gains), (weaker, stronger)
