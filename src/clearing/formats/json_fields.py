"""Typed access to a JSON file that records what is missing or of the wrong kind instead of failing."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import numpy as np

from clearing.case.arrays import Floats
from clearing.formats.findings import Problems, read_text, refuse

MOST_MAGNITUDE = 1e12
"""Greater numbers are unit errors (W for MW) or placeholders; they would only ruin the scaling of the problem."""


class JsonObject:
    """One JSON object and its place in the file. Every getter returns a harmless value after recording a fault."""

    def __init__(self, fields: dict[str, object], path: str, problems: Problems) -> None:
        self.fields = fields
        self.path = path
        self.problems = problems

    def number(self, key: str, least: float = -MOST_MAGNITUDE, most: float = MOST_MAGNITUDE) -> float:
        """A finite number within [least, most]."""
        value = self._have(key)
        return max(least, 0.0) if value is None else self._checked(value, f"{self.path}.{key}", least, most)

    def whole(self, key: str, least: int = 0, most: int = 10_000_000) -> int:
        """A whole number within [least, most]."""
        value = self.number(key, least, most)
        if value != math.floor(value):
            self.problems.add("NOT_WHOLE", f"{self.path}.{key}", "A whole number is needed.", value=value)
            return least
        return int(value)

    def numbers(self, key: str, length: int, least: float = -MOST_MAGNITUDE) -> Floats:
        """A list of `length` finite numbers, each at least `least`."""
        path = f"{self.path}.{key}"
        value = self._have(key)
        if value is None:
            return np.zeros(length)
        if not isinstance(value, list):
            self.problems.add("WRONG_TYPE", path, "A list of numbers is needed.", value=type(value).__name__)
            return np.zeros(length)
        if len(value) != length:
            self.problems.add(
                "WRONG_LENGTH", path, "The list has the wrong length.", value=len(value), limit=str(length)
            )
            return np.zeros(length)
        return np.array([self._checked(v, f"{path}[{k}]", least, MOST_MAGNITUDE) for k, v in enumerate(value)])

    def objects(self, key: str) -> list[JsonObject]:
        """A list of objects."""
        path = f"{self.path}.{key}"
        value = self._have(key)
        if not isinstance(value, list):
            if value is not None:
                self.problems.add("WRONG_TYPE", path, "A list of objects is needed.", value=type(value).__name__)
            return []
        return [o for k, v in enumerate(value) if (o := self._object(v, f"{path}[{k}]")) is not None]

    def members(self, key: str) -> Iterator[tuple[str, JsonObject]]:
        """Name and object of every member of the object under `key`."""
        path = f"{self.path}.{key}"
        value = self._object(self._have(key), path)
        for name, member in (value.fields if value else {}).items():
            if (found := self._object(member, f"{path}.{name}")) is not None:
                yield name, found

    def _have(self, key: str) -> object:
        if self.fields.get(key) is None:
            self.problems.add("MISSING_FIELD", f"{self.path}.{key}", "The field is missing.")
            return None
        return self.fields[key]

    def _object(self, value: object, path: str) -> JsonObject | None:
        if isinstance(value, dict):
            return JsonObject(cast("dict[str, object]", value), path, self.problems)
        if value is not None:
            self.problems.add("WRONG_TYPE", path, "An object is needed.", value=type(value).__name__)
        return None

    def _checked(self, value: object, path: str, least: float, most: float) -> float:
        fallback = max(least, 0.0)
        if isinstance(value, bool) or not isinstance(value, int | float):
            self.problems.add("WRONG_TYPE", path, "A number is needed.", value=type(value).__name__)
            return fallback
        if not least <= value <= most:  # false for NaN too
            self.problems.add(
                "OUT_OF_RANGE", path, "The number is out of range.", value=value, limit=f"[{least:g}, {most:g}]"
            )
            return fallback
        return float(value)


def load(path: Path, problems: Problems) -> JsonObject:
    """The top-level object of a JSON file, named after the file; FormatError if the file is not one."""
    return parse(read_text(path), path.name, problems)


def parse(text: str, name: str, problems: Problems) -> JsonObject:
    """The top-level object of a JSON text that stands in the file `name`; FormatError if it is not one."""
    try:
        value = json.loads(text, object_pairs_hook=lambda pairs: _without_duplicates(pairs, name, problems))
    except json.JSONDecodeError as error:
        raise refuse("NOT_JSON", f"{name}:line {error.lineno}", f"The file is not JSON: {error.msg}.") from None
    except (RecursionError, ValueError):  # too deep, or an integer of thousands of digits
        raise refuse("NOT_JSON", name, "The file is not JSON that can be read: too deep or too long.") from None
    if not isinstance(value, dict):
        raise refuse("WRONG_TYPE", name, "The file must hold one JSON object.", value=type(value).__name__)
    return JsonObject(value, name, problems)


def _without_duplicates(pairs: list[tuple[str, object]], file: str, problems: Problems) -> dict[str, object]:
    """JSON lets a later member replace an earlier one of the same name; here that is a fault."""
    fields = dict(pairs)
    if len(fields) < len(pairs):
        for name in (n for n, times in Counter(name for name, _ in pairs).items() if times > 1):
            problems.add("DUPLICATE_ID", f"{file}:{name}", "The name stands twice in one object.", subject=name)
    return fields
