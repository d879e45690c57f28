"""Figures of the generated province: size, time and memory, what a day costs, its gap, its prices and its reserves.

    python -m benchmarks.province                         # all six days, one after another, 300 s of search each
    python -m benchmarks.province --day spring-noon --time-limit 60 --repeat 1
    python -m benchmarks.province --time-limit 55 --threads 2 --repeat 0 --contingencies   # search alone, full N−1
    python -m benchmarks.province --time-limit 0 --threads 2 --repeat 0 --solver 600       # HiGHS alone beside it

Writes a Markdown table to standard output (and to --out) and all figures to --json. Every part runs in a process of its
own, so that its peak of memory is its own. Seconds are wall-clock; CPU seconds stand beside them because they say how
much of a core the run had.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import resource
import statistics
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from clearing.case.case import Case, CommitmentInput, CommitmentUse
from clearing.case.lead_times import first_start
from clearing.case.result import ClearingResult
from clearing.day_ahead import clear
from clearing.formulation.reserves import net_load_mw, requirements
from clearing.formulation.scuc import scuc
from clearing.formulation.start_leads import with_first_starts
from clearing.formulation.unit_data import unit_data
from clearing.grid.islands import islands
from clearing.milp.highs import SOLVER_VERSION, Highs, Limits
from clearing.rules.load import load
from clearing.solve.control import RunControl
from clearing.solve.options import SolveOptions
from clearing.solve.quick_start import merit_order
from scenarios.drawn.days import DAYS
from scenarios.province.make import make

RULES = "shandong-trial"
NOON = (11, 14)

Figures = dict[str, Any]


def formed(day: str) -> Figures:
    """Size of the SCUC, and seconds from tables to a loaded solver; the second of two forms, so compiled and warm."""
    case, rules = make(day), load(RULES)
    for _ in range(2):
        started = time.perf_counter()
        model = scuc(case, rules, islands(case))
        between = time.perf_counter()
        Highs(model.problem, threads=1)
        ended = time.perf_counter()
    problem = model.problem
    return {
        "columns": len(problem.cost),
        "rows": len(problem.row_lower),
        "nonzeros": int(problem.matrix.nnz),
        "form_s": between - started,
        "hand_over_s": ended - between,
        "form_peak_gb": _peak_gb(),
    }


def given(day: str) -> Figures:
    """SCED, prices and audit of the merit-order commitment."""
    case, rules = make(day), load(RULES)
    data = with_first_starts(unit_data(case), first_start(case, rules))
    on = merit_order(case, rules, data)
    fixed = replace(case, commitment=CommitmentInput(on=on, use=CommitmentUse.FIXED))
    figures, result = _cleared(fixed, SolveOptions())
    stages = dict(result.termination.seconds)
    return figures | {"sced_and_prices_s": stages["dispatch"] + stages["price"], "audit_s": stages["audit"]}


def searched(day: str, seconds: float, threads: int, contingencies: bool) -> Figures:
    """SCUC within a budget, then SCED, prices and audit."""
    case = make(day, contingencies="yes" if contingencies else "no")
    figures, result = _cleared(case, SolveOptions(time_limit_seconds=seconds), threads)
    ended = result.termination
    return figures | {"bound": ended.bound, "bound_kind": ended.bound_kind.name, "gap": ended.gap}


def by_solver(day: str, seconds: float, threads: int) -> Figures:
    """The solver on the whole unit commitment without any row of the network, which is less than a day asks."""
    case, rules = make(day), load(RULES)
    highs = Highs(scuc(case, rules, islands(case)).problem, threads=threads)
    started = time.perf_counter()
    outcome = highs.run(Limits(seconds, rules.solve.gap))
    return {
        "total_s": time.perf_counter() - started,
        "condition": outcome.condition.name,
        "objective": outcome.objective,
        "bound": outcome.bound,
        "peak_gb": _peak_gb(),
    }


def _cleared(case: Case, options: SolveOptions, threads: int = 1) -> tuple[Figures, ClearingResult]:
    rules, control = load(RULES), RunControl(threads=threads)
    started, cpu = time.perf_counter(), time.process_time()
    result = clear(case, rules, options, control)
    ended = result.termination
    figures: Figures = {
        "reason": ended.reason.name,
        "objective": ended.objective,
        "audit_passed": result.audit_passed,
        "total_s": time.perf_counter() - started,
        "cpu_s": time.process_time() - cpu,
        "stages_s": dict(ended.seconds),
        "peak_gb": _peak_gb(),
        "violations": _violations(result),
    }
    return figures | _prices(case, result) | _reserves(case, result), result


def _violations(result: ClearingResult) -> dict[str, Figures]:
    found: dict[str, Figures] = {}
    for v in result.violations:
        of = found.setdefault(v.family, {"count": 0, "most": 0.0, "penalty": 0.0})
        of["count"] += 1
        of["most"] = max(of["most"], v.amount_mw)
        of["penalty"] += v.penalty
    return found


def _prices(case: Case, result: ClearingResult) -> Figures:
    if result.prices is None:
        return {}
    first, last = (hour * 60 // case.horizon.period_minutes for hour in NOON)
    system = np.asarray(result.prices.system_price)
    return {
        "system_price": [float(system.min()), float(system.max())],
        "bus_price": [float(result.prices.bus_price.min()), float(result.prices.bus_price.max())],
        "noon_price": [float(system[:, first:last].min()), float(system[:, first:last].max())],
    }


def _reserves(case: Case, result: ClearingResult) -> Figures:
    """Least margin of each limit over the day, MW; negative = broken."""
    schedule, rules = result.schedule, load(RULES)
    if schedule is None:
        return {}
    units, storage = case.units, case.storage
    least, most, negative = requirements(case, rules.reserves)
    on_line, net = (schedule.on * units.p_max_mw).sum(axis=0), net_load_mw(case)
    held = (schedule.energy_mwh - storage.energy_min_mwh) * storage.discharge_efficiency
    stored = np.minimum(storage.discharge_max_mw, held / (rules.reserves.storage_minutes / 60.0)).sum(axis=0)
    sun = rules.reserves.renewable_share * case.renewables.forecast_mw.sum(axis=0)
    floor = (schedule.on * units.p_min_mw).sum(axis=0) + case.renewables.min_mw.sum(axis=0)
    margins = {
        "positive_least": None if least is None else on_line + stored + sun - net - least,
        "positive_greatest": None if most is None else most - (on_line - schedule.dispatch_mw.sum(axis=0)),
        "negative_least": None if negative is None else net - negative - floor,
    }
    return {"reserve_margin_mw": {k: float(v.min()) for k, v in margins.items() if v is not None}}


def _peak_gb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6


def _alone(function: Any, *arguments: Any) -> Figures:
    """Call in a fresh process."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        return dict(pool.submit(function, *arguments).result())


def measure(
    day: str, seconds: float, repeat: int, threads: int, contingencies: bool, solver_seconds: float = 0.0
) -> Figures:
    """All figures of a day; those of the given commitment from `repeat` runs, times as medians; 0 = none."""
    runs = [_alone(given, day) for _ in range(repeat)]
    found = {"day": day, "load": os.getloadavg()[0], "form": _alone(formed, day)}
    times = {k: statistics.median(run[k] for run in runs) for k in ("sced_and_prices_s", "audit_s", "cpu_s") if runs}
    of_search = _alone(searched, day, seconds, threads, contingencies) if seconds > 0 else {}
    of_solver = _alone(by_solver, day, solver_seconds, threads) if solver_seconds > 0 else {}
    return found | {"given": runs[-1] | times if runs else {}, "scuc": of_search, "solver": of_solver}


def table(days: list[Figures]) -> str:
    """The figures that the issue asks for, a column a day."""
    lines = ["| | " + " | ".join(d["day"] for d in days) + " |", "|---" * (len(days) + 1) + "|"]
    for name, cell in _CELLS:
        lines.append(f"| {name} | " + " | ".join(_said(cell, d) for d in days) + " |")
    return "\n".join(lines)


def _said(cell: Any, figures: Figures) -> str:
    try:
        return str(cell(figures))
    except (KeyError, TypeError):
        return "–"


def _broken(figures: Figures) -> str:
    said = (f"{family} {of['count']} ({of['most']:.0f})" for family, of in figures["violations"].items())
    return ", ".join(said) or "none"


def _range(values: list[float]) -> str:
    return f"{values[0]:.0f} … {values[1]:.0f}"


def _stages(figures: Figures) -> str:
    seconds = figures["stages_s"]
    return " / ".join(f"{seconds[stage]:.1f}" for stage in ("commit", "dispatch", "price", "audit"))


def _money(value: float | None) -> str:
    return "none" if value is None else f"{value:,.0f}"


def _margins(figures: Figures) -> str:
    return " / ".join(f"{v:.0f}" for v in figures["reserve_margin_mw"].values())


_CELLS: tuple[tuple[str, Any], ...] = (
    ("load average before SCUC", lambda d: f"{d['load']:.1f}"),
    ("columns / rows / nonzeros", lambda d: " / ".join(f"{d['form'][k]:,}" for k in ("columns", "rows", "nonzeros"))),
    ("formed + handed over, s", lambda d: f"{d['form']['form_s']:.1f} + {d['form']['hand_over_s']:.1f}"),
    ("peak memory of forming, GB", lambda d: f"{d['form']['form_peak_gb']:.2f}"),
    ("commitment given: SCED + prices, s", lambda d: f"{d['given']['sced_and_prices_s']:.1f}"),
    ("commitment given: audit, s", lambda d: f"{d['given']['audit_s']:.1f}"),
    ("commitment given: CPU of the whole, s", lambda d: f"{d['given']['cpu_s']:.1f}"),
    ("commitment given: peak memory, GB", lambda d: f"{d['given']['peak_gb']:.2f}"),
    ("commitment given: bus prices", lambda d: _range(d["given"]["bus_price"])),
    ("commitment given: system price 11–14 h", lambda d: _range(d["given"]["noon_price"])),
    ("commitment given: broken, periods (most)", lambda d: _broken(d["given"])),
    ("SCUC: ended", lambda d: d["scuc"]["reason"]),
    ("SCUC: objective", lambda d: f"{d['scuc']['objective']:,.0f}"),
    ("SCUC: bound", lambda d: f"{d['scuc']['bound']:,.0f} ({d['scuc']['bound_kind']})"),
    ("SCUC: gap", lambda d: f"{100 * d['scuc']['gap']:.2f} %"),
    ("SCUC: broken, periods (most)", lambda d: _broken(d["scuc"])),
    ("SCUC: reserve margins, MW (least / greatest / negative)", lambda d: _margins(d["scuc"])),
    ("SCUC: system price", lambda d: _range(d["scuc"]["system_price"])),
    ("SCUC: system price 11–14 h", lambda d: _range(d["scuc"]["noon_price"])),
    ("SCUC: bus prices", lambda d: _range(d["scuc"]["bus_price"])),
    ("SCUC: whole run / CPU, s", lambda d: f"{d['scuc']['total_s']:.0f} / {d['scuc']['cpu_s']:.0f}"),
    ("SCUC: commitment / SCED / prices / audit, s", lambda d: _stages(d["scuc"])),
    ("SCUC: peak memory, GB", lambda d: f"{d['scuc']['peak_gb']:.2f}"),
    ("solver alone, no network: ended, s", lambda d: f"{d['solver']['condition']}, {d['solver']['total_s']:.0f}"),
    ("solver alone: objective / bound", lambda d: " / ".join(_money(d["solver"][k]) for k in ("objective", "bound"))),
    ("solver alone: peak memory, GB", lambda d: f"{d['solver']['peak_gb']:.2f}"),
    ("audit passed (given)", lambda d: d["given"]["audit_passed"]),
    ("audit passed (SCUC)", lambda d: d["scuc"]["audit_passed"]),
)


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--day", action="append", choices=sorted(DAYS), help="may be repeated; default: all")
    parser.add_argument("--time-limit", type=float, default=300.0, help="seconds of search; 0 = no SCUC")
    parser.add_argument("--threads", type=int, default=1, help="of the search")
    parser.add_argument("--repeat", type=int, default=3, help="runs with the commitment given")
    parser.add_argument("--contingencies", action="store_true", help="search with the whole contingency list")
    parser.add_argument("--solver", type=float, default=0.0, help="seconds of the solver alone; 0 = none")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--out", type=Path)
    asked = parser.parse_args()
    found = []
    for day in asked.day or list(DAYS):
        found.append(measure(day, asked.time_limit, asked.repeat, asked.threads, asked.contingencies, asked.solver))
        if asked.json:
            asked.json.write_text(json.dumps(found, indent=1))
    text = f"{SOLVER_VERSION}, rule set {RULES}, {os.cpu_count()} cores\n\n{table(found)}\n"
    print(text)
    if asked.out:
        asked.out.write_text(text)


if __name__ == "__main__":
    main()
