"""The audit's own Lagrangian bound: that of the search at any multipliers, and every change of a proof is seen."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from clearing.case.arrays import Floats
from clearing.case.bound_proof import BoundProof, provable
from clearing.case.case import Case, CommitmentInput, CommitmentUse
from clearing.case.finding import Severity
from clearing.case.give_way import give_way
from clearing.case.prices import Multipliers
from clearing.case.resources import Storage
from clearing.case.result import BoundKind, ClearingResult, Reason, Termination
from clearing.checks.audit import audit
from clearing.checks.bids import firm_load
from clearing.checks.bound import Read, bound, read, recomputed
from clearing.checks.electrical import electrical
from clearing.day_ahead import clear
from clearing.formulation.scuc import scuc
from clearing.grid.monitored import grid
from clearing.rules.load import load
from clearing.rules.rules import LossModel, RampSharing, Rules
from clearing.solve.control import RunControl
from clearing.solve.decomposition import stage
from clearing.solve.decomposition.dual import dual
from clearing.solve.decomposition.lagrangian import Lagrangian, Oracle, lagrangian
from clearing.solve.decomposition.proof import known
from clearing.solve.options import SolveOptions
from clearing.solve.search import Search
from tests.checks import corrupt_bound
from tests.checks.corrupt import REGISTRY, corruptions, expected
from tests.factory import Row, market
from tests.solve.decomposition.schedules import unit

STORED = 20

KINDS = {function.__name__ for _, _, function in REGISTRY if function.__module__ == corrupt_bound.__name__}


def provable_case(seed: int, units: int = 7, periods: int = 12) -> tuple[Case, Rules]:
    """Units of every kind on two buses, one island or two; wind with a price; an export; reserve up and down.

    From STORED on two stores, one of them with given modes.
    """
    rng = np.random.default_rng(seed)
    minutes = 15 if seed % 3 == 2 else 60
    rows: list[Row] = [unit(rng, i, periods, minutes) | {"bus": "ab"[i % 2]} for i in range(units)]
    for row in rows:
        row.pop("lead", None)
    shares = seed % 2 == 0
    cap = np.where(rng.random(units) < 0.7, np.inf, 0.0 if shares else 6.0)
    products: list[Row] = [
        {"id": "up", "requirement": 9.0, "minutes": np.inf, "max": cap},
        {"id": "down", "requirement": 6.0, "direction": 2, "minutes": np.inf, "max": cap},
    ]
    least = sum(float(np.max(row["p_max"])) for row in rows) * rng.uniform(0.3, 0.6, periods)
    case = market(
        {"a": np.round(0.6 * least, 1), "b": np.round(0.4 * least, 1)}, rows, products=products, buses=["a", "b"],
        branches=[{"id": "ab", "ends": ("a", "b"), "x": 0.1, "limit": 40.0, "on": bool(seed % 4)}],
        renewables=[{"id": "wind", "bus": "a", "forecast": 20.0, "min": 3.0, "blocks": [(12.0, -5.0), (8.0, 12.0)]}],
        ties=[{"id": "tie", "bus": "b", "mw": -8.0}], period_minutes=minutes,
    )  # fmt: skip
    rules = load("generic")
    if seed >= STORED:
        case = replace(case, storage=stores(rng, periods, minutes))
    sharing = RampSharing.PGLIB if shares else RampSharing.HEADROOM
    return case, replace(rules, reserves=replace(rules.reserves, ramp_sharing=sharing))


def stores(rng: np.random.Generator, periods: int, minutes: int) -> Storage:
    """Two stores with prices, losses, limits of energy and, the second, modes that are given in part."""
    rows: list[Row] = [
        {
            "id": f"s{k}", "bus": "ab"[k], "charge": rng.uniform(2, 9, periods),
            "discharge": rng.uniform(2, 9, periods),
            "energy": 20.0, "floor": 2.0, "initial": float(rng.uniform(4, 12)), "final": 6.0, "final_max": 18.0,
            "loss": 0.02, "charge_price": 3.0, "discharge_price": float(rng.uniform(0, 5)),
            "mode": [*rng.integers(0, 4, k * periods // 2), *[0] * (periods - k * periods // 2)],
        }
        for k in range(2)
    ]  # fmt: skip
    table = market({"a": np.ones(periods), "b": np.ones(periods)}, storage=rows, period_minutes=minutes).storage
    return replace(table, charge_efficiency=np.full(2, 0.9), discharge_efficiency=np.full(2, 0.95))


def split(case: Case, rules: Rules) -> Lagrangian:
    return lagrangian(scuc(case, rules, grid(case).islands))


def again(case: Case, rules: Rules, proved: BoundProof) -> tuple[float, Read]:
    """The audit's own bound at the multipliers of a proof, all of which it knows."""
    where = electrical(case.network, firm_load(case))
    given, stray = read(case, rules, where, proved)
    assert not stray
    return recomputed(case, rules, where, given), given


def drawn(rng: np.random.Generator, of: Lagrangian) -> Floats:
    """Multipliers at random, of the size of offers; some rows without."""
    y = rng.uniform(-10.0, 70.0, len(of.row)) * of.model.case.horizon.hours * (rng.random(len(of.row)) < 0.9)
    product = np.isin(of.row, of.model.problem.rows["product"].ravel())
    shed = np.isin(of.row, of.model.problem.rows["shed_total"].ravel())
    modes = np.isin(
        of.row, np.concatenate([of.model.problem.rows[f"{way}_mode"].ravel() for way in ("charge", "discharge")])
    )
    return np.where(product, np.abs(y) * 0.3, np.where(modes, -np.abs(y), np.where(shed, -y, y)))


@pytest.mark.parametrize("seed", [*range(12), *range(STORED, STORED + 8)])
def test_two_witnesses_agree_at_any_multipliers(seed: int) -> None:
    case, rules = provable_case(seed)
    assert provable(case, rules)
    of = split(case, rules)
    assert not of.relaxed
    oracle, rng = Oracle(of), np.random.default_rng(seed)
    for _ in range(6):
        point = oracle.at(drawn(rng, of))
        if point is None:
            pytest.skip("hard data clash: a unit has no schedule before they give way")
        proved = known(of, rules).proof(point.value, point.y, case.horizon.hours)
        assert again(case, rules, proved)[0] == pytest.approx(point.value, rel=1e-9)


@pytest.fixture(scope="module", params=[1, STORED + 1])
def answered(request: pytest.FixtureRequest) -> tuple[Case, Rules, ClearingResult]:
    """An answer that is called certified by a Lagrangian bound."""
    case, rules = provable_case(request.param)
    result = clear(case, rules, SolveOptions(gap=0.2), RunControl())
    where = grid(case)
    search = Search(case, rules, where, SolveOptions(gap=1e-3), RunControl())
    found = dual(search, scuc(case, rules, where.islands))
    assert found is not None
    assert search.proof is not None
    assert search.proof.bound == found.bound == search.bound
    end, objective = result.termination, result.termination.objective
    assert objective is not None
    gap = objective - found.bound
    relative = gap / max(abs(objective), abs(found.bound), 1.0)
    end = replace(end, bound=found.bound, bound_kind=BoundKind.LAGRANGIAN, absolute_gap=gap, gap=relative)
    return case, rules, replace(result, termination=replace(end, gap_asked=0.5), bound_proof=search.proof)


def errors(case: Case, rules: Rules, result: ClearingResult) -> set[str]:
    return {f.code for f in audit(case, rules, result).findings if f.severity is Severity.ERROR}


def test_a_proof_that_holds_is_accepted(answered: tuple[Case, Rules, ClearingResult]) -> None:
    case, rules, result = answered
    assert errors(case, rules, result) == set()
    assert bound(case, rules, result) == []


def test_every_corruption_of_a_proof_is_caught(answered: tuple[Case, Rules, ClearingResult]) -> None:
    case, rules, result = answered
    drawn_kinds = set()
    for seed in range(8):
        for name, corrupted in corruptions(case, rules, result, np.random.default_rng(seed)):
            kind = name.split("/")[2]
            if kind in KINDS:
                drawn_kinds.add(kind)
                assert errors(case, rules, corrupted) & expected(name), name
    assert drawn_kinds == KINDS


def test_a_proof_of_another_bound_or_case_says_so(answered: tuple[Case, Rules, ClearingResult]) -> None:
    case, rules, result = answered
    assert result.bound_proof is not None
    higher = replace(result.termination, bound=result.bound_proof.bound + 1.0)
    assert [f.code for f in bound(case, rules, replace(result, termination=higher))] == ["BOUND"]
    claimed = replace(higher, bound_kind=BoundKind.SOLVER_CLAIMED)
    assert [f.code for f in bound(case, rules, replace(result, termination=claimed))] == ["BOUND_PROVED"]
    longer = replace(case, units=replace(case.units, no_load_cost_per_hour=case.units.no_load_cost_per_hour + 1.0))
    assert [f.code for f in bound(longer, rules, result)] == ["BOUND"]
    assert [f.code for f in bound(case, rules, replace(result, bound_proof=None))] == ["BOUND_NOT_RECHECKED"]
    reserve = replace(rules, reserves=replace(rules.reserves, positive_min_mw=5.0))
    assert bound(case, reserve, result) == []  # a row without a multiplier is worth nothing
    losses = replace(rules, losses=replace(rules.losses, model=LossModel.MARGINAL))
    assert [f.code for f in bound(case, losses, result)] == ["BOUND_NOT_RECHECKED"]


@pytest.mark.parametrize("seed", range(STORED, STORED + 6))
def test_a_bound_with_stores_is_never_above_the_optimum(seed: int) -> None:
    case, rules = provable_case(seed, units=4, periods=6)
    case, _ = give_way(case, rules)
    least = clear(case, rules, SolveOptions(gap=0.0), RunControl()).termination.bound
    where = grid(case)
    search = Search(case, rules, where, SolveOptions(gap=1e-3), RunControl())
    found = dual(search, scuc(case, rules, where.islands))
    assert least is not None
    assert found is not None
    assert search.proof is not None
    right, given = again(case, rules, search.proof)
    assert given.values["storage_energy"].any()
    assert right == pytest.approx(found.bound, rel=1e-9)
    assert right <= least + 1e-6 * abs(least)


@pytest.mark.parametrize("family", ["charge_mode", "discharge_mode"])
def test_multipliers_above_zero_of_a_mode_prove_nothing(family: str) -> None:
    case, rules = provable_case(STORED)
    one = Multipliers((family,), ("s0",), np.zeros(1, dtype=np.int64), np.ones(1))
    assert again(case, rules, BoundProof(0.0, one))[0] == -np.inf


def test_multipliers_below_zero_of_a_least_requirement_prove_nothing() -> None:
    case, rules = provable_case(1)
    of = split(case, rules)
    y = np.where(np.isin(of.row, of.model.problem.rows["product"].ravel()), -1.0, 0.0)
    proved = known(of, rules).proof(0.0, y, case.horizon.hours)
    end = Termination(Reason.TIME_LIMIT_WITHOUT_SOLUTION, None, 0.0, BoundKind.LAGRANGIAN, None, None, 0.0, False)
    result = ClearingResult(end, bound_proof=proved)
    assert [f.code for f in bound(case, rules, result)] == ["BOUND"]


def test_a_search_over_free_units_is_proved_against_what_it_searched(monkeypatch: pytest.MonkeyPatch) -> None:
    """The other units are given, so that the bound is above that of the case in which all are free."""
    monkeypatch.setattr(stage, "LARGE", 0)
    rows: list[Row] = [
        {"id": f"u{i}", "p_min": 10.0, "p_max": 60.0 + i, "blocks": [(70.0, 20.0 + 7.0 * i)],
         "no_load": 100.0 - 9.0 * i, "start": [(0, 50.0)], "min_up": 120, "min_down": 60, "on": i < 2,
         "mw": 20.0 * (i < 2), "minutes": 600}
        for i in range(4)
    ]  # fmt: skip
    products: list[Row] = [{"id": "up", "requirement": 9.0, "minutes": np.inf}]
    case = market([80.0, 120.0, 150.0, 90.0, 60.0, 100.0], rows, products=products)
    rules = load("generic")
    on = np.array([[1] * 6, [0] * 6, [1] * 6, [0, 0, 1, 1, 0, 0]], dtype=np.int8)
    on[1, 0] = 1
    given = CommitmentInput(CommitmentUse.FIXED, on, free=np.array([0, 3]))
    whole = clear(case, rules, SolveOptions(gap=1e-3), RunControl())
    case = replace(case, commitment=given)
    result = clear(case, rules, SolveOptions(gap=1e-3), RunControl())
    assert result.audit_passed
    assert result.bound_proof is not None
    assert {f.code for f in bound(case, rules, result)} <= {"BOUND_PROVED"}  # branch and bound may have gone on
    assert whole.bound_proof is not None
    assert result.bound_proof.bound > whole.bound_proof.bound + 1.0
    assert errors(case, rules, replace(result, bound_proof=whole.bound_proof)) or (
        result.termination.bound_kind is not BoundKind.LAGRANGIAN
    )
    value = result.bound_proof.multipliers.value
    wrong = replace(result.bound_proof.multipliers, value=value * 1.01)
    assert errors(case, rules, replace(result, bound_proof=replace(result.bound_proof, multipliers=wrong))) >= {"BOUND"}
