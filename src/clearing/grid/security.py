"""Contingencies over a horizon: which limits a flow breaks after them, and what a pair of both is as a sum of flows.

After the loss of branches S and of resources u, what the lost resources gave or took is made up at the reference:

    f_l + Σ_{m in S} F_lm f_m − Σ_u (H_lu + Σ_{m in S} F_lm H_mu) · P_u

F: outage factors, H_lu: flow on l of 1 MW of the resource, balanced at the reference (clearing-model.md family 14).
Everything is by topology; a contingency that parts an island, or loses nothing that is there, is not watched in it.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np
import scipy.sparse as sp

from clearing.case.arrays import Bools, Floats, Ints
from clearing.case.case import Case
from clearing.case.contingencies import Contingencies, OutageKind, lost, watched_branches
from clearing.case.hvdc_lines import delivered
from clearing.case.network import Network, branch_limits
from clearing.grid.outages import OutageFactors, outage_factors
from clearing.grid.pairs import Broken, Elements, Pairs
from clearing.grid.screening import BLOCK, screen
from clearing.grid.topology import Topology

TOLERANCE_MW = 1e-6
"""A limit counts as kept when it is broken by less than this times max(1, |limit|)."""
ROUNDING_MW = 1e-9
"""Flows nearer to each other than this, a thousandth of the tolerance, break the same limits."""
WHOLE_BYTES = 1 << 29
"""Outage factors that take more than this are formed for `BLOCK` contingencies at a time, and again in every round."""


class Security:
    """The contingencies of a case. L branches, S interfaces, R resources that some contingency loses, T periods.

    unit, line     rows of the units and direct-current lines that are lost; resources (R) are the units, then the lines
                   at their from-bus, then the lines at their to-bus, where less may arrive than was sent
    """

    def __init__(self, case: Case, topologies: tuple[Topology, ...], of_period: Ints) -> None:
        self._case, self._topologies, self._of_period = case, topologies, of_period
        table = case.contingencies
        self.unit = np.unique(table.outage_element[table.outage_kind == OutageKind.UNIT])
        self.line = np.unique(table.outage_element[table.outage_kind == OutageKind.HVDC_LINE])
        self.lost_count = len(self.unit) + 2 * len(self.line)
        self._latest: tuple[Floats, Floats, Broken] | None = None

    @property
    def contingencies(self) -> Contingencies:
        """The table."""
        return self._case.contingencies

    def lost_mw(self, unit_mw: Floats, line_mw: Floats) -> Floats:
        """Output (R, T) of what contingencies lose, from outputs of all units (N, T) and flows of all lines (H, T)."""
        if not len(self.line):
            return np.asarray(unit_mw[self.unit])
        sent, arrives = line_mw[self.line], delivered(self._case.hvdc_lines)[self.line]
        return np.concatenate([unit_mw[self.unit], -sent, arrives * sent])

    def resource_of(self, source: str, rows: Ints) -> Ints:
        """Resource (n) of units, or of lines at their from- or to-bus (source as in injections); −1 = never lost."""
        known = self.unit if source == "unit" else self.line
        at = np.searchsorted(known, rows)
        found = (at < len(known)) & (known[np.minimum(at, len(known) - 1)] == rows) if len(known) else at < 0
        skip = {"unit": 0, "line_from": len(self.unit), "line_to": len(self.unit) + len(self.line)}[source]
        return np.where(found, at + skip, -1)

    def broken(self, branch_flow: Floats, lost_mw: Floats) -> Broken:
        """Every limit that flows (L, T) and outputs (R, T) break after a contingency.

        The last answer is kept: a dispatch asks once more of the flows, but for rounding, that its last round ended at.
        """
        latest, asked = self._latest, (branch_flow, lost_mw)
        if latest is None or not all(_near(a, b) for a, b in zip(latest[:2], asked, strict=True)):
            self._latest = latest = (branch_flow, lost_mw, self._searched(branch_flow, lost_mw))
        return latest[2]

    def _searched(self, branch_flow: Floats, lost_mw: Floats) -> Broken:
        if not self.contingencies.id:
            none = np.zeros(0, dtype=np.int64)
            return Broken(Pairs(none, none, none), none, np.zeros(0))
        parts = []
        for s in range(len(self._topologies)):
            here = np.flatnonzero(self._of_period == s)
            source = np.concatenate([branch_flow[:, here], lost_mw[:, here]])
            for chosen in self._blocks():
                factors = self._of(s, chosen)
                parts += [
                    self._branches(factors, source, here, chosen),
                    self._interfaces(factors, source, here, chosen),
                ]
        pairs = Pairs(
            *(np.concatenate([getattr(p.pairs, n) for p in parts]) for n in ("interface", "row", "contingency"))
        )
        return Broken(pairs, np.concatenate([p.period for p in parts]), np.concatenate([p.over_mw for p in parts]))

    def _branches(self, factors: OutageFactors, source: Floats, here: Ints, chosen: Ints) -> Broken:
        limit = np.full(source.shape, np.inf)
        limit[: len(self._watched)] = self._limit[:, here]
        near = TOLERANCE_MW * np.maximum(1.0, np.where(np.isfinite(limit), limit, 1.0))
        found = screen(factors, source, limit, near)
        outage = chosen[found.outage]
        kept = ~self._exempt[outage, found.branch]
        pairs = Pairs(np.zeros(int(kept.sum()), dtype=np.int64), found.branch[kept], outage[kept])
        return Broken(pairs, here[found.period[kept]], found.over_mw[kept])

    def _interfaces(self, factors: OutageFactors, source: Floats, here: Ints, chosen: Ints) -> Broken:
        network, rows = self._case.network, self.contingencies.monitored_interface
        rows = np.unique(rows)
        terms = interface_matrix(network)[rows]
        low, high = network.interface_min_mw[rows][:, here], network.interface_max_mw[rows][:, here]
        near = [TOLERANCE_MW * np.maximum(1.0, np.abs(np.where(np.isfinite(s), s, 1.0))) for s in (low, high)]
        count = np.diff(factors.first)
        some = np.flatnonzero(count > 0) if len(rows) else np.zeros(0, dtype=np.int64)
        flow = np.broadcast_to(terms @ source[: terms.shape[1]], (len(some), *low.shape))
        if len(some):
            moved = np.asarray(terms @ factors.factor[:, : terms.shape[1]].T).T[:, :, None]
            flow = flow + np.add.reduceat(moved * source[factors.branch][:, None, :], factors.first[some], axis=0)
        outage, row, period = np.nonzero((flow > high + near[1]) | (flow < low - near[0]))
        over = np.maximum(flow - high, low - flow)[outage, row, period]
        pairs = Pairs(np.ones(len(row), dtype=np.int64), rows[row], chosen[some[outage]])
        return Broken(pairs, here[period], over)

    def elements(self, pairs: Pairs) -> Elements:
        """Ids, weights and limits of pairs (n); ∓inf where a pair is not watched, whoever names it."""
        case, network = self._case, self._case.network
        branches, terms = len(network.branch_id), interface_matrix(network)
        is_gate = pairs.interface == 1
        own = _picked(~is_gate, pairs.row, branches)
        if is_gate.any():
            own = sp.csr_array(own + _picked(is_gate, pairs.row, terms.shape[0]) @ terms)
        lower, upper = np.full((2, len(pairs.row), case.horizon.periods), np.inf)
        upper[~is_gate] = self._limit[pairs.row[~is_gate]]
        lower = -upper
        lower[is_gate], upper[is_gate] = (
            side[pairs.row[is_gate]] for side in (network.interface_min_mw, network.interface_max_mw)
        )
        free = is_gate & ~np.isin(pairs.row, self.contingencies.monitored_interface)
        free[~is_gate] = self._exempt[pairs.contingency[~is_gate], pairs.row[~is_gate]]
        lower[free], upper[free] = -np.inf, np.inf
        weights, gone = [], []
        whole = len(self._blocks()) == 1
        needed = np.arange(len(self.contingencies.id)) if whole else np.unique(pairs.contingency)
        placed = Pairs(pairs.interface, pairs.row, np.searchsorted(needed, pairs.contingency))
        for s in range(len(self._topologies)):
            weight, lose, watched = self._combined(self._of(s, needed), own, placed, s)
            weights.append(weight)
            gone.append(lose)
            here = self._of_period == s
            lower[np.ix_(~watched, here)], upper[np.ix_(~watched, here)] = -np.inf, np.inf
        ids = ((network.branch_id, network.interface_id)[g][r] for g, r in zip(pairs.interface, pairs.row, strict=True))
        names = tuple(f"{i}|{self.contingencies.id[c]}" for i, c in zip(ids, pairs.contingency, strict=True))
        return Elements(names, tuple(weights), tuple(gone), lower, upper)

    def _combined(
        self, factors: OutageFactors, own: sp.csr_array, pairs: Pairs, state: int
    ) -> tuple[sp.csr_array, sp.csr_array, Bools]:
        """Weights (n, L) and effects of what is lost (n, R) in one topology, and whether a pair is watched in it."""
        branches = own.shape[1]
        counts = np.diff(factors.first)[pairs.contingency]
        row = np.repeat(np.arange(len(pairs.row)), counts)
        begin = np.repeat(np.cumsum(counts) - counts, counts)
        entry = np.repeat(factors.first[pairs.contingency], counts) + np.arange(len(row)) - begin
        value = np.zeros(len(row))
        plain = pairs.interface[row] == 0
        value[plain] = factors.factor[entry[plain], pairs.row[row[plain]]]
        gate = np.flatnonzero(~plain)
        if len(gate):
            value[gate] = own[row[gate]].multiply(factors.factor[entry[gate], :branches]).sum(axis=1)
        source = factors.branch[entry]
        of_branch = source < branches
        added = sp.csr_array((value[of_branch], (row[of_branch], source[of_branch])), shape=(len(pairs.row), branches))
        lose = sp.csr_array(
            (-value[~of_branch], (row[~of_branch], source[~of_branch] - branches)),
            shape=(len(pairs.row), self.lost_count),
        )
        live = self._topologies[state].live
        gone = np.zeros(len(pairs.row), dtype=np.bool_)
        itself = (pairs.interface[row] == 0) & (source == pairs.row[row])
        gone[row[itself]] = True
        watched = (counts > 0) & ~gone & ((pairs.interface == 1) | live[np.where(pairs.interface == 1, 0, pairs.row)])
        keep = sp.diags_array(watched.astype(np.float64))
        return sp.csr_array(keep @ sp.csr_array(own + added)), sp.csr_array(keep @ lose), watched

    @cached_property
    def factors(self) -> tuple[OutageFactors, ...]:
        """By topology: effects of what each contingency (C) loses; branches first, behind them resources as L + r."""
        everything = np.arange(len(self.contingencies.id))
        return tuple(self._extended(topology, everything) for topology in self._topologies)

    def _blocks(self) -> list[Ints]:
        """Contingencies whose factors are held together: all of them where memory has room for that."""
        count, rows = len(self.contingencies.id), len(self.contingencies.outage_element)
        size = 8 * rows * (len(self._case.network.branch_id) + self.lost_count) * len(self._topologies)
        everything = np.arange(count)
        if size <= WHOLE_BYTES or count <= BLOCK:
            return [everything]
        return [everything[begin : begin + BLOCK] for begin in range(0, count, BLOCK)]

    def _of(self, state: int, chosen: Ints) -> OutageFactors:
        """Factors of some contingencies (c), rising, in one topology."""
        if len(chosen) == len(self.contingencies.id) and len(self._blocks()) == 1:
            return self.factors[state]
        return self._extended(self._topologies[state], chosen)

    def _extended(self, topology: Topology, chosen: Ints) -> OutageFactors:
        network, table = self._case.network, self.contingencies
        branches = len(network.branch_id)
        gone_lines = lost(table, OutageKind.BRANCH)
        sets = [gone_lines[c][topology.live[gone_lines[c]]] for c in chosen.tolist()]
        plain = outage_factors(network, topology, sets)
        if not self.lost_count:
            return plain
        gone = [self._resources[c] for c in chosen.tolist()]
        for k in np.flatnonzero(plain.parts).tolist():
            gone[k] = gone[k][:0]
        own, more = np.diff(plain.first), np.array([len(resources) for resources in gone], dtype=np.int64)
        first = np.concatenate([[0], np.cumsum(own + more)])
        place = np.arange(len(plain.branch)) + np.repeat(first[:-1] - plain.first[:-1], own)
        branch = np.empty(first[-1], dtype=np.int64)
        padded = np.zeros((len(branch), branches + self.lost_count))
        branch[place], padded[place, :branches] = plain.branch, plain.factor
        effect = topology.driven(self._resource_injection()).T  # (R, L)
        alone = np.repeat(own == 0, own + more)  # entries of contingencies that lose no branch
        of_alone = np.concatenate([np.zeros(0, dtype=np.int64), *(gone[k] for k in np.flatnonzero(own == 0).tolist())])
        branch[alone], padded[alone, :branches] = branches + of_alone, -effect[of_alone]
        for k in np.flatnonzero((more > 0) & (own > 0)).tolist():
            here = slice(first[k + 1] - more[k], first[k + 1])
            with_it = slice(plain.first[k], plain.first[k + 1])
            moved = effect[gone[k]] + effect[gone[k]][:, plain.branch[with_it]] @ plain.factor[with_it]
            branch[here], padded[here, :branches] = branches + gone[k], -moved
        return OutageFactors(plain.parts, first.astype(np.int64), branch, padded)

    @cached_property
    def _resources(self) -> list[Ints]:
        """Resources that each contingency (C) loses: units, from-ends of lines, to-ends of lines."""
        units, lines = (lost(self.contingencies, kind) for kind in (OutageKind.UNIT, OutageKind.HVDC_LINE))
        none = np.zeros(0, dtype=np.int64)
        found = [none] * len(units)
        for c, (unit, line) in enumerate(zip(units, lines, strict=True)):
            if len(unit) + len(line):
                ends = [self.resource_of(side, line) for side in ("line_from", "line_to")] if len(line) else []
                found[c] = np.concatenate([self.resource_of("unit", unit), *ends])
        return found

    def _resource_injection(self) -> Floats:
        """MW into the buses (K, R) for 1 MW of each resource."""
        case = self._case
        found = np.zeros((len(case.network.bus_id), self.lost_count))
        found[case.units.bus[self.unit], np.arange(len(self.unit))] = 1.0
        for side, bus in (("line_from", case.hvdc_lines.from_bus), ("line_to", case.hvdc_lines.to_bus)):
            found[bus[self.line], self.resource_of(side, self.line)] = 1.0
        return found

    @cached_property
    def _watched(self) -> Bools:
        return watched_branches(self.contingencies, self._case.network)

    @cached_property
    def _limit(self) -> Floats:
        """Limit after a contingency (L, T), +inf where the branch is not watched."""
        emergency = branch_limits(self._case.network, self._case.horizon.periods)[1]
        return np.where(self._watched[:, None], emergency, np.inf)

    @cached_property
    def _exempt(self) -> Bools:
        table = self.contingencies
        shape = (len(table.id), len(self._case.network.branch_id))
        found = np.zeros(shape, dtype=np.bool_)
        found[table.exempt_contingency, table.exempt_branch] = True
        return found


def _near(one: Floats, other: Floats) -> bool:
    return bool(np.abs(one - other).max(initial=0.0) <= ROUNDING_MW)


def _picked(which: Bools, row: Ints, count: int) -> sp.csr_array:
    """(n, count): 1 at its row where chosen."""
    here = np.flatnonzero(which)
    return sp.csr_array((np.ones(len(here)), (here, row[here])), shape=(len(which), count))


def security(case: Case, topologies: tuple[Topology, ...], of_period: Ints) -> Security:
    """The contingencies of a case in the network by period; outage factors are formed when first asked for."""
    return Security(case, topologies, of_period)


def interface_matrix(network: Network) -> sp.csr_array:
    """Coefficients of the branches in the interfaces (S, L)."""
    shape = (len(network.interface_id), len(network.branch_id))
    terms = (network.term_interface, network.term_branch)
    return sp.csr_array(sp.coo_array((network.term_coefficient, terms), shape=shape))
