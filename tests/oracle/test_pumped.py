"""Pumped hydro: production against the specification, by optimum of SCUC, SCED and pricing run, and by audit."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from clearing.case.case import Case
from clearing.case.resources import StorageMode
from clearing.case.validate import has_errors, validate
from clearing.day_ahead import clear
from clearing.rules.rules import Rules
from clearing.solve.control import RunControl
from clearing.solve.options import SolveOptions
from models.outcome import storage_mode
from models.pricing import pricing
from models.sced import sced
from models.scuc import scuc
from models.solve import solve
from tests.factory import Row, market
from tests.formulation.drawn import CLEARING, GENERIC, exact
from tests.oracle.steering import steering_penalty

RULES = exact(replace(GENERIC, clearing_penalties=CLEARING))


def drawn(seed: int) -> tuple[Case, Rules]:
    """Two units, one or two reservoirs with up to three machines, on one or two buses; also what steers commitment."""
    rng = np.random.default_rng([seed, 16])
    for _ in range(200):
        case, rules = _case(rng)
        if not has_errors(validate(case, rules)):
            return case, rules
    raise AssertionError(f"seed {seed} draws no valid case")


def _case(rng: np.random.Generator) -> tuple[Case, Rules]:
    periods, minutes = int(rng.integers(3, 7)), int(rng.choice([30, 60]))
    hours = minutes / 60
    pools: list[Row] = [
        {
            "id": f"lake{o}", "energy": 40.0 * hours, "min": 2.0 * hours, "inflow": float(rng.choice([0.0, 3.0])),
            "initial": float(rng.choice([4.0, 20.0])) * hours, "final": float(rng.choice([2.0, 10.0])) * hours,
        }
        for o in range(int(rng.integers(1, 3)))
    ]  # fmt: skip
    pumps: list[Row] = [
        {
            "id": f"m{h}", "bus": str(rng.choice(["a", "b"])), "reservoir": str(rng.choice([p["id"] for p in pools])),
            "pump": float(rng.choice([10.0, 15.0])), "min": float(rng.choice([0.0, 4.0])), "max": 15.0,
            "eta": float(rng.choice([0.8, 0.9])), "share": float(rng.choice([-1.0, 0.5, 1.0])),
            "mode": rng.choice([StorageMode.IDLE, StorageMode.CHARGE, StorageMode.DISCHARGE]),
            "minutes": int(rng.choice([0, 30, 600])), "changeover": int(rng.choice([0, 30, 60, 120])),
            "changes": int(rng.choice([-1, -1, 0, 2])), "price": float(rng.choice([0.0, 2.0])),
            "pump_price": float(rng.choice([0.0, 1.0])),
        }
        for h in range(int(rng.integers(1, 4)))
    ]  # fmt: skip
    if rng.random() < 0.3:  # machines that differ in nothing but their names
        pumps = [{**pumps[0], "id": row["id"], "changes": -1} for row in pumps]
    load = np.round(rng.uniform(5, 70, periods))
    case = market(
        {"a": load, "b": np.round(0.4 * load)},
        units=[
            {
                "id": "base",
                "bus": "a",
                "p_min": 10.0,
                "p_max": 60.0,
                "price": 12.0,
                "no_load": 20.0,
                "start_cost": 150.0,
            },
            {"id": "peak", "bus": "b", "p_max": 50.0, "price": 80.0, "start_cost": 40.0},
        ],
        pumps=pumps,
        reservoirs=pools,
        branches=[{"id": "ab", "ends": ("a", "b"), "x": 0.1, "limit": float(rng.choice([12.0, np.inf]))}],
        period_minutes=minutes,
        positive_min_mw=float(rng.choice([0.0, 25.0])),
    )
    pumped = replace(RULES.pumped, market_share=0.5, system_reserve_mw=float(rng.choice([2.0, 100.0])))
    return case, replace(RULES, pumped=pumped)


@pytest.mark.parametrize("seed", range(30))
def test_production_finds_the_optimum_of_the_specification(seed: int) -> None:
    case, rules = drawn(seed)
    # SCED does not hold the positive reserve, whose ready generation the dispatch decides: SCUC alone is compared.
    steered = bool(case.reserves.positive_min_mw is not None and case.reserves.positive_min_mw.any())
    found = clear(case, rules, SolveOptions(gap=0.0), RunControl())
    assert found.audit_passed, [f for f in found.audit if f.severity.name == "ERROR"]
    assert found.schedule is not None
    best = solve(scuc(case, rules)).objective
    assert found.termination.bound == pytest.approx(best, rel=1e-6, abs=1e-4)
    if not steered:
        assert found.termination.objective == pytest.approx(best, rel=1e-6, abs=1e-4)
    plan, mode = found.schedule, storage_mode(found.schedule)
    assert found.costs is not None
    held = solve(sced(case, rules, plan.on, mode, plan.pumped_mode)).objective
    commitment = found.costs.no_load + found.costs.start + found.costs.stop
    steering = steering_penalty(found.violations, rules)
    assert found.costs.total - commitment - steering == pytest.approx(held, rel=1e-6, abs=1e-4)
    assert np.isfinite(solve(pricing(case, rules, plan, mode)).objective)


def test_the_draws_pump_and_generate() -> None:
    pumped = generated = changed = 0
    for seed in range(30):
        case, rules = drawn(seed)
        found = clear(case, rules, SolveOptions(gap=0.0), RunControl()).schedule
        assert found is not None
        pumped += bool((found.pump_mw > 1.0).any())
        generated += bool((found.generate_mw > 1.0).any())
        changed += bool(((found.pump_mw > 1.0).any(axis=1) & (found.generate_mw > 1.0).any(axis=1)).any())
    assert min(pumped, generated, changed) >= 5, (pumped, generated, changed)
