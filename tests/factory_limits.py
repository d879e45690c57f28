"""Short rows → limits that join units or periods, for tests.factory."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from clearing.case.energy_limits import NO_CYCLES, NO_WINDOWS, EnergyWindows, StorageCycles
from clearing.case.linear_limits import NO_LINEAR_LIMITS, LinearLimits
from clearing.case.unit_groups import NO_GROUPS, UnitGroups

Row = dict[str, Any]


def tables(
    units: Sequence[Row], storage: Sequence[Row], groups: Sequence[Row], windows: Sequence[Row], periods: int
) -> dict[str, Any]:
    """Fields of Case."""
    unit = [r["id"] for r in units]
    members = [(j, unit.index(name)) for j, row in enumerate(groups) for name in row.get("units", ())]
    limited = [(g, float(row["cycles"])) for g, row in enumerate(storage) if "cycles" in row]

    def series(key: str, default: float) -> Any:
        return np.array([np.broadcast_to(np.asarray(r.get(key, default), float), (periods,)) for r in groups])

    def column(key: str, default: float) -> Any:
        return np.array([float(r.get(key, default)) for r in windows])

    return {
        "unit_groups": UnitGroups(
            id=tuple(r["id"] for r in groups),
            member_group=np.array([m[0] for m in members], dtype=np.int64),
            member_unit=np.array([m[1] for m in members], dtype=np.int64),
            min_mw=series("min", -np.inf),
            max_mw=series("max", np.inf),
            min_on=series("min_on", 0).astype(np.int64),
            max_on=series("max_on", -1).astype(np.int64),
        )
        if groups
        else NO_GROUPS,
        "energy_windows": EnergyWindows(
            unit=np.array([unit.index(r["unit"]) for r in windows], dtype=np.int64),
            first_period=column("first", 0).astype(np.int64),
            last_period=column("last", periods - 1).astype(np.int64),
            min_mwh=column("min", 0.0),
            max_mwh=column("max", np.inf),
        )
        if windows
        else NO_WINDOWS,
        "storage_cycles": StorageCycles(
            np.array([c[0] for c in limited], dtype=np.int64), np.array([c[1] for c in limited])
        )
        if limited
        else NO_CYCLES,
    }


def linear_limits(rows: Sequence[Row], ids: dict[str, Sequence[str]], periods: int) -> LinearLimits:
    """Rows: id, min, max (MW), penalty (money per MWh; none: the rule set's), and any of units, renewables, storage,
    buses, branches = {id: coefficient}. ids: names of what each kind of term weighs."""
    if not rows:
        return NO_LINEAR_LIMITS
    plural = {"unit": "units", "renewable": "renewables", "storage": "storage", "bus": "buses", "branch": "branches"}
    terms: dict[str, Any] = {}
    for term, key in plural.items():
        found = [
            (c, list(ids[term]).index(name), float(f)) for c, r in enumerate(rows) for name, f in r.get(key, {}).items()
        ]
        terms[f"{term}_limit"] = np.array([f[0] for f in found], dtype=np.int64)
        terms[term] = np.array([f[1] for f in found], dtype=np.int64)
        terms[f"{term}_coefficient"] = np.array([f[2] for f in found])

    def series(key: str, default: float) -> Any:
        return np.array([np.broadcast_to(np.asarray(r.get(key, default), float), (periods,)) for r in rows])

    price = np.array([float(r.get("penalty", -1.0)) for r in rows])
    return LinearLimits(tuple(r["id"] for r in rows), series("min", -np.inf), series("max", np.inf), price, **terms)
