from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import pytest

from clearing.client import Client
from tests.cli.conftest import clearing, free_port


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--listen", "0.0.0.0:50051"), "not a loopback address"),
        (("--listen", "nowhere"), "not HOST:PORT"),
        (("--workers", "1000"), "cores"),
        (("--log-level", "loud"), "log_level"),
        (("--tls-key", "key.pem"), "together"),
    ],
)
def test_settings_that_do_not_fit_are_bad_input(arguments: tuple[str, ...], words: str) -> None:
    ended = clearing("serve", *arguments)
    assert ended.code == 2
    assert words in " ".join(ended.stderr.split())


@pytest.mark.slow
def test_a_taken_port_is_said_without_a_traceback(server: str) -> None:
    command = [sys.executable, "-m", "clearing.cli.main", "serve", "--listen", server, "--threads", "1"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 1
    assert "NOT_STARTED" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.slow
def test_serve_answers_and_ends_at_sigterm() -> None:
    address = f"127.0.0.1:{free_port()}"
    command = [sys.executable, "-m", "clearing.cli.main", "serve", "--listen", address, "--threads", "1"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=dict(os.environ))
    try:
        with Client(address) as client:
            assert _serving(client, process)
            assert "generic" in {r.name for r in client.list_rule_sets()}
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=60)
    finally:
        if process.poll() is None:
            process.kill()
            process.communicate()
    assert process.returncode == 0, err
    assert out == "" or "serving" in out


def _serving(client: Client, process: subprocess.Popen[str]) -> bool:
    end = time.monotonic() + 60
    while time.monotonic() < end and process.poll() is None:
        if client.health(1.0):
            return True
    return False
