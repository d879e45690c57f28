"""`clearing audit`: judge a schedule that anybody made."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from clearing.case.finding import Finding, Severity
from clearing.cli.about import about_files
from clearing.cli.arguments import AsJson, CasePath, Format, ReaderOptions, ResultPath, RuleValues, Server
from clearing.cli.ending import ending
from clearing.cli.files import read_case, read_result
from clearing.cli.output import JsonObject, answers, emit, finding_objects, number, show_findings
from clearing.cli.pairs import pairs
from clearing.cli.session import connected
from clearing.cli.status import Exit


def audit(
    case: CasePath,
    result: ResultPath,
    format: Format = "auto",
    option: ReaderOptions = None,
    rules: Annotated[
        str | None, typer.Option(metavar="NAME[@VERSION]", help="Rule set; default: the one RESULT names.")
    ] = None,
    set: RuleValues = None,
    server: Server = None,
    json: AsJson = False,
) -> None:
    """Judge RESULT against CASE and the rules. Exit: 0 passed, 2 bad input, 4 failed."""
    with ending(json):
        given = pairs(set or (), "--set")
        table = read_case(case, format, pairs(option or (), "--option"))
        read = read_result(result, table)
        name, version, overrides = _rules(result, rules, given)
        with connected(server) as client:
            verdict = client.audit_schedule(table, read.result, rules=name, version=version, overrides=overrides)
        findings = _together(read.findings, verdict.findings)
        passed = verdict.passed and not any(f.severity is Severity.ERROR for f in findings)
        if json:
            emit(_object(passed, findings, verdict.objective, read.result.termination.objective))
        else:
            _show(passed, findings)
        raise typer.Exit(Exit.OK if passed else Exit.AUDIT_FAILED)


def _rules(result: Path, asked: str | None, given: dict[str, str]) -> tuple[str, str, dict[str, str]]:
    """Rules asked for, or those that the result echoes; overrides given here come on top of the echoed ones."""
    if asked is not None:
        name, _, version = asked.partition("@")
        return name, version, given
    echo = about_files(result, ())
    return echo.rules_name or "generic", echo.rules_version, {**dict(echo.rules_overrides), **given}


def _together(of_file: tuple[Finding, ...], of_server: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """Findings of the reading and of the audit, each once."""
    return tuple(dict.fromkeys((*of_file, *of_server)))


def _object(passed: bool, findings: tuple[Finding, ...], recomputed: float | None, stated: float | None) -> JsonObject:
    return {
        "status": "AUDIT_PASSED" if passed else "AUDIT_FAILED",
        "audit": {"passed": passed, "findings": finding_objects(findings)},
        "objective": number(recomputed),
        "objective_stated": number(stated),
    }


def _show(passed: bool, findings: tuple[Finding, ...]) -> None:
    console = answers()
    console.print("[bold green]AUDIT_PASSED[/]" if passed else "[bold red]AUDIT_FAILED[/]")
    show_findings(console, findings)
