"""Limits that break after contingencies, looked for by compensation.

What a lost branch carried is sent between its ends by fictitious injections, an angle solve of the whole network for
each branch. What is found, or near, is judged by power flows in `contingencies.py`.
"""

from __future__ import annotations

import numpy as np
from scipy import sparse
from scipy.sparse import csgraph

from clearing.case.arrays import Bools, Floats, Ints
from clearing.case.case import Case
from clearing.case.network import Network
from clearing.case.schedule import Schedule
from clearing.checks.electrical import Electrical, State, balanced, branch_limits, state_flows
from clearing.checks.finding import tolerance
from clearing.checks.outages import Lost, Pair, lost_injection, watched

SUSPECT = 1e-6
"""1 − share of its own transfer that a branch carries: below, its loss is tried for parting an island."""


def broken(
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
