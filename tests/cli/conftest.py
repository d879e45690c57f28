"""One server for all commands of this folder, a case on disk, and a way to run a command."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from typer.testing import CliRunner

from clearing.case.case import Case
from clearing.cli.main import app
from clearing.server.embedded import EmbeddedServer
from clearing.wire import case_file
from tests import factory


@dataclass(frozen=True, slots=True)
class Ended:
    """How a command ended."""

    code: int
    stdout: str
    stderr: str

    @property
    def object(self) -> dict:  # type: ignore[type-arg]
        """The one JSON object on stdout; fails on anything beside it, and on NaN or Infinity."""
        assert self.stdout.endswith("}\n")
        assert self.stdout.count("\n") == 1
        return json.loads(self.stdout, parse_constant=_refuse)  # type: ignore[no-any-return]


def _refuse(name: str) -> None:
    raise AssertionError(f"{name} is not JSON")


def clearing(*arguments: object) -> Ended:
    """Run a command in this process."""
    result = CliRunner().invoke(app, [str(a) for a in arguments], prog_name="clearing")
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return Ended(result.exit_code, result.stdout, result.stderr)


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def two_units() -> Case:
    """Hand-worked: base at 20 up to 100 MW, peak at 60 with a start of 100; load 80, 90, 150, 120 MW.

    Cost 20·(80 + 90 + 100 + 100) + 60·(50 + 20) + 100 = 11,700; prices 20, 20, 60, 60. Peak earns 60·70 for a cost of
    4,300, so its make-whole payment is 100.
    """
    return factory.market(
        load=[80.0, 90.0, 150.0, 120.0],
        units=[
            {"id": "base", "p_min": 50, "p_max": 100, "price": 20, "on": True, "mw": 80},
            {"id": "peak", "p_min": 10, "p_max": 80, "price": 60, "start_cost": 100},
        ],
    )


def write(folder: Path, case: Case) -> Path:
    """The case as case.json in the folder."""
    path = folder / "case.json"
    path.write_text(case_file.case_to_json(case), encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    with EmbeddedServer(threads=1) as embedded:
        yield embedded.address


@pytest.fixture(scope="session")
def case_json(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(tmp_path_factory.mktemp("case"), two_units())


@pytest.fixture(scope="session")
def out(server: str, case_json: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder filled by `run --out`."""
    folder = tmp_path_factory.mktemp("out") / "made" / "here"
    ended = clearing("run", case_json, "--server", server, "--out", folder, "--set", "solve.gap=0.0005")
    assert ended.code == 0, ended.stderr
    return folder
