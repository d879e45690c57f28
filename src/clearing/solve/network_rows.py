"""Branch and interface rows, added to a problem only where its solutions break them."""

from __future__ import annotations

import numpy as np

from clearing.case.arrays import Bools, Floats, Ints
from clearing.case.case import Case
from clearing.case.flow_penalties import own_price, own_steps
from clearing.formulation.injections import bus_injection
from clearing.formulation.model import Model
from clearing.formulation.network import network
from clearing.grid.monitored import BRANCH, FAMILY, INTERFACE, Grid, Monitored
from clearing.milp.columns import Columns
from clearing.milp.elastic import elastic
from clearing.milp.highs import Highs
from clearing.milp.problem import matrix_of
from clearing.rules.rules import Penalties

TOLERANCE_MW = 1e-6
"""A limit counts as kept when it is broken by less than this times max(1, |limit|)."""


class NetworkRows:
    """The network rows of one solver instance.

    columns: layout of all columns added behind the problem's own. active (E, T): pairs that have a row.
    element, period (n): the pairs in row order; the rows follow the problem's own. rounds: what was added together.
    """

    def __init__(self, model: Model, grid: Grid, highs: Highs) -> None:
        self._model, self._grid, self._highs = model, grid, highs
        self.columns = Columns(first=model.problem.columns.count)
        self._round = 0
        self.rounds: list[Bools] = []
        self.active: Bools = np.zeros(grid.monitored.upper.shape, dtype=np.bool_)
        self.element: Ints = np.zeros(0, dtype=np.int64)
        self.period: Ints = np.zeros(0, dtype=np.int64)

    def add(self, pairs: Bools) -> int:
        """Add rows for the pairs (E, T) that have none yet; returns how many."""
        fresh = pairs & ~self.active
        element, period = np.nonzero(fresh)
        if len(element):
            self.rounds.append(fresh)
        for kind, family in enumerate(FAMILY):
            chosen = self._grid.monitored.kind[element] == kind
            if chosen.any():
                self._add(family, element[chosen], period[chosen])
        self.active |= pairs
        self._round += 1
        return len(element)

    def _add(self, family: str, element: Ints, period: Ints) -> None:
        model = self._model
        rows = network(f"{family}.{self._round}", self._grid, element, period, model.injections, model.fixed_injection)
        before, placed = self.columns.count, len(self.columns.blocks)
        steps = flow_steps(model.case, model.penalties, self._grid.monitored, element)
        rows = elastic(rows, steps, model.case.horizon.hours, self.columns)
        added = self.columns.blocks[placed:]
        assert sum(b.lower.size for b in added) == self.columns.count - before
        flat = [np.concatenate([np.ravel(getattr(b, side)) for b in added]) for side in ("cost", "lower", "upper")]
        self._highs.add_columns(*flat)
        self._highs.add_rows(matrix_of([rows], self.columns.count), rows.lower, rows.upper)
        self.element = np.concatenate([self.element, element])
        self.period = np.concatenate([self.period, period])

    def flow(self, x: Floats) -> Floats:
        """Flow (E, T) at a solution."""
        return self._grid.flow(bus_injection(self._model.injections, self._model.fixed_injection, x))

    def broken(self, x: Floats) -> Bools:
        """Pairs (E, T) whose limit the solution breaks and that have no row yet."""
        return excess(self._grid.monitored, self.flow(x)).astype(bool) & ~self.active

    def duals(self, row_dual: Floats) -> Floats:
        """Multipliers (E, T) of the rows from all row duals of the problem; 0 where there is no row."""
        own = row_dual[len(self._model.problem.row_lower) :]
        out = np.zeros(self.active.shape)
        out[self.element, self.period] = own
        return out


def own_prices(case: Case, monitored: Monitored) -> Floats:
    """Penalty of its own of every element (E), money per MWh; NaN where the rule set's holds."""
    table, network = case.flow_penalties, case.network
    branch = own_price(table.branch, table.branch_price_per_mwh, len(network.branch_id))
    interface = own_price(table.interface, table.interface_price_per_mwh, len(network.interface_id))
    of = dict(zip(((BRANCH, i) for i in network.branch_id), branch, strict=True))
    of |= dict(zip(((INTERFACE, i) for i in network.interface_id), interface, strict=True))
    return np.array([of[kind, name] for kind, name in zip(monitored.kind.tolist(), monitored.id, strict=True)])


def flow_steps(case: Case, penalties: Penalties, monitored: Monitored, element: Ints) -> list[tuple[Floats, Floats]]:
    """Width and price of every step of a violation by row, of elements (n) of one kind."""
    first = monitored.kind[element[0]] if len(element) else BRANCH
    return own_steps(own_prices(case, monitored)[element], penalties.branch if first == BRANCH else penalties.interface)


def excess(monitored: Monitored, flow: Floats) -> Floats:
    """MW (E, T) by which flows break their limits, 0 within tolerance."""
    over = np.maximum(flow - monitored.upper, monitored.lower - flow)
    limit = np.where(flow > monitored.upper, monitored.upper, monitored.lower)
    scale = np.maximum(1.0, np.abs(np.where(np.isfinite(limit), limit, 1.0)))
    return np.asarray(np.where(over > TOLERANCE_MW * scale, over, 0.0))
