"""Cleared days settled: the surplus of their prices is the sum of the rents of what binds."""

from __future__ import annotations

import importlib.util
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest

from clearing import formats
from clearing.case.case import Case, CommitmentInput, CommitmentUse
from clearing.case.lead_times import first_start
from clearing.case.result import ClearingResult
from clearing.day_ahead import clear
from clearing.formulation.start_leads import with_first_starts
from clearing.formulation.unit_data import unit_data
from clearing.market_day.settling import running_cost
from clearing.market_day.two_settlement import traded
from clearing.rules.load import load
from clearing.solve.control import RunControl
from clearing.solve.options import SolveOptions
from clearing.solve.quick_start import merit_order
from clearing.v1 import settlement_pb2 as pb2
from clearing.wire.join_settle_requests import PARTICIPANT, joined
from clearing.wire.write_settle_requests import Market, PriceParts, UnitCost, settle_request
from scenarios.province.make import make
from tests.market_day.test_two_settlement import cleared, day
from tests.settlement.months import balances, items, settled

ISSUED = "2025-12-01 10:00"


def market_of(case: Case, result: ClearingResult) -> Market:
    """A market of a cleared case."""
    assert result.schedule is not None
    assert result.prices is not None
    prices = result.prices
    parts = PriceParts(prices.bus_price, prices.bus_energy, prices.bus_loss)
    return Market(traded(case, result.schedule, prices.bus_price), parts)


def cost_of(real: Case, first: ClearingResult, second: ClearingResult) -> UnitCost:
    """Of a day-ahead and a real-time result."""
    assert first.uplift is not None
    assert second.schedule is not None
    return UnitCost(first.uplift.cost, running_cost(real, second.schedule))


def slack(request: pb2.SettleRequest) -> float:
    """What rounding of prices (0.001) and energy (0.0001 MWh) may move a surplus by, thousandths."""
    energy = sum(abs(q) for table in request.energy for q in (*table.ahead_tenth_kwh, *table.real_tenth_kwh))
    cells = len(request.energy[0].ahead_tenth_kwh) + len(request.energy[0].real_tenth_kwh)
    dearest = max(map(abs, (*request.prices.ahead_milli, *request.prices.real_milli)))
    return (2 * energy + cells * dearest) / 10_000 + 2


def rents(case: Case, result: ClearingResult) -> float:
    """Σ shadow price · flow of branches and interfaces that bind, and what direct-current lines earn, money.

    The flow is that of the schedule: the pricing run, which finds the shadow prices, may fill a line that it does not.
    """
    assert result.flows is not None
    flow = {
        "branch": dict(zip(case.network.branch_id, result.flows.branch_mw, strict=True)),
        "interface": dict(zip(case.network.interface_id, result.flows.interface_mw, strict=True)),
    }
    found = 0.0
    for b in result.bindings:
        if b.family in flow:
            carried = float(flow[b.family][b.subject][b.period])
            found += b.shadow_price * (carried if b.side == "max" else -carried)
    earned = 0.0 if result.payments is None else float(result.payments.hvdc_rent.sum())
    return found * case.horizon.hours + earned


def test_a_line_that_is_full_in_both_markets_earns_the_surplus() -> None:
    ahead, real = day([80.0, 100.0], 5.0, 30), day([80.0, 85.0, 100.0, 190.0], 9.0, 15)
    first, second = cleared(ahead), cleared(real)
    at = np.array([0, 0, 1, 1])
    cost = cost_of(real, first, second)
    request = settle_request(real, market_of(ahead, first), market_of(real, second), at, ISSUED, cost)
    reply = settled(request)
    assert first.prices is not None and first.flows is not None  # noqa: PT018
    assert second.prices is not None and second.flows is not None  # noqa: PT018
    gaps = [np.diff(result.prices.bus_congestion, axis=0)[0] for result in (first, second)]  # type: ignore[union-attr]
    flow, moved = first.flows.branch_mw[0][at], second.flows.branch_mw[0]
    assert reply.totals.congestion_ahead_milli == pytest.approx(250 * float(flow @ gaps[0][at]), abs=slack(request))
    assert reply.totals.congestion_real_milli == pytest.approx(
        250 * float((moved - flow) @ gaps[1]), abs=slack(request)
    )
    assert abs(reply.totals.imbalance_milli) <= slack(request)
    assert reply.totals.congestion_ahead_milli > 100_000
    assert balances(reply)["congestion"] == reply.totals.congestion_ahead_milli + reply.totals.congestion_real_milli


@pytest.mark.slow
@pytest.mark.skipif(importlib.util.find_spec("dispatches_data") is None, reason="data come with the cases extra")
def test_the_surplus_of_a_day_of_rts_gmlc_is_the_sum_of_its_rents() -> None:
    case = formats.read(Path(__file__).parents[2] / "scenarios" / "rts-gmlc")
    result = clear(case, load("generic"), SolveOptions(time_limit_seconds=120, gap=0.01), RunControl())
    assert result.audit_passed
    assert not result.violations
    market, at = market_of(case, result), np.arange(case.horizon.periods)
    request = settle_request(case, market, market, at, ISSUED, cost_of(case, result, result))
    reply = settled(request, congestion_share="metered_energy")
    rent = rents(case, result)
    print(f"congestion surplus {reply.totals.congestion_ahead_milli / 1000:.3f}, rents {rent:.3f}")
    assert rent > 1_000.0
    assert reply.totals.congestion_ahead_milli == pytest.approx(1000 * rent, abs=slack(request))
    assert reply.totals.congestion_real_milli == 0
    assert reply.totals.collected_milli - reply.totals.paid_milli == sum(reply.totals.balance_milli)
    assert result.uplift is not None
    paid = sum(items(reply, f"unit:{name}").get("COMPENSATION_AHEAD", 0) for name in case.units.id)
    assert paid >= 1000 * result.uplift.make_whole.sum() - slack(request)  # awards of reserve are no revenue here


@pytest.mark.slow
def test_the_surplus_of_a_day_of_the_province_is_the_sum_of_its_rents() -> None:
    """The commitment of merit order, dispatched and priced."""
    case, rules = make("winter-peak"), load("shandong-trial")
    data = with_first_starts(unit_data(case), first_start(case, rules))
    fixed = replace(case, commitment=CommitmentInput(on=merit_order(case, rules, data), use=CommitmentUse.FIXED))
    result = clear(fixed, rules, SolveOptions(), RunControl())
    assert result.audit_passed
    market, at = market_of(case, result), np.arange(case.horizon.periods)
    request = settle_request(case, market, market, at, ISSUED, cost_of(case, result, result))
    totals = settled(request, congestion_share="metered_energy").totals
    rent = rents(case, result)
    print(f"congestion surplus {totals.congestion_ahead_milli / 1000:.3f}, rents {rent:.3f}")
    assert rent > 1_000.0
    assert totals.congestion_ahead_milli == pytest.approx(1000 * rent, abs=slack(request))
    assert totals.congestion_ahead_milli == pytest.approx(1000 * rent, rel=1e-5)
    assert totals.collected_milli - totals.paid_milli == sum(totals.balance_milli)


def test_days_joined_are_settled_as_days_by_themselves() -> None:
    """Both days' energy items, and compensation, are those of the days alone; who is away on a day has none of it."""
    case = day([80.0, 100.0], 5.0, 30)
    result = cleared(case)
    market, at = market_of(case, result), np.arange(2)
    one = settle_request(case, market, market, at, ISSUED, cost_of(case, result, result))
    two = pb2.SettleRequest()
    two.CopyFrom(one)
    start = date.fromisoformat(one.cycle.first_day)
    two.cycle.first_day = str(start + timedelta(days=1))
    _without_first(two)
    both = joined([one, two])
    reply = settled(both)
    alone = [settled(request) for request in (one, two)]
    assert reply.statements[0].last_day == two.cycle.first_day
    for name in both.participants.participant:
        found = [items(each, name) for each in alone]
        for account in ("DAY_AHEAD", "REAL_TIME", "COMPENSATION_AHEAD"):
            assert items(reply, name).get(account, 0) == sum(each.get(account, 0) for each in found)
    with pytest.raises(ValueError, match="is not that of"):
        joined([one, one])


def _without_first(request: pb2.SettleRequest) -> None:
    """The request without its first participant."""
    name = request.participants.participant[0]
    for field, column in request.participants.ListFields():
        assert field.name in PARTICIPANT
        del column[0]
    for column in (request.energy[0].ahead_tenth_kwh, request.energy[0].real_tenth_kwh):
        del column[: request.cycle.periods]
    row = list(request.costs.participant).index(name)
    for _, column in request.costs.ListFields():
        del column[row]
