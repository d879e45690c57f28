"""`clearing rules`: the rule sets a server knows, with every value, unit and clause."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from clearing.cli.arguments import AsJson, Server
from clearing.cli.ending import ending
from clearing.cli.output import JsonObject, answers, emit
from clearing.cli.session import connected
from clearing.cli.status import bad_input
from clearing.rules.load import RuleSetDescription


def rules(
    name: Annotated[str | None, typer.Argument(help="Only this rule set, with all its values.")] = None,
    server: Server = None,
    json: AsJson = False,
) -> None:
    """List the rule sets; with NAME, every value of one. Exit: 0, or 2 for an unknown name."""
    with ending(json):
        with connected(server) as client:
            known = client.list_rule_sets()
        chosen = tuple(r for r in known if name is None or r.name == name)
        if not chosen:
            names = ", ".join(sorted({r.name for r in known}))
            raise bad_input("UNKNOWN_RULE_SET", "There is no such rule set.", "NAME", value=name or "", limit=names)
        if json:
            emit({"status": "OK", "rule_sets": [_object(r) for r in chosen]})
            return
        console = answers()
        for rule_set in chosen:
            console.print(
                f"[bold]{escape(rule_set.name)}[/] {escape(rule_set.version)}  [dim]{rule_set.digest[:12]}[/]"
            )
            if name is not None:
                console.print(_table(rule_set))


def _object(rule_set: RuleSetDescription) -> JsonObject:
    values = [
        {"key": v.key, "value": v.value, "unit": v.unit, "clause": v.clause, "note": v.note} for v in rule_set.values
    ]
    return {"name": rule_set.name, "version": rule_set.version, "digest": rule_set.digest, "values": values}


def _table(rule_set: RuleSetDescription) -> Table:
    table = Table("key", "value", "unit", "clause", "note", box=None, header_style="bold", pad_edge=False)
    for v in rule_set.values:
        table.add_row(*(escape(text) for text in (v.key, v.value, v.unit, v.clause, v.note)))
    return table
