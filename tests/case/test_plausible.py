"""Values far from an earlier case: warned about, each where it stands, and nothing else is touched."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from clearing import pipeline
from clearing.case.case import Case
from clearing.case.finding import Finding, Severity
from clearing.case.interval import cut
from clearing.case.plausible import MOST, plausible
from clearing.case.units import Fuel
from clearing.v1 import clearing_service_pb2
from clearing.wire import decode, encode
from tests.factory import market

SHAPE = np.array([60.0, 62.0, 66.0, 70.0, 72.0, 71.0, 68.0, 64.0])


def day(loads: np.ndarray = SHAPE, wind: np.ndarray = SHAPE, **more: Any) -> Case:
    case = market(
        {"a": loads, "b": 0.5 * SHAPE},
        [{"id": "g", "p_max": 200, "price": 10, "on": True, "mw": 70}],
        renewables=[{"id": "w", "bus": "a", "forecast": wind}],
        branches=[{"id": "ab", "ends": ("a", "b"), "x": 0.1, "limit": 80.0}],
        **more,
    )
    return replace(case, renewables=replace(case.renewables, fuel=np.array([int(Fuel.WIND)])))


def tomorrow(case: Case) -> Case:
    horizon = case.horizon
    return replace(case, horizon=replace(horizon, operating_day=horizon.operating_day.replace(day=16)))


def said(case: Case, before: Case) -> list[tuple[str, str, int]]:
    found = plausible(case, before)
    assert {f.severity for f in found} <= {Severity.WARNING}
    return [(f.path, f.subject, f.period) for f in found]


def changed(value: np.ndarray, period: int, factor: float) -> np.ndarray:
    out = value.copy()
    out[period] *= factor
    return out


def test_equal_cases_and_small_changes_are_near() -> None:
    assert said(day(), day()) == []
    assert said(day(1.3 * SHAPE, 0.6 * SHAPE), day()) == []
    assert said(tomorrow(day(0.7 * SHAPE)), day()) == []


@pytest.mark.parametrize("factor", [10.0, 0.1])
def test_a_value_of_the_same_period_is_found_where_it_stands(factor: float) -> None:
    assert said(day(changed(SHAPE, 3, factor)), day()) == [("case.loads.mw[0]", "load-a", 3)]
    assert said(day(wind=changed(SHAPE, 0, factor)), day()) == [("case.renewables.forecast_mw[0]", "w", 0)]
    (finding,) = plausible(day(changed(SHAPE, 3, factor)), day())
    assert (finding.value, finding.limit) == (f"{70.0 * factor:g}", "near 70")


@pytest.mark.parametrize("factor", [10.0, 0.1])
def test_of_another_day_a_value_alone_among_its_neighbours_and_a_whole_row_are_found(factor: float) -> None:
    alone = tomorrow(day(changed(SHAPE, 3, factor)))
    assert ("case.loads.mw[0]", "load-a", 3) in said(alone, day())
    assert said(tomorrow(day(factor * SHAPE)), day()) == [("case.loads.mw[0]", "load-a", 4)]
    assert said(tomorrow(day(wind=factor * SHAPE)), day()) == []  # wind may do that


def windy(*factors: float) -> Case:
    """So many sites of wind, each its factor times a common day."""
    sites = [{"id": f"w{k}", "bus": "a", "forecast": factor * SHAPE} for k, factor in enumerate(factors)]
    case = market({"a": SHAPE}, [{"id": "g", "p_max": 200, "price": 10, "on": True, "mw": 70}], renewables=sites)
    return replace(case, renewables=replace(case.renewables, fuel=np.full(len(sites), int(Fuel.WIND))))


def test_wind_of_another_day_is_held_against_the_other_sites_of_wind() -> None:
    before = windy(1.0, 0.5, 2.0)
    assert said(tomorrow(windy(0.1, 0.04, 0.3)), before) == []  # a day without wind, everywhere
    assert said(tomorrow(windy(10.0, 0.5, 2.0)), before) == [("case.renewables.forecast_mw[0]", "w0", 4)]
    assert said(tomorrow(windy(0.1, 0.004, 0.2)), before) == [("case.renewables.forecast_mw[1]", "w1", 4)]
    assert said(tomorrow(windy(10.0, 0.5)), windy(1.0, 0.5)) == []  # of two nobody knows which


@pytest.mark.parametrize("factor", [10.0, 0.1])
def test_limits_and_offers_are_said_once_a_row(factor: float) -> None:
    case = day()
    wide = replace(case, units=replace(case.units, p_max_mw=case.units.p_max_mw * factor))
    assert said(wide, case) == [("case.units.p_max_mw[0]", "g", 0)]
    rated = replace(case, network=replace(case.network, branch_limit_mw=case.network.branch_limit_mw * factor))
    assert said(rated, case) == [("case.network.branch_limit_mw[0]", "ab", -1)]
    offers = replace(case.units.offers, price_per_mwh=case.units.offers.price_per_mwh * factor)
    assert said(replace(case, units=replace(case.units, offers=offers)), case) == [
        ("case.units.offers.price_per_mwh[0]", "g 1", 0)
    ]


def test_rows_without_a_partner_without_a_limit_or_at_0_are_not_compared() -> None:
    before = day()
    renamed = replace(before, loads=replace(before.loads, id=("other", "load-b"), mw=before.loads.mw * 10.0))
    assert [subject for _, subject, _ in said(renamed, before)] == ["load-b"] * 8
    free = replace(before, network=replace(before.network, branch_limit_mw=np.array([np.inf])))
    assert said(free, before) == said(before, free) == []
    dark = day(wind=0.0 * SHAPE)
    assert said(day(), dark) == []


def test_what_is_more_than_the_most_is_counted() -> None:
    rows = {f"b{k}": SHAPE for k in range(4)}
    before, case = market(rows), market({name: 10.0 * value for name, value in rows.items()})
    found = plausible(case, before)
    assert len(found) == MOST
    assert "12 more of this column" in found[-1].message


def test_an_interval_is_held_against_the_one_before() -> None:
    whole = day()
    before, after = cut(whole, 0, 5), cut(whole, 1, 6)
    assert said(after, before) == []
    fresh = replace(
        after, loads=replace(after.loads, mw=np.array([changed(after.loads.mw[0], 5, 10.0), after.loads.mw[1]]))
    )
    assert said(fresh, before) == [("case.loads.mw[0]", "load-a", 5)]


def validated(case: Case, previous: Any) -> list[Finding]:
    request = clearing_service_pb2.ValidateCaseRequest(case=encode.case(case), previous=previous)
    reply = clearing_service_pb2.ValidateCaseResponse.FromString(pipeline.validate_case(request.SerializeToString()))
    return list(decode.findings(reply.findings))


def test_the_service_says_it_and_refuses_an_earlier_case_that_it_cannot_read() -> None:
    codes = [f.code for f in validated(day(changed(SHAPE, 3, 10.0)), encode.case(day()))]
    assert codes.count("FAR_FROM_PREVIOUS") == 1
    broken = encode.case(day())
    del broken.loads.mw[3:]
    found = {f.code: f.severity for f in validated(day(), broken)}
    assert found["PREVIOUS_UNREADABLE"] is Severity.ERROR
