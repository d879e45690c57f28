"""The dispatch of a small case at one commitment, as a plain LP written from the model's text alone.

Nothing of clearing.formulation, clearing.grid or clearing.solve is used: outputs are MW from 0, flows come from bus
angles, all network rows stand from the start, and conditions on the commitment are set row by row.
"""

from __future__ import annotations

import itertools

import highspy
import numpy as np

from clearing.case.case import Case
from clearing.case.offers import Offers
from clearing.case.reserves import Direction
from clearing.rules.rules import HeldIn, Penalties, RampSharing, Rules, Steps
from tests.formulation.reference_curves import curve_mw
from tests.formulation.reference_kinds import FLEXIBLE, KindRows, kind_of

INF = np.inf


CHARGING, DISCHARGING, IDLE = 0, 1, 2
"""Modes of storage; one without a least MW is never idle but charges nothing."""


def least_mw(case: Case, k: int) -> bool:
    """Whether a storage unit has a least MW, and with it three modes."""
    return bool((case.storage.charge_min_mw[k] > 0).any() or (case.storage.discharge_min_mw[k] > 0).any())


def modes(case: Case, k: int, t: int) -> list[int]:
    """Modes that a storage unit may be in; given idle without a least MW is mode IDLE too."""
    given = int(case.storage.given_mode[k, t])
    if given:
        return [{1: IDLE, 2: CHARGING, 3: DISCHARGING}[given]]
    return [CHARGING, DISCHARGING, IDLE] if least_mw(case, k) else [CHARGING, DISCHARGING]


def table(case: Case, mode: np.ndarray) -> np.ndarray:
    """An enumerated mode (G, T) as production's table of 0/1."""
    three = [k for k in range(len(case.storage.id)) if least_mw(case, k)]
    return np.concatenate([mode == DISCHARGING, (mode == CHARGING)[three]]).astype(np.int8)


def _own_penalties(case: Case) -> dict[tuple[str, int], Steps]:
    table, own = case.flow_penalties, dict[tuple[str, int], Steps]()
    for name, rows, prices in (
        ("branch", table.branch, table.branch_price_per_mwh),
        ("interface", table.interface, table.interface_price_per_mwh),
    ):
        own |= {(name, int(row)): ((INF, float(price)),) for row, price in zip(rows, prices, strict=True)}
    return own


class Reference:
    """The dispatch LP with conditional rows; `solve` sets them for one commitment."""

    def __init__(self, case: Case, rules: Rules, penalties: Penalties, *, system: bool = True) -> None:
        """system: whether system reserves stand in it (SCUC) or not (SCED)."""
        self.case, self.rules, self.penalties = case, rules, penalties
        self.dt = case.horizon.period_minutes / 60
        self.T = case.horizon.periods
        self._low: list[float] = []
        self._high: list[float] = []
        self._cost: list[float] = []
        self._rows: list[tuple[dict[int, float], float, float]] = []
        self._columns()
        self.kinds = KindRows(self)
        self._hard_rows()
        self._network_rows()
        self._soft_rows(system)
        self.kinds.soft()
        self._joint_rows(system)
        self._build()

    # columns -----------------------------------------------------------------------------------------------------
    def _new(self, low: float = 0.0, high: float = INF, cost: float = 0.0) -> int:
        self._low.append(float(low))
        self._high.append(float(high))
        self._cost.append(float(cost))
        return len(self._low) - 1

    def _steps(self, steps: Steps) -> dict[int, float]:
        return {self._new(0, width, price * self.dt): 1.0 for width, price in steps}

    def _curve(self, offers: Offers, n: int, t: int, low: float, high: float) -> int:
        """A column for the output of resource n in period t, tied to its blocks from 0 MW."""
        output = self._new(low, high)
        blocks = {
            self._new(0, offers.width_mw[m, t], offers.price_per_mwh[m, t] * self.dt): 1.0
            for m in np.flatnonzero(offers.resource == n)
        }
        self._row({output: -1.0, **blocks}, 0, 0)
        return output

    def _columns(self) -> None:
        case, T = self.case, range(self.T)
        u, w, g, q = case.units, case.renewables, case.storage, case.reserves
        self.on = [[self._new(0, 1) for _ in T] for _ in u.id]
        self.p = [[self._curve(u.offers, i, t, 0, u.p_max_mw[i, t]) for t in T] for i in range(len(u.id))]
        self.w = [
            [self._curve(w.offers, r, t, w.min_mw[r, t], w.forecast_mw[r, t]) for t in T] for r in range(len(w.id))
        ]
        self.ch = [
            [self._new(0, g.charge_max_mw[k, t], -g.charge_price_per_mwh[k, t] * self.dt) for t in T]
            for k in range(len(g.id))
        ]
        self.dis = [
            [self._new(0, g.discharge_max_mw[k, t], g.discharge_price_per_mwh[k, t] * self.dt) for t in T]
            for k in range(len(g.id))
        ]
        self.e = [[self._new(g.energy_min_mwh[k][t], g.energy_max_mwh[k][t]) for t in T] for k in range(len(g.id))]
        self.load = np.zeros((len(case.network.bus_id), self.T))
        for bus, mw in zip(case.loads.bus, case.loads.mw, strict=True):
            self.load[bus] += mw
        self.wanted = self.load.copy()  # loads alone
        self._bid_columns()
        self._line_columns()
        most = np.maximum(self.load, 0.0)
        for bus, mw in zip(case.ties.bus, case.ties.import_mw, strict=True):
            most[bus] += np.maximum(-mw, 0.0)
        self.shed = [[self._new(0, mw) for mw in row] for row in most]
        self.r = [
            [[self._new(0, self._award_cap(k, i)) for _ in T] for i in range(len(u.id))]
            for k in range(len(q.product_id))
        ]
        self.offered: dict[tuple[int, int, int], int] = {}
        for k, i, t in itertools.product(range(len(q.product_id)), range(len(u.id)), T):
            self._award_blocks(k, i, t)

    def _award_blocks(self, q: int, i: int, t: int) -> None:
        """Where a unit offers a product, its award is the sum of its blocks."""
        table = self.case.reserve_offers
        mine = np.flatnonzero((table.product == q) & (table.unit == i))
        blocks = {self._new(0, table.width_mw[m, t], table.price_per_mw_hour[m, t] * self.dt): 1.0 for m in mine}
        if blocks:
            self.offered[q, i, t] = self._row({self.r[q][i][t]: -1.0, **blocks}, 0, 0)

    def _bid_columns(self) -> None:
        """Load that bids and virtual plants: whole MW as columns; their least load is firm."""
        bids, plants = self.case.demand_bids, self.case.virtual_plants
        self.q: list[list[int]] = []
        for b, bus in enumerate(bids.bus):
            self.load[bus] += bids.min_mw[b]
            self.q.append([self._new(bids.min_mw[b, t], bids.max_mw[b, t]) for t in range(self.T)])
            for t, column in enumerate(self.q[b]):
                blocks = {
                    self._new(0, bids.bids.width_mw[m, t], -bids.bids.price_per_mwh[m, t] * self.dt): -1.0
                    for m in np.flatnonzero(bids.bids.resource == b)
                }
                self._row({column: 1.0, **blocks}, bids.min_mw[b, t], bids.min_mw[b, t])
        self.takes = plants.kind == 2
        signed = np.where(self.takes, -1.0, 1.0)[plants.offers.resource]
        costs = Offers(plants.offers.resource, plants.offers.width_mw, signed[:, None] * plants.offers.price_per_mwh)
        self.v = [
            [self._curve(costs, v, t, plants.min_mw[v, t], plants.max_mw[v, t]) for t in range(self.T)]
            for v in range(len(plants.id))
        ]
        for v, bus, share in zip(plants.factor_plant, plants.factor_bus, plants.factor, strict=True):
            if self.takes[v]:
                self.load[bus] += share * plants.min_mw[v]
        for v, t in itertools.product(range(len(plants.id)), range(1, self.T)):
            most = plants.ramp_mw_per_minute[v] * self.case.horizon.period_minutes
            self._row({self.v[v][t]: 1.0, self.v[v][t - 1]: -1.0}, -most, most)

    def _line_columns(self) -> None:
        """Direct-current lines: flow at from_bus; one that is asked for is a soft row."""
        lines = self.case.hvdc_lines
        self.h: list[list[int]] = []
        self.back = np.zeros((len(lines.id), self.T), dtype=bool)
        for k in range(len(lines.id)):
            low, high = (lines.min_mw, lines.max_mw) if lines.dispatchable[k] else (lines.scheduled_mw,) * 2
            self.back[k] = low[k] < 0
            self.h.append([self._new(min(low[k, t], 0.0), max(high[k, t], 0.0)) for t in range(self.T)])
            for t, column in enumerate(self.h[k]):
                wanted = low[k, t] if low[k, t] > 0 else -INF, high[k, t] if high[k, t] < 0 else INF
                self._soft({column: 1.0}, *wanted, self.penalties.joint_limit)
                if t and lines.dispatchable[k]:
                    most = lines.ramp_mw_per_minute[k] * self.case.horizon.period_minutes
                    self._row({column: 1.0, self.h[k][t - 1]: -1.0}, -most, most)

    def _award_cap(self, q: int, i: int) -> float:
        reserves, units = self.case.reserves, self.case.units
        if not reserves.covers_bus[q, units.bus[i]]:
            return 0.0
        rate = (
            units.ramp_up_mw_per_minute[i]
            if reserves.direction[q] == Direction.UP
            else units.ramp_down_mw_per_minute[i]
        )
        minutes = reserves.response_minutes[q]
        if kind_of(self.case, q) == FLEXIBLE:
            minutes = min(minutes, self.case.horizon.period_minutes)
        by_ramp = INF if np.isinf(rate) or np.isinf(minutes) else rate * minutes
        return float(min(reserves.unit_max_mw[q, i], by_ramp))

    # rows --------------------------------------------------------------------------------------------------------
    def _row(self, terms: dict[int, float], low: float, high: float) -> int:
        self._rows.append((terms, low, high))
        return len(self._rows) - 1

    def _awards(self, i: int, t: int, direction: Direction) -> dict[int, float]:
        chosen = np.flatnonzero(self.case.reserves.direction == direction)
        return {self.r[q][i][t]: 1.0 for q in chosen if kind_of(self.case, q) != FLEXIBLE}

    def _hard_rows(self) -> None:
        u, g = self.case.units, self.case.storage
        shared = self.rules.reserves.ramp_sharing is RampSharing.PGLIB
        self.up_row, self.down_row, self.start_row, self.last_row = {}, {}, {}, {}
        for i, t in itertools.product(range(len(u.id)), range(self.T)):
            p, on = self.p[i][t], self.on[i][t]
            up, down = self._awards(i, t, Direction.UP), self._awards(i, t, Direction.DOWN)
            self._row({p: 1.0, **up, on: -u.p_max_mw[i, t]}, -INF, 0)
            self._row({p: 1.0, **dict.fromkeys(down, -1.0), on: -u.p_min_mw[i, t]}, 0, INF)
            for q in range(len(self.r)):
                cap = self._award_cap(q, i)
                self._row(
                    {self.r[q][i][t]: 1.0, on: -cap} if np.isfinite(cap) else {self.r[q][i][t]: 1.0},
                    -INF,
                    0 if np.isfinite(cap) else INF,
                )
            up, down = (up, down) if shared else ({}, {})
            before = {self.p[i][t - 1]: 1.0} if t else {}
            self.up_row[i, t] = self._row({p: 1.0, **up, **dict.fromkeys(before, -1.0)}, -INF, INF)
            self.down_row[i, t] = self._row({p: -1.0, **down, **before}, -INF, INF)
            self.start_row[i, t] = self._row({p: 1.0, **up}, -INF, INF)
            self.last_row[i, t] = self._row({p: 1.0, **up}, -INF, INF)
        for i, t, mw in zip(u.fixed_unit, u.fixed_period, u.fixed_mw, strict=True):
            self._row({self.p[i][t]: 1.0}, mw, mw)
        for k, t in itertools.product(range(len(g.id)), range(self.T)):
            terms = {
                self.e[k][t]: 1.0,
                self.ch[k][t]: -self.dt * g.charge_efficiency[k][t],
                self.dis[k][t]: self.dt / g.discharge_efficiency[k][t],
            }
            left = (1 - g.self_discharge_per_hour[k][t]) ** self.dt
            if t:
                terms[self.e[k][t - 1]] = -left
            right = 0.0 if t else left * float(g.initial_energy_mwh[k])
            self._row(terms, right, right)
        for k in range(len(g.id)):
            self._row({self.e[k][self.T - 1]: 1.0}, g.final_energy_min_mwh[k], g.final_energy_max_mwh[k])

    def _network_rows(self) -> None:
        case, n = self.case, self.case.network
        K, live = len(n.bus_id), n.branch_in_service
        island = list(range(K))  # the smallest bus that a bus is connected to
        for _ in range(K):
            for a, b in zip(n.branch_from[live], n.branch_to[live], strict=True):
                island[a] = island[b] = min(island[a], island[b])
        self.flow: dict[tuple[int, int], int] = {}
        self.balance_row: dict[tuple[int, int], int] = {}
        for t in range(self.T):
            balance: list[dict[int, float]] = [{} for _ in range(K)]
            for table, columns, sign in (
                (case.units, self.p, 1.0),
                (case.renewables, self.w, 1.0),
                (case.storage, self.dis, 1.0),
                (case.storage, self.ch, -1.0),
            ):
                for bus, row in zip(table.bus, columns, strict=True):
                    balance[bus][row[t]] = sign
            for b, bus in enumerate(case.demand_bids.bus):
                balance[bus][self.q[b][t]] = -1.0
            self._lines_into(balance, t)
            plants = case.virtual_plants
            for v, bus, share in zip(plants.factor_plant, plants.factor_bus, plants.factor, strict=True):
                balance[bus][self.v[v][t]] = float(-share if self.takes[v] else share)
            angle = [self._new(0.0 if island[k] == k else -INF, 0.0 if island[k] == k else INF) for k in range(K)]
            for line in np.flatnonzero(live):
                a, b = int(n.branch_from[line]), int(n.branch_to[line])
                flow = self.flow[int(line), t] = self._new(-INF, INF)
                size = 100.0 / (n.branch_reactance_pu[line] * n.branch_tap_ratio[line])
                shift = size * np.deg2rad(n.branch_shift_degrees[line])
                self._row({flow: 1.0, angle[a]: -size, angle[b]: size}, -shift, -shift)
                balance[a][flow] = -1.0
                balance[b][flow] = 1.0
            for first in sorted(set(island)):
                members = [k for k in range(K) if island[k] == first]
                weight = np.array([np.maximum(self.load[k], 0).sum() for k in members])
                weight = weight / weight.sum() if weight.sum() > 0 else np.eye(len(members))[members.index(first)]
                surplus, short = self._steps(self.penalties.surplus), self._steps(self.penalties.shortage)
                for k, share in zip(members, weight, strict=True):
                    balance[k][self.shed[k][t]] = 1.0
                    for c in surplus:
                        balance[k][c] = -share
                self._row({**{self.shed[k][t]: 1.0 for k in members}, **dict.fromkeys(short, -1.0)}, 0, 0)
            for k in range(K):
                self.balance_row[k, t] = len(self._rows)
                given = self.wanted[k, t] - sum(
                    mw[t] for bus, mw in zip(case.ties.bus, case.ties.import_mw, strict=True) if bus == k
                )
                self._row(balance[k], given, given)

    def _lines_into(self, balance: list[dict[int, float]], t: int) -> None:
        lines = self.case.hvdc_lines
        for k, rest in enumerate(1.0 - lines.loss_rate):
            balance[lines.from_bus[k]][self.h[k][t]] = -1.0
            balance[lines.to_bus[k]][self.h[k][t]] = 1.0 / rest if self.back[k, t] else rest

    def _soft(self, terms: dict[int, float], low: float, high: float, steps: Steps) -> None:
        short = dict.fromkeys(self._steps(steps), 1.0) if np.isfinite(low) else {}
        over = dict.fromkeys(self._steps(steps), -1.0) if np.isfinite(high) else {}
        self._row({**terms, **short, **over}, low, high)

    def _soft_rows(self, system: bool) -> None:
        case, n, penalties = self.case, self.case.network, self.penalties
        own = _own_penalties(case)
        for t in range(self.T):
            for line in np.flatnonzero(n.branch_in_service & np.isfinite(n.branch_limit_mw)):
                limit = n.branch_limit_mw[line]
                self._soft(
                    {self.flow[int(line), t]: 1.0}, -limit, limit, own.get(("branch", int(line)), penalties.branch)
                )
            for s in range(len(n.interface_id)):
                terms: dict[int, float] = {}
                for place in np.flatnonzero(n.term_interface == s):
                    line = int(n.term_branch[place])
                    if n.branch_in_service[line]:
                        terms[self.flow[line, t]] = terms.get(self.flow[line, t], 0.0) + n.term_coefficient[place]
                steps = own.get(("interface", s), penalties.interface)
                self._soft(terms, n.interface_min_mw[s, t], n.interface_max_mw[s, t], steps)
            for q in range(len(self.r)):
                terms = dict.fromkeys(self._counted(q, t), 1.0)
                self._soft(terms, case.reserves.requirement_mw[q, t], INF, self._curve_of(q))
            if system:
                self._system_rows(t)
            else:
                self._dispatch_rows(t)

    def _curve_of(self, q: int) -> Steps:
        """Penalty steps of a product: its demand curve, else the rule set's."""
        table = self.case.reserve_demand
        own = tuple((table.step_mw[k], table.step_price[k]) for k in np.flatnonzero(table.step_product == q))
        return own or self.penalties.product

    def _counted(self, q: int, t: int) -> list[int]:
        """Awards that count towards a requirement: its own and those of products that serve it, at covered buses."""
        table, units = self.case.reserve_sharing, self.case.units
        serving = {q, *table.shared_from[table.shared_to == q].tolist()}
        covered = np.flatnonzero(self.case.reserves.covers_bus[q, units.bus])
        of_units = [self.r[p][i][t] for p in sorted(serving) for i in covered]
        return of_units + self.kinds.counted(q, serving, t)

    def _dispatch_rows(self, t: int) -> None:
        if self.rules.reserves.positive_min_in is HeldIn.DISPATCH:
            self._least(t)
        if self.rules.reserves.positive_max_in is HeldIn.DISPATCH:
            self._greatest(t)

    def _net(self, t: int) -> float:
        return float(self.load[:, t].sum() - self.case.ties.import_mw[:, t].sum())

    def _system_rows(self, t: int) -> None:
        case, own, u = self.case, self.case.reserves.negative_min_mw, self.case.units
        self._least(t)
        self._greatest(t)
        negative = self.rules.reserves.negative_min_mw if own is None else float(own[t])
        if negative is not None:
            terms = {self.on[i][t]: u.p_min_mw[i, t] for i in range(len(u.id))}
            right = self._net(t) - negative - case.renewables.min_mw[:, t].sum()
            self._soft(terms, -INF, right, self.penalties.system_reserve)

    def _least(self, t: int) -> None:
        case, own, rule = self.case, self.case.reserves.positive_min_mw, self.rules.reserves
        u, g, least = case.units, case.storage, rule.positive_min_mw if own is None else own[t]
        if least is not None:
            terms = {self.on[i][t]: u.p_max_mw[i, t] for i in range(len(u.id))}
            for k in range(len(g.id)):
                held = self._new(0, g.discharge_max_mw[k, t])
                share = g.discharge_efficiency[k][t] / (rule.storage_minutes / 60)
                self._row({held: 1.0, self.e[k][t]: -share}, -INF, -share * g.energy_min_mwh[k][t])
                terms[held] = 1.0
            right = self._net(t) + float(least) - rule.renewable_share * case.renewables.forecast_mw[:, t].sum()
            self._soft(terms, right, INF, self.penalties.system_reserve)

    def _greatest(self, t: int) -> None:
        u, rule, own = self.case.units, self.rules.reserves.positive_max_mw, self.case.reserves.positive_max_mw
        if own is not None or rule is not None:
            units, most = range(len(u.id)), rule if own is None else own[t]
            terms = {self.on[i][t]: u.p_max_mw[i, t] for i in units} | {self.p[i][t]: -1.0 for i in units}
            self._soft(terms, -INF, float(most), self.penalties.system_reserve)

    def _joint_rows(self, system: bool) -> None:
        """Unit groups, energy windows, storage cycles; members on line only with `system`."""
        case, groups, windows, cycles = (
            self.case, self.case.unit_groups, self.case.energy_windows, self.case.storage_cycles,
        )  # fmt: skip
        a_mwh = tuple((width, price / self.dt) for width, price in self.penalties.joint_limit)
        for j, t in itertools.product(range(len(groups.id)), range(self.T)):
            members = [int(i) for k, i in zip(groups.member_group, groups.member_unit, strict=True) if k == j]
            output = {self.p[i][t]: 1.0 for i in members}
            self._soft(output, groups.min_mw[j, t], groups.max_mw[j, t], self.penalties.joint_limit)
            most = groups.max_on[j, t] if groups.max_on[j, t] >= 0 else INF
            if system:
                self._soft({self.on[i][t]: 1.0 for i in members}, groups.min_on[j, t], most, self.penalties.group_on)
        for k, i in enumerate(windows.unit):
            inside = range(windows.first_period[k], windows.last_period[k] + 1)
            energy = {self.p[i][t]: self.dt for t in inside}
            self._soft(energy, windows.min_mwh[k], windows.max_mwh[k], a_mwh)
        for k, g in enumerate(cycles.storage):
            usable = case.storage.energy_max_mwh[g].max() - case.storage.energy_min_mwh[g].min()
            given = {self.dis[g][t]: self.dt for t in range(self.T)}
            self._soft(given, -INF, cycles.max_cycles[k] * usable, a_mwh)

    # solving -----------------------------------------------------------------------------------------------------
    def _build(self) -> None:
        lp = highspy.HighsLp()
        lp.num_col_, lp.num_row_ = len(self._low), len(self._rows)
        lp.col_cost_, lp.col_lower_, lp.col_upper_ = self._cost, self._low, self._high
        self.row_low = np.array([low for _, low, _ in self._rows], dtype=float)
        self.row_high = np.array([high for _, _, high in self._rows], dtype=float)
        lp.row_lower_, lp.row_upper_ = self.row_low, self.row_high
        lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        lp.a_matrix_.start_ = np.cumsum([0, *(len(terms) for terms, _, _ in self._rows)])
        lp.a_matrix_.index_ = [c for terms, _, _ in self._rows for c in terms]
        lp.a_matrix_.value_ = [float(v) for terms, _, _ in self._rows for v in terms.values()]
        self.highs = highspy.Highs()
        for name, value in (("output_flag", False), ("threads", 1), ("presolve", "off"), ("solver", "simplex")):
            self.highs.setOptionValue(name, value)
        assert self.highs.passModel(lp) != highspy.HighsStatus.kError

    def solve(self, on: np.ndarray, mode: np.ndarray) -> float | None:
        """Cost of the best dispatch (energy, storage, penalties) at a commitment, None where there is none."""
        u, g = self.case.units, self.case.storage
        minutes = self.case.horizon.period_minutes
        low, high = np.array(self._low), np.array(self._high)
        row_low, row_high = self.row_low.copy(), self.row_high.copy()
        extra = curve_mw(self.case, on)
        if extra is None:
            return None
        for (k, t), r in self.balance_row.items():
            row_low[r] = row_high[r] = row_high[r] - extra[u.bus == k, t].sum()
        for i, t in itertools.product(range(len(u.id)), range(self.T)):
            now, before = bool(on[i, t]), bool(on[i, t - 1]) if t else bool(u.initial_on[i])
            low[self.on[i][t]] = high[self.on[i][t]] = float(now)
            initial = 0.0 if t else float(u.initial_mw[i])
            if now and before:
                row_high[self.up_row[i, t]] = u.ramp_up_mw_per_minute[i] * minutes + initial
                row_high[self.down_row[i, t]] = u.ramp_down_mw_per_minute[i] * minutes - initial
            if now and not before:
                row_high[self.start_row[i, t]] = max(u.startup_limit_mw[i], u.p_min_mw[i, t])
            if now and t + 1 < self.T and not on[i, t + 1]:
                row_high[self.last_row[i, t]] = max(u.shutdown_limit_mw[i], u.p_min_mw[i, t])
        for k, t in itertools.product(range(len(g.id)), range(self.T)):
            into, out = self.ch[k][t], self.dis[k][t]
            if mode[k, t] != CHARGING:
                high[into] = 0.0
            if mode[k, t] != DISCHARGING:
                high[out] = 0.0
            if least_mw(self.case, k):
                low[into] = g.charge_min_mw[k, t] if mode[k, t] == CHARGING else 0.0
                low[out] = g.discharge_min_mw[k, t] if mode[k, t] == DISCHARGING else 0.0
        self.kinds.at(on, high, row_high)
        columns, rows = np.arange(len(low), dtype=np.int32), np.arange(len(row_high), dtype=np.int32)
        self.highs.changeColsBounds(len(low), columns, low, high)
        self.highs.changeRowsBounds(len(row_high), rows, row_low, row_high)
        self.highs.run()
        status = self.highs.getModelStatus()
        if status == highspy.HighsModelStatus.kOptimal:
            return float(self.highs.getInfo().objective_function_value)
        assert status == highspy.HighsModelStatus.kInfeasible, self.highs.modelStatusToString(status)
        return None
