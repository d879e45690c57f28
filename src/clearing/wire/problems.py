"""Collects findings while a message is read."""

from __future__ import annotations

from google.protobuf.message import Message
from google.protobuf.unknown_fields import UnknownFieldSet

from clearing.case.finding import Finding, Severity

MOST_PER_COLUMN = 100
"""Findings kept per column, so that a column of a million wrong values costs no memory; the last one says so."""

_SHORT = 80


class Problems:
    """Findings of one decoding; formed turns False once the tables cannot be built."""

    def __init__(self) -> None:
        self.findings: list[Finding] = []
        self.formed = True

    def error(
        self,
        code: str,
        path: str,
        message: str,
        *,
        subject: str = "",
        period: int = -1,
        value: object = "",
        limit: object = "",
    ) -> None:
        """Add an ERROR; value and limit are shown as text, cut where long."""
        self.findings.append(
            Finding(
                Severity.ERROR,
                code,
                path,
                message,
                subject=short(subject),
                period=period,
                value=short(str(value)),
                limit=short(str(limit)),
            )
        )

    def fatal(self, code: str, path: str, message: str, *, value: object = "", limit: object = "") -> None:
        """Add an ERROR after which the tables cannot be built."""
        self.error(code, path, message, value=value, limit=limit)
        self.formed = False

    def add(
        self, severity: Severity, code: str, path: str, message: str, *, value: object = "", limit: object = ""
    ) -> None:
        """Add a finding of any severity."""
        self.findings.append(Finding(severity, code, path, message, value=short(str(value)), limit=short(str(limit))))

    def only(self, message: Message, path: str, understood: frozenset[str] | None = None) -> None:
        """Refuse fields that are set but not understood, and fields this server does not know at all.

        understood   names of fields that are read; None = all that the proto has
        """
        unknown = UnknownFieldSet(message)
        for number in sorted({unknown[k].field_number for k in range(len(unknown))})[:MOST_PER_COLUMN]:
            self.error("UNKNOWN_FIELD", path, f"Field number {number} is not known to this server.", value=number)
        if understood is None:
            return
        for field, value in message.ListFields():
            if field.name in understood or (isinstance(value, Message) and value.ByteSize() == 0):
                continue
            self.error(
                "UNSUPPORTED_FIELD",
                f"{path}.{field.name}",
                "This server understands the field but cannot clear it yet; it must be absent.",
            )


def short(text: str) -> str:
    """Text of a caller, cut to a length fit for a finding."""
    return text if len(text) <= _SHORT else text[: _SHORT - 1] + "…"
