"""Structure: textbook figures, and every index against plain loops on random markets."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest

from clearing.case.case import Case
from clearing.case.declarations import nothing_declared
from clearing.case.result import ClearingResult
from clearing.day_ahead import clear
from clearing.grid.monitored import grid
from clearing.market_check import Asked, check
from clearing.market_power.costs import no_costs
from clearing.market_power.structure import LimitStructure, indices, of_limits, of_system
from clearing.market_power.supply import Supply, demand, scheduled, supply
from clearing.rules.load import load
from clearing.rules.power_rules import StructureRules
from clearing.solve.control import RunControl
from clearing.solve.options import SolveOptions
from tests.factory import market

RULES = load()


def shares(*percent: float, need: float = 60.0) -> Case:
    """One unit an owner, of so many MW."""
    units = [{"id": f"u{k}", "owner": f"o{k}", "p_max": mw, "price": 10.0} for k, mw in enumerate(percent)]
    return market([need], units=units)


def system(case: Case, **rules: object) -> tuple[Supply, object]:
    table = supply(case, RULES)
    return table, of_system(table, demand(case, RULES), replace(StructureRules(), **rules))  # type: ignore[arg-type]


PUBLISHED = [
    # U.S. Department of Justice, page on the Herfindahl-Hirschman index: four firms, 30² + 30² + 20² + 20².
    ((30.0, 30.0, 20.0, 20.0), 2600.0),
    # Identifying Market Power in Electric Generation, Public Utilities Fortnightly, 15 February 1996, "Measuring
    # Concentration": shares of 20, 30 and 50 percent; five equal firms; one firm.
    ((20.0, 30.0, 50.0), 3800.0),
    ((20.0, 20.0, 20.0, 20.0, 20.0), 2000.0),
    ((100.0,), 10000.0),
    # Investopedia, Herfindahl-Hirschman Index (video page): eight participants A to H.
    ((10.0, 9.0, 12.0, 15.0, 12.0, 11.0, 15.0, 16.0), 1296.0),
]


@pytest.mark.parametrize(("percent", "index"), PUBLISHED)
def test_hhi_of_published_examples(percent: tuple[float, ...], index: float) -> None:
    _, found = system(shares(*percent))
    np.testing.assert_allclose(found.hhi, [index])  # type: ignore[attr-defined]


def test_residual_supply_index_is_what_the_others_can_give_over_demand() -> None:
    """Sheffrin, Predicting Market Power Using the Residual Supply Index (FERC market monitoring workshop, 2002):
    (total supply − own supply) / total demand. No published example gives the supplies beside the index, so the figures
    are this project's: 100 MW in all against 60 MW: 50/60, 70/60 and 80/60."""
    _, found = system(shares(50.0, 30.0, 20.0))
    np.testing.assert_allclose(found.index[0, :, 0], [50 / 60, 70 / 60, 80 / 60])  # type: ignore[attr-defined]
    assert found.fails[:, 0].tolist() == [True, False, False]  # type: ignore[attr-defined]
    np.testing.assert_allclose(found.must_run[:, 0], [10 / 50, 0.0, 0.0])  # type: ignore[attr-defined]
    np.testing.assert_allclose(found.top_share, [1.0])  # type: ignore[attr-defined]


def test_three_pivotal_takes_the_two_largest_others_away() -> None:
    """PJM's form (Operating Agreement, Schedule 1, 6.4.1; State of the Market reports): what is left of the relief when
    a supplier and the two largest others are taken away, over what is needed. The reports print indices and no supplies
    by owner, so the figures are this project's: of 40, 30, 20, 10 and 5 MW against 20, o4 with 40 and 30 gone leaves
    30 MW, 1.5; o0 with 30 and 20 gone leaves 15 MW, 0.75."""
    table, found = system(shares(40.0, 30.0, 20.0, 10.0, 5.0, need=20.0), pivotal_owners=3)
    index = found.index  # type: ignore[attr-defined]
    np.testing.assert_allclose(index[2, :, 0] * 20.0, [15.0, 15.0, 15.0, 25.0, 30.0])
    np.testing.assert_allclose(index[1, :, 0] * 20.0, [35.0, 35.0, 45.0, 55.0, 60.0])
    assert found.fails[:, 0].tolist() == [True, True, True, False, False]  # type: ignore[attr-defined]
    assert table.group_id == ("o0", "o1", "o2", "o3", "o4")


def test_without_demand_nobody_is_pivotal() -> None:
    assert np.isposinf(indices(np.array([[5.0], [6.0]]), np.array([0.0]))).all()


def test_a_resource_without_an_owner_is_a_group_of_its_own() -> None:
    case = market(
        [10.0], units=[{"id": "a", "p_max": 5, "price": 1}, {"id": "b", "p_max": 5, "price": 1, "owner": "o"}]
    )
    table = supply(case, RULES)
    assert table.group_id == ("o", "a")
    assert table.group.tolist() == [1, 0]
    assert table.group_owner.tolist() == [0, -1]


@pytest.mark.parametrize("seed", range(20))
def test_against_plain_loops_on_random_markets(seed: int) -> None:
    rng = np.random.default_rng(seed)
    groups, periods = int(rng.integers(1, 7)), 3
    mw = rng.integers(0, 50, (groups, periods)).astype(float)
    need = rng.integers(0, 100, periods).astype(float)
    found = indices(mw, need)
    for t, i in itertools.product(range(periods), range(groups)):
        others = [mw[j, t] for j in range(groups) if j != i]
        for k in range(3):
            fewest = min(
                (sum(others) - sum(gone) for gone in itertools.combinations(others, min(k, len(others)))), default=0.0
            )
            wanted = np.inf if need[t] <= 0 else fewest / need[t]
            assert found[k, i, t] == pytest.approx(wanted)


CONGESTED = [
    {"id": "cheap", "bus": "a", "p_max": 300, "price": 10, "owner": "w"},
    {"id": "x", "bus": "b", "p_max": 60, "price": 30, "owner": "x"},
    {"id": "y", "bus": "b", "p_max": 30, "price": 40, "owner": "y"},
    {"id": "z", "bus": "b", "p_max": 40, "price": 50, "owner": "z"},
]
LINE = [{"id": "ab", "ends": ("a", "b"), "x": 0.1, "limit": 50}]
SCOPE = {"market_power.conduct.scope": "failing_periods"}


def congested() -> Case:
    """Line a–b of 50 MW; 120 MW at b. Cheap power at a; at b owners x (60 MW), y (30 MW) and z (40 MW)."""
    return market({"a": [0.0], "b": [120.0]}, buses=["a", "b"], units=CONGESTED, branches=LINE)


def _limits(case: Case) -> tuple[LimitStructure, ClearingResult, Supply]:
    result = clear(case, RULES, SolveOptions(gap=0.0), RunControl())
    table = supply(case, RULES)
    return of_limits(case, grid(case), result, table, StructureRules()), result, table


def test_a_congested_line_by_shift_factors() -> None:
    """All load is at b, so 1 MW at a is 1 MW on the line and 1 MW at b none: the line is relieved by taking back at a.

    With the reference at b (its load), no source has a relief factor above 0: who could relieve gives less, not more.
    Weighted evenly, 1 MW at b takes half a MW off the line: x, y, z can take 30, 15 and 20 MW off; 70 MW of them are
    used, 35 MW. Without x: 35/35 = 1; without y: 50/35; without z: 45/35.
    """
    case = congested()
    case = replace(case, network=replace(case.network, bus_reference_weight=np.array([0.5, 0.5])))
    found, _, table = _limits(case)
    assert (found.family, found.subject, found.side, found.period.tolist()) == (("branch",), ("ab",), ("max",), [0])
    np.testing.assert_allclose(found.relief_mw, [35.0], atol=1e-6)
    of = {name: w for w, name in enumerate(table.group_id)}
    np.testing.assert_allclose(found.group_mw[0, [of["w"], of["x"], of["y"], of["z"]]], [0.0, 30.0, 15.0, 20.0])
    np.testing.assert_allclose(found.index[0, 0, [of["x"], of["y"], of["z"]]], [1.0, 50 / 35, 45 / 35], atol=1e-6)
    assert not found.fails[0].any()


def test_offers_are_tested_in_the_periods_in_which_a_limit_makes_a_group_pivotal() -> None:
    """Limit 1.2: in the first hour x is pivotal on the line (1.0) and w in the system (130/120); in the second, with
    40 MW at b, the line does not bind and nobody is."""
    twice = market({"a": [0.0, 0.0], "b": [120.0, 40.0]}, buses=["a", "b"], units=CONGESTED, branches=LINE,
                   weight={"a": 0.5, "b": 0.5})  # fmt: skip
    rules = load("generic", "", {"market_power.structure.pivotal_limit": "1.2", **SCOPE})
    table = replace(no_costs(twice), unit_per_mwh=np.array([5.0, 10.0, 10.0, 10.0]))
    given = clear(twice, rules, SolveOptions(gap=0.0), RunControl())
    found = check(twice, rules, Asked(nothing_declared(twice), table, False), SolveOptions(), RunControl(), given)
    assert found.limits is not None
    assert found.limits.period.tolist() == [0]
    assert found.tests[0].fails.tolist() == [[True, False], [True, False], [False, False], [False, False]]


@pytest.mark.parametrize("seed", range(5))
def test_limits_against_plain_loops_on_random_networks(seed: int) -> None:
    rng = np.random.default_rng(seed)
    buses = [f"b{k}" for k in range(5)]
    units = [
        {"id": f"u{k}", "bus": str(rng.choice(buses)), "p_max": float(rng.integers(20, 80)), "owner": f"o{k % 4}",
         "price": float(rng.integers(1, 60))}
        for k in range(12)
    ]  # fmt: skip
    branches = [
        {"id": f"l{k}", "ends": (buses[k], buses[(k + 1) % 5]), "x": float(rng.integers(1, 5)), "limit": 25.0}
        for k in range(5)
    ]
    case = market({b: [float(rng.integers(0, 40))] for b in buses}, units=units, branches=branches)
    found, result, table = _limits(case)
    if not found.family:
        return
    network, given = grid(case), scheduled(case, result.schedule)  # type: ignore[arg-type]
    for n, name in enumerate(found.subject):
        element = network.monitored.id.index(name)
        sign = 1.0 if found.side[n] == "max" else -1.0
        relief, group = 0.0, dict.fromkeys(range(len(table.group_id)), 0.0)
        for s in range(len(table.id)):
            bus = int(case.units.bus[s])
            help_ = -sign * float(network.at_bus(bus)[element, 0])
            if help_ >= 0.03:
                relief += help_ * float(given[s, 0])
                group[int(table.group[s])] += help_ * float(table.mw[s, 0])
        over = sum(v.amount_mw for v in result.violations if v.subject == name)
        assert found.relief_mw[n] == pytest.approx(relief + over, abs=1e-6)
        for w, mw in group.items():
            assert found.group_mw[n, w] == pytest.approx(mw, abs=1e-9)
            if relief + over > 1e-9:
                wanted = (sum(group.values()) - mw) / (relief + over)
                assert found.index[0, n, w] == pytest.approx(wanted, rel=1e-6)
