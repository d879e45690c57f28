"""Flows by shift factors in production against flows by bus angles in the specification, and their limits."""

from __future__ import annotations

import numpy as np
import pytest

from clearing.case.case import Case
from clearing.formulation.injections import bus_injection
from clearing.grid.monitored import BRANCH, FAMILY
from models.scuc import scuc
from tests.oracle.cases import drawn
from tests.oracle.compiled import Compiled, compiled
from tests.oracle.production import ONE, Told, production

SEEDS = range(60)
DRAWN = ("output", "renewable", "charge", "discharge", "shed", "demand", "virtual")


def balanced_point(plain: Compiled, rng: np.random.Generator) -> np.ndarray:
    """Columns drawn freely where they have room; surplus balances each island; flows and angles follow from that."""
    x = np.where(plain.lower == plain.upper, plain.lower, 0.0)
    for (name, _), column in plain.columns.items():
        if name in DRAWN and plain.lower[column] < plain.upper[column]:
            x[column] = rng.uniform(-30, 60)
    for (family, at), row in plain.rows.items():
        if family == "balance":
            x[plain.columns["surplus_step", (*at, 0)]] = (plain.matrix[[row]] @ x - plain.row_lower[row])[0]
    rows = [r for (family, _), r in plain.rows.items() if family in ("angle_flow", "bus_balance")]
    unknown = [c for (name, _), c in plain.columns.items() if name in ("flow", "angle")]
    assert len(rows) == len(unknown)
    matrix = plain.matrix[rows].toarray()
    x[unknown] = np.linalg.solve(matrix[:, unknown], plain.row_lower[rows] - matrix @ x)
    return x


def in_production(told: Told, plain: Compiled, x: np.ndarray) -> np.ndarray:
    """The same point in columns of production, all units off the commitment (on = 0)."""

    def value(name: tuple[str, tuple[int, ...]]) -> float:
        return 1.0 if name == ONE else float(x[plain.columns[name]]) if name in plain.columns else 0.0

    own = np.array([sum(factor * value(name) for name, factor in known.items()) for known in told.columns])
    owner, least = told.model.renewable_curve.resource, told.case.renewables.min_mw
    for site, first in zip(*np.unique(owner, return_index=True), strict=True):
        column = told.problem.columns["renewable_segment"][first]
        own[column] = [value(("renewable", (int(site), t))) - least[site, t] for t in range(len(column))]
    return own


def places(case: Case, kind: int) -> tuple[str, ...]:
    return case.network.branch_id if kind == BRANCH else case.network.interface_id


@pytest.mark.parametrize("seed", SEEDS)
def test_flows_and_their_limits_are_the_same(seed: int) -> None:
    case, rules = drawn(seed)
    model, grid = production(case, rules)
    plain = compiled(scuc(case, rules))
    x = balanced_point(plain, np.random.default_rng(seed))
    injection = bus_injection(
        model.injections, model.fixed_injection, in_production(Told(case, model, rules), plain, x)
    )
    flow, seen = grid.flow(injection, np.zeros((0, injection.shape[1]))), 0
    for e, t in np.ndindex(flow.shape):
        kind = int(grid.monitored.kind[e])
        name = FAMILY[kind], (places(case, kind).index(grid.monitored.id[e]), t)
        limits = grid.monitored.lower[e, t], grid.monitored.upper[e, t]
        if name not in plain.rows:
            assert limits == (-np.inf, np.inf) or not plain.family("angle_flow")
            continue
        row = plain.rows[name]
        assert (plain.matrix[[row]] @ x)[0] == pytest.approx(flow[e, t], abs=1e-7)
        assert (plain.row_lower[row], plain.row_upper[row]) == pytest.approx(limits)
        seen += 1
    assert seen == len(plain.family("branch")) + len(plain.family("interface"))


def test_the_seeds_reach_shifters_taps_outages_islands_and_interfaces() -> None:
    cases = [drawn(seed)[0] for seed in SEEDS]
    has = {
        "shift": lambda n: (n.branch_shift_degrees[n.branch_in_service] != 0).any(),
        "tap": lambda n: (n.branch_tap_ratio[n.branch_in_service] != 1).any(),
        "outage": lambda n: not n.branch_in_service.all(),
        "mesh": lambda n: n.branch_in_service.sum() >= len(n.bus_id) > 2,
        "interface": lambda n: bool(n.interface_id),
    }
    reached = {name: sum(bool(test(case.network)) for case in cases) for name, test in has.items()}
    assert min(reached.values()) >= 5, reached
