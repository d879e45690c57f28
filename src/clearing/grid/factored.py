"""Sparse symmetric systems with many right-hand sides: one LU, compiled substitutions on all cores.

SuperLU's own solve of many right-hand sides goes through dense kernels, which for networks takes ten times as long.
"""

from __future__ import annotations

import numba
import numpy as np
import scipy.sparse as sp
from scipy.sparse.linalg import splu

from clearing.case.arrays import Floats, Ints


class Factored:
    """A factored symmetric matrix (n, n)."""

    def __init__(self, matrix: sp.csc_array) -> None:
        options = {"SymmetricMode": True}  # pivots on the diagonal: susceptance matrices allow it, and fill in less
        lu = splu(sp.csc_array(matrix), permc_spec="MMD_AT_PLUS_A", diag_pivot_thresh=0.0, options=options)
        self._matrix = sp.csr_array(matrix)
        lower, upper = sp.csc_array(lu.L), sp.csc_array(lu.U)
        lower.sort_indices()
        upper.sort_indices()
        self._lower = lower.indptr, lower.indices, lower.data
        self._upper = upper.indptr, upper.indices, upper.data
        self._rows, self._columns = lu.perm_r, lu.perm_c

    @property
    def nbytes(self) -> int:
        """Bytes of the matrix and its factors."""
        parts = (*self._lower, *self._upper, self._rows, self._columns)
        own = (self._matrix.data, self._matrix.indices, self._matrix.indptr)
        return sum(part.nbytes for part in (*parts, *own))

    def solve(self, right: Floats, refine: bool = False) -> Floats:
        """x (m, n) with matrix · x_i = right_i for every row i of right (m, n); refine: one step of refinement."""
        found = np.ascontiguousarray(right, dtype=np.float64).copy()
        _substitute(*self._lower, *self._upper, self._rows, self._columns, found)
        if refine:
            left = right - (self._matrix @ found.T).T
            _substitute(*self._lower, *self._upper, self._rows, self._columns, left := np.ascontiguousarray(left))
            found += left
        return found


@numba.njit(cache=True, parallel=True)
def _substitute(
    lower_at: Ints,
    lower_row: Ints,
    lower: Floats,
    upper_at: Ints,
    upper_row: Ints,
    upper: Floats,
    rows: Ints,
    columns: Ints,
    sides: Floats,
) -> None:
    """Solve for every row of sides, in place; L has its unit diagonal first in a column, U its diagonal last."""
    count = sides.shape[1]
    for i in numba.prange(sides.shape[0]):
        x = np.empty(count)
        for k in range(count):
            x[rows[k]] = sides[i, k]
        for k in range(count):
            value = x[k]
            if value != 0.0:
                for at in range(lower_at[k] + 1, lower_at[k + 1]):
                    x[lower_row[at]] -= lower[at] * value
        for k in range(count - 1, -1, -1):
            last = upper_at[k + 1] - 1
            value = x[k] / upper[last]
            x[k] = value
            if value != 0.0:
                for at in range(upper_at[k], last):
                    x[upper_row[at]] -= upper[at] * value
        for k in range(count):
            sides[i, k] = x[columns[k]]
