"""A readable model as a file that other solvers read, written by Pyomo under the names of its equations."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyomo.environ as pyo

from clearing.bench.variants import DEFAULT, Variants
from clearing.case.case import Case
from clearing.rules.rules import Rules
from models.scuc import scuc

Named = tuple[str, str, str]
"""Name in the file, family (a variable or constraint of the model), indices: rows of the case tables, from 0."""


def write(case: Case, rules: Rules, file: Path, variants: Variants = DEFAULT) -> tuple[list[Named], list[Named]]:
    """Write the SCUC by the suffix, .mps or .lp; names of columns and of rows, those that the file holds."""
    m = scuc(case, rules, variants=variants)
    _, key = m.write(str(file), io_options={"symbolic_solver_labels": True})
    known = m.solutions.symbol_map[key].bySymbol
    return list(_named(known, pyo.Var)), list(_named(known, pyo.Constraint))


def _named(known: dict, kind: type) -> Iterator[Named]:
    for name, one in known.items():
        if one.ctype is kind:
            index = one.index()
            own = index if isinstance(index, tuple) else () if index is None else (index,)
            yield name, one.parent_component().name, ",".join(map(str, own))
