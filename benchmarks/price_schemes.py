"""Uplift under LMP, ELMP and convex hull prices on random markets of every family, and the hull against its primal.

    python -m benchmarks.price_schemes [--markets 1000] [--first 0] [--small 100]

Markets are those of tests/checks/random_market.py; a market without an answer is counted, not left out in silence. The
small ones (one bus) are also solved as mixtures of commitments by models/convex_hull.py. Exit code 1 where the hull
leaves more than another scheme, where a unit's lost opportunity is negative, or where the two routes differ.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter

import numpy as np

from clearing.case.case import Case
from clearing.case.price_schemes import PriceScheme
from clearing.case.result import ClearingResult
from clearing.day_ahead import clear
from clearing.rules.load import load
from clearing.rules.rules import Rules
from clearing.solve.control import RunControl
from clearing.solve.options import SolveOptions
from models.convex_hull import convex_hull
from models.solve import solve
from tests.checks.random_market import random_market
from tests.price.test_schemes import small

NEAR = 1e-6
ALL = set(PriceScheme) - {PriceScheme.UNSPECIFIED}


def answer(case: Case, rules: Rules, gap: float) -> ClearingResult:
    """A clearing with all schemes."""
    found: ClearingResult = clear(case, rules, SolveOptions(gap=gap, price_schemes=True), RunControl())
    return found


def judged(found: ClearingResult, seen: Counter[str], shares: list[tuple[float, float]]) -> str:
    """What is wrong with an answer, "" where nothing is."""
    sets = {one.scheme: one for one in found.price_sets}
    if found.costs is None or not found.termination.priced:
        seen["no priced schedule"] += 1
        return ""
    if set(sets) != ALL:
        seen["a scheme missing"] += 1
        return "missing: " + ", ".join(s.name for s in ALL - set(sets))
    scale, hull = max(1.0, abs(found.costs.total)), sets[PriceScheme.CONVEX_HULL]
    assert hull.gap is not None
    seen["compared"] += 1
    seen["hull to 1e-6 of its dual"] += hull.gap <= 1e-6
    seen["of them, nothing relaxed"] += not hull.approximate
    lmp, elmp = (sets[s].total_uplift for s in (PriceScheme.LMP, PriceScheme.ELMP))
    shares.append((hull.total_uplift / max(lmp, 1e-9), hull.total_uplift / max(elmp, 1e-9)))
    if hull.total_uplift > min(lmp, elmp) + NEAR * scale:
        return f"the hull leaves {hull.total_uplift}, LMP {lmp}, ELMP {elmp}"
    least = min(min(float(one.lost_opportunity.min()), one.other_uplift) for one in sets.values())
    return f"a lost opportunity of {least}" if least < -NEAR * scale else ""


def main(arguments: list[str]) -> int:
    """Command line; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.price_schemes", description=__doc__)
    parser.add_argument("--markets", type=int, default=1000)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--small", type=int, default=100)
    asked = parser.parse_args(arguments)
    began, wrong, seen = time.monotonic(), 0, Counter[str]()
    shares: list[tuple[float, float]] = []
    for seed in range(asked.first, asked.first + asked.markets):
        fault = judged(answer(*random_market(seed), 1e-4), seen, shares)
        wrong += bool(fault)
        if fault:
            print(f"market {seed}: {fault}", flush=True)
    print(f"{asked.markets} markets: {dict(seen)}, {wrong} wrong, {time.monotonic() - began:.0f} s")
    if shares:
        print("median uplift of the hull against LMP, ELMP:", np.median(np.array(shares), axis=0).round(4).tolist())
    worst = 0.0
    for seed in range(asked.small):
        case, rules = small(seed), load("generic")
        hull = next(s for s in answer(case, rules, 0.0).price_sets if s.scheme is PriceScheme.CONVEX_HULL)
        right = solve(convex_hull(case, rules)).objective
        far = abs(hull.dual_value - right) / max(1.0, abs(right))
        worst = max(worst, far)
        if far > NEAR:
            wrong += 1
            print(f"small {seed}: {hull.dual_value} by the dual, {right} by the primal")
    print(f"{asked.small} small markets by both routes: worst relative difference {worst:.1e}")
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
