"""How long the tests of market power take: the generated province in process, over gRPC, on the command line; a batch.

    python -m benchmarks.market_power [--day spring-noon] [--repeat 5] [--out PAGE.md]

The day is committed in merit order, dispatched and priced once; that is not counted. Then the check runs on this result
with an approved cost for every unit, in this process, through a server (request and reply of this very process), and
as `clearing market-power CASE RESULT --costs COSTS --json` (a process of its own with a server of its own). The batch
is the province with every source a group of its own and 100 branches that bind in all periods. Medians; CPU seconds
beside them.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np

from clearing.case.case import Case, CommitmentInput, CommitmentUse
from clearing.case.declarations import nothing_declared
from clearing.case.lead_times import first_start
from clearing.case.result import Binding, ClearingResult
from clearing.client import Client
from clearing.day_ahead import clear
from clearing.formulation.start_leads import with_first_starts
from clearing.formulation.unit_data import unit_data
from clearing.grid.monitored import grid
from clearing.market_check import Asked, check
from clearing.market_power.costs import no_costs
from clearing.market_power.structure import of_limits, of_system
from clearing.market_power.supply import demand, supply
from clearing.rules.load import load
from clearing.rules.rules import Rules
from clearing.server.embedded import EmbeddedServer
from clearing.solve.control import RunControl
from clearing.solve.options import SolveOptions
from clearing.solve.quick_start import merit_order
from clearing.v1.market_power_pb2 import ApprovedCosts
from clearing.wire import case_file, encode
from scenarios.drawn.days import DAYS
from scenarios.province.make import make

RULES = "shandong-trial"
LIMITS = 100


def priced(case: Case, rules: Rules) -> ClearingResult:
    """SCED, prices and audit of the merit-order commitment."""
    data = with_first_starts(unit_data(case), first_start(case, rules))
    on = merit_order(case, rules, data)
    fixed = replace(case, commitment=CommitmentInput(on=on, use=CommitmentUse.FIXED))
    return clear(fixed, rules, SolveOptions(), RunControl())


def timed(run: Callable[[], object], repeat: int) -> str:
    """Median seconds of so many runs after one that is not counted, and CPU seconds of this process."""
    run()
    wall, cpu = [], []
    for _ in range(repeat):
        started, spent = time.perf_counter(), time.process_time()
        run()
        wall.append(time.perf_counter() - started)
        cpu.append(time.process_time() - spent)
    return f"{statistics.median(wall):.3f} ({statistics.median(cpu):.3f})"


def with_children(run: Callable[[], object], repeat: int) -> str:
    """Median seconds, and the mean CPU seconds of the processes that a run starts and that end with it."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = timed(run, repeat).split()[0]
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return f"{seconds} ({spent / (repeat + 1):.1f})"


def in_process(case: Case, rules: Rules, result: ClearingResult, repeat: int) -> list[tuple[str, str]]:
    """The check, tables in and tables out."""
    cost = np.random.default_rng(1).uniform(250.0, 400.0, len(case.units.id))
    asked = Asked(nothing_declared(case), replace(no_costs(case), unit_per_mwh=cost), False)
    found = check(case, rules, asked, SolveOptions(), RunControl(), result)
    binding = 0 if found.limits is None else len(found.limits.family)
    seconds = timed(lambda: check(case, rules, asked, SolveOptions(), RunControl(), result), repeat)
    size = f"{len(found.supply.id)} / {len(found.supply.group_id)} / {case.horizon.periods} / {binding}"
    return [("sources / groups / periods / limits and periods that bind", size), ("in process, s (CPU)", seconds)]


def costs(case: Case) -> ApprovedCosts:
    """An approved cost for every unit."""
    drawn = np.random.default_rng(1).uniform(250.0, 400.0, len(case.units.id))
    return ApprovedCosts(resource=case.units.id, cost_per_mwh=drawn)


def over_grpc(case: Case, result: ClearingResult, repeat: int) -> list[tuple[str, str]]:
    """The RPC with encoding and decoding on both sides; and what of it the server says it spent."""
    message, parts = encode.result(case, load(RULES), result), []

    def call() -> None:
        reply = client.check_market_power(case, RULES, result=message, costs=costs(case))
        parts.append((reply.run_info.wall_seconds, reply.test_seconds))

    with EmbeddedServer(threads=1) as server, Client(server.address) as client:
        seconds = timed(call, repeat)
    server_s, tests_s = (statistics.median(column) for column in zip(*parts[1:], strict=True))
    return [
        ("over gRPC, s (CPU of the client)", seconds),
        ("of that in the server: all / tests, s", f"{server_s:.3f} / {tests_s:.3f}"),
    ]


def command_line(case: Case, result: ClearingResult, repeat: int) -> list[tuple[str, str]]:
    """The command with files, its own process and its own server."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        (folder / "case.binpb").write_bytes(case_file.case_to_bytes(case))
        (folder / "result.binpb").write_bytes(encode.result(case, load(RULES), result).SerializeToString())
        (folder / "costs.json").write_text(case_file.message_to_json(costs(case)), encoding="utf-8")
        words = ["case.binpb", "result.binpb", "--costs", "costs.json", "--rules", RULES, "--json"]
        command = [sys.executable, "-m", "clearing.cli.main", "market-power", *words]

        def run(*more: str) -> None:
            ended = subprocess.run([*command, *more], cwd=folder, check=True, capture_output=True)
            tests.append(float(json.loads(ended.stdout)["test_seconds"]))

        tests: list[float] = []
        alone = with_children(run, repeat)
        with EmbeddedServer(threads=1) as server:
            beside = with_children(lambda: run("--server", server.address), repeat)
    return [
        ("`clearing market-power` with the start of its server, s (CPU)", alone),
        ("the same with a server that runs (`--server`), s (CPU of the command)", beside),
        ("of that tests, s", f"{statistics.median(tests):.3f}"),
    ]


def batch(case: Case, rules: Rules, result: ClearingResult, repeat: int) -> list[tuple[str, str]]:
    """Structure alone with every source a group, and so many branches that bind in every period."""
    table, given = supply(case, rules), rules.market.structure
    count = len(table.id)
    alone = replace(table, group=np.arange(count), group_id=table.id, group_owner=np.full(count, -1))
    bound = [
        Binding("branch", name, t, "max", 0.0, 1.0)
        for name in case.network.branch_id[:LIMITS]
        for t in range(case.horizon.periods)
    ]
    congested, need, factors = replace(result, bindings=tuple(bound)), demand(case, rules), grid(case)
    seconds = timed(lambda: (of_system(alone, need, given), of_limits(case, factors, congested, alone, given)), repeat)
    return [(f"batch: {count} groups × {case.horizon.periods} periods × {LIMITS} limits, s (CPU)", seconds)]


def page(day: str, repeat: int) -> str:
    """The table of a day."""
    case, rules = make(day), load(RULES)
    result = priced(case, rules)
    before = os.getloadavg()[0]
    rows = in_process(case, rules, result, repeat)
    rows += over_grpc(case, result, repeat)
    rows += command_line(case, result, repeat)
    rows += batch(case, rules, result, repeat)
    rows.append(("load average before / after", f"{before:.1f} / {os.getloadavg()[0]:.1f}"))
    lines = [f"{case.name}, rule set {RULES}, {os.cpu_count()} cores, median of {repeat}", "", "| | |", "|---|---|"]
    return "\n".join([*lines, *(f"| {name} | {value} |" for name, value in rows)])


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--day", default="spring-noon", choices=sorted(DAYS))
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--out", type=Path)
    asked = parser.parse_args()
    text = page(asked.day, asked.repeat)
    print(text)
    if asked.out:
        asked.out.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
