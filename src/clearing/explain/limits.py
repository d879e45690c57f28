"""Limits that bind, with what a MW of each would have saved, ranked by rent."""

from __future__ import annotations

from collections import defaultdict

import numpy as np

from clearing.case.arrays import Floats
from clearing.case.case import Case
from clearing.case.explanations import LimitRents
from clearing.case.prices import Multipliers
from clearing.case.result import Binding, ClearingResult
from clearing.formulation.awards import online_pairs

OWN = ("ramp_up", "ramp_down", "award_cap", "virtual_ramp")
"""Limits of single resources that stand in the certificate only. Room for awards (headroom) is left out: its multiplier
is what capacity earns, no limit anybody would move."""


def limit_rents(case: Case, result: ClearingResult) -> LimitRents:
    """One row a limit and side, over all periods in which it binds."""
    groups: dict[tuple[str, str, str], list[Binding]] = defaultdict(list)
    for row in (*result.bindings, *_own(case, result.multipliers)):
        if row.shadow_price > 0.0:
            groups[row.family, row.subject, row.side].append(row)
    hours = case.horizon.hours
    per_mw = {key: hours * sum(b.shadow_price for b in rows) for key, rows in groups.items()}
    rent = {key: hours * sum(b.shadow_price * abs(b.limit_mw) for b in rows) for key, rows in groups.items()}
    ranked = sorted(groups, key=lambda key: (-rent[key], -per_mw[key], key))
    worst = [max(groups[key], key=lambda b: b.shadow_price) for key in ranked]
    return LimitRents(
        family=tuple(key[0] for key in ranked),
        subject=tuple(key[1] for key in ranked),
        side=tuple(key[2] for key in ranked),
        periods=np.array([len(groups[key]) for key in ranked], dtype=np.int64),
        worst_period=np.array([b.period for b in worst], dtype=np.int64),
        limit=np.array([b.limit_mw for b in worst], dtype=np.float64),
        greatest_price=np.array([b.shadow_price for b in worst], dtype=np.float64),
        cost_per_mw=np.array([per_mw[key] for key in ranked], dtype=np.float64),
        rent=np.array([rent[key] for key in ranked], dtype=np.float64),
    )


def _own(case: Case, multipliers: Multipliers | None) -> list[Binding]:
    """Ramps of units and virtual plants, and caps of awards, as bindings."""
    if multipliers is None:
        return []
    limit = _own_limits(case)
    rows = zip(multipliers.family, multipliers.subject, multipliers.period.tolist(), multipliers.value, strict=True)
    return [
        Binding(family, subject, t, "max", limit[family, subject], abs(float(value)))
        for family, subject, t, value in rows
        if family in OWN and (family, subject) in limit
    ]


def _own_limits(case: Case) -> dict[tuple[str, str], float]:
    """MW of change in a period, or of an award, by family and subject."""
    units, plants, minutes = case.units, case.virtual_plants, case.horizon.period_minutes
    found: dict[tuple[str, str], float] = {}

    def note(family: str, ids: tuple[str, ...], values: Floats) -> None:
        found.update({(family, name): float(v) for name, v in zip(ids, values, strict=True) if np.isfinite(v)})

    note("ramp_up", units.id, units.ramp_up_mw_per_minute * minutes)
    note("ramp_down", units.id, units.ramp_down_mw_per_minute * minutes)
    note("virtual_ramp", plants.id, plants.ramp_mw_per_minute * minutes)
    product, unit, cap_mw = online_pairs(case)
    pairs = tuple(f"{units.id[i]}|{case.reserves.product_id[q]}" for i, q in zip(unit, product, strict=True))
    note("award_cap", pairs, cap_mw)
    return found
