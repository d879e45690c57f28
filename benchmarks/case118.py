"""case118 of UnitCommitment.jl (54 units, 186 lines, 177 contingencies, 36 h): the whole SCUC by both routes.

    python -m benchmarks.case118                            # as published: no line has a limit
    python -m benchmarks.case118 --limits --seconds 1200    # with limits that bind after contingencies

Production searches to a gap of its own and is audited. The specification (`models/scuc.py`, Pyomo and HiGHS) decides
the commitment too: it starts from production's commitment, which is worth nothing to its bound, and holds limits after
contingencies by rounds of its own (`models/secure.py`). Compared: each objective against the other's proved bound, so
that neither has to close its gap for the two to be told apart; and the commitment of production costed by the
specification's own dispatch. Needs the file beside the checkout (`../shared/data`).
"""

from __future__ import annotations

import argparse
import os
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyomo.environ as pyo

from clearing.case.case import Case
from clearing.case.result import ClearingResult
from clearing.day_ahead import clear
from clearing.formulation.unit_data import unit_data
from clearing.milp.highs import SOLVER_VERSION
from clearing.rules.load import load
from clearing.rules.rules import Rules
from clearing.solve.control import RunControl
from clearing.solve.options import SolveOptions
from clearing.solve.quick_start import merit_order
from models.contingencies import Among
from models.sced import sced
from models.scuc import scuc
from models.secure import Secured, secured
from models.solve import Solved, solve
from tests.outside.test_unitcommitment_jl import idle, instance, limited

ROUNDS = 2
"""Solves of the specification's SCUC at most."""


def started(m: pyo.ConcreteModel, answer: ClearingResult) -> pyo.ConcreteModel:
    """The model with the values of a commitment as a start."""
    assert answer.schedule is not None
    for name in ("on", "start", "stop"):
        for key, value in np.ndenumerate(getattr(answer.schedule, name)):
            getattr(m, name)[key].set_value(int(value))
    return m


def solved(m: pyo.ConcreteModel, gap: float, seconds: float) -> Solved:
    """As models.solve.solve, from the values in the model; a solution within the time is taken as it is."""
    machine = pyo.SolverFactory("appsi_highs")
    machine.config.mip_gap = gap
    begun = time.perf_counter()
    found = machine.solve(m, timelimit=seconds, warmstart=True)
    return Solved(float(pyo.value(m.cost)), float(found.problem.lower_bound), time.perf_counter() - begun)


@dataclass(frozen=True)
class Specified:
    """Optimum of production's commitment by rounds, its seconds; and of the whole SCUC: solves, seconds, broken."""

    same: Secured
    fixed: float
    solves: list[Solved]
    searched: float
    pairs: int
    clean: bool


def specification(case: Case, rules: Rules, answer: ClearingResult, gap: float, seconds: float) -> Specified:
    """What production's commitment costs in the specification, and the specification's own commitment.

    The SCUC begins with the contingencies and periods that the dispatch of production's commitment needed: without the
    others it is a relaxation, so its bound holds whether or not its answer breaks others yet.
    """
    assert answer.schedule is not None
    on, held, solves = answer.schedule.on, set[tuple[int, int]](), list[Solved]()

    def of_given(among: Among) -> pyo.ConcreteModel:
        held.update(among or ())
        return sced(case, rules, on, idle(case), among=among)

    def own(among: Among) -> pyo.ConcreteModel:
        return started(scuc(case, rules, held | set(among or ())), answer)

    def kept(m: pyo.ConcreteModel) -> Solved:
        solves.append(solved(m, gap, seconds))
        return solves[-1]

    begun = time.perf_counter()
    same = secured(case, rules, of_given, solve)
    fixed = time.perf_counter() - begun
    print(f"specification, same commitment: {same.solved.objective!r}, {fixed:.0f} s, pairs {len(held)}", flush=True)
    begun, clean = time.perf_counter(), True
    try:
        secured(case, rules, own, kept, rounds=ROUNDS)
    except RuntimeError:
        clean = False
    return Specified(same, fixed, solves, time.perf_counter() - begun, len(held), clean)


def page(limits: bool, gap: float, seconds: float) -> str:
    """The figures as Markdown."""
    case, rules = instance("case118-initcond", initial="merit-order"), load("generic")
    if limits:
        case = limited(case, rules, merit_order(case, rules, unit_data(case)))
    before, begun = os.getloadavg()[0], time.perf_counter()
    answer = clear(case, rules, SolveOptions(gap=gap, time_limit_seconds=seconds), RunControl())
    took = time.perf_counter() - begun
    ending, costs = answer.termination, answer.costs
    assert ending.objective is not None
    assert ending.bound is not None
    assert costs is not None
    binding = sum(b.family == "contingency" for b in answer.bindings)
    print(f"production {ending.objective!r} bound {ending.bound!r}, {took:.0f} s", flush=True)
    spec = specification(case, rules, answer, gap, seconds)
    of_same = spec.same.solved.objective + costs.no_load + costs.start + costs.stop
    objective, bound = spec.solves[-1].objective, max(s.bound for s in spec.solves)
    left = "none" if spec.clean else "some, so its objective is of a relaxation"
    rows = [
        ("load average before / after", f"{before:.1f} / {os.getloadavg()[0]:.1f}"),
        ("production: objective", f"{ending.objective:,.4f}"),
        ("production: bound, gap, s", f"{ending.bound:,.4f}, {ending.gap:.2e}, {took:.0f}"),
        ("audit", f"passed: {answer.audit_passed}; broken: {len(answer.violations)}"),
        ("limits after contingencies that bind (pairs × periods)", str(binding)),
        ("the same commitment in the specification", f"{of_same:,.4f}"),
        ("its solves, limits added, s", f"{spec.same.rounds}, {spec.same.added}, {spec.fixed:.0f}"),
        ("specification's SCUC: objective", f"{objective:,.4f}"),
        ("specification's SCUC: bound, gap", f"{bound:,.4f}, {(objective - bound) / objective:.2e}"),
        (
            "its solves, contingencies × periods from the start, s",
            f"{len(spec.solves)}, {spec.pairs}, {spec.searched:.0f}",
        ),
        ("limits that its answer breaks", left),
        ("production's objective over the specification's bound", f"{ending.objective / bound - 1.0:.2e}"),
    ]
    head = f"{SOLVER_VERSION}, gap asked {gap:g}, {'with' if limits else 'without'} limits"
    return "\n".join([head, "", "| | |", "|---|---|", *(f"| {name} | {value} |" for name, value in rows)])


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--limits", action="store_true", help="limits that contingencies break")
    parser.add_argument("--gap", type=float, default=1e-5)
    parser.add_argument("--seconds", type=float, default=900.0, help="of every search")
    parser.add_argument("--out", type=Path)
    asked = parser.parse_args()
    text = page(asked.limits, asked.gap, asked.seconds)
    print(text)
    if asked.out:
        asked.out.write_text(text + "\n")


if __name__ == "__main__":
    main()
