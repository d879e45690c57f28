"""`clearing console` as a process: its page is there, its files stay, Ctrl-C ends it and frees the port."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from tests.console.conftest import CASE

STARTED = re.compile(r"console: (http://127\.0\.0\.1:\d+/)")


@pytest.mark.slow
def test_the_command_serves_until_it_is_stopped(server: str, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "clearing.cli.main", "console", str(CASE), "--no-open", "--folder", str(tmp_path)]
    with subprocess.Popen([*command, "--server", server], stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        found = STARTED.search(process.stderr.readline())
        assert found is not None
        with urllib.request.urlopen(found[1]) as page:
            assert b"three-bus" in page.read()
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 0
    assert (tmp_path / "cases" / "three-bus" / "case.json").is_file()
    with pytest.raises(urllib.error.URLError):
        urllib.request.urlopen(found[1], timeout=2)


@pytest.mark.slow
def test_a_port_that_is_taken_is_said(server: str, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "clearing.cli.main", "console", "--no-open", "--folder", str(tmp_path)]
    ended = subprocess.run(
        [*command, "--server", server, "--listen", server], capture_output=True, text=True, check=False
    )
    assert ended.returncode == 1
    assert "Traceback" not in ended.stderr
    assert "in use" in ended.stderr
