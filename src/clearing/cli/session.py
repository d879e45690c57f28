"""A client for one command: of a server that runs, or of one started for it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from pydantic import ValidationError

from clearing.case.finding import Finding, Severity
from clearing.cli.access import endpoint
from clearing.cli.status import Exit, Failure
from clearing.client import Client, Endpoint
from clearing.server.embedded import EmbeddedServer


@contextmanager
def connected(server: str | None, threads: int | None = None) -> Iterator[Client]:
    """A client; without `server` (HOST:PORT) an embedded server lives as long as the command. gRPC either way."""
    with serving(server, threads) as there, there.connect() as client:
        yield client


@contextmanager
def serving(server: str | None, threads: int | None = None) -> Iterator[Endpoint]:
    """Where a server is: the one named, or one embedded that lives as long as the command."""
    if server is not None:
        yield endpoint(server)
        return
    try:
        embedded = EmbeddedServer(threads=threads)
    except ValidationError as error:
        raise settings_failure(error) from None
    with embedded:
        yield Endpoint(embedded.address)


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
