"""Figures of the generated region: size, seconds and memory of generating, forming, handing over; SCED of a commitment.

    python -m benchmarks.region                              # winter-peak; Markdown to standard output
    python -m benchmarks.region --day spring-noon --time-limit 0     # without the dispatch

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

from clearing.case.case import Case
from clearing.case.lead_times import first_start
from clearing.formulation.scuc import scuc
from clearing.formulation.start_leads import with_first_starts
from clearing.formulation.unit_data import unit_data
from clearing.grid.islands import islands
from clearing.grid.monitored import grid
from clearing.milp.highs import SOLVER_VERSION, Highs
from clearing.rules.load import load
from clearing.rules.rules import Rules
from clearing.solve.control import RunControl
from clearing.solve.dispatch import dispatch
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


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--day", default="winter-peak", choices=sorted(DAYS))
    parser.add_argument("--time-limit", type=float, default=600.0, help="seconds for the dispatch; 0 = none")
    parser.add_argument("--out", type=Path)
    asked = parser.parse_args()
    text = page(asked.day, asked.time_limit)
    print(text)
    if asked.out:
        asked.out.write_text(text + "\n")


if __name__ == "__main__":
    main()
