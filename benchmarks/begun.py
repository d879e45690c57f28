"""A province's day begun at the result of a base case or of another day, beside the same day from nothing.

    python -m benchmarks.begun                                        # winter-peak with 1 % more load
    python -m benchmarks.begun --base outage --day winter-peak --load 1   # begun at another day
    python -m benchmarks.begun --load 0.98 --load 1.01 --load 1.05    # several what-ifs of one base

Seconds are wall-clock; the result travels as a message, as a caller would send it (decision 0026). Which of two runs
comes first changes by study, and the base warms what is compiled.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from clearing.case.beginning import Beginning
from clearing.case.case import Case
from clearing.case.result import ClearingResult
from clearing.day_ahead import clear
from clearing.milp.highs import SOLVER_VERSION
from clearing.rules.load import load
from clearing.solve.control import Progress, RunControl
from clearing.solve.options import SolveOptions
from clearing.wire import beginning, write_result
from scenarios.drawn.days import DAYS
from scenarios.province.make import make

RULES = "shandong-trial"
Figures = dict[str, Any]


def cleared(case: Case, seconds: float, threads: int, at: Beginning | None) -> tuple[ClearingResult, Figures]:
    """One day, and what its search came to when."""
    incumbents: list[tuple[float, float]] = []

    def heard(progress: Progress) -> None:
        if progress.incumbent is not None and (not incumbents or progress.incumbent < incumbents[-1][1]):
            incumbents.append((time.perf_counter() - started, progress.incumbent))

    started, cpu = time.perf_counter(), time.process_time()
    control = RunControl(threads=threads, on_progress=heard)
    result = clear(case, load(RULES), SolveOptions(time_limit_seconds=seconds), control, beginning=at)
    ended = result.termination
    return result, {
        "total_s": time.perf_counter() - started,
        "cpu_s": time.process_time() - cpu,
        "commit_s": dict(ended.seconds)["commit"],
        "reason": ended.reason.name,
        "objective": ended.objective,
        "bound": ended.bound,
        "gap": ended.gap,
        "penalty": sum(v.penalty for v in result.violations),
        "audit_passed": result.audit_passed,
        "incumbents": incumbents,
    }


def studied(base: str, day: str, factors: list[float], seconds: float, threads: int) -> list[Figures]:
    """The base, then every what-if from nothing and begun at the base's result."""
    of_base = make(base, contingencies="yes")
    result, figures = cleared(of_base, seconds, threads, None)
    message = write_result.result(of_base, load(RULES), result)
    found = [{"day": base, "load": 1.0, "from": "nothing"} | figures]
    for number, factor in enumerate(factors):
        case = make(day, contingencies="yes")
        case = replace(case, loads=replace(case.loads, mw=case.loads.mw * factor))
        at, _ = beginning.read(message, case)
        starts = [("nothing", None), (base, at)]
        for name, start in starts[:: -1 if number % 2 else 1]:
            _, figures = cleared(case, seconds, threads, start)
            found.append({"day": day, "load": factor, "from": name} | figures)
    return found


def table(found: list[Figures]) -> str:
    """A row a run."""
    head = (
        "| day | load | begun at | first answer, s | its cost to the last | s in all | search, s | cost | gap | audit |"
    )
    lines = [head, "|---" * 10 + "|"]
    for run in found:
        first, cost = run["incumbents"][0] if run["incumbents"] else (float("nan"), float("nan"))
        lines.append(
            f"| {run['day']} | {run['load']:g} | {run['from']} | {first:.0f} | {cost / run['objective']:.4f} "
            f"| {run['total_s']:.0f} | {run['commit_s']:.0f} | {run['objective']:,.0f} | {100 * run['gap']:.3f} % "
            f"| {'passed' if run['audit_passed'] else 'failed'} |"
        )
    return "\n".join(lines)


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--base", choices=sorted(DAYS), default="winter-peak")
    parser.add_argument("--day", choices=sorted(DAYS), help="default: the base's")
    parser.add_argument("--load", type=float, action="append", help="factor on all loads; may be repeated")
    parser.add_argument("--time-limit", type=float, default=54.0, help="seconds of each search")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    found = studied(asked.base, asked.day or asked.base, asked.load or [1.01], asked.time_limit, asked.threads)
    print(f"{SOLVER_VERSION}, rule set {RULES}, {os.cpu_count()} cores\n\n{table(found)}")
    if asked.json:
        asked.json.write_text(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
