"""What is wrong, or worth knowing, about an input or a schedule."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum


class Severity(IntEnum):
    """Errors refuse a request; warnings and notes travel with the answer. Numbers equal the proto enum."""

    UNSPECIFIED = 0
    ERROR = 1
    WARNING = 2
    NOTE = 3


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding.

    severity   see Severity
    code       UPPER_SNAKE name from docs/errors.md (e.g. UNKNOWN_BUS, P_MIN_ABOVE_P_MAX, BALANCE)
    path       field path in the request (`case.units.p_min_mw[3]`) or family/subject for a schedule
    subject    id of the unit, bus … ('' = the whole)
    period     0-based period index, −1 = all or none
    value      the offending value as text
    limit      what it must be, as text
    message    one English sentence; never holds offers of somebody else
    clause     clause of a rule, '' = none
    """

    severity: Severity
    code: str
    path: str
    message: str
    subject: str = ""
    period: int = -1
    value: str = ""
    limit: str = ""
    clause: str = ""
