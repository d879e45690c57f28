"""`clearing serve`: run the server until SIGTERM or Ctrl-C."""

from __future__ import annotations

from typing import Annotated

import typer
from pydantic import ValidationError

from clearing.cli.ending import ending
from clearing.cli.session import settings_failure
from clearing.cli.status import Exit, failure
from clearing.server.main import serve as serve_with
from clearing.server.settings import Settings


def serve(
    listen: Annotated[str | None, typer.Option(metavar="HOST:PORT", help="Default 127.0.0.1:50051.")] = None,
    workers: Annotated[int | None, typer.Option(min=1, help="Solves at the same time, each a process.")] = None,
    threads: Annotated[
        int | None, typer.Option(min=0, help="Solver threads of a worker; 0 = cores // workers.")
    ] = None,
    queue_length: Annotated[int | None, typer.Option(min=0, help="Runs that may wait for a worker.")] = None,
    budget_seconds: Annotated[
        float | None, typer.Option(min=0.001, help="Search budget where a request has none.")
    ] = None,
    metrics_port: Annotated[int | None, typer.Option(min=0, max=65535, help="Prometheus on loopback.")] = None,
    tls_certificate: Annotated[str | None, typer.Option(metavar="PEM", help="Certificate of the server.")] = None,
    tls_key: Annotated[str | None, typer.Option(metavar="PEM", help="Key of the server.")] = None,
    tls_client_ca: Annotated[
        str | None, typer.Option(metavar="PEM", help="Callers must show a certificate of it.")
    ] = None,
    log_level: Annotated[str | None, typer.Option(help="debug, info, warning or error.")] = None,
) -> None:
    """Serve until SIGTERM or Ctrl-C, then drain. Options not given come from the environment (CLEARING_…)."""
    given = {
        "listen": listen,
        "workers": workers,
        "threads": threads,
        "queue_length": queue_length,
        "budget_seconds": budget_seconds,
        "metrics_port": metrics_port,
        "tls_certificate": tls_certificate,
        "tls_key": tls_key,
        "tls_client_ca": tls_client_ca,
        "log_level": log_level,
    }
    with ending(as_json=False):
        try:
            settings = Settings.model_validate({key: value for key, value in given.items() if value is not None})
        except ValidationError as error:
            raise settings_failure(error) from None
        try:
            serve_with(settings)
        except RuntimeError as error:
            # The port is taken, or not this machine's.
            raise failure("ERROR", Exit.FAULT, str(error), path=settings.listen, code="NOT_STARTED") from error
