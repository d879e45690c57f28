"""`clearing charge-deviations`: what deviations cost and who gets it, from a request file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from clearing.cli.arguments import AsJson, Rules, RuleValues, Server
from clearing.cli.ending import ending
from clearing.cli.files import read_deviation_request
from clearing.cli.output import answers, emit
from clearing.cli.pairs import pairs
from clearing.cli.session import connected
from clearing.wire import case_file


def charge_deviations(
    period: Annotated[
        Path,
        typer.Argument(metavar="FILE", help="JSON of a ChargeDeviationsRequest: class_c, plans, mileage, declared."),
    ],
    rules: Rules = "fujian-2025-4",
    set: RuleValues = None,
    server: Server = None,
    json: AsJson = False,
) -> None:
    """Charge deviations of class C and by article 61, reward regulation, and pay back gains from declarations."""
    with ending(json):
        overrides = pairs(set or (), "--set")
        request: Any = read_deviation_request(period)
        name, _, version = rules.partition("@")
        with connected(server) as client:
            reply = client.charge_deviations(request, name, overrides, version)
        if json:
            emit({"status": "OK", **case_file.message_to_tree(reply)})
        else:
            _show(reply)


def _show(reply: Any) -> None:
    """One row an owner: money it gets (class C, reward) and pays (article 61, gains paid back)."""
    shown = Table("owner", "class C gets", "article 61 pays", "reward gets", "pays back", box=None, header_style="bold")
    for own in reply.owners:
        parts = (own.class_c_charge, own.article_61_charge, own.regulation_reward, own.declared_recovery)
        shown.add_row(escape(own.owner_id) or "–", *(f"{sum(part):.2f}" for part in parts))
    console = answers()
    console.print(shown)
    if reply.undistributed > 0.0:
        console.print(f"shared out to nobody: {reply.undistributed:.2f}")
