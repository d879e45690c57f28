"""`key=value` arguments, and the rule set that they are of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from clearing.case.finding import Finding, Severity
from clearing.cli.status import Exit, Failure


def pairs(given: Sequence[str], option: str) -> dict[str, str]:
    """{key: value} of repeated `key=value` options; raises Failure naming every one that is not, or comes twice."""
    found: dict[str, str] = {}
    findings: list[Finding] = []
    for text in given:
        key, separator, value = text.partition("=")
        if not separator or not key.strip():
            message = f"{option} takes key=value."
            findings.append(Finding(Severity.ERROR, "USAGE", option, message, value=text[:80], limit="key=value"))
        elif key.strip() in found:
            message = f"{option} names this key twice."
            findings.append(Finding(Severity.ERROR, "USAGE", option, message, subject=key.strip(), value=text[:80]))
        else:
            found[key.strip()] = value.strip()
    if findings:
        raise Failure("INVALID", Exit.BAD_INPUT, findings)
    return found


def rule_set(rules: str, overrides: Mapping[str, str], otherwise: str) -> tuple[str, str]:
    """Name and version of NAME[@VERSION]; overrides where no rules are named are of the rule set `otherwise`."""
    name, _, version = (rules or (otherwise if overrides else "")).partition("@")
    return name, version
