"""`clearing import`: a file of the field becomes a case file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from clearing.cli.arguments import CasePath, Format, ReaderOptions
from clearing.cli.ending import ending
from clearing.cli.files import read_case, write_case
from clearing.cli.output import errors
from clearing.cli.pairs import pairs


def import_(
    file: CasePath,
    out: Annotated[Path, typer.Option("--out", "-o", help="case.json, case.binpb, or a folder for CSV tables.")],
    format: Format = "auto",
    option: ReaderOptions = None,
) -> None:
    """Convert CASE to a case file: .json (ProtoJSON), .binpb (binary), or a folder of CSV tables. Exit: 0 or 2."""
    with ending(as_json=False):
        table = read_case(file, format, pairs(option or (), "--option"))
        write_case(out, table)
        console = errors()
        for note in table.notes:
            console.print(f"[dim]note[/] {escape(note)}", soft_wrap=True)
        size = f"{len(table.units.id)} units, {len(table.network.bus_id)} buses, {table.horizon.periods} periods"
        console.print(f"wrote {escape(str(out))}: {escape(table.name)}, {size}", soft_wrap=True)
