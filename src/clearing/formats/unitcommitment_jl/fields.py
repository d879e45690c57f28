"""Access to the objects of a UnitCommitment.jl file: every field is read, without effect here, or refused."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import numpy as np

from clearing.case.arrays import Bools, Floats, Ids, Ints
from clearing.formats.egret.fields import flag, one_of, only, stated, text
from clearing.formats.json_fields import MOST_MAGNITUDE, JsonObject

__all__ = ["Rows", "Source", "flag", "one_of", "only", "stated", "text"]

Rows = list[tuple[str, JsonObject]]
"""Name and object of every element of a section."""


@dataclass(frozen=True, slots=True)
class Source:
    """The file, its horizon, and what its sections need of each other."""

    root: JsonObject
    parameters: JsonObject
    periods: int
    period_minutes: int
    bus_id: Ids = ()

    @property
    def hours(self) -> float:
        """Length of a time step in hours; costs of the format are money a time step, ours an hour."""
        return self.period_minutes / 60.0

    def section(self, name: str) -> Rows:
        """Elements of a section; absent means none."""
        return list(self.root.members(name)) if stated(self.root, name) else []

    def buses(self, rows: Rows, key: str = "Bus") -> Ints:
        """Bus of every element."""
        place = {name: k for k, name in enumerate(self.bus_id)}
        return np.array([place.get(one_of(row, key, place, "bus"), 0) for _, row in rows], dtype=np.int64)

    def series(self, row: JsonObject, key: str, default: float | None = None, least: float = -MOST_MAGNITUDE) -> Floats:
        """A field over the periods: one number for all, or a list of them; None as default: it has to be there."""
        value = row.fields.get(key)
        if value is None and default is not None:
            return np.full(self.periods, default)
        if isinstance(value, list):
            return row.numbers(key, self.periods, least)
        return np.full(self.periods, row.number(key, least))

    def table(self, rows: Rows, key: str, default: float | None = None, least: float = -MOST_MAGNITUDE) -> Floats:
        """`series` of every element, (rows, T)."""
        return np.array([self.series(row, key, default, least) for _, row in rows]).reshape(-1, self.periods)

    def flags(self, row: JsonObject, key: str, default: bool) -> Bools:
        """True or false over the periods, one for all or a list."""
        return np.array([bool(v) for v in self.choices(row, key, default, nullable=False)], dtype=np.bool_)

    def choices(self, row: JsonObject, key: str, default: bool | None, nullable: bool) -> list[bool | None]:
        """True, false, or (nullable) null over the periods, one for all or a list."""
        value = row.fields.get(key)
        if value is None:
            return [default] * self.periods
        if not isinstance(value, list):
            value = [value] * self.periods
        if len(value) != self.periods:
            row.problems.add(
                "WRONG_LENGTH",
                f"{row.path}.{key}",
                "The list has the wrong length.",
                value=len(value),
                limit=str(self.periods),
            )
            return [default] * self.periods
        for t, v in enumerate(value):
            if not (isinstance(v, bool) or (nullable and v is None)):
                row.problems.add(
                    "WRONG_TYPE", f"{row.path}.{key}[{t}]", "True or false is needed.", value=type(v).__name__
                )
                return [default] * self.periods
        return cast("list[bool | None]", value)

    def minutes(self, row: JsonObject, key: str, default_hours: float, least: float = 0.0) -> int:
        """Hours that are a whole number of time steps, in minutes."""
        hours = row.number(key, least, 1e6) if stated(row, key) else default_hours
        return self.whole_steps(row, key, hours)

    def whole_steps(self, row: JsonObject, key: str, hours: float) -> int:
        """Hours as minutes; a finding where they are no whole number of time steps."""
        steps = hours * 60.0 / self.period_minutes
        if abs(steps - round(steps)) > 1e-9 * max(1.0, abs(steps)):
            row.problems.add(
                "NOT_WHOLE",
                f"{row.path}.{key}",
                "The hours are no whole number of time steps.",
                value=hours,
                limit=f"steps of {self.period_minutes} min",
            )
        return round(steps) * self.period_minutes


def same_in_all(row: JsonObject, key: str, series: Floats) -> float:
    """The one value of a series; a finding where it differs by period and a case has one column for all of them."""
    if series.size and bool(np.any(series != series[:1])):
        row.problems.add("FIELD_NOT_READ", f"{row.path}.{key}", "A value that differs by period has no place here.")
    return float(series[0]) if series.size else 0.0


def compact(series: Floats) -> float | list[float]:
    """One number where a series is the same in all periods, else the list: what a writer puts down."""
    return float(series[0]) if not np.any(series != series[:1]) else series.tolist()


def list_of(row: JsonObject, key: str) -> list[object]:
    """A list, absent or null: none."""
    value = row.fields.get(key)
    if value is None:
        return []
    if not isinstance(value, list):
        row.problems.add("WRONG_TYPE", f"{row.path}.{key}", "A list is needed.", value=type(value).__name__)
        return []
    return value


def names_of(row: JsonObject, key: str, names: Ids, what: str) -> list[int]:
    """Rows of a table that a list of names points at; absent or null: none."""
    place = {name: k for k, name in enumerate(names)}
    found = []
    for k, name in enumerate(list_of(row, key)):
        if not isinstance(name, str):
            row.problems.add("WRONG_TYPE", f"{row.path}.{key}[{k}]", "A name is needed.", value=type(name).__name__)
        elif name not in place:
            row.problems.add("UNKNOWN_ID", f"{row.path}.{key}[{k}]", f"There is no such {what}.", value=name)
        else:
            found.append(place[name])
    if len(set(found)) < len(found):
        row.problems.add("DUPLICATE_ID", f"{row.path}.{key}", "A name stands twice.", value=row.fields[key])
    return found
