"""Rules of a request that carries no case."""

from __future__ import annotations

from typing import Protocol

from clearing.case.finding import Finding
from clearing.rules.load import RulesError, load
from clearing.rules.rules import Rules
from clearing.wire.errors import InvalidRequest


class RulesAlone(Protocol):
    """A request without a case."""

    @property
    def rule_selection(self) -> tuple[str, str, dict[str, str]]:
        """Name, version, overrides."""

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Of its reading."""


def rules_alone(read: RulesAlone) -> Rules:
    """Rules of a request without a case. Raises InvalidRequest with the findings of both."""
    try:
        rules = load(*read.rule_selection)
    except RulesError as fault:
        raise InvalidRequest((*read.findings, *fault.findings)) from None
    if read.findings:
        raise InvalidRequest(read.findings)
    return rules
