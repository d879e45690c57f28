"""The case itself as a file: ProtoJSON (`.json`) or the binary form (`.binpb`)."""

from __future__ import annotations

from pathlib import Path

from clearing.case.case import Case
from clearing.case.finding import Severity
from clearing.formats.findings import FormatError, read_bytes, read_text, refuse
from clearing.wire import case_file

JSON, BINARY = ".json", ".binpb"


def read(path: Path) -> Case:
    """Read a case; FormatError with the findings of the decoder."""
    if path.suffix == BINARY:
        case, findings = case_file.case_from_bytes(read_bytes(path))
    else:
        case, findings = case_file.case_from_json(read_text(path))
    if case is None or any(f.severity is Severity.ERROR for f in findings):
        raise FormatError(tuple(findings))
    return case


def write(case: Case, path: Path) -> None:
    """Write a case in the form its suffix names; FormatError for another suffix."""
    if path.suffix == BINARY:
        path.write_bytes(case_file.case_to_bytes(case))
    elif path.suffix == JSON:
        path.write_text(case_file.case_to_json(case), encoding="utf-8")
    else:
        raise refuse("UNKNOWN_FORMAT", path.name, "A case file ends in .json or .binpb.", limit=f"{JSON}, {BINARY}")
