"""The gap that the clearing and HiGHS have after one and after five minutes, side by side on every rts_gmlc instance.

    python -m benchmarks.uc.anytime [--instance 2020-01-27] [--seconds 300]

Both search the same instance at the same time, one thread each, and are asked for a gap neither reaches soon. Seconds
are those of the process on a processor, for both, and so are the limits that the clearing sets itself: who else is on
the machine makes neither worse. Resumable: what the result file has up to as many seconds is left out.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np

from benchmarks.uc.registry import FAMILIES, Family, instances, path_of
from benchmarks.uc.run import RESULTS
from benchmarks.uc.runners import RULES, Run, relative_gap
from clearing import formats
from clearing.day_ahead import clear
from clearing.formulation.scuc import scuc
from clearing.grid.islands import islands
from clearing.milp.highs import Highs, Limits, Watch
from clearing.milp.outcome import Outcome
from clearing.solve.control import Progress, RunControl
from clearing.solve.options import SolveOptions

FILE = RESULTS / "anytime.json"
ASKED = 1e-4
MARKS = (60.0, 300.0)
"""Seconds after which a gap is noted."""


def by_processor() -> None:
    """Let every limit of this process count its seconds on the processor, those handed to the solver too."""
    run = Highs.run

    def counted(self: Highs, limits: Limits, watch: Watch | None = None) -> Outcome:
        heard, ends = watch or Watch(), np.inf if limits.seconds is None else time.process_time() + limits.seconds
        heard = replace(heard, stopped=lambda: (watch or Watch()).stopped() or time.process_time() >= ends)
        return run(self, replace(limits, seconds=None), heard)

    time.monotonic = time.process_time
    Highs.run = counted  # type: ignore[method-assign]


class Trail:
    """Best objective and bound heard of so far, noted at every change."""

    def __init__(self) -> None:
        self.started, self.objective, self.bound = time.process_time(), float("inf"), float("-inf")
        self.noted: list[tuple[float, float, float]] = []

    def hear(self, objective: float | None, bound: float | None) -> None:
        """Take an objective, a bound or both."""
        self.objective = min(self.objective, float("inf") if objective is None else objective)
        self.bound = max(self.bound, float("-inf") if bound is None else bound)
        self.noted.append((time.process_time() - self.started, self.objective, self.bound))

    def gap_at(self, seconds: float) -> float | None:
        """Relative gap after so many seconds; None = no solution or no bound by then, or stopped before."""
        known = [entry for entry in self.noted if entry[0] <= seconds]
        return relative_gap(known[-1][1], known[-1][2]) if known and known[-1][1] < float("inf") else None


def clearing(path: str, seconds: float) -> Run:
    """The search of the clearing, one thread."""
    case = formats.read(path)
    trail = Trail()

    def entered(progress: Progress) -> None:
        if progress.stage == "commit":
            trail.hear(progress.incumbent, progress.bound)

    options = SolveOptions(time_limit_seconds=seconds, gap=ASKED)
    end = clear(case, RULES, options, RunControl(on_progress=entered, threads=1)).termination
    trail.hear(end.objective, end.bound)  # the last bound ends the search before it is told
    return _told(trail, seconds)


def highs(path: str, seconds: float) -> Run:
    """HiGHS on the compact model, one thread."""
    case = formats.read(path)
    trail = Trail()
    solver = Highs(scuc(case, RULES, islands(case)).problem, threads=1)
    watch = Watch(on_bounds=trail.hear, on_solution=lambda _, objective, bound: trail.hear(objective, bound))
    out = solver.run(Limits(seconds=seconds, relative_gap=ASKED, absolute_gap=0.0), watch)
    trail.hear(out.objective, out.bound)
    return _told(trail, seconds)


def _told(trail: Trail, seconds: float) -> Run:
    ended = trail.noted[-1][0] if trail.noted else 0.0
    gaps = {f"gap_{mark:.0f}_s": trail.gap_at(mark + 1.0) if mark <= seconds else None for mark in MARKS}
    return gaps | {"objective": trail.objective, "bound": trail.bound, "ended_s": ended, "load": os.getloadavg()[0]}


def _alone() -> None:
    os.environ["NUMBA_NUM_THREADS"] = "1"
    by_processor()


def side_by_side(family: Family, instance: str, seconds: float) -> dict[str, Run]:
    """Both at the same time, one thread each."""
    spawn = multiprocessing.get_context("spawn")
    with (
        ProcessPoolExecutor(1, spawn, initializer=_alone) as first,
        ProcessPoolExecutor(1, spawn, initializer=_alone) as second,
    ):
        path = str(path_of(family, instance))
        ours, theirs = first.submit(clearing, path, seconds), second.submit(highs, path, seconds)
        return {"clearing": ours.result(), "highs": theirs.result()}


def main() -> None:
    """See above."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--instance", default="")
    parser.add_argument("--seconds", type=float, default=max(MARKS))
    chosen = parser.parse_args()
    family = next(each for each in FAMILIES if each.name == "rts_gmlc")
    known = json.loads(FILE.read_text()) if FILE.exists() else {}
    for instance in instances(family):
        done = known.get(instance, {}).get("seconds", 0.0) >= chosen.seconds
        if done or chosen.instance not in instance:
            continue
        known[instance] = side_by_side(family, instance, chosen.seconds)
        known[instance]["seconds"] = chosen.seconds
        known[instance]["at"] = datetime.now(UTC).isoformat(timespec="seconds")
        FILE.write_text(json.dumps(dict(sorted(known.items())), indent=1) + "\n", encoding="utf-8")
        print(json.dumps({instance: known[instance]}), flush=True)


if __name__ == "__main__":
    main()
