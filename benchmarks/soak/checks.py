"""Rows that tests show: the tests are run and counted. And a hundred equal answers."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import grpc

from clearing.v1 import clearing_service_pb2_grpc

from .cases import small
from .served import ROOT, Served

ROWS = {
    "bad input": (
        "tests/server/test_malformed.py",
        "tests/wire/test_case_faults.py",
        "tests/wire/test_result_faults.py",
    ),
    "bombs": ("tests/server/test_malformed.py", "tests/fuzz/test_hostile.py"),
    "never a bare infeasible": ("tests/properties/test_over_constrained.py",),
    "certificate": ("tests/checks/test_families.py", "tests/checks/test_bound.py"),
    "access": ("tests/server/test_access.py", "tests/wire/test_disclosure.py"),
    "observability": ("tests/house/test_deploy.py", "tests/server/test_lifecycle.py"),
    "wire": ("tests/wire/test_protos.py", "tests/wire/test_golden.py"),
}
"""Rows of the promises, and the test files that show each."""


def checks() -> dict[str, Any]:
    """Tests of each row: how many passed, skipped, failed, in which time."""
    return {row: _tests([file for file in files if (ROOT / file).exists()]) for row, files in ROWS.items()}


def _tests(files: list[str]) -> dict[str, Any]:
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--junitxml={report}", *files]
        subprocess.run(command, cwd=ROOT, check=False, capture_output=True)
        suite = ET.parse(report).getroot()[0]  # written by pytest just now
    count = {name: int(suite.get(name, "0")) for name in ("tests", "failures", "errors", "skipped")}
    return {**count, "seconds": round(time.monotonic() - began, 1), "files": files}


def same(trials: int, seed: int) -> dict[str, Any]:
    """A request in reproducible mode, over and over, by two servers with several workers: SHA-256 of the results."""
    request, found = small(seed, units=12, periods=48), set()
    for _ in range(2):
        with Served(workers=2, worker_runs=10) as server, grpc.insecure_channel(server.address) as channel:
            stub = clearing_service_pb2_grpc.ClearingServiceStub(channel)
            for _ in range(trials // 2):
                result = stub.ClearDayAhead(request, timeout=60).result
                found.add(hashlib.sha256(result.SerializeToString(deterministic=True)).hexdigest())
    return {"trials": trials // 2 * 2, "different_results": len(found)}
