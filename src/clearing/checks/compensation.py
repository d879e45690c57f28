"""Flows after the loss of branches by compensation, for all contingencies at once.

What a lost branch carried is sent between its ends by fictitious injections: with H_lm the flow on l of 1 MW sent from
end to end of m, found by an angle solve of the whole network for every lost branch, the loss of a set S moves the flows
to f_l + Σ_{m in S} M_lm·f_m, M_·S = H_·S (I − H_SS)^−1.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numba
import numpy as np
from scipy import sparse
from scipy.sparse import csgraph

from clearing.case.arrays import Bools, Floats, Ints
from clearing.case.network import Network
from clearing.checks.electrical import State
from clearing.checks.kept import Kept, content

SUSPECT = 1e-6
"""1 − share of its own transfer that a branch carries: below, its loss is tried for parting an island."""

MOST_BYTES = 1 << 28
"""Bytes of factors that are kept for the next audit, and formed at a time."""

SOLVED = 32
"""Lost branches whose angles are solved together."""


@dataclass(frozen=True, slots=True)
class Moved:
    """C contingencies, M lost branches in service of those that part no island, L branches, S gates.

    judged (C)          False: nothing that is there is lost, or an island parts
    first (C + 1)       lost branches of contingency c: first[c] … first[c + 1] − 1
    branch (M)          the branch
    factor (M, L)       MW that each MW on it before adds to every branch; on a lost branch it means nothing
    gate (M, S)         the same on the gates
    """

    judged: Bools
    first: Ints
    branch: Ints
    factor: Floats
    gate: Floats

    def of(self, c: int) -> slice:
        """Entries of a contingency."""
        return slice(int(self.first[c]), int(self.first[c + 1]))


_KEPT: Kept[Moved] = Kept(MOST_BYTES)


def moved(
    network: Network, live: Bools, state: State, lost: Sequence[Ints], resources: Bools, terms: sparse.csr_array
) -> Moved:
    """How flows move in a state after the loss of branches. lost (C); resources (C): something else is lost as well;
    terms (S, L): gates as sums of branches."""
    sets = [own[live[own]] for own in lost]
    count = np.array([len(own) for own in sets], dtype=np.int64)
    branch = np.concatenate([np.zeros(0, dtype=np.int64), *sets])
    ends = (network.branch_from, network.branch_to)
    weighed = (terms.indptr, terms.indices, terms.data)
    key = content("moved", *ends, live, state.susceptance_mw, count, branch, resources, *weighed)

    def form() -> Moved:
        return _formed(network, live, state, sets, resources, terms)

    return _KEPT.get(key, form, lambda value: int(value.factor.nbytes + value.gate.nbytes))


def _formed(
    network: Network, live: Bools, state: State, sets: list[Ints], resources: Bools, terms: sparse.csr_array
) -> Moved:
    judged = np.zeros(len(sets), dtype=np.bool_)
    factors, own_branch, count = [np.zeros((0, len(live)))], [np.zeros(0, dtype=np.int64)], np.zeros(len(sets), int)
    every = np.unique(np.concatenate([np.zeros(0, dtype=np.int64), *sets]))
    share = _shares(state, every)
    for c, gone in enumerate(sets):
        if not len(gone):
            judged[c] = resources[c]
            continue
        own = share[np.searchsorted(every, gone)]
        alone = np.eye(len(gone)) - own[:, gone].T
        suspect = len(gone) > 1 or abs(alone[0, 0]) < SUSPECT
        if suspect and parts(network, live, gone):
            continue
        judged[c], count[c] = True, len(gone)
        factors.append(np.asarray(np.linalg.solve(alone.T, own)).reshape(len(gone), -1))
        own_branch.append(gone)
    factor = np.concatenate(factors)
    first = np.concatenate([[0], np.cumsum(count)]).astype(np.int64)
    return Moved(judged, first, np.concatenate(own_branch), factor, np.asarray((terms @ factor.T).T))


def _shares(state: State, branch: Ints) -> Floats:
    """Flow (m, L) on every branch of 1 MW sent from end to end of each of some branches (m)."""
    share = np.zeros((len(branch), len(state.susceptance_mw)))
    for begin in range(0, len(branch), SOLVED):
        some = branch[begin : begin + SOLVED]
        angles = state.solve(state.incidence[some].T.toarray())
        share[begin : begin + SOLVED] = (state.susceptance_mw[:, None] * (state.incidence @ angles)).T
    return share


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


def beyond(by: Moved, chosen: Bools, flow: Floats, limit: Floats, near: Floats) -> tuple[Ints, Ints]:
    """Branches and contingencies (n) of those `chosen` (C) whose flow ends more than `near` beyond ±limit.

    flow, limit, near (L, n): before the loss; limit +inf = not watched. A branch that is lost is not judged.
    """
    allowed = np.ascontiguousarray(limit + near)
    room = np.where(np.isfinite(allowed), allowed - np.abs(flow), np.inf).min(axis=1, initial=np.inf)
    most = np.abs(flow).max(axis=1, initial=0.0)
    found = _search(by.first, by.branch, by.factor, chosen & by.judged, np.ascontiguousarray(flow), allowed, room, most)
    return found[0], found[1]


@numba.njit(cache=True)
def _search(
    first: Ints, branch: Ints, factor: Floats, chosen: Bools, flow: Floats, allowed: Floats, room: Floats, most: Floats
) -> Ints:
    lines, found = len(room), 0
    out = np.empty((2, 64), dtype=np.int64)
    reach = np.empty(lines)
    for c in range(len(first) - 1):
        if not chosen[c]:
            continue
        reach[:] = 0.0
        for m in range(first[c], first[c + 1]):
            size = most[branch[m]]
            for line in range(lines):
                reach[line] += abs(factor[m, line]) * size
        for line in range(lines):
            if not reach[line] >= room[line] or room[line] == np.inf:
                continue
            gone, broken = False, False
            for m in range(first[c], first[c + 1]):
                gone |= branch[m] == line
            for t in range(0 if gone else flow.shape[1]):
                after = flow[line, t]
                for m in range(first[c], first[c + 1]):
                    after += factor[m, line] * flow[branch[m], t]
                broken |= abs(after) > allowed[line, t]
            if broken:
                if found == out.shape[1]:
                    wider = np.empty((2, 2 * found), dtype=np.int64)
                    wider[:, :found] = out
                    out = wider
                out[0, found], out[1, found] = line, c
                found += 1
    return out[:, :found].copy()


def warm_up() -> None:
    """Compile the search."""
    one, none = np.ones((1, 1)), np.zeros(0, dtype=np.int64)
    by = Moved(np.ones(1, np.bool_), np.zeros(2, dtype=np.int64), none, np.zeros((0, 1)), np.zeros((0, 0)))
    beyond(by, np.ones(1, dtype=np.bool_), one, one, one)
