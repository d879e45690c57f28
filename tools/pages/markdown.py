"""Plain text from comments and docstrings as Markdown that shows it as it was written."""

from __future__ import annotations

import re
from collections.abc import Sequence

SPECIAL = re.compile(r"([\\*<\[\]{}|])")


def plain(text: str) -> str:
    """Text with what Markdown would take for markup kept as it is; code between backticks stays code."""
    parts = text.split("`")
    if len(parts) % 2 == 0:  # a lone backtick
        return SPECIAL.sub(r"\\\1", text.replace("`", "'"))
    return "".join(SPECIAL.sub(r"\\\1", part) if n % 2 == 0 else f"`{part}`" for n, part in enumerate(parts))


def cell(text: str) -> str:
    """The same on one line, for a cell of a table."""
    return plain(" ".join(text.split()))


def table(heads: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> list[str]:
    """Lines of a table whose cells are Markdown; none without rows."""
    if not rows:
        return []
    return [_line(heads), _line(tuple("---" for _ in heads)), *map(_line, rows), ""]


def _line(cells: tuple[str, ...]) -> str:
    return "| " + " | ".join(cells) + " |"
