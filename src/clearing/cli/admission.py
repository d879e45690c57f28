"""`clearing positions` and `clearing entry`: orders, and applications to enter the market, judged from files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from clearing.cli.arguments import AsJson, RuleValues, Server
from clearing.cli.ending import ending
from clearing.cli.files import (
    prepare_folder,
    read_entry_request,
    read_positions_request,
    write_statement,
)
from clearing.cli.output import answers, emit, show_findings
from clearing.cli.pairs import pairs, rule_set
from clearing.cli.session import connected
from clearing.cli.status import Exit
from clearing.tables import admission
from clearing.tables.settlement_statements import decimal
from clearing.wire import plain, read_report

Rules = Annotated[str, typer.Option(metavar="NAME[@VERSION]", help="Rule set in place of the request's; see `rules`.")]
Out = Annotated[Path | None, typer.Option("--out", "-o", help="Folder for pages and CSV.")]


def positions(
    orders: Annotated[Path, typer.Argument(metavar="FILE", help="JSON of a CheckPositionsRequest.")],
    split: Annotated[bool, typer.Option("--split", help="Also split accepted energy over the month.")] = False,
    rules: Rules = "",
    set: RuleValues = None,
    out: Out = None,
    server: Server = None,
    json: AsJson = False,
) -> None:
    """Judge orders of the medium and long term. Exit: 0 all accepted, 2 not all."""
    with ending(json):
        overrides = pairs(set or (), "--set")
        request: Any = read_positions_request(orders)
        request.split |= split
        name, version = rule_set(rules, overrides, "generic")
        if out is not None:
            prepare_folder(out)
        with connected(server) as client:
            reply = client.admission.check_positions(request, name, overrides, version)
        if out is not None:
            write_positions(out, request, reply)
        _answered(reply, json)
        if not json:
            for row in plain.tree(reply)["positions"]:
                answers().print(_standing(row), markup=False)
        raise typer.Exit(Exit.OK if reply.valid else Exit.BAD_INPUT)


def entry(
    application: Annotated[Path, typer.Argument(metavar="FILE", help="JSON of a CheckEntryRequest.")],
    rules: Rules = "",
    set: RuleValues = None,
    out: Out = None,
    server: Server = None,
    json: AsJson = False,
) -> None:
    """Judge an application of units to enter the market. Exit: 0 a work order is made, 2 refused."""
    with ending(json):
        overrides = pairs(set or (), "--set")
        request: Any = read_entry_request(application)
        name, version = rule_set(rules, overrides, "generic")
        if out is not None:
            prepare_folder(out)
        with connected(server) as client:
            reply = client.admission.check_entry(request, name, overrides, version)
        if out is not None:
            write_entry(out, request, reply)
        _answered(reply, json)
        if not json and reply.valid:
            order = plain.tree(reply)["work_order"]
            console = answers()
            console.print(f"{order['name']}  {order['state'].removeprefix('WORK_ORDER_STATE_')}", markup=False)
            console.print(
                f"new: {', '.join(order['new_unit'])}; changed: {', '.join(order['changed_unit'])}", markup=False
            )
        raise typer.Exit(Exit.OK if reply.valid else Exit.BAD_INPUT)


def write_positions(folder: Path, request: Any, reply: Any) -> None:
    """A page and CSV of every participant's orders."""
    judged = admission.positions(plain.tree(request), plain.tree(reply))
    for number, own in enumerate(judged, start=1):
        stem = f"{number:04d}_{own.party}"
        write_statement(folder, stem, own, request.month.month, _applied(reply), "中长期申报 Orders")


def write_entry(folder: Path, request: Any, reply: Any) -> None:
    """A page and CSV of the application."""
    shown = admission.application(plain.tree(reply))
    write_statement(folder, "entry", shown, request.application.enterprise, _applied(reply), "入市 Market entry")


def _applied(reply: Any) -> str:
    return f"{reply.rules.name} {reply.rules.version}"


def _answered(reply: Any, json: bool) -> None:
    """The reply as JSON, or verdict and findings for people."""
    status = "VALID" if reply.valid else "INVALID"
    if json:
        emit({"status": status, **plain.tree(reply)})
        return
    console = answers()
    console.print(f"[bold {'green' if reply.valid else 'red'}]{status}[/]  {len(reply.findings)} findings")
    show_findings(console, read_report.findings(reply.findings))


def _standing(row: dict[str, Any]) -> str:
    """A line of a participant."""
    net = f"net {decimal(row['net_least_kwh'], 3)} to {decimal(row['net_most_kwh'], 3)}"
    return (
        f"{row['participant']}: {sum(row['accepted'])} of {len(row['order'])} orders accepted; "
        f"{net} of {_limit(row, 'net_limit_kwh')}, traded {decimal(row['traded_kwh'], 3)} of "
        f"{_limit(row, 'traded_limit_kwh')} MWh; {decimal(row['used_milli'], 3)} of quota {_limit(row, 'quota_milli')}"
    )


def _limit(row: dict[str, Any], name: str) -> str:
    return decimal(row[name], 3) if name in row else "none"
