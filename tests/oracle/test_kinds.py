"""Kinds of reserve products: rows of production against those of the specification, and their optima."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from clearing.case.validate import has_errors, validate
from models.pricing import pricing
from models.solve import solve
from tests.formulation.test_reserve_kinds import random_kinds
from tests.formulation.test_reserve_terms import cleared
from tests.oracle.compiled import Solver, compiled
from tests.oracle.production import Told
from tests.oracle.test_optimum import specified
from tests.oracle.test_rows import Pair, fixed_columns, in_one_form

SEEDS = range(100, 124)
FAMILIES = (
    "product", "award_offer", "regulation_speed", "flexible_next", "flexible_up", "flexible_down", "flexible_ramp_up",
    "flexible_ramp_down", "offline", "storage_up", "storage_down", "storage_up_energy", "storage_down_energy",
)  # fmt: skip


@cache
def pairs() -> tuple[Pair, ...]:
    drawn = (random_kinds(seed) for seed in SEEDS)
    return tuple(Pair(case, rules) for case, rules in drawn if not has_errors(validate(case, rules)))


@pytest.mark.parametrize("family", FAMILIES)
def test_rows_are_the_same(family: str) -> None:
    compared = 0
    for pair in pairs():
        told: Told = pair.told
        if family not in told.problem.rows:
            assert pair.plain.family(family) == []
            continue
        rows, fixed = told.rows(family), fixed_columns(pair)
        assert set(rows) == set(pair.plain.family(family))
        for at, line in rows.items():
            assert in_one_form(line, fixed) == in_one_form(pair.line((family, at)), fixed), (family, at)
        compared += len(rows)
    assert compared > 20


def test_columns_cost_the_same_and_have_the_same_bounds() -> None:
    seen = 0
    for pair in pairs():
        problem = pair.told.problem
        for column, told in enumerate(pair.told.columns):
            (name, _), *_ = told.items()
            if name[0] in ("award_offline", "award_storage", "regulation_speed_short"):
                plain = pair.plain.columns.get(name)
                if plain is None:  # bounded to nothing in both, so not in any row
                    assert problem.upper[column] == 0.0
                    continue
                assert problem.cost[column] == pytest.approx(pair.plain.cost[plain]), name
                assert problem.upper[column] == pytest.approx(pair.plain.upper[plain]), name
                seen += 1
    assert seen > 100


@pytest.mark.parametrize("seed", SEEDS[:12])
def test_the_clearing_finds_the_optimum_of_the_specification(seed: int) -> None:
    """And its pricing run costs what production's does: the relaxed limits are the same."""
    case, rules = random_kinds(seed)
    if has_errors(validate(case, rules)):
        pytest.skip("the draw is not a valid case")
    found = cleared(case, rules)
    right = specified(case, rules, "appsi_highs")
    assert found.termination.objective == pytest.approx(right, rel=1e-6, abs=1e-6)
    assert found.schedule is not None
    assert found.prices is not None
    net = found.schedule.discharge_mw - found.schedule.charge_mw
    m = pricing(case, rules, found.schedule, np.where(np.abs(net) < 1e-6, 0, np.sign(net)).astype(np.int64))
    solve(m)
    plain = compiled(m)
    rest = Solver(plain, offset=plain.offset).optimum()
    assert rest is not None
    size = 1e-3
    for (family, at), row in plain.rows.items():
        if family not in ("product", "regulation_speed"):
            continue
        price = (found.prices.reserve_price if family == "product" else found.prices.reserve_speed_price)[at]
        slopes = []
        for step in (-size, size):
            moved = compiled(m)
            moved.row_lower[row] += step
            value = Solver(moved, offset=moved.offset).optimum()
            assert value is not None
            slopes.append((value - rest) / step / case.horizon.hours)
        assert min(slopes) - 1e-4 * max(1.0, abs(price)) <= price <= max(slopes) + 1e-4 * max(1.0, abs(price)), (
            family,
            at,
        )
