"""CSV folder: exact round trip, edits by hand, and faults with file, line and column."""

import contextlib
import shutil
from collections.abc import Callable
from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clearing import formats
from clearing.case.case import Case, CommitmentInput, CommitmentUse
from clearing.case.reserve_kinds import ProductKind
from clearing.case.reserves import Direction
from clearing.formats import FormatError, csv_folder
from tests.factory import market


def rich_case() -> Case:
    """A case with every sheet, series and constants, absences, infinities and uneven numbers."""
    case = market(
        load={"north": [100.0, 1 / 3, 80.0], "south": [50.0, 50.0, -7.25]},
        units=[
            {
                "id": "U1",
                "bus": "north",
                "p_min": [20, 25, 20],
                "p_max": 100,
                "blocks": [(60, [20.1, 20.2, 20.3]), (40, 31.0)],
                "start": [(0, 100.0), (240, 170.5), (720, 300.0)],
                "owner": "Alpha, Ltd.",
                "plant": "East",
                "max_starts": 2,
                "lead": [0, -1, 1200],
                "ramp_up": 0.1,
                "must_run": [1, 0, 0],
                "fixed": {2: 33.3},
                "on": True,
                "mw": 1e-3,
                "min_up": 90,
            },
            {
                "id": "U2",
                "bus": "south",
                "p_max": 1e6,
                "price": -12.5,
                "price_eligible": False,
                "stop_cost": 7,
                "regulation": 1.5,
            },
        ],
        renewables=[{"id": "W", "bus": "south", "forecast": [1.0, 2.0, 3.0], "min": [0, 1, 0], "owner": "Beta"}],
        storage=[
            {
                "id": "S",
                "bus": "north",
                "power": 10,
                "eta": 0.9,
                "energy": 40,
                "initial": 20,
                "plant": "West",
                "cycles": 1.5,
            },
            {"id": "S2", "bus": "south", "power": 5, "charge_min": [1, 0, 1], "loss": 0.01, "mode": [0, 1, 3]},
        ],
        ties=[{"id": "T", "bus": "south", "mw": [-5, 0, 5]}],
        products=[
            {
                "id": "spin",
                "requirement": [5, 6, 7],
                "minutes": 10,
                "buses": ["north"],
                "max": [12.5, 0.0],
                "serves": ["slow"],
                "kind": ProductKind.REGULATION,
                "speed": [0.1, 1 / 3, 2],
                "storage": {"S": 4.5},
            },
            {
                "id": "slow",
                "requirement": 9,
                "minutes": 30,
                "curve": [(2.5, 40.0), (np.inf, 1 / 3)],
                "offers": {"U1": [(3, 0.1), ([1, 2, 3], 5)], "U2": [(9, [1, 2, 1 / 3])]},
            },
            {"id": "down", "requirement": 3, "direction": Direction.DOWN, "kind": ProductKind.FLEXIBLE_RAMPING},
        ],
        zones={"north": "N"},
        branches=[
            {"id": "L1", "ends": ("north", "south"), "limit": 70.5, "shift": -3.0, "tap": 1.03},
            {"id": "L2", "ends": ("south", "north"), "on": False},
        ],
        interfaces=[{"id": "cut", "terms": {"L1": 1, "L2": -1}, "max": [50, 60, 70]}],
        period_minutes=30,
        positive_min_mw=[1, 2, 3],
        negative_min_mw=4,
        groups=[{"id": "G", "units": ["U2", "U1"], "max": [50, 60, 70.5], "min_on": [0, 1, 2]}, {"id": "none"}],
        bids=[
            {"id": "B1", "bus": "south", "owner": "Beta", "max": [9, 9, 8.5], "blocks": [(4, 1 / 3), (5, -2)]},
            {"id": "B2", "bus": "north", "min": 1, "max": 2, "price": 40},
        ],
        virtual=[
            {
                "id": "V",
                "load": True,
                "owner": "Alpha, Ltd.",
                "max": 3,
                "baseline": [1, 2, 3],
                "ramp": 0.1,
                "factors": {"south": 0.3, "north": 0.7},
            },
        ],
        entry=[
            {"id": "U1", "last": "2026-01-14"},
            {"id": "U1", "first": "2026-01-15"},
            {"id": "roof, south", "in": "V", "bus": "south", "mw": 1 / 3, "last": "2026-12-31"},
        ],
        windows=[{"unit": "U2", "first": 1, "max": 1 / 3}, {"unit": "U1", "last": 0, "min": 2}],
        plant_limits=[{"plant": "East", "max_stops": 3, "stop_spacing": 0, "switching": 540}],
        lead_reference=-360,
    )
    on = np.array([[1, 1, 0], [0, 0, 0]], dtype=np.int8)
    notes = ("one, with a comma", 'two "quoted"')
    return replace(case, name="rich, case", commitment=CommitmentInput(CommitmentUse.HINT, on), notes=notes)


def assert_same(a: Any, b: Any, path: str = "case") -> None:
    """Equal tables: types, shapes, dtypes and every bit of every number."""
    assert type(a) is type(b), path
    if is_dataclass(a):
        for field in fields(a):
            assert_same(getattr(a, field.name), getattr(b, field.name), f"{path}.{field.name}")
    elif isinstance(a, np.ndarray):
        assert a.dtype == b.dtype, path
        assert np.array_equal(a, b), path
    else:
        assert a == b, path


def test_round_trip_is_exact(tmp_path: Path) -> None:
    case = rich_case()
    csv_folder.write(case, tmp_path / "case")
    assert_same(formats.read(tmp_path / "case"), case)


def test_round_trip_of_a_case_with_hardly_anything(tmp_path: Path) -> None:
    case = market([1.0, 2.0])
    csv_folder.write(case, tmp_path / "case")
    assert sorted(f.name for f in (tmp_path / "case").iterdir()) == [
        "buses.csv",
        "case.csv",
        "loads.csv",
        "loads.mw.csv",
    ]
    assert_same(csv_folder.read(tmp_path / "case"), case)


@given(st.lists(st.floats(-1e12, 1e12), min_size=1, max_size=4))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_number_reads_back_as_itself(tmp_path: Path, values: list[float]) -> None:
    folder = tmp_path / "case"
    shutil.rmtree(folder, ignore_errors=True)
    csv_folder.write(market(values), folder)
    assert csv_folder.read(folder).loads.mw.tolist() == [values]


def test_what_varies_stands_in_a_series_file_by_period_end(tmp_path: Path) -> None:
    csv_folder.write(rich_case(), tmp_path / "case")
    lines = (tmp_path / "case" / "units.p_min_mw.csv").read_text().splitlines()
    assert lines == ["id,00:30,01:00,01:30", "U1,20,25,20"]
    assert "U2,,,south,coal,0,1000000,inf," in (tmp_path / "case" / "units.csv").read_text()


def test_a_case_is_never_mixed_with_an_older_one(tmp_path: Path) -> None:
    csv_folder.write(rich_case(), tmp_path / "case")
    with pytest.raises(FormatError):
        csv_folder.write(market([1.0]), tmp_path / "case")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("csv") / "case"
    csv_folder.write(rich_case(), path)
    return path


def edited(folder: Path, tmp_path: Path, file: str, change: Callable[[str], str]) -> Path:
    copy = tmp_path / "edited"
    shutil.copytree(folder, copy)
    path = copy / file
    before = path.read_text() if path.exists() else ""
    after = change(before)
    assert after != before, "the edit did nothing"
    path.write_text(after)
    return copy


def swap(old: str, new: str) -> Callable[[str], str]:
    return lambda text: text.replace(old, new, 1)


def test_an_engineer_may_reorder_offer_blocks_and_add_blank_lines(folder: Path, tmp_path: Path) -> None:
    def reverse(text: str) -> str:
        head, *rows = text.splitlines()
        return "\n\n".join([head, *reversed(rows)]) + "\n\n"

    assert_same(csv_folder.read(edited(folder, tmp_path, "unit_offers.csv", reverse)), rich_case())


FAULTS: dict[str, tuple[str, Callable[[str], str], str, str]] = {
    "not a number": ("units.csv", swap("1000000", "1OOO"), "NOT_A_NUMBER", "units.csv:line 3:p_max_mw"),
    "not finite": ("units.csv", swap("1000000", "nan"), "NOT_A_NUMBER", "units.csv:line 3:p_max_mw"),
    "huge": ("units.csv", swap("1000000", "1e300"), "OUT_OF_RANGE", "units.csv:line 3:p_max_mw"),
    "blank number": ("branches.csv", swap("70.5", ""), "MISSING_VALUE", "branches.csv:line 2:limit_mw"),
    "blank without series": ("units.csv", swap("1000000", ""), "MISSING_VALUE", "units.csv:line 3:p_max_mw"),
    "stated twice": ("ties.csv", swap("south,", "south,5"), "STATED_TWICE", "ties.csv:line 2:import_mw"),
    "half a minute": ("units.csv", swap("90,", "90.5,"), "NOT_WHOLE", "units.csv:line 2:min_up_minutes"),
    "unknown bus": ("units.csv", swap("south", "east"), "UNKNOWN_ID", "units.csv:line 3:bus"),
    "unknown owner": ("renewables.csv", swap("Beta", "Gamma"), "UNKNOWN_ID", "renewables.csv:line 2:owner"),
    "unknown unit": ("start_costs.csv", swap("U2", "U9"), "UNKNOWN_ID", "start_costs.csv:line 5:unit"),
    "unknown fuel": ("units.csv", swap("coal", "peat"), "UNKNOWN_WORD", "units.csv:line 2:fuel"),
    "not a flag": ("branches.csv", swap(",1\n", ",maybe\n"), "UNKNOWN_WORD", "branches.csv:line 2:in_service"),
    "name twice": ("buses.csv", swap("south", "north"), "DUPLICATE_ID", "buses.csv:line 2:id"),
    "no name": ("loads.csv", swap("load-south", ""), "MISSING_VALUE", "loads.csv:line 3:id"),
    "column missing": ("ties.csv", swap("import_mw", "mw"), "MISSING_COLUMN", "ties.csv:import_mw"),
    "column unknown": ("ties.csv", swap("import_mw", "imports"), "UNKNOWN_COLUMN", "ties.csv:imports"),
    "column twice": ("ties.csv", swap("import_mw", "id"), "DUPLICATE_COLUMN", "ties.csv:id"),
    "row too long": ("ties.csv", swap("T,", "T,T,T,T,"), "FILE_NOT_CSV", "ties.csv"),
    "row too short": ("branches.csv", swap(",1\n", "\n"), "UNKNOWN_WORD", "branches.csv:line 2:in_service"),
    "other periods": ("loads.mw.csv", swap("01:00", "01:05"), "WRONG_COLUMNS", "loads.mw.csv"),
    "series of nobody": ("loads.mw.csv", swap("load-south", "load-east"), "UNKNOWN_ID", "loads.mw.csv:load-east"),
    "series twice": ("loads.mw.csv", swap("load-south", "load-north"), "DUPLICATE_ID", "loads.mw.csv:line 3:id"),
    "series not a number": ("loads.mw.csv", swap("-7.25", "-"), "NOT_A_NUMBER", "loads.mw.csv:line 3:01:30"),
    "flag of two": ("units.on_min.csv", swap("1,0,0", "2,0,0"), "UNKNOWN_WORD", "units.csv:on_min"),
    "block twice": ("unit_offers.csv", swap("U1,2", "U1,1"), "DUPLICATE_ID", "unit_offers.csv:U1:block 1"),
    "key unknown": ("case.csv", swap("start_minute", "first_minute"), "UNKNOWN_WORD", "case.csv:line 6:id"),
    "no such day": ("case.csv", swap("2026-01-15", "2026-02-30"), "OUT_OF_RANGE", "case.csv:operating_day"),
    "odd minutes": ("case.csv", swap("minutes,30", "minutes,7"), "OUT_OF_RANGE", "case.csv:period_minutes"),
    "no periods": ("case.csv", swap("periods,3", "periods,0"), "OUT_OF_RANGE", "case.csv:periods"),
    "unknown use": ("case.csv", swap("hint", "wish"), "UNKNOWN_WORD", "case.csv:commitment_use"),
    "unit without commitment": ("commitment.csv", swap("U2,0\n", ""), "WRONG_LENGTH", "commitment.csv:unit"),
    "misspelt file": ("unit.csv", swap("", "id\n"), "UNKNOWN_FILE", "unit.csv"),
    "unknown reserve": ("system_reserves.csv", swap("negative", "sideways"), "UNKNOWN_WORD", ":sideways_min_mw"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_reported_where_it_stands(folder: Path, tmp_path: Path, name: str) -> None:
    file, change, code, place = FAULTS[name]
    with pytest.raises(FormatError) as error:
        csv_folder.read(edited(folder, tmp_path, file, change))
    assert any(f.code == code and f.path.endswith(place) for f in error.value.findings), error.value.findings


def test_faults_of_several_files_come_at_once(folder: Path, tmp_path: Path) -> None:
    copy = edited(folder, tmp_path, "units.csv", swap("coal", "peat"))
    (copy / "ties.csv").write_text("id,bus,import_mw\nT,west,5\n")
    with pytest.raises(FormatError) as error:
        csv_folder.read(copy)
    assert {f.path.split(":")[0] for f in error.value.findings} == {"units.csv", "ties.csv"}


def test_a_folder_without_case_and_buses_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FormatError) as error:
        csv_folder.read(tmp_path)
    assert [f.path for f in error.value.findings] == ["case.csv", "buses.csv"]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_mutation_ends_in_anything_but_a_case_or_findings(folder: Path, data: st.DataObject) -> None:
    """Replace a run of bytes anywhere in a file by anything."""
    path = data.draw(st.sampled_from(sorted(folder.glob("*.csv"))))
    content = path.read_bytes()
    start = data.draw(st.integers(0, len(content)))
    length = data.draw(st.integers(0, 30))
    new = data.draw(st.binary(max_size=20) | st.sampled_from([b",", b"\n", b'"', b"nan", b"inf", b"-1", b"1e300"]))
    try:
        path.write_bytes(content[:start] + new + content[start + length :])
        with contextlib.suppress(FormatError):
            csv_folder.read(folder)
    finally:
        path.write_bytes(content)
