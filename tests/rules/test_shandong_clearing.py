"""Rows of the Shandong table that a clearing obeys, each by its number, on markets whose answer is worked by hand."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from clearing.case.case import Case, CommitmentInput, CommitmentUse
from clearing.case.pumped_market import pumped_market
from clearing.case.result import ClearingResult
from clearing.day_ahead import clear
from clearing.grid.monitored import grid
from clearing.rules.load import load
from clearing.solve.control import RunControl
from clearing.solve.options import SolveOptions
from clearing.solve.search import Search
from tests.factory import market

TIGHT = {"solve.gap": "0", "solve.absolute_gap": "0"}
NO_RESERVE = {f"reserves.{key}": "none" for key in ("positive_min_mw", "positive_max_mw", "negative_min_mw")}


def cleared(case: Case, **overrides: str) -> ClearingResult:
    """Under the rule set, to the end of the search."""
    answer = clear(case, load("shandong-trial", "", TIGHT | overrides), SolveOptions(), RunControl())
    assert answer.audit_passed, answer.audit
    return answer


def on(answer: ClearingResult) -> list[list[int]]:
    assert answer.schedule is not None
    return answer.schedule.on.tolist()


def test_no_01_of_6000_mw_pumped_3000_in_the_market_and_2000_of_the_rest_kept() -> None:
    pump = {"id": "p", "pump": 6000, "max": 6000, "reservoir": "r"}
    case = market([100.0], pumps=[pump], reservoirs=[{"id": "r", "energy": 1000, "initial": 500}])
    found = pumped_market(case, load("shandong-trial").pumped)
    assert found.generate_max_mw.tolist() == [[3000.0]]
    assert found.kept_mw.tolist() == [2000.0]


def fleet(load_mw: float, base_mw: float, base_min: float = 0.0, small_min: float = 0.0) -> Case:
    """`base` at 101 is on; `small` of 2000 MW at 100 saves a yuan a MWh, and costs 10 an hour."""
    units = [
        {"id": "base", "p_min": base_min, "p_max": base_mw, "price": 101, "must_run": 1, "on": True, "mw": load_mw},
        {"id": "small", "p_min": small_min, "p_max": 2000, "price": 100, "no_load": 10, "min_down": 120},
    ]
    return market([load_mw], units)


@pytest.mark.parametrize(("load_mw", "small"), [(7000.0, 0), (7001.0, 1)])
def test_no_13_3000_mw_of_positive_reserve(load_mw: float, small: int) -> None:
    """`small` is dear here: 10000 MW on line serve 7000 MW with 3000 to spare, and 7001 MW not any more."""
    case = fleet(load_mw, 10_000.0)
    case = replace(case, units=replace(case.units, no_load_cost_per_hour=np.array([0.0, 1e4])))
    assert on(cleared(case)) == [[1], [small]]


@pytest.mark.parametrize(("base_mw", "small"), [(13_000.0, 1), (15_000.0, 0)])
def test_no_13_at_most_7000_mw_of_positive_reserve(base_mw: float, small: int) -> None:
    """8000 MW of load, 2000 of them from `small`: 13000 MW leave 7000 above what they give, 15000 MW leave 9000."""
    assert on(cleared(fleet(8000.0, base_mw))) == [[1], [small]]


@pytest.mark.parametrize(
    ("where", "base_mw", "price", "over_mw"),
    [("commitment_and_dispatch", 7000.0, 0.0, 0.0), ("commitment", 6000.0, 300.0, 1000.0)],
)
def test_no_13_the_schedule_keeps_the_7000_mw_too(where: str, base_mw: float, price: float, over_mw: float) -> None:
    """8000 MW of load, 2000 MW of wind for nothing, a unit of 14000 MW at 300 that must run: at 6000 MW it has 8000 MW
    of room. Held to 7000 it gives 7000 MW, and the next MW of load is wind; a MW more of the limit saves 300."""
    wind = {"id": "wind", "forecast": 2000.0, "blocks": [(2000.0, 0.0)]}
    case = market([8000.0], [{"id": "base", "p_max": 14_000.0, "price": 300.0, "must_run": 1}], renewables=[wind])
    found = cleared(case, **{"reserves.positive_max_in": where, "offers.first_point": "any"})
    assert found.schedule is not None
    assert found.prices is not None
    assert found.audit_passed
    assert found.schedule.dispatch_mw[0, 0] == pytest.approx(base_mw)
    assert found.prices.bus_price[0, 0] == pytest.approx(price, abs=1e-9)
    assert [v.amount_mw for v in found.violations if v.family == "system_positive_max"] == pytest.approx(
        [over_mw] * (over_mw > 0.0)
    )
    binding = [(b.family, b.subject, b.side, b.limit_mw, b.shadow_price) for b in found.bindings]
    assert binding == ([] if over_mw else [("system_positive_max", "system", "max", 7000.0, pytest.approx(300.0))])


@pytest.mark.parametrize(("where", "given_mw"), [("commitment_and_dispatch", 400.0), ("commitment", 0.0)])
def test_no_13_stores_keep_what_the_3000_mw_count_on(where: str, given_mw: float) -> None:
    """10000 MW on line serve 7600 MW in the second hour and leave 2400: 600 more are in a store with 1000 MWh. What it
    gives saves 300 a MWh down to 7000 MW, and 200 below. Held to the reserve it gives 400 MWh. A dispatch that is not
    would take all of it and break the reserve, which is dearer than to leave the store alone."""
    base = {"id": "base", "p_max": 10_000.0, "must_run": 1, "blocks": [(7000, 200), (3000, 300)]}
    store = {"id": "store", "discharge": 2000.0, "eta": 1.0, "energy": 2000.0, "initial": 1000.0, "final": 0.0}
    case = market([6900.0, 7600.0], [base], storage=[store])
    found = cleared(case, **{"reserves.positive_min_in": where, "offers.first_point": "any"})
    assert found.schedule is not None
    assert found.prices is not None
    assert found.violations == ()
    assert found.schedule.discharge_mw[0].tolist() == pytest.approx([0.0, given_mw], abs=1e-6)
    assert found.prices.bus_price[0].tolist() == pytest.approx([200.0, 300.0])
    binding = [(b.family, b.subject, b.side, b.limit_mw, b.shadow_price) for b in found.bindings]
    assert binding == ([("system_positive_min", "system", "min", 3000.0, pytest.approx(300.0))] if given_mw else [])


@pytest.mark.parametrize(("small_min", "small"), [(1500.0, 1), (1501.0, 0)])
def test_no_13_1500_mw_of_negative_reserve(small_min: float, small: int) -> None:
    """8000 MW of load less 1500 MW are 6500 MW: least outputs of 5000 and 1500 MW fit, 1501 MW do not."""
    case = fleet(8000.0, 12_000.0, base_min=5000.0, small_min=small_min)
    assert on(cleared(case, **{"offers.first_point": "any"})) == [[1], [small]]


@pytest.mark.parametrize(("bound", "closed"), [(999_000.0, True), (998_990.0, False)])
def test_no_14_a_search_ends_within_a_thousandth(bound: float, closed: bool) -> None:
    """The best costs 1,000,000: 1000 above the bound are a thousandth, 1010 are more."""
    case = market([10.0], [{"id": "u", "p_max": 20, "price": 1}])
    search = Search(case, load("shandong-trial"), grid(case), SolveOptions(), RunControl())
    search.best = SimpleNamespace(costs=SimpleNamespace(total=1_000_000.0))  # type: ignore[assignment]
    search.bound = bound
    assert search.closed() is closed


def plant(*prices: float, load_mw: list[float], stop: bool = False) -> ClearingResult:
    """Units of 100 MW at one plant, off (or on) for long, and dear power from elsewhere that is always on."""
    state: dict[str, Any] = {"on": True, "mw": 50.0} if stop else {}
    units = [
        {"id": f"u{k}", "p_max": 100.0, "p_min": 50.0, "price": p, "plant": "q", "blocks": [(50, p), (50, p)],
         "min_down": 120, "no_load": 1.0, "start": [(0, 0.0)], **state}
        for k, p in enumerate(prices)
    ]  # fmt: skip
    units.append({"id": "dear", "p_max": 1000.0, "price": 900, "must_run": 1, "on": True, "mw": 0.0})
    lead = {f"startup.lead.{state}_minutes": "none" for state in ("cold", "warm", "hot")}
    return cleared(market(load_mw, units), **NO_RESERVE, **lead)


def test_no_20_starts_of_a_plant_are_two_hours_apart() -> None:
    """Both are wanted from the first hour on; the dearer one comes in the third, 900 a MWh fill the gap."""
    answer = plant(100, 200, load_mw=[190.0] * 4)
    assert on(answer)[:2] == [[1, 1, 1, 1], [0, 0, 1, 1]]
    assert answer.prices is not None
    assert answer.prices.bus_price[0].tolist() == pytest.approx([900.0, 900.0, 200.0, 200.0])


def test_no_20_stops_of_a_plant_are_two_hours_apart() -> None:
    """Nothing is wanted from the first hour on: the dearer one stops at once, the other in the third hour."""
    answer = plant(1000, 1200, load_mw=[100.0] * 4, stop=True)
    assert on(answer)[:2] == [[1, 1, 0, 0], [0, 0, 0, 0]]


def test_no_20_after_a_switch_the_started_unit_stays_on_nine_hours() -> None:
    """u0 must stop after the first hour, u1 must run in the second: it stays on for nine hours though it is dear."""
    units = [
        {"id": "u0", "p_max": 100.0, "p_min": 50.0, "plant": "q", "on": True, "mw": 50.0, "min_down": 120,
         "blocks": [(50, 1000), (50, 1000)], "must_off": [0] + [1] * 11, "must_run": [1] + [0] * 11},
        {"id": "u1", "p_max": 100.0, "p_min": 50.0, "plant": "q", "blocks": [(50, 1000), (50, 1000)], "min_down": 120,
         "must_run": [0, 1] + [0] * 10, "must_off": [1] + [0] * 11, "start": [(0, 0.0)]},
        {"id": "base", "p_max": 1000.0, "price": 100, "must_run": 1, "on": True, "mw": 0.0},
    ]  # fmt: skip
    lead = {f"startup.lead.{state}_minutes": "none" for state in ("cold", "warm", "hot")}
    answer = cleared(market([100.0] * 12, units), **NO_RESERVE, **lead)
    assert on(answer)[1] == [0] + [1] * 9 + [0] * 2


def test_no_21_ten_security_rounds() -> None:
    """One row a round and twelve hours in which what is left after an outage is overloaded: two stay so."""
    units = [{"id": "g1", "bus": "a", "p_max": 200, "price": 10}, {"id": "g2", "bus": "c", "p_max": 200, "price": 50}]
    branches = [
        {"id": name, "ends": tuple(name), "emergency": mw}
        for name, mw in {"ab": np.inf, "bc": 70, "ac": np.inf}.items()
    ]
    hours = [90.0 + k for k in range(12)]
    nothing = [0.0] * 12
    case = market({"a": nothing, "b": nothing, "c": hours}, units, branches=branches,
                  contingencies=[{"id": "N-ac", "branches": ["ac"]}])  # fmt: skip
    case = replace(case, commitment=CommitmentInput(CommitmentUse.FIXED, np.ones((2, 12), dtype=np.int8)))
    answer = cleared(case, **NO_RESERVE, **{"solve.security_rows": "1"})
    assert [(v.subject, v.period) for v in answer.violations] == [("bc|N-ac", 0), ("bc|N-ac", 1)]
