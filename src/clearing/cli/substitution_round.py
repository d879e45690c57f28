"""`clearing substitution`: a round of substitution trading cleared, from a request file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from clearing.cli.arguments import AsJson, RuleValues, Server
from clearing.cli.ending import ending
from clearing.cli.files import (
    REPORT_FILE,
    as_stem,
    prepare_folder,
    read_round_request,
    write_round_page,
    write_statement_page,
)
from clearing.cli.output import answers, emit
from clearing.cli.pairs import pairs, rule_set
from clearing.cli.session import connected
from clearing.tables.statements import Statement
from clearing.tables.substitution_annexes import annexes, confirmation
from clearing.wire import case_file, plain

ANNEXES_PAGE = "annexes.html"


def substitution(
    round_: Annotated[Path, typer.Argument(metavar="FILE", help="JSON of a ClearSubstitutionRequest.")],
    rules: Annotated[str, typer.Option(metavar="NAME[@VERSION]", help="Rule set in place of the request's.")] = "",
    set: RuleValues = None,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="Folder for annexes and confirmations.")] = None,
    validate: Annotated[bool, typer.Option("--validate", help="Judge the round; clear nothing.")] = False,
    compare: Annotated[bool, typer.Option("--compare", help="Also say what the rule leaves on the table.")] = False,
    server: Server = None,
    json: AsJson = False,
) -> None:
    """Clear a round of substitution trading: energy, areas, prices, annexes 1 and 2, confirmations."""
    with ending(json):
        overrides = pairs(set or (), "--set")
        request: Any = read_round_request(round_)
        request.compare |= compare
        name, version = rule_set(rules, overrides, "xinjiang")
        if out is not None:
            prepare_folder(out)
        with connected(server) as client:
            if validate:
                _judged(plain.tree(client.substitution.validate_round(request, name, overrides, version)), json)
                return
            reply = client.substitution.clear(request, name, overrides, version)
        tree = plain.tree(reply)
        if out is not None:
            _write(out, plain.tree(request), tree)
        if json:
            emit({"status": "OK", **tree})
            return
        _say(reply)


def _judged(tree: dict[str, Any], json: bool) -> None:
    if json:
        emit({"status": "OK" if tree["valid"] else "INVALID", **tree})
    else:
        console = answers()
        console.print("valid" if tree["valid"] else "INVALID")
        for found in tree["findings"]:
            console.print(f"{found['code']} {found['path']} {found['subject']} {found['value']} {found['clause']}")
    if not tree["valid"]:
        raise typer.Exit(2)


def _say(reply: Any) -> None:
    totals, console = reply.totals, answers()
    if totals.standing != 1:
        console.print(f"to be held again: new energy is {totals.short_kwh / 1000:.3f} MWh short")
    console.print(
        f"M = N = {totals.energy_kwh / 1000:.3f} MWh, mean variation {totals.mean_variation_milli / 1000:.3f}"
    )
    if reply.HasField("optimum"):
        console.print(f"left on the table: {reply.optimum.left_kwh / 1000:.3f} MWh")
    console.print(f"{len(reply.findings)} worth knowing; --json lists them")


def _write(folder: Path, request: dict[str, Any], reply: dict[str, Any]) -> None:
    """The report and the reply as JSON; `annex_1`, `annex_2` as CSV and HTML; `<number>_<party>` the confirmations."""
    rules, month = f"{reply['rules']['name']} {reply['rules']['version']}", request["round"]["first_month"]
    (folder / "round.json").write_text(case_file.tree_to_json(reply), encoding="utf-8")
    write_round_page(folder / REPORT_FILE, request["round"], reply, (("Annexes", ANNEXES_PAGE),))
    both = annexes(request, reply)
    for name, frame in both:
        _csv(frame, folder / f"{name}.csv")
    write_statement_page(folder / ANNEXES_PAGE, Statement("", both), month, rules)
    parties = [(own["enterprise"], own) for own in reply["captives"]]
    parties += [(own["owner_id"], own) for own in reply["sites"]]
    for number, (party, own) in enumerate(parties, 1):
        stem = as_stem(f"{number:02d}_{party or 'none'}")
        frame = confirmation(own, request["round"]["months"])
        _csv(frame, folder / f"{stem}.csv")
        write_statement_page(folder / f"{stem}.html", Statement(party, (("items", frame),)), month, rules)


def _csv(frame: Any, path: Path) -> None:
    frame.to_csv(path, index=False, encoding="utf-8-sig", lineterminator="\r\n")
