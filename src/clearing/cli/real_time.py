"""`clearing real-time`: clear one interval with its look-ahead through a server."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from clearing.case.case import Case
from clearing.cli.about import about_answer
from clearing.cli.answer import answer_object
from clearing.cli.arguments import (
    AsJson,
    CasePath,
    Format,
    Previous,
    PreviousOptions,
    ReaderOptions,
    Rules,
    RuleValues,
    Server,
)
from clearing.cli.ending import ending
from clearing.cli.files import (
    Use,
    check_formats,
    prepare_folder,
    read_case,
    read_previous,
    with_commitment,
    write_answer,
)
from clearing.cli.output import answers, emit
from clearing.cli.pairs import pairs
from clearing.cli.session import connected
from clearing.cli.status import bad_input, outcome
from clearing.cli.summary import show_answer, show_files
from clearing.solve.options import LastStage, SolveOptions
from clearing.tables.files import TableFormat


def real_time(
    case: CasePath,
    format: Format = "auto",
    option: ReaderOptions = None,
    rules: Rules = "generic",
    set: RuleValues = None,
    commitment: Annotated[
        Path | None,
        typer.Option(metavar="RESULT", help="Day-ahead result whose commitment is followed; default: that of CASE."),
    ] = None,
    free: Annotated[
        list[str] | None, typer.Option(help="Id of a fast-start unit that may be started here; repeatable.")
    ] = None,
    binding: Annotated[int, typer.Option(min=1, help="The first so many periods are orders.")] = 1,
    no_prices: Annotated[bool, typer.Option("--no-prices", help="Dispatch only (SCED).")] = False,
    previous: Previous = None,
    previous_option: PreviousOptions = None,
    server: Server = None,
    out: Annotated[Path | None, typer.Option(help="Folder for result.json, tables and report.html.")] = None,
    results: Annotated[
        list[TableFormat] | None,
        typer.Option(help="Form of the tables in --out, may be repeated: csv (default), parquet, json = no tables."),
    ] = None,
    json: AsJson = False,
) -> None:
    """Clear CASE as a real-time interval with look-ahead: dispatch from its metered state, price, audit.

    Exit: 0 solved and audited, 2 bad input, 3 no solution or no server, 4 audit failed, 1 our fault.
    """
    with ending(json):
        overrides = pairs(set or (), "--set")
        formats = results or [TableFormat.CSV]
        check_formats(formats)
        table = read_case(case, format, pairs(option or (), "--option"))
        if commitment is not None:
            table = with_commitment(table, commitment, Use.FOLLOW)
        table = _with_free(table, free or ())
        others = pairs(previous_option, "--previous-option") if previous_option else None
        earlier = read_previous(previous, others, case, format, pairs(option or (), "--option"))
        if out is not None:
            prepare_folder(out)
        options = SolveOptions(last_stage=LastStage.DISPATCH if no_prices else LastStage.PRICES)
        name, _, version = rules.partition("@")
        with connected(server) as client:
            answer = client.clear_real_time(
                table, rules=name, version=version, overrides=overrides, options=options,
                binding_periods=binding, previous=earlier,
            )  # fmt: skip
            about = about_answer(answer, client.list_rule_sets())
        files = [] if out is None else write_answer(out, table, answer, about, formats)
        if json:
            object_ = {**answer_object(table, answer.result, about), "binding_periods": answer.result.binding_periods}
            emit({**object_, "files": [file.name for file in files]})
        else:
            console = answers()
            show_answer(console, table, answer.result, about)
            show_files(console, files)
        raise typer.Exit(outcome(answer.result)[1])


def _with_free(case: Case, names: list[str] | tuple[str, ...]) -> Case:
    """The case whose commitment leaves these units free; raises Failure (INVALID) for an unknown one."""
    if not names:
        return case
    row_of = {name: row for row, name in enumerate(case.units.id)}
    for name in names:
        if name not in row_of:
            raise bad_input("UNKNOWN_ID", "There is no unit of this id.", path="--free", value=name)
    if case.commitment is None:
        message = "Units are free of a commitment: give one with --commitment."
        raise bad_input("USAGE", message, path="--free", value=names[0])
    free = np.unique(np.array([row_of[name] for name in names], dtype=np.int64))
    return replace(case, commitment=replace(case.commitment, free=free))
