"""The commitment problem at pricing penalties with its network rows in it: what all schemes are judged on."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from clearing.case.arrays import Bools, Floats, Ints
from clearing.case.case import Case
from clearing.formulation.model import Model
from clearing.formulation.network import network
from clearing.formulation.scuc import scuc
from clearing.grid.monitored import FAMILY, Grid
from clearing.milp.columns import Columns
from clearing.milp.elastic import elastic
from clearing.milp.problem import Problem, extended, matrix_of
from clearing.milp.rows import RowBlock
from clearing.rules.rules import Rules
from clearing.solve.network_rows import flow_steps

MOST_ROWS = 20_000
"""Network rows up to which all of them are priced; of more only those that the dispatch needed."""


@dataclass(frozen=True, slots=True)
class NetworkModel:
    """model: network rows behind its own; element, period, row (n): the pair of each and its place among all rows.

    whole: every limit has its row, so that none is left out of the dual.
    """

    model: Model
    element: Ints
    period: Ints
    row: Ints
    whole: bool

    def network_dual(self, row_dual: Floats, shape: tuple[int, ...]) -> Floats:
        """Multipliers (E, T) of the limits."""
        found = np.zeros(shape)
        found[self.element, self.period] = row_dual[self.row]
        return found


def network_model(case: Case, rules: Rules, grid: Grid, active: Bools) -> NetworkModel:
    """active (E, T): limits that the dispatch had rows for."""
    model = scuc(case, replace(rules, clearing_penalties=rules.pricing_penalties), grid.islands)
    monitored = grid.monitored
    pairs = np.isfinite(monitored.lower) | np.isfinite(monitored.upper)
    whole = not grid.security.contingencies.id and int(pairs.sum()) <= MOST_ROWS
    if int(pairs.sum()) > MOST_ROWS:
        pairs &= active
    columns, blocks = Columns(first=model.problem.columns.count), list[RowBlock]()
    elements, periods = [], []
    for kind, family in enumerate(FAMILY):
        element, period = np.nonzero(pairs & (monitored.kind == kind)[:, None])
        if not len(element):
            continue
        rows = network(family, grid, element, period, model.injections, model.fixed_injection, model.given_mw)
        blocks.append(elastic(rows, flow_steps(case, model.penalties, monitored, element), case.horizon.hours, columns))
        elements.append(element)
        periods.append(period)
    element, period = (np.concatenate([*part, np.zeros(0, np.int64)]).astype(np.int64) for part in (elements, periods))
    first = len(model.problem.row_lower)
    if blocks:
        model = replace(model, problem=_with(model.problem, columns, blocks))
    return NetworkModel(model, element, period, first + np.arange(len(element)), whole)


def _with(problem: Problem, columns: Columns, blocks: list[RowBlock]) -> Problem:
    """A problem with rows and columns behind its own."""
    names, first = {}, 0
    for block in blocks:
        names[block.name] = first + np.arange(block.size).reshape(block.shape)
        first += block.size
    lower = np.concatenate([np.ravel(b.lower) for b in blocks])
    upper = np.concatenate([np.ravel(b.upper) for b in blocks])
    parts = [(np.ravel(b.cost), np.ravel(b.lower), np.ravel(b.upper)) for b in columns.blocks]
    return extended(problem, parts, [(matrix_of(blocks, columns.count), lower, upper)], names)
