"""Strict access to Egret's objects: every field is read, stated to be without meaning here, or refused."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import cast

import numpy as np

from clearing.case.arrays import Floats
from clearing.formats.json_fields import MOST_MAGNITUDE, JsonObject

SERIES_TYPE = "time_series"


@dataclass(frozen=True, slots=True)
class Source:
    """The file: its horizon and the objects of `elements` by kind."""

    system: JsonObject
    elements: JsonObject
    periods: int
    period_minutes: int

    @property
    def hours(self) -> float:
        """Length of a period in hours."""
        return self.period_minutes / 60.0

    def kind(self, name: str) -> list[tuple[str, JsonObject]]:
        """Name and object of every element of a kind; absent means none."""
        return list(self.elements.members(name)) if self.elements.fields.get(name) is not None else []

    def in_service(self, name: str) -> list[tuple[str, JsonObject]]:
        """Those that are not out of service."""
        return [(key, row) for key, row in self.kind(name) if flag(row, "in_service", True)]

    def series(self, row: JsonObject, key: str, least: float = -MOST_MAGNITUDE) -> Floats:
        """A field that is one number or a time series, over the periods."""
        return np.array([_number(row, key, value, least) for value in values(row, key, self.periods)])


def only(row: JsonObject, read: Collection[str], without_effect: Collection[str] = ()) -> None:
    """Refuse fields that are neither read nor known to be without effect; empty ones (null, {}, [], false) may stay."""
    for key in sorted(set(row.fields) - set(read) - set(without_effect)):
        value = row.fields[key]
        if value is not None and value is not False and value not in ({}, []):
            row.problems.add("FIELD_NOT_READ", f"{row.path}.{key}", "The reader has no place for this field.")


def stated(row: JsonObject, key: str) -> bool:
    """Whether a field is there and not null."""
    return row.fields.get(key) is not None


def flag(row: JsonObject, key: str, default: bool) -> bool:
    """True or false, as such or as 1 or 0."""
    value = row.fields.get(key)
    if value is None:
        return default
    if value not in (True, False):
        row.problems.add("WRONG_TYPE", f"{row.path}.{key}", "True or false is needed.", value=value)
        return default
    return bool(value)


def text(row: JsonObject, key: str) -> str:
    """A text."""
    value = row.fields.get(key)
    if not isinstance(value, str):
        row.problems.add("WRONG_TYPE", f"{row.path}.{key}", "A text is needed.", value=type(value).__name__)
        return ""
    return value


def one_of(row: JsonObject, key: str, names: Collection[str], what: str) -> str:
    """A text that is the name of something in the file."""
    name = text(row, key)
    if isinstance(row.fields.get(key), str) and name not in names:
        row.problems.add("UNKNOWN_ID", f"{row.path}.{key}", f"There is no such {what}.", value=name)
    return name


def values(row: JsonObject, key: str, periods: int) -> list[object]:
    """The value of every period: of a time series each its own, else one for all."""
    value = row.fields.get(key)
    if not isinstance(value, dict) or value.get("data_type") != SERIES_TYPE:
        return [value] * periods
    found = value.get("values")
    if not isinstance(found, list):
        row.problems.add("WRONG_TYPE", f"{row.path}.{key}.values", "A list is needed.", value=type(found).__name__)
        return [None] * periods
    if len(found) != periods:
        row.problems.add(
            "WRONG_LENGTH",
            f"{row.path}.{key}.values",
            "The list has the wrong length.",
            value=len(found),
            limit=str(periods),
        )
        return [None] * periods
    return cast("list[object]", found)


def _number(row: JsonObject, key: str, value: object, least: float) -> float:
    return JsonObject({key: value}, row.path, row.problems).number(key, least)
