"""`clearing day`: day-ahead, reliability commitment, every real-time interval, and what both markets pay together."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from clearing.case.case import Case
from clearing.cli.arguments import AsJson, CasePath, Format, ReaderOptions, Rules, RuleValues, Server
from clearing.cli.day_folder import DayFolder
from clearing.cli.day_roll import DAY_STOPPED, Asked, Roll
from clearing.cli.day_settlement import write_settle_requests
from clearing.cli.day_tables import day_object, show_day, write_day, write_object
from clearing.cli.ending import ending
from clearing.cli.files import prepare_folder, read_case
from clearing.cli.output import JsonObject, answers, emit, errors, finding_objects
from clearing.cli.pairs import pairs
from clearing.cli.session import connected
from clearing.cli.status import Exit, Failure, bad_input
from clearing.market_day.parts import comparable, period_of
from clearing.report.about import About
from clearing.solve.options import SolveOptions


def day(
    case: CasePath,
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder of the day; an interrupted day goes on from it.")],
    format: Format = "auto",
    option: ReaderOptions = None,
    real_time: Annotated[
        Path | None, typer.Option(metavar="CASE", help="Case with the real-time series; default: CASE.")
    ] = None,
    real_time_option: Annotated[
        list[str] | None, typer.Option(metavar="KEY=VALUE", help="For the reader of the real-time case.")
    ] = None,
    forecast: Annotated[
        Path | None, typer.Option(metavar="CASE", help="Case with the operator's forecast: a RUC may add units.")
    ] = None,
    forecast_option: Annotated[
        list[str] | None, typer.Option(metavar="KEY=VALUE", help="For the reader of the forecast case.")
    ] = None,
    look_ahead: Annotated[int, typer.Option(min=1, help="Periods cleared together, the binding one counted.")] = 8,
    rules: Rules = "generic",
    set: RuleValues = None,
    gap: Annotated[float | None, typer.Option(min=0.0, max=0.999999, help="Relative gap of the commitments.")] = None,
    time_limit: Annotated[float | None, typer.Option(min=0.001, help="Seconds for each search.")] = None,
    price_schemes: Annotated[
        bool, typer.Option("--price-schemes", help="Also the day settled under ELMP and convex hull prices day-ahead.")
    ] = False,
    keep_cases: Annotated[
        bool, typer.Option("--keep-cases", help="Leave the case of every interval too, for `clearing check-prices`.")
    ] = False,
    server: Server = None,
    json: AsJson = False,
) -> None:
    """Roll a market day: day-ahead on CASE, RUC on the forecast, then every interval of the real-time case.

    Each interval starts from what the one before scheduled. Exit: 0 all audited, 2 bad input, 3 no schedule or no
    server, 4 an audit failed, 1 our fault; day.json names the clearing that failed, and the same command goes on there.
    """
    with ending(json):
        ahead = read_case(case, format, pairs(option or (), "--option"))
        real = read_case(real_time or case, format, pairs(real_time_option or option or (), "--real-time-option"))
        operator = None
        if forecast is not None or forecast_option:
            operator = read_case(forecast or case, format, pairs(forecast_option or (), "--forecast-option"))
        _check(ahead, real, operator)
        prepare_folder(out)
        name, _, version = rules.partition("@")
        overrides = pairs(set or (), "--set")
        options = SolveOptions(time_limit_seconds=time_limit, gap=gap, price_schemes=price_schemes)
        asked = Asked(name, version, overrides, options)
        folder, about = DayFolder(out), About(name, version, rules_overrides=tuple(overrides.items()))
        with connected(server) as client:
            roll = Roll(client, asked, folder, errors(), keep_cases)
            try:
                found = roll.run(ahead, real, operator, look_ahead)
            except Failure as failed:
                if failed.findings[-1].code == DAY_STOPPED:
                    _record(out, folder, roll, about, failed)
                raise
        files = write_day(out, found, about)
        assert roll.first is not None
        files += write_settle_requests(out, found, roll.first, roll.results)
        object_ = {**day_object(found), "kept": folder.done, "cleared": folder.asked}
        files.append(write_object(out, object_))
        if json:
            emit({**object_, "files": [f.name for f in files]})
        else:
            show_day(answers(), found, files)
        raise typer.Exit(Exit.OK if found.audited else Exit.AUDIT_FAILED)


def _record(out: Path, folder: DayFolder, roll: Roll, about: About, failed: Failure) -> None:
    """Leave what was rolled before a clearing failed: tables and report of that part, and day.json that names it."""
    stopped: JsonObject = {
        "status": failed.status,
        "stopped_at": roll.at,
        "period_end": roll.label,
        "findings": finding_objects(failed.findings),
        "kept": folder.done,
        "cleared": folder.asked,
    }
    part: JsonObject = {} if roll.day is None else {k: v for k, v in day_object(roll.day).items() if k != "status"}
    if roll.day is not None:
        write_day(out, roll.day, about)
    write_object(out, {**part, **stopped})


def _check(ahead: Case, real: Case, operator: Case | None) -> None:
    """Raise Failure (INVALID) where the cases are not of one day."""
    findings = comparable(ahead, real)
    if operator is not None:
        findings += comparable(ahead, operator)
        if not findings and (period_of(operator.horizon, real.horizon) < 0).any():
            raise bad_input("CASES_DIFFER", "The forecast does not cover every real-time period.", "--forecast")
    if findings:
        raise Failure("INVALID", Exit.BAD_INPUT, findings)
