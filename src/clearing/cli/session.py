"""A client for one command: of a server that runs, or of one started for it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from pydantic import ValidationError

from clearing.case.finding import Finding, Severity
from clearing.cli.status import Exit, Failure, bad_input
from clearing.client import Client
from clearing.server.embedded import EmbeddedServer


@contextmanager
def connected(server: str | None, threads: int | None = None) -> Iterator[Client]:
    """A client; without `server` (HOST:PORT) an embedded server lives as long as the command. gRPC either way."""
    with serving(server, threads) as there, Client(there) as client:
        yield client


@contextmanager
def serving(server: str | None, threads: int | None = None) -> Iterator[str]:
    """HOST:PORT of a server: of the one named, or of one embedded that lives as long as the command."""
    if server is not None:
        yield address(server)
        return
    try:
        embedded = EmbeddedServer(threads=threads)
    except ValidationError as error:
        raise settings_failure(error) from None
    with embedded:
        yield embedded.address


def address(server: str) -> str:
    """HOST:PORT as it was given; raises Failure where it is none."""
    host, separator, port = server.rpartition(":")
    if not separator or not host or not port.isdigit() or not 0 < int(port) < 65536:
        raise bad_input("USAGE", "This is not HOST:PORT.", path="--server", value=server, limit="HOST:PORT")
    return server


def settings_failure(error: ValidationError) -> Failure:
    """Server settings that do not fit, as findings."""
    findings = [
        Finding(
            Severity.ERROR,
            "BAD_SETTING",
            ".".join(str(part) for part in fault["loc"]) or "settings",
            fault["msg"].removeprefix("Value error, "),
            value=str(fault["input"])[:80] if fault["loc"] else "",
        )
        for fault in error.errors()
    ]
    return Failure("INVALID", Exit.BAD_INPUT, findings)
