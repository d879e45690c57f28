"""The text of a case file as tables; nothing of it is executed."""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass, field

import numpy as np

from clearing.case.arrays import Floats
from clearing.formats.findings import Problems

Value = Floats | str | float | tuple[str, ...]

COLUMNS = {"bus": 13, "gen": 10, "branch": 11, "gencost": 5, "dcline": 11}
"""Least number of columns of the tables that are read."""
WITHOUT_EFFECT = {
    *("version", "areas", "bus_name", "gentype", "genfuel", "gen_name", "branch_name", "bus_geo", "order", "casename"),
    *("et", "success", "iterations", "f", "om", "x", "mu", "var", "lin", "nle", "nli", "qdc", "raw", "softlims"),
}
_ASSIGNED = re.compile(r"mpc\.([A-Za-z]\w*)\s*=\s*")
_HEADER = re.compile(r"function\b[^\n;]*|end(function)?|return")
_NUMBER = re.compile(r"[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eEdD][-+]?\d+)?|[-+]?[iI]nf")
_TEXT = re.compile(r"'((?:[^'\n]|'')*)'|\"([^\"\n]*)\"")
_SCALAR = re.compile(r"[^\s;,]+")
MOST_TEXT = 60
MOST_MAGNITUDE = 1e12
"""Greater finite numbers are errors of unit or placeholders; they would only ruin the scaling of the problem."""


def parse(text: str, name: str, problems: Problems) -> dict[str, Value]:
    """Fields of `mpc`: tables (n, m), numbers, strings, lists. Findings MATPOWER_CODE, NOT_A_NUMBER, RAGGED_ROWS."""
    code = _without_comments(text)
    breaks = [match.start() for match in re.finditer("\n", code)]
    found: dict[str, Value] = {}
    at, begun, ended = 0, False, False
    while True:
        at = _skip_blank(code, at)
        if at >= len(code):
            return found
        header, assigned = _HEADER.match(code, at), _ASSIGNED.match(code, at)
        if header and not (header.group().startswith("function") and begun):
            ended = ended or not header.group().startswith("function")
            begun = True
            at = header.end()
        elif assigned and not ended:
            begun = True
            line = bisect_left(breaks, assigned.end()) + 1
            if assigned.group(1) in found:
                message = "The field is stated twice."
                problems.add("STATED_TWICE", f"{name}:{line}:mpc.{assigned.group(1)}", message)
            at = _value(code, assigned.end(), f"{name}:{line}", assigned.group(1), found, problems)
        else:
            line = bisect_left(breaks, at) + 1
            end = code.find("\n", at)
            statement = code[at : end if end >= 0 else len(code)].strip()
            message = "A statement that is no plain assignment; case files are read as data and never executed."
            problems.add("MATPOWER_CODE", f"{name}:{line}", message, value=statement[:MOST_TEXT])
            at = end if end >= 0 else len(code)


def _without_comments(text: str) -> str:
    """The text with comments blanked; line breaks stay, so that line numbers hold."""
    lines = []
    depth = 0
    for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n"):
        bare = line.strip()
        if bare in ("%{", "%}"):
            depth += 1 if bare == "%{" else -(depth > 0)
            lines.append("")
            continue
        lines.append("" if depth else _before_comment(line))
    return "\n".join(lines).replace("...\n", "   \n")


def _before_comment(line: str) -> str:
    if "%" not in line:
        return line
    if "'" not in line and '"' not in line:
        return line.split("%", 1)[0]
    at = 0
    while at < len(line):
        quoted = _TEXT.match(line, at)
        if quoted:
            at = quoted.end()
        elif line[at] == "%":
            return line[:at]
        else:
            at += 1
    return line


def _skip_blank(code: str, at: int) -> int:
    while at < len(code) and code[at] in " \t\n;,\f\v":
        at += 1
    return at


def _value(code: str, at: int, line: str, key: str, found: dict[str, Value], problems: Problems) -> int:
    """Read one value behind `=` on a line; returns where it ends."""
    place = f"{line}:mpc.{key}"
    quoted = _TEXT.match(code, at)
    if code[at : at + 1] in ("[", "{"):
        close = "]" if code[at] == "[" else "}"
        end = code.find(close, at)
        if end < 0:
            problems.add("MATPOWER_CODE", place, "The bracket is never closed.")
            return len(code)
        body = code[at + 1 : end]
        if close == "}":
            found[key] = tuple(a.replace("''", "'") or b for a, b in _TEXT.findall(body))
        else:
            found[key] = _table(body, place, problems)
        return end + 1
    if quoted:
        found[key] = quoted.group(1) or quoted.group(2) or ""
        return quoted.end()
    scalar = _SCALAR.match(code, at)
    if scalar and _NUMBER.fullmatch(scalar.group()):
        found[key] = _float(scalar.group())
        return scalar.end()
    end = code.find("\n", at)
    end = end if end >= 0 else len(code)
    message = "No plain value; case files are read as data and never executed."
    problems.add("MATPOWER_CODE", place, message, value=code[at:end].strip()[:MOST_TEXT])
    return end


def _table(body: str, place: str, problems: Problems) -> Floats:
    rows = [row.replace(",", " ").split() for row in re.split(r"[;\n]", body)]
    rows = [row for row in rows if row]
    wide = len(rows[0]) if rows else 0
    for k, row in enumerate(rows):
        wrong = next((token for token in row if not _NUMBER.fullmatch(token)), None)
        if wrong is not None:
            problems.add("NOT_A_NUMBER", f"{place}[{k}]", "A plain number is needed.", value=wrong[:MOST_TEXT])
            return np.zeros((0, 0))
        if len(row) != wide:
            problems.add("RAGGED_ROWS", f"{place}[{k}]", "Rows differ in length.", value=len(row), limit=str(wide))
            return np.zeros((0, 0))
    return np.array([[_float(token) for token in row] for row in rows]).reshape(len(rows), wide)


def _float(token: str) -> float:
    return float(token.replace("d", "e").replace("D", "e"))


@dataclass
class Source:
    """Checked tables of one file; `notes` gathers what was assumed."""

    fields: dict[str, Value]
    name: str
    problems: Problems
    notes: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        version = self.fields.get("version", "1")
        if str(version).rstrip("0").rstrip(".") != "2":
            limit = "version 2 of the case format"
            self.problems.add("UNKNOWN_VERSION", f"{self.name}:mpc.version", "Not read.", value=version, limit=limit)
        for key in ("baseMVA", "bus", "gen", "branch"):
            if key not in self.fields:
                self.problems.add("REQUIRED", f"{self.name}:mpc.{key}", "The field is missing.")
        for key in self.fields:
            if key not in COLUMNS and key not in WITHOUT_EFFECT and key != "baseMVA":
                message = "The field may change the dispatch and is not read."
                self.problems.add("FIELD_NOT_READ", f"{self.name}:mpc.{key}", message)
        for key, least in COLUMNS.items():
            self._check(key, least)
        base = self.fields.get("baseMVA")
        if not isinstance(base, float) or not 1.0 / MOST_MAGNITUDE < base < MOST_MAGNITUDE:
            self.problems.add(
                "OUT_OF_RANGE", f"{self.name}:mpc.baseMVA", "A number is needed.", value=base, limit="> 0"
            )

    def _check(self, key: str, least: int) -> None:
        value = self.fields.get(key)
        if value is None:
            return
        if not isinstance(value, np.ndarray):
            self.problems.add("WRONG_TYPE", f"{self.name}:mpc.{key}", "A table of numbers is needed.", value=value)
            self.fields[key] = np.zeros((0, least))
        elif (np.isfinite(value) & (np.abs(value) > MOST_MAGNITUDE)).any():
            limit = f"up to {MOST_MAGNITUDE:g}, or Inf"
            self.problems.add("OUT_OF_RANGE", f"{self.name}:mpc.{key}", "Numbers are too great.", limit=limit)
            self.fields[key] = np.zeros((0, least))
        elif value.size and value.shape[1] < least:
            wide = value.shape[1]
            self.problems.add("WRONG_COLUMNS", f"{self.name}:mpc.{key}", "Too few.", value=wide, limit=f"≥ {least}")
            self.fields[key] = np.zeros((0, least))

    @property
    def base_mva(self) -> float:
        """Base of the per-unit figures."""
        value = self.fields["baseMVA"]
        assert isinstance(value, float)
        return value

    def table(self, key: str) -> Floats:
        """A table, without rows where the file has none."""
        value = self.fields.get(key)
        return value if isinstance(value, np.ndarray) and value.size else np.zeros((0, COLUMNS[key]))

    def fault(self, code: str, key: str, row: int, message: str, *, value: object = "", limit: str = "") -> None:
        """A finding about a row, counted from 1 as in the file."""
        path = f"{self.name}:mpc.{key}({row + 1},:)"
        self.problems.add(code, path, message, subject=str(row + 1), value=value, limit=limit)
