"""Terms of reserve products beyond the rule set's form, and units that regulate within a band (family 5)."""

from __future__ import annotations

from collections.abc import Callable
from math import isinf

import numpy as np
import pyomo.environ as pyo

from clearing.case.arrays import Flags
from clearing.case.reserve_kinds import ProductKind
from clearing.case.reserves import Direction
from clearing.rules.rules import RampSharing
from models import reserve_kinds
from models.data import Data


def own(d: Data, q: int, column: str, pglib: float) -> float:
    """A term of a product: its own, else `pglib` in form PGLIB and 0 in form HEADROOM."""
    terms = d.case.award_terms
    for row, product in enumerate(terms.product.tolist()):
        if product == q:
            return float(getattr(terms, column)[row])
    return pglib if d.rules.reserves.ramp_sharing is RampSharing.PGLIB else 0.0


def in_limits(d: Data, q: int) -> bool:
    """Whether awards count against start-up and shut-down limits."""
    return own(d, q, "in_limits", 1.0) > 0


def joint(d: Data, q: int) -> list[int]:
    """Better products that count against the cap of a product too."""
    sharing, terms = d.case.reserve_sharing, d.case.award_terms
    if not any(p == q and shared for p, shared in zip(terms.product, terms.joint_cap, strict=True)):
        return []
    return [int(p) for p, lesser in zip(sharing.shared_from, sharing.shared_to, strict=True) if lesser == q]


def stated(d: Data) -> dict[tuple[int, int], float]:
    """MW that a unit may hold of a product off line, by (product, unit)."""
    terms = d.case.award_terms
    rows = zip(terms.offline_product.tolist(), terms.offline_unit.tolist(), terms.offline_max_mw.tolist(), strict=True)
    return {(q, i): mw for q, i, mw in rows}


def carried(d: Data, q: int) -> list[int]:
    """Better products whose shortfall counts as held in this one."""
    terms = d.case.award_terms
    return [int(p) for p, lesser in zip(terms.carry_from, terms.carry_to, strict=True) if lesser == q]


def bands(m: pyo.ConcreteModel, d: Data, regulating: Flags | None, *, decided: bool) -> None:
    """m.regulating (b, T): decided (0/1), or given by a schedule (N, T). Its cost is in m.band_cost."""
    table = d.case.regulation_bands
    rows = range(len(table.unit))
    if decided:
        m.regulating = pyo.Var(rows, d.periods, domain=pyo.Binary)
    else:
        now = np.zeros(d.case.units.p_min_mw.shape) if regulating is None else np.asarray(regulating)
        at = {(b, t): int(now[table.unit[b], t]) for b in rows for t in d.periods}
        m.regulating = pyo.Param(rows, d.periods, initialize=at)
    m.band_cost = pyo.Expression(
        expr=sum(d.hours * float(table.cost_per_hour[b, t]) * m.regulating[b, t] for b in rows for t in d.periods)
    )

    @m.Constraint(rows, d.periods)
    def regulating_on(m, b, t):
        """regulating ≤ on; given 1: = 0; given 2: = on."""
        on = m.on[int(table.unit[b]), t]
        if not decided:
            return pyo.Constraint.Skip
        if table.given[b, t] == 1:
            return m.regulating[b, t] == 0
        return m.regulating[b, t] == on if table.given[b, t] == 2 else m.regulating[b, t] <= on


def band_of(d: Data, i: int) -> int | None:
    """The band of a unit."""
    rows = np.flatnonzero(d.case.regulation_bands.unit == i)
    return int(rows[0]) if len(rows) else None


def narrowed(m: pyo.ConcreteModel, d: Data, i: int, t: int) -> tuple[object, object]:
    """What regulating takes off the top of a unit and adds at its bottom, MW."""
    b, units, table = band_of(d, i), d.case.units, d.case.regulation_bands
    if b is None:
        return 0.0, 0.0
    top = float(units.p_max_mw[i, t] - table.max_mw[b, t])
    bottom = float(table.min_mw[b, t] - units.p_min_mw[i, t])
    return top * m.regulating[b, t], bottom * m.regulating[b, t]


def rows(m: pyo.ConcreteModel, d: Data) -> None:
    """band_cap, offline_stated, headroom_start, and the ramps of awards with terms of their own."""
    table, reserves, units = d.case.regulation_bands, d.case.reserves, d.case.units
    banded = [(q, i) for q, i in m.ELIGIBLE if _regulation(d, q) and band_of(d, i) is not None]

    @m.Constraint(banded, d.periods)
    def band_cap(m, q, i, t):
        """r_qit ≤ min(cap_qi, band)·regulating_it."""
        b = band_of(d, i)
        most = min(reserve_kinds.most(d, q, i), float(table.max_mw[b, t] - table.min_mw[b, t]))
        return m.award[q, i, t] <= most * m.regulating[b, t]

    @m.Constraint([(q, i) for q, i in stated(d) if (q, i, 0) in m.award_offline], d.periods)
    def offline_stated(m, q, i, t):
        """o_qit + Σ_{better p, joint cap} o_pit ≤ offline_max_qi·(1 − on_it)."""
        better = [p for p in joint(d, q) if (p, i, t) in m.award_offline]
        held = m.award_offline[q, i, t] + sum(m.award_offline[p, i, t] for p in better)
        return held <= stated(d)[q, i] * (1 - m.on[i, t])

    plain = not len(d.case.award_terms.product)  # then `headroom`, `ramp_up` and `ramp_down` say it all
    upward = [(q, i) for q, i in m.ELIGIBLE if in_limits(d, q) and reserves.direction[q] == Direction.UP]
    within = [] if plain else upward

    @m.Constraint(sorted({i for _, i in within}), d.periods)
    def headroom_start(m, i, t):
        """P_it + Σ_{up q in limits} r_qit ≤ p_max_it·on_it − (p_max_it − SU_it)·start_it."""
        most = float(units.p_max_mw[i, t])
        held = sum(m.award[q, k, t] for q, k in within if k == i)
        return m.output[i, t] + held <= most * m.on[i, t] - (most - reserve_kinds.reach(d, i, t)) * m.start[i, t]

    _ramps(m, d, [] if plain else sorted({i for _, i in m.ELIGIBLE}))


def _regulation(d: Data, q: int) -> bool:
    return reserve_kinds.kind(d, q) == ProductKind.REGULATION


def _ramps(m: pyo.ConcreteModel, d: Data, holders: list[int]) -> None:
    """Ramps with what awards take of them, for output above p_min; right sides are 0 where the unit is off."""
    units, length = d.case.units, d.case.horizon.period_minutes
    up_limited = [i for i in holders if not isinf(units.ramp_up_mw_per_minute[i])]
    down_limited = [i for i in holders if not isinf(units.ramp_down_mw_per_minute[i])]

    def low(i: int, t: int) -> float:
        return float(units.p_min_mw[i, t])

    def above(i: int, t: int) -> object:
        return m.output[i, t] - low(i, t) * m.on[i, t]

    def taken(way: Direction) -> Callable[[int, int], object]:
        """Σ_q now·r_t + before·r_{t−1}, the first period standing for the one before it."""
        mine = [q for q in d.products if d.case.reserves.direction[q] == way]

        def total(i: int, t: int) -> object:
            held = [q for q in mine if (q, i) in m.ELIGIBLE]
            held = [q for q in held if reserve_kinds.kind(d, q) != ProductKind.FLEXIBLE_RAMPING]
            now = sum(own(d, q, "ramp_now", 1.0) * m.award[q, i, t] for q in held)
            return now + sum(own(d, q, "ramp_before", 0.0) * m.award[q, i, max(t - 1, 0)] for q in held)

        return total

    up, down = taken(Direction.UP), taken(Direction.DOWN)

    def shut(i: int, t: int) -> float:
        return min(max(float(units.shutdown_limit_mw[i]), low(i, t)), float(units.p_max_mw[i, t]))

    @m.Constraint(up_limited, d.periods)
    def ramp_up_awards(m, i, t):
        """w_t + Σ − w_{t−1} ≤ (RU + pmin_{t−1} − pmin_t)·on_t + (SU_t − pmin_{t−1} − RU)·start_t.

        First period: P_1 + Σ ≤ initial output + RU where the unit was on, w_1 + Σ ≤ (SU − pmin)·on_1 where it was off.
        """
        ru, reach = float(units.ramp_up_mw_per_minute[i]) * length, reserve_kinds.reach(d, i, t)
        if t == 0:
            if units.initial_on[i]:
                return m.output[i, t] + up(i, t) <= float(units.initial_mw[i]) + ru
            return above(i, t) + up(i, t) <= (reach - low(i, t)) * m.on[i, t]
        right = (ru + low(i, t - 1) - low(i, t)) * m.on[i, t] + (reach - low(i, t - 1) - ru) * m.start[i, t]
        return above(i, t) + up(i, t) - above(i, t - 1) <= right

    @m.Constraint(down_limited, d.periods)
    def ramp_down_awards(m, i, t):
        """w_{t−1} − w_t + Σ ≤ (RD + pmin_t − pmin_{t−1})·on_{t−1} + (SD_{t−1} − pmin_t − RD)·stop_t.

        First period: initial output − P_1 + Σ ≤ RD + max(initial output − RD, 0)·stop_1 where the unit was on,
        Σ ≤ w_1 where it was off.
        """
        rd = float(units.ramp_down_mw_per_minute[i]) * length
        if t == 0:
            if not units.initial_on[i]:
                return down(i, t) <= above(i, t)
            was = float(units.initial_mw[i])
            return was - m.output[i, t] + down(i, t) <= rd + max(was - rd, 0.0) * m.stop[i, t]
        right = (rd + low(i, t) - low(i, t - 1)) * m.on[i, t - 1] + (shut(i, t - 1) - low(i, t) - rd) * m.stop[i, t]
        return above(i, t - 1) - above(i, t) + down(i, t) <= right
