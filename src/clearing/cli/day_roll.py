"""The rolling of a market day through a client: day-ahead, RUC, intervals; what was done when one of them fails."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np
from rich.console import Console

from clearing.case.case import Case, CommitmentInput, CommitmentUse
from clearing.case.finding import Finding, Severity
from clearing.case.interval import cut
from clearing.case.result import ClearingResult
from clearing.case.schedule import Schedule
from clearing.cli.day_folder import RESUME_MISMATCH, DayFolder
from clearing.cli.ending import as_failure
from clearing.cli.progress import ProgressLine
from clearing.cli.status import Failure
from clearing.client import Answer, ClearingError, Client, ServerBusy, ServerUnavailable
from clearing.client.real_time import RealTimeStream
from clearing.market_day.day import MarketDay, interval_name
from clearing.market_day.parts import Plan, begun_as, interval, period_of, plan
from clearing.solve.options import LastStage, SolveOptions

ASKED_AGAIN = 3
DAY_STOPPED = "DAY_STOPPED"
FIRST_WAIT_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class Asked:
    """What the clearings of a day share."""

    rules: str
    version: str
    overrides: dict[str, str]
    options: SolveOptions  # price_schemes are of the day-ahead alone

    def commit(self, client: Client, case: Case, last_stage: LastStage, console: Console) -> Answer:
        """Commit a day-ahead or reliability case."""
        with ProgressLine(console) as shown:
            return client.clear_day_ahead(
                case,
                rules=self.rules,
                version=self.version,
                overrides=self.overrides,
                options=replace(
                    self.options,
                    last_stage=last_stage,
                    price_schemes=self.options.price_schemes and last_stage is not LastStage.DISPATCH,
                ),
                on_progress=shown,
            )


@dataclass(slots=True)
class Roll:
    """A day being rolled. day: what there is so far, None before the first interval; first: the day-ahead;
    at: the clearing it is at;
    keep_cases: every interval's case is left in the folder too."""

    client: Client
    asked: Asked
    folder: DayFolder
    console: Console
    keep_cases: bool = False
    at: str = "day_ahead"
    label: str = ""
    day: MarketDay | None = None
    first: ClearingResult | None = None
    results: list[ClearingResult] = field(default_factory=list)

    def run(self, ahead: Case, real: Case, operator: Case | None, look_ahead: int) -> MarketDay:
        """Roll the day. Raises Failure, whose last finding DAY_STOPPED names the clearing and what was done before it;
        `day` then holds the part of the day that was rolled."""
        first: ClearingResult | None = None
        second: ClearingResult | None = None
        added: tuple[str, ...] = ()
        of: Plan | None = None
        try:
            first = self.first = self._day_ahead(ahead)
            on = _schedule(first).on[:, period_of(ahead.horizon, real.horizon)]
            if operator is not None:
                self.at = "ruc"
                second = self._reliability(ahead, _schedule(first), operator)
                secured = _schedule(second).on[:, period_of(operator.horizon, real.horizon)]
                added = tuple(real.units.id[i] for i in np.flatnonzero((secured > on).any(axis=1)))
                on = secured
                self.console.print(f"RUC {second.termination.reason.name}, {len(added)} units added")
            of = plan(ahead, _schedule(first), real, on, look_ahead)
            self._intervals(of)
        except (Failure, ClearingError) as error:
            if isinstance(error, Failure) and error.findings[0].code == RESUME_MISMATCH:
                raise  # the folder is another day's
            if first is not None and of is not None and self.results:
                part = cut(of.day, 0, len(self.results) - 1)
                self.day = MarketDay.of(ahead, first, second, added, part, self.results)
            raise self._stopped(as_failure(error), real.horizon.periods) from error
        self.day = MarketDay.of(ahead, first, second, added, of.day, self.results)
        return self.day

    def _day_ahead(self, ahead: Case) -> ClearingResult:
        ask = self.asked.commit
        first = self.folder.result("day_ahead", ahead, lambda: ask(self.client, ahead, LastStage.PRICES, self.console))
        units = int(_schedule(first).on.max(axis=1).sum())
        self.console.print(f"day-ahead {first.termination.reason.name}, {units} units on")
        return first

    def _reliability(self, ahead: Case, planned: Schedule, operator: Case) -> ClearingResult:
        floor = planned.on[:, period_of(ahead.horizon, operator.horizon)]
        begun = begun_as(ahead, operator)
        case = replace(begun, commitment=CommitmentInput(CommitmentUse.FLOOR, floor.astype(np.int8)))
        ask = self.asked.commit
        return self.folder.result("ruc", case, lambda: ask(self.client, case, LastStage.DISPATCH, self.console))

    def _intervals(self, of: Plan) -> None:
        """Every interval of the day, one after the other; a line an hour of the market."""
        before: tuple[Case, Schedule] | None = None
        horizon, began = of.day.horizon, time.monotonic()
        labels, an_hour = horizon.labels(), max(1, 60 // horizon.period_minutes)
        with _Stream(self.client, self.asked, self.console) as stream:
            for t, label in enumerate(labels):
                self.at, self.label = interval_name(t), label
                part = interval(of, t, before)
                if self.keep_cases:
                    self.folder.keep_case(self.at, part)
                result = self.folder.result(self.at, part, lambda part=part: stream.clear(part))  # type: ignore[misc]
                before = (part, _schedule(result))
                self.results.append(result)
                if not result.audit_passed:
                    self.console.print(f"{label}  the audit of {self.at} failed")
                if (t + 1) % an_hour == 0 or t + 1 == len(labels):
                    seconds = time.monotonic() - began
                    left = seconds / (t + 1) * (len(labels) - t - 1)
                    self.console.print(
                        f"{label}  {t + 1} of {len(labels)} intervals, {seconds:.0f} s, about {left:.0f} s left"
                    )

    def _stopped(self, failed: Failure, intervals: int) -> Failure:
        where = f"{self.at} ({self.label})" if self.label else self.at
        text = (
            f"The day stopped at {where}: {len(self.results)} of {intervals} intervals are done and kept; "
            "the same command goes on there."
        )
        finding = Finding(Severity.ERROR, DAY_STOPPED, self.at, text)
        return Failure(failed.status, failed.exit_code, (*failed.findings, finding))


class _Stream:
    """Intervals over one stream; a stream that broke, or was refused for want of room, is opened anew."""

    def __init__(self, client: Client, asked: Asked, console: Console) -> None:
        self._open: Callable[[], RealTimeStream] = lambda: client.real_time_stream(
            asked.rules, asked.overrides, asked.version
        )
        self._console = console
        self._stream = self._open()

    def __enter__(self) -> _Stream:
        return self

    def __exit__(self, *_: object) -> None:
        self._stream.close()

    def clear(self, case: Case) -> Answer:
        """The interval's answer, asked for up to four times where the server did not give one."""
        for tried in range(ASKED_AGAIN):
            try:
                return self._stream.clear(case)
            except (ServerUnavailable, ServerBusy) as error:
                self._stream.close()
                self._console.print(f"{error}; asking again", markup=False, soft_wrap=True)
                time.sleep(FIRST_WAIT_SECONDS * 2**tried)
                self._stream = self._open()
        return self._stream.clear(case)


def _schedule(result: ClearingResult) -> Schedule:
    assert result.schedule is not None  # DayFolder lets no other pass
    return result.schedule
