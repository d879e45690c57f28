"""Bit-for-bit equality of tables."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np


def difference(one: Any, other: Any, path: str = "") -> str:
    """Where two tables differ ('' = nowhere): type, shape, dtype, every bit of every number."""
    if type(one) is not type(other):
        return f"{path}: {type(one).__name__} against {type(other).__name__}"
    if isinstance(one, np.ndarray):
        same = one.dtype == other.dtype and one.shape == other.shape and one.tobytes() == other.tobytes()
    elif is_dataclass(one) or isinstance(one, tuple):
        return next((text for text in _inside(one, other, path) if text), "")
    else:
        same = one == other
    return "" if same else f"{path}: {one!r} against {other!r}"


def _inside(one: Any, other: Any, path: str) -> Iterator[str]:
    if is_dataclass(one):
        for field in fields(one):
            yield difference(getattr(one, field.name), getattr(other, field.name), f"{path}.{field.name}")
    elif len(one) != len(other):
        yield f"{path}: {len(one)} against {len(other)} items"
    else:
        for k, (a, b) in enumerate(zip(one, other, strict=True)):
            yield difference(a, b, f"{path}[{k}]")
