"""The production problem as a file that other solvers read."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import scipy.sparse as sp

from clearing.case.case import Case
from clearing.export.names import Label, labels
from clearing.export.whole import whole
from clearing.milp.highs import write_problem
from clearing.rules.rules import Rules


def write(case: Case, rules: Rules, file: Path) -> tuple[list[Label], list[Label]]:
    """Write the SCUC of a case (as `searched` leaves it) by the suffix, .mps or .lp; labels of columns and rows.

    The objective is money, the optimum the cost of the best schedule. Raises FormatError as `whole` does.
    """
    found = whole(case, rules)
    columns, rows = labels(found)
    whole_, sides = found.problem, (found.problem.row_lower, found.problem.row_upper)
    kept = np.flatnonzero(np.isfinite(sides[0]) | np.isfinite(sides[1]))  # readers leave out rows without a side
    rows = [rows[r] for r in kept.tolist()]
    told = replace(
        whole_, matrix=sp.csr_array(whole_.matrix[kept]), row_lower=sides[0][kept], row_upper=sides[1][kept], rows={}
    )
    write_problem(told, file, [one.name for one in columns], [one.name for one in rows])
    return columns, rows
