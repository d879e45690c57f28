"""The audit's bound with limits of the network and of the system reserve: that of the search; no false one passes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from clearing.case.bound_proof import NETWORK, PROVEN, SYSTEM, BoundProof
from clearing.case.case import Case
from clearing.case.prices import Multipliers
from clearing.case.result import BoundKind, ClearingResult, Reason, Termination
from clearing.checks.bound import bound
from clearing.rules.load import load
from clearing.rules.rules import Rules
from clearing.solve.decomposition.lagrangian import Oracle
from tests.checks.test_bound import again, errors
from tests.factory import Row, market
from tests.solve.decomposition.bounded import bounded, multipliers, split
from tests.solve.decomposition.test_networked_families import Key, alone, case_of, cleared

DRAWN: list[Key] = [
    *(("market", seed, 0) for seed in (1, 4, 9, 12, 15, 500, 528, 559)),
    *(("drawn", seed, seed % 4) for seed in (3, 9, 2001, 2005)),
    *(("secured", seed, 0) for seed in (0, 1, 6)), ("family", "contingencies", 11), ("family", "system reserves", 11),
]  # fmt: skip

GENERIC = load("generic")
BEYOND = GENERIC.clearing_penalties.branch[-1][1] + 1.0


SMALL = 0.01
"""Multipliers that are nearly 0 may change and prove the same bound."""

SHED = 100.0
"""What a MW that is shed is held to be worth at least: no load is shed at the prices of these proofs."""


def proof_of(value: float, *entries: tuple[str, str, float]) -> BoundProof:
    """A bound with multipliers of the first period: family, subject, value; no load is shed."""
    island = next((subject for family, subject, _ in entries if family == "balance"), None)
    whole = entries if island is None else (*entries, ("shed_total", island, -SHED))
    family, subject, number = zip(*whole, strict=True)
    return BoundProof(value, Multipliers(family, subject, np.zeros(len(whole), dtype=np.int64), np.array(number)))


def codes(case: Case, rules: Rules, proof: BoundProof) -> list[str]:
    """What the check of a bound that a result claims with this proof finds."""
    end = Termination(Reason.WORK_LIMIT_WITH_SOLUTION, None, proof.bound, BoundKind.LAGRANGIAN, None, None, 0.0, False)
    return [f.code for f in bound(case, rules, ClearingResult(end, bound_proof=proof))]


def two_buses(**more: object) -> Case:
    """80 MW at b; 10 a MWh at a, 30 at b; two equal lines of 25 MW between them, 50 MW each once the other is lost."""
    rows: list[Row] = [
        {"id": f"u{bus}", "bus": bus, "p_max": 100.0, "price": price} for bus, price in (("a", 10.0), ("b", 30.0))
    ]
    lines: list[Row] = [
        {"id": name, "ends": ("a", "b"), "x": 0.1, "limit": 25.0, "emergency": 50.0} for name in ("one", "two")
    ]
    return market({"a": [0.0], "b": [80.0]}, rows, buses=["a", "b"], branches=lines, **more)  # type: ignore[arg-type]


def test_two_lines_bound_what_the_optimum_costs() -> None:
    """30 · 80 less 20 for each of the 50 MW that the lines hold, half of them each: 1400 = 50 · 10 + 30 · 30."""
    assert codes(two_buses(), GENERIC, proof_of(1400.0, ("balance", "a", 30.0), ("branch", "one", -40.0))) == []
    both = (("balance", "a", 30.0), ("branch", "one", -15.0), ("branch", "two", -25.0))
    assert codes(two_buses(), GENERIC, proof_of(1400.0, *both)) == []
    assert codes(two_buses(), GENERIC, proof_of(1401.0, *both)) == ["BOUND"]


def test_a_line_after_the_loss_of_the_other() -> None:
    """All of the 50 MW then flow over the line that is left; a unit that is lost is in none of its rows."""
    case = two_buses(
        contingencies=[{"id": "N", "branches": ["two"]}, {"id": "U", "branches": ["two"], "units": ["ua"]}]
    )
    entries = (("balance", "a", 30.0), ("contingency", "one|N", -20.0))
    assert codes(case, GENERIC, proof_of(1400.0, *entries)) == []
    # ua does not feel this row: 30 · 80 − 20 · 50, and 100 MW of ua at 10 that are worth 30
    assert codes(case, GENERIC, proof_of(-600.0, entries[0], ("contingency", "one|U", -20.0))) == []
    assert codes(case, GENERIC, proof_of(1400.0, entries[0], ("contingency", "two|N", -20.0))) == ["BOUND"]
    assert codes(case, GENERIC, proof_of(1400.0, entries[0], ("contingency", "one|M", -20.0))) == ["MULTIPLIER_UNKNOWN"]


def test_a_quarter_of_a_unit_for_the_reserve() -> None:
    """Capacity of 110 MW is asked for, the first unit has 100: a quarter of the other one's 100 for being on."""
    rows: list[Row] = [
        {"id": "u", "p_max": 100.0, "price": 10.0},
        {"id": "v", "p_max": 40.0, "price": 50.0, "no_load": 100.0, "on": False},
    ]  # fmt: skip
    case = market([80.0], rows, positive_min_mw=30.0)
    entries = (("balance", "system", 10.0), ("system_positive_min", "system", 2.5))
    assert codes(case, GENERIC, proof_of(825.0, *entries)) == []
    assert codes(case, GENERIC, proof_of(826.0, *entries)) == ["BOUND"]


def test_a_group_that_may_give_no_more() -> None:
    """The cheap unit may give 50 MW of the 80, the dear one the rest: 1400 again."""
    rows: list[Row] = [{"id": f"u{price}", "p_max": 100.0, "price": price} for price in (10.0, 30.0)]
    case = market([80.0], rows, groups=[{"id": "g", "units": ["u10.0"], "max": [50.0]}])
    entries = (("balance", "system", 30.0), ("group_output", "g", -20.0))
    assert codes(case, GENERIC, proof_of(1400.0, *entries)) == []
    assert again(case, GENERIC, proof_of(0.0, ("group_output", "g", 20.0)))[0] == -np.inf


def test_a_bid_that_is_worth_more_than_what_it_takes() -> None:
    """20 MW that bid 25 are served at 10 beside the 80: 800 + 200 − 500."""
    bids: list[Row] = [{"id": "x", "max": 20.0, "price": 25.0}]
    case = market([80.0], [{"id": "u", "p_max": 200.0, "price": 10.0}], bids=bids)
    entries = (("balance", "system", 10.0), ("demand_output", "x", -10.0))
    assert codes(case, GENERIC, proof_of(500.0, *entries)) == []
    assert codes(case, GENERIC, proof_of(501.0, *entries)) == ["BOUND"]


@pytest.mark.parametrize(("lead", "right"), [(0, 1350.0), (90, 2400.0)])
def test_a_start_brings_what_its_curve_is_worth(lead: int, right: float) -> None:
    """At 30 in both hours a unit that starts in the second gains 20 · 50 there and 30 · 5 before, less 100; with a lead
    time of an hour and a half it does not start. 80 MWh at 30 are 2400."""
    unit: Row = {
        "id": "u", "p_min": 20.0, "p_max": 50.0, "price": 10.0, "up": [5.0], "start": [(0, 100.0)], "on": False,
        "min_down": 60, "startup_limit": 50.0, "lead": [lead],
    }  # fmt: skip
    case = market([40.0, 40.0], [unit, {"id": "v", "p_max": 100.0, "price": 30.0}], lead_reference=0)
    whole = ("balance", "shed_total")
    table = Multipliers(
        tuple(name for name in whole for _ in range(2)), ("system",) * 4, np.array([0, 1, 0, 1]),
        np.array([30.0, 30.0, -SHED, -SHED]),
    )  # fmt: skip
    assert codes(case, GENERIC, BoundProof(right, table)) == []


@pytest.mark.parametrize(
    ("family", "value"), [("system_positive_min", -1.0), ("system_positive_max", 1.0), ("system_negative_min", 1.0)]
)
def test_a_multiplier_of_the_wrong_sign_proves_nothing(family: str, value: float) -> None:
    rows: list[Row] = [{"id": "u", "p_min": 10.0, "p_max": 100.0, "price": 10.0}]
    case = market([80.0], rows, positive_min_mw=10.0, positive_max_mw=90.0, negative_min_mw=5.0)
    assert again(case, GENERIC, proof_of(0.0, (family, "system", value)))[0] == -np.inf
    assert np.isfinite(again(case, GENERIC, proof_of(0.0, (family, "system", -value)))[0])
    assert codes(case, GENERIC, proof_of(800.0, ("balance", "system", 10.0), (family, "system", value))) == ["BOUND"]


def test_a_multiplier_of_a_side_that_is_open_proves_nothing() -> None:
    case = two_buses(interfaces=[{"id": "cut", "terms": {"one": 1.0}, "min": -np.inf, "max": 25.0}])
    assert again(case, GENERIC, proof_of(0.0, ("interface", "cut", 1.0)))[0] == -np.inf
    lone = replace(case, network=replace(case.network, branch_limit_mw=np.array([25.0, np.inf])))
    assert again(lone, GENERIC, proof_of(0.0, ("branch", "two", -1.0)))[0] == -np.inf


def test_a_multiplier_beyond_its_penalty_pays_for_it() -> None:
    """Breaking the limit brings more than it costs: the bound falls by a million for each unit of money beyond."""
    entries = (("balance", "a", 30.0), ("branch", "one", -BEYOND))
    right = again(two_buses(), GENERIC, proof_of(0.0, *entries))[0]
    assert right < -1e6
    within = again(two_buses(), GENERIC, proof_of(0.0, entries[0], ("branch", "one", 1.0 - BEYOND)))[0]
    assert right == pytest.approx(within - 1e6, abs=1e3)
    assert codes(two_buses(), GENERIC, proof_of(within, *entries)) == ["BOUND"]


@pytest.mark.parametrize("key", DRAWN, ids=str)
def test_two_witnesses_agree_at_any_multipliers(key: Key) -> None:
    case, rules = bounded(*case_of(key))
    of, names = split(case, rules)
    oracle, rng = Oracle(of), np.random.default_rng(7)
    for _ in range(3):
        point = oracle.at(multipliers(rng, of, names))
        assert point is not None
        proved = names.proof(point.value, point.y, case.horizon.hours)
        assert again(case, rules, proved)[0] == pytest.approx(point.value, rel=1e-9)


def test_the_drawn_cases_have_every_family() -> None:
    met: set[str] = set()
    for key in DRAWN:
        _, names = split(*bounded(*case_of(key)))
        met |= {PROVEN[f] for f in np.unique(names.family).tolist() if f >= 0}
    assert met == set(PROVEN)


ANSWERED: list[Key] = [("market", 528, 0), ("secured", 1, 0), ("family", "system reserves", 11)]


@pytest.fixture(scope="module", params=ANSWERED, ids=str)
def answered(request: pytest.FixtureRequest) -> tuple[Case, Rules, ClearingResult]:
    """An answer with the bound of the search by prices, which knows the network."""
    case, rules = bounded(*case_of(request.param))
    result, search = cleared(case, rules, 0.5), alone(case, rules, huge=False)
    end, proved = result.termination, search.proof
    assert proved is not None
    assert end.objective is not None
    gap = end.objective - proved.bound
    relative = gap / max(abs(end.objective), abs(proved.bound), 1.0)
    end = replace(
        end, bound=proved.bound, bound_kind=BoundKind.LAGRANGIAN, absolute_gap=gap, gap=relative,
        gap_asked=max(0.0, relative) + 1e-6,
    )  # fmt: skip
    return case, rules, replace(result, termination=end, bound_proof=proved)


def test_an_answer_is_certified_and_every_change_of_its_proof_is_seen(
    answered: tuple[Case, Rules, ClearingResult],
) -> None:
    case, rules, result = answered
    assert errors(case, rules, result) == set()
    assert {f.code for f in bound(case, rules, result)} <= {"BOUND_LEAVES_OUT"}
    table = result.bound_proof.multipliers if result.bound_proof else None
    assert table is not None
    families = (*NETWORK, *SYSTEM)
    changed = [k for k, family in enumerate(table.family) if family in families and abs(table.value[k]) > SMALL]
    assert changed
    for k in changed:
        for value in (0.5 * table.value[k], -table.value[k], table.value[k] - 1e6):
            moved = table.value.copy()
            moved[k] = value
            wrong = replace(result, bound_proof=replace(result.bound_proof, multipliers=replace(table, value=moved)))
            assert "BOUND" in errors(case, rules, wrong), (table.family[k], table.subject[k], value)


def test_a_schedule_that_was_changed_is_not_certified_by_the_proof(
    answered: tuple[Case, Rules, ClearingResult],
) -> None:
    case, rules, result = answered
    assert result.schedule is not None
    moved = result.schedule.dispatch_mw.copy()
    moved[np.unravel_index(np.argmax(moved), moved.shape)] -= 1.0
    assert errors(case, rules, replace(result, schedule=replace(result.schedule, dispatch_mw=moved)))
