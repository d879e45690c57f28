"""A rule set as its TOML file states it: every entry with value, unit, clause and reading."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

from clearing.case.finding import Finding, Severity
from clearing.rules.schema import READ
from clearing.rules.setting import BadValueError, Kind, OutOfRangeError, Setting, Value, convert, text

_FIELDS = {"value", "unit", "clause", "note", "used_by", "range", "choices"}


class RulesError(ValueError):
    """A rule set or an override cannot be used. findings: all problems at once."""

    def __init__(self, findings: tuple[Finding, ...]) -> None:
        super().__init__("; ".join(f"{f.path}: {f.message}" for f in findings))
        self.findings = findings


@dataclass(frozen=True, slots=True)
class Entry:
    """One setting of a rule set.

    unit       unit of the value, 1 = a plain number, '' = a word
    clause     where the value comes from: source and number in it, or 'project default'
    note       the project's reading of it
    used_by    what reads it; 'not read yet' = echoed only
    """

    key: str
    value: Value
    unit: str
    clause: str
    note: str
    used_by: str
    setting: Setting


@dataclass(frozen=True, slots=True)
class RuleSet:
    """A rule set without overrides; entries in the order of its file.

    extends: name of the rule set whose entries hold where this one states none ('' = it states all).
    """

    name: str
    version: str
    title: str
    entries: tuple[Entry, ...]
    extends: str = ""


def finding(code: str, path: str, message: str, subject: str = "", value: str = "", limit: str = "") -> Finding:
    """An ERROR about a rule set or override; long values are cut."""
    short = value if len(value) <= 80 else value[:77] + "…"
    return Finding(Severity.ERROR, code, path, message, subject=subject, value=short, limit=limit)


@lru_cache(maxsize=1)
def packaged() -> tuple[RuleSet, ...]:
    """All rule sets of this package, by name then version. Raises RulesError where a file is wrong."""
    files = [f for f in resources.files("clearing.rules").iterdir() if f.name.endswith(".toml")]
    waiting = [f.read_text(encoding="utf-8") for f in files]
    known: dict[str, RuleSet] = {}
    sets: list[RuleSet] = []
    while waiting:
        ready = [toml for toml in waiting if _base(toml) in {"", *known}]
        for toml in ready or waiting[:1]:  # a base that never comes is a finding of `read`
            sets.append(read(toml, known))
            waiting.remove(toml)
        known = {s.name: s for s in sorted(sets, key=lambda s: s.version)}
    return tuple(sorted(sets, key=lambda s: (s.name, s.version)))


def _base(toml: str) -> str:
    """Name of the rule set that a text builds on; '' where it is none, or no TOML."""
    try:
        return str(tomllib.loads(toml).get("extends", ""))
    except tomllib.TOMLDecodeError:
        return ""


def read(toml: str, known: Mapping[str, RuleSet] | None = None) -> RuleSet:
    """Rule set of a TOML text; known: rule sets it may extend, by name.

    Raises RulesError with every wrong, missing or unreadable entry.
    """
    try:
        document = tomllib.loads(toml)
    except tomllib.TOMLDecodeError as error:
        raise RulesError((finding("BAD_RULE_SET", "rules", f"not TOML: {error}"),)) from error
    findings: list[Finding] = []
    extends = str(document.pop("extends", ""))
    base = (known or {}).get(extends)
    if extends and base is None:
        findings.append(finding("BAD_RULE_SET", "rules.extends", "there is no such rule set", value=extends))
    head = {key: document.pop(key, None) for key in ("name", "version", "title")}
    findings += [
        finding("BAD_RULE_SET", f"rules.{key}", f"a rule set states its {key}")
        for key, given in head.items()
        if not isinstance(given, str) or not given
    ]
    entries = []
    for key, leaf in _leaves(document, "", findings):
        entry = _entry(key, leaf, findings)
        if entry is not None:
            entries.append(entry)
    own = {entry.key for entry in entries}
    entries += [entry for entry in (base.entries if base else ()) if entry.key not in own]
    stated = {entry.key for entry in entries} | {f.subject for f in findings}
    findings += [
        finding("MISSING_RULE", f"rules.{key}", f"the rule set does not state {key}", key)
        for key in READ
        if key not in stated
    ]
    if findings:
        raise RulesError(tuple(findings))
    return RuleSet(str(head["name"]), str(head["version"]), str(head["title"]), tuple(entries), extends)


def _leaves(table: dict[str, object], prefix: str, findings: list[Finding]) -> list[tuple[str, dict[str, object]]]:
    leaves: list[tuple[str, dict[str, object]]] = []
    for name, child in table.items():
        key = prefix + name
        if not isinstance(child, dict):
            findings.append(finding("BAD_RULE_SET", f"rules.{key}", "a setting is a table with value, unit and clause"))
        elif "value" in child:
            leaves.append((key, child))
        else:
            leaves += _leaves(child, key + ".", findings)
    return leaves


def _entry(key: str, leaf: dict[str, object], findings: list[Finding]) -> Entry | None:
    path = f"rules.{key}"
    for name in sorted(set(leaf) - _FIELDS):
        findings.append(finding("BAD_RULE_SET", path, f"{name} is not a field of a setting", key))
    words = {name: leaf.get(name, "") for name in ("unit", "clause", "note", "used_by")}
    if not all(isinstance(word, str) for word in words.values()) or not words["clause"] or not words["used_by"]:
        message = "unit, clause, note and used_by are texts; clause and used_by are not empty"
        findings.append(finding("BAD_RULE_SET", path, message, key))
        return None
    try:
        setting = READ.get(key) or _setting(leaf)
        value = convert(leaf["value"], setting)
    except (BadValueError, OutOfRangeError) as error:
        findings.append(finding("BAD_RULE_SET", path, str(error), key, str(leaf["value"])))
        return None
    unit, clause, note, used_by = (str(word) for word in words.values())
    return Entry(key, value, unit, clause, note, used_by, setting)


def _setting(leaf: dict[str, object]) -> Setting:
    """Limits of a setting that no code reads: they stand in the file beside the value."""
    choices, limits = leaf.get("choices"), leaf.get("range")
    if isinstance(choices, list):
        kind = Kind.NAMES if isinstance(leaf["value"], list) else Kind.CHOICE
        return Setting(kind, choices=tuple(str(c) for c in choices))
    if not isinstance(limits, list) or len(limits) != 2 or not all(isinstance(x, int | float) for x in limits):
        raise BadValueError("a setting that no code reads states its range = [low, high] or its choices")
    low, high = float(limits[0]), float(limits[1])
    if not low <= high or math.isinf(low) or math.isinf(high):
        raise BadValueError(f"range [{text(low)}, {text(high)}] is not finite and rising")
    return Setting(Kind.WHOLE if isinstance(leaf["value"], int) else Kind.NUMBER, low, high)
