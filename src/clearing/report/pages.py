"""What every page of the report shares: templates and assets; nothing of it needs plotly."""

from __future__ import annotations

from functools import cache
from importlib import resources

import jinja2

from clearing.report.words import WORD_COLUMNS, WORDED_FACTS, both


@cache
def asset(name: str) -> str:
    """Text of a file beside the templates."""
    return resources.files("clearing.report").joinpath("templates", name).read_text(encoding="utf-8")


@cache
def environment() -> jinja2.Environment:
    """Where the templates come from; what they are given is escaped, what they lack is a fault."""
    found = jinja2.Environment(
        loader=jinja2.PackageLoader("clearing.report"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    # A number that JSON does not know must fail here, not in the reader's browser.
    found.filters["both"] = both
    found.globals.update(word_columns=WORD_COLUMNS, worded_facts=WORDED_FACTS)
    found.policies["json.dumps_kwargs"] = {"allow_nan": False, "separators": (",", ":"), "ensure_ascii": False}
    return found
