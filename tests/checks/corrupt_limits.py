"""Corruptions of what limits that join units or periods say: multipliers, violations, output that breaks them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from clearing.case.result import Violation
from clearing.checks.joint import PRICED, joint
from tests.checks.corrupt import Draw, corruption
from tests.checks.corrupt_prices import _added, _change

Made = "tuple[str, ClearingResult] | None"


def _entries(draw: Draw) -> list[int]:
    table = draw.result.multipliers
    return [] if table is None else [j for j, family in enumerate(table.family) if family in PRICED]


@corruption("multiplier", "BINDING_PRICE|MULTIPLIER_SIGN")
def joint_multiplier(draw: Draw) -> Made:
    found = [family for family in PRICED if (table := draw.result.multipliers) and family in table.family]
    return _change(draw, str(draw.rng.choice(found))) if found else None


@corruption("multiplier", "BINDING_MISSING|BINDING_PRICE|STATIONARITY")
def joint_multiplier_left_out(draw: Draw) -> Made:
    table, own = draw.result.multipliers, _entries(draw)
    if table is None or not own:
        return None
    j = own[int(draw.rng.integers(len(own)))]
    kept = np.arange(len(table.family)) != j
    shorter = replace(
        table,
        family=tuple(f for k, f in enumerate(table.family) if k != j),
        subject=tuple(s for k, s in enumerate(table.subject) if k != j),
        period=table.period[kept],
        value=table.value[kept],
    )
    return table.family[j], replace(draw.result, multipliers=shorter)


@corruption("multiplier", "BINDING_MISSING")
def joint_multiplier_invented(draw: Draw) -> Made:
    """A multiplier of the right sign on a limit that has none."""
    if draw.proof is None:
        return None
    for name in draw.rng.permutation([n for n in PRICED if n in draw.proof.rows]):
        rows = draw.proof.rows[name]
        at = draw.cell(np.isfinite(rows.upper) & (draw.proof.values[name] == 0))
        if at is not None:
            return str(name), _added(draw, str(name), rows.ids[at[0]], at[1], -draw.size(10.0))
    return None


@corruption("report", "VIOLATION_AMOUNT|VIOLATION_UNKNOWN")
def joint_violation_invented(draw: Draw) -> Made:
    families = joint(draw.known)
    if not families:
        return None
    family = families[int(draw.rng.integers(len(families)))]
    at: Any = draw.cell(np.isfinite(family.upper))
    if at is None:
        return None
    size = max(1.0, float(np.abs(family.upper[at])))
    new = Violation(family.family, family.ids[at[0]], at[1], size, 1.0)
    return family.family, replace(draw.result, violations=(*draw.result.violations, new))


@corruption("report", "VIOLATION_NOT_LISTED")
def joint_violation_left_out(draw: Draw) -> Made:
    own = {f.family for f in joint(draw.known)}
    for j, entry in enumerate(draw.result.violations):
        if entry.family in own and entry.amount_mw > 1e-2:
            rest = draw.result.violations[:j] + draw.result.violations[j + 1 :]
            return f"{entry.family}/{entry.subject}", replace(draw.result, violations=rest)
    return None
