"""Arguments and options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

CasePath = Annotated[Path, typer.Argument(metavar="CASE", help="File or folder of the case.")]
ResultPath = Annotated[Path, typer.Argument(metavar="RESULT", help="A result: result.json of a run, or .binpb.")]
Format = Annotated[
    str, typer.Option(help="Format of CASE; auto = by content; generator = may run the scenario's program.")
]
ReaderOptions = Annotated[
    list[str] | None, typer.Option("--option", metavar="KEY=VALUE", help="For the reader, e.g. day=2020-07-06.")
]
Rules = Annotated[str, typer.Option(metavar="NAME[@VERSION]", help="Rule set; see `clearing rules`.")]
RuleValues = Annotated[
    list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="Replace a value of the rule set.")
]
Server = Annotated[
    str | None, typer.Option(metavar="HOST:PORT", help="A server that runs; default: start one for this command.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print exactly one JSON object on stdout.")]
Declared = Annotated[
    Path | None,
    typer.Option("--declarations", metavar="FILE", help="JSON of what participants declare: ratings, heat, projects."),
]
Costs = Annotated[Path | None, typer.Option("--costs", metavar="FILE", help="JSON of approved costs.")]
Benchmarks = Annotated[
    Path | None, typer.Option("--benchmarks", metavar="FILE", help="JSON of past prices, coal, state of the month.")
]
Previous = Annotated[
    Path | None, typer.Option(metavar="CASE", help="An earlier case: what is far from it is a warning.")
]
PreviousOptions = Annotated[
    list[str] | None, typer.Option(metavar="KEY=VALUE", help="For the reader of the earlier case; default: --option.")
]
