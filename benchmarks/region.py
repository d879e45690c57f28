"""Figures of the generated region: size, seconds and memory of generating, forming, handing over; SCED of a commitment.

    python -m benchmarks.region                              # winter-peak; Markdown to standard output
    python -m benchmarks.region --day spring-noon --time-limit 0     # without the dispatch
    python -m benchmarks.region --time-limit 0 --search 800 --threads 2 --contingencies     # a day from case to audit

Every part runs in a process of its own, so that its peak of memory is its own. Seconds are wall-clock; CPU seconds
beside them say how much of a core the run had. The dispatch is that of the merit-order commitment, with the
network and its limits but without contingencies, and ends unsolved where its time is up.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import resource
import time
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.uc.anytime import by_processor
from clearing.case.case import Case
from clearing.case.lead_times import first_start
from clearing.day_ahead import clear
from clearing.formulation.scuc import scuc
from clearing.formulation.start_leads import with_first_starts
from clearing.formulation.unit_data import unit_data
from clearing.grid.islands import islands
from clearing.grid.monitored import grid
from clearing.milp.highs import SOLVER_VERSION, Highs
from clearing.rules.load import load
from clearing.rules.rules import Rules
from clearing.solve.control import Progress, RunControl
from clearing.solve.dispatch import dispatch
from clearing.solve.options import SolveOptions
from clearing.solve.quick_start import merit_order
from scenarios.drawn.days import DAYS
from scenarios.region.make import make

Figures = dict[str, Any]


def rules() -> Rules:
    """Shandong's rule set with its system reserves three times as large, as the region is."""
    of_province = load("shandong-trial").reserves
    names = ("positive_min_mw", "positive_max_mw", "negative_min_mw")
    return load("shandong-trial", overrides={f"reserves.{n}": str(3.0 * getattr(of_province, n)) for n in names})


def formed(day: str) -> Figures:
    """Generation, size of the SCUC, and seconds from tables to a loaded solver; the second of two, so warm."""
    case = make(day)
    figures: Figures = {}
    for _ in range(2):
        figures["generated"] = _timed(lambda: make(day))[1]
        model, figures["formed"] = _timed(lambda: scuc(case, rules(), islands(case)))
        figures["handed_over"] = _timed(partial(Highs, model.problem, threads=1))[1]
    problem = model.problem
    size = {"columns": len(problem.cost), "rows": len(problem.row_lower), "nonzeros": int(problem.matrix.nnz)}
    return figures | size | {"peak_gb": _peak_gb()}


def dispatched(day: str, seconds: float) -> Figures:
    """SCED of the merit-order commitment."""
    case, of_day = make(day), rules()
    on = merit_order(case, of_day, with_first_starts(unit_data(case), first_start(case, of_day)))
    network, figures = _timed(lambda: grid(case))
    found, took = _timed(lambda: dispatch(case, of_day, network, on, None, RunControl(), seconds=seconds))
    figures = {"network": figures, "sced": took, "peak_gb": _peak_gb(), "solved": found is not None}
    if found is None:
        return figures
    broken: dict[str, int] = {}
    for violation in found.violations:
        broken[violation.family] = broken.get(violation.family, 0) + 1
    return figures | {
        "objective": found.lp_objective,
        "network_rows": int(found.active.sum()),
        "columns": len(found.model.problem.cost),
        "rows": len(found.model.problem.row_lower),
        "broken": broken,
    }


def searched(day: str, seconds: float, threads: int, contingencies: bool, processor: bool) -> Figures:
    """SCUC within a budget, then SCED, prices and audit: a whole day. processor: limits count seconds on one."""
    if processor:
        by_processor()
    case = make(day, contingencies="yes" if contingencies else "no")
    incumbents: list[tuple[float, float | None, float | None]] = []

    def heard(progress: Progress) -> None:
        if progress.incumbent is not None and (not incumbents or progress.incumbent != incumbents[-1][1]):
            incumbents.append((time.monotonic() - started, progress.incumbent, progress.bound))

    started = time.monotonic()
    control = RunControl(threads=threads, on_progress=heard)
    result, took = _timed(lambda: clear(case, rules(), SolveOptions(time_limit_seconds=seconds, gap=1e-3), control))
    ended = result.termination
    broken: dict[str, float] = {}
    for violation in result.violations:
        broken[violation.family] = broken.get(violation.family, 0.0) + violation.penalty
    return {
        "contingencies": len(case.contingencies.id),
        "whole": took,
        "stages": " / ".join(f"{dict(ended.seconds)[stage]:.0f}" for stage in ("commit", "dispatch", "price", "audit")),
        "reason": ended.reason.name,
        "objective": ended.objective,
        "bound": ended.bound,
        "kind": ended.bound_kind.name,
        "gap": ended.gap,
        "broken": broken,
        "audit_passed": result.audit_passed,
        "incumbents": incumbents,
        "peak_gb": _peak_gb(),
    }


def _timed(call: Any) -> tuple[Any, tuple[float, float]]:
    wall, cpu = time.perf_counter(), time.process_time()
    value = call()
    return value, (time.perf_counter() - wall, time.process_time() - cpu)


def _peak_gb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6


def _alone(function: Any, *arguments: Any) -> Figures:
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        return dict(pool.submit(function, *arguments).result())


def _sizes(case: Case) -> str:
    parts = (
        ("units", len(case.units.id)), ("sites", len(case.renewables.id)), ("stores", len(case.storage.id)),
        ("buses", len(case.network.bus_id)), ("branches", len(case.network.branch_id)),
        ("interfaces", len(case.network.interface_id)), ("loads", len(case.loads.id)),
    )  # fmt: skip
    return ", ".join(f"{count:,} {name}" for name, count in parts)


def page(day: str, seconds: float) -> str:
    """The figures as Markdown."""

    def spent(pair: tuple[float, float]) -> str:
        return f"{pair[0]:.1f} ({pair[1]:.1f})"

    before = os.getloadavg()[0]
    form = _alone(formed, day)
    lines = [
        f"{SOLVER_VERSION}, {os.cpu_count()} cores, load average {before:.1f} before; seconds are wall-clock (CPU)",
        "",
        f"{day}: {_sizes(make(day))}",
        "",
        "| | |",
        "|---|---|",
        f"| columns / rows / nonzeros of the SCUC | {form['columns']:,} / {form['rows']:,} / {form['nonzeros']:,} |",
        f"| generated, s | {spent(form['generated'])} |",
        f"| formed, s | {spent(form['formed'])} |",
        f"| handed over to the solver, s | {spent(form['handed_over'])} |",
        f"| peak memory with solver, GB | {form['peak_gb']:.2f} |",
    ]
    if seconds > 0:
        before = os.getloadavg()[0]
        sced = _alone(dispatched, day, seconds)
        lines += [
            f"| load average before the dispatch | {before:.1f} |",
            f"| islands, topology, monitored elements, s | {spent(sced['network'])} |",
            f"| SCED of the merit-order commitment, s | {spent(sced['sced'])} |",
            f"| its peak memory, GB | {sced['peak_gb']:.2f} |",
        ]
        lines += (
            [
                f"| its columns / rows | {sced['columns']:,} / {sced['rows']:,} |",
                f"| its objective | {sced['objective']:,.0f} |",
                f"| rows of branches and interfaces added | {sced['network_rows']:,} |",
                f"| broken, by family | {sced['broken']} |",
            ]
            if sced["solved"]
            else [f"| solved within {seconds:.0f} s | no |"]
        )
    return "\n".join(lines)


def page_of_search(day: str, seconds: float, threads: int, contingencies: bool, processor: bool) -> str:
    """The figures of a whole day as Markdown."""
    before = os.getloadavg()[0]
    of = _alone(searched, day, seconds, threads, contingencies, processor)
    bound = "–" if of["bound"] is None else f"{of['bound']:,.0f} ({of['kind']})"
    found = (f"{objective:,.0f} after {at:.0f}" for at, objective, _ in of["incumbents"])
    rows = (
        ("load average before, threads", f"{before:.1f}, {threads}"),
        ("contingencies", f"{of['contingencies']:,}"),
        ("whole day, s (CPU)", f"{of['whole'][0]:.0f} ({of['whole'][1]:.0f})"),
        ("commitment / SCED / prices / audit, s", of["stages"]),
        ("ended", of["reason"]),
        ("objective", f"{of['objective']:,.0f}"),
        ("bound", bound),
        ("gap", "–" if of["gap"] is None else f"{100.0 * of['gap']:.2f} %"),
        ("answers told, s", "; ".join(found)),
        ("penalties by family", of["broken"] or "none"),
        ("audit passed", of["audit_passed"]),
        ("peak memory, GB", f"{of['peak_gb']:.2f}"),
    )
    return "\n".join(
        [
            f"{day}, search of {seconds:.0f} s{' on a processor' if processor else ''}",
            "",
            "| | |",
            "|---|---|",
            *(f"| {a} | {b} |" for a, b in rows),
        ]
    )


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--day", default="winter-peak", choices=sorted(DAYS))
    parser.add_argument("--time-limit", type=float, default=600.0, help="seconds for the dispatch; 0 = none")
    parser.add_argument("--search", type=float, default=0.0, help="seconds of a search for a whole day; 0 = none")
    parser.add_argument("--threads", type=int, default=1, help="of the search")
    parser.add_argument("--contingencies", action="store_true", help="search with the whole contingency list")
    parser.add_argument("--by-processor", action="store_true", help="its limits count seconds on a processor")
    parser.add_argument("--no-sizes", action="store_true", help="the search alone")
    parser.add_argument("--out", type=Path)
    asked = parser.parse_args()
    text = "" if asked.no_sizes else page(asked.day, asked.time_limit)
    if asked.search > 0:
        of_search = (asked.search, asked.threads, asked.contingencies, asked.by_processor)
        text += "\n\n" + page_of_search(asked.day, *of_search)
    print(text)
    if asked.out:
        asked.out.write_text(text + "\n")


if __name__ == "__main__":
    main()
