"""Shift and outage factors of published networks against power flows solved again with the element taken out.

    python -m tests.grid.proof                       # the table of all cases, Markdown
    python -m tests.grid.proof case118 case300

A power flow here is written again from the equations and factorised anew for every outage by SuperLU.
"""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from scipy.sparse.csgraph import connected_components
from scipy.sparse.linalg import splu

from clearing.case.arrays import Bools, Floats, Ints
from clearing.case.bridges import parting
from clearing.case.network import Network
from clearing.grid.outages import new_outage_factors as outage_factors
from clearing.grid.topology import Topology
from clearing.grid.transfers import transfers
from tests.grid.published import network

CASES = (
    "case118", "case300", "pglib_opf_case500_goc", "case1354pegase", "case2383wp", "case_ACTIVSg2000", "case2869pegase",
    "case6468rte", "case9241pegase", "pglib_opf_case10000_goc", "case_ACTIVSg10k",
)  # fmt: skip
LEAST, HARDEST = 60, 20


@dataclass(frozen=True)
class Proof:
    """What was compared of a case; errors as shares of the greatest flow before the outage."""

    name: str
    buses: int
    branches: int
    parallel: int
    ratios: int
    shifters: int
    parting: int
    outages: int
    smallest: float  # the smallest |1 − H_mm| of an outage that parts nothing
    before: float  # flows of injections, and rows of shift factors
    after: float  # flows after outages


def islands_of(net: Network, live: Bools) -> Ints:
    """Island of every bus (K)."""
    ends, size = (net.branch_from[live], net.branch_to[live]), len(net.bus_id)
    links = sp.coo_array((np.ones(int(live.sum())), ends), shape=(size, size))
    return np.asarray(connected_components(links, directed=False)[1], dtype=np.int64)


def power_flow(net: Network, live: Bools, of_bus: Ints, injection: Floats) -> Floats:
    """Flows (L) of injections (K), or (L, T) of (K, T), by bus angles."""
    size = 100.0 / (net.branch_reactance_pu * net.branch_tap_ratio) * live
    lines = np.arange(len(size))
    incidence = sp.csr_array(
        (np.repeat([1.0, -1.0], len(size)), (np.tile(lines, 2), np.concatenate([net.branch_from, net.branch_to]))),
        shape=(len(size), len(net.bus_id)),
    )
    weighted = sp.csr_array(sp.diags_array(size) @ incidence)
    driven = size * np.deg2rad(net.branch_shift_degrees)
    driven = driven if injection.ndim == 1 else driven[:, None]
    kept = np.setdiff1d(np.arange(len(net.bus_id)), np.unique(of_bus, return_index=True)[1])
    nodal, right = sp.csc_array((incidence.T @ weighted)[kept][:, kept]), (injection + incidence.T @ driven)[kept]
    factored, angle = splu(nodal), np.zeros(injection.shape)
    angle[kept] = factored.solve(right)
    angle[kept] += factored.solve(right - nodal @ angle[kept])
    return np.asarray(weighted @ angle - driven)


def balanced(of_bus: Ints, injection: Floats) -> Floats:
    """Injections (K) with what is too much in an island taken off in equal parts."""
    mean = np.bincount(of_bus, injection) / np.bincount(of_bus)
    return np.asarray(injection - mean[of_bus])


def state(net: Network, live: Bools, of_bus: Ints) -> Topology:
    """The topology, all buses of an island its reference in equal parts."""
    return Topology(net, live, of_bus, np.asarray(1.0 / np.bincount(of_bus)[of_bus]))


def room_of(topology: Topology, lines: Ints) -> Floats:
    """|1 − H_mm| of branches (n); below 0 it is where reactances are negative."""
    parts = [lines[k : k + 1024] for k in range(0, len(lines), 1024)]
    own = [transfers(topology, part)[np.arange(len(part)), part] for part in parts]
    return np.asarray(np.abs(1.0 - np.concatenate(own)))


def proof(name: str) -> Proof:
    """At least 60 outages that part nothing (all where there are fewer), with the 20 smallest |1 − H_mm| among them."""
    net, injection = network(name)
    live = net.branch_in_service
    of_bus, lines = islands_of(net, live), np.flatnonzero(live)
    injection = balanced(of_bus, injection)
    topology, flow = state(net, live, of_bus), power_flow(net, live, of_bus, injection)
    largest, rng = np.abs(flow).max(), np.random.default_rng(4)
    rows = rng.choice(lines, min(LEAST, len(lines)), replace=False)
    weight = sp.csr_array((np.ones(len(rows)), (np.arange(len(rows)), rows)), shape=(len(rows), len(live)))
    by_row = topology.sensitivity(weight) @ injection + topology.offset[rows]
    before = max(
        np.abs(topology.driven(injection[:, None])[:, 0] + topology.offset - flow).max(),
        np.abs(by_row - flow[rows]).max(),
    )
    gone = parting(net, live, [np.array([line]) for line in lines])
    left = lines[~gone]
    room = room_of(topology, left)
    hardest = left[np.argsort(room)[:HARDEST]]
    drawn = rng.choice(left, min(LEAST, len(left)), replace=False)
    chosen = np.unique(np.concatenate([hardest, drawn]))
    factors = outage_factors(net, topology, [np.array([line]) for line in chosen])
    after = 0.0
    for c, line in enumerate(chosen):
        lost = live.copy()
        lost[line] = False
        again = power_flow(net, lost, of_bus, injection)
        after = max(after, float(np.abs(factors.after(c, flow[:, None])[:, 0] - again).max()))
    ends = np.sort(np.stack([net.branch_from, net.branch_to]), axis=0)[:, live]
    _, count = np.unique(ends, axis=1, return_counts=True)
    return Proof(
        name=name,
        buses=len(net.bus_id),
        branches=len(lines),
        parallel=int(count[count > 1].sum()),
        ratios=int((net.branch_tap_ratio[live] != 1.0).sum()),
        shifters=int((net.branch_shift_degrees[live] != 0.0).sum()),
        parting=int(gone.sum()),
        outages=len(chosen),
        smallest=float(room.min()),
        before=float(before / largest),
        after=after / largest,
    )


def main() -> None:
    """Print the table."""
    print("| case | buses | branches | parallel | ratio ≠ 1 | phase shifters | parting | outages tried "
          "| smallest size of 1 − H | error before | error after | s |")  # fmt: skip
    print("|" + "---|" * 12)
    for name in sys.argv[1:] or CASES:
        started = time.perf_counter()
        p = proof(name)
        numbers = (p.name, p.buses, p.branches, p.parallel, p.ratios, p.shifters, p.parting, p.outages)
        cells = (*numbers, *(f"{x:.1e}" for x in (p.smallest, p.before, p.after)), round(time.perf_counter() - started))
        print("| " + " | ".join(f"{c:,}" if isinstance(c, int) else str(c) for c in cells) + " |", flush=True)


if __name__ == "__main__":
    main()
