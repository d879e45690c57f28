"""Over-constrained days always get a dispatch, itemised violations, and prices within the caps."""

from __future__ import annotations

from collections import Counter
from functools import cache

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from clearing.case.case import Case
from clearing.case.finding import Severity
from clearing.case.give_way import give_way
from clearing.case.result import ClearingResult
from clearing.case.validate import validate
from clearing.case.violation_units import DATA
from clearing.checks.audit import audit
from clearing.day_ahead import clear
from clearing.rules.rules import Rules, ViolationPricing
from clearing.solve.control import RunControl
from clearing.solve.options import SolveOptions
from tests.properties.over_constrained import CAP, FLOOR, over_constrained

SEEDS = range(60)


@cache
def cleared(seed: int) -> tuple[Case, Rules, ClearingResult]:
    case, rules = over_constrained(seed)
    return case, rules, clear(case, rules, SolveOptions(time_limit_seconds=30.0), RunControl())


def check(seed: int) -> None:
    case, rules, result = cleared(seed)
    findings = validate(case, rules)
    assert [f for f in findings if f.severity is Severity.ERROR] == []
    assert result.schedule is not None, result.termination.detail
    assert result.prices is not None
    # the audit derives every broken limit and every step by itself, and fails what is missing, invented or wrong
    verdict = audit(case, rules, result)
    assert [f for f in verdict.findings if f.severity is Severity.ERROR] == []
    assert result.audit_passed

    steps = give_way(case, rules)[1]
    listed = [(v.family, v.subject, v.period, v.amount_mw) for v in result.violations if v.family in DATA]
    assert listed == [(s.family, s.subject, s.period, s.amount) for s in steps]
    assert all(amount > 0 for *_, amount in listed)
    warned = {f.subject for f in findings if f.code.endswith("_GIVES_WAY")}
    assert warned == {s.subject for s in steps}

    for price in (result.prices.bus_price, result.prices.system_price):
        assert np.isfinite(price).all()
    assert (result.prices.bus_price >= FLOOR - 1e-9).all()
    assert (result.prices.bus_price <= CAP + 1e-9).all()


@pytest.mark.parametrize("seed", SEEDS)
def test_an_over_constrained_day_is_dispatched_itemised_and_priced(seed: int) -> None:
    check(seed)


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(1000, 10**6))
@example(6001)  # a virtual plant relieves a branch where a surplus is in nobody's hands
def test_so_is_any_other(seed: int) -> None:
    check(seed)


def test_after_the_rerun_no_penalty_is_in_a_price() -> None:
    """With RELAX_AND_RERUN the prices lie within the caps before they are clipped, though limits are broken.

    Except where an island sheds and spills in one period, because the network cannot bring one to the other: what is
    moved on either side cancels there, and the caps do their work.
    """
    broken = 0
    for seed in SEEDS:
        _, rules, result = cleared(seed)
        assert result.prices is not None
        if rules.prices.violation_pricing is ViolationPricing.RELAX_AND_RERUN and result.violations:
            broken += 1
            assert result.schedule is not None
            both = result.schedule.shed_mw.any(axis=0) & result.schedule.surplus_mw.any(axis=0)
            assert not result.prices.bus_cap_adjustment[:, ~both].any(), seed
    assert broken > 10


def test_the_seeds_reach_every_kind_of_clash() -> None:
    """What is drawn, so that a change of the drawing cannot quietly empty this file."""
    families: Counter[str] = Counter()
    pricings: Counter[ViolationPricing] = Counter()
    for seed in SEEDS:
        _, rules, result = cleared(seed)
        families.update({v.family for v in result.violations})
        pricings[rules.prices.violation_pricing] += 1
    assert min(pricings.values()) > 10
    # Modes of storage are not drawn here, and no commitment that is followed (tests of real time).
    wanted = {*DATA - {"storage_mode", "commitment"}, "shortage", "surplus", "branch"}
    assert wanted <= set(families), wanted - set(families)
