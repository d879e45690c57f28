"""`clearing check-prices`: published real-time prices against those made from what was metered (D+1)."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from clearing.cli.arguments import AsJson, CasePath, Format, ReaderOptions, ResultPath, Rules, RuleValues, Server
from clearing.cli.ending import ending
from clearing.cli.files import read_case, read_metered, read_result
from clearing.cli.output import answers, emit
from clearing.cli.pairs import pairs
from clearing.cli.session import connected
from clearing.cli.status import Exit, bad_input
from clearing.report.values import amount
from clearing.wire import case_file

MOST_ROWS = 30


def check_prices(
    case: CasePath,
    result: ResultPath,
    metered: Annotated[
        Path, typer.Argument(metavar="METERED", help="JSON of a Metered message: unit_mw, renewable_mw, load_mw.")
    ],
    format: Format = "auto",
    option: ReaderOptions = None,
    rules: Rules = "generic",
    set: RuleValues = None,
    near: Annotated[float | None, typer.Option(min=0.0, help="What two prices may differ by, per MWh.")] = None,
    server: Server = None,
    json: AsJson = False,
) -> None:
    """Price the first period of CASE again from METERED and compare it with RESULT; proposes nothing.

    Exit: 0 checked (status SAME or DIFFERENT), 2 bad input, 3 no prices or no server, 4 the audit failed.
    """
    with ending(json):
        overrides = pairs(set or (), "--set")
        table = read_case(case, format, pairs(option or (), "--option"))
        published = read_result(result, table).result
        measured: Any = read_metered(metered)
        if published.prices is None:
            raise bad_input("NO_PRICES", "The result has no prices to check.", path=result.name)
        name, _, version = rules.partition("@")
        with connected(server) as client:
            reply: Any = client.check_prices(
                table, published, measured, rules=name, version=version, overrides=overrides, near_per_mwh=near
            )
        status, code = _status(reply)
        if json:
            tree = case_file.message_to_tree(reply)
            del tree["again"]
            emit({"status": status, "case": table.name, "period_end": table.horizon.labels()[0], **tree})
        else:
            _show(answers(), status, reply)
        raise typer.Exit(code)


def _status(reply: Any) -> tuple[str, Exit]:
    if not reply.HasField("again_mean_per_mwh") and not reply.again.termination.priced:
        return "NOT_PRICED", Exit.NO_SOLUTION
    if not reply.again.audit.passed:
        return "AUDIT_FAILED", Exit.AUDIT_FAILED
    return ("DIFFERENT" if reply.differences.bus_id else "SAME"), Exit.OK


def _show(console: Console, status: str, reply: Any) -> None:
    console.print(f"[bold]{status}[/]  {len(reply.differences.bus_id)} buses differ")
    if reply.HasField("again_mean_per_mwh"):
        means = f"{amount(reply.published_mean_per_mwh, 2)} published, {amount(reply.again_mean_per_mwh, 2)} again"
        console.print(f"mean price by metered load {means}")
    told = reply.metered
    console.print(f"metered otherwise: load {told.load_mw:+.1f} MW, sites {told.renewable_mw:+.1f} MW")
    if told.unit_id:
        console.print(f"units that stood otherwise: {escape(', '.join(told.unit_id))}")
    shown = Table("bus", "published", "again", "change", box=None, header_style="bold")
    of = reply.differences
    rows = list(zip(of.bus_id, of.published_per_mwh, of.again_per_mwh, strict=True))
    for bus, before, after in rows[:MOST_ROWS]:
        shown.add_row(escape(bus), amount(before, 2), amount(after, 2), amount(after - before, 2))
    if rows:
        console.print(shown)
    if len(rows) > MOST_ROWS:
        console.print(f"… and {len(rows) - MOST_ROWS} more; --json lists them all")
