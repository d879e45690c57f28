"""Small networked cases whose bound the audit can compute, and their Lagrangian with every row of the network."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from clearing.case.arrays import Floats
from clearing.case.bound_proof import PROVEN, provable
from clearing.case.case import Case
from clearing.case.give_way import give_way
from clearing.formulation.scuc import scuc
from clearing.grid.monitored import grid
from clearing.rules.rules import LossModel, Rules
from clearing.solve.control import RunControl
from clearing.solve.decomposition.lagrangian import Lagrangian, lagrangian
from clearing.solve.decomposition.networked import Grown
from clearing.solve.decomposition.proof import NOBODY, Known, known
from clearing.solve.options import SolveOptions
from clearing.solve.search import Search
from tests.oracle.test_contingencies import everything

UNPROVEN = ("award_terms", "regulation_bands")
"""Tables of families that no proof has: emptied."""


def bounded(case: Case, rules: Rules) -> tuple[Case, Rules]:
    """The case and rules without what the audit cannot bound, its hard data settled."""
    empty = {name: Case.__dataclass_fields__[name].default for name in UNPROVEN}
    case = replace(case, **empty)
    rules = replace(rules, losses=replace(rules.losses, model=LossModel.NONE))
    assert provable(case, rules)
    return give_way(case, rules)[0], rules


def split(case: Case, rules: Rules) -> tuple[Lagrangian, Known]:
    """The Lagrangian over the rows of every limit of the network, also after every contingency, and their names."""
    where = everything(grid(case)) if case.contingencies.id else grid(case)
    model = scuc(case, rules, where.islands)
    grown = Grown(Search(case, rules, where, SolveOptions(), RunControl()), model)
    limited = np.isfinite(where.monitored.lower) | np.isfinite(where.monitored.upper)
    if grown.rows.add(limited):
        model = grown.model()
    of = lagrangian(model)
    return of, known(of, rules, grown.joined())


def multipliers(rng: np.random.Generator, of: Lagrangian, names: Known) -> Floats:
    """Multipliers at random (D), of the signs that their rows have: prices of energy, and some of all other rows."""
    hours, count = of.model.case.horizon.hours, len(of.row)
    energy = rng.uniform(-10.0, 70.0, count) * (rng.random(count) < 0.9)
    other = rng.normal(0.0, 12.0, count) * (rng.random(count) < 0.5)
    y = np.where(names.family == PROVEN.index("balance"), energy, other) * hours
    y = np.clip(y, np.where(np.isfinite(of.upper), -np.inf, 0.0), np.where(np.isfinite(of.lower), np.inf, 0.0))
    return np.where(names.family == NOBODY, 0.0, y)
