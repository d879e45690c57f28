"""`clearing market-power`: tests of market power on a case, and on a result of it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from clearing.case.case import Case
from clearing.case.finding import Severity
from clearing.case.result import ClearingResult
from clearing.cli.arguments import (
    AsJson,
    Benchmarks,
    CasePath,
    Costs,
    Declared,
    Format,
    ReaderOptions,
    Rules,
    RuleValues,
    Server,
)
from clearing.cli.ending import ending
from clearing.cli.files import (
    read_benchmarks,
    read_case,
    read_costs,
    read_declarations,
    read_result,
    write_market_page,
)
from clearing.cli.output import answers, emit, errors
from clearing.cli.pairs import pairs
from clearing.cli.session import connected
from clearing.cli.status import Exit, Failure
from clearing.solve.options import SolveOptions
from clearing.wire import case_file

Mitigate = Annotated[bool, typer.Option("--mitigate", help="Replace offers that fail, and clear again.")]
Page = Annotated[Path | None, typer.Option("--out", "-o", help="HTML page to write.")]
Budget = Annotated[float | None, typer.Option("--time-limit", metavar="SECONDS", help="Budget of each clearing.")]
MOST_ROWS = 30


def market_power(
    case: CasePath,
    result: Annotated[Path | None, typer.Argument(metavar="[RESULT]", help="A result of CASE.")] = None,
    format: Format = "auto",
    option: ReaderOptions = None,
    rules: Rules = "generic",
    set: RuleValues = None,
    declarations: Declared = None,
    costs: Costs = None,
    benchmarks: Benchmarks = None,
    mitigate: Mitigate = False,
    time_limit: Budget = None,
    out: Page = None,
    server: Server = None,
    json: AsJson = False,
) -> None:
    """Test structure and conduct; with RESULT also congested limits and profits. Exit: 0, 2 bad input."""
    with ending(json):
        overrides = pairs(set or (), "--set")
        table = read_case(case, format, pairs(option or (), "--option"))
        given = None if result is None else _sound_result(result, table)
        declared = None if declarations is None else read_declarations(declarations, table)
        approved: Any = None if costs is None else read_costs(costs, table)
        known: Any = None if benchmarks is None else read_benchmarks(benchmarks)
        name, _, version = rules.partition("@")
        with connected(server) as client:
            reply = client.check_market_power(
                table, name, overrides, version, given, declared, approved, mitigate,
                SolveOptions(time_limit_seconds=time_limit), benchmarks=known,
            )  # fmt: skip
        tree = case_file.message_to_tree(reply)
        if out is not None:
            write_market_page(out, table, tree)
            errors().print(f"wrote {escape(str(out))}", soft_wrap=True)
        if json:
            emit({"status": "OK", "case": table.name, **tree})
        else:
            _show(table, tree)


def _sound_result(path: Path, case: Case) -> ClearingResult:
    """The result of the case; raises Failure where it does not fit it: tests on another day's prices say nothing."""
    read = read_result(path, case)
    wrong = [f for f in read.findings if f.severity is Severity.ERROR]
    if wrong:
        raise Failure("INVALID", Exit.BAD_INPUT, wrong)
    return read.result


def _show(case: Case, tree: dict[str, Any]) -> None:
    console = answers()
    system, watched = tree.get("structure", {}), tree.get("supervision", {})
    labels = case.horizon.labels()
    worst = max(range(len(labels)), key=lambda t: system["hhi"][t])
    console.print(f"greatest HHI {system['hhi'][worst]:.0f} at {labels[worst]}, Top-m {system['top_share'][worst]:.1%}")
    console.print(f"fail structure: {', '.join(watched.get('failing_structure', [])) or 'none'}")
    console.print(f"fail conduct: {', '.join(watched.get('failing_conduct', [])) or 'none'}")
    shown = Table("group", "fails", "lowest index", "excess", "replaced", box=None, header_style="bold")
    for group in tree.get("groups", [])[:MOST_ROWS]:
        offers = group.get("offers", {})
        prices = zip(offers.get("offer_per_mwh", []), offers.get("replaced_by_per_mwh", []), strict=True)
        fails = [word for word in ("structure", "conduct") if group.get(f"fails_{word}")]
        shown.add_row(
            escape(group["group_id"]),
            ", ".join(fails) or "–",
            f"{min(float(value) for value in group['residual_supply_index']):.3f}",
            f"{group.get('profit', {}).get('excess', 0.0):.2f}",
            str(sum(a != b for a, b in prices)),
        )
    console.print(shown)
    if "impact" in tree:
        impact = tree["impact"]
        before, after = impact.get("mean_before_per_mwh", 0.0), impact.get("mean_after_per_mwh", 0.0)
        word = "" if impact.get("applied") else "  (no effect by the rules: the offers stand)"
        console.print(f"mean price {before:.2f} → {after:.2f}{word}")
