"""`clearing import`: a file of the field becomes a case file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from clearing.cli.arguments import CasePath, Format, ReaderOptions
from clearing.cli.ending import ending
from clearing.cli.files import read_case, write_case
from clearing.cli.output import errors, show_findings
from clearing.cli.pairs import pairs
from clearing.formats import AUTO


def import_(
    file: CasePath,
    out: Annotated[Path, typer.Option("--out", "-o", help="case.json, case.binpb, or a folder for CSV tables.")],
    format: Format = "auto",
    option: ReaderOptions = None,
    to: Annotated[str, typer.Option(help="Format of OUT, e.g. unitcommitment-jl; auto = a case by the suffix.")] = AUTO,
    lossy: Annotated[
        bool, typer.Option("--lossy", help="Write what the format of OUT can hold even if that changes the answer.")
    ] = False,
) -> None:
    """Convert CASE: to .json (ProtoJSON), .binpb (binary), a folder of CSV tables, or a format of others. Exit: 0 or 2.

    What the format of OUT has no place for is listed; where that would change the answer nothing is written.
    """
    with ending(as_json=False):
        table = read_case(file, format, pairs(option or (), "--option"))
        lost = write_case(out, table, to, lossy)
        console = errors()
        show_findings(console, lost)
        for note in table.notes:
            console.print(f"[dim]note[/] {escape(note)}", soft_wrap=True)
        size = f"{len(table.units.id)} units, {len(table.network.bus_id)} buses, {table.horizon.periods} periods"
        console.print(f"wrote {escape(str(out))}: {escape(table.name)}, {size}", soft_wrap=True)
