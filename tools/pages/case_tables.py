"""The reference of the tables that a case and a result are made of: every class that their fields lead to."""

from __future__ import annotations

import dataclasses
import enum
import typing

from clearing.case.case import Case
from clearing.case.declarations import Declarations
from clearing.case.result import ClearingResult

ROOTS = (
    (
        "Case",
        Case,
        "What is cleared: frozen tables, a column an array, a row a unit, a bus or whatever the table lists.",
    ),
    ("Declarations", Declarations, "What participants declare beside a case."),
    ("Result", ClearingResult, "What a clearing answers, in the order of the tables of the case."),
)


def page() -> str:
    """The page as Markdown, its classes documented by autodoc."""
    seen: set[type] = set()
    lines = ["# Tables of case and result", "", "Symbols and shapes: [notation](../notation.md).", ""]
    for title, root, told in ROOTS:
        classes = [kind for kind in _reached(root) if kind not in seen]
        seen.update(classes)
        lines += [f"## {title}", "", told, "", "```{eval-rst}"]
        for kind in classes:
            lines += [f".. autoclass:: {kind.__module__}.{kind.__qualname__}", *_members(kind), ""]
        lines += ["```", ""]
    return "\n".join(lines)


def _members(kind: type) -> list[str]:
    """Members of an enum are its values; those of a table stand in its docstring."""
    return ["   :members:", "   :undoc-members:"] if issubclass(kind, enum.Enum) else ["   :no-members:"]


def _reached(kind: type) -> list[type]:
    """The class itself, then those of its fields and theirs, in the order of the fields."""
    found = {kind: None}
    if dataclasses.is_dataclass(kind):
        hints = typing.get_type_hints(kind)
        for field in dataclasses.fields(kind):
            for held in _classes(hints[field.name]):
                found.update(dict.fromkeys(_reached(held)))
    return list(found)


def _classes(hint: object) -> list[type]:
    """Classes of this house in a type hint."""
    if isinstance(hint, type) and hint.__module__.startswith("clearing."):
        return [hint]
    return [kind for part in typing.get_args(hint) for kind in _classes(part)]
