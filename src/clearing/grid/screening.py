"""Search of all outages, branches and periods for flows beyond their limits, compiled and on all cores."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numba
import numpy as np

from clearing.case.arrays import Floats, Ints, freeze
from clearing.case.network import Network
from clearing.grid.outages import OutageFactors, new_outage_factors, outage_factors
from clearing.grid.topology import Topology

BLOCK = 1024
"""Outages whose factors are held at a time: 0.1 GB in a region of 10,000 buses."""


@dataclass(frozen=True, slots=True)
class Found:
    """n broken limits: outage, branch, period (n); flow_mw (n) after the outage, over_mw (n) > 0 beyond the limit."""

    outage: Ints
    branch: Ints
    period: Ints
    flow_mw: Floats
    over_mw: Floats

    def __post_init__(self) -> None:
        freeze(self)


def screen(factors: OutageFactors, flow: Floats, limit: Floats, tolerance: Floats) -> Found:
    """Every flow after an outage that is beyond ±limit by more than tolerance.

    flow, limit (L, T); limit +inf = not watched; tolerance (L, T) MW. A branch that is lost is not watched. What most
    outages can add to a branch is bounded first, over all periods at once, so few pairs are followed period by period.
    """
    flow, limit = np.ascontiguousarray(flow), np.ascontiguousarray(np.broadcast_to(limit, flow.shape))
    allowed = np.ascontiguousarray(limit + tolerance)
    room = np.where(np.isfinite(allowed), allowed - np.abs(flow), np.inf).min(axis=1, initial=np.inf)
    most = np.abs(flow).max(axis=1, initial=0.0)
    arguments = (factors.first, factors.branch, factors.factor, flow, allowed, room, most)
    count = _count(*arguments)
    begin = np.concatenate([[0], np.cumsum(count)])
    total = int(begin[-1])
    where = np.zeros((3, total), dtype=np.int64)
    after = np.zeros(total)
    _fill(*arguments, begin, where, after)
    outage, branch, period = where
    return Found(outage, branch, period, after, np.abs(after) - limit[branch, period])


@numba.njit(cache=True, parallel=True)
def _count(
    first: Ints, branch: Ints, factor: Floats, flow: Floats, allowed: Floats, room: Floats, most: Floats
) -> Ints:
    outages = len(first) - 1
    count = np.zeros(outages, dtype=np.int64)
    for c in numba.prange(outages):
        near = np.empty(flow.shape[0], dtype=np.int64)
        for k in range(_within_reach(first[c], first[c + 1], branch, factor, room, most, near)):
            line = near[k]
            for t in range(flow.shape[1]):
                after = flow[line, t]
                for m in range(first[c], first[c + 1]):
                    after += factor[m, line] * flow[branch[m], t]
                count[c] += abs(after) > allowed[line, t]
    return count


@numba.njit(cache=True)
def _within_reach(begin: int, end: int, branch: Ints, factor: Floats, room: Floats, most: Floats, near: Ints) -> int:
    """Put the branches that an outage may bring beyond their limit in front in `near`; returns how many they are."""
    found = 0
    if end == begin + 1:
        size = most[branch[begin]]
        for line in range(len(room)):
            near[found] = line
            found += abs(factor[begin, line]) * size > room[line]
        kept = 0
        for k in range(found):
            near[kept] = near[k]
            kept += near[k] != branch[begin]
        return kept
    for line in range(len(room) if end > begin else 0):
        reach = 0.0
        for m in range(begin, end):
            reach += abs(factor[m, line]) * most[branch[m]]
        if reach > room[line] and not _lost(begin, end, branch, line):
            near[found] = line
            found += 1
    return found


@numba.njit(cache=True)
def _lost(begin: int, end: int, branch: Ints, line: int) -> bool:
    for m in range(begin, end):  # noqa: SIM110  numba compiles no generators
        if branch[m] == line:
            return True
    return False


@numba.njit(cache=True, parallel=True)
def _fill(
    first: Ints,
    branch: Ints,
    factor: Floats,
    flow: Floats,
    allowed: Floats,
    room: Floats,
    most: Floats,
    begin: Ints,
    where: Ints,
    found: Floats,
) -> None:
    for c in numba.prange(len(first) - 1):
        place = begin[c]
        if begin[c] == begin[c + 1]:
            continue
        near = np.empty(flow.shape[0], dtype=np.int64)
        for k in range(_within_reach(first[c], first[c + 1], branch, factor, room, most, near)):
            line = near[k]
            for t in range(flow.shape[1]):
                after = flow[line, t]
                for m in range(first[c], first[c + 1]):
                    after += factor[m, line] * flow[branch[m], t]
                if abs(after) > allowed[line, t]:
                    where[0, place], where[1, place], where[2, place] = c, line, t
                    found[place] = after
                    place += 1


def screen_in_blocks(
    network: Network,
    topology: Topology,
    outages: Sequence[Ints],
    flow: Floats,
    limit: Floats,
    tolerance: Floats,
    exempt: tuple[Ints, Ints] | None = None,
    block: int = BLOCK,
    keep: bool = True,
) -> Found:
    """As `screen` over all outages (C), with the factors of `block` of them at a time: memory for those only.

    keep: blocks that the content cache has room for are found there by the next sweep; the others are formed again.
    exempt: outages and branches (x) of pairs that are not watched.
    """
    form = outage_factors if keep else new_outage_factors
    parts = [[np.zeros(0, dtype=kind) for kind in (np.int64, np.int64, np.int64, np.float64, np.float64)]]
    for begin in range(0, len(outages), block):
        found = screen(form(network, topology, outages[begin : begin + block]), flow, limit, tolerance)
        parts.append([found.outage + begin, found.branch, found.period, found.flow_mw, found.over_mw])
    columns = [np.concatenate(column) for column in zip(*parts, strict=True)]
    if exempt is not None:
        pair, count = columns[0] * len(topology.live) + columns[1], len(topology.live)
        kept = ~np.isin(pair, exempt[0] * count + exempt[1])
        columns = [column[kept] for column in columns]
    return Found(*columns)
