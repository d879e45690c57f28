"""Flows of 1 MW sent between the ends of branches: the dense part of outage factors, straight from the sparse ones."""

from __future__ import annotations

from typing import Any

import numba
import numpy as np

from clearing.case.arrays import Floats, Ints
from clearing.grid.factored import WIDE, substitute
from clearing.grid.topology import Topology


def transfers(topology: Topology, branch: Ints) -> Floats:
    """H (M, L): flow on every branch of 1 MW sent from the from-end to the to-end of `branch` (M).

    Angles are refined once: the small 1 − H_mm of weak ties multiply what is left of error.
    """
    flow = np.zeros((len(branch), len(topology.live)))
    if len(branch) and len(topology.kept):
        place = np.full(len(topology.of_bus), -1)
        place[topology.kept] = np.arange(len(topology.kept))
        ends = place[topology.ends[0]], place[topology.ends[1]]
        own: tuple[Any, ...] = (*ends, topology.susceptance, np.ascontiguousarray(branch), flow)
        _transfer(*topology.factored.arrays, *own)
    return flow


@numba.njit(cache=True, parallel=True)
def _transfer(
    lower_at: Ints,
    lower_row: Ints,
    lower: Floats,
    upper_at: Ints,
    upper_row: Ints,
    upper: Floats,
    rows: Ints,
    columns: Ints,
    matrix_at: Ints,
    matrix_column: Ints,
    matrix: Floats,
    start: Ints,
    end: Ints,
    susceptance: Floats,
    branch: Ints,
    flow: Floats,
) -> None:
    """start, end (L): place of the ends in the factors, −1 = grounded."""
    count = len(rows)
    for block in numba.prange((len(branch) + WIDE - 1) // WIDE):
        first = block * WIDE
        many = min(WIDE, len(branch) - first)
        x, left, angle = np.zeros((count, WIDE)), np.zeros((count, WIDE)), np.zeros((count + 1, WIDE))
        for j in range(many):
            for place, mw in ((start[branch[first + j]], 1.0), (end[branch[first + j]], -1.0)):
                if place >= 0:
                    x[rows[place], j] += mw
                    left[place, j] += mw
        substitute(lower_at, lower_row, lower, upper_at, upper_row, upper, x)
        for k in range(count):
            for j in range(WIDE):
                angle[k, j] = x[columns[k], j]
        _take_off(matrix_at, matrix_column, matrix, angle, left)
        for k in range(count):
            for j in range(WIDE):
                x[rows[k], j] = left[k, j]
        substitute(lower_at, lower_row, lower, upper_at, upper_row, upper, x)
        for k in range(count):
            for j in range(WIDE):
                angle[k, j] += x[columns[k], j]
        for line in range(len(start)):  # the last row of angle stays 0: place −1 is the ground
            size, a, b = susceptance[line], start[line], end[line]
            for j in range(many):
                flow[first + j, line] = size * (angle[a, j] - angle[b, j])


@numba.njit(cache=True)
def _take_off(matrix_at: Ints, matrix_column: Ints, matrix: Floats, angle: Floats, left: Floats) -> None:
    """left (n, WIDE) less matrix · angle, in place."""
    for k in range(left.shape[0]):
        for at in range(matrix_at[k], matrix_at[k + 1]):
            entry, column = matrix[at], matrix_column[at]
            for j in range(WIDE):
                left[k, j] -= entry * angle[column, j]


@numba.njit(cache=True, parallel=True)
def single_outages(factor: Floats, branch: Ints, rows: Ints) -> None:
    """H → H_·m / (1 − H_mm) for the rows (n) of outages of one branch, −1 on itself, in place."""
    for k in numba.prange(len(rows)):
        row = rows[k]
        own = branch[row]
        scale = 1.0 / (1.0 - factor[row, own])
        for line in range(factor.shape[1]):
            factor[row, line] *= scale
        factor[row, own] = -1.0
