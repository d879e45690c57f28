"""`clearing substitution-meter` and `clearing substitution-settle`: a month metered, a year settled, from request
files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from clearing.cli.arguments import AsJson, RuleValues, Server
from clearing.cli.ending import ending
from clearing.cli.files import prepare_folder, read_metering_request, read_year_request, write_statement
from clearing.cli.output import answers, emit
from clearing.cli.pairs import pairs, rule_set
from clearing.cli.session import connected
from clearing.tables.statements import Statement, statements
from clearing.wire import plain

Rules = Annotated[str, typer.Option(metavar="NAME[@VERSION]", help="Rule set in place of the request's; see `rules`.")]
Out = Annotated[Path | None, typer.Option("--out", "-o", help="Folder for statements, CSV and HTML, a party a file.")]


def substitution_meter(
    month: Annotated[Path, typer.Argument(metavar="FILE", help="JSON of a MeterSubstitutionRequest.")],
    rules: Rules = "",
    set: RuleValues = None,
    out: Out = None,
    server: Server = None,
    json: AsJson = False,
) -> None:
    """Meter a month of substitution trading: windows, captive take, sites, plans, money."""
    with ending(json):
        overrides = pairs(set or (), "--set")
        request: Any = read_metering_request(month)
        name, version = rule_set(rules, overrides, "xinjiang")
        if out is not None:
            prepare_folder(out)
        with connected(server) as client:
            reply = client.substitution.meter(request, name, overrides, version)
        tree = plain.tree(reply)
        _write(out, tree, 0, request.month)
        if json:
            emit({"status": "OK", **tree})
            return
        totals = reply.totals
        console = answers()
        console.print(f"captive {totals.captive_kwh / 1000:.3f} MWh = settled {totals.settled_kwh / 1000:.3f} MWh "
                      f"+ advanced {totals.advanced_kwh / 1000:.3f} MWh")  # fmt: skip
        console.print(f"{len(reply.findings)} worth knowing; --json lists them")


def substitution_settle(
    year: Annotated[Path, typer.Argument(metavar="FILE", help="JSON of a SettleSubstitutionDeviationRequest.")],
    rules: Rules = "",
    set: RuleValues = None,
    out: Out = None,
    server: Server = None,
    json: AsJson = False,
) -> None:
    """Settle deviations of a year of substitution trading: contracts, default, payments, advances."""
    with ending(json):
        overrides = pairs(set or (), "--set")
        request: Any = read_year_request(year)
        name, version = rule_set(rules, overrides, "xinjiang")
        if out is not None:
            prepare_folder(out)
        with connected(server) as client:
            reply = client.substitution.settle(request, name, overrides, version)
        tree = plain.tree(reply)
        _write(out, tree, request.months, request.first_month)
        if json:
            emit({"status": "OK", **tree})
            return
        totals = reply.totals
        console = answers()
        console.print(f"default {totals.default_kwh / 1000:.3f} MWh, payments {totals.account_milli / 1000:.3f}")
        console.print(f"advances outstanding {totals.outstanding_kwh / 1000:.3f} MWh")
        console.print(f"{len(reply.findings)} worth knowing; --json lists them")


def _write(folder: Path | None, tree: dict[str, Any], months: int, title: str) -> None:
    """Statements as files: `<number>_<party>_<table>.csv` and `<number>_<party>.html`; number 00 is public."""
    if folder is None:
        return
    applied = tree["rules"]
    for number, statement in enumerate(statements(tree, months)):
        stem = f"{number:02d}_{_party(statement, number)}"
        write_statement(folder, stem, statement, title, f"{applied['name']} {applied['version']}")


def _party(statement: Statement, number: int) -> str:
    return statement.party or ("public" if number == 0 else "none")
