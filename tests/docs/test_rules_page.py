"""docs/rules.md: clause → setting → code → test, and everything it names is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from clearing.rules.load import rule_sets

ROOT = Path(__file__).resolve().parents[2]
ROWS = re.findall(
    r"^\| (\w+ [\d.]+) \| `([\w.]+)` \| `([\w./]+)` \| `([\w./]+)::(\w+)` \|$",
    (ROOT / "docs" / "rules.md").read_text(encoding="utf-8"),
    re.MULTILINE,
)
KEYS = {value.key for rule_set in rule_sets() for value in rule_set.values}

XINJIANG = {
    f"Xinjiang {clause}"
    for clause in (
        "2.2.2", "2.4.1", "2.4.2", "3.1.1", "3.1.2.1", "3.1.2.2", "3.1.2.3", "3.1.3.2", "3.1.4.2", "3.1.4.3", "3.1.4.6",
        "3.1.4.7", "3.1.4.8", "3.1.5.2", "5.4.3", "5.4.5",
        "6.3.1", "6.3.2", "6.3.3", "6.4.1", "7.1.1", "7.1.2", "7.2.1.1", "7.2.1.2", "7.2.1.3", "7.2.2.1", "7.2.2.2",
        "7.2.2.3", "7.2.3", "8.3.5", "8.4.4", "8.4.5", "9.5.1.1", "9.5.1.2", "9.5.1.3", "9.5.1.4", "9.5.1.5", "9.5.2.1",
        "9.6.1.1", "9.6.1.2", "9.6.2", "9.6.3", "9.6.4",
    )
}  # fmt: skip


SETTLEMENT = {
    f"Settlement {clause}"
    for clause in (
        "6.8.1", "6.8.2", "6.8.3", "6.9", "6.9.1", "6.9.2", "6.9.3", "6.9.4", "6.9.5", "6.9.6", "6.9.7", "6.10.1",
        "6.10.2", "6.11.1", "6.11.2", "6.11.3", "6.12", "6.12.1", "6.12.2", "6.12.3", "6.12.4", "6.13.1", "6.13.2",
    )
}  # fmt: skip


ENTRY = {f"Entry {clause}" for clause in ("1.1", "1.3", "1.4", "2.1", "2.3", "2.4")}


def test_every_clause_has_a_row() -> None:
    found = {clause for clause, *_ in ROWS}
    assert found >= {f"Shandong {n}" for n in range(1, 34)} | {f"Fujian {n}" for n in range(1, 7)}
    assert found >= XINJIANG
    assert found >= SETTLEMENT
    assert found >= ENTRY


def test_no_row_is_lost() -> None:
    table = (ROOT / "docs" / "rules.md").read_text(encoding="utf-8").split("## Clause, setting, code, test")[1]
    rows = re.findall(r"^\| (?:Shandong|Fujian|Xinjiang|Settlement|Entry) ", table.split("\n## ")[0], re.MULTILINE)
    assert len(ROWS) == len(rows) > 20


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[4])
def test_what_a_row_names_exists(row: tuple[str, str, str, str, str]) -> None:
    clause, key, code, file, test = row
    assert key in KEYS
    assert (ROOT / code).is_file()
    assert re.search(rf"^def {test}\(", (ROOT / file).read_text(encoding="utf-8"), re.MULTILINE)
    number = clause.split()[1].replace(".", "_")
    assert test.startswith((f"test_no_{number:0>2}_", f"test_clause_{number}_"))
