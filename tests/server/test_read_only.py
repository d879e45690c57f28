"""A server on a read-only mount: numba by itself would fail at the import of the solver."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import grpc
import pytest

from clearing.v1 import clearing_service_pb2, clearing_service_pb2_grpc
from tests.server.conftest import ROOT
from tests.server.workload import order

pytestmark = pytest.mark.slow  # starts a server

MOUNTED = 'mount --bind "$0" "$0" && mount -o remount,ro,bind "$0" && exec "$@"'
ENTRY = "from clearing import pipeline  # every kernel is imported\nfrom tests.server.workload import *\n"
SERVE = "from clearing.server.main import serve, Settings; serve(Settings(), 'read_only_entry')"


def mounted(words: list[str]) -> list[str]:
    """The command in a mount namespace of its own, where the checkout is read-only."""
    return ["unshare", "--mount", "sh", "-c", MOUNTED, ROOT, *words]


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    able = shutil.which("unshare") is not None
    if not able or subprocess.run(mounted(["true"]), capture_output=True, check=False).returncode:
        pytest.skip("this machine lets nobody mount: start-up on a read-only mount was not tried")
    (tmp_path / "read_only_entry.py").write_text(ENTRY)
    path = os.pathsep.join([str(tmp_path), ROOT, str(Path(ROOT) / "src")])
    own = {"PYTHONPATH": path, "HOME": "/proc", "TMPDIR": str(tmp_path), "CLEARING_LISTEN": "127.0.0.1:0"}
    return {name: value for name, value in os.environ.items() if name != "NUMBA_CACHE_DIR"} | own


def test_without_help_numba_cannot_cache_there(environment: dict[str, str]) -> None:
    ended = subprocess.run(
        mounted([sys.executable, "-c", "import clearing.solve.project"]), env=environment, capture_output=True,
        text=True, check=False,
    )  # fmt: skip
    assert "cannot cache function" in ended.stderr


def test_a_server_starts_there_and_answers(environment: dict[str, str], tmp_path: Path) -> None:
    process = subprocess.Popen(
        mounted([sys.executable, "-c", SERVE]), env={**environment, "CLEARING_THREADS": "1"}, stderr=subprocess.PIPE,
        text=True,
    )  # fmt: skip
    assert process.stderr is not None
    try:
        lines = (json.loads(line) for line in process.stderr)
        address = next(str(line["address"]) for line in lines if line["event"] == "serving")
        with grpc.insecure_channel(address) as channel:
            stub = clearing_service_pb2_grpc.ClearingServiceStub(channel)
            answer = stub.ClearDayAhead(order("burn", seconds=0), timeout=60)
        assert isinstance(answer, clearing_service_pb2.ClearDayAheadResponse)
        assert answer.result.termination.objective == 100
        assert (tmp_path / f"clearing-numba-{os.getuid()}").is_dir()
    finally:
        process.terminate()
        process.wait(30)
        process.stderr.close()
