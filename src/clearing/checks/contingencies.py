"""Flows after contingencies, as the auditor computes them.

Which limits break is looked for by compensation: what a lost branch carried is sent between its ends by fictitious
injections, an angle solve of the whole network for each branch. Every pair of a limit and a contingency that breaks, or
that the result speaks of, is then judged by a power flow of the network with its branches taken out. Output that is
lost is made up at the reference. A contingency that parts an island, or loses nothing that is there, is not judged.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse

from clearing.case.arrays import Bools, Floats, Ids, Ints
from clearing.case.case import Case
from clearing.case.schedule import Schedule
from clearing.checks.electrical import Electrical, balanced, branch_limits, state_flows, without
from clearing.checks.finding import tolerance
from clearing.checks.outage_search import broken
from clearing.checks.outages import KINDS, Kind, Lost, Pair, losses, lost_injection, rows_of, watched


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
    """Pairs by family, what each contingency loses, and the pairs whose limit breaks or is near."""

    after: dict[str, After]
    lost: Lost
    broken: frozenset[Pair]


def searched(
    case: Case, grid: Electrical, schedule: Schedule, injection_mw: Floats, terms: sparse.csr_array
) -> Contingent | None:
    """What a schedule breaks, with no pair judged yet. injection_mw (K, T); terms (S, L) of the interfaces."""
    if not case.contingencies.id:
        return None
    lost, found = losses(case), set[Pair]()
    for state in grid.states:
        found |= broken(case, grid, state, lost, schedule, injection_mw, terms)
    return Contingent({}, lost, frozenset(found))


def judged(
    case: Case,
    grid: Electrical,
    schedule: Schedule,
    injection_mw: Floats,
    terms: sparse.csr_array,
    known: Contingent | None,
    named: Collection[tuple[str, str]],
) -> Contingent | None:
    """The pairs that a search found and those that are named (family, subject), each judged."""
    if known is None:
        return None
    found = known.broken | _named(case, named)

    def left(c: int) -> Floats:
        return injection_mw - lost_injection(case, known.lost, c, schedule)

    return replace(known, after=_families(case, grid, known.lost, left, injection_mw, terms, found))


def at_rest(
    case: Case, grid: Electrical, terms: sparse.csr_array, named: Collection[tuple[str, str]]
) -> Contingent | None:
    """The pairs that are named (family, subject), with nothing injected: their flow is what phase shifts drive."""
    if not case.contingencies.id:
        return None
    lost, nothing = losses(case), np.zeros(grid.island.shape)
    found = frozenset(_named(case, named))
    return Contingent(_families(case, grid, lost, lambda _: nothing, nothing, terms, found), lost, frozenset())


def _families(
    case: Case,
    grid: Electrical,
    lost: Lost,
    left: Callable[[int], Floats],
    injection_mw: Floats,
    terms: sparse.csr_array,
    found: frozenset[Pair],
) -> dict[str, After]:
    return {kind.family: _judged(case, grid, lost, left, injection_mw, terms, kind, found) for kind in KINDS}


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


def _exempt(case: Case, interface: bool, row: Ints, contingency: Ints) -> Bools:
    table = case.contingencies
    pairs = set(zip(table.exempt_branch.tolist(), table.exempt_contingency.tolist(), strict=True))
    asked = zip(row.tolist(), contingency.tolist(), strict=True)
    return np.array([not interface and pair in pairs for pair in asked], dtype=np.bool_)


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
    left_without: Callable[[int], Floats],
    injection_mw: Floats,
    terms: sparse.csr_array,
    kind: Kind,
    found: frozenset[Pair],
) -> After:
    """The pairs of one family, each contingency by power flows of the network without its branches.

    left_without: injections (K, T) that a contingency leaves.
    """
    chosen = sorted((c, row) for interface, row, c in found if interface == kind.interface)
    contingency, row = np.array(chosen, dtype=np.int64).reshape(-1, 2).T
    low, high = (side.copy() for side in _limits(case, kind, row))
    flow, whole = np.zeros(low.shape), np.zeros(low.shape)
    off = _exempt(case, kind.interface, row, contingency)
    if kind.interface:
        off |= ~np.isin(row, case.contingencies.monitored_interface)
    for c in np.unique(contingency).tolist():
        mine = np.flatnonzero(contingency == c)
        left = left_without(c)
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
            pick = terms[row[mine]] if kind.interface else rows_of(row[mine], len(case.network.branch_id))
            flow[here] = pick @ state_flows(net, balanced(grid, left)[:, state.periods], grid.shift_rad)
            whole[here] = pick @ state_flows(net, balanced(grid, injection_mw)[:, state.periods], 0.0 * grid.shift_rad)
    ids = case.network.interface_id if kind.interface else case.network.branch_id
    names = tuple(f"{ids[k]}|{case.contingencies.id[c]}" for c, k in chosen)
    return After(names, row, contingency, flow, whole, low, high)
