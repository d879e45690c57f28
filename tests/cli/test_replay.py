"""`clearing replay`: the answer of an earlier run again, or what became of it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import clearing

pytestmark = pytest.mark.slow


def ran(server: str, case: Path, out: Path, *more: object) -> Path:
    assert clearing("run", case, "--server", server, "--out", out, "--results", "json", *more).code == 0
    return out


def change(file: Path, **values: object) -> None:
    tree = json.loads(file.read_text())
    tree.update(values)
    file.write_text(json.dumps(tree))


def test_a_reproducible_run_comes_back_byte_by_byte(server: str, case_json: Path, tmp_path: Path) -> None:
    folder = ran(server, case_json, tmp_path / "out", "--reproducible", "--seed", 7)
    info = json.loads((folder / "run_info.json").read_text())
    assert info["options"] | {"gap": 0.0} == {"gap": 0.0, "seed": "7", "reproducible": True, "work_limit_nodes": "1000",
                                              "last_stage": "LAST_STAGE_PRICES"}  # fmt: skip
    versions = {part["name"]: part.get("version") for part in info["components"]}
    assert {"python", "numpy", "highspy", "platform"} <= versions.keys()
    ended = clearing("replay", folder, "--server", server, "--json")
    assert (ended.code, ended.object["status"], ended.object["changed"]) == (0, "SAME", {})
    assert ended.object["digest_before"] == ended.object["digest_after"] != ""
    shown = clearing("replay", folder, "--server", server)
    assert shown.stdout.startswith("SAME")


def test_another_answer_is_told_apart(server: str, case_json: Path, tmp_path: Path) -> None:
    folder = ran(server, case_json, tmp_path / "out")
    assert clearing("replay", folder, "--server", server, "--json").object["status"] in ("SAME", "WITHIN_GAP")
    change(folder / "result.json", digest="0" * 64)
    assert clearing("replay", folder, "--server", server, "--json").object["status"] == "WITHIN_GAP"
    end = json.loads((folder / "result.json").read_text())["termination"]
    change(folder / "result.json", termination={**end, "objective": end["objective"] * 1.5})
    change(folder / "run_info.json", components=[{"name": "numpy", "version": "1.0"}])
    ended = clearing("replay", folder, "--server", server, "--json")
    assert (ended.code, ended.object["status"]) == (4, "DIFFERENT")
    assert ended.object["changed"]["numpy"][0] == "1.0"


def test_files_that_do_not_belong_together_are_refused(server: str, case_json: Path, tmp_path: Path) -> None:
    folder = ran(server, case_json, tmp_path / "out")
    change(folder / "run_info.json", request_digest="1" * 64)
    ended = clearing("replay", folder, "--server", server, "--json")
    assert (ended.code, ended.object["findings"][0]["code"]) == (2, "OTHER_REQUEST")
    ended = clearing("replay", tmp_path, "--server", server, "--json")
    assert (ended.code, ended.object["findings"][0]["code"]) == (2, "NO_SUCH_FILE")
