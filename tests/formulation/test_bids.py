"""Load that bids and virtual plants: rows and prices by hand, and the clearing against every commitment."""

from dataclasses import replace

import numpy as np
import pytest

from clearing.case.case import Case
from clearing.case.finding import Severity
from clearing.case.result import Reason
from clearing.day_ahead import clear
from clearing.formulation.scuc import scuc
from clearing.grid.islands import bus_load_mw, islands
from clearing.rules.rules import Rules
from clearing.solve.control import RunControl
from clearing.solve.options import SolveOptions
from tests.factory import Row, market
from tests.factory_bids import bid_tables
from tests.formulation.drawn import CLEARING, GENERIC, drawn, exact
from tests.formulation.enumeration import brute_force
from tests.formulation.reading import column, row

RULES = exact(replace(GENERIC, clearing_penalties=CLEARING))


def plant(**more: object) -> Row:
    return {"id": "a", "p_max": 100.0, "price": 10.0, "on": True, "mw": 50.0, **more}


def test_a_bid_is_a_negative_cost_over_its_least_load() -> None:
    case = market([50.0], [plant()], bids=[{"id": "B", "min": 5.0, "max": 30.0, "blocks": [(10, 80), (40, 30)]}],
                  period_minutes=15)  # fmt: skip
    p = scuc(case, RULES, islands(case)).problem
    assert column(p, "demand", 0, 0) == (0.0, 25.0, 0.0, False)
    assert [column(p, "demand_segment", m, 0)[1:3] for m in range(2)] == [(10.0, -20.0), (15.0, -7.5)]
    assert row(p, "demand_output", 0, 0) == (
        {"demand[0,0]": -1.0, "demand_segment[0,0]": 1.0, "demand_segment[1,0]": 1.0}, 0.0, 0.0,
    )  # fmt: skip
    terms, low, high = row(p, "balance", 0, 0)
    assert (terms["demand[0,0]"], low, high) == (-1.0, 55.0, 55.0)
    assert column(p, "shed", 0, 0)[1] == 55.0


def test_a_virtual_plant_enters_at_its_buses_by_its_factors() -> None:
    virtual = [
        {"id": "g", "min": 4.0, "max": 20.0, "blocks": [(10, 5), (10, 9)], "factors": {"x": 0.25, "y": 0.75},
         "ramp": 0.5},
        {"id": "l", "load": True, "min": [2.0, 6.0], "max": 12.0, "price": 60.0, "factors": {"y": 1.0}, "ramp": 0.1},
    ]  # fmt: skip
    case = market({"x": [50.0, 50.0], "y": [10.0, 10.0]}, [plant(bus="x")], virtual=virtual)
    assert bus_load_mw(case).tolist() == [[50.0, 50.0], [12.0, 16.0]]
    p = scuc(case, RULES, islands(case)).problem
    assert [column(p, "virtual", v, 0)[1] for v in (0, 1)] == [16.0, 10.0]
    assert [column(p, "virtual_segment", m, 0)[1:3] for m in range(3)] == [(6.0, 5.0), (10.0, 9.0), (10.0, -60.0)]
    assert [column(p, "virtual_floor", v, 0)[:3] for v in (0, 1)] == [(1.0, 1.0, 20.0), (1.0, 1.0, -120.0)]
    x, y = row(p, "balance", 0, 0), row(p, "balance", 1, 0)
    assert (x[0]["virtual[0,0]"], x[1]) == (0.25, 50.0 - 1.0)
    assert (y[0]["virtual[0,0]"], y[0]["virtual[1,0]"], y[1]) == (0.75, -1.0, 12.0 - 3.0)
    assert row(p, "virtual_ramp", 0, 1) == ({"virtual[0,1]": 1.0, "virtual[0,0]": -1.0}, -30.0, 30.0)
    assert row(p, "virtual_ramp", 1, 1)[1:] == (-6.0 - 4.0, 6.0 - 4.0)
    assert row(p, "virtual_ramp", 1, 0)[1:] == (-np.inf, np.inf)


def test_a_bid_sets_the_price_and_pays_it() -> None:
    """50 MW of load, 60 MW at 10: the bid (20 MW at 30, 20 MW at 25) gets 10 at its own price of 30. Half an hour."""
    case = market([50.0], [plant(p_max=60.0)], bids=[{"id": "B", "max": 40.0, "blocks": [(20, 30), (20, 25)]}],
                  period_minutes=30)  # fmt: skip
    found = clear(case, RULES, SolveOptions(), RunControl())
    assert found.schedule is not None
    assert found.prices is not None
    assert found.payments is not None
    assert found.costs is not None
    assert found.schedule.demand_mw.tolist() == [[pytest.approx(10.0)]]
    assert found.prices.bus_price[0, 0] == pytest.approx(30.0)
    assert found.payments.demand_payment[0] == pytest.approx(30.0 * 10.0 / 2)
    assert found.payments.demand_value[0] == pytest.approx(30.0 * 10.0 / 2)
    assert (found.costs.energy, found.costs.demand) == (pytest.approx(300.0), pytest.approx(-150.0))
    assert found.termination.objective == pytest.approx(150.0)
    assert found.audit_passed


def test_a_virtual_plant_is_settled_at_the_mean_of_its_buses() -> None:
    """x (10 a MWh) sends 20 MW to y, where 50 costs; the plant (25 a MWh, half at each bus) earns (10 + 50)/2."""
    branches = [{"id": "l", "ends": ("x", "y"), "limit": 20.0}]
    virtual = [{"id": "v", "max": 10.0, "price": 25.0, "factors": {"x": 0.5, "y": 0.5}}]
    units = [plant(bus="x"), plant(id="b", bus="y", price=50.0, mw=20.0)]
    case = market({"x": [30.0], "y": [60.0]}, units, branches=branches, virtual=virtual)
    found = clear(case, RULES, SolveOptions(), RunControl())
    assert found.schedule is not None
    assert found.payments is not None
    assert found.schedule.virtual_mw.tolist() == [[pytest.approx(10.0)]]
    assert found.payments.virtual_price.tolist() == [[pytest.approx(30.0)]]
    assert found.payments.virtual_revenue[0] == pytest.approx(300.0)
    assert found.audit_passed


def test_least_load_of_a_bid_is_shed_like_any_other() -> None:
    case = market([0.0], [plant(p_max=20.0)], bids=[{"id": "B", "min": 30.0, "max": 40.0, "price": 50.0}])
    found = clear(case, RULES, SolveOptions(), RunControl())
    assert found.schedule is not None
    assert found.schedule.shed_mw.tolist() == [[pytest.approx(10.0)]]
    assert found.schedule.demand_mw.tolist() == [[pytest.approx(30.0)]]
    assert found.audit_passed


def bidding(seed: int) -> tuple[Case, Rules]:
    """A drawn case with bids and virtual plants."""
    case, rules = drawn(seed, most=120)
    rng, periods, buses = np.random.default_rng(seed), case.horizon.periods, case.network.bus_id
    load = float(case.loads.mw.sum(axis=0).max())

    def factors() -> dict[str, float]:
        return dict(zip(buses, rng.dirichlet(np.ones(len(buses))).tolist(), strict=True))

    def blocks(mw: float, falling: bool) -> list[tuple[float, float]]:
        prices = np.sort(np.round(rng.uniform(-5, 70, 2), 1)).tolist()
        return [(mw / 2, p) for p in (prices[::-1] if falling else prices)]

    low = np.round(load * rng.uniform(0, 0.1, periods), 1)
    room, most, taken = (float(np.round(load * rng.uniform(0.1, 0.5), 1)) for _ in range(3))
    bids = [{"id": "B", "bus": str(rng.choice(buses)), "min": low, "max": low + room, "blocks": blocks(room, True)}]
    minutes = case.horizon.period_minutes
    virtual: list[Row] = [
        {"id": "VG", "max": most, "min": most / 10, "blocks": blocks(most, False), "factors": factors(),
         "ramp": most / 4 / minutes},
        {"id": "VL", "load": True, "max": taken, "min": taken / 5, "blocks": blocks(taken, True),
         "factors": factors(), "ramp": taken / 4 / minutes},
    ]  # fmt: skip
    kept = rng.random(3) < 0.7
    plants = [v for v, k in zip(virtual, kept[1:], strict=True) if k]
    tables = bid_tables(bids if kept[0] else [], plants, buses, (), periods)
    # SCED has no greatest reserve, and bids move the output it depends on (as in drawn._system).
    reserves = replace(case.reserves, positive_max_mw=None)
    return replace(case, reserves=reserves, **tables), rules


@pytest.mark.parametrize("seed", range(3000, 3040))
def test_the_cheapest_of_all_commitments_is_found_with_bids(seed: int) -> None:
    case, rules = bidding(seed)
    right = brute_force(case, rules)
    found = clear(case, rules, SolveOptions(time_limit_seconds=60.0, gap=0.0), RunControl())
    if right is None:
        assert found.termination.reason is Reason.NUMERICAL_FAILURE
        return
    assert found.termination.objective == pytest.approx(right.objective, rel=1e-6, abs=1e-6)
    assert found.termination.bound == pytest.approx(right.objective, rel=1e-6, abs=1e-5)
    assert [f for f in found.audit if f.severity is Severity.ERROR] == []


def test_drawn_bids_clear_in_part() -> None:
    """Each kind stands strictly between its limits, and is priced, in several cases."""
    inside = {"demand_mw": 0, "virtual_mw": 0}
    for seed in range(3000, 3040):
        case, rules = bidding(seed)
        found = clear(case, rules, SolveOptions(time_limit_seconds=60.0, gap=0.0), RunControl())
        for name, table in (("demand_mw", case.demand_bids), ("virtual_mw", case.virtual_plants)):
            if table.id and found.schedule is not None:
                mw = getattr(found.schedule, name)
                inside[name] += bool(((mw > table.min_mw + 1e-3) & (mw < table.max_mw - 1e-3)).any())
    assert min(inside.values()) >= 8, inside
