"""A console over a real server, a browser that clicks, and requests as a script would send them."""

from __future__ import annotations

import http.client
import json
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from clearing.cli.console import writers
from clearing.client import Endpoint
from clearing.console.serve import Opened
from clearing.formats import read
from clearing.server.embedded import EmbeddedServer

CASE = Path(__file__).parents[2] / "scenarios" / "three-bus"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
DRIVER = shutil.which("chromedriver")
WAIT_SECONDS = 60.0


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """HOST:PORT of a clearing server."""
    with EmbeddedServer(threads=1) as embedded:
        yield embedded.address


@pytest.fixture(scope="module")
def opened(server: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Opened]:
    """A console with the case of three buses in it."""
    folder = tmp_path_factory.mktemp("console")
    with Opened(folder, Endpoint(server), "127.0.0.1:0", writers(), {CASE: read(CASE)}) as page:
        yield page


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back."""

    status: int
    headers: http.client.HTTPMessage
    data: bytes

    @property
    def object(self) -> Any:
        """The JSON in it."""
        return json.loads(self.data)


def send(page: Opened, method: str, path: str, body: Any = None, **headers: str) -> Reply:
    """One request; what changes something says that it comes from the page, unless headers say otherwise."""
    host = page.url.removeprefix("http://").rstrip("/")
    connection = http.client.HTTPConnection(host, timeout=WAIT_SECONDS)
    given = {"Origin": f"http://{host}", "Content-Type": "application/json"}
    given |= {name.replace("_", "-"): value for name, value in headers.items()}
    data = body if body is None or isinstance(body, bytes | Iterator) else json.dumps(body).encode()
    connection.request(method, path, data, given)
    answer = connection.getresponse()
    reply = Reply(answer.status, answer.msg, answer.read())
    connection.close()
    return reply


def ended(page: Opened, name: str) -> Any:
    """What is known of a run once it is over."""
    end = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < end:
        facts = send(page, "GET", f"/api/runs/{name}").object
        if facts["state"] != "running":
            return facts
        time.sleep(0.05)
    raise AssertionError(f"{name} is still running")
