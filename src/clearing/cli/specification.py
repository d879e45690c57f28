"""The readable models for the commands that open them (decision 0024): a checkout, or a wheel with the models."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from clearing.case.finding import Finding, Severity
from clearing.cli.status import Exit, Failure


@contextmanager
def opening() -> Iterator[None]:
    """Import of `models` within; raises Failure (MISSING_MODELS) where they are not installed."""
    try:
        yield
    except ModuleNotFoundError as error:
        message = f"{error.name} is not installed; the readable models come with the checkout and with its wheel."
        finding = Finding(Severity.ERROR, "MISSING_MODELS", "models", message)
        raise Failure("ERROR", Exit.FAULT, (finding,)) from None
