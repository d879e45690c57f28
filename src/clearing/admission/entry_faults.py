"""What is wrong with an application, as one row; words of kinds and days."""

from __future__ import annotations

from dataclasses import dataclass

from clearing.admission.entry_tables import Units
from clearing.case.finding import Severity
from clearing.rules.entry_rules import KINDS, EntryRules


@dataclass(frozen=True, slots=True)
class Fault:
    """code, path without its row, row (−1: none), setting that it comes from, message, figure, limit."""

    code: str
    path: str
    row: int
    setting: str
    message: str
    value: str = ""
    limit: str = ""
    severity: Severity = Severity.ERROR


def blank(column: str, row: int, setting: str, rules: EntryRules) -> Fault:
    """NOT_STATED: a blank that a rule needs."""
    severity = Severity.ERROR if rules.not_stated == "refused" else Severity.WARNING
    return Fault("NOT_STATED", f"units.{column}", row, setting, "A rule needs it, and it is blank.", severity=severity)


def kind_name(units: Units, row: int) -> str:
    """Kind as in the settings; '' = not stated."""
    kind = int(units.kind[row])
    return KINDS[kind - 1] if kind else ""
