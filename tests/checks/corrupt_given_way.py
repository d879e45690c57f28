"""Corruptions of what is said of hard data that gave way: left out, invented, by another amount, at a price."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from clearing.case.result import Violation
from clearing.case.violation_units import DATA
from tests.checks.corrupt import Draw, corruption
from tests.checks.corrupt_commitment import Made


def _one_of(draw: Draw) -> int | None:
    at = draw.cell(np.array([v.family in DATA for v in draw.result.violations], dtype=bool))
    return None if at is None else at[0]


def _with(draw: Draw, k: int, *entries: Violation) -> Made:
    """The answer with entry k of its violations replaced."""
    old = draw.result.violations
    return f"{old[k].family} {old[k].subject}", replace(draw.result, violations=(*old[:k], *entries, *old[k + 1 :]))


@corruption("report", "GIVEN_WAY_NOT_LISTED")
def step_left_out(draw: Draw) -> Made:
    k = _one_of(draw)
    return None if k is None else _with(draw, k)


@corruption("report", "GIVEN_WAY_AMOUNT")
def step_by_another_amount(draw: Draw) -> Made:
    k = _one_of(draw)
    if k is None:
        return None
    old = draw.result.violations[k]
    return _with(draw, k, replace(old, amount_mw=old.amount_mw + draw.size(old.amount_mw)))


@corruption("report", "VIOLATION_PENALTY")
def step_at_a_price(draw: Draw) -> Made:
    k = _one_of(draw)
    return None if k is None else _with(draw, k, replace(draw.result.violations[k], penalty=draw.size(1.0)))


@corruption("report", "GIVEN_WAY_UNKNOWN")
def step_twice(draw: Draw) -> Made:
    k = _one_of(draw)
    return None if k is None else _with(draw, k, *[draw.result.violations[k]] * 2)


@corruption("report", "GIVEN_WAY_UNKNOWN")
def step_invented(draw: Draw) -> Made:
    unit = draw.case.units.id[int(draw.rng.integers(len(draw.case.units.id)))]
    family = str(draw.rng.choice(sorted(DATA)))
    told = {(v.family, v.subject, v.period) for v in draw.result.violations}
    period = int(draw.rng.integers(draw.case.horizon.periods))
    if (family, unit, period) in told:
        return None
    entry = Violation(family, unit, period, draw.size(1.0), 0.0)
    return f"{family} {unit}", replace(draw.result, violations=(*draw.result.violations, entry))


@corruption("report", "GIVEN_WAY_UNKNOWN")
def step_in_another_period(draw: Draw) -> Made:
    k, periods = _one_of(draw), draw.case.horizon.periods
    if k is None:
        return None
    old = draw.result.violations[k]
    told = {(v.family, v.subject, v.period) for v in draw.result.violations}
    moved = replace(old, period=(old.period + 1) % periods)
    return None if (moved.family, moved.subject, moved.period) in told else _with(draw, k, moved)
