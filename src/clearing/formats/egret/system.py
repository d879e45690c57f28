"""The system: horizon, reserve requirement, and everything else that Egret may ask for at its level."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from clearing.case import empty
from clearing.case.reserve_demand import NO_DEMAND, ReserveDemand
from clearing.case.reserves import Direction, Reserves
from clearing.formats.egret.fields import Source, only, stated, values
from clearing.formats.findings import Problems
from clearing.formats.json_fields import JsonObject, load

PRODUCT = "spinning"
MOST_PERIODS = 10_000
READ = (
    *("time_keys", "time_period_length_minutes", "baseMVA", "reserve_requirement", "reserve_shortfall_cost"),
    *("load_mismatch_cost", "reserve_ramping_constraints", "reference_bus", "reference_bus_angle"),
)
WITHOUT_EFFECT = ("name", "timestamps", "version", "q_load_mismatch_cost", "frequency")
OTHER_PRODUCTS = (
    *("spinning_reserve", "non_spinning_reserve", "regulation_up", "regulation_down", "flexible_ramp_up"),
    *("flexible_ramp_down", "supplemental_reserve"),
)
KINDS = ("bus", "branch", "interface", "generator", "load", "zone", "area")
SHORTFALL_COST = "reserve_shortfall_cost"


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
    """Refuse kinds of elements without a reader, and reserve products other than the one requirement."""
    for kind in sorted(set(source.elements.fields) - set(KINDS)):
        if source.elements.fields[kind]:
            source.elements.problems.add(
                "FIELD_NOT_READ", f"{source.elements.path}.{kind}", "The reader has no place for such elements."
            )
    products = tuple(f"{p}_requirement" for p in OTHER_PRODUCTS)
    prices = tuple(f"{p}_penalty_price" for p in OTHER_PRODUCTS)
    only(source.system, READ, (*WITHOUT_EFFECT, *products, *prices))
    for row in (source.system, *(r for kind in ("zone", "area") for _, r in source.kind(kind))):
        if row is not source.system:
            only(row, (), (*products, *prices, "name", "id"))
        for key in products:
            if any(v not in (None, 0, 0.0) for v in values(row, key, source.periods)):
                row.problems.add("FIELD_NOT_READ", f"{row.path}.{key}", "This reserve product is not read.")


def reserves(source: Source, buses: int, units: int) -> tuple[Reserves, ReserveDemand]:
    """The spinning requirement, and what its shortfall costs; Egret's default cost is no price but a penalty."""
    if not stated(source.system, "reserve_requirement"):
        return empty.no_reserves(buses, units, source.periods), NO_DEMAND
    required = source.series(source.system, "reserve_requirement", 0.0)
    if not np.any(required > 0.0):
        return empty.no_reserves(buses, units, source.periods), NO_DEMAND
    table = Reserves(
        product_id=(PRODUCT,),
        direction=np.array([Direction.UP], dtype=np.int64),
        response_minutes=np.array([np.inf]),
        covers_bus=np.ones((1, buses), dtype=np.bool_),
        unit_max_mw=np.full((1, units), np.inf),
        requirement_mw=required[None, :],
    )
    if not stated(source.system, SHORTFALL_COST):
        return table, NO_DEMAND
    price = source.system.number(SHORTFALL_COST, 0.0)
    return table, ReserveDemand(np.zeros(1, dtype=np.int64), np.array([np.inf]), np.array([price]))


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
