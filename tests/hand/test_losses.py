"""Losses of branches, worked by hand.

**Two buses.** A at west at 30, B at east at 31.25, 150 MW of load at east, one line with r = 0.02 on 100 MVA. East is
the reference (it has all the load), where the losses leave too, so A's MW are the flow:

    losses 0.02·f²/100 = 0.0002·f²,  factor of west 0.0004·f,  of east 0

A MW of A brings 1 − 0.0004·f to east. Both run where 30/(1 − 0.0004·f) = 31.25: f = 100, losses 2, B = 150 + 2 − 100.
λ = 31.25; west: 30 = 31.25 − 31.25·0.04, loss part −1.25. Load pays 150·31.25 = 4687.5, A gets 3000, B 1625: the
surplus 62.5 is λ·(0.04·100 − 2), what load pays for the factor less what is lost.
With 80 MW of line: losses 1.28, B = 71.28, factor 0.032, loss part −1, congestion part 30 − 31.25 + 1 = −0.25.
With a second line of twice the resistance and equal reactance beside it, half of it flows over each: losses
0.02·(f/2)²/100 + 0.04·(f/2)²/100 = 0.00015·f², so f = 0.04/0.0003 = 400/3, losses 8/3.

**Three buses**, a triangle of equal lines, r = 0.03. A at a, B and the load of 150 MW at c. Of A's P, 2/3 go a-c and
1/3 a-b-c: losses 0.0003·(4/9 + 1/9 + 1/9)·P² = 0.0002·P² as above. A MW at b goes 2/3 b-c, 1/3 b-a-c:
factor of b = 0.0006·(100/3·2/3 − 100/3·1/3 + 200/3·1/3) = 0.02, price 31.25·0.98 = 30.625.

**Given factors** (the hand-made row of nempy): A offers 20 at 50 and 35 at 53 with factor 0.9, B 20 at 52 and 30 at 60
with 0.95; 60 MW of load hold the losses. At the reference: 55.56, 58.89, 54.74, 63.16: B 20, A 20 + 20. Price 53/0.9.

**A price below 0.** M at east, 40 … 100 MW at 25, must run; wind at west, 80 MW at −10; load 100 MW at east, r = 0.02.
M stands at 40, so wind brings f with f − 0.0002·f² = 60: f = (1 − √0.952)/0.0004 = 60.7378. λ = −10/(1 − 0.0004·f):
a MW of load at east spares more than a MW of curtailment. Losing energy would pay, but the network loses what it loses.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from clearing.case.case import Case, CommitmentInput, CommitmentUse
from clearing.case.result import ClearingResult, Reason
from clearing.case.validate import validate
from clearing.checks.audit import audit
from clearing.day_ahead import clear
from clearing.rules.load import load
from clearing.rules.rules import Rules
from clearing.solve.control import RunControl
from clearing.solve.options import LastStage, SolveOptions
from tests.factory import Row, market

NEAR_MW = 0.1
"""A tolerance of 1e-6 MW of losses is √(1e-6/0.0002) = 0.07 MW of flow."""


def rules_of(model: str = "marginal", tolerance_mw: float = 1e-6, rounds: int = 30) -> Rules:
    asked = {"losses.model": model, "losses.tolerance_mw": str(tolerance_mw), "losses.max_rounds": str(rounds)}
    return load("generic", "", asked)


def cleared(case: Case, rules: Rules) -> ClearingResult:
    answer = clear(case, rules, SolveOptions(gap=0.0), RunControl())
    assert answer.audit_passed, answer.audit
    assert answer.violations == ()
    return answer


def two_bus(*lines: Row, load_mw: Any = 150.0, period_minutes: int = 60) -> Case:
    """Commitment given: what is shown is the dispatch."""
    east = load_mw if isinstance(load_mw, list) else [load_mw]
    case = market(
        {"west": [0.0] * len(east), "east": east},
        units=[
            {"id": "A", "bus": "west", "p_max": 200.0, "price": 30.0, "on": True},
            {"id": "B", "bus": "east", "p_max": 200.0, "price": 31.25, "on": True},
        ],
        branches=[
            {"id": f"line{k}", "ends": ("west", "east"), "r": 0.02, "x": 0.1, **row} for k, row in enumerate(lines)
        ],
        period_minutes=period_minutes,
    )
    return replace(case, commitment=CommitmentInput(CommitmentUse.FIXED, np.ones((2, len(east)), dtype=np.int8)))


def of(answer: ClearingResult) -> tuple[Any, Any, Any]:
    """Dispatch, unclipped parts, flows."""
    assert answer.schedule is not None
    assert answer.prices is not None
    assert answer.flows is not None
    return answer.schedule.dispatch_mw[:, 0], answer.prices, answer.flows.branch_mw[:, 0]


def test_two_buses() -> None:
    output, prices, flow = of(cleared(two_bus({}), rules_of()))
    assert output == pytest.approx([100.0, 52.0], abs=NEAR_MW)
    assert flow == pytest.approx([output[0]], abs=1e-6)
    assert output.sum() - 150.0 == pytest.approx(0.0002 * output[0] ** 2, abs=1e-6)
    assert prices.system_price[0, 0] == pytest.approx(31.25, abs=1e-6)
    assert prices.bus_price[:, 0] == pytest.approx([30.0, 31.25], abs=1e-6)
    assert prices.bus_loss[:, 0] == pytest.approx([-1.25, 0.0], abs=1e-6)
    assert not prices.bus_congestion.any()
    surplus = 150.0 * 31.25 - output @ prices.bus_price[:, 0]
    assert surplus == pytest.approx(62.5, abs=0.2)


def test_losses_are_fields_of_the_answer() -> None:
    """Two periods of half an hour: factor 0.04, 2 MW lost, and half of the surplus of 62.5 an hour each."""
    answer = cleared(two_bus({}, load_mw=[150.0] * 2, period_minutes=30), rules_of())
    losses, prices = answer.losses, answer.prices
    assert losses is not None
    assert prices is not None
    assert answer.schedule is not None
    assert losses.bus_factor == pytest.approx(np.array([[0.04] * 2, [0.0] * 2]), abs=1e-6)
    assert losses.island_mw == pytest.approx(np.array([[2.0] * 2]), abs=0.0002 * 2 * 100 * NEAR_MW)
    assert losses.island_surplus == pytest.approx(np.array([[62.5 / 2] * 2]), abs=0.1)
    paid = 150.0 * prices.bus_price[1] - (answer.schedule.dispatch_mw * prices.bus_price).sum(axis=0)
    assert losses.island_surplus[0] == pytest.approx(0.5 * paid, abs=1e-6)
    assert prices.bus_loss == pytest.approx(-prices.bus_energy * losses.bus_factor, abs=1e-9)
    unpriced = clear(two_bus({}), rules_of(), SolveOptions(gap=0.0, last_stage=LastStage.DISPATCH), RunControl()).losses
    assert unpriced is not None
    assert unpriced.island_mw == pytest.approx(np.array([[2.0]]), abs=0.01)
    assert unpriced.island_surplus is None


def test_the_loop_is_at_the_optimum_of_the_quadratic_problem() -> None:
    """Cost of every A on a grid of 1e-4 MW, B from the exact balance: the dispatch costs no more than the best."""
    output, _, _ = of(cleared(two_bus({}), rules_of()))
    grid = np.arange(0.0, 200.0, 1e-4)
    cost = 30.0 * grid + 31.25 * (150.0 + 0.0002 * grid**2 - grid)
    assert output @ [30.0, 31.25] == pytest.approx(cost.min(), abs=31.25e-6 * 2)


def test_a_line_that_binds_leaves_three_parts() -> None:
    output, prices, _ = of(cleared(two_bus({"limit": 80.0}), rules_of()))
    assert output == pytest.approx([80.0, 71.28], abs=1e-5)
    assert prices.bus_loss[0, 0] == pytest.approx(-1.0, abs=1e-2)
    assert prices.bus_congestion[0, 0] == pytest.approx(-0.25, abs=1e-2)
    assert prices.bus_price[:, 0] == pytest.approx([30.0, 31.25], abs=1e-6)


def test_parallel_lines() -> None:
    output, _, flow = of(cleared(two_bus({}, {"r": 0.04}), rules_of()))
    assert output == pytest.approx([400 / 3, 150.0 + 8 / 3 - 400 / 3], abs=NEAR_MW)
    assert flow == pytest.approx([200 / 3, 200 / 3], abs=NEAR_MW)


def test_three_buses() -> None:
    case = market(
        {"a": [0.0], "b": [0.0], "c": [150.0]},
        units=[
            {"id": "A", "bus": "a", "p_max": 200.0, "price": 30.0},
            {"id": "B", "bus": "c", "p_max": 200.0, "price": 31.25},
        ],
        branches=[{"id": x + y, "ends": (x, y), "r": 0.03} for x, y in ("ab", "bc", "ac")],
    )
    answer = cleared(case, rules_of())
    output, prices, _ = of(answer)
    assert answer.termination.reason is Reason.OPTIMAL_WITHIN_GAP
    assert output == pytest.approx([100.0, 52.0], abs=NEAR_MW)
    assert prices.bus_price[:, 0] == pytest.approx([30.0, 30.625, 31.25], abs=1e-3)
    assert prices.bus_loss[:, 0] == pytest.approx([-1.25, -0.625, 0.0], abs=1e-3)


def test_given_factors() -> None:
    case = market(
        {"a": [0.0], "b": [0.0], "region": [60.0]},
        units=[
            {"id": "A", "bus": "a", "p_max": 55.0, "blocks": [(20.0, 50.0), (35.0, 53.0)]},
            {"id": "B", "bus": "b", "p_max": 50.0, "blocks": [(20.0, 52.0), (30.0, 60.0)]},
        ],
        branches=[{"id": "la", "ends": ("a", "region"), "r": 0.5}, {"id": "lb", "ends": ("b", "region")}],
        loss_factor={"a": 0.9, "b": 0.95},
    )
    answer = cleared(case, rules_of("given"))
    output, prices, _ = of(answer)
    assert output == pytest.approx([40.0, 20.0], abs=1e-6)
    assert prices.bus_price[:, 0] == pytest.approx([53.0, 53 / 0.9 * 0.95, 53 / 0.9], abs=1e-6)
    assert prices.bus_loss[:, 0] == pytest.approx([-0.1 * 53 / 0.9, -0.05 * 53 / 0.9, 0.0], abs=1e-6)
    assert answer.losses is not None
    assert answer.losses.bus_factor[:, 0] == pytest.approx([0.1, 0.05, 0.0], abs=1e-12)
    assert answer.losses.island_mw == pytest.approx(np.zeros((1, 1)), abs=1e-6)
    # 60 MW pay 53/0.9 each; 40 at a get 53, 20 at b get 53/0.9·0.95
    assert answer.losses.island_surplus == pytest.approx(np.array([[53 / 0.9 * (40 * 0.1 + 20 * 0.05)]]), abs=1e-4)


def test_given_factors_are_not_read_otherwise() -> None:
    plain = two_bus({})
    given = replace(plain, network=replace(plain.network, bus_loss_factor=np.array([0.9, 1.0])))
    for model in ("none", "marginal"):
        (one, prices, _), (other, as_given, _) = (of(cleared(case, rules_of(model))) for case in (plain, given))
        assert (one == other).all()
        assert (prices.bus_price == as_given.bus_price).all()


def test_a_price_below_zero_loses_no_more_than_the_network() -> None:
    case = market(
        {"west": [0.0], "east": [100.0]},
        units=[
            {
                "id": "M",
                "bus": "east",
                "p_min": 40.0,
                "p_max": 100.0,
                "price": 25.0,
                "must_run": 1,
                "on": True,
                "mw": 40.0,
            }
        ],
        renewables=[{"id": "wind", "bus": "west", "forecast": 80.0, "price": -10.0}],
        branches=[{"id": "line", "ends": ("west", "east"), "r": 0.02}],
    )
    answer = cleared(case, rules_of())
    assert answer.schedule is not None
    assert answer.prices is not None
    wind = (1.0 - np.sqrt(1.0 - 4.0 * 0.0002 * 60.0)) / 0.0004
    assert wind == pytest.approx(60.7378, abs=1e-4)
    assert answer.schedule.renewable_mw[0, 0] == pytest.approx(wind, abs=1e-4)
    assert answer.prices.system_price[0, 0] == pytest.approx(-10.0 / (1.0 - 0.0004 * wind), abs=1e-3)


def test_what_does_not_settle_is_said() -> None:
    """One round knows no losses: all from A, none of the 4.5 MW that 150 MW of flow lose."""
    case, rules = two_bus({}), rules_of(rounds=1)
    answer = clear(case, rules, SolveOptions(gap=0.0), RunControl())
    (said,) = answer.violations
    assert (said.family, said.subject, said.period) == ("losses", "west", 0)
    assert said.amount_mw == pytest.approx(4.5, abs=1e-6)
    assert said.penalty == 0.0
    assert answer.audit_passed
    silent = audit(case, rules, replace(answer, violations=()))
    assert "VIOLATION_NOT_LISTED" in {f.code for f in silent.findings}


def test_off_by_default() -> None:
    answer = cleared(two_bus({}), load("generic"))
    output, prices, _ = of(answer)
    assert output == pytest.approx([150.0, 0.0], abs=1e-9)
    assert not prices.bus_loss.any()
    assert answer.losses is None


@pytest.mark.parametrize(("model", "column"), [("given", "bus_loss_factor"), ("marginal", "branch_resistance_pu")])
def test_losses_without_data_are_a_warning(model: str, column: str) -> None:
    found = [f for f in validate(two_bus({"r": 0.0}), rules_of(model)) if f.code == "LOSSES_WITHOUT_DATA"]
    assert [f.path for f in found] == [f"case.network.{column}"]
    assert not [f for f in validate(two_bus({"r": 0.0}), load("generic")) if f.code == "LOSSES_WITHOUT_DATA"]


@pytest.mark.parametrize(("model", "warned"), [("none", True), ("marginal", True), ("given", False)])
def test_loss_factors_that_nothing_looks_at_are_a_warning(model: str, warned: bool) -> None:
    plain = two_bus({"r": 0.02})
    case = replace(plain, network=replace(plain.network, bus_loss_factor=np.array([0.9, 1.0])))
    found = [f for f in validate(case, rules_of(model)) if f.code == "LOSS_FACTORS_NOT_USED"]
    assert [f.path for f in found] == ["case.network.bus_loss_factor"] * warned
    one = replace(plain, network=replace(plain.network, bus_loss_factor=np.ones(2)))
    assert not [f for f in validate(one, rules_of(model)) if f.code == "LOSS_FACTORS_NOT_USED"]
