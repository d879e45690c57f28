"""`clearing settle` and `clearing roll-up`: statements of a cycle, and statements added up, from request files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from clearing.cli.arguments import AsJson, RuleValues, Server
from clearing.cli.ending import ending
from clearing.cli.files import (
    as_stem,
    prepare_folder,
    read_roll_up_request,
    read_settle_request,
    write_statement,
    write_statement_page,
)
from clearing.cli.output import answers, emit
from clearing.cli.pairs import pairs, rule_set
from clearing.cli.session import connected
from clearing.cli.status import bad_input
from clearing.tables.settlement_statements import decimal, public, statement
from clearing.tables.statements import Statement
from clearing.wire import plain
from clearing.wire.join_settle_requests import joined

Rules = Annotated[str, typer.Option(metavar="NAME[@VERSION]", help="Rule set in place of the request's; see `rules`.")]
Out = Annotated[Path | None, typer.Option("--out", "-o", help="Folder for statements, CSV and HTML, one each a file.")]
SUBJECT = "电力市场结算 Settlement"


def settle(
    cycle: Annotated[list[Path], typer.Argument(metavar="FILE...", help="JSON of a SettleRequest, or of its parts.")],
    days: Annotated[
        bool, typer.Option("--days", help="The files are of a day each, as `clearing day` leaves.")
    ] = False,
    rules: Rules = "",
    set: RuleValues = None,
    out: Out = None,
    server: Server = None,
    json: AsJson = False,
) -> None:
    """Settle a cycle: statements of participants that add up, surpluses shared, charges."""
    with ending(json):
        overrides = pairs(set or (), "--set")
        parts: list[Any] = [read_settle_request(path) for path in cycle]
        name, version = rule_set(rules, overrides, "generic")
        if out is not None:
            prepare_folder(out)
        with connected(server) as client:
            reply = client.settlement.settle(_whole(parts, days), name, overrides, version)
        tree = plain.tree(reply)
        if out is not None:
            write_settled(out, tree)
        if json:
            emit({"status": "OK", **tree})
            return
        totals, console = tree["totals"], answers()
        console.print(
            f"collected {decimal(totals['collected_milli'], 3)}, paid {decimal(totals['paid_milli'], 3)}, kept:"
        )
        for balance, money in zip(totals["balance"], totals["balance_milli"], strict=True):
            console.print(f"  {balance} {decimal(money, 3)}", markup=False)
        console.print(f"{len(tree['statements'])} statements; {len(reply.findings)} worth knowing; --json lists them")


def roll_up(
    many: Annotated[Path, typer.Argument(metavar="FILE", help="JSON of a RollUpStatementsRequest.")],
    out: Out = None,
    server: Server = None,
    json: AsJson = False,
) -> None:
    """Add statements of days up to those of a month, of months to those of a year."""
    with ending(json):
        request: Any = read_roll_up_request(many)
        if out is not None:
            prepare_folder(out)
        with connected(server) as client:
            tree = plain.tree(client.settlement.roll_up(request))
        _write(out, tree["statements"], "")
        if json:
            emit({"status": "OK", **tree})
            return
        answers().print(f"{len(tree['statements'])} statements")


def _whole(parts: list[Any], days: bool) -> Any:
    """The request of which these are the parts, merged as the wire merges them, or the days."""
    if days:
        try:
            return joined(parts)
        except (ValueError, IndexError) as fault:
            raise bad_input("DAYS_DO_NOT_FIT", f"The days make no cycle: {fault}.", "FILE") from None
    for part in parts[1:]:
        parts[0].MergeFrom(part)
    return parts[0]


def write_settled(folder: Path, tree: dict[str, Any]) -> None:
    """Statements of a reply, and what is public."""
    _write(folder, tree["statements"], f"{tree['rules']['name']} {tree['rules']['version']}", public(tree))


def _write(folder: Path | None, trees: Sequence[dict[str, Any]], rules: str, totals: Statement | None = None) -> None:
    """Statements as `<number>.csv` and `<number>.html`; what is public as `public_….csv` and `public.html`."""
    if folder is None:
        return
    for tree in trees:
        shown, stem = statement(tree), as_stem(tree["number"])
        lines = dict(shown.tables)["lines"]
        lines.to_csv(folder / f"{stem}.csv", index=False, encoding="utf-8-sig", lineterminator="\r\n")
        write_statement_page(folder / f"{stem}.html", shown, tree["number"], rules, SUBJECT)
    if totals is not None:
        write_statement(folder, "public", totals, "公开 public", rules, SUBJECT)
