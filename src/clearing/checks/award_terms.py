"""Terms of reserve products and bands of regulation, as the auditor derives them from the case and a schedule."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from clearing.case.arrays import Bools, Floats
from clearing.case.case import Case
from clearing.case.reserve_kinds import ProductKind
from clearing.case.reserves import Direction
from clearing.case.schedule import Schedule
from clearing.checks.kinds import of_kind


@dataclass(frozen=True, slots=True)
class Taken:
    """Q products, N units, T periods; MW.

    eligible (Q, N)                    pairs that may hold anything
    in_limits, joint (Q)               awards count against SU and SD; better ones count against the cap
    now, before (Q)                    ramp that a MW takes in its period and in the next one
    dear                               some award takes more ramp than its MW, or some and does not count against SU
    one_row                            all awards count against SU and SD and nobody has a band: one limit holds both
    limit_mw (N, T)                    up awards that count against SU and SD
    up_ramp_mw, down_ramp_mw (N, T)    ramp that awards take, of units with a ramp limit
    top_mw, bottom_mw (N, T)           limits of output with awards: p_max and p_min while on, the band while regulating
    """

    in_limits: Bools
    joint: Bools
    eligible: Bools
    now: Floats
    before: Floats
    dear: bool
    one_row: bool
    limit_mw: Floats
    up_ramp_mw: Floats
    down_ramp_mw: Floats
    top_mw: Floats
    bottom_mw: Floats


def taken(case: Case, schedule: Schedule, shares: bool) -> Taken:
    """shares: the rule set's form has awards share ramps and limits."""
    count, table, units = len(case.reserves.product_id), case.award_terms, case.units
    in_limits, joint = np.full(count, shares), np.zeros(count, dtype=np.bool_)
    now, before = np.full(count, float(shares)), np.zeros(count)
    for row, q in enumerate(table.product.tolist()):
        in_limits[q], joint[q] = table.in_limits[row], table.joint_cap[row]
        now[q], before[q] = table.ramp_now[row], table.ramp_before[row]
    on, bands = schedule.on > 0, case.regulation_bands
    held = np.where(on, schedule.reserve_mw, 0.0) * ~of_kind(case, ProductKind.FLEXIBLE_RAMPING)[:, None, None]
    up = case.reserves.direction == Direction.UP
    earlier = np.concatenate([held[:, :, :1], held[:, :, :-1]], axis=2)
    ramp = now[:, None, None] * held + before[:, None, None] * earlier
    limited = [np.isfinite(rate)[:, None] for rate in (units.ramp_up_mw_per_minute, units.ramp_down_mw_per_minute)]
    top, bottom = units.p_max_mw * on, units.p_min_mw * on
    at = bands.unit
    if len(at):
        regulates = schedule.regulating[at] > 0
        top[at] = np.where(regulates, top[at] - (units.p_max_mw[at] - bands.max_mw), top[at])
        bottom[at] = np.where(regulates, bottom[at] + (bands.min_mw - units.p_min_mw[at]), bottom[at])
    every = bool(in_limits.all()) if count else shares
    return Taken(
        in_limits=in_limits,
        joint=joint,
        eligible=_eligible(case),
        now=now,
        before=before,
        dear=bool(((now > 1.0) | (before > 0.0) | ((now > 0.0) & ~in_limits))[_eligible(case).any(axis=1)].any()),
        one_row=every and not len(at),
        limit_mw=held[up & in_limits].sum(axis=0),
        up_ramp_mw=np.where(limited[0], ramp[up].sum(axis=0), 0.0),
        down_ramp_mw=np.where(limited[1], ramp[~up].sum(axis=0), 0.0),
        top_mw=top,
        bottom_mw=bottom,
    )


def _eligible(case: Case) -> Bools:
    """Pairs (Q, N) that may hold anything: on line by their limit, off line by statement."""
    said = offline_stated(case)
    return np.asarray((case.reserves.unit_max_mw > 0) | (np.nan_to_num(said) > 0))


def offline_stated(case: Case) -> Floats:
    """MW off line by statement (Q, N), NaN where nothing is stated."""
    table = case.award_terms
    said = np.full(case.reserves.unit_max_mw.shape, np.nan)
    for q, i, mw in zip(table.offline_product, table.offline_unit, table.offline_max_mw, strict=True):
        said[q, i] = mw
    return said


def betters(case: Case, product: int) -> list[int]:
    """Products listed to serve a product."""
    table = case.reserve_sharing
    return sorted({int(p) for p, q in zip(table.shared_from, table.shared_to, strict=True) if q == product})


def joint_awards(case: Case, joint: Bools, award: Floats) -> Floats:
    """Awards (Q, N, T), of products with a joint cap with those of better products of the unit."""
    total = award.copy()
    for q in np.flatnonzero(joint):
        for p in betters(case, int(q)):
            total[q] += award[p]
    return total


def lacking(case: Case, short: Floats) -> Floats:
    """What each product lacks (Q, T) once what better ones lack counts as held where that carries."""
    table = case.award_terms
    pairs = list(zip(table.carry_from.tolist(), table.carry_to.tolist(), strict=True))
    found: dict[int, Floats] = {}

    def of(q: int, depth: int) -> Floats:
        if q not in found:
            own = short[q].copy()
            for better, lesser in pairs:
                if lesser == q and depth < len(short):
                    own = own - of(better, depth + 1)
            found[q] = np.maximum(own, 0.0)
        return found[q]

    return np.array([of(q, 0) for q in range(len(short))]).reshape(short.shape)


def carried_to(case: Case, product: int) -> list[int]:
    """Lesser products in which a shortfall of a product counts as held."""
    table = case.award_terms
    return [int(q) for p, q in zip(table.carry_from, table.carry_to, strict=True) if p == product]


def banded(case: Case) -> dict[int, int]:
    """Band by unit."""
    return {int(i): b for b, i in enumerate(case.regulation_bands.unit)}
