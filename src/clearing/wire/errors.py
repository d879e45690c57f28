"""The one exception with which a request is refused."""

from __future__ import annotations

from collections.abc import Sequence

from clearing.case.finding import Finding, Severity


class InvalidRequest(ValueError):
    """A request cannot be used. findings: everything that is wrong, errors first; at least one is an ERROR."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        self.findings: tuple[Finding, ...] = tuple(sorted(findings, key=lambda f: f.severity != Severity.ERROR))
        first = self.findings[0]
        super().__init__(f"{len(self.findings)} finding(s); first: {first.path}: {first.message}")
