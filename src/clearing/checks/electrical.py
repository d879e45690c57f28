"""The auditor's own DC network by period: islands, flows and sensitivities by sparse B-θ solves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse
from scipy.sparse import csgraph
from scipy.sparse.linalg import splu

from clearing.case.arrays import Bools, Floats, Ids, Ints
from clearing.case.network import Network
from clearing.checks.kept import Kept, content

BASE_MVA = 100.0
"""Power base of the per-unit reactances; it matters for phase shifts only."""


@dataclass(frozen=True, slots=True)
class State:
    """Periods in which the same branches are in service. K buses, L branches, n periods.

    periods (n)          the periods
    susceptance_mw (L)   100/(x·tap) MW a radian; 0 where out of service
    incidence (L, K)     +1 at from, −1 at to; empty rows where out of service
    solve                (K, m) right-hand sides → angles (K, m), 0 at the first bus of each island
    """

    periods: Ints
    susceptance_mw: Floats
    incidence: sparse.csr_array
    solve: Callable[[Floats], Floats]


@dataclass(frozen=True, slots=True)
class Electrical:
    """K buses, L branches, I islands, T periods; islands ordered by their first bus.

    An island that stands in some of the periods has a row in all, which is empty elsewhere.

    live (L, T)          branch in service
    island (K, T)        island of a bus
    island_id (I)        id of its first bus; first_bus (I) that bus
    weight (K, T)        share of the bus in the reference of its island, adds up to 1 an island
    shift_rad (L)        phase shift
    states               every period is in one of them
    """

    live: Bools
    island: Ints
    island_id: Ids
    first_bus: Ints
    weight: Floats
    shift_rad: Floats
    states: tuple[State, ...]


def in_service(network: Network, periods: int) -> Bools:
    """Branches in service (L, T): not out over the horizon, nor in a window of an outage."""
    out = network.branch_outages
    here = np.arange(periods)
    inside = (here >= out.first_period[:, None]) & (here <= out.last_period[:, None])
    lost = np.zeros((len(network.branch_id), periods), dtype=np.int64)
    np.add.at(lost, out.branch, inside)
    return np.asarray(network.branch_in_service[:, None] & (lost == 0))


def branch_limits(network: Network, periods: int, *, emergency: bool = False) -> Floats:
    """Greatest |flow| by branch, MW (L, T): that of the window where there is one; +inf where the branch is out.

    emergency: after a contingency.
    """
    windows, here = network.branch_limit_windows, np.arange(periods)
    limit = (network.branch_emergency_limit_mw if emergency else network.branch_limit_mw)[:, None]
    inside = (here >= windows.first_period[:, None]) & (here <= windows.last_period[:, None])
    limit = np.array(np.broadcast_to(limit, (len(network.branch_id), periods)))
    row, period = np.nonzero(inside)
    limit[windows.branch[row], period] = (windows.emergency_limit_mw if emergency else windows.limit_mw)[row]
    return np.where(in_service(network, periods), limit, np.inf)


def electrical(network: Network, bus_load_mw: Floats) -> Electrical:
    """Islands, references and the factorised B matrices. bus_load_mw (K, T)."""
    buses, periods = bus_load_mw.shape
    live = in_service(network, periods)
    first = np.zeros((buses, periods), dtype=np.int64)
    states: list[State] = []
    for own in _alike(live):
        label = _first_bus(network, live[:, own[0]])
        first[:, own] = label[:, None]
        states.append(_state(network, live[:, own[0]], label, own))
    names = np.unique(first)
    return Electrical(
        live=live,
        island=np.searchsorted(names, first),
        island_id=tuple(network.bus_id[k] for k in names),
        first_bus=names,
        weight=_reference(network, bus_load_mw, first),
        shift_rad=np.deg2rad(network.branch_shift_degrees),
        states=tuple(states),
    )


def _alike(live: Bools) -> list[Ints]:
    """Periods grouped by the branches that are in service in them."""
    groups: dict[bytes, list[int]] = {}
    for t in range(live.shape[1]):
        groups.setdefault(np.packbits(live[:, t]).tobytes(), []).append(t)
    return [np.array(own, dtype=np.int64) for own in groups.values()]


def _first_bus(network: Network, live: Bools) -> Ints:
    """First bus of the island of each bus (K,), found again where the same branches were in service before."""
    key = content("first bus", live, network.branch_from, network.branch_to, np.array(len(network.bus_id)))
    return _KEPT_FIRST.get(key, lambda: _new_first_bus(network, live), len)


def _new_first_bus(network: Network, live: Bools) -> Ints:
    buses = len(network.bus_id)
    ends = (network.branch_from[live], network.branch_to[live])
    links = sparse.coo_array((np.ones(live.sum()), ends), shape=(buses, buses))
    _, label = csgraph.connected_components(links, directed=False)
    _, first, island = np.unique(label, return_index=True, return_inverse=True)
    return np.asarray(first[island], dtype=np.int64)


MOST_KEPT = 200_000
"""Buses of all networks whose factors are kept for the next audit."""

_KEPT: Kept[State] = Kept(MOST_KEPT)
_KEPT_FIRST: Kept[Ints] = Kept(MOST_KEPT)


def _state(network: Network, live: Bools, first: Ints, periods: Ints) -> State:
    electric = (network.branch_from, network.branch_to, network.branch_reactance_pu, network.branch_tap_ratio)
    key = content("state", live, first, *electric)
    found = _KEPT.get(key, lambda: _new_state(network, live, first, periods), lambda _: len(first))
    return replace(found, periods=periods)


def _new_state(network: Network, live: Bools, first: Ints, periods: Ints) -> State:
    susceptance = np.zeros(len(live))
    susceptance[live] = BASE_MVA / (network.branch_reactance_pu[live] * network.branch_tap_ratio[live])
    row = np.flatnonzero(live)
    ends = np.concatenate([network.branch_from[live], network.branch_to[live]])
    incidence = sparse.csr_array(
        (np.repeat([1.0, -1.0], len(row)), (np.tile(row, 2), ends)), shape=(len(live), len(first))
    )
    return State(periods, susceptance, incidence, _factorised(incidence, susceptance, first))


def _reference(network: Network, bus_load_mw: Floats, first: Ints) -> Floats:
    """Weights of the references (K, T): those given, else positive load over the horizon.

    The first bus stands for an island that has neither.
    """
    given = network.bus_reference_weight
    share = np.maximum(bus_load_mw, 0.0).sum(axis=1) if given is None else given
    weight = np.zeros(first.shape)
    for t in range(first.shape[1]):
        total = np.bincount(first[:, t], share, len(share))[first[:, t]]
        itself = first[:, t] == np.arange(len(share))
        weight[:, t] = np.where(total > 0, share / np.where(total > 0, total, 1.0), itself)
    return weight


def _factorised(incidence: sparse.csr_array, susceptance: Floats, first: Ints) -> Callable[[Floats], Floats]:
    keep = np.flatnonzero(first != np.arange(len(first)))
    if not len(keep):
        return np.zeros_like
    matrix = (incidence.T @ sparse.diags_array(susceptance) @ incidence).tocsc()
    factor = splu(matrix[keep][:, keep].tocsc())

    def solve(right: Floats) -> Floats:
        angles = np.zeros(right.shape)
        angles[keep] = factor.solve(np.asfortranarray(right[keep]))
        return angles

    return solve


def island_sum(grid: Electrical, bus_values: Floats) -> Floats:
    """Sum over the buses of each island: (K, T) → (I, T)."""
    total = np.zeros((len(grid.island_id), bus_values.shape[1]))
    np.add.at(total, (grid.island, np.arange(bus_values.shape[1])), bus_values)
    return total


def of_island(grid: Electrical, island_values: Floats) -> Floats:
    """Value of the island that a bus is in: (I, T) → (K, T)."""
    return np.asarray(np.take_along_axis(island_values, grid.island, axis=0))


def branch_flows(grid: Electrical, injection_mw: Floats) -> Floats:
    """Flow from → to by branch, MW (L, T); what an island injects too much leaves at its reference (K, T)."""
    right, flow = balanced(grid, injection_mw), np.zeros(grid.live.shape)
    for state in grid.states:
        flow[:, state.periods] = state_flows(state, right[:, state.periods], grid.shift_rad)
    return flow


def balanced(grid: Electrical, injection_mw: Floats) -> Floats:
    """Injections (K, T) less what an island injects too much, at its reference."""
    return injection_mw - grid.weight * of_island(grid, island_sum(grid, injection_mw))


def state_flows(state: State, balanced_mw: Floats, shift_rad: Floats) -> Floats:
    """Flow by branch (L, n) for injections (K, n) that balance, in the network of a state."""
    pull = (state.susceptance_mw * shift_rad)[:, None]
    driven = state.incidence.T @ np.broadcast_to(pull, (len(pull), balanced_mw.shape[1]))
    angles = state.solve(balanced_mw + driven)
    return np.asarray(state.susceptance_mw[:, None] * (state.incidence @ angles) - pull)


def without(network: Network, grid: Electrical, state: State, gone: Ints) -> State | None:
    """The network of a state with branches taken out; None where that parts an island."""
    live = grid.live[:, state.periods[0]].copy()
    if not live[gone].any():
        return state
    before = _first_bus(network, live)
    live[gone] = False
    first = _first_bus(network, live)
    return _state(network, live, first, state.periods) if (first == before).all() else None


def shift_flows(grid: Electrical) -> Floats:
    """Flow that phase shifts alone drive, MW (L, T)."""
    return branch_flows(grid, np.zeros(grid.island.shape))


def sensitivities(grid: Electrical, combination: sparse.csr_array, period: int) -> Floats:
    """MW on each combination of branches (m, L) per MW injected at a bus and withdrawn at the reference: (m, K)."""
    return combined_sensitivities(grid, next(s for s in grid.states if period in s.periods), combination, period)


def combined_sensitivities(grid: Electrical, state: State, combination: sparse.csr_array, period: int) -> Floats:
    """The same in a network of one state, whose islands and references are those of the period."""
    right = (state.incidence.T @ sparse.diags_array(state.susceptance_mw) @ combination.T).toarray()
    answer = state.solve(right)
    island, weight = grid.island[:, period], grid.weight[:, period]
    at_reference = np.zeros((len(grid.island_id), answer.shape[1]))
    np.add.at(at_reference, island, weight[:, None] * answer)
    return np.asarray((answer - at_reference[island]).T)


def weighted_sensitivities(grid: Electrical, combination: sparse.csr_array, value: Floats) -> tuple[Floats, Floats]:
    """Σ_m value_mt · sensitivity_mkt and Σ_m |value_mt · sensitivity_mkt|: both (K, T); value (m, T)."""
    total, size = np.zeros(grid.island.shape), np.zeros(grid.island.shape)
    for state in grid.states if combination.shape[0] else ():
        factor, own = sensitivities(grid, combination, int(state.periods[0])), value[:, state.periods]
        total[:, state.periods] = factor.T @ own
        size[:, state.periods] = np.abs(factor).T @ np.abs(own)
    return total, size
