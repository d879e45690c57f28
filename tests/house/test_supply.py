"""What the server is made of: no pinned version has a known advisory, and the list of parts is the lock."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.test_locks import ROOT, pins
from tools import audit

SNAPSHOT = json.loads(audit.SNAPSHOT.read_text(encoding="utf-8"))


def test_no_pinned_version_has_a_known_advisory() -> None:
    assert audit.findings(audit.pins(ROOT / audit.LOCK), SNAPSHOT["records"]) == []


def test_the_snapshot_knows_every_package_of_the_lock() -> None:
    assert set(audit.pins(ROOT / audit.LOCK)) <= set(SNAPSHOT["packages"])
    assert audit.pins(ROOT / audit.LOCK) == pins(audit.LOCK)
    assert len(SNAPSHOT["records"]) > 50


@pytest.mark.parametrize("version", ["2.10.3", "2.11.2", "2.0"])
def test_an_old_version_is_found(version: str) -> None:
    found = audit.findings({"jinja2": {version}}, SNAPSHOT["records"])
    assert any("CVE-2020-28493" in line for line in found)
    assert not any("CVE-2020-28493" in line for line in audit.findings({"jinja2": {"2.11.3"}}, SNAPSHOT["records"]))


@pytest.mark.parametrize(
    ("events", "inside", "outside"),
    [
        ([{"introduced": "0"}, {"fixed": "2"}], ["0.1", "1.9", "2rc1"], ["2", "2.0.1"]),
        ([{"introduced": "1"}, {"last_affected": "1.5"}], ["1", "1.5"], ["0.9", "1.5.1"]),
        ([{"introduced": "1"}, {"fixed": "2"}, {"introduced": "3"}], ["1.1", "3", "9"], ["0.5", "2", "2.9"]),
    ],
)
def test_ranges(events: list[dict[str, str]], inside: list[str], outside: list[str]) -> None:
    part = {"package": "x", "versions": [], "ranges": [events]}
    assert all(audit.affects(part, version) for version in inside)
    assert not any(audit.affects(part, version) for version in outside)


def test_records_are_read_from_a_folder_and_what_was_withdrawn_is_left_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    record = {
        "id": "TEST-1",
        "affected": [{"package": {"name": "NumPy", "ecosystem": "PyPI"}, "ranges": [
            {"type": "ECOSYSTEM", "events": [{"introduced": "0"}]}]}],
    }  # fmt: skip
    (tmp_path / "one.json").write_text(json.dumps(record))
    assert audit.main(["--records", str(tmp_path)]) == 1
    assert "numpy==" in capsys.readouterr().out
    (tmp_path / "one.json").write_text(json.dumps({**record, "withdrawn": "2026-01-01"}))
    assert not audit.findings({"numpy": {"2"}}, audit.concerning(audit.records(tmp_path), {"numpy"}))


@pytest.mark.slow
def test_the_list_of_parts_is_the_lock_with_its_hashes(tmp_path: Path) -> None:
    recipe = (ROOT / "Makefile").read_text(encoding="utf-8").partition("\nsbom:")[2].partition("\n\n")[0]
    line = recipe.replace("\\\n", " ").splitlines()[-1]
    command = line.split()[1:]
    command[-1] = str(tmp_path / "sbom.json")
    subprocess.run([sys.executable, *command], cwd=ROOT, check=True, capture_output=True)
    parts = json.loads((tmp_path / "sbom.json").read_text())["components"]
    held = pins("requirements.lock")
    assert {(p["name"], p["version"]) for p in parts} == {(name, v) for name, vs in held.items() for v in vs}
    assert all(p["externalReferences"][0]["hashes"] for p in parts)
