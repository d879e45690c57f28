"""UnitCommitment.jl's JSON: what every field becomes, and that nothing it cannot take is dropped."""

import contextlib
import datetime as dt
import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clearing import formats
from clearing.case.case import Case
from clearing.case.contingencies import NO_CONTINGENCIES, OutageKind
from clearing.case.reserve_kinds import ProductKind
from clearing.case.reserves import Direction
from clearing.case.units import StartState
from clearing.case.validate import validate
from clearing.formats import FormatError, unitcommitment_jl
from clearing.rules.load import load

IGNORE = {"contingencies": "ignore"}


def thermal(**more: Any) -> dict[str, Any]:
    row = {
        "Bus": "north", "Type": "Thermal",
        "Production cost curve (MW)": [20.0, 60.0, 100.0], "Production cost curve ($)": [300.0, 700.0, 1300.0],
        "Startup costs ($)": [50.0, 80.0, 120.0], "Startup delays (h)": [1, 4, 8],
        "Ramp up limit (MW)": 30.0, "Ramp down limit (MW)": 15.0,
        "Startup limit (MW)": 40.0, "Shutdown limit (MW)": 35.0,
        "Minimum uptime (h)": 3, "Minimum downtime (h)": 2, "Initial status (h)": 4, "Initial power (MW)": 50.0,
        "Must run?": False, "Reserve eligibility": ["r1"],
    }  # fmt: skip
    return row | more


def instance(step: int = 30) -> dict[str, Any]:
    """Four time steps of half an hour."""
    return {
        "SOURCE": "made up",
        "Parameters": {
            "Version": "0.4", "Time horizon (min)": 4 * step, "Time step (min)": step,
            "Power balance penalty ($/MW)": 700.0, "Scenario name": "s1",
        },
        "Buses": {"north": {"Load (MW)": 0.0}, "south": {"Load (MW)": [50.0, 60.0, 55.0, 40.0]}},
        "Generators": {
            "a": thermal(),
            "b": thermal(**{
                "Initial status (h)": -3, "Initial power (MW)": 0.0, "Reserve eligibility": ["r1", "r2"],
                "Commitment status": [None, False, True, None],
            }),
            "w": {
                "Bus": "south", "Type": "Profiled", "Minimum power (MW)": 1.0,
                "Maximum power (MW)": [5.0, 9.0, 2.0, 1.0], "Cost ($/MW)": 1.5,
            },
        },
        "Storage units": {
            "s": {
                "Bus": "south", "Minimum level (MWh)": 2.0, "Maximum level (MWh)": [20.0, 21.0, 22.0, 20.0],
                "Loss factor": 0.01,
                "Allow simultaneous charging and discharging": False, "Charge cost ($/MW)": 2.0,
                "Discharge cost ($/MW)": [1.0, 2.0, 3.0, 4.0], "Charge efficiency": [0.9, 0.9, 0.8, 0.9],
                "Discharge efficiency": 0.8,
                "Minimum charge rate (MW)": 1.0, "Maximum charge rate (MW)": 6.0, "Maximum discharge rate (MW)": 8.0,
                "Initial level (MWh)": 5.0, "Last period minimum level (MWh)": 4.0,
            }
        },
        "Price-sensitive loads": {"p": {"Bus": "north", "Revenue ($/MW)": 23.0, "Demand (MW)": [5.0, 6.0, 7.0, 8.0]}},
        "Transmission lines": {
            "l1": {
                "Source bus": "north", "Target bus": "south", "Susceptance (S)": 17.453292519943295,
                "Normal flow limit (MW)": [80.0, 80.0, 70.0, 70.0], "Emergency flow limit (MW)": 90.0,
                "Flow limit penalty ($/MW)": 400.0,
            },
            "l2": {"Source bus": "south", "Target bus": "north", "Susceptance (S)": 10.0},
        },
        "Reserves": {
            "r1": {"Type": "Spinning", "Amount (MW)": [5.0, 6.0, 7.0, 8.0], "Shortfall penalty ($/MW)": 100.0},
            "r2": {"Type": "flexiramp", "Amount (MW)": 3.0},
        },
        "Contingencies": {"c1": {"Affected lines": ["l1"]}, "c2": {"Affected generators": ["a"]}},
    }  # fmt: skip


def written(folder: Path, data: Any, name: str = "case.json") -> Path:
    path = folder / name
    path.write_text(json.dumps(data))
    return path


def read(folder: Path, data: Any, **options: str) -> Case:
    return formats.read(written(folder, data), **(IGNORE | options))


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


def of(*place: str, **fields: Any) -> Callable[[dict[str, Any]], None]:
    def edit(data: dict[str, Any]) -> None:
        for key in place:
            data = data.setdefault(key, {})
        data.update(fields)

    return edit


def put(place: str, value: Any) -> Callable[[dict[str, Any]], None]:
    """Set the field at `section|name|field`."""
    *path, field = place.split("|")
    return of(*path, **{field: value})


def without(place: str) -> Callable[[dict[str, Any]], None]:
    *path, field = place.split("|")

    def edit(data: dict[str, Any]) -> None:
        for key in path:
            data = data[key]
        del data[field]

    return edit


A, S, L = "Generators|a|", "Storage units|s|", "Transmission lines|l1|"
MW, MONEY = "Production cost curve (MW)", "Production cost curve ($)"
REFUSED: dict[str, tuple[Callable[[dict[str, Any]], None], str, str]] = {
    "another version": (put("Parameters|Version", "0.2"), "UNKNOWN_VERSION", "Parameters.Version"),
    "a version as a number": (put("Parameters|Version", 0.4), "WRONG_TYPE", "Parameters.Version"),
    "no version": (without("Parameters|Version"), "WRONG_TYPE", "Parameters.Version"),
    "no parameters": (without("Parameters"), "MISSING_FIELD", ".Parameters"),
    "no buses": (put("Buses", {}), "MISSING_FIELD", ".Buses"),
    "no horizon": (without("Parameters|Time horizon (min)"), "MISSING_FIELD", "Time horizon (h)"),
    "two horizons": (put("Parameters|Time horizon (h)", 2), "STATED_TWICE", "Time horizon (h)"),
    "half a step": (put("Parameters|Time horizon (min)", 100), "OUT_OF_RANGE", "Time horizon (min)"),
    "a million steps": (put("Parameters|Time horizon (min)", 3e7), "OUT_OF_RANGE", "Time horizon (min)"),
    "steps of 7 minutes": (put("Parameters|Time step (min)", 7), "OUT_OF_RANGE", "Time step (min)"),
    "a section nobody knows": (put("Phase shifters", {"x": {}}), "FIELD_NOT_READ", ".Phase shifters"),
    "a field nobody knows": (put(A + "Maximum daily starts", 2), "FIELD_NOT_READ", ".a.Maximum daily starts"),
    "no bus of that name": (put(A + "Bus", "west"), "UNKNOWN_ID", ".a.Bus"),
    "no type": (without(A + "Type"), "WRONG_TYPE", ".a.Type"),
    "a kind of generator": (put(A + "Type", "Nuclear"), "UNKNOWN_WORD", ".a.Type"),
    "no curve": (without(A + MW), "MISSING_FIELD", ".a." + MW),
    "an empty curve": (put(A + MW, []), "WRONG_LENGTH", ".a." + MONEY),
    "fewer costs than MW": (put(A + MONEY, [1.0]), "WRONG_LENGTH", ".a." + MONEY),
    "a curve that goes back": (put(A + MW, [20.0, 120.0, 100.0]), "CURVE_NOT_RISING", ".a." + MW),
    "two costs at one MW": (put(A + MW, [20.0, 20.0, 100.0]), "CURVE_NOT_RISING", ".a." + MW),
    "a short curve of a point": (put(A + MW, [[20.0, 20.0], 60.0, 100.0]), "WRONG_LENGTH", f".a.{MW}.0"),
    "another cost at 0 MW": (
        of("Generators", "a", **{MW: [0.0, 10.0], MONEY: [[1.0, 1.0, 1.0, 2.0], 100.0]}),
        "FIELD_NOT_READ",
        ".a." + MONEY,
    ),
    "text for a number": (put(A + "Ramp up limit (MW)", "30"), "WRONG_TYPE", ".a.Ramp up limit (MW)"),
    "a list for one number": (put(A + "Ramp up limit (MW)", [30.0] * 4), "WRONG_TYPE", ".a.Ramp up limit (MW)"),
    "infinite": (put(A + "Startup limit (MW)", float("inf")), "OUT_OF_RANGE", ".a.Startup limit (MW)"),
    "huge": (put(A + "Initial power (MW)", 10**400), "OUT_OF_RANGE", ".a.Initial power (MW)"),
    "a third of a step": (put(A + "Minimum uptime (h)", 1.2), "NOT_WHOLE", ".a.Minimum uptime (h)"),
    "delays that fall": (put(A + "Startup delays (h)", [2, 1, 8]), "START_LAGS_NOT_RISING", ".a.Startup delays (h)"),
    "a gap before the first delay": (
        put(A + "Startup delays (h)", [3, 4, 8]), "OUT_OF_RANGE", ".a.Startup delays (h).0",
    ),
    "delays without costs": (put(A + "Startup costs ($)", [1.0]), "WRONG_LENGTH", ".a.Startup delays (h)"),
    "neither on nor off": (put(A + "Initial status (h)", 0), "OUT_OF_RANGE", ".a.Initial status (h)"),
    "off with an output": (put(A + "Initial status (h)", -2), "OUT_OF_RANGE", ".a.Initial power (MW)"),
    "a status without a power": (without(A + "Initial power (MW)"), "MISSING_FIELD", ".a.Initial power (MW)"),
    "a power without a status": (without(A + "Initial status (h)"), "MISSING_FIELD", ".a.Initial status (h)"),
    "half committed": (put(A + "Commitment status", [1, None, None, None]), "WRONG_TYPE", ".a.Commitment status[0]"),
    "a short commitment": (put(A + "Commitment status", [None]), "WRONG_LENGTH", ".a.Commitment status"),
    "must run if null": (put(A + "Must run?", [None] * 4), "WRONG_TYPE", ".a.Must run?[0]"),
    "a reserve nobody asks for": (put(A + "Reserve eligibility", ["r9"]), "UNKNOWN_ID", "eligibility[0]"),
    "a reserve twice": (put(A + "Reserve eligibility", ["r1", "r1"]), "DUPLICATE_ID", ".a.Reserve eligibility"),
    "a site below its least": (put("Generators|w|Minimum power (MW)", 6.0), "MINIMUM_ABOVE_FORECAST", "power (MW)"),
    "a site without a cost": (without("Generators|w|Cost ($/MW)"), "MISSING_FIELD", ".w.Cost ($/MW)"),
    "a kind of reserve": (put("Reserves|r1|Type", "frequency"), "UNKNOWN_WORD", ".r1.Type"),
    "a penalty by period": (put("Reserves|r1|Shortfall penalty ($/MW)", [1, 2, 3, 4]), "FIELD_NOT_READ", "($/MW)"),
    "two products of one name": (
        put("Reserves|r2 up", {"Type": "spinning", "Amount (MW)": 1.0}), "DUPLICATE_ID", ".Reserves",
    ),
    "an efficiency above 1": (put(S + "Charge efficiency", 1.1), "OUT_OF_RANGE", ".s.Charge efficiency"),
    "all lost": (put(S + "Loss factor", 1.0), "OUT_OF_RANGE", ".s.Loss factor"),
    "a store without a level": (without(S + "Maximum level (MWh)"), "MISSING_FIELD", ".s.Maximum level (MWh)"),
    "an insulator": (put(L + "Susceptance (S)", 0.0), "OUT_OF_RANGE", ".l1.Susceptance (S)"),
    "a penalty of a line by period": (
        put(L + "Flow limit penalty ($/MW)", [1, 2, 3, 4]),
        "FIELD_NOT_READ",
        ".l1.Flow limit penalty ($/MW)",
    ),
    "a penalty below 0": (put(L + "Flow limit penalty ($/MW)", -1.0), "OUT_OF_RANGE", "penalty ($/MW)"),
    "a line nobody knows": (put("Contingencies|c1|Affected lines", ["l9"]), "UNKNOWN_ID", ".c1.Affected lines[0]"),
    "a unit nobody knows": (put("Contingencies|c1|Affected units", [3]), "WRONG_TYPE", ".c1.Affected units[0]"),
    "lines as a text": (put("Contingencies|c1|Affected lines", "l1"), "WRONG_TYPE", ".c1.Affected lines"),
    "a bus without a load": (without("Buses|south|Load (MW)"), "MISSING_FIELD", ".south.Load (MW)"),
    "a short load": (put("Buses|south|Load (MW)", [1.0]), "WRONG_LENGTH", ".south.Load (MW)"),
    "generators as a list": (put("Generators", []), "WRONG_TYPE", ".Generators"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_it_cannot_take_is_refused_at_its_place(tmp_path: Path, name: str) -> None:
    edit, code, path = REFUSED[name]
    data = instance()
    edit(data)
    with pytest.raises(FormatError) as error:
        unitcommitment_jl.read(written(tmp_path, data), **IGNORE)
    assert any(f.code == code and f.path.endswith(path) for f in error.value.findings), error.value.findings


def test_all_faults_come_at_once(tmp_path: Path) -> None:
    data = instance()
    names = ("no curve", "all lost", "a kind of reserve", "an insulator", "a bus without a load", "a third of a step")
    for name in names:
        REFUSED[name][0](data)
    with pytest.raises(FormatError) as error:
        read(tmp_path, data)
    assert {f.code for f in error.value.findings} >= {REFUSED[name][1] for name in names}


@pytest.mark.parametrize("option", ["initial", "contingencies"])
def test_an_option_has_its_choices(tmp_path: Path, option: str) -> None:
    with pytest.raises(FormatError) as error:
        read(tmp_path, instance(), **{option: "maybe"})
    assert [f.code for f in error.value.findings] == ["OPTION"]


def test_a_file_that_unpacks_without_end_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unitcommitment_jl.parameters, "MOST_BYTES", 1 << 20)
    path = tmp_path / "bomb.json.gz"
    path.write_bytes(gzip.compress(b" " * (8 << 20)))
    assert path.stat().st_size < 1 << 14
    with pytest.raises(FormatError) as error:
        unitcommitment_jl.read(path)
    assert [f.code for f in error.value.findings] == ["FILE_TOO_LARGE"]


@pytest.mark.parametrize("spoil", ["plain", "cut", "bits", "text"])
def test_what_is_no_gzip_file_is_refused(tmp_path: Path, spoil: str) -> None:
    packed = gzip.compress(json.dumps(instance()).encode())
    path = tmp_path / "case.json.gz"
    path.write_bytes(
        {
            "plain": json.dumps(instance()).encode(),
            "cut": packed[:-20],
            "bits": packed[:40] + bytes(b ^ 0x5A for b in packed[40:60]) + packed[60:],
            "text": gzip.compress(b"\xff\xfe\xfa"),
        }[spoil]
    )
    with pytest.raises(FormatError) as error:
        unitcommitment_jl.read(path)
    assert error.value.findings[0].code == ("FILE_NOT_TEXT" if spoil == "text" else "FILE_NOT_GZIP")
    with pytest.raises(FormatError):
        formats.read(path)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_mutation_ends_in_anything_but_a_case_or_findings(tmp_path: Path, data: st.DataObject) -> None:
    """Replace one value anywhere in the tree by anything JSON can hold."""
    tree = instance()
    node: Any = tree
    while True:
        key = data.draw(st.sampled_from(sorted(node) if isinstance(node, dict) else range(len(node))))
        if not isinstance(node[key], dict | list) or not node[key] or data.draw(st.booleans()):
            break
        node = node[key]
    leaf = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3)
    node[key] = data.draw(st.recursive(leaf, lambda s: st.lists(s, max_size=4) | st.dictionaries(st.text(), s)))
    with contextlib.suppress(FormatError):
        case = unitcommitment_jl.read(written(tmp_path, tree), initial="merit-order", contingencies="ignore")
        assert np.isfinite(case.units.no_load_cost_per_hour).all()
        assert case.units.p_max_mw.shape == (len(case.units.id), case.horizon.periods)
        validate(case, load("generic"))


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(junk=st.binary(max_size=64), packed=st.booleans())
def test_no_bytes_end_in_anything_but_findings(tmp_path: Path, junk: bytes, packed: bool) -> None:
    path = tmp_path / ("junk.json.gz" if packed else "junk.json")
    path.write_bytes(junk)
    with pytest.raises(FormatError):
        unitcommitment_jl.read(path)
