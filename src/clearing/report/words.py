"""Both languages of a page: what it says in English, and the Chinese beside it.

`chinese.toml` holds the words, and sentences with `{}` where figures and names stand. A page carries both, and its
reader chooses; what the file does not know (names, findings, codes) is shown as it is in either.
"""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib import resources

from markupsafe import Markup, escape

FILE = "chinese.toml"
# Heads of columns whose cells are words of the house, not names of somebody's.
WORD_COLUMNS = frozenset(
    {"Figure", "Fuel", "State", "Family", "Side", "Severity", "Kind", "Cause", "Scheme", "Structure", "Conduct", ""}
)

WORDED_FACTS = frozenset({"Size", "Periods", "Operating day", "Bound", "Priced"})
"""Facts whose text is of the house too."""


@cache
def _catalogue() -> tuple[dict[str, str], tuple[tuple[re.Pattern[str], str], ...]]:
    """Words by themselves, and sentences with places for figures."""
    text = resources.files("clearing.report").joinpath("templates", FILE).read_text(encoding="utf-8")
    found: dict[str, str] = tomllib.loads(text)["words"]
    whole = {english: chinese for english, chinese in found.items() if "{}" not in english}
    open_ = [(english, chinese) for english, chinese in found.items() if "{}" in english]
    patterns = [(re.compile("(.+?)".join(map(re.escape, english.split("{}"))), re.DOTALL), zh) for english, zh in open_]
    return whole, tuple(patterns)


def chinese(text: str) -> str | None:
    """The Chinese of a text of the house; None where it has none."""
    whole, patterns = _catalogue()
    if text in whole:
        return whole[text]
    for pattern, words in patterns:
        found = pattern.fullmatch(text)
        if found is not None:
            parts = [whole.get(part, part) for part in found.groups()]
            return words.format(*parts)
    return None


def both(text: str) -> Markup:
    """A text in both languages as HTML, of which the page shows one; escaped either way."""
    words = chinese(text)
    if words is None:
        return escape(text)
    return Markup('<span class="en">{}</span><span class="zh" lang="zh">{}</span>').format(text, words)


def plot_words() -> dict[str, str]:
    """Words by themselves, for what stands inside plots: no sentences."""
    return {english: words for english, words in _catalogue()[0].items() if not english.endswith(".")}
