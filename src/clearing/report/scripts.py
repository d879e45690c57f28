"""Style and scripts of a page with plots, and the hashes by which its policy knows them."""

from __future__ import annotations

import base64
import hashlib
from functools import cache

from plotly.offline import get_plotlyjs

from clearing.report.pages import asset
from clearing.report.words import plot_words


def dressing() -> dict[str, object]:
    """style, plotly, script, script_hashes and words as templates know them: only these very scripts may run."""
    plotly, script = _plotly(), asset("report.js")
    hashes = f"{_hash(plotly)} {_hash(script)}"
    return {
        "style": asset("report.css"),
        "plotly": plotly,
        "script": script,
        "script_hashes": hashes,
        "words": plot_words(),
    }


@cache
def _plotly() -> str:
    return str(get_plotlyjs())


def _hash(script: str) -> str:
    """Source expression for the content security policy."""
    digest = hashlib.sha256(script.encode("utf-8")).digest()
    return f"'sha256-{base64.b64encode(digest).decode('ascii')}'"
