"""Terms of reserve products beyond the rule set's form: ramp, start-up limits, caps in common, off line, shortfalls."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from clearing.case.arrays import Bools, Floats, Ints, freeze
from clearing.case.reserve_sharing import ReserveSharing


@dataclass(frozen=True, slots=True)
class AwardTerms:
    """Tables beside the reserve products.

    product (n)                 a product with terms of its own stands once; the others follow the rule set's form
    in_limits (n)               its awards of units on line count against start-up and shut-down limits, not p_max alone
    ramp_now, ramp_before (n)   MW of the ramp of a period that a MW awarded in it, and in the period before, takes;
                                before the horizon a unit holds what it holds in the first period
    joint_cap (n)               what the unit holds of better products (case.reserve_sharing) counts against the cap too
    offline_product, offline_unit (m)   a pair stands once
    offline_max_mw (m)          what the unit may hold of a non-spinning product while it is off, whatever its start
                                states, lead times and min down time say; what it may hold on line is unit_max_mw
    carry_from, carry_to (c)    pairs of case.reserve_sharing: a shortfall of the better product counts as held in the
                                lesser one too, so that it is paid for once. Both have demand curves
    """

    product: Ints
    in_limits: Bools
    ramp_now: Floats
    ramp_before: Floats
    joint_cap: Bools
    offline_product: Ints
    offline_unit: Ints
    offline_max_mw: Floats
    carry_from: Ints
    carry_to: Ints

    def __post_init__(self) -> None:
        freeze(self)


@dataclass(frozen=True, slots=True)
class RegulationBands:
    """b units that regulate within limits of their own; T periods.

    unit (b)                   once each; it holds products of kind REGULATION only while it regulates (0/1, decided)
    min_mw, max_mw (b, T)      limits of output and awards while it regulates, within p_min and p_max
    cost_per_hour (b, T)       money for an hour of regulating, ≥ 0, beside what is offered
    given (b, T)               0 = free, 1 = does not regulate, 2 = regulates wherever it is on
    """

    unit: Ints
    min_mw: Floats
    max_mw: Floats
    cost_per_hour: Floats
    given: Ints

    def __post_init__(self) -> None:
        freeze(self)


NOT_GIVEN, GIVEN_OFF, GIVEN_ON = 0, 1, 2
_INDEX, _NUMBER, _SERIES = np.zeros(0, dtype=np.int64), np.zeros(0), np.zeros((0, 0))
_FLAG = np.zeros(0, dtype=np.bool_)
NO_AWARD_TERMS = AwardTerms(_INDEX, _FLAG, _NUMBER, _NUMBER, _FLAG, _INDEX, _INDEX, _NUMBER, _INDEX, _INDEX)
NO_BANDS = RegulationBands(_INDEX, _SERIES, _SERIES, _SERIES, np.zeros((0, 0), dtype=np.int64))
"""No band, whatever the number of periods."""


@dataclass(frozen=True, slots=True)
class Form:
    """in_limits (Q), ramp_now (Q), ramp_before (Q), joint_cap (Q) of every product; stated: any product has its
    own; shares: the rule set's form shares ramps and limits."""

    in_limits: Bools
    ramp_now: Floats
    ramp_before: Floats
    joint_cap: Bools
    stated: bool
    shares: bool

    def __post_init__(self) -> None:
        freeze(self)


def form_of(terms: AwardTerms, products: int, shares_ramp: bool) -> Form:
    """Terms of every product: its own, else all or nothing as the rule set's form shares ramps and limits, or not."""
    in_limits, joint = np.full(products, shares_ramp), np.zeros(products, dtype=np.bool_)
    now, before = np.full(products, float(shares_ramp)), np.zeros(products)
    in_limits[terms.product], joint[terms.product] = terms.in_limits, terms.joint_cap
    now[terms.product], before[terms.product] = terms.ramp_now, terms.ramp_before
    return Form(in_limits, now, before, joint, bool(len(terms.product)), shares_ramp)


def offline_stated(terms: AwardTerms, products: int, units: int) -> Floats:
    """MW that a unit may hold off line by statement (Q, N), NaN where nothing is stated."""
    most = np.full((products, units), np.nan)
    most[terms.offline_product, terms.offline_unit] = terms.offline_max_mw
    return most


def betters(sharing: ReserveSharing, product: int) -> list[int]:
    """Products whose awards count towards a product."""
    return [int(p) for p, q in zip(sharing.shared_from, sharing.shared_to, strict=True) if q == product]


def carried(terms: AwardTerms, short: Floats) -> Floats:
    """Shortfalls (Q, T) after what better products lack already is taken off, from what each lacks by itself (Q, T)."""
    pairs = list(zip(terms.carry_from.tolist(), terms.carry_to.tolist(), strict=True))
    left = np.maximum(short, 0.0)
    for _ in range(len(short) if pairs else 0):
        covered = np.zeros(short.shape)
        for better, lesser in pairs:
            covered[lesser] += left[better]
        now = np.maximum(short - covered, 0.0)
        if np.array_equal(now, left):
            break
        left = now
    return left
