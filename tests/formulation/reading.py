"""A row of a problem in words: its coefficients by column name and place, and its sides."""

from __future__ import annotations

import numpy as np

from clearing.milp.problem import Problem

Sides = tuple[dict[str, float], float, float]


def names(problem: Problem) -> list[str]:
    """`block[i,j]` of every column."""
    found: list[str] = []
    for block in problem.columns.blocks:
        found += [f"{block.name}[{','.join(map(str, at))}]" for at in np.ndindex(block.shape)]
    return found


def row(problem: Problem, name: str, *at: int) -> Sides:
    """({column: coefficient}, lower, upper) of one row."""
    index = int(problem.rows[name][at])
    label, line = names(problem), problem.matrix[[index]].tocoo()
    terms = {label[c]: float(v) for c, v in zip(line.coords[1], line.data, strict=True) if v != 0.0}
    return terms, float(problem.row_lower[index]), float(problem.row_upper[index])


def column(problem: Problem, name: str, *at: int) -> tuple[float, float, float, bool]:
    """(lower, upper, cost, integer) of one column."""
    index = int(problem.columns[name][at])
    return (
        float(problem.lower[index]),
        float(problem.upper[index]),
        float(problem.cost[index]),
        bool(problem.integer[index]),
    )
