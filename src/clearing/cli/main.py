"""Entry of the command line: `clearing COMMAND …`."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

import typer
from typer.core import TyperGroup

from clearing.cli.access import access
from clearing.cli.admission import entry, positions
from clearing.cli.audit import audit
from clearing.cli.batch import batch
from clearing.cli.bench import bench
from clearing.cli.charge_deviations import charge_deviations
from clearing.cli.check_prices import check_prices
from clearing.cli.comparing import compare
from clearing.cli.console import console
from clearing.cli.day import day
from clearing.cli.explain import explain
from clearing.cli.export import app as export
from clearing.cli.importing import import_
from clearing.cli.limit_prices import limit_prices
from clearing.cli.market_power import market_power
from clearing.cli.output import emit, finding_objects
from clearing.cli.printing import print_
from clearing.cli.real_time import real_time
from clearing.cli.replay import replay
from clearing.cli.reporting import report
from clearing.cli.rule_sets import rules
from clearing.cli.run import run
from clearing.cli.scenario import app as scenario
from clearing.cli.serving import serve
from clearing.cli.settling import roll_up, settle
from clearing.cli.status import Exit, bad_input
from clearing.cli.substitution_round import substitution
from clearing.cli.substitution_settlement import substitution_meter, substitution_settle
from clearing.cli.validate import validate


class Commands(TyperGroup):
    """The commands; with --json even a wrong usage is answered by one JSON object."""

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        windows_expand_args: bool = True,
        **extra: Any,
    ) -> Any:
        """Run one command and exit with its code."""
        given = list(sys.argv[1:] if args is None else args)
        if not standalone_mode or "--json" not in given:
            return super().main(args, prog_name, complete_var, standalone_mode, windows_expand_args, **extra)
        try:
            code = super().main(given, prog_name, complete_var, False, windows_expand_args, **extra)
        except typer.TyperException as error:
            wrong = bad_input("USAGE", getattr(error, "message", "") or str(error), path="arguments")
            emit({"status": wrong.status, "findings": finding_objects(wrong.findings)})
            code = Exit.BAD_INPUT
        sys.exit(int(code or 0))


app = typer.Typer(
    name="clearing",
    cls=Commands,
    help="Clear electricity markets: SCUC, SCED, prices, and an audit of the answer.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.callback()(access)
app.command()(serve)
app.command()(run)
app.command(name="real-time")(real_time)
app.command()(day)
app.command()(batch)
app.command()(bench)
app.command()(validate)
app.command()(audit)
app.command()(replay)
app.command()(explain)
app.command(name="market-power")(market_power)
app.command(name="check-prices")(check_prices)
app.command(name="limit-prices")(limit_prices)
app.command(name="charge-deviations")(charge_deviations)
app.command()(settle)
app.command(name="roll-up")(roll_up)
app.command()(positions)
app.command()(entry)
app.command()(substitution)
app.command(name="substitution-meter")(substitution_meter)
app.command(name="substitution-settle")(substitution_settle)
app.command(name="import")(import_)
app.command()(rules)
app.command()(report)
app.command()(compare)
app.command(name="print")(print_)
app.command()(console)
app.add_typer(scenario)
app.add_typer(export)

if __name__ == "__main__":
    app()
