"""The system: horizon, what it may state at its level, and the notes of a reading."""

from __future__ import annotations

from pathlib import Path

from clearing.formats.egret.contingencies import COST
from clearing.formats.egret.fields import Source, only, stated
from clearing.formats.egret.products import KEYS, SYSTEM_PENALTIES
from clearing.formats.findings import Problems
from clearing.formats.json_fields import JsonObject, load

MOST_PERIODS = 10_000
READ = (
    *("time_keys", "time_period_length_minutes", "baseMVA", "reserve_requirement", "reserve_shortfall_cost"),
    *("load_mismatch_cost", "reserve_ramping_constraints", "reference_bus", "reference_bus_angle"),
)
WITHOUT_EFFECT = ("name", "timestamps", "version", "q_load_mismatch_cost", "frequency")
FLOW_PENALTIES = ("transmission_flow_violation_cost", "interface_flow_violation_cost", COST)
KINDS = (
    *("bus", "branch", "interface", "generator", "load", "zone", "area", "security_constraint", "storage"),
    *("dc_branch", "contingency"),
)


def open_source(path: Path, problems: Problems) -> Source:
    """The file's root objects and horizon; FormatError where those are missing."""
    root = load(path, problems)
    only(root, ("system", "elements"))
    system, elements = (_root(root, key) for key in ("system", "elements"))
    keys = system.fields.get("time_keys")
    if not isinstance(keys, list) or not 0 < len(keys) <= MOST_PERIODS:
        problems.add("WRONG_TYPE", f"{system.path}.time_keys", "A list of periods is needed.", limit=str(MOST_PERIODS))
    length = system.whole("time_period_length_minutes", 1, 60)
    problems.stop()
    assert isinstance(keys, list)
    return Source(system, elements, len(keys), length)


def _root(root: JsonObject, key: str) -> JsonObject:
    value = root.fields.get(key)
    if not isinstance(value, dict):
        root.problems.add("WRONG_TYPE", f"{root.path}.{key}", "An object is needed.", value=type(value).__name__)
        value = {}
    return JsonObject(value, f"{root.path}.{key}", root.problems)


def check_all_read(source: Source) -> None:
    """Refuse kinds of elements without a reader, and fields of the system, of zones and of areas that are not known."""
    for kind in sorted(set(source.elements.fields) - set(KINDS)):
        if source.elements.fields[kind]:
            source.elements.problems.add(
                "FIELD_NOT_READ", f"{source.elements.path}.{kind}", "The reader has no place for such elements."
            )
    only(source.system, (*READ, *KEYS.values(), *SYSTEM_PENALTIES, *FLOW_PENALTIES), WITHOUT_EFFECT)
    for kind in ("zone", "area"):
        for _, row in source.kind(kind):
            only(row, KEYS.values(), ("name", "id"))


def notes(source: Source) -> list[str]:
    """What a case has no field for and the rule set decides."""
    found = []
    if stated(source.system, "load_mismatch_cost"):
        cost = source.system.number("load_mismatch_cost", 0.0)
        found.append(f"load_mismatch_cost {cost:g}: load not served costs what the rule set says, not this.")
    out = [
        name
        for kind in ("generator", "load")
        for name, row in source.kind(kind)
        if row.fields.get("in_service") is False
    ]
    if out:
        found.append(f"Out of service and left out: {', '.join(out)}.")
    return found
