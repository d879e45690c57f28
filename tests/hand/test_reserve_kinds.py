"""Kinds of reserve products by hand: a speed that sets a price, ramping kept for the evening, reserve at standstill,
a battery that could deliver more than it has stored."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from clearing.case.reserve_kinds import ProductKind
from clearing.case.reserves import Direction
from clearing.case.result import ClearingResult
from clearing.rules.load import load
from clearing.rules.rules import Rules
from tests.factory import Row, market
from tests.formulation.test_reserve_terms import GENERIC, cleared

INF = np.inf


def on(name: str, price: float, **more: Any) -> Row:
    """A unit of 0–100 MW that must run."""
    return {"id": name, "p_max": 100.0, "price": price, "on": True, "mw": 50.0, "must_run": 1, **more}


def answer(*given: Any, rules: Rules = GENERIC, **tables: Any) -> tuple[ClearingResult, Any, Any]:
    """Result, its schedule and its prices."""
    found = cleared(market(*given, **tables), rules)
    assert found.schedule is not None
    assert found.prices is not None
    return found, found.schedule, found.prices


AGC = {"id": "agc", "kind": ProductKind.REGULATION, "direction": Direction.DOWN, "requirement": 10.0, "minutes": 5.0}


def test_speed_of_regulation_binds_and_has_a_price_of_its_own() -> None:
    """60 MW of load, 10 MW of regulation down at 4.5 MW/min. a (10 an MWh) moves 1 MW/min, so holds 5 MW and brings 1.

    b (30) moves 4 MW/min and holds up to 20 MW: the missing 3.5 MW/min are 3.5/4 of that, 17.5 MW, which b must run
    to be able to give up. A MW of b instead of a costs 20 and brings 4/20 MW/min: 100 for a MW/min. The MW
    themselves (22.5 held, 10 asked) are worth nothing. b earns 17.5·10 for energy and 3.5·100 for speed: its cost.
    """
    found, schedule, prices = answer([60.0], [on("a", 10.0, ramp=1.0), on("b", 30.0, ramp=4.0)],
                                     products=[{**AGC, "speed": 4.5}])  # fmt: skip
    assert schedule.dispatch_mw[:, 0] == pytest.approx([42.5, 17.5])
    assert schedule.reserve_mw[0, :, 0] == pytest.approx([5.0, 17.5])
    assert prices.bus_price[0, 0] == pytest.approx(10.0)
    assert prices.reserve_price[0, 0] == pytest.approx(0.0)
    assert prices.reserve_speed_price[0, 0] == pytest.approx(100.0)
    assert found.uplift is not None
    assert found.uplift.revenue == pytest.approx([42.5 * 10 + 1.0 * 100, 17.5 * 10 + 3.5 * 100])
    assert found.uplift.make_whole == pytest.approx([0.0, 0.0])
    assert [(b.family, b.subject, b.limit_mw, b.shadow_price) for b in found.bindings] == [
        ("regulation_speed", "agc", pytest.approx(4.5), pytest.approx(100.0))
    ]


def test_a_unit_that_regulates_slower_than_it_ramps_says_so() -> None:
    """As above, but a regulates at 3 MW/min with the same 5 MW: b has to bring 1.5 only, 7.5 MW."""
    units = [on("a", 10.0, ramp=1.0, regulation=3.0), on("b", 30.0, ramp=4.0)]
    _, schedule, _ = answer([60.0], units, products=[{**AGC, "speed": 4.5}])
    assert schedule.dispatch_mw[:, 0] == pytest.approx([52.5, 7.5])


@pytest.mark.parametrize("pricing", ["penalty", "relax_and_rerun"])
def test_speed_that_nobody_has_is_a_violation_in_mw_a_minute(pricing: str) -> None:
    """Both together bring 5 MW/min of 6: 1 is missing. The re-run asks for 5 less a margin, so the penalty leaves."""
    rules = load("generic", overrides={"prices.violation_pricing": pricing})
    units = [on("a", 10.0, ramp=1.0), on("b", 30.0, ramp=4.0)]
    found, _, prices = answer([60.0], units, products=[{**AGC, "speed": 6.0}], rules=rules)
    assert [(v.family, v.subject, v.amount_mw) for v in found.violations] == [
        ("regulation_speed", "agc", pytest.approx(1.0))
    ]
    assert found.explanations is not None
    remedies = found.explanations.remedies
    assert (remedies.family, remedies.measure, remedies.after.tolist()) == (("regulation_speed",), ("MW/min",), [5.0])
    first = rules.pricing_penalties.product[0][1]
    assert prices.reserve_speed_price[0, 0] == pytest.approx(first if pricing == "penalty" else 100.0)


FLEX = {"id": "flex", "kind": ProductKind.FLEXIBLE_RAMPING, "requirement": [20.0, 0.0], "minutes": 60.0}


def evening(p_max: list[float], **more: Any) -> tuple[ClearingResult, Any, Any]:
    """50 MW, then 90: a at 10 an MWh may hold flexible ramping, b at 30 may not."""
    units = [on("a", 10.0, p_max=p_max, ramp=0.5, mw=40.0), on("b", 30.0)]
    return answer([50.0, 90.0], units, products=[{**FLEX, "max": [INF, 0.0], **more}])


def test_ramping_is_kept_for_the_evening() -> None:
    """a reaches 60 MW in either hour: to rise by 20 it stays at 40 and b fills in; a MW of it costs 20.

    With 75 MW in the second hour a runs at 50 and can still rise by 20: nothing is given up.
    """
    found, schedule, prices = evening([60.0, 60.0])
    assert schedule.dispatch_mw == pytest.approx(np.array([[40.0, 60.0], [10.0, 30.0]]))
    assert schedule.reserve_mw[0, 0] == pytest.approx([20.0, 0.0])
    assert prices.bus_price[0] == pytest.approx([30.0, 30.0])
    assert prices.reserve_price[0] == pytest.approx([20.0, 0.0])
    assert found.costs is not None
    assert found.costs.total == pytest.approx(400 + 300 + 600 + 900)
    _, schedule, prices = evening([60.0, 75.0])
    assert schedule.dispatch_mw[0] == pytest.approx([50.0, 75.0])
    assert prices.reserve_price[0] == pytest.approx([0.0, 0.0])


def test_ramping_is_within_the_ramp_of_a_period_and_within_the_response() -> None:
    """0.5 MW/min are 30 MW in an hour, 10 MW in 20 minutes: of 40 MW wanted, 10 and 30 are missing."""
    found, *_ = evening([100.0, 100.0], requirement=[40.0, 0.0], minutes=INF)
    assert [v.amount_mw for v in found.violations] == pytest.approx([10.0])
    found, *_ = evening([100.0, 100.0], requirement=[40.0, 0.0], minutes=20.0)
    assert [v.amount_mw for v in found.violations] == pytest.approx([30.0])


def test_a_unit_that_goes_off_next_keeps_no_ramping() -> None:
    """b must be off in the second hour: only a, which reaches 100 MW, holds the 20 MW."""
    units = [on("a", 10.0), {**on("b", 5.0), "must_run": [1, 0], "must_off": [0, 1]}]
    _, schedule, _ = answer([120.0, 90.0], units, products=[FLEX])
    assert schedule.reserve_mw[0, :, 0] == pytest.approx([20.0, 0.0])


COLD = {"id": "cold", "kind": ProductKind.NON_SPINNING, "requirement": 25.0, "minutes": 10.0}


def with_turbine(**turbine: Any) -> tuple[ClearingResult, Any, Any]:
    """50 MW of load, a coal unit of 60 MW at 10, a turbine of 20–40 MW at 80 that is off."""
    peaker = {"id": "t", "p_min": 20.0, "p_max": 40.0, "price": 80.0, "start_cost": 100.0, "startup_limit": 30.0,
              "min_down": 60, "minutes": 600, "lead": [5], **turbine}  # fmt: skip
    return answer([50.0] * 2, [on("a", 10.0, p_max=60.0), peaker], products=[COLD])


def test_a_quick_turbine_holds_non_spinning_reserve_at_standstill() -> None:
    """It is at 30 MW after a start, 5 minutes after the call: 25 MW beside it are free, whoever holds them."""
    found, schedule, prices = with_turbine()
    assert schedule.on[1].tolist() == [0, 0]
    assert (schedule.reserve_mw[0].sum(axis=0) >= 25.0 - 1e-9).all()
    assert (schedule.reserve_mw[0, 0] <= 10.0 + 1e-9).all()
    assert found.costs is not None
    assert found.costs.total == pytest.approx(2 * 500.0)
    assert prices.reserve_price[0] == pytest.approx([0.0, 0.0])


def test_a_turbine_that_is_too_slow_or_says_nothing_has_to_run() -> None:
    """Lead time 15 minutes of 10, or none stated: it runs at 20 MW, and the coal unit, at 30, holds the 25 MW."""
    for lead in (15, -1):
        found, schedule, _ = with_turbine(lead=[lead])
        assert schedule.on[1].tolist() == [1, 1]
        assert found.costs is not None
        assert found.costs.total == pytest.approx(100.0 + 2 * (20 * 80 + 30 * 10))


def test_a_turbine_that_has_not_rested_or_reaches_too_little_does_not_serve() -> None:
    """Off for 30 of 60 minutes it cannot start in the first hour: 10 MW of 25 are held. Up to 22 MW reached: 32."""
    found, schedule, _ = with_turbine(minutes=30)
    assert schedule.reserve_mw[0, 1, 0] == 0.0
    assert [(v.period, v.amount_mw) for v in found.violations] == [(0, pytest.approx(15.0))]
    found, schedule, _ = with_turbine(startup_limit=22.0)
    assert schedule.reserve_mw[0, 1].max() <= 22.0 + 1e-9
    assert found.violations == ()


def test_a_battery_holds_no_more_than_it_has_stored() -> None:
    """60 MW of load, a: 65 MW at 10, b at 50 holds nothing, 12 MW of reserve for an hour.

    The battery could give 20 MW but has 4 MWh that it must keep: 4 MW. a holds the other 8 and runs at 57; b runs at
    3. A MW more of reserve costs 40, whoever holds it: the battery earns 4·40.
    """
    battery = {"id": "s", "power": 20.0, "energy": 10.0, "initial": 4.0, "final": 4.0}
    product = {"id": "spin", "requirement": 12.0, "max": [INF, 0.0], "storage": {"s": 20.0}}
    units = [on("a", 10.0, p_max=65.0), on("b", 50.0)]
    found, schedule, prices = answer([60.0], units, storage=[battery], products=[product])
    assert schedule.dispatch_mw[:, 0] == pytest.approx([57.0, 3.0])
    assert schedule.storage_reserve_mw[0, 0, 0] == pytest.approx(4.0)
    assert prices.reserve_price[0, 0] == pytest.approx(40.0)
    assert found.payments is not None
    assert found.payments.storage_reserve_revenue == pytest.approx([160.0])


def test_a_battery_that_charges_can_turn_round_and_one_that_is_full_cannot_take_more() -> None:
    """Charging c ≥ 6 MW up to 8 + c MWh it can swing by 10 + c MW upward, but only 8 + c last an hour; downward the
    room that is left, 7 − c MWh, counts: together 15 MW, what the store holds, whatever it charges."""
    battery = {"id": "s", "power": 10.0, "energy": 15.0, "initial": 8.0, "final": 14.0}
    up = {"id": "up", "requirement": 30.0, "max": 0.0, "storage": {"s": 50.0}}
    down = {"id": "down", "direction": Direction.DOWN, "requirement": 30.0, "max": 0.0, "storage": {"s": 50.0}}
    _, schedule, _ = answer([60.0], [on("a", 10.0)], storage=[battery], products=[up, down])
    assert schedule.charge_mw[0, 0] >= 6.0 - 1e-9
    assert schedule.storage_reserve_mw[:, 0, 0].sum() == pytest.approx(15.0)
