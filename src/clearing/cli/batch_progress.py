"""Progress of a batch on stderr: a bar on a terminal, a line now and then elsewhere; a failure has its own."""

from __future__ import annotations

import time
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from clearing.batch.drive import Ended, State

LINE_SECONDS = 10.0


class BatchProgress:
    """Context manager; called with every run that ended, from one thread."""

    def __init__(self, console: Console, runs: int) -> None:
        self._console, self._runs = console, runs
        self._started = self._said = time.monotonic()
        self._count = dict.fromkeys(State, 0)
        self._bar = Progress(
            TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(),
            console=console, transient=True, disable=not console.is_terminal,
        )  # fmt: skip
        self._task = self._bar.add_task("", total=runs)

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.stop()
        self._console.print(self.line(), markup=False, soft_wrap=True)

    def __call__(self, ended: Ended) -> None:
        """Count a run that ended."""
        self._count[ended.state] += 1
        if ended.state is State.FAILED:
            last = ended.findings[-1]
            told = f"[bold red]failed[/] {escape(ended.run.name)}: {escape(last.code)} {escape(last.message)}"
            self._console.print(told, soft_wrap=True)
        self._bar.update(self._task, advance=1, description=self.line(counted=False))
        now = time.monotonic()
        if not self._console.is_terminal and now - self._said >= LINE_SECONDS:
            self._said = now
            self._console.print(self.line(), markup=False, soft_wrap=True)

    def line(self, counted: bool = True) -> str:
        """'12/100 runs  3 before  1 failed  41.2 an hour  about 2 h 08 min left'; what is 0 or unknown is left out."""
        ended = sum(self._count.values())
        parts = [f"{ended}/{self._runs} runs"] if counted else []
        parts += [f"{self._count[State.SKIPPED]} before"] if self._count[State.SKIPPED] else []
        parts += [f"{self._count[State.FAILED]} failed"] if self._count[State.FAILED] else []
        seconds, asked = time.monotonic() - self._started, ended - self._count[State.SKIPPED]
        if asked and seconds > 0.0:
            parts.append(f"{3600.0 * asked / seconds:.4g} an hour")
            if ended < self._runs:
                # What is left may be finished before; so this is what it takes at most, at the pace of what was asked.
                parts.append(f"about {_span(seconds / asked * (self._runs - ended))} left")
        return "  ".join(parts)


def _span(seconds: float) -> str:
    minutes = int(seconds / 60.0)
    if minutes < 1:
        return f"{seconds:.0f} s"
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02d} min"
