"""Sparse symmetric systems with many right-hand sides: one LU, compiled substitutions on all cores.

SuperLU's own solve of many right-hand sides goes through dense kernels, which for networks takes ten times as long.
"""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
import scipy.sparse as sp
from scipy.sparse.linalg import splu

from clearing.case.arrays import Floats, Ints


class SingularNetworkError(ArithmeticError):
    """Injections do not determine the flows: susceptances of opposite sign add up to nothing."""


class Factored:
    """A factored symmetric matrix (n, n)."""

    def __init__(self, matrix: sp.csc_array) -> None:
        options = {"SymmetricMode": True}  # pivots on the diagonal: susceptance matrices allow it, and fill in less
        try:
            lu = splu(sp.csc_array(matrix), permc_spec="MMD_AT_PLUS_A", diag_pivot_thresh=0.0, options=options)
        except RuntimeError as singular:  # what SuperLU says of a pivot that is exactly 0
            raise SingularNetworkError from singular
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

    @property
    def arrays(self) -> tuple[Any, ...]:
        """L and U by columns (start, row, value each), place of every row and column in them, the matrix by rows."""
        matrix = (self._matrix.indptr, self._matrix.indices, self._matrix.data)
        return (*self._lower, *self._upper, self._rows, self._columns, *matrix)

    def solve(self, right: Floats, refine: bool = False) -> Floats:
        """x (m, n) with matrix · x_i = right_i for every row i of right (m, n); refine: one step of refinement."""
        found = np.ascontiguousarray(right, dtype=np.float64).copy()
        self._substitute(found)
        if refine:
            left = np.ascontiguousarray(right - (self._matrix @ found.T).T)
            self._substitute(left)
            found += left
        return found

    def _substitute(self, sides: Floats) -> None:
        """Solve for every row of sides, in place."""
        run = _on_one_core if sides.size < SMALL else _on_all_cores
        run(*self._lower, *self._upper, self._rows, self._columns, sides)


WIDE = 8
"""Right-hand sides that go through the factors together: one load of an entry serves them all."""

SMALL = 20_000
"""Values of right-hand sides below which waking the other cores takes longer than the substitutions."""

# Two functions of one loop: numba's cache on disk does not tell compilations of one function, with threads and without,
# apart.


@numba.njit(cache=True, parallel=True)
def _on_all_cores(
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
    for block in numba.prange((sides.shape[0] + WIDE - 1) // WIDE):
        _block(lower_at, lower_row, lower, upper_at, upper_row, upper, rows, columns, sides, block * WIDE)


@numba.njit(cache=True)
def _on_one_core(
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
    for block in range((sides.shape[0] + WIDE - 1) // WIDE):
        _block(lower_at, lower_row, lower, upper_at, upper_row, upper, rows, columns, sides, block * WIDE)


@numba.njit(cache=True)
def _block(
    lower_at: Ints,
    lower_row: Ints,
    lower: Floats,
    upper_at: Ints,
    upper_row: Ints,
    upper: Floats,
    rows: Ints,
    columns: Ints,
    sides: Floats,
    first: int,
) -> None:
    """Solve for WIDE rows of sides from the first one on, in place."""
    count = sides.shape[1]
    many = min(WIDE, sides.shape[0] - first)
    x = np.zeros((count, WIDE))
    for j in range(many):
        for k in range(count):
            x[rows[k], j] = sides[first + j, k]
    substitute(lower_at, lower_row, lower, upper_at, upper_row, upper, x)
    for j in range(many):
        for k in range(count):
            sides[first + j, k] = x[columns[k], j]


@numba.njit(cache=True)
def substitute(
    lower_at: Ints, lower_row: Ints, lower: Floats, upper_at: Ints, upper_row: Ints, upper: Floats, x: Floats
) -> None:
    """Both substitutions of x (n, WIDE) in the order of the factors, in place.

    L has its unit diagonal first in a column, U its diagonal last. Steps whose values are all 0 are left out: the sides
    of outages are almost empty.
    """
    count = x.shape[0]
    value = np.empty(WIDE)
    for k in range(count):
        some = False
        for j in range(WIDE):
            value[j] = x[k, j]
            some |= value[j] != 0.0
        if some:
            for at in range(lower_at[k] + 1, lower_at[k + 1]):
                row, entry = lower_row[at], lower[at]
                for j in range(WIDE):
                    x[row, j] -= entry * value[j]
    for k in range(count - 1, -1, -1):
        last = upper_at[k + 1] - 1
        some = False
        for j in range(WIDE):
            value[j] = x[k, j] / upper[last]
            x[k, j] = value[j]
            some |= value[j] != 0.0
        if some:
            for at in range(upper_at[k], last):
                row, entry = upper_row[at], upper[at]
                for j in range(WIDE):
                    x[row, j] -= entry * value[j]
