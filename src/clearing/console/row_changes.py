"""Rows of a sheet copied and removed, with the rows of the tables below it that name them (offers, start costs).

What else names a row that goes (groups, limits, other elements) is left as it is: the case is then refused with a
finding at each of them, and nothing is saved.
"""

from __future__ import annotations

from typing import Any

from clearing.console.sheets import SHEETS, Sheet, Tree, columns, periods

Row = dict[str, list[Any]]


def remove(sheet: Sheet, tree: Tree, row: int) -> str:
    """Take a row away, and what stands below it; returns what is wrong with that, '' where it was done."""
    wrong = _refused(sheet, tree, row)
    if wrong:
        return wrong
    key = sheet.keys(tree)[row]
    _put(sheet, tree, row, None)
    for below in _below(sheet):
        for at in reversed([at for at, name in enumerate(below.keys(tree)) if name == key]):
            _put(below, tree, at, None)
    return ""


def copy(sheet: Sheet, tree: Tree, row: int, name: str) -> str:
    """Put a copy behind a row, of another name where rows have names of their own, with copies of what stands below.

    Returns what is wrong with that, '' where it was done.
    """
    wrong = _refused(sheet, tree, row)
    if wrong:
        return wrong
    key = sheet.keys(tree)[row]
    if not sheet.named:
        _put(sheet, tree, row + 1, _row(sheet, tree, row))
        return ""
    if not name or name in sheet.keys(tree):
        return "A name is needed that no other row has."
    _put(sheet, tree, row + 1, {**_row(sheet, tree, row), sheet.key: [name]})
    for below in _below(sheet):
        copies = [_row(below, tree, at) for at, of in enumerate(below.keys(tree)) if of == key]
        for one in copies:
            _put(below, tree, len(below.keys(tree)), {**one, below.key: [name]})
    return ""


def _refused(sheet: Sheet, tree: Tree, row: int) -> str:
    if not sheet.rows_change:
        return "Rows of this table are changed in the case file."
    return "" if 0 <= row < len(sheet.keys(tree)) else "There is no such row."


def _below(sheet: Sheet) -> list[Sheet]:
    """Tables whose rows belong to rows of this one: they stand inside its message and name them."""
    inside = (other for other in SHEETS if other.at[: len(sheet.at)] == sheet.at and len(other.at) > len(sheet.at))
    return [other for other in inside if not other.named] if sheet.named else []


def _row(sheet: Sheet, tree: Tree, row: int) -> Row:
    """Values of a row by column: one, or one a period."""
    node, length = sheet.node(tree), periods(tree)
    widths = {column.field: length if column.series else 1 for column in columns(sheet, tree)}
    return {field: node[field][row * width : (row + 1) * width] for field, width in widths.items()}


def _put(sheet: Sheet, tree: Tree, row: int, values: Row | None) -> None:
    """A row before the one of this number, or with None that one taken away."""
    node, length = sheet.node(tree), periods(tree)
    for column in columns(sheet, tree):
        width = length if column.series else 1
        behind = row if values is not None else row + 1
        new = values[column.field] if values is not None else []
        node[column.field] = [*node[column.field][: row * width], *new, *node[column.field][behind * width :]]
