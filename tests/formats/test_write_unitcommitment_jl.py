"""Cases written as UnitCommitment.jl's JSON: read back the same, or a finding for what the format cannot say."""

import json
from collections.abc import Callable
from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from clearing import formats
from clearing.case.case import Case
from clearing.case.finding import Severity
from clearing.case.reserve_kinds import ProductKind
from clearing.day_ahead import clear
from clearing.formats import FormatError
from clearing.rules.load import load
from clearing.solve.control import RunControl
from clearing.solve.options import SolveOptions
from tests.factory import market
from tests.formats.test_csv_folder import rich_case
from tests.formats.unitcommitment_jl_instance import IGNORE, MONEY, MW, instance, read, thermal

FORMAT = "unitcommitment-jl"
ROUNDING = 1e-12


def assert_alike(a: Any, b: Any, path: str = "case") -> None:
    """Equal but for the last digits of figures that are computed on the way."""
    if is_dataclass(a):
        for field in fields(a):
            assert_alike(getattr(a, field.name), getattr(b, field.name), f"{path}.{field.name}")
    elif isinstance(a, np.ndarray) and a.dtype.kind == "f":
        np.testing.assert_allclose(b, a, rtol=ROUNDING, atol=ROUNDING, err_msg=path)
    elif isinstance(a, np.ndarray):
        np.testing.assert_array_equal(b, a, err_msg=path)
    else:
        assert a == b, path


def again(case: Case, folder: Path, name: str = "case.json") -> Case:
    """Written without an error, and read."""
    assert {f.severity for f in formats.write(case, folder / name, FORMAT)} <= {Severity.WARNING}
    return formats.read(folder / name)


def by_period() -> dict[str, Any]:
    data = instance(60)
    data["Generators"]["a"] = thermal(**{
        MW: [[20.0, 30.0, 20.0, 20.0], [60.0, 60.0, 60.0, 20.0], 100.0],
        MONEY: [[300.0, 500.0, 200.0, 100.0], [700.0, 900.0, 700.0, 100.0], 1900.0],
    })  # fmt: skip
    data["Generators"]["b"] = thermal(**{MW: [40.0], MONEY: [1000.0], "Startup limit (MW)": 50.0, "Must run?": True})
    return data


@pytest.mark.parametrize("name", ["case.json", "case.json.gz"])
@pytest.mark.parametrize("data", [instance(), instance(15), instance(60), by_period()], ids=["30", "15", "60", "own"])
def test_read_write_read_gives_the_same_case(tmp_path: Path, name: str, data: dict[str, Any]) -> None:
    case = read(tmp_path, data, contingencies="read")
    assert case.contingencies.id == ("c1", "c2")
    back = again(case, tmp_path, name)
    notes = [n for n in case.notes if "700" not in n]  # of the reading, not of the case
    assert [n for n in back.notes if "1000" not in n] == notes
    assert_alike(replace(case, notes=()), replace(back, notes=()))


def test_a_written_case_has_the_same_optimum(tmp_path: Path) -> None:
    """Blocks, states within a step, tap ratios and zonal products come back as other tables of one problem."""
    case = market(
        load={"north": [100.0, 80.0, 120.0], "south": [50.0, 70.0, 90.0]},
        units=[
            {"id": "U", "bus": "north", "p_min": 20, "p_max": 150, "blocks": [(50, 10), (50, 15), (50, 18)],
             "ramp": 1.0, "on": True, "mw": 90, "minutes": 120, "start": [(0, 100.0), (120, 150.0)], "no_load": 30},
            {"id": "V", "bus": "south", "p_min": [10, 12, 10], "p_max": 140, "blocks": [(40, 30), (100, [31, 32, 40])],
             "minutes": 300, "min_down": 60, "start": [(0, 50.0), (270, 200.0), (330, 250.0)]},
        ],
        branches=[{"id": "L", "ends": ("north", "south"), "x": 0.2, "tap": 1.05, "limit": 80, "penalty": 900.0}],
        products=[{"id": "spin", "requirement": [10, 10, 20], "buses": ["south"]}],
    )  # fmt: skip
    costs = [
        clear(c, load("generic"), SolveOptions(gap=0.0), RunControl()).termination.objective
        for c in (case, again(case, tmp_path))
    ]
    assert costs[0] is not None
    assert costs[1] == pytest.approx(costs[0], rel=1e-9)


UNIT = {"id": "U", "p_max": 100, "minutes": 60}
STORE = {"id": "S", "power": 5, "energy": 10}
SPIN = {"id": "spin", "requirement": [1, 1]}
LOST: dict[str, tuple[dict[str, Any], str]] = {
    "stop cost": ({"units": [UNIT | {"stop_cost": 5}]}, "case.units.stop_cost"),
    "fixed output": ({"units": [UNIT | {"fixed": {1: 50.0}}]}, "case.units.fixed_unit"),
    "no say in the price": ({"units": [UNIT | {"price_eligible": False}]}, "case.units.price_eligible"),
    "half a step off": ({"units": [UNIT | {"minutes": 90}]}, "case.units.initial_minutes"),
    "just stopped": ({"units": [UNIT | {"minutes": 0}]}, "case.units.initial_minutes"),
    "starts a day": ({"units": [UNIT | {"max_starts": 1}]}, "case.start_limits"),
    "lead time": ({"units": [UNIT | {"start": [(0, 1.0)], "lead": [60]}]}, "case.start_leads"),
    "group": ({"units": [UNIT], "groups": [{"id": "G", "units": ["U"], "max": 50}]}, "case.unit_groups"),
    "window": ({"units": [UNIT], "windows": [{"unit": "U", "first": 0, "last": 1, "max": 50}]}, "case.energy_windows"),
    "tie": ({"ties": [{"id": "T", "mw": [1, 1]}]}, "case.ties"),
    "cycles": ({"storage": [STORE | {"cycles": 1}]}, "case.storage_cycles"),
    "given mode": ({"storage": [STORE | {"mode": [1, 0]}]}, "case.storage.given_mode"),
    "downward": ({"products": [SPIN | {"direction": 2}]}, "case.reserves.product_id"),
    "regulation": ({"products": [SPIN | {"kind": ProductKind.REGULATION}]}, "case.reserves.product_id"),
    "most of a unit": ({"units": [UNIT], "products": [SPIN | {"max": [5.0]}]}, "case.reserves.unit_max_mw"),
    "response time": (
        {"units": [UNIT | {"ramp": 1}], "products": [SPIN | {"minutes": 10}]}, "case.reserves.response_minutes",
    ),
    "system reserve": ({"positive_min_mw": [5.0, 5.0]}, "case.reserves.positive_min_mw"),
    "bid that is firm": ({"bids": [{"id": "B", "min": 1, "max": 5, "price": 9}]}, "case.demand_bids.min_mw"),
    "bid in blocks": ({"bids": [{"id": "B", "max": 5, "blocks": [(2, 9), (3, 8)]}]}, "case.demand_bids.bids"),
}  # fmt: skip


@pytest.mark.parametrize("name", LOST)
def test_what_the_format_cannot_say_is_an_error_and_nothing_is_written(tmp_path: Path, name: str) -> None:
    rows, path = LOST[name]
    case, file = market([10.0, 10.0], **rows), tmp_path / "case.json"
    with pytest.raises(FormatError) as error:
        formats.write(case, file, FORMAT)
    assert [(f.code, f.path) for f in error.value.findings if f.severity is Severity.ERROR] == [("NOT_EXPRESSED", path)]
    assert not file.exists()
    findings = formats.write(case, file, FORMAT, lossy=True)
    assert findings == error.value.findings
    formats.read(file)


SHIFTED = {"id": "L", "ends": ("a", "b"), "x": 0.1}


@pytest.mark.parametrize(
    ("more", "path"),
    [
        ({"branches": [SHIFTED | {"shift": 5.0}]}, "case.network.branch_shift_degrees"),
        (
            {"branches": [SHIFTED], "interfaces": [{"id": "I", "terms": {"L": 1}, "max": 5}]},
            "case.network.interface_id",
        ),
    ],
)
def test_so_is_what_the_network_has(tmp_path: Path, more: dict[str, Any], path: str) -> None:
    case = market({"a": [1.0, 1.0], "b": [1.0, 1.0]}, **more)
    with pytest.raises(FormatError) as error:
        formats.write(case, tmp_path / "case.json", FORMAT)
    assert path in [f.path for f in error.value.findings]


def test_what_is_watched_in_part_is_an_error(tmp_path: Path) -> None:
    case = read(tmp_path, instance(), contingencies="read")
    some = replace(case.contingencies, monitored_branch=np.array([0]), monitored_min_voltage_kv=220.0)
    with pytest.raises(FormatError) as error:
        formats.write(replace(case, contingencies=some), tmp_path / "case.json", FORMAT)
    paths = {f.path for f in error.value.findings if f.severity is Severity.ERROR}
    assert paths == {"case.contingencies.monitored_branch", "case.contingencies.monitored_min_voltage_kv"}


def test_the_richest_case_loses_nothing_in_silence(tmp_path: Path) -> None:
    """Every table that a case may have is written or named, whatever tables are added to cases later."""
    with pytest.raises(FormatError) as error:
        formats.write(rich_case(), tmp_path / "case.json", FORMAT)
    named = {f.path.split(".")[1] for f in error.value.findings}
    case, bare = rich_case(), market([10.0, 10.0])
    written = {"name", "horizon", "notes", "participants", "loads"}

    def same(a: Any, b: Any) -> bool:
        try:
            assert_alike(a, b)
        except AssertionError:
            return False
        return True

    changed = {f.name for f in fields(case) if not same(getattr(bare, f.name), getattr(case, f.name))}
    assert changed - named <= written | {"renewables", "demand_bids"}


def test_labels_are_warnings(tmp_path: Path) -> None:
    case = market([10.0], units=[UNIT | {"owner": "Alpha", "plant": "East"}], start_minute=60)
    paths = {f.path for f in formats.write(case, tmp_path / "case.json", FORMAT)}
    assert {"case.units.owner", "case.units.plant", "case.horizon.start_minute"} <= paths


FORMATS: tuple[tuple[str, Callable[[Case, Path], Any]], ...] = (
    ("scenario", lambda case, path: formats.write(case, path, "scenario")),
    ("nothing", lambda case, path: formats.write(case, path, "nothing")),
)


@pytest.mark.parametrize(("name", "act"), FORMATS)
def test_a_format_without_a_writer_is_refused(tmp_path: Path, name: str, act: Callable[[Case, Path], Any]) -> None:
    with pytest.raises(FormatError) as error:
        act(market([1.0]), tmp_path / "x.json")
    assert [(f.code, f.value) for f in error.value.findings] == [("UNKNOWN_FORMAT", name)]


def test_the_file_is_plain_json_of_version_04(tmp_path: Path) -> None:
    formats.write(read(tmp_path, instance(), **IGNORE), tmp_path / "out.json", FORMAT)
    tree = json.loads((tmp_path / "out.json").read_text())
    assert tree["Parameters"] == {"Version": "0.4", "Time horizon (min)": 120, "Time step (min)": 30}
    assert tree["Generators"]["b"]["Commitment status"] == [None, False, True, None]
    assert tree["Generators"]["a"]["Startup delays (h)"] == [2, 4, 8]  # the first is the least time off
    assert tree["Reserves"]["r2"] == {"Type": "flexiramp", "Amount (MW)": 3.0}
