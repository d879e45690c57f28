"""The ProtoJSON of a case by rows: columns of the row of an id, and what differs between two cases."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from clearing.scenario.changes import SetValues
from clearing.scenario.merge import Tree

Add = Callable[[str, str, str, object, str], None]
PARTS = {"buses": ("network", "bus_"), "branches": ("network", "branch_"), "products": ("reserves", "product_")}
"""Tables of a case that share a message: (its field, what their columns begin with)."""
MOST_DEPTH = 4


@dataclass(frozen=True, slots=True)
class Difference:
    """What differs: table, id ('' = the whole), column, before and after (None = not there).

    period: the first that differs, −1 where the column has none; periods: how many do.
    """

    table: str
    id: str
    column: str
    before: Any
    after: Any
    period: int = -1
    periods: int = 0


def set_values(tree: Tree, change: SetValues, periods: int, add: Add) -> Tree:
    """The tree with columns of one row replaced; what does not fit is added to the problems."""
    field, prefix = PARTS.get(change.table, (change.table, ""))
    table = tree.get(field)
    ids = table.get(f"{prefix}id") if isinstance(table, dict) else None
    if not isinstance(table, dict) or not isinstance(ids, list):
        known = ", ".join(sorted((*PARTS, *(name for name, part in tree.items() if _ids(part)))))
        add("UNKNOWN_FIELD", "table", "The case has no such table of ids.", change.table, known)
        return tree
    if change.id not in ids:
        add("UNKNOWN_ID", "id", f"{change.table} have no such id.", change.id, "")
        return tree
    row, columns = ids.index(change.id), {}
    for name, value in change.values.items():
        column = table.get(name, table.get(f"{prefix}{name}"))
        key = name if name in table else f"{prefix}{name}"
        if not isinstance(column, list) or not column or len(column) % len(ids):
            add("UNKNOWN_FIELD", f"values.{name}", f"{change.table} have no such column in this case.", name, "")
        elif isinstance(value, list) and len(value) != periods:
            add("WRONG_LENGTH", f"values.{name}", "A list has one value a period.", len(value), str(periods))
        else:
            columns[key] = _with_row(column, len(ids), row, value, periods)
    return {**tree, field: {**table, **columns}}


def _with_row(column: list[Any], rows: int, row: int, value: Any, periods: int) -> list[Any]:
    """A flat column (n) or (n·T) with the values of one row replaced; (n) becomes (n·T) for a list."""
    width = len(column) // rows
    if isinstance(value, list) and width == 1:
        column, width = [item for item in column for _ in range(periods)], periods
    values = value if isinstance(value, list) else [value] * width
    return [*column[: row * width], *values, *column[(row + 1) * width :]]


def differences(before: Tree, after: Tree, periods: int) -> list[Difference]:
    """What differs, row by row where a table has ids, else column by column."""
    return list(_between("", before, after, periods, 0))


def _between(path: str, before: Tree, after: Tree, periods: int, depth: int) -> Iterator[Difference]:
    keyed = {prefix: (_ids(before, prefix), _ids(after, prefix)) for prefix in ("", "bus_", "branch_", "product_")}
    for key in [*before, *(key for key in after if key not in before)]:
        old, new = before.get(key), after.get(key)
        if old == new:
            continue
        place = f"{path}.{key}" if path else key
        if isinstance(old or {}, dict) and isinstance(new or {}, dict) and depth < MOST_DEPTH:
            yield from _between(place, old or {}, new or {}, periods, depth + 1)
            continue
        prefix = next((p for p in ("bus_", "branch_", "product_") if key.startswith(p) and any(keyed[p])), "")
        ids = keyed[prefix]
        if key == f"{prefix}id" or (key in OWNERS and not prefix and "id" not in {*before, *after}):
            gone, come = set(ids[0] or []) - set(ids[1] or []), set(ids[1] or []) - set(ids[0] or [])
            yield from (Difference(path, name, key, name, None) for name in sorted(gone))
            yield from (Difference(path, name, key, None, name) for name in sorted(come))
        elif (rows := _rows(ids[0], old, periods)) is not None and (others := _rows(ids[1], new, periods)) is not None:
            yield from _by_id(path, key, rows, others)
        else:
            yield Difference(path, "", key, _short(old), _short(new))


def _by_id(path: str, key: str, rows: dict[str, list[Any]], others: dict[str, list[Any]]) -> Iterator[Difference]:
    for name in (name for name in rows if name in others):
        old, new = rows[name], others[name]
        if len(old) != len(new):  # one of them holds in all periods
            most = max(len(old), len(new))
            old, new = (values * most if len(values) == 1 else values for values in (old, new))
        if len(old) != len(new):
            yield Difference(path, name, key, _short(old), _short(new))
            continue
        apart = [t for t, (a, b) in enumerate(zip(old, new, strict=True)) if a != b]
        if apart:
            first = apart[0]
            yield Difference(path, name, key, old[first], new[first], first if len(old) > 1 else -1, len(apart))


def _rows(ids: list[str] | None, column: Any, periods: int) -> dict[str, list[Any]] | None:
    """Values of every id, of a column (n) or (n·T); None where it is neither."""
    if not ids or not isinstance(column, list) or len(column) not in (len(ids), len(ids) * periods):
        return None
    width = len(column) // len(ids)
    return {name: column[row * width : (row + 1) * width] for row, name in enumerate(ids)}


OWNERS = ("resource", "unit", "branch")
"""Columns that say whose a row is where rows have no ids of their own."""


def _ids(tree: Any, prefix: str = "") -> list[str] | None:
    """Ids of the rows of a table; else whose they are and, from the second row of one on, the how manieth."""
    if not isinstance(tree, dict):
        return None
    key = f"{prefix}id" if prefix else next((key for key in ("id", *OWNERS) if key in tree), "id")
    found = tree.get(key)
    if not isinstance(found, list):
        return None
    counted, seen = [], Counter[str]()
    for name in found:
        seen[str(name)] += 1
        counted.append(f"{name} #{seen[str(name)]}" if key != "id" and seen[str(name)] > 1 else str(name))
    return counted


def _short(value: Any) -> Any:
    """A list by its length: nobody reads it in a line."""
    return f"{len(value)} values" if isinstance(value, list) and len(value) > 3 else value
