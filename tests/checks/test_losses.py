"""Markets of every family with resistances and losses on: audited, parts and surplus add up, no corruption survives."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from clearing.case.case import Case
from clearing.case.finding import Severity
from clearing.case.result import ClearingResult
from clearing.checks.audit import audit
from clearing.day_ahead import clear
from clearing.rules.rules import LossModel, LossRules, Rules
from clearing.solve.control import RunControl
from clearing.solve.options import SolveOptions
from tests.checks.corrupt import corruptions, expected
from tests.checks.families import FAMILIES, drawn

SEED = 7
LOSSY = LossRules(LossModel.MARGINAL, max_rounds=60, tolerance_mw=1e-5)
BALANCE = {"VIOLATION_NOT_LISTED", "VIOLATION_AMOUNT"}
"""With losses what an island lacks is what it loses too little."""


def with_losses(name: str) -> tuple[Case, Rules]:
    case, rules = drawn(name, SEED)
    network = replace(case.network, branch_resistance_pu=0.2 * np.abs(case.network.branch_reactance_pu))
    return replace(case, network=network), replace(rules, losses=LOSSY)


def cleared(name: str) -> tuple[Case, Rules, ClearingResult]:
    case, rules = with_losses(name)
    return case, rules, clear(case, rules, SolveOptions(gap=1e-3, time_limit_seconds=30.0), RunControl())


def errors(case: Case, rules: Rules, result: ClearingResult) -> set[str]:
    return {f.code for f in audit(case, rules, result).findings if f.severity is Severity.ERROR}


def judge(name: str) -> None:
    """Clean, settled, parts add up; and of everything that can be spoilt nothing passes."""
    case, rules, result = cleared(name)
    assert errors(case, rules, result) == set()
    assert not [v for v in result.violations if v.family == "losses"]
    assert result.prices is not None
    prices = result.prices
    parts = prices.bus_energy + prices.bus_congestion + prices.bus_loss + prices.bus_cap_adjustment
    assert prices.bus_price == pytest.approx(parts, abs=1e-6)
    assert np.abs(prices.bus_loss).max() > 0.01
    for spoilt, corrupted in corruptions(case, rules, result, np.random.default_rng(SEED)):
        wanted = expected(spoilt) | (BALANCE if "BALANCE" in expected(spoilt) else set())
        assert errors(case, rules, corrupted) & wanted, spoilt


@pytest.mark.parametrize("name", list(FAMILIES)[:1])
def test_a_family_with_losses(name: str) -> None:
    judge(name)


@pytest.mark.slow
@pytest.mark.parametrize("name", list(FAMILIES)[1::3])
def test_more_families_with_losses(name: str) -> None:
    judge(name)
