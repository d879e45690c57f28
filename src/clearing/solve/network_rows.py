"""Branch and interface rows, also after contingencies, added to a problem only where its solutions break them."""

from __future__ import annotations

from typing import Protocol

import numpy as np
import scipy.sparse as sp

from clearing.case.arrays import Bools, Floats, Ints
from clearing.case.case import Case
from clearing.case.flow_penalties import own_price, own_steps
from clearing.formulation.injections import bus_injection, lost_output
from clearing.formulation.model import Model
from clearing.formulation.network import network
from clearing.grid.monitored import AFTER, BRANCH, FAMILY, INTERFACE, Grid, Monitored
from clearing.grid.pairs import Broken, Pairs
from clearing.grid.security import TOLERANCE_MW
from clearing.milp.columns import Columns
from clearing.milp.elastic import OVER, elastic
from clearing.milp.problem import Parts, Problem, Rows, extended, matrix_of
from clearing.rules.rules import Penalties, SolveRules


class Takes(Protocol):
    """What rows and their columns are added to: a solver instance, or a problem that is still growing."""

    def add_columns(self, cost: Floats, lower: Floats, upper: Floats) -> None:
        """Columns that stand in no row yet."""

    def add_rows(self, matrix: sp.csr_array, lower: Floats, upper: Floats) -> None:
        """Rows over the columns so far."""


GROWN = "network"
"""Block of the rows that join a problem behind its own."""


class Growing:
    """Columns and rows behind those of a problem; stands in for a solver where rows are made."""

    def __init__(self) -> None:
        self._columns: list[Parts] = []
        self._rows: list[Rows] = []

    def add_columns(self, cost: Floats, lower: Floats, upper: Floats) -> None:
        """Columns that stand in no row yet."""
        self._columns.append((cost, lower, upper))

    def add_rows(self, matrix: sp.csr_array, lower: Floats, upper: Floats) -> None:
        """Rows over the columns so far."""
        self._rows.append((matrix, lower, upper))

    def grown(self, problem: Problem) -> Problem:
        """The problem with them; the rows are its last block, `network`."""
        more = sum(matrix.shape[0] for matrix, _, _ in self._rows)
        return extended(problem, self._columns, self._rows, {GROWN: np.arange(more)} if more else {})


class NetworkRows:
    """The network rows of one solver instance.

    grid: the limits met so far; it only grows, by elements behind those it had. columns: layout of all columns added
    behind the problem's own. active (E, T): pairs that have a row. element, period (n): the pairs in row order; the
    rows follow the problem's own. slack (3, m): part (side and step), element and period of every column behind the
    problem's own. secured: security rounds so far.
    """

    def __init__(self, model: Model, grid: Grid, highs: Takes, rules: SolveRules) -> None:
        self._model, self._highs, self._rules = model, highs, rules
        self.grid = grid
        self.columns = Columns(first=model.problem.columns.count)
        self._round = 0
        self.secured = 0
        self.slack: Ints = np.zeros((3, 0), dtype=np.int64)
        self.active: Bools = np.zeros(grid.monitored.upper.shape, dtype=np.bool_)
        self.element: Ints = np.zeros(0, dtype=np.int64)
        self.period: Ints = np.zeros(0, dtype=np.int64)

    @property
    def blocks(self) -> dict[str, Ints]:
        """Which block of the offers every row of the columns of segments is."""
        return {"segment": self._model.unit_curve.row, "renewable_segment": self._model.renewable_curve.row}

    def follow(self, grid: Grid) -> None:
        """Know the limits of a grid that has grown from this one."""
        self.grid, self.active = grid, grown(self.active, len(grid.monitored.id))

    def add(self, pairs: Bools) -> int:
        """Add rows for the pairs (E, T) that have none yet; returns how many."""
        pairs = grown(pairs, len(self.active))
        fresh = pairs & ~self.active
        element, period = np.nonzero(fresh)
        for kind, family in enumerate(FAMILY):
            chosen = self.grid.monitored.kind[element] == kind
            if chosen.any():
                self._add(family, element[chosen], period[chosen])
        self.active |= pairs
        self._round += 1
        return len(element)

    def add_broken(self, x: Floats) -> int:
        """Add rows for what a solution breaks: without contingencies first, then a security round; returns how many.

        0 where nothing is broken, or the rule's number of security rounds is used up.
        """
        if added := self.add(self.broken(x) & (self.grid.monitored.kind < AFTER)[:, None]):
            return added
        if not self.grid.security.contingencies.id or self.secured >= self._rules.security_rounds:
            return 0
        pairs = self.insecure(x)
        self.secured += bool(pairs.any())
        return self.add(pairs)

    def insecure(self, x: Floats) -> Bools:
        """Pairs (E, T) after contingencies that a solution breaks and that have no row: the worst ones of them all.

        Of a branch (or interface) and period only the worst contingency, and of those at most the rule's number: one
        row often mends the others. The grid grows by what it did not have.
        """
        branch_flow, lost = self._branches(x)
        found = self.grid.security.broken(branch_flow, lost)
        # a limit that is known may have been moved, so its own row judges it
        fresh = worst_first(found.chosen(~self.grid.knows(found.pairs)), self._rules.security_rows)
        self.follow(self.grid.watching(fresh.pairs))
        known = self.grid.monitored
        over = excess(known, self.grid.of_elements(branch_flow, lost))
        over = np.where(self.active | (known.kind < AFTER)[:, None], 0.0, over)
        element, period = np.nonzero(over)
        pairs = Pairs(known.kind[element] - AFTER, known.row[element], element)
        worst = worst_first(Broken(pairs, period, over[element, period]), self._rules.security_rows)
        chosen = np.zeros(over.shape, dtype=np.bool_)
        chosen[worst.pairs.contingency, worst.period] = True
        return chosen

    def _add(self, family: str, element: Ints, period: Ints) -> None:
        model = self._model
        rows = network(
            f"{family}.{self._round}", self.grid, element, period, model.injections, model.fixed_injection,
            model.given_mw,
        )  # fmt: skip
        before, placed = self.columns.count, len(self.columns.blocks)
        steps = flow_steps(model.case, model.penalties, self.grid.monitored, element)
        rows = elastic(rows, steps, model.case.horizon.hours, self.columns)
        added = self.columns.blocks[placed:]
        assert sum(b.lower.size for b in added) == self.columns.count - before
        flat = [np.concatenate([np.ravel(getattr(b, side)) for b in added]) for side in ("cost", "lower", "upper")]
        self._highs.add_columns(*flat)
        self._highs.add_rows(matrix_of([rows], self.columns.count), rows.lower, rows.upper)
        self.element = np.concatenate([self.element, element])
        self.period = np.concatenate([self.period, period])
        for block in added:
            part = 2 * np.arange(len(block.lower)) + block.name.endswith(OVER)
            named = (np.broadcast_to(v, block.shape).ravel() for v in (part[:, None], element, period))
            self.slack = np.concatenate([self.slack, np.stack([*named])], axis=1)

    def flow(self, x: Floats) -> Floats:
        """Flow (E, T) at a solution."""
        model = self._model
        lost = lost_output(model.injections, self.grid.security, model.given_mw, x)
        return self.grid.flow(bus_injection(model.injections, model.fixed_injection, x), lost)

    def broken(self, x: Floats) -> Bools:
        """Pairs (E, T) of the grid whose limit the solution breaks and that have no row yet."""
        return excess(self.grid.monitored, self.flow(x)).astype(bool) & ~self.active

    def lacks_rows_for(self, x: Floats) -> bool:
        """Whether the solution breaks a limit, also after a contingency, that has no row: the grid stays as it is."""
        if self.broken(x).any():
            return True
        if not self.grid.security.contingencies.id:
            return False
        found = self.grid.security.broken(*self._branches(x))
        return bool((~self.grid.knows(found.pairs)).any())

    def _branches(self, x: Floats) -> tuple[Floats, Floats]:
        """Flow on every branch at a solution, and what every contingency loses of it."""
        model = self._model
        lost = lost_output(model.injections, self.grid.security, model.given_mw, x)
        return self.grid.branch_flow(bus_injection(model.injections, model.fixed_injection, x)), lost

    def duals(self, row_dual: Floats) -> Floats:
        """Multipliers (E, T) of the rows from all row duals of the problem; 0 where there is no row."""
        own = row_dual[len(self._model.problem.row_lower) :]
        out = np.zeros(self.active.shape)
        out[self.element, self.period] = own
        return out


def grown(pairs: Bools, count: int) -> Bools:
    """Pairs (E, T) as pairs of a grid that has grown to `count` elements."""
    more = np.zeros((count - len(pairs), pairs.shape[1]), dtype=np.bool_)
    return np.concatenate([pairs, more]) if len(more) else pairs


def worst_first(found: Broken, most: int) -> Broken:
    """Of each element and period the contingency that breaks most, worst first, at most so many."""
    ranked = found.chosen(np.argsort(-found.over_mw, kind="stable"))
    place = (ranked.period << 32) | (ranked.pairs.row << 1) | ranked.pairs.interface
    first = np.unique(place, return_index=True)[1]
    return ranked.chosen(np.sort(first)[:most])


def own_prices(case: Case, monitored: Monitored) -> Floats:
    """Penalty of its own of every element (E), money per MWh; NaN where the rule set's holds."""
    table, network = case.flow_penalties, case.network
    branch = own_price(table.branch, table.branch_price_per_mwh, len(network.branch_id))
    interface = own_price(table.interface, table.interface_price_per_mwh, len(network.interface_id))
    found = np.full(len(monitored.id), np.nan)
    for kind, price in ((BRANCH, branch), (INTERFACE, interface)):
        mine = monitored.kind % AFTER == kind
        found[mine] = price[monitored.row[mine]]
    return found


def flow_steps(case: Case, penalties: Penalties, monitored: Monitored, element: Ints) -> list[tuple[Floats, Floats]]:
    """Width and price of every step of a violation by row, of elements (n) of one kind."""
    first = monitored.kind[element[0]] % AFTER if len(element) else BRANCH
    return own_steps(own_prices(case, monitored)[element], penalties.branch if first == BRANCH else penalties.interface)


def excess(monitored: Monitored, flow: Floats) -> Floats:
    """MW (E, T) by which flows break their limits, 0 within tolerance."""
    over = np.maximum(flow - monitored.upper, monitored.lower - flow)
    limit = np.where(flow > monitored.upper, monitored.upper, monitored.lower)
    scale = np.maximum(1.0, np.abs(np.where(np.isfinite(limit), limit, 1.0)))
    return np.asarray(np.where(over > TOLERANCE_MW * scale, over, 0.0))
