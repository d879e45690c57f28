"""`clearing report`: the HTML report of a result made earlier."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from clearing.cli.about import about_files
from clearing.cli.arguments import CasePath, Format, ReaderOptions, ResultPath
from clearing.cli.ending import ending
from clearing.cli.files import read_case, read_result, write_report
from clearing.cli.output import errors
from clearing.cli.pairs import pairs
from clearing.rules.load import rule_sets


def report(
    case: CasePath,
    result: ResultPath,
    out: Annotated[Path, typer.Option("--out", "-o", help="The HTML file to write.")],
    format: Format = "auto",
    option: ReaderOptions = None,
) -> None:
    """Write the HTML report of RESULT. Exit: 0 or 2."""
    with ending(as_json=False):
        table = read_case(case, format, pairs(option or (), "--option"))
        read = read_result(result, table)
        write_report(out, table, read.result, about_files(result, rule_sets()))
        errors().print(f"wrote {escape(str(out))}", soft_wrap=True)
