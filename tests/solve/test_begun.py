"""Where a search begins changes neither the optimum nor what is a bound: begun at results, and at nonsense."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from clearing.case.beginning import Beginning
from clearing.case.bound_proof import NETWORK, PROVEN
from clearing.case.case import Case
from clearing.case.prices import Multipliers
from clearing.case.result import ClearingResult
from clearing.checks.bids import firm_load
from clearing.checks.bound_network import watched
from clearing.checks.electrical import electrical
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
from clearing.solve.decomposition.dual import rounds_of
from clearing.solve.decomposition.joining import WITHOUT, Grown
from clearing.solve.decomposition.lagrangian import Oracle, lagrangian
from clearing.solve.decomposition.proof import known
from clearing.solve.options import SolveOptions
from clearing.solve.search import Search
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
    families = [family for family in PROVEN if family not in NETWORK]
    rows = [(str(rng.choice(families)), str(rng.choice(subjects)), int(rng.integers(periods))) for _ in range(60)]
    rows = list(dict.fromkeys(rows))
    multipliers = Multipliers(
        tuple(f for f, _, _ in rows), tuple(s for _, s, _ in rows), np.array([t for _, _, t in rows]),
        rng.normal(0.0, 300.0, len(rows)),
    )  # fmt: skip
    names = [(f, str(s)) for f, ids in (("branch", case.network.branch_id), ("interface", ("none",))) for s in ids]
    names += [("contingency", f"{s}|{c}") for s in case.network.branch_id[:3] for c in (*case.contingencies.id, "none")]
    on = rng.integers(-1, 2, case.units.p_min_mw.shape).astype(np.int8)
    period = rng.integers(0, periods, len(names))
    value = rng.normal(0.0, 300.0, len(names))
    limits = Multipliers(tuple(f for f, _ in names), tuple(s for _, s in names), period, value)
    return Beginning(on, multipliers, limits)


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
    assert start.limits.family
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
        none = np.zeros(len(names))
        families, subjects = tuple(f for f, _ in names), tuple(s for _, s in names)
        limits = Multipliers(families, subjects, none.astype(np.int64), none)
        start = replace(nonsense(case, seed), limits=limits)
        network, active = limits_met(start, case, known)
        named = {network.monitored.id[e] for e in np.flatnonzero(active[:, 0])}
        assert not active[:, 1:].any()
        assert named <= {name for _, name in names}
        assert len(network.monitored.id) >= len(known.monitored.id)
        if any("|" in name for name in named):
            return
    raise AssertionError("no drawn case watches a branch after a contingency")


def test_no_limit_is_held_that_the_audit_does_not_watch() -> None:
    """What was a limit on another day may be exempt, not monitored or without contingency now."""
    exempt, kept = 0, 0
    for seed in range(12):
        case, _ = secured(seed)
        names = [
            (f"{family}{kind}", f"{one}|{lost}")
            for family, kind, ids in (
                ("contingency", "", case.network.branch_id), ("contingency", "_interface", case.network.interface_id),
            )
            for one in ids for lost in case.contingencies.id
        ]  # fmt: skip
        periods = case.horizon.periods
        limits = Multipliers(
            tuple(f for f, _ in names for _ in range(periods)), tuple(s for _, s in names for _ in range(periods)),
            np.tile(np.arange(periods), len(names)), np.ones(len(names) * periods),
        )  # fmt: skip
        network, active = limits_met(replace(nonsense(case, seed), limits=limits), case, grid(case))
        judged = watched(case, electrical(case.network, firm_load(case)), frozenset(names)).limits
        for family in ("contingency", "contingency_interface"):
            for k, name in enumerate(judged[family].id if family in judged else ()):
                element = network.monitored.id.index(name)
                low, high = judged[family].low[k], judged[family].high[k]
                assert (active[element] == (np.isfinite(low) | np.isfinite(high))).all(), (seed, name)
                exempt, kept = exempt + int((~active[element]).sum()), kept + int(active[element].sum())
    assert min(exempt, kept) >= 20


def test_rounds_that_begin_at_a_proof_have_its_bound_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the limits of the network, which are rows from the start."""
    for where, name in WAYS["huge"]:
        monkeypatch.setattr(where, name, 0)
    limited = 0
    for seed in (3, 4, 5, 7):
        case, rules = secured(seed)
        result = found(case, rules)
        start, _ = beginning.read(encode.result(case, rules, result), case)
        proof = result.bound_proof
        if start is None or proof is None or not set(proof.multipliers.family) & set(NETWORK):
            continue
        search = Search(case, rules, grid(case), SolveOptions(gap=0.0), RunControl(), beginning=start)
        search.meet(*limits_met(start, case, search.grid))
        grown = Grown(search, scuc(case, rules, islands(case)))
        assert grown.know(search)
        rounds = rounds_of(search, grown.model(), without=WITHOUT, by_store=True, joined=grown.joined())
        assert rounds is not None
        named = set(zip(proof.multipliers.family, proof.multipliers.subject, strict=True))
        if named <= {(family, subject) for family, subject, _ in rounds.known.places()}:
            point = Oracle(rounds.of).at(rounds.y)
            assert point is not None
            assert close(point.value, proof.bound)
            limited += 1
    assert limited >= 2


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
        Multipliers((), (), np.zeros(0, dtype=np.int64), np.zeros(0)),
    )  # fmt: skip
    of = lagrangian(model)
    y = np.zeros(len(model.problem.row_lower))
    y[of.row] = known_prices(start, known(of, load("generic")), np.zeros(len(of.row)), model.case.horizon.hours)
    rows = model.problem.rows
    assert y[rows["balance"]].tolist() == [[0.0, 10.0]]
    assert y[rows["product"]].tolist() == [[2.0, 0.0]]
    assert y[rows["shed_total"]].tolist() == [[0.0, -10.0]]
    assert np.count_nonzero(y) == 3
