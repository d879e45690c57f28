"""Losses of branches about an operating point: what the balance loses, and what a MW at a bus adds to it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyomo.environ as pyo

from clearing.case.arrays import Floats
from models.data import BASE_MVA, Data, shift, susceptance


@dataclass(frozen=True)
class Point:
    """Losses at injections (K, T). island_mw (A, T): r·f² by island; factor (K, T): ∂ of it by injection at a bus."""

    injection_mw: Floats
    island_mw: Floats
    factor: Floats


def flows_of(d: Data, injection: Floats, t: int) -> Floats:
    """Flow of every branch (L) in a period by bus angles; what an island has left over leaves at the reference."""
    size, network = len(d.buses), d.case.network
    nodal, net = np.zeros((size, size)), np.array(injection, dtype=float)
    for a in d.islands:
        inside = d.island[:, t] == a
        net[inside] -= d.reference_share[inside, t] * net[inside].sum()
    for b in np.flatnonzero(d.live[:, t]):
        i, j, s = network.branch_from[b], network.branch_to[b], susceptance(d.case, b)
        nodal[[i, j, i, j], [i, j, j, i]] += [s, s, -s, -s]
        net[i] += s * shift(d.case, b)
        net[j] -= s * shift(d.case, b)
    angle = np.linalg.pinv(nodal, hermitian=True) @ net
    flow = np.zeros(len(d.live))
    for b in np.flatnonzero(d.live[:, t]):
        difference = angle[network.branch_from[b]] - angle[network.branch_to[b]]
        flow[b] = susceptance(d.case, b) * (difference - shift(d.case, b))
    return flow


def point(d: Data, injection: Floats) -> Point:
    """Losses at injections (K, T), and their slopes by a MW up and down at each bus: exact, as losses are quadratic."""
    network, shape = d.case.network, (len(d.islands), len(d.periods))
    island_mw, factor = np.zeros(shape), np.zeros(injection.shape)

    def lost(at: Floats, t: int) -> Floats:
        by_island = np.zeros(len(d.islands))
        losses = network.branch_resistance_pu * flows_of(d, at, t) ** 2 / BASE_MVA
        np.add.at(by_island, d.island[network.branch_from, t], losses)
        return by_island

    for t in d.periods:
        island_mw[:, t] = lost(injection[:, t], t)
        for k in d.buses:
            step = np.eye(len(d.buses))[k]
            factor[k, t] = (lost(injection[:, t] + step, t) - lost(injection[:, t] - step, t)).sum() / 2.0
    return Point(injection, island_mw, factor)


def losses(m: pyo.ConcreteModel, d: Data, at: Point | None) -> None:
    """m.loss[a, t]: 0 without a point, else losses there plus factors times how far injections have moved."""
    if at is None:
        m.loss = pyo.Param(d.islands, d.periods, initialize=0.0)
        return
    m.loss = pyo.Var(d.islands, d.periods)
    share = d.reference_share

    @m.Constraint(d.islands, d.periods)
    def losses(m, a, t):
        """loss_at = loss⁰_at + Σ_{k in a} factor_kt·(injection_kt − injection⁰_kt), surplus not counted."""
        inside = [k for k in d.buses if d.island[k, t] == a]
        left = sum(float(share[k, t]) * float(at.factor[k, t]) for k in inside)
        surplus = sum(m.surplus_step[i, s, n] for i, s, n in m.surplus_step if (i, s) == (a, t))
        moved = sum(float(at.factor[k, t]) * (m.injection[k, t] - float(at.injection_mw[k, t])) for k in inside)
        return m.loss[a, t] - moved - left * surplus == float(at.island_mw[a, t])
