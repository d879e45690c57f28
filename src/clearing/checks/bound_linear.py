"""What multipliers of linear limits are worth in a bound: at buses, and for the resources they weigh."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from clearing.case.arrays import Floats
from clearing.case.case import Case
from clearing.checks.bound_sides import soft_each
from clearing.checks.electrical import Electrical, shift_flows, weighted_sensitivities
from clearing.rules.rules import Rules, Steps


@dataclass(frozen=True, slots=True)
class Weighed:
    """Worth of a MW into a bus (K, T), of a unit (N, T), a site (R, T), a store, out less in (G, T), money; total:
    limits, what is driven by phase shifts, and penalties, money."""

    bus: Floats
    unit: Floats
    site: Floats
    store: Floats
    total: float


def linear(case: Case, rules: Rules, grid: Electrical, value: Floats) -> Weighed:
    """Worth of multipliers (C, T) of min ≤ Σ weight · MW ≤ max."""
    table, periods, hours = case.linear_limits, case.horizon.periods, case.horizon.hours
    of = {
        term: _weights(case, term, rows)
        for term, rows in (
            ("unit", len(case.units.id)),
            ("renewable", len(case.renewables.id)),
            ("storage", len(case.storage.id)),
            ("bus", len(case.network.bus_id)),
            ("branch", len(case.network.branch_id)),
        )
    }
    worth = {term: weight.T @ value for term, weight in of.items()}
    if not table.id:
        return Weighed(worth["bus"], worth["unit"], worth["renewable"], worth["storage"], 0.0)
    by_branch = sparse.csr_array(of["branch"])
    flows, _ = weighted_sensitivities(grid, by_branch, value)
    steps: list[Steps] = [
        ((np.inf, price),) if price >= 0.0 else rules.clearing_penalties.joint_limit
        for price in table.price_per_mwh.tolist()
    ]
    shape = (len(table.id), periods)
    total = soft_each(value, table.min_mw.reshape(shape), table.max_mw.reshape(shape), steps, hours)
    total -= float((value * (by_branch @ shift_flows(grid))).sum())
    total -= float((worth["renewable"] * case.renewables.min_mw).sum())
    return Weighed(worth["bus"] + flows, worth["unit"], worth["renewable"], worth["storage"], total)


def _weights(case: Case, term: str, rows: int) -> Floats:
    """Weights (C, rows) of one kind of term."""
    table = case.linear_limits
    found = np.zeros((len(table.id), rows))
    columns = (getattr(table, name).tolist() for name in (f"{term}_limit", term, f"{term}_coefficient"))
    for limit, row, factor in zip(*columns, strict=True):
        found[limit, row] += factor
    return found
