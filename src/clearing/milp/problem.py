"""Blocks stacked once into one sparse matrix."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from clearing.milp.columns import Columns, Index
from clearing.milp.rows import RowBlock

Floats = NDArray[np.float64]
Parts = tuple[Floats, Floats, Floats]
Rows = tuple[sp.csr_array, Floats, Floats]

FAR = 1e6
"""MW, MWh or money steps: what no column without a bound of its own reaches."""


@dataclass(frozen=True, slots=True)
class Problem:
    """min cost·x subject to row_lower ≤ matrix·x ≤ row_upper, lower ≤ x ≤ upper, x integer where `integer`.

    columns: the layout (names → indices). rows: name → indices of the block's rows, in the block's shape.
    """

    cost: NDArray[np.float64]
    lower: NDArray[np.float64]
    upper: NDArray[np.float64]
    integer: NDArray[np.bool_]
    matrix: sp.csr_array
    row_lower: NDArray[np.float64]
    row_upper: NDArray[np.float64]
    columns: Columns
    rows: dict[str, Index]


def stack(columns: Columns, blocks: Sequence[RowBlock]) -> Problem:
    """One problem from a layout and its row blocks, which keep their order; a name may occur once."""
    first = np.concatenate([[0], np.cumsum([b.size for b in blocks])]).astype(np.int64)
    rows: dict[str, Index] = {}
    for block, start in zip(blocks, first[:-1], strict=True):
        if block.name in rows:
            raise ValueError(f"row block {block.name!r} exists already")
        rows[block.name] = np.arange(start, start + block.size, dtype=np.int64).reshape(block.shape)
    return Problem(
        cost=_flat([b.cost for b in columns.blocks]),
        lower=_flat([b.lower for b in columns.blocks]),
        upper=_flat([b.upper for b in columns.blocks]),
        integer=np.concatenate(
            [np.full(int(np.prod(b.shape)), b.integer) for b in columns.blocks] or [np.zeros(0, np.bool_)]
        ),
        matrix=matrix_of(blocks, columns.count),
        row_lower=_flat([b.lower for b in blocks]),
        row_upper=_flat([b.upper for b in blocks]),
        columns=columns,
        rows=rows,
    )


def extended(problem: Problem, columns: Sequence[Parts], rows: Sequence[Rows], names: dict[str, Index]) -> Problem:
    """A problem with continuous columns and rows behind its own.

    columns: cost, lower, upper of each part; rows: matrix, lower, upper, each over the columns up to then or fewer;
    names: of the new rows, counted from the first of them.
    """
    cost, lower, upper = (
        np.concatenate([own, *(part[k] for part in columns)])
        for k, own in enumerate((problem.cost, problem.lower, problem.upper))
    )
    first, count = len(problem.row_lower), len(cost)
    parts = (problem.matrix, *(matrix for matrix, _, _ in rows))
    matrices = [sp.csr_array((m.data, m.indices, m.indptr), (m.shape[0], count)) for m in parts]
    return replace(
        problem,
        cost=cost,
        lower=lower,
        upper=upper,
        integer=np.concatenate([problem.integer, np.zeros(count - len(problem.integer), dtype=np.bool_)]),
        matrix=sp.csr_array(sp.vstack(matrices)),
        row_lower=np.concatenate([problem.row_lower, *(low for _, low, _ in rows)]),
        row_upper=np.concatenate([problem.row_upper, *(high for _, _, high in rows)]),
        rows=problem.rows | {name: first + index for name, index in names.items()},
    )


def dual_bound(problem: Problem, row_dual: NDArray[np.float64]) -> float:
    """Lower bound on the optimum (that of the relaxation) that any row duals give.

    Σ_r max over the row's sides of dual·side + Σ_j min over the column's bounds of (cost − Aᵀdual)_j·x_j. Columns
    without a bound are taken to stay within FAR, which no sensible solution leaves. A dual that leans on an open side
    says nothing: it counts as zero.
    """
    low, high = problem.row_lower, problem.row_upper
    dual = np.where(np.isfinite(np.where(row_dual > 0.0, low, high)), row_dual, 0.0)
    side = np.where(dual > 0.0, low, np.where(dual < 0.0, high, 0.0))
    reduced = problem.cost - problem.matrix.T @ dual
    bound = np.clip(np.where(reduced > 0.0, problem.lower, problem.upper), -FAR, FAR)
    return float((side * dual).sum() + (reduced * bound).sum())


def matrix_of(blocks: Sequence[RowBlock], column_count: int) -> sp.csr_array:
    """Rows of all blocks under one another; repeated entries add up."""
    first = np.concatenate([[0], np.cumsum([b.size for b in blocks])]).astype(np.int64)
    row = np.concatenate([b.row + s for b, s in zip(blocks, first[:-1], strict=True)] or [np.zeros(0, np.int64)])
    column = np.concatenate([b.column for b in blocks] or [np.zeros(0, np.int64)])
    value = _flat([b.value for b in blocks])
    return sp.csr_array(sp.coo_array((value, (row, column)), shape=(int(first[-1]), column_count)))


def changed(
    before: sp.csr_array, now: sp.csr_array
) -> tuple[NDArray[np.integer], NDArray[np.integer], NDArray[np.float64]]:
    """Row, column and new value of the coefficients that differ between matrices of one shape."""
    if np.array_equal(before.indptr, now.indptr) and np.array_equal(before.indices, now.indices):
        at = np.flatnonzero(before.data != now.data)
        return np.searchsorted(now.indptr, at, side="right") - 1, now.indices[at], now.data[at]
    row, column = sp.coo_array(before != now).coords
    value = np.asarray(now[row, column]) if len(row) else np.zeros(0)
    return row, column, value


def _flat(arrays: Sequence[NDArray[np.float64]]) -> NDArray[np.float64]:
    return np.concatenate([np.ravel(a) for a in arrays]) if arrays else np.zeros(0)
