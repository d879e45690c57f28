"""What of a case is as it was in an earlier one, so that what was found out about it need not be found out again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeVar

import numpy as np

T = TypeVar("T")


def as_before(now: T, before: T) -> T:
    """A case (or table, or column) with the objects of an earlier one wherever they are equal, columns to the last bit.

    What is the same object then has not changed. Nothing else differs from the case that was given.
    """
    found: T = _same(now, before)
    return found


def _same(now: Any, before: Any) -> Any:
    if now is before or type(now) is not type(before):
        return now
    if isinstance(now, np.ndarray):
        return before if _equal(now, before) else now
    if not is_dataclass(now):
        return before if now == before else now
    names = [field.name for field in fields(now)]
    parts = {name: _same(getattr(now, name), getattr(before, name)) for name in names}
    if all(parts[name] is getattr(before, name) for name in names):
        return before
    changed = {name: part for name, part in parts.items() if part is not getattr(now, name)}
    return replace(now, **changed) if changed else now  # type: ignore[type-var]  # a dataclass, as asked above


def _equal(one: Any, other: Any) -> bool:
    """Whether arrays are equal bit by bit: NaN is NaN, and −0 is not 0."""
    if one.shape != other.shape or one.dtype != other.dtype:
        return False
    if one.dtype == np.float64:
        one, other = one.view(np.int64), other.view(np.int64)
    return bool((one == other).all())


class Judged:
    """Latest answer by question, with the objects that it was found from."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[tuple[object, ...], Any]] = {}

    def of(self, question: str, parts: tuple[object, ...], judge: Callable[[], T]) -> T:
        """The answer to a question about parts, judged anew unless all of them are the objects of the last time."""
        known = self._known.get(question)
        if known is not None and all(a is b for a, b in zip(known[0], parts, strict=True)):
            return known[1]  # type: ignore[no-any-return]  # what this question was answered with
        answer = judge()
        self._known[question] = parts, answer
        return answer
