"""`clearing run`: clear a case through a server."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from clearing.case.case import Case
from clearing.cli.about import about_answer
from clearing.cli.answer import answer_object
from clearing.cli.arguments import (
    AsJson,
    Benchmarks,
    CasePath,
    Costs,
    Declared,
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
    read_benchmarks,
    read_case,
    read_costs,
    read_declarations,
    read_previous,
    with_commitment,
    write_answer,
)
from clearing.cli.output import answers, emit, errors
from clearing.cli.pairs import pairs
from clearing.cli.progress import ProgressLine
from clearing.cli.session import connected
from clearing.cli.status import bad_input, outcome
from clearing.cli.summary import show_answer, show_files
from clearing.client import Answer
from clearing.formats.results import read_beginning
from clearing.report.about import About
from clearing.solve.options import LastStage, SolveOptions
from clearing.tables.files import TableFormat


def run(
    case: CasePath,
    format: Format = "auto",
    option: ReaderOptions = None,
    rules: Rules = "generic",
    set: RuleValues = None,
    gap: Annotated[
        float | None, typer.Option(min=0.0, max=0.999999, help="Relative gap to stop at; default: the rule set's.")
    ] = None,
    time_limit: Annotated[
        float | None, typer.Option(min=0.001, help="Seconds for the SCUC search; default: the server's.")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Seed of every random choice.")] = 0,
    reproducible: Annotated[bool, typer.Option("--reproducible", help="Equal answers for equal requests.")] = False,
    threads: Annotated[
        int | None, typer.Option(min=1, help="Threads of the embedded server's worker; default: all cores.")
    ] = None,
    commitment: Annotated[
        Path | None,
        typer.Option(metavar="RESULT", help="Result whose commitment is given: result.json of a run, or .binpb."),
    ] = None,
    commitment_use: Annotated[
        Use | None,
        typer.Option(help="What it means: fixed, follow (fixed as far as data allow), hint, or floor (RUC)."),
    ] = None,
    begin_at: Annotated[
        Path | None,
        typer.Option(metavar="RESULT", help="Result of another day or of a base case: the search begins there."),
    ] = None,
    no_prices: Annotated[bool, typer.Option("--no-prices", help="Commitment and dispatch only (SCUC).")] = False,
    price_schemes: Annotated[
        bool, typer.Option("--price-schemes", help="Also LMP, ELMP and convex hull prices side by side, with uplift.")
    ] = False,
    previous: Previous = None,
    previous_option: PreviousOptions = None,
    declarations: Declared = None,
    market_power: Annotated[
        bool, typer.Option("--market-power", help="Test market power on the result: files and a page in --out.")
    ] = False,
    costs: Costs = None,
    benchmarks: Benchmarks = None,
    server: Server = None,
    out: Annotated[Path | None, typer.Option(help="Folder for result.json, tables and report.html.")] = None,
    results: Annotated[
        list[TableFormat] | None,
        typer.Option(help="Form of the tables in --out, may be repeated: csv (default), parquet, json = no tables."),
    ] = None,
    json: AsJson = False,
) -> None:
    """Clear CASE: commit units, dispatch, price, audit.

    Exit: 0 solved and audited, 2 bad input, 3 no solution in the budget or no server, 4 audit failed, 1 our fault.
    """
    with ending(json):
        overrides = pairs(set or (), "--set")
        formats = results or [TableFormat.CSV]
        check_formats(formats)
        if results and out is None:
            raise bad_input("USAGE", "Tables need a folder to go to: --out.", path="--results", value=results[0].value)
        if market_power and out is None:
            raise bad_input("USAGE", "Its page needs a folder to go to: --out.", path="--market-power")
        if (commitment is None) != (commitment_use is None):
            message = "--commitment and --commitment-use are given together or not at all."
            raise bad_input("USAGE", message, path="--commitment-use", limit="fixed, follow, hint, floor")
        table = read_case(case, format, pairs(option or (), "--option"))
        if commitment is not None and commitment_use is not None:
            table = with_commitment(table, commitment, commitment_use)
        start = None if begin_at is None else read_beginning(begin_at)
        beside: Any = None if declarations is None else read_declarations(declarations, table)
        approved: Any = None if costs is None else read_costs(costs, table)
        known: Any = None if benchmarks is None else read_benchmarks(benchmarks)
        others = pairs(previous_option, "--previous-option") if previous_option else None
        earlier = read_previous(previous, others, case, format, pairs(option or (), "--option"))
        if out is not None:
            prepare_folder(out)
        options = SolveOptions(
            time_limit_seconds=time_limit,
            gap=gap,
            seed=seed,
            reproducible=reproducible,
            price_schemes=price_schemes,
            last_stage=LastStage.DISPATCH if no_prices else LastStage.PRICES,
        )
        name, _, version = rules.partition("@")
        with connected(server, threads) as client:
            power = None
            if market_power:
                # Costs and benchmarks that are refused are refused now, not after the search.
                client.check_market_power(table, name, overrides, version, None, beside, approved, benchmarks=known)
            with ProgressLine(errors()) as progress:
                answer = client.clear_day_ahead(
                    table, rules=name, version=version, overrides=overrides, options=options, on_progress=progress,
                    declared=beside, previous=earlier, begin_at=start,
                )  # fmt: skip
            if market_power and answer.result.prices is None:
                errors().print("there are no prices: market power was not tested on the result", soft_wrap=True)
            elif market_power:
                power = client.check_market_power(
                    table, name, overrides, version, answer.result, beside, approved, benchmarks=known
                )
            about = about_answer(answer, client.list_rule_sets())
        files = [] if out is None else write_answer(out, table, answer, about, formats, power)
        _print(table, answer, about, files, json)
        raise typer.Exit(outcome(answer.result)[1])


def _print(case: Case, answer: Answer, about: About, files: list[Path], as_json: bool) -> None:
    if as_json:
        emit({**answer_object(case, answer.result, about), "files": [file.name for file in files]})
        return
    console = answers()
    show_answer(console, case, answer.result, about)
    show_files(console, files)
