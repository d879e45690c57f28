"""Kinds of reserve products in the reference dispatch, written from the text and set row by row for one commitment."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np

from clearing.case.case import Case
from clearing.case.reserves import Direction
from clearing.rules.rules import RampSharing

INF = np.inf
REGULATION, FLEXIBLE, NON_SPINNING = 2, 3, 4


def kind_of(case: Case, q: int) -> int:
    """Kind of a product, 1 where nothing is said."""
    mine = case.reserve_kinds.kind[case.reserve_kinds.product == q]
    return int(mine[0]) if len(mine) else 1


class KindRows:
    """Columns and rows of one Reference; `at` opens and closes them for a commitment."""

    def __init__(self, reference: Any) -> None:
        self.lp, self.case = reference, reference.case
        units, T = range(len(self.case.units.id)), range(reference.T)
        self.way = {Direction.UP: 1, Direction.DOWN: -1}
        self.off = {
            (q, i, t): reference._new(0, 0)
            for q, i, t in itertools.product(range(len(reference.r)), units, T)
            if kind_of(self.case, q) == NON_SPINNING
        }
        for key, column in self.off.items():
            if key in reference.offered:
                reference._rows[reference.offered[key]][0][column] = -1.0
        self._storage_columns()
        self._flexible_rows()

    def _storage_columns(self) -> None:
        case, lp, kinds, g = self.case, self.lp, self.case.reserve_kinds, self.case.storage
        hours = lp.rules.reserves.storage_minutes / 60
        self.held: dict[tuple[int, int, int], int] = {}
        for q, k, most in zip(kinds.storage_product, kinds.storage, kinds.storage_max_mw, strict=True):
            for t in range(lp.T):
                most_here = most if case.reserves.covers_bus[q, g.bus[k]] else 0.0
                self.held[int(q), int(k), t] = lp._new(0, most_here)
        for k, t in itertools.product(range(len(g.id)), range(lp.T)):
            for direction, sign, most in (
                (Direction.UP, 1.0, g.discharge_max_mw[k, t]), (Direction.DOWN, -1.0, g.charge_max_mw[k, t]),
            ):  # fmt: skip
                mine = {c: 1.0 for (q, s, p), c in self.held.items()
                        if (s, p) == (k, t) and case.reserves.direction[q] == direction}  # fmt: skip
                if not mine:
                    continue
                lp._row({**mine, lp.dis[k][t]: sign, lp.ch[k][t]: -sign}, -INF, most)
                # what the awards take out of (put into) the store over the duration, MWh
                out = dict.fromkeys(
                    mine, hours / g.discharge_efficiency[k][t] if sign > 0 else -hours * g.charge_efficiency[k][t]
                )
                drained = {c: -v for c, v in out.items()}
                lp._row({lp.e[k][t]: 1.0, **drained}, g.energy_min_mwh[k][t], g.energy_max_mwh[k][t])

    def _flexible_rows(self) -> None:
        lp, T = self.lp, range(self.lp.T)
        self.next_up: dict[tuple[int, int], int] = {}
        self.next_down: dict[tuple[int, int], int] = {}
        shared = lp.rules.reserves.ramp_sharing is RampSharing.PGLIB
        u = self.case.units
        for i, t in itertools.product(range(len(u.id)), T):
            for direction, rows, sign, rate in (
                (Direction.UP, self.next_up, 1.0, u.ramp_up_mw_per_minute[i]),
                (Direction.DOWN, self.next_down, -1.0, u.ramp_down_mw_per_minute[i]),
            ):
                mine = [q for q in range(len(lp.r)) if self.case.reserves.direction[q] == direction]
                flexible = [q for q in mine if kind_of(self.case, q) == FLEXIBLE and lp._award_cap(q, i) > 0]
                if not flexible:
                    continue
                rows[i, t] = lp._row({lp.p[i][t]: sign, **{lp.r[q][i][t]: 1.0 for q in mine}}, -INF, INF)
                lp._row(
                    {lp.r[q][i][t]: 1.0 for q in (mine if shared else flexible)},
                    -INF,
                    rate * self.case.horizon.period_minutes,
                )

    def counted(self, q: int, serving: set[int], t: int) -> list[int]:
        """Awards of units off line and of storage that count towards a requirement."""
        case = self.case
        covers = case.reserves.covers_bus[q]
        off = [c for (p, i, s), c in self.off.items() if s == t and p in serving and covers[case.units.bus[i]]]
        held = [c for (p, k, s), c in self.held.items() if s == t and p in serving and covers[case.storage.bus[k]]]
        return off + held

    def soft(self) -> None:
        """Regulation speed: each award brings its unit's speed in proportion to what it could hold."""
        case, lp, kinds = self.case, self.lp, self.case.reserve_kinds
        for row, q in enumerate(kinds.product.tolist()):
            up = case.reserves.direction[q] == Direction.UP
            ramp = case.units.ramp_up_mw_per_minute if up else case.units.ramp_down_mw_per_minute
            own = dict(zip(kinds.speed_unit.tolist(), kinds.speed_mw_per_minute.tolist(), strict=True))
            for t in range(lp.T):
                need = kinds.speed_requirement_mw_per_minute[row, t]
                if need <= 0:
                    continue
                terms = {
                    c: 1.0 / case.reserves.response_minutes[q] for (p, _, s), c in self.held.items() if (p, s) == (q, t)
                }
                for i in range(len(case.units.id)):
                    cap, speed = lp._award_cap(q, i), own.get(i, ramp[i])
                    if 0 < cap < INF and speed < INF:
                        terms[lp.r[q][i][t]] = speed / cap
                lp._soft(terms, need, INF, lp.penalties.product)

    def at(self, on: np.ndarray, high: np.ndarray, row_high: np.ndarray) -> None:
        """Bounds for one commitment."""
        case, u, T = self.case, self.case.units, self.lp.T
        for (q, i, t), column in self.off.items():
            high[column] = self._off_most(q, i, t, on)
        for q, i, t in itertools.product(range(len(self.lp.r)), range(len(u.id)), range(T)):
            if kind_of(case, q) != FLEXIBLE:
                continue
            n = min(t + 1, T - 1)
            up = case.reserves.direction[q] == Direction.UP
            fades = u.p_max_mw[i, n] < u.p_max_mw[i, t] if up else u.p_min_mw[i, n] > u.p_min_mw[i, t]
            if not (on[i, t] and on[i, n]) or fades:
                high[self.lp.r[q][i][t]] = 0.0
        for (i, t), row in self.next_up.items():
            n = min(t + 1, T - 1)
            row_high[row] = u.p_max_mw[i, n] if on[i, t] and u.p_max_mw[i, n] >= u.p_max_mw[i, t] else INF
        for (i, t), row in self.next_down.items():
            n = min(t + 1, T - 1)
            row_high[row] = -u.p_min_mw[i, n] if on[i, t] and u.p_min_mw[i, n] <= u.p_min_mw[i, t] else INF

    def _off_most(self, q: int, i: int, t: int, on: np.ndarray) -> float:
        """MW that a unit off line may hold: a quick one, rested, and allowed to run."""
        case, u = self.case, self.case.units
        states = np.flatnonzero(u.start_costs.unit == i)
        stated = case.start_leads.minutes
        lead = max((stated[s] if len(stated) and stated[s] >= 0 else INF for s in states), default=INF)
        if on[i, t] or not u.on_max[i, t] or lead > case.reserves.response_minutes[q]:
            return 0.0
        if self.lp._award_cap(q, i) == 0.0:
            return 0.0
        rested, k = 0, t - 1
        while k >= 0 and not on[i, k]:
            rested, k = rested + case.horizon.period_minutes, k - 1
        if k < 0 and not u.initial_on[i]:
            rested += u.initial_minutes[i]
        stops_now = bool(on[i, t - 1]) if t else bool(u.initial_on[i])
        if stops_now or rested < u.min_down_minutes[i]:
            return 0.0
        reach = min(max(u.startup_limit_mw[i], u.p_min_mw[i, t]), u.p_max_mw[i, t])
        return float(min(case.reserves.unit_max_mw[q, i], reach))
