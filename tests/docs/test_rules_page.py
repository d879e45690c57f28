"""docs/rules.md: clause → setting → code → test, and everything it names is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from clearing.rules.load import rule_sets

ROOT = Path(__file__).resolve().parents[2]
ROWS = re.findall(
    r"^\| (\w+ \d+) \| `([\w.]+)` \| `([\w./]+)` \| `([\w./]+)::(\w+)` \|$",
    (ROOT / "docs" / "rules.md").read_text(encoding="utf-8"),
    re.MULTILINE,
)
KEYS = {value.key for rule_set in rule_sets() for value in rule_set.values}


def test_every_clause_has_a_row() -> None:
    found = {clause for clause, *_ in ROWS}
    assert found >= {f"Shandong {n}" for n in range(1, 23)} | {f"Fujian {n}" for n in range(1, 6)}


def test_no_row_is_lost() -> None:
    table = (ROOT / "docs" / "rules.md").read_text(encoding="utf-8").split("## Clause, setting, code, test")[1]
    assert len(ROWS) == len(re.findall(r"^\| (?:Shandong|Fujian) ", table.split("\n## ")[0], re.MULTILINE)) > 20


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[4])
def test_what_a_row_names_exists(row: tuple[str, str, str, str, str]) -> None:
    clause, key, code, file, test = row
    assert key in KEYS
    assert (ROOT / code).is_file()
    assert re.search(rf"^def {test}\(", (ROOT / file).read_text(encoding="utf-8"), re.MULTILINE)
    number = int(clause.split()[1])
    assert test.startswith((f"test_no_{number:02d}_", f"test_clause_{number}_"))
