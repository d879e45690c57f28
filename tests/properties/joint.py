"""Tables that weigh or price what other tables hold, after those have moved, grown or been cut."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from clearing.case.case import Case


def of_units(case: Case, where: np.ndarray) -> dict[str, Any]:
    """Tables that name units, where unit i is now in row where[i]."""
    limits, terms, bands = case.linear_limits, case.award_terms, case.regulation_bands
    return {
        "linear_limits": replace(limits, unit=where[limits.unit]),
        "award_terms": replace(terms, offline_unit=where[terms.offline_unit]),
        "regulation_bands": replace(bands, unit=where[bands.unit]),
    }


def of_buses(case: Case, where: np.ndarray) -> dict[str, Any]:
    """The same of buses."""
    return {"linear_limits": replace(case.linear_limits, bus=where[case.linear_limits.bus])}


def of_branches(case: Case, where: np.ndarray, turned: np.ndarray) -> dict[str, Any]:
    """The same of branches; turned (L): rows that now run the other way."""
    limits, own = case.linear_limits, case.flow_penalties
    branch = where[limits.branch]
    sign = np.where(turned[branch], -1.0, 1.0)
    return {
        "linear_limits": replace(limits, branch=branch, branch_coefficient=limits.branch_coefficient * sign),
        "flow_penalties": replace(own, branch=where[own.branch]),
    }


def dearer(case: Case, k: float) -> dict[str, Any]:
    """Prices of their own times k."""
    limits, own = case.linear_limits, case.flow_penalties
    price = limits.price_per_mwh
    return {
        "linear_limits": replace(limits, price_per_mwh=np.where(price >= 0.0, price * k, price)),
        "flow_penalties": replace(
            own,
            branch_price_per_mwh=own.branch_price_per_mwh * k,
            interface_price_per_mwh=own.interface_price_per_mwh * k,
        ),
        "regulation_bands": costlier_bands(case, k),
    }


def costlier_bands(case: Case, k: float) -> Any:
    """Bands whose regulating costs k times as much."""
    return replace(case.regulation_bands, cost_per_hour=case.regulation_bands.cost_per_hour * k)


def windows_grown(case: Case, k: float) -> Any:
    """Limits of windows of branches times k."""
    table = case.network.branch_limit_windows
    return replace(table, limit_mw=table.limit_mw * k, emergency_limit_mw=table.emergency_limit_mw * k)


def windows_cut(case: Case, parts: int) -> dict[str, Any]:
    """Windows of branches, each period cut into parts."""
    found = {}
    for name in ("branch_outages", "branch_limit_windows"):
        table = getattr(case.network, name)
        first, last = table.first_period * parts, (table.last_period + 1) * parts - 1
        found[name] = replace(table, first_period=first, last_period=last)
    return found
