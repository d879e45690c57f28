"""Shandong market parameters 23 to 28, row by row; every figure by hand."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearing.v1 import positions_pb2 as pb2
from tests.admission.orders import (
    AUCTION,
    BILATERAL,
    BUY,
    LISTING,
    MWH,
    SELL,
    YUAN,
    accepted,
    drawn,
    faults,
    judged,
    order,
    setting,
    worked,
)  # fmt: skip


def of(reply: pb2.CheckPositionsResponse, name: str) -> pb2.ParticipantPosition:
    return next(each for each in reply.positions if each.participant == name)


def test_no_23_net_position_within_120_percent_of_500_hours() -> None:
    # 300 MW · 500 h · 1.2 = 180,000 MWh: 170,000 fit, 10,001 more do not, 10,000 do
    request = worked()
    first, more, rest = (order(request, "G", SELL, mwh) for mwh in (170_000, 10_001, 10_000))
    reply = judged(request)
    assert accepted(reply) == {first: 1, more: 0, rest: 1}
    assert faults(reply) == {more: {"NET_POSITION"}}
    found = reply.findings[0]
    assert (found.value, found.limit, found.path) == ("180001000", "|·| ≤ 180000000", "orders.energy_kwh[1]")
    assert found.clause == "Shandong market parameters (trial, consultation draft), no. 23"
    own = of(reply, "G")
    assert (own.base_kwh, own.net_limit_kwh, own.net_most_kwh) == (150_000 * MWH, 180_000 * MWH, 180_000 * MWH)


def test_no_23_users_by_the_base_that_the_request_gives() -> None:
    # 10,000 MWh · 1.2 = 12,000 MWh
    request = worked()
    first, more = order(request, "U", BUY, 12_000), order(request, "U", BUY, 10)
    assert accepted(judged(request)) == {first: 1, more: 0}
    assert accepted(judged(setting(request, user_net_factor=1.201))) == {first: 1, more: 1}


def test_no_23_a_limit_holds_whichever_orders_trade_and_never_stops_a_reduction() -> None:
    # A purchase that may not trade makes no room for sales; above the limit already, purchases still bring it down.
    request = worked()
    request.participants.net_kwh.extend([180_000 * MWH, 0])
    buys, sells = order(request, "G", BUY, 1_000), order(request, "G", SELL, 10)
    assert accepted(judged(request)) == {buys: 1, sells: 0}
    request.participants.net_kwh[0] = 200_000 * MWH
    assert accepted(judged(request)) == {buys: 1, sells: 0}


def test_no_23_the_other_direction_is_a_reading() -> None:
    # −180,000 MWh is as far as generation may buy; where only its own direction counts, no limit holds
    request = worked()
    request.participants.net_kwh.extend([-180_000 * MWH, 0])
    buys = order(request, "G", BUY, 10)
    assert accepted(judged(request)) == {buys: 0}
    assert accepted(judged(setting(request, net_direction="own"))) == {buys: 1}


def test_no_23_energy_traded_within_twice_the_base() -> None:
    # 2 · 150,000 = 300,000 MWh, sold and bought together
    request = worked()
    request.participants.traded_kwh.extend([299_000 * MWH, 0])
    sells, buys, last = order(request, "G", SELL, 500), order(request, "G", BUY, 501), order(request, "G", BUY, 500)
    reply = judged(request)
    assert accepted(reply) == {sells: 1, buys: 0, last: 1}
    assert faults(reply) == {buys: {"TRADED_ENERGY"}}
    assert (of(reply, "G").traded_kwh, of(reply, "G").traded_limit_kwh) == (300_000 * MWH, 300_000 * MWH)


def test_no_24_quota_of_ten_times_the_guarantee() -> None:
    # 10 · 50,000 = 500,000 yuan, less 100,000 owed and 2,000 MWh · 10 yuan = 20,000: 380,000 = 1,000 MWh at 380
    request = worked()
    request.participants.guarantee_milli.extend([-1, 50_000 * YUAN])
    request.participants.owed_milli.extend([0, 100_000 * YUAN])
    request.participants.unsettled_kwh.extend([0, 2_000 * MWH])
    first, more = order(request, "U", BUY, 1_000, 380.0), order(request, "U", BUY, 10, 0.1)
    reply = judged(request)
    assert accepted(reply) == {first: 1, more: 0}
    assert faults(reply) == {more: {"QUOTA"}}
    assert (of(reply, "U").quota_milli, of(reply, "U").used_milli) == (500_000 * YUAN, 500_000 * YUAN)
    assert not of(reply, "G").HasField("quota_milli")


def test_no_24_sales_use_the_quota_too_unless_the_setting_says_otherwise() -> None:
    request = worked()
    request.participants.guarantee_milli.extend([0, 0])
    sells = order(request, "G", SELL, 10)
    assert accepted(judged(request)) == {sells: 0}
    assert accepted(judged(setting(request, quota_orders="buys"))) == {sells: 1}


def test_no_24_prices_move_by_ten_percent_at_most() -> None:
    # 350.0 ± 35.0: 315.0 and 385.0 are in, 385.1 and 314.9 are not; no reference price, no limit
    request = worked()
    request.instruments.reference_milli.extend([350_000, 0])
    request.instruments.unreferenced.extend([0, 1])
    low, high = order(request, "G", SELL, 10, 315.0), order(request, "G", SELL, 10, 385.0)
    below, above = order(request, "G", SELL, 10, 314.9), order(request, "G", SELL, 10, 385.1)
    free = order(request, "G", SELL, 10, 999.0, instrument="noon")
    reply = judged(request)
    assert accepted(reply) == {low: 1, high: 1, below: 0, above: 0, free: 1}
    assert {each.limit for each in reply.findings} == {"315000 to 385000"}


def test_no_24_bounds_that_are_no_whole_thousandths_are_rounded_inwards() -> None:
    # 333.333 ± 33.3333: 299.9997 to 366.6663
    request = setting(worked(), bilateral__price_step_milli=1)
    request.instruments.reference_milli.extend([333_333, 1])
    names = [order(request, "G", SELL, 10, yuan) for yuan in (299.999, 300.000, 366.666, 366.667)]
    reply = judged(request)
    assert [accepted(reply)[name] for name in names] == [0, 1, 1, 0]
    assert {each.limit for each in reply.findings} == {"300000 to 366666"}


def test_no_24_daily_change_is_free_unless_the_setting_limits_it() -> None:
    # 10 % of 1,000 MWh at the start of the day: 100 MWh either way
    request = worked()
    request.participants.net_kwh.extend([1_050 * MWH, 0])
    request.participants.day_start_net_kwh.extend([1_000 * MWH, 0])
    sells, more, buys = order(request, "G", SELL, 50), order(request, "G", SELL, 10), order(request, "G", BUY, 150)
    assert set(accepted(judged(request)).values()) == {1}
    reply = judged(setting(request, daily_net_change=0.1))
    assert accepted(reply) == {sells: 1, more: 0, buys: 1}
    assert faults(reply) == {more: {"DAILY_CHANGE"}}


@pytest.mark.parametrize(("mwh", "code"), [(10, ""), (20, ""), (5, "ENERGY_BELOW_LEAST"), (15, "ENERGY_STEP")])
def test_no_25_auctions_in_multiples_of_10_mwh(mwh: float, code: str) -> None:
    request = worked()
    name = order(request, "G", SELL, mwh, channel=AUCTION)
    reply = judged(request)
    assert faults(reply) == ({name: {code}} if code else {})
    assert all(each.clause.endswith("no. 25") for each in reply.findings)


def test_no_25_prices_in_tenths_of_a_yuan() -> None:
    request = worked()
    good, bad = order(request, "G", SELL, 10, 350.1, AUCTION), order(request, "G", SELL, 10, 350.15, AUCTION)
    assert faults(judged(request)) == {bad: {"PRICE_STEP"}}
    assert accepted(judged(request)) == {good: 1, bad: 0}


@pytest.mark.parametrize(
    ("mwh", "code"), [(10, ""), (11, ""), (9, "ENERGY_BELOW_LEAST"), (10.5, "ENERGY_STEP"), (10.001, "ENERGY_STEP")]
)
def test_no_26_bilateral_from_10_mwh_in_steps_of_1(mwh: float, code: str) -> None:
    request = worked()
    name = order(request, "G", SELL, mwh, channel=BILATERAL)
    assert faults(judged(request)) == ({name: {code}} if code else {})


@pytest.mark.parametrize(("mwh", "code"), [(10, ""), (12, ""), (9, "ENERGY_BELOW_LEAST"), (10.5, "ENERGY_STEP")])
def test_no_27_listing_from_10_mwh_in_steps_of_1(mwh: float, code: str) -> None:
    request = worked()
    name = order(request, "G", SELL, mwh, channel=LISTING)
    reply = judged(request)
    assert faults(reply) == ({name: {code}} if code else {})
    assert all(each.clause.endswith("no. 27") for each in reply.findings)


def test_no_28_a_holiday_takes_nine_tenths_of_a_workday() -> None:
    # May 2026: 29 days of 1.0 and 2 holidays of 0.9 weigh 30.8; 3,080 MWh are 100 a day and 90 on the holidays
    request = worked()
    request.split = True
    order(request, "G", SELL, 3_080, channel=AUCTION)
    reply = judged(request)
    of_days = by_day(of(reply, "G").split_kwh)
    assert of_days == [90 * MWH] * 2 + [100 * MWH] * 29
    assert of(reply, "G").split_kwh[:8] == [22_500] * 8
    kinds = {day: pb2.DayKind.Name(kind).removeprefix("DAY_KIND_") for day, kind in enumerate(reply.day_kind, 1)}
    assert [kinds[day] for day in (1, 2, 3, 4, 9, 16)] == [
        "HOLIDAY", "HOLIDAY", "SUNDAY", "WORKDAY", "WORKDAY", "SATURDAY",
    ]  # fmt: skip


def test_no_28_only_auctions_have_ratios() -> None:
    request = worked()
    request.split = True
    order(request, "G", SELL, 3_100, channel=BILATERAL)
    assert by_day(of(judged(request), "G").split_kwh) == [100 * MWH] * 31


def test_no_25_energy_is_split_in_thousandths_and_nothing_is_lost() -> None:
    # 10 MWh over 31 equal days: 322.58 kWh, so 18 days of 323 and 13 of 322 = 10,000; noon takes two fifths of a day:
    # 323 over 1 : 2 : 1 : 1 is 64.6, 129.2, 64.6, 64.6 → 65, 129, 65, 64
    request = worked()
    request.split = True
    order(request, "G", SELL, 10, channel=BILATERAL, instrument="noon")
    split = of(judged(request), "G").split_kwh
    assert by_day(split) == [323] * 18 + [322] * 13
    assert split[:4] == [65, 129, 65, 64]
    assert sum(split) == 10_000


def test_no_25_a_coarser_grain_is_a_setting() -> None:
    request = setting(worked(), auction__grain_kwh=100)
    request.split = True
    order(request, "G", SELL, 10, channel=AUCTION)
    split = of(judged(request), "G").split_kwh
    assert sum(split) == 10_000
    assert all(kwh % 100 == 0 for kwh in split)


def by_day(split: list[int]) -> list[int]:
    return [sum(split[start : start + 4]) for start in range(0, len(split), 4)]


def test_a_curve_of_the_whole_month() -> None:
    # All of it in the last quarter of the 10th
    request = worked()
    request.split = True
    weight = [0] * 124
    weight[9 * 4 + 3] = 7
    request.instruments.weight[:] = weight + [1] * 124
    order(request, "G", SELL, 10, channel=AUCTION)
    split = list(of(judged(request), "G").split_kwh)
    assert split == [10_000 if place == 39 else 0 for place in range(124)]


@given(st.integers(0, 10**6))
def test_limits_hold_whichever_accepted_orders_trade(seed: int) -> None:
    """Orders that trade in any part add no breach that was not there before, and splits conserve energy."""
    request = drawn(seed)
    reply, people, orders = judged(request), request.participants, request.orders
    yes = accepted(reply)
    assert set(yes) == set(orders.order)
    refused = {each.subject for each in reply.findings}
    assert refused == {name for name, taken in yes.items() if not taken}
    for row, own in enumerate(reply.positions):
        rows = [k for k, who in enumerate(orders.participant) if who == own.participant]
        taken = [k for k in rows if yes[orders.order[k]]]
        sold = sum(orders.energy_kwh[k] for k in taken if orders.direction[k] == SELL)
        bought = sum(orders.energy_kwh[k] for k in taken if orders.direction[k] == BUY)
        net = people.net_kwh[row]
        assert (own.net_most_kwh, own.net_least_kwh) == (net + sold, net - bought)
        assert own.net_most_kwh <= max(own.net_limit_kwh, net)
        assert own.net_least_kwh >= min(-own.net_limit_kwh, net)
        assert own.traded_kwh <= max(own.traded_limit_kwh, people.traded_kwh[row])
        start = people.owed_milli[row] + people.unsettled_kwh[row] * 10
        if own.HasField("quota_milli"):
            assert own.used_milli <= max(own.quota_milli, start)
        cells = len(reply.day_kind) * request.month.periods
        for place, k in enumerate(rows):
            part = own.split_kwh[place * cells : (place + 1) * cells]
            assert sum(part) == (orders.energy_kwh[k] if yes[orders.order[k]] else 0)
            assert min(part) >= 0


@given(st.integers(0, 10**6))
def test_refused_orders_change_nothing(seed: int) -> None:
    """Without the refused ones the others are accepted all the same."""
    request = drawn(seed)
    yes = accepted(judged(request))
    kept = pb2.CheckPositionsRequest()
    kept.CopyFrom(request)
    for field in pb2.PositionOrders.DESCRIPTOR.fields:
        column = getattr(kept.orders, field.name)
        values = [value for name, value in zip(request.orders.order, column, strict=True) if yes[name]]
        del column[:]
        column.extend(values)
    if kept.orders.order:
        assert accepted(judged(kept)) == {name: 1 for name, taken in yes.items() if taken}


def test_days_are_those_of_the_calendar() -> None:
    reply = judged(setting(worked()))
    start = date(2026, 5, 1)
    plain = {4: pb2.DAY_KIND_WORKDAY, 5: pb2.DAY_KIND_SATURDAY, 6: pb2.DAY_KIND_SUNDAY}
    for day, kind in enumerate(reply.day_kind):
        if day not in (0, 1, 8):
            assert kind == plain[max((start + timedelta(days=day)).weekday(), 4)]


def test_everything_that_is_wrong_at_once_and_sound_orders_judged_all_the_same() -> None:
    request = worked()
    request.month.worked.append("2026-05-01")
    good, poor = order(request, "G", SELL, 10), order(request, "G", SELL, 9)
    unknown, shapeless = order(request, "Z", SELL, 10), order(request, "U", 7, 10)
    reply = judged(request)
    assert not reply.valid
    found = {(each.code, each.path) for each in reply.findings}
    assert found == {
        ("CONTRADICTION", "month.worked[1]"), ("UNKNOWN_ID", "orders.participant[2]"),
        ("UNKNOWN_ENUM", "orders.direction[3]"), ("ENERGY_BELOW_LEAST", "orders.energy_kwh[1]"),
    }  # fmt: skip
    assert accepted(reply) == {good: 1, poor: 0, unknown: 0, shapeless: 0}


def test_an_empty_request_lacks_everything() -> None:
    reply = judged(pb2.CheckPositionsRequest())
    assert {(each.code, each.path) for each in reply.findings} == {
        ("BAD_DATE", "month.month"), ("OUT_OF_RANGE", "month.periods"), ("REQUIRED", "participants.participant"),
        ("REQUIRED", "instruments.instrument"), ("REQUIRED", "orders.order"),
    }  # fmt: skip
    assert not reply.positions


@pytest.mark.parametrize("month", ["0000-05", "2026-13", "2026-5", "", "9999-12"])
def test_months_at_the_ends_of_the_calendar(month: str) -> None:
    request = worked()
    order(request, "G", SELL, 10)
    request.month.month = month
    for days in (request.month.holiday, request.month.worked):
        del days[:]
    assert [each.code for each in judged(request).findings] == ([] if month == "9999-12" else ["BAD_DATE"])


def test_without_a_rule_set_nothing_is_limited_and_an_unknown_one_is_said() -> None:
    request = worked()
    name = order(request, "G", SELL, 999_999.999, 0.001)
    request.rules.name = ""
    assert accepted(judged(request)) == {name: 1}
    request.rules.name = "nowhere"
    reply = judged(request)
    assert [each.code for each in reply.findings] == ["UNKNOWN_RULE_SET"]
    assert not reply.valid
