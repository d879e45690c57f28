"""`clearing day`: day-ahead, reliability commitment, every real-time interval, and what both markets pay together."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from rich.console import Console

from clearing.case.case import Case, CommitmentInput, CommitmentUse
from clearing.case.result import ClearingResult
from clearing.case.schedule import Schedule
from clearing.cli.arguments import AsJson, CasePath, Format, ReaderOptions, Rules, RuleValues, Server
from clearing.cli.day_folder import DayFolder
from clearing.cli.day_tables import day_object, show_day, write_tables
from clearing.cli.ending import ending
from clearing.cli.files import prepare_folder, read_case
from clearing.cli.output import emit, errors
from clearing.cli.pairs import pairs
from clearing.cli.session import connected
from clearing.cli.status import Exit, Failure, bad_input
from clearing.client import Answer, Client
from clearing.client.real_time import RealTimeStream
from clearing.market_day.day import MarketDay
from clearing.market_day.parts import Plan, begun_as, comparable, interval, period_of, plan
from clearing.solve.options import LastStage, SolveOptions


@dataclass(frozen=True, slots=True)
class _Asked:
    """What the clearings of a day share."""

    rules: str
    version: str
    overrides: dict[str, str]
    options: SolveOptions

    def commit(self, client: Client, case: Case, last_stage: LastStage) -> Answer:
        """Commit a day-ahead or reliability case."""
        return client.clear_day_ahead(
            case,
            rules=self.rules,
            version=self.version,
            overrides=self.overrides,
            options=replace(self.options, last_stage=last_stage),
        )


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
    server: Server = None,
    json: AsJson = False,
) -> None:
    """Roll a market day: day-ahead on CASE, RUC on the forecast, then every interval of the real-time case.

    Each interval starts from what the one before scheduled. Exit: 0 all audited, 2 bad input, 3 no schedule or no
    server, 4 an audit failed, 1 our fault.
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
        options = SolveOptions(time_limit_seconds=time_limit, gap=gap)
        asked = _Asked(name, version, pairs(set or (), "--set"), options)
        folder = DayFolder(out)
        with connected(server) as client:
            found = _roll(client, asked, folder, ahead, real, operator, look_ahead)
        files = write_tables(out, found)
        if json:
            emit({**day_object(found), "kept": folder.done, "cleared": folder.asked, "files": [f.name for f in files]})
        else:
            show_day(Console(highlight=False), found, files)
        raise typer.Exit(Exit.OK if found.audited else Exit.AUDIT_FAILED)


def _check(ahead: Case, real: Case, operator: Case | None) -> None:
    """Raise Failure (INVALID) where the cases are not of one day."""
    findings = comparable(ahead, real)
    if operator is not None:
        findings += comparable(ahead, operator)
        if not findings and (period_of(operator.horizon, real.horizon) < 0).any():
            raise bad_input("CASES_DIFFER", "The forecast does not cover every real-time period.", "--forecast")
    if findings:
        raise Failure("INVALID", Exit.BAD_INPUT, findings)


def _roll(
    client: Client,
    asked: _Asked,
    folder: DayFolder,
    ahead: Case,
    real: Case,
    operator: Case | None,
    look_ahead: int,
) -> MarketDay:
    console = errors()
    first = folder.result("day_ahead", ahead, lambda: asked.commit(client, ahead, LastStage.PRICES))
    planned = _schedule(first)
    on = planned.on[:, period_of(ahead.horizon, real.horizon)]
    console.print(f"day-ahead {first.termination.reason.name}, {int(planned.on.max(axis=1).sum())} units on")
    added: tuple[str, ...] = ()
    second = None
    if operator is not None:
        floor = planned.on[:, period_of(ahead.horizon, operator.horizon)]
        operator = begun_as(ahead, operator)
        operator = replace(operator, commitment=CommitmentInput(CommitmentUse.FLOOR, floor.astype(np.int8)))
        forecast = operator
        second = folder.result("ruc", operator, lambda: asked.commit(client, forecast, LastStage.DISPATCH))
        secured = _schedule(second).on[:, period_of(operator.horizon, real.horizon)]
        added = tuple(real.units.id[i] for i in np.flatnonzero((secured > on).any(axis=1)))
        on = secured
        console.print(f"RUC {second.termination.reason.name}, {len(added)} units added")
    of = plan(ahead, planned, real, on, look_ahead)
    with client.real_time_stream(asked.rules, asked.overrides, asked.version) as stream:
        results = _intervals(stream, folder, of, console)
    return MarketDay.of(ahead, first, second, added, of.day, results)


def _intervals(stream: RealTimeStream, folder: DayFolder, of: Plan, console: Console) -> list[ClearingResult]:
    """Every interval of the day, one after the other."""
    results: list[ClearingResult] = []
    before: tuple[Case, Schedule] | None = None
    labels = of.day.horizon.labels()
    for t, label in enumerate(labels):
        part = interval(of, t, before)
        result = folder.result(f"interval_{t:03d}", part, lambda part=part: stream.clear(part))  # type: ignore[misc]
        before = (part, _schedule(result))
        results.append(result)
        if (t + 1) % 12 == 0 or t + 1 == len(labels):
            console.print(f"{label}  {t + 1} of {len(labels)} intervals")
    return results


def _schedule(result: ClearingResult) -> Schedule:
    assert result.schedule is not None  # DayFolder lets no other pass
    return result.schedule
