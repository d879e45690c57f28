"""Section `Parameters`: version, horizon, time step, and what belongs to sets of scenarios."""

from __future__ import annotations

import re
from pathlib import Path

from clearing.formats.findings import Problems, read_gzip_text, read_text
from clearing.formats.json_fields import JsonObject, parse
from clearing.formats.unitcommitment_jl.fields import Source, only, stated, text

VERSIONS = ("0.3", "0.4")
MOST_PERIODS = 10_000
MOST_BYTES = 1 << 28
"""Most a gzip file may unpack to; the largest published instance (13,659 buses) needs a quarter of it."""
GZIP = ".gz"
SECTIONS = (
    *("Parameters", "Buses", "Generators", "Storage units", "Price-sensitive loads", "Transmission lines"),
    *("Reserves", "Contingencies"),
)
WITHOUT_EFFECT = ("SOURCE",)
"""Whom to cite."""
HORIZONS = {"Time horizon (min)": 1.0, "Time horizon (h)": 60.0, "Time (h)": 60.0}
"""Names of the horizon, the last an old one, and minutes in their unit."""
BALANCE_PENALTY = "Power balance penalty ($/MW)"
DEFAULT_BALANCE_PENALTY = 1000.0
NAME, WEIGHT = "Scenario name", "Scenario weight"
READ = ("Version", *HORIZONS, "Time step (min)", BALANCE_PENALTY, NAME, WEIGHT)


def open_source(path: Path, problems: Problems) -> Source:
    """The file and its horizon; FormatError where those are missing or of another version."""
    content = read_gzip_text(path, MOST_BYTES) if path.suffix == GZIP else read_text(path)
    root = parse(content, path.name, problems)
    only(root, SECTIONS, WITHOUT_EFFECT)
    parameters = root.fields.get("Parameters")
    if not isinstance(parameters, dict):
        problems.add("MISSING_FIELD", f"{root.path}.Parameters", "The section is missing.")
        parameters = {}
    row = JsonObject(parameters, f"{root.path}.Parameters", problems)
    problems.stop()
    only(row, READ)
    version = text(row, "Version")
    if version and not re.fullmatch(r"0\.[34](\.\d+)*", version):
        problems.add(
            "UNKNOWN_VERSION",
            f"{row.path}.Version",
            "The file is of a version that is not read.",
            value=version,
            limit=", ".join(VERSIONS),
        )
    step = row.whole("Time step (min)", 1, 60) if stated(row, "Time step (min)") else 60
    if 60 % step:
        problems.add(
            "OUT_OF_RANGE",
            f"{row.path}.Time step (min)",
            "No divisor of an hour.",
            value=step,
            limit="60, 30, 20, 15 …",
        )
    periods = _periods(row, step)
    problems.stop()
    return Source(root, row, periods, step, tuple(name for name, _ in _buses(root)))


def _buses(root: JsonObject) -> list[tuple[str, JsonObject]]:
    found = list(root.members("Buses"))
    if not found:
        root.problems.add("MISSING_FIELD", f"{root.path}.Buses", "There is no bus.")
    return found


def _periods(row: JsonObject, step: int) -> int:
    given = [key for key in HORIZONS if stated(row, key)]
    if len(given) > 1:
        row.problems.add("STATED_TWICE", f"{row.path}.{given[1]}", "The horizon stands twice.", value=", ".join(given))
    if not given:
        row.problems.add("MISSING_FIELD", f"{row.path}.Time horizon (h)", "The horizon is missing.")
        return 0
    minutes = row.number(given[0], 0.0) * HORIZONS[given[0]]
    periods = minutes / step
    if periods != round(periods) or not 1 <= periods <= MOST_PERIODS:
        row.problems.add(
            "OUT_OF_RANGE",
            f"{row.path}.{given[0]}",
            "The horizon is no whole number of time steps, or too many.",
            value=row.fields[given[0]],
            limit=f"1 to {MOST_PERIODS} steps of {step} min",
        )
        return 0
    return int(periods)


def notes(source: Source) -> list[str]:
    """What a case has no field for: the penalty of the balance, and that the file is one scenario of several."""
    row = source.parameters
    penalty = source.series(row, BALANCE_PENALTY, DEFAULT_BALANCE_PENALTY, least=0.0)
    found = [
        f"{BALANCE_PENALTY} {penalty.min():g} … {penalty.max():g} a time step: load not served costs what the rule set"
        " says (penalties.clearing.shortage), not this."
    ]
    name = text(row, NAME) if stated(row, NAME) else ""
    weight = row.number(WEIGHT, 1e-12) if stated(row, WEIGHT) else 1.0
    if weight != 1.0:
        found.append(f"Scenario {name or 'without name'} of weight {weight:g} is cleared alone, as if it were certain.")
    return found
