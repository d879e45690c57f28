"""The audit's search by compensation against power flows of the network with the branches taken out, one by one."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse

from clearing.case.arrays import Floats, Ints
from clearing.case.network import Network
from clearing.checks.bids import firm_load
from clearing.checks.compensation import beyond, moved
from clearing.checks.electrical import Electrical, State, balanced, electrical, state_flows, without
from tests.grid.nets import random_case


def by_flows(
    network: Network, grid: Electrical, state: State, gone: Ints, injection: Floats, limit: Floats
) -> set[int]:
    """Branches beyond ±limit after the loss, by a flow of the network that is left."""
    live = grid.live[:, 0]
    left = without(network, grid, state, gone) if live[gone].any() else None
    if left is None:
        return set()
    flow = state_flows(left, balanced(grid, injection), grid.shift_rad)
    over = (np.abs(flow) > limit).any(axis=1)
    over[gone] = False
    return set(np.flatnonzero(over).tolist())


@pytest.mark.parametrize("seed", range(30))
def test_what_is_found_is_what_the_flows_without_the_branches_say(seed: int) -> None:
    case, rng = random_case(seed), np.random.default_rng(seed)
    network, load = case.network, firm_load(case)
    grid = electrical(network, load)
    state = grid.states[0]
    injection = rng.uniform(-60.0, 60.0, load.shape)
    branches = len(network.branch_id)
    lost = [np.array([k]) for k in range(branches)]
    lost += [np.sort(rng.choice(branches, 2, replace=False)) for _ in range(6)]
    limit = np.broadcast_to(rng.choice([15.0, 40.0, np.inf], (branches, 1)), (branches, load.shape[1]))
    base = state_flows(state, balanced(grid, injection), grid.shift_rad)
    gates = np.zeros((0, branches))
    by = moved(network, grid.live[:, 0], state, lost, np.zeros(len(lost), dtype=np.bool_), sparse.csr_array(gates))
    chosen = rng.random(len(lost)) < 0.8
    row, contingency = beyond(by, chosen, base, np.ascontiguousarray(limit), np.full(limit.shape, 1e-9))
    found = {(c, k) for c, k in zip(contingency.tolist(), row.tolist(), strict=True)}
    right = {
        (c, k)
        for c, gone in enumerate(lost)
        if chosen[c]
        for k in by_flows(network, grid, state, gone, injection, limit)
    }
    assert found == right
    assert right or seed > 2  # something to be found
