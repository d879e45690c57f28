"""How a command ends: exit codes, status words, and the one exception that ends it early."""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum

from clearing.case.finding import Finding, Severity
from clearing.case.result import ClearingResult


class Exit(IntEnum):
    """Exit codes of every command (docs/errors.md).

    OK            solved and audited; valid; audit passed
    FAULT         our fault, or this machine's: INTERNAL, a disk that cannot be written
    BAD_INPUT     usage, file, case, rules or server settings that cannot be used
    NO_SOLUTION   no schedule in the budget: none found, queue full, worker lost, no server
    AUDIT_FAILED  there is a schedule, and its audit failed or did not take place
    STOPPED       the user pressed Ctrl-C
    """

    OK = 0
    FAULT = 1
    BAD_INPUT = 2
    NO_SOLUTION = 3
    AUDIT_FAILED = 4
    STOPPED = 130


class Failure(Exception):
    """Ends a command: status (UPPER_SNAKE), exit code, and findings that say why."""

    def __init__(self, status: str, exit_code: Exit, findings: Sequence[Finding]) -> None:
        self.status = status
        self.exit_code = exit_code
        self.findings = tuple(findings)
        super().__init__(status)


def failure(status: str, exit_code: Exit, message: str, path: str = "", code: str = "") -> Failure:
    """A Failure with one ERROR finding; code is the status where it has no name of its own."""
    return Failure(status, exit_code, (Finding(Severity.ERROR, code or status, path, message),))


def bad_input(code: str, message: str, path: str = "", value: str = "", limit: str = "") -> Failure:
    """A Failure about something the user gave."""
    finding = Finding(Severity.ERROR, code, path, message, value=value[:80], limit=limit)
    return Failure("INVALID", Exit.BAD_INPUT, (finding,))


def outcome(result: ClearingResult) -> tuple[str, Exit]:
    """(status, exit code) of a clearing: the reason of its end, unless the audit has the last word."""
    if result.schedule is None:
        return result.termination.reason.name, Exit.NO_SOLUTION
    if result.audit_passed is None:
        return "NOT_AUDITED", Exit.AUDIT_FAILED
    if not result.audit_passed:
        return "AUDIT_FAILED", Exit.AUDIT_FAILED
    return result.termination.reason.name, Exit.OK
