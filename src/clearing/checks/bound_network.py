"""What multipliers of branches and interfaces, also after contingencies, are worth, by the auditor's flows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from clearing.case.arrays import Floats
from clearing.case.bound_proof import NETWORK
from clearing.case.case import Case
from clearing.checks.bound_sides import soft_each
from clearing.checks.contingencies import Contingent, at_rest
from clearing.checks.contingency_prices import weighted
from clearing.checks.electrical import Electrical, branch_limits, shift_flows, weighted_sensitivities
from clearing.rules.rules import Rules, Steps


@dataclass(frozen=True, slots=True)
class Limited:
    """n limits of a family and T periods: id (n); row (n) of the branch or interface; MW that flow with nothing
    injected, and limits (n, T)."""

    id: tuple[str, ...]
    row: np.ndarray
    flow: Floats
    low: Floats
    high: Floats


@dataclass(frozen=True, slots=True)
class Congestion:
    """bus (K, T): what a MW into a bus is worth; lost (N, T), lost_line (H, T): what of it a unit or a direct-current
    line does not feel, because a contingency loses it; total: limits, what phase shifts drive, and penalties, money."""

    bus: Floats
    lost: Floats
    lost_line: Floats
    total: float


@dataclass(frozen=True, slots=True)
class Watched:
    """Limits by family; terms (S, L) of the interfaces; what contingencies lose."""

    limits: dict[str, Limited]
    terms: sparse.csr_array
    contingent: Contingent | None


def watched(case: Case, grid: Electrical, named: frozenset[tuple[str, str]]) -> Watched:
    """All limits of branches and interfaces, and those after contingencies that are named (family, subject)."""
    network, periods = case.network, case.horizon.periods
    terms = sparse.csr_array(
        (network.term_coefficient, (network.term_interface, network.term_branch)),
        shape=(len(network.interface_id), len(network.branch_id)),
    )
    driven, most = shift_flows(grid), branch_limits(network, periods)
    gates = np.arange(len(network.interface_id))
    found = {
        "branch": Limited(network.branch_id, np.arange(len(network.branch_id)), driven, -most, most),
        "interface": Limited(
            network.interface_id, gates, np.asarray(terms @ driven), network.interface_min_mw, network.interface_max_mw
        ),
    }
    contingent = at_rest(case, grid, terms, named)
    for family, after in contingent.after.items() if contingent else ():
        found[family] = Limited(after.id, after.row, after.flow, after.low, after.high)
    return Watched(found, terms, contingent)


def congestion(case: Case, rules: Rules, grid: Electrical, by: Watched, values: dict[str, Floats]) -> Congestion:
    """Worth of multipliers (n, T) by family, money per MW."""
    lines, groups = ((values[name] != 0.0).any(axis=1).nonzero()[0] for name in ("branch", "interface"))
    chosen = sparse.csr_array(
        (np.ones(len(lines)), (np.arange(len(lines)), lines)), shape=(len(lines), len(case.network.branch_id))
    )
    both = np.concatenate([values["branch"][lines], values["interface"][groups]])
    bus, _ = weighted_sensitivities(grid, sparse.vstack([chosen, by.terms[groups]], format="csr"), both)
    after = weighted(case, grid, by.contingent, by.terms, values)
    hours, total = case.horizon.hours, 0.0
    for name in NETWORK:
        if name in by.limits:
            limit, value = by.limits[name], values[name]
            total += soft_each(value, limit.low, limit.high, _steps(case, rules, name, limit), hours)
            total -= float((value * limit.flow).sum())
    return Congestion(bus + after.price, after.unit, after.line, total)


def _steps(case: Case, rules: Rules, family: str, limit: Limited) -> list[Steps]:
    """Penalty of every limit: that of its branch or interface, where it has one of its own."""
    table, penalties = case.flow_penalties, rules.clearing_penalties
    if family.endswith("interface"):
        default, rows, prices = penalties.interface, table.interface, table.interface_price_per_mwh
    else:
        default, rows, prices = penalties.branch, table.branch, table.branch_price_per_mwh
    own: dict[int, Steps] = {row: ((np.inf, price),) for row, price in zip(rows.tolist(), prices.tolist(), strict=True)}
    return [own.get(row, default) for row in limit.row.tolist()]
