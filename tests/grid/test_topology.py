"""Topology by period: every period against the network with the branches that are out taken away."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clearing.case.case import Case
from clearing.case.network import branch_limits, live_branches
from clearing.case.resources import Loads
from clearing.grid.islands import islands
from clearing.grid.monitored import flows, grid
from tests.factory_windows import windows_of
from tests.grid.factors import factors
from tests.grid.nets import flows_by_angles, island_of, random_case

SEEDS = st.integers(0, 2**32 - 1)
PERIODS = 5


def changing(seed: int) -> Case:
    """A random network over five periods, branches out and with other limits for a while; now and then a reference."""
    case, rng = random_case(seed), np.random.default_rng([seed, 1])
    rows = [
        {
            "out": [tuple(sorted(rng.integers(0, PERIODS, 2).tolist())) for _ in range(int(rng.integers(0, 3)))],
            "limits": [(1, 2, float(rng.integers(5, 50)), 60.0)] if rng.random() < 0.3 else [],
        }
        for _ in case.network.branch_id
    ]
    weight = rng.integers(0, 3, len(case.network.bus_id)).astype(float) if rng.random() < 0.3 else None
    network = replace(
        case.network,
        **windows_of(rows),
        bus_reference_weight=weight,
        interface_min_mw=np.full((1, PERIODS), -np.inf),
        interface_max_mw=np.full((1, PERIODS), 60.0),
    )
    load = rng.uniform(-20, 80, (len(network.bus_id), PERIODS))
    loads = Loads(network.bus_id, np.arange(len(network.bus_id)), load)
    return replace(case, network=network, loads=loads, horizon=replace(case.horizon, periods=PERIODS))


def still(case: Case, t: int) -> Case:
    """The case with the branches in service in one period, and no windows."""
    network = case.network
    out = [w for w in range(len(network.branch_outages.branch)) if _inside(network.branch_outages, w, t)]
    live = network.branch_in_service.copy()
    live[network.branch_outages.branch[out]] = False
    return replace(case, network=replace(network, **windows_of(()), branch_in_service=live))


def _inside(windows: object, w: int, t: int) -> bool:
    return bool(windows.first_period[w] <= t <= windows.last_period[w])  # type: ignore[attr-defined]


@settings(deadline=None, max_examples=40)
@given(SEEDS)
def test_every_period_is_the_network_without_what_is_out(seed: int) -> None:
    case = changing(seed)
    network, found = grid(case), islands(case)
    injection = np.random.default_rng(seed).normal(0, 50, found.of_bus.shape)
    own = flows(case, network, injection)
    for t in range(PERIODS):
        plain = still(case, t)
        label, alone = island_of(plain), islands(plain)
        names = [found.id[i] for i in found.of_bus[:, t]]
        assert names == [case.network.bus_id[k] for k in label]
        assert found.reference_weight[:, t] == pytest.approx(alone.reference_weight[:, t])
        surplus = np.bincount(label, injection[:, t], len(label))[label]
        right = flows_by_angles(plain, injection[:, t] - alone.reference_weight[:, t] * surplus)
        assert own.branch_mw[:, t] == pytest.approx(right, abs=1e-6)
        factor, offset = factors(case, t)
        assert factor @ injection[:, t] + offset == pytest.approx(right, abs=1e-6)
        standing = sorted(set(label.tolist()))
        assert [found.id[i] for i in np.flatnonzero(found.stands[:, t])] == [case.network.bus_id[k] for k in standing]
    shown = network.flow(injection, np.zeros((0, PERIODS)))
    for name, element in zip(network.monitored.id[:-1], shown, strict=False):
        assert element == pytest.approx(own.branch_mw[case.network.branch_id.index(name)])
    assert shown[-1] == pytest.approx(own.interface_mw[0])


@settings(deadline=None, max_examples=40)
@given(SEEDS)
def test_rows_and_prices_by_element_are_the_factors_of_the_period(seed: int) -> None:
    case, rng = changing(seed), np.random.default_rng([seed, 2])
    network = grid(case)
    count = len(network.monitored.id)
    whole = [network.monitored.weight[0] @ factors(case, t)[0] for t in range(PERIODS)]
    element, period = rng.integers(0, count, 12), rng.integers(0, PERIODS, 12)
    rows, driven = network.sensitivity(element, period), network.offset(element, period)
    for n, (e, t) in enumerate(zip(element, period, strict=True)):
        assert rows[n] == pytest.approx(whole[t][e], abs=1e-9)
        assert driven[n] == pytest.approx((network.monitored.weight[0] @ factors(case, int(t))[1])[e], abs=1e-9)
    value = np.where(rng.random((count, PERIODS)) < 0.4, rng.normal(size=(count, PERIODS)), 0.0)
    summed, at_first = network.at_all_buses(value), network.at_bus(0)
    for t in range(PERIODS):
        assert summed[:, t] == pytest.approx(whole[t].T @ value[:, t], abs=1e-9)
        assert at_first[:, t] == pytest.approx(whole[t][:, 0], abs=1e-9)


@settings(deadline=None, max_examples=40)
@given(SEEDS)
def test_limits_are_those_of_the_window(seed: int) -> None:
    case = changing(seed)
    network, table = grid(case).monitored, case.network
    live = live_branches(table, PERIODS)
    windows = table.branch_limit_windows
    for b, name in enumerate(table.branch_id):
        for t in range(PERIODS):
            own = [w for w in range(len(windows.branch)) if windows.branch[w] == b and _inside(windows, w, t)]
            normal = windows.limit_mw[own[0]] if own else table.branch_limit_mw[b]
            emergency = windows.emergency_limit_mw[own[0]] if own else table.branch_emergency_limit_mw[b]
            assert (branch_limits(table, PERIODS)[0][b, t], branch_limits(table, PERIODS)[1][b, t]) == (
                normal,
                emergency,
            )
            shown = network.upper[network.id.index(name), t] if name in network.id else np.inf
            assert shown == (normal if live[b, t] else np.inf)


def test_periods_with_the_same_branches_share_a_topology() -> None:
    case = changing(3)
    rows = [{"out": [(1, 1), (3, 3)]}, *({} for _ in case.network.branch_id[1:])]
    case = replace(case, network=replace(case.network, **windows_of(rows)))
    network = grid(case)
    first = case.network.branch_in_service[0]
    assert network.of_period.tolist() == ([0, 1, 0, 1, 0] if first else [0] * 5)
    assert len(network.topologies) == 1 + int(first)
