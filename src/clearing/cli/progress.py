"""Progress of a run on stderr: a line that lives on a terminal, one line a step elsewhere."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from rich.console import Console
from rich.live import Live
from rich.text import Text

from clearing.report.values import amount, percent
from clearing.solve.control import Progress


def line(progress: Progress) -> str:
    """'commit  incumbent 3,745,000  bound 3,729,195  gap 0.42 %  12.3 s'."""
    parts = [
        f"{progress.stage:<9}",
        f"incumbent {amount(progress.incumbent)}",
        f"bound {amount(progress.bound)}",
        f"gap {percent(progress.gap, 3)}",
    ]
    if progress.security_round:
        parts.append(f"round {progress.security_round}")
    if progress.violations is not None:
        parts.append(f"violations {progress.violations}")
    parts.append(f"{progress.seconds:.1f} s")
    return "  ".join(parts)


class ProgressLine:
    """Context manager and callback. Off a terminal it prints a line where the stage changes or the incumbent improves.

    Every call comes from the thread that reads the stream.
    """

    def __init__(self, console: Console) -> None:
        self._console = console
        self._live: Live | None = None
        self._stage = ""
        self._incumbent: float | None = None

    def __enter__(self) -> Self:
        if self._console.is_terminal:
            self._live = Live(Text("waiting for a worker"), console=self._console, refresh_per_second=8, transient=True)
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._live is not None:
            self._live.stop()

    def __call__(self, progress: Progress) -> None:
        """Show where the run is."""
        if self._live is not None:
            self._live.update(Text(line(progress)))
        elif self._is_step(progress):
            self._console.print(line(progress), markup=False, soft_wrap=True)
        self._stage = progress.stage
        self._incumbent = progress.incumbent

    def _is_step(self, progress: Progress) -> bool:
        if progress.stage != self._stage:
            return True
        if progress.incumbent is None:
            return False
        return self._incumbent is None or progress.incumbent < self._incumbent - 1e-9 * abs(self._incumbent)
