"""The one place where exceptions become output and exit codes."""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from contextlib import contextmanager

import typer

from clearing.cli.output import emit, errors, finding_objects, show_findings
from clearing.cli.status import Exit, Failure, bad_input, failure
from clearing.client import (
    ClearingError,
    InvalidCase,
    NotAllowed,
    OutOfTime,
    ServerBusy,
    ServerFault,
    ServerUnavailable,
)
from clearing.formats import FormatError
from clearing.rules.load import RulesError

CALLS: dict[type[ClearingError], tuple[str, Exit]] = {
    ServerBusy: ("RESOURCE_EXHAUSTED", Exit.NO_SOLUTION),
    OutOfTime: ("DEADLINE_EXCEEDED", Exit.NO_SOLUTION),
    ServerUnavailable: ("UNAVAILABLE", Exit.NO_SOLUTION),
    NotAllowed: ("NOT_ALLOWED", Exit.BAD_INPUT),
    ServerFault: ("INTERNAL", Exit.FAULT),
    ClearingError: ("ERROR", Exit.FAULT),
}
"""How a call that brought no answer ends; the base class comes last."""

NO_PLACE = (FileNotFoundError, NotADirectoryError, IsADirectoryError)
"""A path to write to that is none: a folder is missing on the way, or a folder stands there. What is read is looked for
before it is opened, so that these come from writing."""


@contextmanager
def ending(as_json: bool) -> Iterator[None]:
    """Run a command's body; whatever goes wrong is printed once, as JSON or for people, and ends it with its code."""
    try:
        yield
    except typer.Exit:
        raise
    except KeyboardInterrupt:
        _end(failure("INTERRUPTED", Exit.STOPPED, "Stopped by the user."), as_json)
    except Exception as error:
        _end(as_failure(error), as_json)


def as_failure(error: Exception) -> Failure:
    """The way a command ends for an exception; one that nobody foresaw also leaves its traceback on stderr."""
    if isinstance(error, Failure):
        return error
    if isinstance(error, FormatError | RulesError | InvalidCase):
        return _invalid(error)
    for kind, (status, code) in CALLS.items():
        if isinstance(error, kind):
            return failure(status, code, _said(error))
    if isinstance(error, NO_PLACE):
        where = error.filename if isinstance(error.filename, str) else ""
        return bad_input("OUT_NOT_USABLE", error.strerror or str(error), path="--out", value=where)
    if isinstance(error, OSError):
        name = error.filename if isinstance(error.filename, str) else ""
        return failure("ERROR", Exit.FAULT, error.strerror or str(error), path=name, code="IO")
    traceback.print_exception(error)
    return failure("ERROR", Exit.FAULT, f"{type(error).__name__}: {error}", code="FAULT")


def _invalid(error: FormatError | RulesError | InvalidCase) -> Failure:
    if not error.findings:
        return failure("INVALID", Exit.BAD_INPUT, str(error), code="INVALID_ARGUMENT")
    return Failure("INVALID", Exit.BAD_INPUT, error.findings)


def _said(error: Exception) -> str:
    request_id = getattr(error, "request_id", "")
    return f"{error} (request {request_id})" if request_id else str(error)


def _end(failed: Failure, as_json: bool) -> None:
    if as_json:
        emit({"status": failed.status, "findings": finding_objects(failed.findings)})
    else:
        console = errors()
        console.print(f"[bold red]{failed.status}[/]")
        show_findings(console, failed.findings)
    raise typer.Exit(failed.exit_code)
