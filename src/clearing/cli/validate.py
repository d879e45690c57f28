"""`clearing validate`: everything that is wrong with a case, at once."""

from __future__ import annotations

import typer

from clearing.cli.arguments import (
    AsJson,
    CasePath,
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
from clearing.cli.files import read_case, read_declarations, read_previous
from clearing.cli.output import answers, emit, finding_objects, show_findings
from clearing.cli.pairs import pairs
from clearing.cli.session import connected
from clearing.cli.status import Exit


def validate(
    case: CasePath,
    format: Format = "auto",
    option: ReaderOptions = None,
    rules: Rules = "generic",
    set: RuleValues = None,
    previous: Previous = None,
    previous_option: PreviousOptions = None,
    server: Server = None,
    declarations: Declared = None,
    json: AsJson = False,
) -> None:
    """Say everything that is wrong with CASE. Exit: 0 valid, 2 not valid."""
    with ending(json):
        overrides = pairs(set or (), "--set")
        table = read_case(case, format, pairs(option or (), "--option"))
        declared = None if declarations is None else read_declarations(declarations, table)
        others = pairs(previous_option, "--previous-option") if previous_option else None
        earlier = read_previous(previous, others, case, format, pairs(option or (), "--option"))
        name, _, version = rules.partition("@")
        with connected(server) as client:
            verdict = client.validate_case(
                table, rules=name, version=version, overrides=overrides, declared=declared, previous=earlier
            )
        status = "VALID" if verdict.valid else "INVALID"
        if json:
            emit(
                {
                    "status": status,
                    "case": table.name,
                    "periods": table.horizon.periods,
                    "units": len(table.units.id),
                    "case_digest": verdict.case_digest,
                    "findings": finding_objects(verdict.findings),
                    "notes": list(table.notes),
                }
            )
        else:
            console = answers()
            console.print(f"[bold {'green' if verdict.valid else 'red'}]{status}[/]  {len(verdict.findings)} findings")
            show_findings(console, verdict.findings)
        raise typer.Exit(Exit.OK if verdict.valid else Exit.BAD_INPUT)
