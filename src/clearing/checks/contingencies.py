"""Flows after contingencies, as the auditor computes them.

Which limits break is looked for by compensation: what a lost branch carried is sent between its ends by fictitious
injections, an angle solve of the whole network for each branch. Every pair of a limit and a contingency that breaks, or
that the result speaks of, is then judged by a power flow of the network with its branches taken out. Output that is
lost is made up at the reference. A contingency that parts an island, or loses nothing that is there, is not judged.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from scipy import sparse
from scipy.sparse import csgraph

from clearing.case.arrays import Bools, Floats, Ids, Ints
from clearing.case.case import Case
from clearing.case.contingencies import OutageKind
from clearing.case.network import Network
from clearing.case.schedule import Schedule
from clearing.checks.electrical import (
    Electrical,
    State,
    balanced,
    branch_limits,
    combined_sensitivities,
    state_flows,
    without,
)
from clearing.checks.finding import tolerance
from clearing.checks.hvdc import arrives, line_worth

SUSPECT = 1e-6
"""1 − share of its own transfer that a branch carries: below, its loss is tried for parting an island."""


class Lost(NamedTuple):
    """What each of C contingencies loses: rows of branches, units and lines."""

    branch: tuple[Ints, ...]
    unit: tuple[Ints, ...]
    line: tuple[Ints, ...]


class Kind(NamedTuple):
    """Families of pairs: `contingency` of branches and `contingency_interface` of interfaces."""

    family: str
    interface: bool


KINDS = (Kind("contingency", False), Kind("contingency_interface", True))


@dataclass(frozen=True, slots=True)
class After:
    """n pairs of an element and a contingency of one family; T periods, MW.

    id (n)               `element|contingency`
    row, contingency (n) row of the branch or interface; contingency
    flow (n, T)          after the contingency, of the schedule without what is lost
    whole (n, T)         the same with nothing lost but the branches and no phase shift: what prices pay for
    low, high (n, T)     limits, ∓inf in periods in which the pair is not watched
    """

    id: Ids
    row: Ints
    contingency: Ints
    flow: Floats
    whole: Floats
    low: Floats
    high: Floats

    def near(self) -> Floats:
        """Distance at which a limit counts as reached (n, T)."""
        return tolerance(self.low, self.high)

    def beyond(self) -> Floats:
        """MW beyond the limits (n, T), ≤ 0 where kept."""
        return np.maximum(self.flow - self.high, self.low - self.flow)


@dataclass(frozen=True, slots=True)
class Contingent:
    """Pairs by family, and what each contingency loses."""

    after: dict[str, After]
    lost: Lost


def losses(case: Case) -> Lost:
    """Elements by contingency."""
    kinds = (OutageKind.BRANCH, OutageKind.UNIT, OutageKind.HVDC_LINE)
    return Lost(*(tuple(np.array(rows, dtype=np.int64) for rows in _grouped(case, kind)) for kind in kinds))


def _grouped(case: Case, kind: OutageKind) -> list[list[int]]:
    table, rows = case.contingencies, [set[int]() for _ in case.contingencies.id]
    for c, k, e in zip(table.outage_contingency, table.outage_kind, table.outage_element, strict=True):
        if k == kind:
            rows[c].add(int(e))
    return [sorted(own) for own in rows]


def contingent(
    case: Case,
    grid: Electrical,
    schedule: Schedule,
    injection_mw: Floats,
    terms: sparse.csr_array,
    named: Collection[tuple[str, str]],
) -> Contingent | None:
    """Pairs that a schedule breaks or that are named. injection_mw (K, T); terms (S, L) of the interfaces."""
    if not case.contingencies.id:
        return None
    lost = losses(case)
    found = _named(case, named)
    for state in grid.states:
        found |= _broken(case, grid, state, lost, schedule, injection_mw, terms)
    return Contingent(
        {kind.family: _judged(case, grid, lost, schedule, injection_mw, terms, kind, found) for kind in KINDS}, lost
    )


Pair = tuple[bool, int, int]
"""Whether it is an interface, its row, the contingency."""


def _named(case: Case, named: Collection[tuple[str, str]]) -> set[Pair]:
    network, at = case.network, {name: c for c, name in enumerate(case.contingencies.id)}
    known = ({name: k for k, name in enumerate(network.branch_id)}, {n: k for k, n in enumerate(network.interface_id)})
    found = set[Pair]()
    for family, subject in named:
        kind = next((k for k in KINDS if k.family == family), None)
        cuts = [j for j, letter in enumerate(subject) if letter == "|"] if kind else []
        for j in cuts:
            row, c = known[bool(kind and kind.interface)].get(subject[:j], -1), at.get(subject[j + 1 :], -1)
            if row >= 0 and c >= 0:
                found.add((bool(kind and kind.interface), row, c))
    return found


def watched(case: Case) -> Bools:
    """Branches (L) that are watched."""
    table, network = case.contingencies, case.network
    chosen = np.isin(np.arange(len(network.branch_id)), table.monitored_branch) | (len(table.monitored_branch) == 0)
    voltage = np.stack([network.bus_voltage_kv[network.branch_from], network.bus_voltage_kv[network.branch_to]])
    return np.asarray(chosen & (voltage >= table.monitored_min_voltage_kv).all(axis=0))


def _exempt(case: Case, interface: bool, row: Ints, contingency: Ints) -> Bools:
    table = case.contingencies
    pairs = set(zip(table.exempt_branch.tolist(), table.exempt_contingency.tolist(), strict=True))
    asked = zip(row.tolist(), contingency.tolist(), strict=True)
    return np.array([not interface and pair in pairs for pair in asked], dtype=np.bool_)


def lost_injection(case: Case, lost: Lost, c: int, schedule: Schedule) -> Floats:
    """What the lost units and lines of a contingency put into the buses, MW (K, T)."""
    total = np.zeros((len(case.network.bus_id), case.horizon.periods))
    output = schedule.dispatch_mw + schedule.curve_mw
    for unit in lost.unit[c]:
        total[case.units.bus[unit]] += output[unit]
    if len(lost.line[c]):
        arrived, lines = arrives(case, schedule.hvdc_mw), case.hvdc_lines
        for h in lost.line[c]:
            total[lines.from_bus[h]] -= schedule.hvdc_mw[h]
            total[lines.to_bus[h]] += arrived[h]
    return total


def _limits(case: Case, kind: Kind, row: Ints) -> tuple[Floats, Floats]:
    network = case.network
    if kind.interface:
        return network.interface_min_mw[row], network.interface_max_mw[row]
    most = branch_limits(network, case.horizon.periods, emergency=True)[row]
    most = np.where(watched(case)[row][:, None], most, np.inf)
    return -most, most


def _judged(
    case: Case,
    grid: Electrical,
    lost: Lost,
    schedule: Schedule,
    injection_mw: Floats,
    terms: sparse.csr_array,
    kind: Kind,
    found: set[Pair],
) -> After:
    """The pairs of one family, each contingency by power flows of the network without its branches."""
    chosen = sorted((c, row) for interface, row, c in found if interface == kind.interface)
    contingency, row = np.array(chosen, dtype=np.int64).reshape(-1, 2).T
    low, high = (side.copy() for side in _limits(case, kind, row))
    flow, whole = np.zeros(low.shape), np.zeros(low.shape)
    off = _exempt(case, kind.interface, row, contingency)
    if kind.interface:
        off |= ~np.isin(row, case.contingencies.monitored_interface)
    for c in np.unique(contingency).tolist():
        mine = np.flatnonzero(contingency == c)
        left = injection_mw - lost_injection(case, lost, c, schedule)
        for state in grid.states:
            here = np.ix_(mine, state.periods)
            net = without(case.network, grid, state, lost.branch[c])
            gone = np.isin(row[mine], lost.branch[c]) & (not kind.interface)
            dead = gone | ~(grid.live[row[mine], state.periods[0]] | kind.interface)
            loses = len(lost.unit[c]) + len(lost.line[c]) + int(grid.live[lost.branch[c], state.periods[0]].sum())
            silent = off[mine] | dead | (net is None) | (not loses)
            low[np.ix_(mine[silent], state.periods)], high[np.ix_(mine[silent], state.periods)] = -np.inf, np.inf
            if net is None:
                continue
            pick = terms[row[mine]] if kind.interface else _rows_of(row[mine], len(case.network.branch_id))
            flow[here] = pick @ state_flows(net, balanced(grid, left)[:, state.periods], grid.shift_rad)
            whole[here] = pick @ state_flows(net, balanced(grid, injection_mw)[:, state.periods], 0.0 * grid.shift_rad)
    ids = case.network.interface_id if kind.interface else case.network.branch_id
    names = tuple(f"{ids[k]}|{case.contingencies.id[c]}" for c, k in chosen)
    return After(names, row, contingency, flow, whole, low, high)


def _rows_of(row: Ints, branches: int) -> sparse.csr_array:
    return sparse.csr_array((np.ones(len(row)), (np.arange(len(row)), row)), shape=(len(row), branches))


def _broken(
    case: Case,
    grid: Electrical,
    state: State,
    lost: Lost,
    schedule: Schedule,
    injection_mw: Floats,
    terms: sparse.csr_array,
) -> set[Pair]:
    """Pairs whose limit breaks in the periods of a state, by compensation; what is near is judged too."""
    here, network = state.periods, case.network
    base = state_flows(state, balanced(grid, injection_mw)[:, here], grid.shift_rad)
    most = branch_limits(network, case.horizon.periods, emergency=True)[:, here]
    most = np.where(watched(case)[:, None] & grid.live[:, here], most, np.inf)
    room = np.where(np.isfinite(most), most - np.abs(base), np.inf)
    near, gates = 0.5 * tolerance(most), np.unique(case.contingencies.monitored_interface)
    side = network.interface_min_mw[gates][:, here], network.interface_max_mw[gates][:, here]
    found = set[Pair]()
    for c, own in enumerate(lost.branch):
        gone = own[grid.live[own, here[0]]]
        resources = len(lost.unit[c]) + len(lost.line[c])
        if not len(gone) + resources:
            continue
        flow = base
        if resources:
            flow = state_flows(state, balanced(grid, injection_mw - lost_injection(case, lost, c, schedule))[:, here],
                               grid.shift_rad)  # fmt: skip
        moved = _compensated(network, grid, state, gone, flow)
        if moved is None:
            continue
        share, sent = moved
        reach = np.abs(share) @ np.abs(sent).max(axis=1) if len(gone) else np.zeros(len(base))
        rows = np.flatnonzero(reach >= room.min(axis=1)) if not resources else np.arange(len(base))
        rows = np.setdiff1d(rows[np.isfinite(most[rows]).any(axis=1)], gone)
        after = flow[rows] + share[rows] @ sent
        beyond = (np.abs(after) - most[rows] > near[rows]).any(axis=1)
        found |= {(False, int(k), c) for k in rows[beyond]}
        if len(gates):
            value = terms[gates] @ flow + (terms[gates] @ share) @ sent
            worse = np.maximum(value - side[1], side[0] - value) > 0.5 * tolerance(*side)
            found |= {(True, int(k), c) for k in gates[worse.any(axis=1)]}
    return found


def _compensated(
    network: Network, grid: Electrical, state: State, gone: Ints, flow: Floats
) -> tuple[Floats, Floats] | None:
    """Flow (L, m) of 1 MW sent between the ends of each lost branch, and what must be sent (m, n); None: parts."""
    if not len(gone):
        return np.zeros((len(flow), 0)), np.zeros((0, flow.shape[1]))
    angles = state.solve(state.incidence[gone].T.toarray())
    share = state.susceptance_mw[:, None] * (state.incidence @ angles)
    alone = np.eye(len(gone)) - share[gone]
    if (len(gone) > 1 or abs(alone[0, 0]) < SUSPECT) and parts(network, grid.live[:, state.periods[0]], gone):
        return None
    sent = np.linalg.solve(alone, flow[gone])
    # a lost branch carries nothing: all that is sent for it in the network that still has it comes off again
    return share, sent


def parts(network: Network, live: Bools, gone: Ints) -> bool:
    """Whether the loss of branches parts an island."""
    left = live.copy()
    left[gone] = False
    size = len(network.bus_id)

    def count(own: Bools) -> int:
        ends = (network.branch_from[own], network.branch_to[own])
        links = sparse.coo_array((np.ones(int(own.sum())), ends), shape=(size, size))
        return int(csgraph.connected_components(links, directed=False)[0])

    return count(left) > count(live)


@dataclass(frozen=True, slots=True)
class Weighted:
    """Multipliers of pairs in prices: price (K, T) Σ value·G, size (K, T) Σ |value·G|; what of it is not felt by a unit
    (N, T), per MWh, and by a line (H, T), because the contingency loses it."""

    price: Floats
    size: Floats
    unit: Floats
    line: Floats


def weighted(
    case: Case, grid: Electrical, found: Contingent | None, terms: sparse.csr_array, values: dict[str, Floats]
) -> Weighted:
    """Σ value·G with the shift factors of the network without the branches that are lost."""
    shape = grid.island.shape
    total, size = np.zeros(shape), np.zeros(shape)
    unit = np.zeros((len(case.units.id), shape[1]))
    line = np.zeros((len(case.hvdc_lines.id), shape[1]))
    if found is None:
        return Weighted(total, size, unit, line)
    for kind in KINDS:
        after, value = found.after[kind.family], values[kind.family]
        priced = (value != 0.0).any(axis=1)
        for c in np.unique(after.contingency[priced]).tolist():
            mine = np.flatnonzero(priced & (after.contingency == c))
            for state in grid.states:
                own = value[np.ix_(mine, state.periods)]
                net = without(case.network, grid, state, found.lost.branch[c]) if (own != 0.0).any() else None
                if net is None:
                    continue
                pick = terms[after.row[mine]] if kind.interface else _rows_of(after.row[mine], grid.live.shape[0])
                factor = combined_sensitivities(grid, net, pick, int(state.periods[0]))
                part = factor.T @ own
                total[:, state.periods] += part
                size[:, state.periods] += np.abs(factor).T @ np.abs(own)
                for i in found.lost.unit[c]:
                    unit[i, state.periods] += part[case.units.bus[i]]
                _line_part(case, found.lost.line[c], part, line, state.periods)
    return Weighted(total, size, unit, line)


def _line_part(case: Case, rows: Ints, part: Floats, line: Floats, periods: Ints) -> None:
    if len(rows):
        bus = np.zeros((len(case.network.bus_id), case.horizon.periods))
        bus[:, periods] = part
        line[rows] += line_worth(case, bus)[rows]
