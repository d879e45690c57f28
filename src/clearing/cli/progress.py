"""Progress of a run on stderr: a line that lives on a terminal, one line a step elsewhere."""

from __future__ import annotations

import time
from dataclasses import replace
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.live import Live
from rich.text import Text

from clearing.report.values import amount, percent
from clearing.solve.control import Progress


def line(progress: Progress) -> str:
    """'commit    12.3 s  incumbent 3,745,000  bound 3,729,195  gap 0.42 %'; what is not known is left out."""
    parts = [f"{progress.stage:<9}{progress.seconds:7.1f} s"]
    if progress.incumbent is not None:
        parts.append(f"incumbent {amount(progress.incumbent)}")
    if progress.bound is not None:
        parts.append(f"bound {amount(progress.bound)}")
    if progress.gap is not None:
        parts.append(f"gap {percent(progress.gap, 3)}")
    if progress.security_round:
        parts.append(f"round {progress.security_round}")
    if progress.violations is not None:
        parts.append(f"violations {progress.violations}")
    return "  ".join(parts)


class ProgressLine:
    """Context manager and callback. Off a terminal it prints a line where the stage changes or the incumbent improves.

    Every call comes from the thread that reads the stream; rich draws from a thread of its own, from one reference.
    """

    def __init__(self, console: Console) -> None:
        self._console = console
        self._live: Live | None = None
        self._last: tuple[Progress, float] = (Progress("waiting", 0.0), time.monotonic())

    def __enter__(self) -> Self:
        if self._console.is_terminal:
            self._live = Live(get_renderable=self._ticking, console=self._console, refresh_per_second=5, transient=True)
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._live is not None:
            self._live.stop()

    def __call__(self, progress: Progress) -> None:
        """Show where the run is."""
        before, now = self._last[0], _carried(self._last[0], progress)
        self._last = (now, time.monotonic())
        if self._live is None and _is_step(before, now):
            self._console.print(line(now), markup=False, highlight=False, soft_wrap=True)

    def _ticking(self) -> Text:
        """The last news, with a clock that goes on between two of them."""
        progress, at = self._last
        return Text(line(replace(progress, seconds=progress.seconds + time.monotonic() - at)))


def _carried(before: Progress, now: Progress) -> Progress:
    """What later stages do not repeat still holds."""
    return replace(
        now,
        incumbent=before.incumbent if now.incumbent is None else now.incumbent,
        bound=before.bound if now.bound is None else now.bound,
        gap=before.gap if now.gap is None and now.incumbent is None else now.gap,
        violations=before.violations if now.violations is None else now.violations,
    )


def _is_step(before: Progress, now: Progress) -> bool:
    if now.stage != before.stage:
        return True
    if now.incumbent is None:
        return False
    return before.incumbent is None or now.incumbent < before.incumbent - 1e-9 * abs(before.incumbent)
