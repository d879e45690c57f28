"""UnitCommitment.jl's JSON: what every field becomes, and what is assumed is said."""

import datetime as dt
import gzip
import json
from pathlib import Path

import numpy as np
import pytest

from clearing import formats
from clearing.case.contingencies import NO_CONTINGENCIES, OutageKind
from clearing.case.reserve_kinds import ProductKind
from clearing.case.reserves import Direction
from clearing.case.units import StartState
from clearing.case.validate import validate
from clearing.formats import FormatError
from clearing.rules.load import load
from tests.formats.unitcommitment_jl_instance import IGNORE, instance, read, thermal, written


def test_every_thermal_field_becomes_what_the_format_means_by_it(tmp_path: Path) -> None:
    case = read(tmp_path, instance())
    units = case.units
    assert [f for f in validate(case, load("generic")) if f.severity.name == "ERROR"] == []
    assert (case.name, case.horizon.periods, case.horizon.period_minutes) == ("case", 4, 30)
    assert (units.id, case.renewables.id, case.loads.id) == (("a", "b"), ("w",), ("south",))
    assert (units.p_min_mw[0].tolist(), units.p_max_mw[0].tolist()) == ([20.0] * 4, [100.0] * 4)
    assert (units.ramp_up_mw_per_minute[0], units.ramp_down_mw_per_minute[0]) == (1.0, 0.5)  # MW a step of 30 min
    assert (units.startup_limit_mw[0], units.shutdown_limit_mw[0]) == (40.0, 35.0)
    assert (units.min_up_minutes[0], units.min_down_minutes[0]) == (180, 120)
    assert units.initial_on.tolist() == [True, False]
    assert (units.initial_minutes.tolist(), units.initial_mw.tolist()) == ([240, 180], [50.0, 0.0])
    assert (units.on_min[1].tolist(), units.on_max[1].tolist()) == ([0, 0, 1, 0], [1, 0, 1, 1])
    # money a step of half an hour: 10 and 15 a MW are 20 and 30 an MWh; 300 at 20 MW are 600 an hour
    assert units.offers.price_per_mwh[:2, 0].tolist() == pytest.approx([20.0, 30.0])
    assert units.offers.width_mw[:2, 0].tolist() == [60.0, 40.0]
    assert units.no_load_cost_per_hour[0] == pytest.approx(600.0 - 20.0 * 20.0)
    starts = units.start_costs
    assert (starts.after_minutes[:3].tolist(), starts.cost[:3].tolist()) == ([0, 240, 480], [50.0, 80.0, 120.0])
    assert starts.state[:3].tolist() == [StartState.HOT, StartState.WARM, StartState.COLD]
    assert starts.inclusive.all()


def test_everything_else_becomes_what_the_format_means_by_it(tmp_path: Path) -> None:
    case = read(tmp_path, instance())
    assert case.renewables.min_mw[0].tolist() == [1.0] * 4
    assert case.renewables.offers.price_per_mwh[0].tolist() == [3.0] * 4
    assert case.demand_bids.max_mw.tolist() == [[5.0, 6.0, 7.0, 8.0]]
    assert (case.demand_bids.min_mw.max(), case.demand_bids.bids.price_per_mwh[0, 0]) == (0.0, 46.0)
    network = case.network
    assert network.branch_reactance_pu[0] == pytest.approx(0.1)  # 17.45 MW a degree on 100 MVA
    assert network.branch_limit_mw.tolist() == [80.0, np.inf]
    windows = network.branch_limit_windows
    assert (windows.first_period.tolist(), windows.last_period.tolist(), windows.limit_mw.tolist()) == (
        [2],
        [3],
        [70.0],
    )
    assert network.branch_emergency_limit_mw.tolist() == [90.0, np.inf]
    assert (case.flow_penalties.branch.tolist(), case.flow_penalties.branch_price_per_mwh.tolist()) == ([0], [800.0])
    store = case.storage
    assert (store.energy_min_mwh[0, 0], store.energy_max_mwh[0, 3], store.initial_energy_mwh[0]) == (2.0, 20.0, 5.0)
    assert (store.final_energy_min_mwh[0], store.final_energy_max_mwh[0]) == (4.0, 20.0)
    assert (store.charge_price_per_mwh[0, 0], store.discharge_price_per_mwh[0].tolist()) == (-4.0, [2.0, 4.0, 6.0, 8.0])
    assert (store.charge_min_mw[0, 0], store.discharge_min_mw[0, 0]) == (1.0, 0.0)
    assert (1.0 - store.self_discharge_per_hour[0, 0]) ** 0.5 == pytest.approx(0.99)  # what a step leaves
    assert case.reserves.product_id == ("r1", "r2 up", "r2 down")
    assert case.reserves.direction.tolist() == [Direction.UP, Direction.UP, Direction.DOWN]
    assert case.reserves.requirement_mw.tolist() == [[5.0, 6.0, 7.0, 8.0], [3.0] * 4, [3.0] * 4]
    assert case.reserves.unit_max_mw.tolist() == [[np.inf, np.inf], [0.0, np.inf], [0.0, np.inf]]
    assert case.reserve_kinds.kind.tolist() == [ProductKind.FLEXIBLE_RAMPING] * 2
    assert (case.reserve_demand.step_product.tolist(), case.reserve_demand.step_price.tolist()) == ([0], [200.0])


def test_what_is_read_in_a_way_of_ours_is_noted(tmp_path: Path) -> None:
    data = instance()
    data["Storage units"]["s"]["Allow simultaneous charging and discharging"] = [False, False, True, False]
    data["Parameters"]["Scenario weight"] = 0.25
    notes = read(tmp_path, data).notes
    for words in ("700", "weight 0.25", "r2 must be met", "r2: flexible", "Storage s", "2 contingencies left out"):
        assert sum(words in note for note in notes) == 1, words
    assert len(notes) == 6


def test_what_is_not_stated_has_the_formats_default(tmp_path: Path) -> None:
    data = instance()
    row = data["Generators"]["a"]
    for key in set(row) - {"Bus", "Production cost curve (MW)", "Production cost curve ($)", "Initial status (h)"}:
        if key != "Initial power (MW)":
            del row[key]
    del data["Transmission lines"]["l1"]["Flow limit penalty ($/MW)"]
    for section in ("Storage units", "Price-sensitive loads", "Reserves", "Contingencies"):
        del data[section]
    del data["Generators"]["b"]["Reserve eligibility"]
    data["Parameters"] = {"Version": "0.3", "Time (h)": 4}
    case = formats.read(written(tmp_path, data))
    units = case.units
    assert (case.horizon.period_minutes, case.horizon.periods) == (60, 4)
    limits = (
        units.ramp_up_mw_per_minute,
        units.ramp_down_mw_per_minute,
        units.startup_limit_mw,
        units.shutdown_limit_mw,
    )
    assert [v[0] for v in limits] == [np.inf] * 4
    assert (units.min_up_minutes[0], units.min_down_minutes[0]) == (60, 60)
    assert 0 not in units.start_costs.unit
    assert case.flow_penalties.branch_price_per_mwh.tolist() == [5000.0]
    assert case.reserves.product_id == ()


def test_a_curve_by_time_step_is_exact_in_each(tmp_path: Path) -> None:
    data = instance(60)
    curve = {
        "Production cost curve (MW)": [[20.0, 30.0, 20.0, 20.0], [60.0, 60.0, 60.0, 20.0], 100.0],
        "Production cost curve ($)": [[300.0, 500.0, 200.0, 100.0], [700.0, 900.0, 700.0, 100.0], 1900.0],
    }
    data["Generators"]["a"] = thermal(**curve)
    units = read(tmp_path, data).units
    own = units.offers.resource == 0
    for t in range(4):
        points = [
            (mw[t] if isinstance(mw, list) else mw, cost[t] if isinstance(cost, list) else cost)
            for mw, cost in zip(*curve.values(), strict=True)
        ]
        assert (units.p_min_mw[0, t], units.p_max_mw[0, t]) == (points[0][0], 100.0)
        width, price = units.offers.width_mw[own, t], units.offers.price_per_mwh[own, t]
        assert np.all(np.diff(price) >= 0.0)
        for mw, cost in points:
            taken = np.clip(mw - (np.cumsum(width) - width), 0.0, width)
            assert units.no_load_cost_per_hour[0] + taken @ price == pytest.approx(cost)


def test_a_single_point_fixes_the_output(tmp_path: Path) -> None:
    data = instance(60)
    single = {"Production cost curve (MW)": [40.0], "Production cost curve ($)": [1000.0], "Startup limit (MW)": 50.0}
    data["Generators"]["a"] = thermal(**single)
    units = read(tmp_path, data).units
    assert (units.p_min_mw[0, 0], units.p_max_mw[0, 0]) == (40.0, 40.0)
    assert units.no_load_cost_per_hour[0] + 40.0 * units.offers.price_per_mwh[0, 0] == pytest.approx(1000.0)


def test_a_curve_that_is_not_convex_is_lowered_and_named(tmp_path: Path) -> None:
    data = instance(60)
    data["Generators"]["a"] = thermal(**{"Production cost curve ($)": [300.0, 1000.0, 1300.0]})
    (note,) = [n for n in read(tmp_path, data).notes if "convex" in n]
    assert "Unit a" in note
    assert "200.00" in note  # hull at 60 MW: 800


def test_a_day_in_the_name_is_the_operating_day_and_gzip_is_opened(tmp_path: Path) -> None:
    path = tmp_path / "2017-02-01.json.gz"
    path.write_bytes(gzip.compress(json.dumps(instance()).encode()))
    case = formats.read(path, **IGNORE)
    assert (case.horizon.operating_day, case.name) == (dt.date(2017, 2, 1), "2017-02-01")
    assert read(tmp_path, instance()).horizon.operating_day == dt.date(2020, 1, 1)


def test_an_initial_state_is_made_up_only_when_asked(tmp_path: Path) -> None:
    data = instance()
    for key in ("Initial status (h)", "Initial power (MW)"):
        del data["Generators"]["b"][key]
    with pytest.raises(FormatError) as error:
        read(tmp_path, data)
    assert [(f.code, f.subject) for f in error.value.findings] == [("MISSING_FIELD", "b")]
    case = read(tmp_path, data, initial="merit-order")
    assert case.units.initial_minutes.tolist() == [240, 168 * 60]  # what is stated stays
    assert "no initial state" in case.notes[-1]


def test_contingencies_are_left_out_only_when_asked(tmp_path: Path) -> None:
    table = formats.read(written(tmp_path, instance())).contingencies
    assert table.id == ("c1", "c2")
    assert table.outage_contingency.tolist() == [0, 1]
    assert table.outage_kind.tolist() == [OutageKind.BRANCH, OutageKind.UNIT]
    assert read(tmp_path, instance()).contingencies is NO_CONTINGENCIES
