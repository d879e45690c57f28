"""Where a search begins changes neither the optimum nor what is a bound: begun at results, and at nonsense."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from clearing.case.beginning import Beginning
from clearing.case.bound_proof import CARRIED
from clearing.case.case import Case
from clearing.case.prices import Multipliers
from clearing.case.result import ClearingResult
from clearing.day_ahead import clear
from clearing.formulation.scuc import scuc
from clearing.grid.islands import islands
from clearing.grid.monitored import grid
from clearing.rules.load import load
from clearing.rules.rules import Rules
from clearing.solve import commit, kept_solver, relax, warm_start
from clearing.solve.begun import known_prices, limits_met
from clearing.solve.control import RunControl
from clearing.solve.decomposition import networked, stage
from clearing.solve.options import SolveOptions
from clearing.wire import beginning, encode
from tests import factory
from tests.oracle.cases import drawn
from tests.oracle.test_contingencies import drawn as secured

SLACK = 1e-6
WAYS = {
    "whole": (),
    "large": ((networked, "LARGE"), (stage, "LARGE"), (stage, "MANY")),
    "huge": (
        (networked, "LARGE"), (networked, "MANY"), (stage, "LARGE"), (stage, "MANY"), (relax, "HUGE"),
        (kept_solver, "LARGE"), (warm_start, "LARGE"), (commit, "HUGE_SECONDS"),
    ),
}  # fmt: skip


@pytest.fixture(params=list(WAYS))
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every way of the search, whatever the size."""
    for where, name in WAYS[request.param]:
        monkeypatch.setattr(where, name, 0)


def found(case: Case, rules: Rules, start: Beginning | None = None) -> ClearingResult:
    return clear(case, rules, SolveOptions(gap=0.0, time_limit_seconds=60.0), RunControl(), beginning=start)


def close(a: float | None, b: float | None) -> bool:
    assert a is not None
    assert b is not None
    return abs(a - b) <= SLACK * max(1.0, abs(a), abs(b))


def nonsense(case: Case, seed: int) -> Beginning:
    """Commitment, prices and limits that have nothing to do with anything; some of things that are not there."""
    rng, periods = np.random.default_rng(seed), case.horizon.periods
    subjects = ["0", *case.network.bus_id, *case.reserves.product_id, *case.storage.id, "nobody"]
    rows = [(str(rng.choice(CARRIED)), str(rng.choice(subjects)), int(rng.integers(periods))) for _ in range(60)]
    rows = list(dict.fromkeys(rows))
    multipliers = Multipliers(
        tuple(f for f, _, _ in rows), tuple(s for _, s, _ in rows), np.array([t for _, _, t in rows]),
        rng.normal(0.0, 300.0, len(rows)),
    )  # fmt: skip
    names = [(f, str(s)) for f, ids in (("branch", case.network.branch_id), ("interface", ("none",))) for s in ids]
    names += [("contingency", f"{s}|{c}") for s in case.network.branch_id[:3] for c in (*case.contingencies.id, "none")]
    on = rng.integers(-1, 2, case.units.p_min_mw.shape).astype(np.int8)
    period = rng.integers(0, periods, len(names))
    return Beginning(on, multipliers, tuple(f for f, _ in names), tuple(s for _, s in names), period)


@pytest.mark.usefixtures("way")
@pytest.mark.parametrize("seed", [1, 4])
@pytest.mark.parametrize("kind", ["drawn", "secured"])
def test_the_optimum_is_the_same_wherever_the_search_begins(kind: str, seed: int) -> None:
    base, rules = drawn(seed, steered=False) if kind == "drawn" else secured(seed)
    case = replace(base, loads=replace(base.loads, mw=0.93 * base.loads.mw))
    cold = found(case, rules)
    start, _ = beginning.read(encode.result(base, rules, found(base, rules)), case)
    assert start is not None
    for begun in (start, nonsense(case, seed)):
        again = found(case, rules, begun)
        assert close(again.termination.objective, cold.termination.objective)
        assert again.audit_passed == cold.audit_passed
        if again.termination.bound is not None:
            best = cold.termination.objective or 0.0
            assert again.termination.bound <= best + SLACK * max(1.0, abs(best))


@pytest.mark.usefixtures("way")
@pytest.mark.parametrize(("seed", "gap"), [(3, 0.1), (11, 0.1), (12, 0.03)])
def test_a_search_that_is_closed_where_it_begins_ends_there(seed: int, gap: float) -> None:
    """Limits are known, and the first rounds end before their problem was solved with all that they met."""
    case, rules = secured(seed)
    start, _ = beginning.read(encode.result(case, rules, found(case, rules)), case)
    assert start is not None
    assert start.family
    result = clear(case, rules, SolveOptions(gap=gap), RunControl(), beginning=start)
    end = result.termination
    assert result.audit_passed
    assert end.objective is not None
    assert end.bound is not None
    assert end.objective - end.bound <= gap * max(1.0, abs(end.objective), abs(end.bound)) + SLACK


def test_limits_are_found_by_their_names_and_after_contingencies_too() -> None:
    for seed in range(40):
        case, _ = secured(seed)
        known = grid(case)
        after = [
            (f"{line}|{lost}", k)
            for k, line in enumerate(case.network.branch_id)
            for lost in case.contingencies.id
        ]  # fmt: skip
        if not after:
            continue
        names = [("branch", case.network.branch_id[0]), *(("contingency", name) for name, _ in after), ("branch", "no")]
        start = replace(
            nonsense(case, seed), family=tuple(f for f, _ in names), subject=tuple(s for _, s in names),
            period=np.zeros(len(names), dtype=np.int64),
        )  # fmt: skip
        network, active = limits_met(start, case, known)
        named = {network.monitored.id[e] for e in np.flatnonzero(active[:, 0])}
        assert not active[:, 1:].any()
        assert named <= {name for _, name in names}
        assert len(network.monitored.id) >= len(known.monitored.id)
        if any("|" in name for name in named):
            return
    raise AssertionError("no drawn case watches a branch after a contingency")


def test_multipliers_go_to_their_rows_in_money_of_a_period() -> None:
    case = factory.market(
        [50.0, 60.0], units=[{"id": "a", "p_max": 100}], period_minutes=15,
        products=[{"id": "spin", "requirement": 5.0}],
    )  # fmt: skip
    model = scuc(case, load("generic"), islands(case))
    start = Beginning(
        np.zeros((1, 2), dtype=np.int8),
        Multipliers(("balance", "product", "balance"), (model.islands.id[0], "spin", "nowhere"),
                    np.array([1, 0, 0]), np.array([40.0, 8.0, 99.0])),
        (), (), np.zeros(0, dtype=np.int64),
    )  # fmt: skip
    y = known_prices(start, model, np.zeros(len(model.problem.row_lower)))
    rows = model.problem.rows
    assert y[rows["balance"]].tolist() == [[0.0, 10.0]]
    assert y[rows["product"]].tolist() == [[2.0, 0.0]]
    assert y[rows["shed_total"]].tolist() == [[0.0, -10.0]]
    assert np.count_nonzero(y) == 3
