"""Coefficients of areas by hand: definition 16, 9.5.1.5."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from clearing.rules.substitution_allocation import AllocationRules, Form, PeakDirection, Pools
from clearing.substitution.allocation import (
    AreaFactors,
    allocate,
    coefficients,
    peak_change,
    peak_share,
    scored,
)

RULES = AllocationRules()
NEUTRAL = np.zeros(3)


def worked() -> AreaFactors:
    """The areas of worked/README.md: two of wind, one of PV."""
    peak, before = np.array([1_000_000, 1_000_000, 0]), np.array([800_000, 1_250_000, 0])
    energy, network = np.array([10_000_000, 5_000_000, 2_500_000]), np.array([1_000_000, 2_000_000, 0])
    return AreaFactors(
        np.array([1, 1, 2]), energy, np.array([200_000, 100_000, 50_000]), network, energy + network + peak,
        peak_change(peak, before),
    )  # fmt: skip


def test_clause_9_5_1_5_coefficients_of_the_worked_month() -> None:
    """+20 +20 −20, −20 −20 +20, and 0 for the only PV area: weights 10 · 120, 5 · 80, 2.5 · 100."""
    found = coefficients(worked(), RULES)
    assert found.score.tolist() == [[20, 20, -20], [-20, -20, 20], [0, 0, 0]]
    assert found.weight.tolist() == [1_200_000_000, 400_000_000, 250_000_000]
    shared = allocate(1_253_000, worked(), found, np.arange(3), RULES)
    assert shared.tolist() == [812_757, 270_919, 169_324]


def test_the_product_form_multiplies() -> None:
    """1.2 · 1.2 · 0.8 and 0.8 · 0.8 · 1.2, in millionths of the energy."""
    found = coefficients(worked(), replace(RULES, form=Form.PRODUCT))
    assert found.weight.tolist() == [10_000_000 * 1_152_000, 5_000_000 * 768_000, 2_500_000 * 1_000_000]


def test_clause_9_5_1_5_five_quantiles_of_a_normal_distribution() -> None:
    """Mean 0, deviation √2: z = −1.414, −0.707, 0, 0.707, 1.414 against ± 0.2533 and ± 0.8416."""
    values = np.array([-2.0, -1.0, 0.0, 1.0, 2.0])
    assert scored(values, RULES).tolist() == [-20, -10, 0, 10, 20]
    assert scored(values, replace(RULES, outer_cut=0.5)).tolist() == [-20, -20, 0, 20, 20]
    assert scored(values, replace(RULES, inner_cut=0.8)).tolist() == [-20, 0, 0, 0, 20]
    assert scored(np.full(4, 7.3), RULES).tolist() == [0, 0, 0, 0]
    assert scored(np.zeros(0), RULES).tolist() == []


def test_clause_9_5_1_5_direction_of_peak_shaving_and_pools_are_settings() -> None:
    """Higher: 10 · 160, 5 · 40. Two pools: wind gets 15 of 17.5, PV 2.5."""
    higher = coefficients(worked(), replace(RULES, peak_direction=PeakDirection.HIGHER))
    assert higher.weight.tolist() == [1_600_000_000, 200_000_000, 250_000_000]
    fleets = replace(RULES, pools=Pools.FLEETS)
    shared = allocate(1_750, worked(), coefficients(worked(), fleets), np.arange(3), fleets)
    assert shared.tolist() == [1_125, 375, 250]


def test_changes_and_shares_of_curtailment() -> None:
    change = peak_change(np.array([50, 0, 7, 0]), np.array([100, 100, 0, 0]))
    assert change.tolist() == [-0.5, -1.0, 1.0, 0.0]
    assert peak_share(np.array([1, 3])).tolist() == [0.25, 0.75]
    assert peak_share(np.array([0, 0])).tolist() == [0.0, 0.0]


def test_order_of_areas_changes_nothing_and_no_energy_is_lost() -> None:
    draw = np.random.default_rng(4)
    for rules in (RULES, replace(RULES, pools=Pools.FLEETS), replace(RULES, form=Form.PRODUCT)):
        for _ in range(50):
            n = 21
            energy = draw.integers(0, 10**9, n)
            table = AreaFactors(
                np.where(np.arange(n) < 8, 1, 2), energy, draw.integers(1, 10**6, n), energy // 10, energy * 2,
                draw.random(n),
            )  # fmt: skip
            other = draw.permutation(n)
            turned = AreaFactors(*(getattr(table, name)[other] for name in AreaFactors.__slots__))
            one = allocate(10**9 + 7, table, coefficients(table, rules), np.arange(n), rules)
            two = allocate(10**9 + 7, turned, coefficients(turned, rules), other, rules)
            assert (one[other] == two).all()
            assert one.sum() == 10**9 + 7


def test_energy_without_an_area_is_an_error() -> None:
    table = replace(worked(), energy_kwh=np.zeros(3, dtype=np.int64))
    with pytest.raises(ValueError, match="nothing to share by"):
        allocate(5, table, coefficients(table, RULES), np.arange(3), RULES)
