"""A client in JavaScript that knows protos or reflection alone clears the three-bus case and reads refusals."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from clearing.formats.registry import read_with
from clearing.server.embedded import EmbeddedServer
from clearing.wire import case_file

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "tests" / "node"
EXPECTED = json.loads((ROOT / "scenarios" / "three-bus" / "expected.json").read_text(encoding="utf-8"))

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the client and its packages, by the hashes of its lock."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        pytest.skip("Node and npm are not installed: the client in JavaScript was not run")
    folder = tmp_path_factory.mktemp("node")
    for name in ("client.mjs", "details.proto", "package.json", "package-lock.json"):
        shutil.copy(SOURCE / name, folder)
    command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline"]
    try:
        ended = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=240, check=False)
    except subprocess.TimeoutExpired:
        pytest.skip("npm did not bring the packages within 240 s: the client in JavaScript was not run")
    if ended.returncode:
        pytest.skip(f"npm cannot bring the packages here ({ended.stderr.strip().splitlines()[-1:]}): not run")
    return folder


@pytest.fixture(scope="module")
def server() -> Any:
    with EmbeddedServer(threads=1) as embedded:
        yield embedded.address


@pytest.mark.parametrize("way", ["proto", "reflection"])
def test_it_clears_the_three_bus_case_and_reads_violations(node: Path, server: str, way: str) -> None:
    market = case_file.case_to_json(read_with(ROOT / "scenarios" / "three-bus", "auto", {}))
    ended = subprocess.run(
        ["node", "client.mjs", server, way, ROOT / "proto"], cwd=node, input=market, capture_output=True, text=True,
        timeout=120, check=False, env={**os.environ, "NODE_NO_WARNINGS": "1"},
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr
    told = json.loads(ended.stdout)
    assert told["objective"] == pytest.approx(EXPECTED["objective"], abs=1e-3)
    assert told["system_price"] == pytest.approx(EXPECTED["system_price"], abs=1e-4)
    assert (told["reason"], told["audit_passed"]) == ("TERMINATION_REASON_OPTIMAL_WITHIN_GAP", True)
    assert told["echoed"] == "from node"
    assert (told["events"][0], told["events"][-1]) == ("accepted", "result")
    assert set(told["events"][1:-1]) == {"progress"}
    assert told["code"] == 3  # INVALID_ARGUMENT
    fields = {(violation["field"], violation["reason"]) for violation in told["violations"]}
    assert {field for field, _ in fields} >= {"case.units.p_max_mw[0]", "case.units.p_min_mw[1]"}
    assert all(violation["description"] for violation in told["violations"])
    assert len(told["request_id"]) == 32
