"""What must hold whatever family is in play: the markets of `tests/checks/families.py`, told, sized and cut otherwise.

Every property is drawn by hypothesis over families and seeds, and once for each family (slow). Cases are cleared to gap
0 and audited, both the one and the other.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from clearing.case.case import Case, CommitmentInput, CommitmentUse
from clearing.case.finding import Severity
from clearing.case.result import ClearingResult
from clearing.case.validate import validate
from clearing.checks.audit import audit
from clearing.day_ahead import clear
from clearing.rules.rules import Rules
from clearing.solve.control import RunControl
from clearing.solve.options import SolveOptions
from tests.checks.families import FAMILIES, drawn
from tests.factory import market
from tests.properties.changed import (
    branches_in_order,
    buses_in_order,
    in_shorter_periods,
    kept,
    megawatts_times,
    money_times,
    units_in_order,
    without_ramps,
)
from tests.properties.offered import WIDER, blocks_cut, dearer_blocks_behind, dominated_unit, halves

BY_NUMBER = ("starts and stops a day", "spacing at a plant", "single-unit switching", "unit groups")
"""Families that count units, starts or stops: two halves are two."""
BY_CLOCK = (
    "storage",
    "storage cycles",
    "pumped hydro",
    "kinds of reserve products",
    "terms of reserve products",
    "windows and fixed outputs",
    *BY_NUMBER[:3],
)
"""Families that quarters are not cut for: energy and its losses, modes, fixed periods, times of starts."""


def cleared(case: Case, rules: Rules) -> ClearingResult:
    """A valid case's result at gap 0 that passes the audit."""
    assert [f for f in validate(case, rules) if f.severity is Severity.ERROR] == []
    result = clear(case, rules, SolveOptions(time_limit_seconds=120.0, gap=0.0), RunControl())
    assert [f for f in audit(case, rules, result).findings if f.severity is Severity.ERROR] == []
    return result


def cost(case: Case, rules: Rules) -> float:
    found = cleared(case, rules).termination.objective
    assert found is not None
    return found


def near(value: float) -> object:
    return pytest.approx(value, rel=1e-6, abs=1e-5)


@dataclass(frozen=True)
class Cleared:
    """A market as it was drawn, and what its clearing gave: what every property compares with."""

    case: Case
    rules: Rules
    result: ClearingResult

    @property
    def cost(self) -> float:
        found = self.result.termination.objective
        assert found is not None
        return found


@lru_cache(maxsize=2)
def market_of(family: str, seed: int) -> Cleared:
    """Cleared once for all properties in a row."""
    case, rules = drawn(family, seed)
    return Cleared(case, rules, cleared(case, rules))


def order(of: Cleared, rng: np.random.Generator) -> None:
    """Units, buses and branches in another order."""
    moved = units_in_order(of.case, rng.permutation(len(of.case.units.id)))
    moved = buses_in_order(moved, rng.permutation(len(of.case.network.bus_id)))
    moved = branches_in_order(moved, rng.permutation(len(of.case.network.branch_id)))
    assert cost(moved, of.rules) == near(of.cost)


def money(of: Cleared, rng: np.random.Generator) -> None:
    """Every price, cost and penalty times k."""
    k = float(rng.choice([0.2, 7.1]))
    assert cost(*money_times(of.case, of.rules, k)) == near(k * of.cost)


def megawatts(of: Cleared, rng: np.random.Generator) -> None:
    """Every MW and MWh times k, widths of penalty steps too."""
    k = float(rng.choice([0.5, 2.5]))
    assert cost(*megawatts_times(of.case, of.rules, k)) == near(k * of.cost)


def splitting(of: Cleared, rng: np.random.Generator) -> None:
    """Blocks of offers, bids and reserve offers in two of one price, also with nothing in the first."""
    for share in (float(rng.uniform(0.1, 0.9)), 0.0):
        assert cost(blocks_cut(of.case, rng, share), of.rules) == near(of.cost)


def dominated(of: Cleared, rng: np.random.Generator) -> None:
    """A unit that is dearer than any penalty, and blocks behind the greatest output, change nothing."""
    assert cost(dominated_unit(of.case), of.rules) == near(of.cost)
    assert cost(dearer_blocks_behind(of.case), of.rules) == near(of.cost)


def wider(of: Cleared, rng: np.random.Generator) -> None:
    """Any limit wider, one after another: never dearer."""
    case, before = of.case, of.cost
    for name in rng.permutation(sorted(WIDER))[:4]:
        case = kept(case, WIDER[str(name)](case))
        after = cost(case, of.rules)
        assert after <= before + 1e-6 * max(1.0, abs(before)), name
        before = after


def halved(of: Cleared, rng: np.random.Generator) -> None:
    """At one commitment a unit may as well be two of half its size."""
    schedule = of.result.schedule
    assert schedule is not None
    given_ = replace(of.case, commitment=CommitmentInput(CommitmentUse.FIXED, schedule.on))
    unit = int(rng.integers(len(of.case.units.id)))
    assert cost(halves(of.case, unit, schedule.on), of.rules) == near(cost(given_, of.rules))


def quarters(of: Cleared, rng: np.random.Generator) -> None:
    """Half hours in two at one commitment, no ramps: the same cost."""
    case = without_ramps(of.case)
    whole = cleared(case, of.rules)
    assert whole.schedule is not None
    on = np.repeat(whole.schedule.on, 2, axis=1)
    parts = replace(in_shorter_periods(case, 2), commitment=CommitmentInput(CommitmentUse.FIXED, on))
    assert cost(parts, of.rules) == near(whole.termination.objective or 0.0)


PROPERTIES: dict[str, tuple[Callable[[Cleared, np.random.Generator], None], tuple[str, ...]]] = {
    "order": (order, ()),
    "money": (money, ()),
    "megawatts": (megawatts, ()),
    "splitting": (splitting, ()),
    "dominated": (dominated, ()),
    "wider": (wider, ()),
    "halves": (halved, (*BY_NUMBER, "terms of reserve products")),  # two halves may regulate one without the other
    "quarters": (quarters, BY_CLOCK),
}
"""Each property, and the families it does not hold for."""
ALL = [(p, f) for f in FAMILIES for p, (_, without) in PROPERTIES.items() if f not in without]
"""Family by family: what is compared with is cleared once."""


def holds(name: str, family: str, seed: int) -> None:
    PROPERTIES[name][0](market_of(family, seed), np.random.default_rng(seed))


@pytest.mark.parametrize("name", PROPERTIES)
@settings(max_examples=3, deadline=None, derandomize=True, database=None, phases=[Phase.generate])
@given(data=st.data())
def test_a_property_of_drawn_families(name: str, data: st.DataObject) -> None:
    families = [family for p, family in ALL if p == name]
    holds(name, data.draw(st.sampled_from(families)), data.draw(st.integers(0, 10_000)))


@pytest.mark.slow
@pytest.mark.parametrize(("name", "family"), ALL)
def test_a_property_of_every_family(name: str, family: str) -> None:
    holds(name, family, 1)


@settings(max_examples=4, deadline=None, derandomize=True, database=None, phases=[Phase.generate])
@given(seed=st.integers(0, 10_000))
def test_more_load_is_never_cheaper(seed: int) -> None:
    """Offers ≥ 0, p_min 0, no ramps, one bus; a store, a bid, a reserve with a demand curve.

    Whoever serves more can serve less with the same units, the same store, the same bid and the same awards.
    """
    rng = np.random.default_rng(seed)
    units = [
        {
            "id": f"u{i}", "p_max": float(rng.integers(30, 70)), "no_load": 20.0, "min_up": 120,
            "blocks": [(30.0, p := float(rng.integers(0, 40))), (40.0, p + 9.0)],
            "start_cost": float(rng.integers(300)), "max_starts": 1, "on": bool(rng.integers(2)),
        }
        for i in range(3)
    ]  # fmt: skip
    more = {
        "storage": [
            {"id": "s", "power": 10.0, "eta": 0.9, "energy": 20.0, "initial": 8.0, "final": 5.0, "cycles": 0.5}
        ],
        "bids": [{"id": "b", "max": 15.0, "price": 33.0}],
        "products": [{"id": "q", "requirement": 20.0, "curve": [(8.0, 40.0), (np.inf, 90.0)]}],
    }
    _, rules = drawn("balance", seed)
    load, before = rng.uniform(20, 110, 5), -np.inf
    for _ in range(3):
        after = cost(market(load, units, **more), rules)
        assert after >= before - 1e-5
        before, load = after, load + rng.uniform(0, 20, 5) * (rng.random(5) < 0.6)
