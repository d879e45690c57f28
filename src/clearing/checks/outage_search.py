"""Limits that break after contingencies, looked for by compensation (compensation.py).

What is found, or near, is judged by power flows in `contingencies.py`.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy import sparse

from clearing.case.arrays import Bools, Floats, Ints
from clearing.case.case import Case
from clearing.case.schedule import Schedule
from clearing.checks.compensation import Moved, beyond, moved
from clearing.checks.electrical import Electrical, State, balanced, branch_limits, state_flows
from clearing.checks.finding import tolerance
from clearing.checks.outages import Lost, Pair, lost_injection, watched

TOGETHER = 1024
"""Contingencies whose interfaces are looked at together."""

_NO_ROWS = np.zeros(0, dtype=np.int64)


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
    near, gates = 0.5 * tolerance(most), np.unique(case.contingencies.monitored_interface)
    side = network.interface_min_mw[gates][:, here], network.interface_max_mw[gates][:, here]
    close = 0.5 * tolerance(*side)
    more = np.array(
        [len(unit) + len(line) > 0 for unit, line in zip(lost.unit, lost.line, strict=True)], dtype=np.bool_
    )
    by = moved(network, grid.live[:, here[0]], state, lost.branch, more, terms[gates])
    row, contingency = beyond(by, ~more, base, most, near)
    found = {(False, k, c) for k, c in zip(row.tolist(), contingency.tolist(), strict=True)}
    found |= _gates(by, ~more, gates, terms[gates] @ base, base, side, close)
    output = _outputs(case, grid, state, lost, schedule)
    for c in np.flatnonzero(more & by.judged).tolist():
        flow, own = base - output(c), by.of(c)
        only = np.arange(len(more)) == c
        after = flow + by.factor[own].T @ flow[by.branch[own]]
        worse: Bools = np.asarray((np.abs(after) - most > near).any(axis=1))
        worse[by.branch[own]] = False
        found |= {(False, k, c) for k in np.flatnonzero(worse).tolist()}
        found |= _gates(by, only, gates, terms[gates] @ flow, flow, side, close)
    return found


def _gates(
    by: Moved, chosen: Bools, gates: Ints, value: Floats, flow: Floats, side: tuple[Floats, Floats], close: Floats
) -> set[Pair]:
    """Interfaces (S) whose value (S, n) before the loss ends beyond a side, after each of the chosen contingencies."""
    mine = np.flatnonzero(chosen & by.judged)
    if not len(gates) or not len(mine):
        return set()
    found = set[Pair]()
    for some in np.array_split(mine, max(1, len(mine) // TOGETHER)):
        entries = np.concatenate([np.arange(by.first[c], by.first[c + 1]) for c in some])
        of = np.repeat(np.arange(len(some)), by.first[some + 1] - by.first[some])
        after = np.repeat(value[None], len(some), axis=0)
        np.add.at(after, of, by.gate[entries][:, :, None] * flow[by.branch[entries]][:, None, :])
        worse = (np.maximum(after - side[1], side[0] - after) > close).any(axis=2)
        found |= {(True, int(gates[k]), int(some[c])) for c, k in np.argwhere(worse).tolist()}
    return found


def _outputs(case: Case, grid: Electrical, state: State, lost: Lost, schedule: Schedule) -> Callable[[int], Floats]:
    """Flow (L, n) that what a contingency loses besides branches drives before it, made up at the reference."""
    here = state.periods
    units, lines = (np.unique(np.concatenate([_NO_ROWS, *rows])) for rows in (lost.unit, lost.line))
    ends = (case.hvdc_lines.from_bus[lines], case.hvdc_lines.to_bus[lines])
    bus = np.unique(np.concatenate([case.units.bus[units], *ends]))
    one = np.zeros((len(grid.weight), len(bus)))
    one[bus, np.arange(len(bus))] = 1.0
    island, weight = grid.island[:, here[0]], grid.weight[:, here[0]]
    sent = one - weight[:, None] * (island[:, None] == island[bus][None, :])
    effect = state.susceptance_mw[:, None] * (state.incidence @ state.solve(sent))

    def output(c: int) -> Floats:
        return np.asarray(effect @ lost_injection(case, lost, c, schedule)[np.ix_(bus, here)])

    return output
