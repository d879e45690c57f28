"""Unit groups, energy windows and storage cycles: rows by hand, and the clearing against every commitment."""

from dataclasses import replace

import numpy as np
import pytest

from clearing.case.case import Case
from clearing.case.energy_limits import EnergyWindows, StorageCycles
from clearing.case.finding import Severity
from clearing.case.result import Reason
from clearing.case.unit_groups import UnitGroups
from clearing.day_ahead import clear
from clearing.formulation.scuc import scuc
from clearing.grid.islands import islands
from clearing.rules.rules import Rules
from clearing.solve.control import RunControl
from clearing.solve.options import SolveOptions
from tests.factory import Row, market
from tests.formulation.drawn import CLEARING, GENERIC, PRICING, drawn, exact
from tests.formulation.enumeration import brute_force
from tests.formulation.reading import column, row

INF = np.inf
RULES = exact(
    replace(
        GENERIC,
        clearing_penalties=replace(CLEARING, joint_limit=((2.0, 700.0), (INF, 1800.0)), group_on=((INF, 2000.0),)),
        pricing_penalties=replace(PRICING, joint_limit=((INF, 450.0),)),
    )
)


def plant(**more: object) -> Row:
    return {"id": "a", "p_min": 20.0, "p_max": 100.0, "price": 10.0, "on": True, "mw": 50.0, **more}


def test_group_rows_sum_output_and_number_on_line() -> None:
    groups = [{"id": "G", "units": ["a", "b"], "min": [30.0, -INF], "max": 90.0, "min_on": [0, 1], "max_on": [-1, 1]}]
    case = market([50.0, 60.0], [plant(), plant(id="b", p_min=5.0)], groups=groups, period_minutes=15)
    p = scuc(case, RULES, islands(case)).problem
    terms = {"above[0,0]": 1.0, "on[0,0]": 20.0, "above[1,0]": 1.0, "on[1,0]": 5.0}
    slack = {f"group_output.{side}[{k},0]": sign for side, sign in (("short", 1.0), ("over", -1.0)) for k in (0, 1)}
    assert row(p, "group_output", 0, 0) == ({**terms, **slack}, 30.0, 90.0)
    assert row(p, "group_output", 0, 1)[1:] == (-INF, 90.0)
    assert column(p, "group_output.short", 0, 0) == (0.0, 2.0, 700.0 / 4, False)
    assert column(p, "group_output.short", 0, 1)[:2] == (0.0, 0.0)
    assert row(p, "group_on", 0, 0)[1:] == (-INF, INF)
    assert row(p, "group_on", 0, 1) == (
        {"on[0,1]": 1.0, "on[1,1]": 1.0, "group_on.short[0,1]": 1.0, "group_on.over[0,1]": -1.0}, 1.0, 1.0,
    )  # fmt: skip
    assert column(p, "group_on.over", 0, 1) == (0.0, INF, 500.0, False)


def test_window_rows_sum_energy_over_both_ends() -> None:
    windows = [{"unit": "b", "first": 1, "last": 2, "min": 12.0, "max": 30.0}, {"unit": "a", "max": 40.0}]
    case = market([50.0] * 4, [plant(), plant(id="b", p_min=8.0)], windows=windows, period_minutes=15)
    p = scuc(case, RULES, islands(case)).problem
    terms, low, high = row(p, "energy_window", 0)
    own = {name: value for name, value in terms.items() if not name.startswith("energy_window")}
    assert own == {"above[1,1]": 0.25, "above[1,2]": 0.25, "on[1,1]": 2.0, "on[1,2]": 2.0}
    assert (low, high) == (12.0, 30.0)
    assert row(p, "energy_window", 1)[1:] == (-INF, 40.0)
    assert column(p, "energy_window.over", 0, 1) == (0.0, 2.0, 700.0, False)  # a MWh, whatever the period


def test_cycle_row_is_what_is_delivered_against_usable_energy() -> None:
    store = {"id": "s", "power": 10.0, "eta": 0.9, "energy": 20.0, "cycles": 1.5}
    case = market([50.0] * 2, [plant()], storage=[store], period_minutes=30)
    case = replace(case, storage=replace(case.storage, energy_min_mwh=np.array([4.0])))
    p = scuc(case, RULES, islands(case)).problem
    terms, low, high = row(p, "storage_cycle", 0)
    assert {n: v for n, v in terms.items() if n.startswith("discharge")} == {
        "discharge[0,0]": 0.5,
        "discharge[0,1]": 0.5,
    }
    assert (low, high) == (-INF, 1.5 * 16.0)


def test_a_window_moves_energy_to_the_dear_hours_and_stands_in_the_certificate() -> None:
    """a (10 a MWh) may give 150 MWh, b costs 30 up to 40 MW, c 50: with loads 60, 100 a covers what b cannot.

    Period 1 needs 60 from a at least (b full) or c; a is worth 30 in both periods once b is marginal:
    load 160 = 150 of a + 10 of b: every MWh that a lacks costs 30, so the window is worth 20 a MWh.
    """
    units = [
        plant(id="a", p_min=0.0, price=10.0), plant(id="b", p_min=0.0, p_max=40.0, price=30.0),
        plant(id="c", p_min=0.0, price=50.0),
    ]  # fmt: skip
    case = market([60.0, 100.0], units, windows=[{"unit": "a", "max": 150.0}])
    found = clear(case, RULES, SolveOptions(), RunControl())
    assert found.prices is not None
    assert found.multipliers is not None
    assert found.termination.objective == pytest.approx(150 * 10 + 10 * 30)
    assert found.prices.bus_price[0].tolist() == pytest.approx([30.0, 30.0])
    place = found.multipliers.family.index("energy_window")
    assert found.multipliers.subject[place] == "a|0-1"
    assert (found.multipliers.period[place], found.multipliers.value[place]) == (1, pytest.approx(-20.0))
    assert [(b.family, b.subject, b.limit_mw) for b in found.bindings] == [("energy_window", "a|0-1", 150.0)]
    assert found.audit_passed


def test_a_group_that_cannot_be_kept_is_a_violation_and_not_infeasible() -> None:
    """All of the load (80) can come from G only, which may give 50: 30 MW too much, 2 steps, for half an hour."""
    groups = [{"id": "G", "units": ["a"], "max": 50.0, "min_on": 2}]
    case = market([80.0], [plant()], groups=groups, period_minutes=30)
    rules = replace(RULES, clearing_penalties=replace(RULES.clearing_penalties, shortage=((INF, 3000.0),)))
    found = clear(case, rules, SolveOptions(), RunControl())
    broken = {v.family: (v.subject, v.amount_mw, v.penalty) for v in found.violations}
    assert broken["group_output"] == ("G", pytest.approx(30.0), pytest.approx((2 * 700 + 28 * 1800) / 2))
    assert broken["group_on"] == ("G", pytest.approx(1.0), pytest.approx(1000.0))
    assert found.audit_passed, found.audit


def limited(seed: int) -> tuple[Case, Rules]:
    """A drawn case with groups, windows and cycles that bind often."""
    case, rules = drawn(seed, most=120)
    rng, units, periods = np.random.default_rng(seed), case.units, case.horizon.periods
    count, hours = len(units.id), case.horizon.hours
    load = case.loads.mw.sum(axis=0)
    member = np.flatnonzero(rng.random(count) < 0.8) if rng.random() < 0.7 else np.zeros(0, dtype=np.int64)
    groups = case.unit_groups
    if len(member):
        most = np.maximum(np.round(load * rng.uniform(0.3, 1.0)), 1.0)[None]
        groups = UnitGroups(
            ("G",), np.zeros(len(member), dtype=np.int64), member,
            most * float(rng.choice([0.0, 0.5])), most,
            rng.integers(0, 2, (1, periods)), rng.integers(-1, 3, (1, periods)),
        )  # fmt: skip
        groups = replace(groups, max_on=np.where(groups.max_on == 0, -1, groups.max_on))
    windows = case.energy_windows
    if rng.random() < 0.7:
        unit = np.array([0, count - 1])
        last = np.array([periods - 1, max(0, periods - 2)])
        reach = units.p_max_mw.max(axis=1)[unit] * (last + 1) * hours
        high = np.round(reach * rng.uniform(0.3, 0.9, 2), 1)
        windows = EnergyWindows(unit, np.zeros(2, dtype=np.int64), last, high * rng.choice([0.0, 0.4, 1.0], 2), high)
    cycles = case.storage_cycles
    if case.storage.id:
        cycles = StorageCycles(np.zeros(1, dtype=np.int64), np.array([float(rng.choice([0.1, 0.4]))]))
    case = replace(case, unit_groups=groups, energy_windows=windows, storage_cycles=cycles)
    own = replace(rules.clearing_penalties, joint_limit=RULES.clearing_penalties.joint_limit,
                  group_on=RULES.clearing_penalties.group_on)  # fmt: skip
    priced = replace(rules.pricing_penalties, joint_limit=RULES.pricing_penalties.joint_limit)
    return case, replace(rules, clearing_penalties=own, pricing_penalties=priced)


@pytest.mark.parametrize("seed", range(2000, 2040))
def test_the_cheapest_of_all_commitments_is_found_under_joint_limits(seed: int) -> None:
    case, rules = limited(seed)
    right = brute_force(case, rules)
    found = clear(case, rules, SolveOptions(time_limit_seconds=60.0, gap=0.0), RunControl())
    if right is None:
        assert found.termination.reason is Reason.NUMERICAL_FAILURE
        return
    assert found.termination.objective == pytest.approx(right.objective, rel=1e-6, abs=1e-6)
    assert found.termination.bound == pytest.approx(right.objective, rel=1e-6, abs=1e-5)
    assert [f for f in found.audit if f.severity is Severity.ERROR] == []


def test_the_drawn_limits_bind_and_break() -> None:
    """Each family is priced in some cases and broken in some."""
    priced, broken = dict.fromkeys(("group_output", "energy_window", "storage_cycle"), 0), set()
    for seed in range(2000, 2060):
        case, rules = limited(seed)
        found = clear(case, rules, SolveOptions(time_limit_seconds=60.0, gap=0.0), RunControl())
        broken |= {v.family for v in found.violations}
        for family in priced:
            priced[family] += bool(found.multipliers and family in found.multipliers.family)
    assert min(priced.values()) >= 2, priced
    assert {"group_output", "group_on", "energy_window"} <= broken
