"""What a run of the bench tells, and whether runs of one problem contradict each other."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from statistics import median
from typing import Any

PRODUCTION = "production"
"""Name of the production path among solvers."""


@dataclass(frozen=True, slots=True)
class Row:
    """One run.

    solver, variant     who solved which formulation
    run                 1 … repeats
    status              how it ended, in the solver's words; `not installed`, `failed`, `did not end`
    objective, bound    money; None where there is none. gap = (objective − bound)/max(|objective|, |bound|, 1)
    form_seconds        wall clock until the problem is built; None where it is part of the solve
    solve_seconds       wall clock from there to the answer, handing over included
    nodes               of branch and bound, where the solver tells
    rows, columns       size of the problem
    worst_break         greatest amount by which the solution breaks a row, a bound or integrality; None: not looked at
    lp_bound            optimum of the formulation's LP relaxation, where asked for
    note                what else there is to say
    """

    solver: str
    variant: str
    run: int
    status: str
    objective: float | None = None
    bound: float | None = None
    form_seconds: float | None = None
    solve_seconds: float | None = None
    nodes: int | None = None
    rows: int | None = None
    columns: int | None = None
    worst_break: float | None = None
    lp_bound: float | None = None
    note: str = ""

    @property
    def gap(self) -> float | None:
        """Relative gap, as every clearing defines it."""
        if self.objective is None or self.bound is None:
            return None
        return (self.objective - self.bound) / max(abs(self.objective), abs(self.bound), 1.0)

    def tree(self) -> dict[str, Any]:
        """All fields and the gap."""
        return {**{f.name: getattr(self, f.name) for f in fields(self)}, "gap": self.gap}


def disagreements(rows: Sequence[Row], tolerance: float, most_broken: float) -> list[str]:
    """What cannot all be true of one problem, in words; every formulation has the same optimum.

    tolerance (relative): a bound above an objective that another run found, or above its own. most_broken: amount by
    which a solution may break a row. Runs without an objective or bound contradict nobody.
    """
    found = [
        f"{_name(row)}: its solution breaks a row by {row.worst_break:.3g}, more than {most_broken:.3g}"
        for row in rows
        if row.worst_break is not None and row.worst_break > most_broken
    ]
    for above in rows:
        for below in rows:
            if above.bound is None or below.objective is None:
                continue
            reach = tolerance * max(abs(above.bound), abs(below.objective), 1.0)
            if above.bound > below.objective + reach:
                found.append(
                    f"{_name(above)} says nothing costs less than {above.bound:.6f}, "
                    f"{_name(below)} has a schedule of {below.objective:.6f}"
                )
    return found


def medians(rows: Sequence[Row]) -> list[Row]:
    """One row a solver and formulation: the run of the median seconds; the others of it are in the files."""
    kept: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        kept.setdefault((row.solver, row.variant), []).append(row)
    return [_middle(runs) for runs in kept.values()]


def spread(rows: Sequence[Row], of: Row) -> tuple[float, float, float] | None:
    """Least, median and greatest seconds to solve of all runs like this one; None where none was timed."""
    alike = (row.solve_seconds for row in rows if (row.solver, row.variant) == (of.solver, of.variant))
    seconds = sorted(value for value in alike if value is not None)
    return (seconds[0], median(seconds), seconds[-1]) if seconds else None


def write_csv(path: Path, rows: Sequence[Row]) -> None:
    """All runs, one a line; what is not known is empty."""
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, [*(f.name for f in fields(Row)), "gap"])
        table.writeheader()
        table.writerows(row.tree() for row in rows)


def _middle(runs: Sequence[Row]) -> Row:
    ordered = sorted(runs, key=lambda row: row.solve_seconds if row.solve_seconds is not None else float("inf"))
    return ordered[(len(ordered) - 1) // 2]


def _name(row: Row) -> str:
    return row.solver if row.variant in ("", "default") else f"{row.solver} ({row.variant})"
