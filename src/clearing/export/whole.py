"""The production problem with every network row in it, which a search adds only where solutions break them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from clearing.case.arrays import Bools
from clearing.case.case import Case
from clearing.case.contingencies import watched_branches
from clearing.formats.findings import refuse
from clearing.formulation.model import Model
from clearing.formulation.scuc import scuc
from clearing.grid.monitored import Grid, grid
from clearing.grid.pairs import Pairs
from clearing.milp.problem import Problem
from clearing.rules.rules import Rules
from clearing.solve.network_rows import Growing, NetworkRows

MOST_ENTRIES = 100_000_000
"""Of network rows; a file of them has some 4 GB. A row has an entry for nearly every resource of its island."""


@dataclass(frozen=True, slots=True)
class Whole:
    """problem: all of it; model: what it was formed from; network: which of its rows and columns are the network's,
    behind those of model.problem."""

    problem: Problem
    model: Model
    network: NetworkRows


def whole(case: Case, rules: Rules) -> Whole:
    """Form the SCUC with the rows of all branches, interfaces and contingencies that have a limit.

    case: as `searched` leaves it. Raises FormatError where the rows are too many to be written (TOO_MANY_ROWS).
    """
    known = _watching_everything(grid(case), case)
    limited: Bools = np.isfinite(known.monitored.lower) | np.isfinite(known.monitored.upper)
    model = scuc(case, rules, known.islands)
    width = sum(len(term.bus) for term in model.injections)
    if int(limited.sum()) * width > MOST_ENTRIES:
        message = "Network rows are dense: an element, a period, a contingency each. Take fewer of one of them."
        raise refuse(
            "TOO_MANY_ROWS", "case.network", message, value=f"{int(limited.sum())} rows of {width} entries",
            limit=f"{MOST_ENTRIES} entries",
        )  # fmt: skip
    growing = Growing()
    rows = NetworkRows(model, known, growing, rules.solve)
    rows.add(limited)
    return Whole(growing.grown(model.problem), model, rows)


def _watching_everything(known: Grid, case: Case) -> Grid:
    """The grid with every branch and interface that a contingency is to be watched on."""
    table, network = case.contingencies, case.network
    if not table.id:
        return known
    shape = (len(table.id), len(network.branch_id))
    branches = np.broadcast_to(watched_branches(table, network), shape).copy()
    branches[table.exempt_contingency, table.exempt_branch] = False
    outage, branch = np.nonzero(branches)
    gates = np.unique(table.monitored_interface)
    count = len(table.id)
    return known.watching(
        Pairs(
            interface=np.repeat([0, 1], [len(branch), count * len(gates)]).astype(np.int64),
            row=np.concatenate([branch, np.tile(gates, count)]).astype(np.int64),
            contingency=np.concatenate([outage, np.repeat(np.arange(count), len(gates))]).astype(np.int64),
        )
    )
