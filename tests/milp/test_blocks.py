"""Blocks of columns and rows, their stacking, and softness."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearing.milp.columns import ABSENT, Columns, column_block
from clearing.milp.elastic import elastic
from clearing.milp.problem import matrix_of, stack
from clearing.milp.rows import row_block

INF = np.inf


def test_blocks_are_placed_one_behind_the_other() -> None:
    columns = Columns()
    a = columns.add(column_block("a", (2, 3)))
    b = columns.add(column_block("b", (2,), -1.0, 4.0, 5.0, integer=True))
    assert a.tolist() == [[0, 1, 2], [3, 4, 5]]
    assert b.tolist() == [6, 7]
    assert columns.count == 8
    assert columns.names() == ("a", "b")
    assert "a" in columns
    assert "c" not in columns
    assert columns["b"] is b


def test_a_layout_can_begin_behind_another() -> None:
    columns = Columns(first=10)
    assert columns.add(column_block("a", (2,))).tolist() == [10, 11]


def test_a_name_stands_once_among_columns_and_among_rows() -> None:
    columns = Columns()
    x = columns.add(column_block("x", (1,)))
    with pytest.raises(ValueError, match="'x' exists"):
        columns.add(column_block("x", (1,)))
    rows = row_block("r", (1,), 0.0, 1.0, [(x, 1.0)])
    with pytest.raises(ValueError, match="'r' exists"):
        stack(columns, [rows, rows])


def test_bounds_and_costs_broadcast_over_the_block() -> None:
    columns = Columns()
    columns.add(column_block("x", (2, 3), [[1.0], [2.0]], 9.0, [10.0, 20.0, 30.0]))
    problem = stack(columns, [])
    assert problem.lower.tolist() == [1, 1, 1, 2, 2, 2]
    assert problem.upper.tolist() == [9] * 6
    assert problem.cost.tolist() == [10, 20, 30, 10, 20, 30]
    assert not problem.integer.any()
    assert problem.matrix.shape == (0, 6)


def test_terms_follow_the_rows_and_absent_columns_leave_them_out() -> None:
    columns = Columns()
    x = columns.add(column_block("x", (2, 2)))
    before = np.array([[ABSENT, x[0, 0]], [ABSENT, x[1, 0]]])
    block = row_block("r", (2, 2), 0.0, [1.0, 2.0], [(x, 1.0), (before, [[-3.0], [-4.0]])])
    problem = stack(columns, [block])
    assert problem.matrix.toarray().tolist() == [[1, 0, 0, 0], [-3, 1, 0, 0], [0, 0, 1, 0], [0, 0, -4, 1]]
    assert problem.row_upper.tolist() == [1, 2, 1, 2]
    assert problem.rows["r"].tolist() == [[0, 1], [2, 3]]


def test_scattered_entries_go_where_they_say_and_repeated_ones_add_up() -> None:
    columns = Columns()
    x = columns.add(column_block("x", (3,)))
    block = row_block(
        "r", (2,), -INF, 5.0, [(x[:2], 1.0)], [(np.array([0, 0, 1]), x[[0, 2, 2]], [10.0, 20.0, 0.0]), (1, x, 7.0)]
    )
    assert stack(columns, [block]).matrix.toarray().tolist() == [[11, 0, 20], [7, 8, 7]]


def test_blocks_of_rows_stand_under_one_another() -> None:
    columns = Columns()
    x = columns.add(column_block("x", (2,)))
    first = row_block("first", (1,), 1.0, 1.0, [(x[:1], 1.0)])
    empty = row_block("empty", (0, 4), 0.0, 0.0)
    last = row_block("last", (2,), 2.0, 3.0, [(x, [4.0, 5.0])])
    problem = stack(columns, [first, empty, last])
    assert problem.matrix.toarray().tolist() == [[1, 0], [4, 0], [0, 5]]
    assert problem.rows["empty"].shape == (0, 4)
    assert problem.rows["last"].tolist() == [1, 2]
    assert problem.row_lower.tolist() == [1, 2, 2]
    assert matrix_of([], 3).shape == (0, 3)


@given(st.integers(0, 2**32 - 1))
def test_stacking_is_the_sum_of_all_entries(seed: int) -> None:
    rng = np.random.default_rng(seed)
    columns = Columns()
    x = columns.add(column_block("x", (5,)))
    blocks, expected = [], []
    for k in range(3):
        size, entries = int(rng.integers(0, 4)), int(rng.integers(0, 9)) if k else 0
        row, column = rng.integers(0, max(size, 1), entries if size else 0), rng.integers(0, 5, entries if size else 0)
        value = rng.integers(-3, 4, len(row)).astype(float)
        blocks.append(row_block(f"r{k}", (size,), 0.0, 1.0, (), [(row, x[column], value)]))
        dense = np.zeros((size, 5))
        np.add.at(dense, (row, column), value)
        expected.append(dense)
    assert np.array_equal(stack(columns, blocks).matrix.toarray(), np.concatenate(expected))


STEPS = ((5.0, 100.0), (INF, 300.0))


def test_an_elastic_upper_side_gets_a_column_by_step_at_the_weighted_price() -> None:
    columns = Columns()
    x = columns.add(column_block("x", (2,)))
    soft = elastic(row_block("r", (2,), -INF, [1.0, INF], [(x, 1.0)]), STEPS, 0.25, columns)
    problem = stack(columns, [soft])
    assert columns.names() == ("x", "r.over")
    assert problem.matrix.toarray().tolist() == [[1, 0, -1, 0, -1, 0], [0, 1, 0, -1, 0, -1]]
    assert problem.cost.tolist() == [0, 0, 25, 25, 75, 75]
    assert problem.upper.tolist() == [INF, INF, 5, 0, INF, 0]  # the open row may not be broken
    assert (problem.row_lower.tolist(), problem.row_upper.tolist()) == ([-INF, -INF], [1, INF])


def test_an_elastic_range_gives_on_both_sides() -> None:
    columns = Columns()
    x = columns.add(column_block("x", (1,)))
    problem = stack(columns, [elastic(row_block("r", (1,), 2.0, 3.0, [(x, 1.0)]), STEPS, 1.0, columns)])
    assert columns.names() == ("x", "r.short", "r.over")
    assert problem.matrix.toarray().tolist() == [[1, 1, 1, -1, -1]]


def test_an_elastic_block_without_limits_stays_as_it_is() -> None:
    columns = Columns()
    x = columns.add(column_block("x", (2,)))
    elastic(row_block("r", (2,), -INF, INF, [(x, 1.0)]), STEPS, 1.0, columns)
    assert columns.names() == ("x",)
