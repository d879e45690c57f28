"""What a case holds and a format of somebody else cannot say: one finding a column, none left out."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import MISSING, fields, is_dataclass
from typing import Any

import numpy as np

from clearing.case.arrays import Bools, Ids
from clearing.case.case import Case
from clearing.case.finding import Finding, Severity
from clearing.formats.findings import FormatError

CODE = "NOT_EXPRESSED"
MOST_NAMES = 5
UNSAID = ("name", "horizon", "participants", "notes")
"""Fields of a case that hold no part of the problem, or are written by every format."""


class Losses:
    """Gathers what a writer has to leave out: an ERROR where the problem becomes another one, a WARNING for labels."""

    def __init__(self) -> None:
        self.findings: list[Finding] = []

    def problem(self, path: str, message: str, subject: str = "", value: object = "") -> None:
        """Something that decides the answer."""
        self.findings.append(Finding(Severity.ERROR, CODE, path, message, subject=subject, value=str(value)[:80]))

    def label(self, path: str, message: str, subject: str = "") -> None:
        """Something that the answer does not depend on."""
        self.findings.append(Finding(Severity.WARNING, CODE, path, message, subject=subject))

    def rows(self, path: str, ids: Sequence[str], bad: Bools, message: str, label: bool = False) -> None:
        """One finding that names the rows of a column that are not expressed."""
        found = np.flatnonzero(bad).tolist()
        if found:
            names = ", ".join(ids[k] for k in found[:MOST_NAMES]) + (" …" if len(found) > MOST_NAMES else "")
            (self.label if label else self.problem)(path, message, names)

    def owners(self, path: str, ids: Ids, table: Any) -> None:
        """Plant, owner and fuel of a table of resources."""
        for name, none in (("plant", -1), ("owner", -1)):
            if hasattr(table, name):
                self.rows(f"{path}.{name}", ids, getattr(table, name) != none, "The format has no such label.", True)

    def tables(self, case: Case, written: Collection[str]) -> None:
        """Every table of the case with anything in it that the writer does not write."""
        for name in sorted({field.name for field in fields(case)} - {*written, *UNSAID}):
            if _says_something(getattr(case, name)):
                self.problem(f"case.{name}", "The format has no place for this table.")

    def columns(self, path: str, table: Any, written: Collection[str]) -> None:
        """Columns that a table may leave out, and that the writer does not know, where they say something."""
        for field in fields(table):
            may_lack = field.default is not MISSING or field.default_factory is not MISSING
            if field.name not in written and (not may_lack or _says_something(getattr(table, field.name))):
                self.problem(f"{path}.{field.name}", "The format has no place for this column.")

    def finish(self, lossy: bool) -> tuple[Finding, ...]:
        """All findings; FormatError with them where the problem would become another one and nobody asked for that."""
        found = tuple(sorted(self.findings, key=lambda finding: finding.severity))
        if not lossy and any(f.severity is Severity.ERROR for f in found):
            raise FormatError(found)
        return found


def _says_something(value: Any) -> bool:
    """Whether a table or column holds more than absent rows, zeros, −1 and nothing."""
    if value is None or isinstance(value, str | int | float):
        return value not in (None, "", 0, -1)
    if isinstance(value, np.ndarray):
        return bool(value.size) and not bool(np.all((value == 0) | (value == -1)))
    if isinstance(value, tuple | list):
        return len(value) > 0
    if is_dataclass(value):
        parts = [getattr(value, field.name) for field in fields(value)]
        return any(isinstance(p, np.ndarray) and p.size and not np.all(p == -1) for p in parts) or any(
            _says_something(p) for p in parts if not isinstance(p, np.ndarray)
        )
    return True
