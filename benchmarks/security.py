"""The province or the region with its whole contingency list: SCED of a given commitment to optimality, prices, audit.

    python -m benchmarks.security                                   # winter-peak; Markdown to standard output
    python -m benchmarks.security --day spring-noon --out page.md
    python -m benchmarks.security --region                          # 10,000 buses, merit order, modes found as well

The commitment of the province is merit order, repaired unit by unit for the system reserves (solve/local_search.py)
with the help of a dispatch without contingencies, and storage charges and discharges in the periods in which the
dispatch of that does. Of the region it is merit order alone, and `clear` finds the modes. Then the case is dispatched,
priced and audited, as after a search: rows after contingencies are added where the dispatch breaks them, until none is
broken or the rule's rounds are used up; the audit solves power flows without what is lost. Seconds are wall-clock.
"""

from __future__ import annotations

import argparse
import os
import resource
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.region import rules as of_region
from clearing import day_ahead
from clearing.case.case import Case, CommitmentInput, CommitmentUse
from clearing.case.contingencies import NO_CONTINGENCIES, OutageKind
from clearing.case.lead_times import first_start
from clearing.case.result import ClearingResult, Reason
from clearing.formulation.scuc import scuc
from clearing.formulation.start_leads import with_first_starts
from clearing.formulation.unit_data import unit_data
from clearing.grid.islands import islands
from clearing.grid.monitored import AFTER, grid
from clearing.milp.highs import SOLVER_VERSION
from clearing.rules.load import load
from clearing.rules.rules import Rules
from clearing.solve.control import Incumbent, RunControl
from clearing.solve.dispatch import Dispatch, dispatch
from clearing.solve.local_search import local_search, supply_of
from clearing.solve.options import SolveOptions
from clearing.solve.quick_start import merit_order
from scenarios.drawn.days import DAYS
from scenarios.province.make import make as province
from scenarios.region.make import make as region

RULES = "shandong-trial"
BRANCH, UNIT = OutageKind.BRANCH, OutageKind.UNIT


def commitment(case: Case) -> Incumbent:
    """Merit order, then unit by unit with what its dispatch does; modes of storage as the dispatch of that has them."""
    rules, quiet = load(RULES), RunControl()
    model, network = scuc(case, rules, islands(case)), grid(case)
    first = dispatch(case, rules, network, merit_order(case, rules, model.data), None, quiet)
    if first is None:
        raise SystemExit("the commitment by merit order has no dispatch")
    done = first.schedule
    supply = supply_of(model, done.dispatch_mw.sum(axis=0), done.renewable_mw.sum(axis=0), done.energy_mwh, rules)
    on = local_search(case, rules, model, done.on, supply)
    again = dispatch(case, rules, network, on, None, quiet)
    if again is None:
        raise SystemExit("the repaired commitment has no dispatch")
    return Incumbent(on=on, storage_mode=again.mode, objective=again.costs.total, bound=None)


def cleared(case: Case, rules: Rules, given: Incumbent | None) -> tuple[ClearingResult, Dispatch]:
    """The answer, and the dispatch in it: rounds and rows stand there only. given None: the case has its commitment."""
    kept: list[Dispatch] = []

    def watched(*arguments: Any, **options: Any) -> Dispatch | None:
        found = dispatch(*arguments, **options)
        if found is not None:
            kept.append(found)
        return found

    day_ahead.dispatch = watched
    control = RunControl()
    if given is None:
        result = day_ahead.clear(case, rules, SolveOptions(), control)
    else:
        result = day_ahead.finish(case, rules, given, Reason.COMMITMENT_GIVEN, SolveOptions(), control)
    if not kept:
        raise SystemExit(f"no dispatch: {result.termination.reason.name}")
    return result, kept[0]


def by_merit(case: Case, rules: Rules) -> Case:
    """The case with the commitment by merit order as given."""
    on = merit_order(case, rules, with_first_starts(unit_data(case), first_start(case, rules)))
    return replace(case, commitment=CommitmentInput(CommitmentUse.FIXED, on))


def page(day: str, large: bool) -> str:
    """The figures as Markdown."""
    case, rules = (region if large else province)(day, contingencies="yes"), of_region() if large else load(RULES)
    before = os.getloadavg()[0]
    started = time.perf_counter()
    given = None if large else commitment(replace(case, contingencies=NO_CONTINGENCIES))
    case = by_merit(case, rules) if large else case
    committed = time.perf_counter() - started
    print(f"commitment {committed:.0f} s", file=sys.stderr, flush=True)
    started, cpu = time.perf_counter(), time.process_time()
    result, found = cleared(case, rules, given)
    total, cpu = time.perf_counter() - started, time.process_time() - cpu
    after = found.active[found.grid.monitored.kind >= AFTER]
    kinds = case.contingencies.outage_kind
    screened = screening(case, found)
    broken: dict[str, int] = {}
    for violation in result.violations:
        broken[violation.family] = broken.get(violation.family, 0) + 1
    binds = int((np.abs(found.network_dual[found.grid.monitored.kind >= AFTER]) > 1e-6).sum())
    rows = [
        ("contingencies: branches / units", " / ".join(str((kinds == k).sum()) for k in (BRANCH, UNIT))),
        ("load average before / after", f"{before:.1f} / {os.getloadavg()[0]:.1f}"),
        (f"commitment, s ({'merit order' if large else 'merit order, dispatch, repair'})", f"{committed:.0f}"),
        ("columns / rows of the SCED", f"{len(found.model.problem.cost):,} / {len(found.model.problem.row_lower):,}"),
        ("stages, s", ", ".join(f"{name} {seconds:.0f}" for name, seconds in result.termination.seconds)),
        ("whole clearing, s (CPU)", f"{total:.0f} ({cpu:.0f})"),
        ("peak memory, GB", f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6:.2f}"),
        ("one sweep of all contingencies × branches × periods, s (CPU): first with factors, again", screened),
        ("security rounds", str(found.secured)),
        ("rows after contingencies (pairs × periods) / others", f"{after.sum()} / {found.active.sum() - after.sum()}"),
        ("of them with a price", str(binds)),
        ("limits after contingencies left broken without a row", str(found.left)),
        ("modes of storage: gap", f"{found.mode_gap:.1e}"),
        ("SCED: objective", f"{result.termination.objective:,.2f}"),
        ("broken, by family", ", ".join(f"{k} {n}" for k, n in broken.items()) or "none"),
        ("audit", f"passed: {result.audit_passed}, {len(result.audit)} findings"),
    ]  # fmt: skip
    lines = [f"{SOLVER_VERSION}, rule set {RULES}, {os.cpu_count()} cores, {case.name}", "", "| | |", "|---|---|"]
    return "\n".join([*lines, *(f"| {name} | {value} |" for name, value in rows)])


def screening(case: Case, found: Dispatch) -> str:
    """Seconds of screening the flows of the dispatch: with the factors formed first, and with what is kept of them."""
    flow, schedule = found.grid.branch_flow(found.injection), found.schedule
    fresh = grid(case).security
    lost = fresh.lost_mw(schedule.dispatch_mw + schedule.curve_mw, schedule.hvdc_mw)
    spent = []
    for _ in range(2):
        started, cpu = time.perf_counter(), time.process_time()
        fresh.broken(flow, lost)
        spent.append(f"{time.perf_counter() - started:.1f} ({time.process_time() - cpu:.1f})")
    return ", ".join(spent)


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--day", default="winter-peak", choices=sorted(DAYS))
    parser.add_argument("--region", action="store_true", help="the region instead of the province")
    parser.add_argument("--out", type=Path)
    asked = parser.parse_args()
    text = page(asked.day, asked.region)
    print(text)
    if asked.out:
        asked.out.write_text(text + "\n")


if __name__ == "__main__":
    main()
