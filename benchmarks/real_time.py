"""Seconds of real-time intervals over one stream of a server on loopback: the first, then the median and the tail.

    python -m benchmarks.real_time rts-gmlc --intervals 24
    python -m benchmarks.real_time province --intervals 24 --first 68          # with its contingency list
    python -m benchmarks.real_time province --contingencies no --parts public
    python -m benchmarks.real_time province --first 68 --step-minutes 5 --look-ahead 24     # two hours as well

The commitment is merit order on the periods that are rolled (repaired for system reserves in the province): what is
measured is dispatch, prices and audit of an interval with its look-ahead, not the commitment. Each interval begins from
what the one before scheduled. Seconds are wall-clock at the client: encoding the case, the call, reading the answer.

Steps of five minutes repeat the series of their quarter: the size of such a problem is measured, not what moves within.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import time
from collections import defaultdict
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from clearing.case.case import Case, CommitmentInput, CommitmentUse
from clearing.case.contingencies import NO_CONTINGENCIES
from clearing.case.interval import OFFERS, SERIES, cut
from clearing.case.schedule import Schedule
from clearing.client import Client
from clearing.formats import rts_gmlc
from clearing.formulation.scuc import scuc
from clearing.grid.islands import islands
from clearing.grid.monitored import grid
from clearing.market_day.parts import interval, plan
from clearing.rules.load import load
from clearing.server.embedded import EmbeddedServer
from clearing.solve.control import RunControl
from clearing.solve.dispatch import Dispatch, dispatch
from clearing.solve.quick_start import merit_order
from clearing.v1 import schedule_pb2

PUBLIC = (
    *(schedule_pb2.RESULT_PART_PUBLIC, schedule_pb2.RESULT_PART_SYSTEM_SCHEDULE, schedule_pb2.RESULT_PART_OWNERS),
    schedule_pb2.RESULT_PART_AUDIT,
)


def rts_folder() -> Path:
    """The RTS-GMLC folder of the extra `cases`."""
    found = importlib.util.find_spec("dispatches_data")
    if found is None or not found.submodule_search_locations:
        raise SystemExit("RTS-GMLC comes with the extra `cases`")
    return Path(next(iter(found.submodule_search_locations))) / "packages" / "rts_gmlc"


def read(name: str, day: str, contingencies: str) -> tuple[Case, str]:
    """The day of a scenario in quarters, and its rule set."""
    if name == "province":
        from scenarios.province.make import make  # noqa: PLC0415  # draws 2,000 buses

        return make(day or "winter-peak", contingencies=contingencies), "shandong-trial"
    folder = rts_folder()
    return rts_gmlc.read(folder, day=day or "2020-08-12", series="REAL_TIME", period_minutes="15"), "generic"


def finer(case: Case, minutes: int) -> Case:
    """The case in shorter periods, each with the series of the period that it is in.

    Only where no table names periods by number: else they would name others. Exits where one does.
    """
    horizon, windows = case.horizon, case.energy_windows
    times, left = divmod(horizon.period_minutes, minutes)
    named = (case.units.fixed_period, case.price_ineligible.period, windows.unit)
    network = case.network
    if left or any(map(len, (*named, network.branch_outages.branch, network.branch_limit_windows.branch))):
        raise SystemExit(f"the case cannot be had in steps of {minutes} minutes")
    tables = {name: _repeated(getattr(case, name), names, times) for name, names in SERIES.items()}
    for name, offers in OFFERS.items():
        own = getattr(tables[name], offers)
        tables[name] = replace(tables[name], **{offers: _repeated(own, ("width_mw", "price_per_mwh"), times)})
    return replace(case, horizon=replace(horizon, periods=horizon.periods * times, period_minutes=minutes), **tables)


def _repeated(table: Any, names: tuple[str, ...], times: int) -> Any:
    columns = {name: getattr(table, name) for name in names}
    return replace(
        table, **{name: np.repeat(column, times, axis=-1) for name, column in columns.items() if column is not None}
    )


def committed(case: Case, rules: str) -> Dispatch:
    """A dispatch of merit order without contingencies: commitment and energy of stores are taken from it."""
    case = replace(case, contingencies=NO_CONTINGENCIES)
    known = load(rules)
    model = scuc(case, known, islands(case))
    found = dispatch(case, known, grid(case), merit_order(case, known, model.data), None, RunControl())
    if found is None:
        raise SystemExit("merit order has no dispatch")
    return found


def main() -> None:
    """Print a line an interval and the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("scenario", choices=("rts-gmlc", "province"))
    parser.add_argument("--day", default="")
    parser.add_argument("--contingencies", default="yes", choices=("yes", "no"))
    parser.add_argument("--intervals", type=int, default=24)
    parser.add_argument("--first", type=int, default=0, help="first quarter of the day")
    parser.add_argument("--step-minutes", type=int, default=15, choices=(5, 15))
    parser.add_argument("--look-ahead", type=int, default=8)
    parser.add_argument("--parts", default="all", choices=("all", "public"), help="public: no certificate, no reasons")
    asked = parser.parse_args()
    day, rules = read(asked.scenario, asked.day, asked.contingencies)
    quarters = -(-(asked.intervals + asked.look_ahead) * asked.step_minutes // 15)
    day = cut(day, asked.first, min(asked.first + quarters, day.horizon.periods) - 1)
    if asked.step_minutes != day.horizon.period_minutes:
        day = finer(day, asked.step_minutes)
    begun = committed(day, rules)
    on = begun.schedule.on
    day = replace(day, commitment=CommitmentInput(CommitmentUse.FOLLOW, on))
    of = plan(day, begun.schedule, day, on, asked.look_ahead)
    output = schedule_pb2.OutputSelection(parts=PUBLIC) if asked.parts == "public" else None
    seconds: list[float] = []
    stages: defaultdict[str, list[float]] = defaultdict(list)
    failed = 0
    before: tuple[Case, Schedule] | None = None
    server_ = EmbeddedServer(threads=1)
    with server_ as server, Client(server.address) as client, client.real_time_stream(rules) as stream:
        for t in range(asked.intervals):
            part = interval(of, t, before)
            started = time.perf_counter()
            answer = stream.clear(part, output=output)
            seconds.append(time.perf_counter() - started)
            for stage, spent in answer.run_info.stage_seconds:
                stages[stage].append(spent)
            if answer.result.schedule is None:
                raise SystemExit(f"interval {t}: {answer.termination.reason.name} {answer.termination.detail}")
            before = (part, answer.result.schedule)
            failed += not answer.result.audit_passed
            broken = len(answer.result.violations)
            split = " ".join(f"{stage} {s:.2f}" for stage, s in answer.run_info.stage_seconds)
            print(f"{part.horizon.labels()[0]} {seconds[-1]:7.3f} s  ({split})  violations {broken}", flush=True)
    later = np.array(seconds[1:])
    print(f"first {seconds[0]:.3f} s; then p50 {np.quantile(later, 0.5):.3f} s, p99 {np.quantile(later, 0.99):.3f} s")
    print("median by stage: " + ", ".join(f"{name} {np.median(spent[1:]):.3f}" for name, spent in stages.items()))
    print(f"audits failed: {failed} of {len(seconds)}; load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")


if __name__ == "__main__":
    main()
