"""A result in a file, for a search to begin at; whatever case it is of."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from clearing.formats.findings import FormatError, refuse
from clearing.wire import beginning


def read_beginning(path: Path) -> Any:
    """The result in a `.json` or `.binpb` file as a message; FormatError: FILE_NOT_FOUND, BAD_JSON, BAD_BINARY."""
    if not path.is_file():
        raise refuse("FILE_NOT_FOUND", path.name, "There is no such file.")
    found, findings = beginning.of_file(path.read_bytes(), binary=path.suffix == ".binpb")
    if found is None:
        raise FormatError(tuple(replace(finding, path=path.name) for finding in findings))
    return found
