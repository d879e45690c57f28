"""The list of binding limits: each at its limit, with the multiplier of its row as shadow price."""

from __future__ import annotations

import numpy as np

from clearing.case.arrays import Floats
from clearing.case.finding import Finding, Severity
from clearing.case.result import Binding
from clearing.checks.finding import RELATIVE, first_few
from clearing.checks.joint import PRICED
from clearing.checks.rows import Rows

LISTED = ("branch", "interface", "contingency", "contingency_interface", "product", "regulation_speed", *PRICED)
"""Families whose binding limits must be listed."""


def bindings(
    listed: tuple[Binding, ...], rows: dict[str, Rows], values: dict[str, Floats] | None, at_limit: bool
) -> list[Finding]:
    """Judge every entry, and look for what is missing.

    values: multipliers by family, None where the result has none (then only limits are judged). at_limit: False
    where the prices belong to another dispatch, so that the schedule need not stand at the limit.
    """
    found: list[Finding] = []
    seen: dict[str, set[tuple[int, int]]] = {name: set() for name in rows}
    place = {name: {subject: i for i, subject in enumerate(family.ids)} for name, family in rows.items()}
    for entry in listed:
        row = place.get(entry.family, {}).get(entry.subject, -1)
        family = rows.get(entry.family)
        if (
            family is None
            or row < 0
            or not 0 <= entry.period < family.activity.shape[1]
            or entry.side not in ("max", "min")
        ):
            found.append(_error("BINDING_UNKNOWN", entry, "has an unknown family, subject, period or side"))
            continue
        cell = (row, entry.period)
        if cell in seen[entry.family]:
            found.append(_error("BINDING_UNKNOWN", entry, "stands twice"))
        seen[entry.family].add(cell)
        found += _one(entry, family, cell, None if values is None else values[entry.family], at_limit)
    if values is not None:
        found += _missing(rows, values, seen)
    return first_few(found)


def _one(entry: Binding, family: Rows, cell: tuple[int, int], value: Floats | None, at_limit: bool) -> list[Finding]:
    top = entry.side == "max"
    limit = float((family.upper if top else family.lower)[cell])
    activity, near = float(family.activity[cell]), float(family.near[cell])
    found: list[Finding] = []
    if not abs(entry.limit_mw - limit) <= max(near, RELATIVE * abs(limit) if np.isfinite(limit) else near):
        found.append(_error("BINDING_LIMIT", entry, f"names a limit of {entry.limit_mw:.9g}, it is {limit:.9g}"))
    distance = limit - activity if top else activity - limit
    if at_limit and abs(entry.shadow_price) > RELATIVE and not distance <= near:
        found.append(_error("BINDING_SLACK", entry, f"does not bind: {distance:.6g} MW are left"))
    if value is not None:
        shadow = float(-value[cell] if top else value[cell])
        if not abs(entry.shadow_price - shadow) <= RELATIVE * max(1.0, abs(shadow)):
            text = f"names a shadow price of {entry.shadow_price:.9g}, its multiplier gives {shadow:.9g}"
            found.append(_error("BINDING_PRICE", entry, text))
    elif entry.shadow_price < 0:
        found.append(_error("BINDING_PRICE", entry, "names a negative shadow price"))
    return found


def _missing(rows: dict[str, Rows], values: dict[str, Floats], seen: dict[str, set[tuple[int, int]]]) -> list[Finding]:
    found: list[Finding] = []
    for name in (name for name in LISTED if name in rows):
        for row, period in np.argwhere(np.abs(values[name]) > RELATIVE):
            if (int(row), int(period)) not in seen[name]:
                subject = rows[name].ids[row]
                entry = Binding(name, subject, int(period), "max", 0.0, 0.0)
                found.append(_error("BINDING_MISSING", entry, "has a multiplier but is not listed"))
    return found


def _error(code: str, entry: Binding, text: str) -> Finding:
    return Finding(
        severity=Severity.ERROR,
        code=code,
        path=f"{entry.family}/{entry.subject}",
        message=f"Binding limit of {entry.subject} in period {entry.period} {text}.",
        subject=entry.subject,
        period=entry.period,
        value=f"{entry.shadow_price:.9g}",
        limit=f"{entry.limit_mw:.9g}",
    )
