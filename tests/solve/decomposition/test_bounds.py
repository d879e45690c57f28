"""Every family on and off, with a network: the audit's own bound is the search's, and never above the optimum.

The optimum is that of the whole MIP at gap 0, with every row that a limit of the network could ever have. Families that
no proof has are taken out of the cases; what a proof leaves out of the others stays in the optimum.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import pytest

from clearing.case.bound_proof import NETWORK, left_out
from clearing.case.result import BoundKind
from clearing.checks.bids import firm_load
from clearing.checks.bound import read, recomputed
from clearing.checks.electrical import electrical
from tests.solve.decomposition.bounded import bounded
from tests.solve.decomposition.test_networked_families import (
    FAMILIES,
    FEW,
    KEYS,
    SLACK,
    Key,
    alone,
    by_prices,
    case_of,
    huge,
    optimum,
)

AGREE = 1e-9

DRAWN = [key for k, key in enumerate(KEYS) if k % 8 in (0, 1, 2, 4, 6)]
"""Five in eight of the cases of the search by prices, of every kind."""

PARTS = 20


@dataclass(frozen=True)
class Judged:
    """Families of multipliers that are not 0; whether the bound claimed is the one proved, and how far below the
    optimum it is, relative."""

    families: frozenset[str]
    proved: bool
    below: float


def judged(key: Key) -> Judged | None:
    """Compare; None where the case has no feasible point, or does not go by prices."""
    case, rules = bounded(*case_of(key))
    if not by_prices(case, rules):
        return None
    least = optimum(case, rules)
    if least is None:
        return None
    search = alone(case, rules, huge=huge(key))
    proof = search.proof
    assert proof is not None, key
    where = electrical(case.network, firm_load(case))
    given, stray = read(case, rules, where, proof)
    assert not stray, key
    right, size = recomputed(case, rules, where, given), max(1.0, abs(least))
    assert abs(right - proof.bound) <= AGREE * max(1.0, abs(proof.bound)), (key, right, proof.bound)
    assert right <= least + SLACK * size, (key, right, least)
    assert search.bound is not None
    assert proof.bound <= search.bound <= least + SLACK * size, key
    proved = search.bound_kind is BoundKind.LAGRANGIAN
    assert not proved or proof.bound == search.bound, key
    return Judged(frozenset(proof.multipliers.family), proved, (least - right) / size)


@pytest.mark.parametrize("key", FEW, ids=str)
def test_the_bound_of_the_audit_is_that_of_the_search_and_below_the_optimum(key: Key) -> None:
    found = judged(key)
    assert found is not None
    assert found.below >= -SLACK


@pytest.mark.oracle
@pytest.mark.parametrize("part", range(PARTS))
def test_bounds_at_length(part: int) -> None:
    """Only a bound in which switching times or changeovers of pumps have a multiplier is more than is proved."""
    found = [one for key in DRAWN[part::PARTS] if (one := judged(key)) is not None]
    assert len(found) >= 15
    assert sum(one.proved for one in found) >= 0.8 * len(found)
    assert sum(bool(one.families & set(NETWORK)) for one in found) >= 3


@pytest.mark.oracle
def test_every_family_is_on_and_off_in_some() -> None:
    cases = [one for key in DRAWN if by_prices(*(one := bounded(*case_of(key))))]
    assert len(cases) >= 300
    on = Counter(name for case, rules in cases for name, is_on in FAMILIES.items() if is_on(case, rules))
    out = Counter(name for case, rules in cases for name in left_out(case, rules))
    assert set(out) == {
        "energy_window", "unit_starts", "switching", "changeover", "offline", "flexible_up",
        "award_offer", "ramp_up",
    }  # fmt: skip
    assert min(out.values()) >= 10
    assert len(on) >= len(FAMILIES) - 8, set(FAMILIES) - set(on)
