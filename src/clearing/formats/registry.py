"""Which formats there are, and how to tell them apart by content."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from clearing.case.case import Case
from clearing.case.finding import Finding
from clearing.formats import (
    case_file,
    csv_folder,
    egret,
    matpower,
    pglib_uc,
    pglib_uc_write,
    rts_gmlc,
    scenario,
    unitcommitment_jl,
)
from clearing.formats.egret import write as egret_write
from clearing.formats.findings import Problems, read_gzip_text, read_text, refuse

AUTO = "auto"
NOT_OPTIONS = {"path", "format"}
"""Names of what every reading is told; no reader has options of these names."""


Writer = Callable[[Case, Path, bool], tuple[Finding, ...]]
"""write(case, path, lossy): findings of what was left out; FormatError where that decides the answer, unless lossy."""


@dataclass(frozen=True, slots=True)
class Format:
    """One format: what it is, how it is recognised, who reads it and which options the reader takes."""

    name: str
    description: str
    recognises: Callable[[Path], bool]
    read: Callable[..., Case]
    options: tuple[str, ...] | None = ()
    """None: whatever the format of the case inside takes."""
    write: Writer | None = None
    """None: cases are not written in this format."""


def read(path: Path, format: str = AUTO, **options: str) -> Case:
    """Read a case from a file or folder.

    format    a key of FORMATS, or `auto`: by content
    options   of the reader, as text (see Format.options); an unknown one is an error
    Raises FormatError with every fault found. What the reader convexified or assumed stands in `Case.notes`.
    """
    return read_with(Path(path), format, options)


def read_with(path: Path, format: str, options: Mapping[str, str]) -> Case:
    """The same with options under any name, as files and command lines bring them."""
    if not _exists(path):
        raise refuse("FILE_NOT_FOUND", path.name, "There is no such file or folder.")
    chosen = FORMATS.get(format) if format != AUTO else _recognise(path)
    if chosen is None:
        known = ", ".join(FORMATS)
        code = "UNKNOWN_FORMAT" if format != AUTO else "FORMAT_NOT_RECOGNISED"
        raise refuse(code, path.name, "No reader for this; name one of the known formats.", value=format, limit=known)
    problems = Problems()
    for option in options:
        if option in NOT_OPTIONS or (chosen.options is not None and option not in chosen.options):
            problems.add(
                "UNKNOWN_OPTION",
                f"{path.name}:{option}",
                f"The format {chosen.name} has no such option.",
                value=option,
                limit=", ".join(chosen.options or ()),
            )
    problems.stop()
    return chosen.read(path, **options)


def write(case: Case, path: Path, format: str = AUTO, lossy: bool = False) -> tuple[Finding, ...]:
    """Write a case; returns a finding for everything that the format has no place for.

    format    a key of FORMATS that has a writer, or `auto`: a case file by the suffix, CSV tables without one
    lossy     write also where something that decides the answer is left out
    Raises FormatError where that is so and not lossy, and where nobody writes the format.
    """
    path = Path(path)
    chosen = FORMATS.get(format) if format != AUTO else FORMATS["case" if path.suffix else "csv"]
    if chosen is None or chosen.write is None:
        known = ", ".join(f.name for f in FORMATS.values() if f.write is not None)
        raise refuse("UNKNOWN_FORMAT", path.name, "Cases are not written in this form.", value=format, limit=known)
    return chosen.write(case, path, lossy)


def _exists(path: Path) -> bool:
    """False also for names that no file can have: too long, with a null byte."""
    try:
        return path.exists()
    except (OSError, ValueError):
        return False


def _recognise(path: Path) -> Format | None:
    return next((f for f in FORMATS.values() if f.recognises(path)), None)


def _is_pglib(path: Path) -> bool:
    if path.is_dir() or path.suffix != ".json":
        return False
    return re.search(r'"thermal_generators"\s*:', read_text(path)) is not None


def _is_egret(path: Path) -> bool:
    if path.is_dir() or path.suffix != ".json":
        return False
    return re.search(r'"generator_type"\s*:|"time_period_length_minutes"\s*:', read_text(path)) is not None


def _is_unitcommitment_jl(path: Path) -> bool:
    if path.is_dir() or not path.name.endswith(unitcommitment_jl.SUFFIXES):
        return False
    text = read_text(path) if path.suffix == ".json" else read_gzip_text(path, unitcommitment_jl.MOST_BYTES)
    return re.search(r'"Parameters"\s*:', text) is not None and re.search(r'"Buses"\s*:', text) is not None


def _is_matpower(path: Path) -> bool:
    return not path.is_dir() and path.suffix == ".m"


def _is_case_file(path: Path) -> bool:
    if path.is_dir() or path.suffix not in (case_file.JSON, case_file.BINARY):
        return False
    return path.suffix == case_file.BINARY or re.search(r'"horizon"\s*:', read_text(path)) is not None


def _is_rts_gmlc(path: Path) -> bool:
    return path.is_dir() and rts_gmlc.find_source(path) is not None


def _read_scenario(path: Path, **options: str) -> Case:
    return scenario.read(path, read_with, options, may_run=False)


def _run_scenario(path: Path, **options: str) -> Case:
    if not scenario.recognises(path):
        raise refuse("FILE_NOT_FOUND", scenario.FILE, "The folder is no scenario.", value=path.name)
    return scenario.read(path, read_with, options, may_run=True)


def _write_case_file(case: Case, path: Path, lossy: bool) -> tuple[Finding, ...]:
    case_file.write(case, path)
    return ()


def _write_csv_folder(case: Case, path: Path, lossy: bool) -> tuple[Finding, ...]:
    csv_folder.write(case, path)
    return ()


def _never(_: Path) -> bool:
    """Content does not decide: the format has to be named."""
    return False


_ALL = (
    Format("scenario", "scenario folder with scenario.toml", scenario.recognises, _read_scenario, None),
    Format(scenario.CONSENT, "scenario folder whose own Python program may be run", _never, _run_scenario, None),
    Format("rts-gmlc", "RTS-GMLC folder (SourceData and series)", _is_rts_gmlc, rts_gmlc.read, rts_gmlc.OPTIONS),
    Format("csv", "folder of CSV tables", csv_folder.recognises, csv_folder.read, (), _write_csv_folder),
    Format("pglib-uc", "pglib-uc JSON (copper plate, hourly)", _is_pglib, pglib_uc.read, (), pglib_uc_write.write),
    Format("egret", "Egret JSON (unit commitment)", _is_egret, egret.read, (), egret_write.write),
    Format(
        "unitcommitment-jl",
        "UnitCommitment.jl JSON (.json, .json.gz)",
        _is_unitcommitment_jl,
        unitcommitment_jl.read,
        unitcommitment_jl.OPTIONS,
        unitcommitment_jl.write,
    ),
    Format(
        "matpower",
        "MATPOWER case (.m, one hour)",
        _is_matpower,
        matpower.read,
        matpower.OPTIONS,
        matpower.write,
    ),
    Format("case", "case as ProtoJSON (.json) or binary (.binpb)", _is_case_file, case_file.read, (), _write_case_file),
)

FORMATS: dict[str, Format] = {f.name: f for f in _ALL}
"""In the order in which they are tried; `generator` has to be named."""
