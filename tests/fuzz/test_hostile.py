"""Files made to hurt: code, huge numbers, cycles, depth, length. Each is refused or read as data, in linear time."""

from __future__ import annotations

import gzip
import json
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from clearing.case.finding import Severity
from clearing.case.validate import validate
from clearing.formats import FormatError, read
from clearing.formats.unitcommitment_jl import parameters
from clearing.rules.load import load
from clearing.wire import case_file
from tests.factory import market
from tests.formats.test_matpower import CASE
from tests.fuzz.judge import Judgement, judge
from tests.fuzz.seeds import PGLIB, seeds

SIZE = 400_000
MATPOWER: dict[str, Callable[[int], str]] = {
    "statements without an end": lambda n: CASE + "x\n" * (n // 2),
    "fields without an end": lambda n: CASE + "mpc.x = 1\n" * (n // 10),
    "a number that is nearly one": lambda n: CASE.replace("50;", "1" * n + "x;", 1),
    "a number of many digits": lambda n: CASE.replace("50;", "1" * n + ";", 1),
    "quotes": lambda n: CASE + "mpc.bus_name = {" + "'" * (n + 1),
    "quotes of both kinds": lambda n: CASE + "mpc.bus_name = {" + "'\"" * (n // 2) + "};",
    "brackets": lambda n: CASE + "mpc.bus = " + "[" * n + "]" * n + ";",
    "comments within comments": lambda n: "%{\n" * (n // 3) + CASE,
    "continued lines": lambda n: CASE + "mpc.bus = [" + "1 ...\n" * (n // 6) + "];",
    "blank lines": lambda n: CASE + "\n;" * (n // 2),
    "one long row": lambda n: CASE.replace("mpc.gen = [", "mpc.gen = [" + "1 " * (n // 2), 1),
    "many short rows": lambda n: CASE + "mpc.areas = [" + "1;" * (n // 2) + "];",
    "a name without an end": lambda n: CASE + "mpc." + "a" * n + " = 1;",
    "null bytes": lambda n: CASE + "\x00" * n,
}


@pytest.mark.parametrize("what", MATPOWER)
def test_length_hurts_no_matpower_file(what: str) -> None:
    """Quadratic time at this length would be hours."""
    assert isinstance(judge("matpower", {"case.m": MATPOWER[what](SIZE).encode()}), Judgement)


@pytest.mark.parametrize(
    "value", ["1e999", "-1e999", "1e308", "-1e308", "9" * 400, "Inf", "-Inf", "1e-320", "0.0000000001", "1e12"]
)
@pytest.mark.parametrize(
    "place",
    [
        "mpc.baseMVA = 50",
        "10	50	0	0	0	1	100	1	100",
        "0.01	0.1	0	80",
        "2	100	7	3	0.02",
        "10	20	0.01	0.2",
        "	60	10	2	0",
    ],
)
def test_huge_numbers_never_reach_the_solver(tmp_path: Path, place: str, value: str) -> None:
    """Each figure of a place in turn: refused by the reader or by validation, or a finite figure that was allowed."""
    figures = place.rsplit(" ", 1) if "=" in place else place.split("\t")
    for k in range(1, len(figures)):
        changed = (" " if "=" in place else "\t").join((*figures[:k], value, *figures[k + 1 :]))
        path = tmp_path / "case.m"
        path.write_text(CASE.replace(place, changed, 1))
        try:
            case = read(path)
        except FormatError:
            continue
        if any(f.severity is Severity.ERROR for f in validate(case, load("generic"))):
            continue
        for table in (case.network.branch_reactance_pu, case.loads.mw, case.units.p_max_mw, case.units.offers.width_mw):
            assert np.isfinite(table).all(), (place, k)


def test_cycles_and_loops_of_branches_are_data(tmp_path: Path) -> None:
    """A ring and parallel lines are a network; a line from a bus to itself is refused by validation."""
    ring = CASE.replace("30	40	0	0.1", "30	10	0	0.1")
    (tmp_path / "ring.m").write_text(ring)
    assert not [f for f in validate(read(tmp_path / "ring.m"), load("generic")) if f.severity is Severity.ERROR]
    (tmp_path / "loop.m").write_text(CASE.replace("30	40	0	0.1", "30	30	0	0.1"))
    found = {f.code for f in validate(read(tmp_path / "loop.m"), load("generic")) if f.severity is Severity.ERROR}
    assert found == {"BRANCH_LOOP"}


JSON: dict[str, Callable[[int], str]] = {
    "depth": lambda n: "[" * n + "]" * n,
    "depth of objects": lambda n: '{"a":' * n + "1" + "}" * n,
    "digits": lambda n: json.dumps(PGLIB).replace("50.0", "1" * n, 1),
    "a long name": lambda n: json.dumps(PGLIB).replace('"A"', json.dumps("é" * n), 1),
    "one name many times": lambda n: json.dumps(PGLIB)[:-1] + ', "x": 1' * (n // 8) + "}",
    "many units": lambda n: json.dumps(PGLIB | {"thermal_generators": {f"u{k}": {} for k in range(n // 20)}}),
    "many periods": lambda n: json.dumps(PGLIB | {"time_periods": n}),
    "spaces": lambda n: json.dumps(PGLIB).replace('"time_periods":', '"time_periods"' + " " * n + ":"),
}


@pytest.mark.parametrize("what", JSON)
@pytest.mark.parametrize("name", ["pglib-uc", "egret", "unitcommitment-jl", "case"])
def test_depth_and_length_hurt_no_json_file(name: str, what: str) -> None:
    assert not judge(name, {"case.json": JSON[what](SIZE).encode()}).accepted or what in ("a long name", "spaces")


def test_a_gzip_file_that_unpacks_without_end_is_refused() -> None:
    packed = gzip.compress(b" " * (parameters.MOST_BYTES + (1 << 20)), compresslevel=1)
    assert len(packed) < 1 << 22
    assert not judge("unitcommitment-jl", {"case.json.gz": packed}).accepted


@pytest.mark.parametrize("rows", [200_000])
def test_length_hurts_no_csv_folder(rows: int) -> None:
    case = b"key,value\nname,x\noperating_day,2026-01-01\nperiod_minutes,60\nperiods,2\n"
    many = b"id\n" + b"a\n" * rows
    assert not judge("csv", {"case.csv": case, "buses.csv": many}).accepted


def test_names_of_reader_arguments_are_no_options(tmp_path: Path) -> None:
    """Found by fuzzing: they went where the path goes."""
    for name in ("format", "path"):
        files = {
            "scenario.toml": f'[case]\npath = "case.json"\nformat = "case"\n[case.options]\n{name} = "x"\n'.encode(),
            "case.json": b"{}",
        }
        assert any("UNKNOWN_OPTION" in code for code in judge("scenario", files).codes)


def test_a_name_that_no_file_can_have_is_not_found(tmp_path: Path) -> None:
    """Found by fuzzing: too long, and with a null byte."""
    for name in ("x" * 5000, "a\\u0000b"):
        files = {"scenario.toml": f'[case]\npath = "{name}"\n'.encode()}
        assert judge("scenario", files).codes <= {"OUT_OF_RANGE scenario.toml:case.path", f"FILE_NOT_FOUND {'x' * 60}"}


@pytest.mark.parametrize("place", ["/dev/zero", "/etc/passwd", "../other", ".", "", "sub/../..", "link", "ring"])
def test_a_scenario_reads_nothing_outside_its_folder(tmp_path: Path, place: str) -> None:
    folder = tmp_path / "scenario"
    (folder / "sub").mkdir(parents=True)
    (folder / "link").symlink_to(tmp_path)
    (folder / "ring").symlink_to(folder / "ring")
    (folder / "scenario.toml").write_text(f'[case]\npath = "{place}"\n')
    with pytest.raises(FormatError) as caught:
        read(folder)
    assert [f.path for f in caught.value.findings] == ["scenario.toml:case.path"]


@pytest.mark.parametrize("name", ["numpy./etc", "numpy...", "", ".", "numpy.\\u0000", "__main__", "no_such_thing"])
def test_a_package_is_named_by_identifiers(name: str) -> None:
    found = judge("scenario", {"scenario.toml": f'[case]\npackage = "{name}"\n'.encode()})
    assert found.codes == {"DATA_NOT_INSTALLED scenario.toml:case.package"}


@pytest.mark.parametrize("suffix", [".m", ".json", ".json.gz", ".binpb"])
def test_devices_and_pipes_are_never_read(tmp_path: Path, suffix: str) -> None:
    os.mkfifo(tmp_path / f"pipe{suffix}")
    (tmp_path / f"zero{suffix}").symlink_to("/dev/zero")
    for name in ("pipe", "zero"):
        for format in ("auto", "matpower", "pglib-uc", "unitcommitment-jl", "case"):
            with pytest.raises(FormatError) as caught:
                read(tmp_path / f"{name}{suffix}", format)
            assert caught.value.findings[0].code in ("FILE_NOT_READABLE", "FORMAT_NOT_RECOGNISED")


def test_series_of_rts_gmlc_are_files(tmp_path: Path) -> None:
    """Its table of pointers may name any path."""
    if not seeds("rts-gmlc"):
        pytest.skip("the data are not installed")
    files = dict(seeds("rts-gmlc")[0])
    pointers = files["SourceData/timeseries_pointers.csv"].decode()
    for data in {line.rsplit(",", 1)[1] for line in pointers.splitlines() if "DAY_AHEAD_regional_Load" in line}:
        pointers = pointers.replace(data, "/dev/zero")
    files["SourceData/timeseries_pointers.csv"] = pointers.encode()
    assert "FILE_NOT_READABLE zero" in judge("rts-gmlc", files).codes


def test_an_initial_output_of_gigawatts_ends_the_search_for_a_limit() -> None:
    """Found by fuzzing: at 3.5e7 MW neighbouring floats are further apart than the search was fine."""
    unit = PGLIB["thermal_generators"]["A"] | {"power_output_t0": 3.5e7}
    files = {"case.json": json.dumps(PGLIB | {"thermal_generators": {"A": unit}}).encode()}
    assert "valid INITIAL_OUTPUT_ABOVE_P_MAX" in judge("pglib-uc", files, cpu_seconds=5.0).codes


def test_brackets_nested_in_toml_are_refused() -> None:
    """Found by fuzzing: the parser of the standard library recurses."""
    deep = b"[case]\npath = " + b"[" * 5000 + b"]" * 5000 + b"\n"
    assert judge("scenario", {"scenario.toml": deep}).codes == {"NOT_TOML scenario.toml"}


@pytest.mark.parametrize("hours", [1e8, -1e8, 4e7])
@pytest.mark.parametrize("field", ["min_up_time", "min_down_time", "initial_status"])
def test_hours_beyond_the_minutes_of_a_message_are_refused(field: str, hours: float) -> None:
    """Found by fuzzing: an Egret unit with 1e8 hours, which the message cannot carry."""
    (files,) = (f for f in seeds("egret")[:1])
    ((name, content),) = files.items()
    data = json.loads(content)
    units = [e for e in data["elements"]["generator"].values() if e.get("generator_type") == "thermal"]
    units[0][field] = hours
    found = judge("egret", {name: json.dumps(data).encode()})
    assert not found.accepted
    assert any(code.startswith("OUT_OF_RANGE") and code.endswith(field) for code in found.codes)


@pytest.mark.parametrize("per_hour", [1.5, 1e9])
def test_a_store_that_loses_more_than_it_has_is_refused_and_not_computed_with(per_hour: float) -> None:
    """Found by fuzzing: the root of a negative number where a period is part of an hour."""
    store = {"id": "s", "power": 10.0, "energy": 20.0, "initial": 8.0, "final": 0.0, "loss": per_hour}
    case = market([10.0] * 4, [{"id": "u", "p_max": 50.0}], period_minutes=15, storage=[store])
    found = {f.code for f in validate(case, load("generic")) if f.severity is Severity.ERROR}
    assert "OUT_OF_RANGE" in found


@pytest.mark.parametrize("loss", [0.0, 0.01])
def test_a_store_that_gives_nothing_back_is_refused_and_not_divided_by(loss: float) -> None:
    """Found by fuzzing: an efficiency of 0, with and without a way that is looked for period by period."""
    store = {"id": "s", "power": 10.0, "energy": 20.0, "initial": 8.0, "final": 0.0, "loss": loss}
    case = market([10.0] * 4, [{"id": "u", "p_max": 50.0}], storage=[store])
    case = replace(case, storage=replace(case.storage, discharge_efficiency=np.zeros((1, 4))))
    assert {f.code for f in validate(case, load("generic")) if f.severity is Severity.ERROR} == {"OUT_OF_RANGE"}


@pytest.mark.parametrize("mode", [4, -1, 10**12])
def test_a_mode_that_there_is_not_is_refused_and_not_looked_up(mode: int) -> None:
    """Found by fuzzing."""
    store = {"id": "s", "power": 10.0, "energy": 20.0, "initial": 8.0, "final": 0.0, "loss": 0.01}
    case = market([10.0] * 4, [{"id": "u", "p_max": 50.0}], storage=[store])
    case = replace(case, storage=replace(case.storage, given_mode=np.full((1, 4), mode)))
    assert {f.code for f in validate(case, load("generic")) if f.severity is Severity.ERROR} == {"UNKNOWN_ENUM"}


@pytest.mark.parametrize("keys", [100_000])
def test_many_keys_of_a_series_file_are_read_in_linear_time(tmp_path: Path, keys: int) -> None:
    """Found by fuzzing: each was looked for among all those before it."""
    files = dict(seeds("csv")[0])
    first, *_ = (name for name in sorted(files) if name.count(".") == 2)
    head, *_ = files[first].decode().splitlines()
    width = head.count(",")
    lines = (f"key{k}" + ",1" * width for k in range(keys))
    files[first] = "\n".join([head, *lines]).encode()
    assert any(code.startswith("UNKNOWN_ID") for code in judge("csv", files).codes)


def test_a_compressed_series_is_read_as_it_stands(tmp_path: Path) -> None:
    """Found by fuzzing: pandas unpacked what the suffix called compressed."""
    if not seeds("rts-gmlc"):
        pytest.skip("the data are not installed")
    files = dict(seeds("rts-gmlc")[0])
    pointers = files["SourceData/timeseries_pointers.csv"].decode()
    data = next(line.rsplit(",", 1)[1] for line in pointers.splitlines() if "DAY_AHEAD_regional_Load" in line)
    held = next(name for name in files if name.endswith(data.rsplit("/", 1)[1]))
    files["SourceData/timeseries_pointers.csv"] = pointers.replace(data, f"{data}.gz").encode()
    files[f"{held}.gz"] = gzip.compress(files[held])
    assert not judge("rts-gmlc", files).accepted


@pytest.mark.parametrize("column", ["Period", "1"])
def test_a_series_with_a_number_of_hundreds_of_digits_is_no_number(column: str) -> None:
    """Found by fuzzing: pandas overflows on whole numbers that no float holds."""
    if not seeds("rts-gmlc"):
        pytest.skip("the data are not installed")
    files = dict(seeds("rts-gmlc")[0])
    name = next(name for name in sorted(files) if "regional_Load" in name)
    head, *lines = files[name].decode().splitlines()
    place = head.split(",").index(column)
    huge = [",".join("9" * 400 if k == place else v for k, v in enumerate(line.split(","))) for line in lines]
    files[name] = "\n".join([head, *huge]).encode()
    judge("rts-gmlc", files)


def test_limits_on_starts_that_limit_nothing_come_back_over_the_wire_as_they_went() -> None:
    """Found by fuzzing: a row of −1 was written, and read as no row."""
    case = market([10.0] * 4, [{"id": "u", "p_max": 50.0, "max_starts": 1}])
    free = replace(case.start_limits, max_starts=np.array([-1]), max_stops=np.array([-1]))
    data = case_file.case_to_bytes(replace(case, start_limits=free))
    again, _ = case_file.case_from_bytes(data)
    assert again is not None
    assert case_file.case_to_bytes(again) == data
