"""Corruptions of what a result says of itself: costs, objective, bound, flows, bindings, violations."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from clearing.case.result import Binding, BoundKind, Reason, Violation
from clearing.case.violation_units import DATA
from clearing.checks.electrical import branch_limits
from clearing.checks.joint import joint
from tests.checks.corrupt import Draw, changed, corruption, with_end

Made = "tuple[str, ClearingResult] | None"


@corruption("objective", "COST")
def cost_part(draw: Draw) -> Made:
    costs = draw.result.costs
    if costs is None:
        return None
    part = str(draw.rng.choice(["energy", "no_load", "start", "stop", "storage", "penalty", "demand", "reserve"]))
    old = float(getattr(costs, part))
    scale = costs.total if part in ("energy", "storage") else old
    return part, replace(draw.result, costs=replace(costs, **{part: old + draw.sign() * draw.size(scale)}))


@corruption("objective", "OBJECTIVE")
def objective(draw: Draw) -> Made:
    """Objective and bound move together, so that the gap tells nothing."""
    end = draw.result.termination
    if end.objective is None:
        return None
    size = draw.sign() * draw.size(end.objective)
    bound = None if end.bound is None else end.bound + size
    return f"{size:+.4g}", with_end(draw, objective=end.objective + size, bound=bound)


@corruption("bound", "BOUND")
def bound_above(draw: Draw) -> Made:
    end = draw.result.termination
    if end.objective is None or end.bound is None:
        return None
    return "above the objective", with_end(draw, bound=end.objective + draw.size(end.objective))


@corruption("bound", "GAP")
def bound_alone(draw: Draw) -> Made:
    end = draw.result.termination
    if end.objective is None or end.bound is None or end.gap is None:
        return None
    return "alone", replace(draw.result, termination=replace(end, bound=end.bound - draw.size(end.objective)))


@corruption("bound", "GAP")
def gap_alone(draw: Draw) -> Made:
    end = draw.result.termination
    return None if end.gap is None else ("gap", replace(draw.result, termination=replace(end, gap=end.gap + 1e-3)))


@corruption("bound", "TERMINATION")
def not_optimal(draw: Draw) -> Made:
    end = draw.result.termination
    if end.objective is None:
        return None
    far = end.objective - (2 * end.gap_asked + 0.1) * max(1.0, abs(end.objective)) - 10 * draw.rules.solve.absolute_gap
    return "far bound", with_end(draw, bound=far, bound_kind=BoundKind.SOLVER_CLAIMED, reason=Reason.OPTIMAL_WITHIN_GAP)


@corruption("bound", "TERMINATION")
def no_bound(draw: Draw) -> Made:
    end = replace(
        draw.result.termination,
        reason=Reason.OPTIMAL_WITHIN_GAP,
        bound=None,
        bound_kind=BoundKind.NONE,
        gap=None,
        absolute_gap=None,
    )
    return "optimal without a bound", replace(draw.result, termination=end)


@corruption("bound", "BOUND")
def bound_of_no_kind(draw: Draw) -> Made:
    end = draw.result.termination
    return None if end.bound is None else ("kind", with_end(draw, bound_kind=BoundKind.NONE))


@corruption("bound", "TERMINATION")
def reason_without_schedule(draw: Draw) -> Made:
    return "reason", with_end(draw, reason=Reason.TIME_LIMIT_WITHOUT_SOLUTION)


@corruption("bound", "TERMINATION")
def priced(draw: Draw) -> Made:
    return "priced", with_end(draw, priced=not draw.result.termination.priced)


@corruption("bound", "NOT_FINITE")
def objective_not_finite(draw: Draw) -> Made:
    return "nan", replace(draw.result, termination=replace(draw.result.termination, objective=float("nan")))


@corruption("value", "FLOW")
def flow(draw: Draw) -> Made:
    flows = draw.result.flows
    if flows is None:
        return None
    field = "interface_mw" if flows.interface_mw.size and draw.rng.random() < 0.3 else "branch_mw"
    table = getattr(flows, field)
    at = draw.cell(np.ones(table.shape))
    if at is None:
        return None
    new = table[at] + draw.sign() * draw.size(table[at])
    return f"{field}{list(at)}", replace(draw.result, flows=replace(flows, **{field: changed(table, at, new)}))


def _pick(draw: Draw, entries: tuple[Any, ...]) -> int | None:
    return int(draw.rng.integers(len(entries))) if entries else None


def _swap(entries: tuple[Any, ...], j: int, *new: Any) -> tuple[Any, ...]:
    return (*entries[:j], *new, *entries[j + 1 :])


@corruption("report", "BINDING_PRICE")
def binding_price(draw: Draw) -> Made:
    entries, j = draw.result.bindings, _pick(draw, draw.result.bindings)
    if j is None or draw.proof is None:
        return None
    new = replace(entries[j], shadow_price=entries[j].shadow_price + draw.size(entries[j].shadow_price))
    return entries[j].subject, replace(draw.result, bindings=_swap(entries, j, new))


@corruption("report", "BINDING_LIMIT")
def binding_limit(draw: Draw) -> Made:
    entries, j = draw.result.bindings, _pick(draw, draw.result.bindings)
    if j is None:
        return None
    new = replace(entries[j], limit_mw=entries[j].limit_mw + draw.sign() * draw.size(entries[j].limit_mw))
    return entries[j].subject, replace(draw.result, bindings=_swap(entries, j, new))


@corruption("report", "BINDING_PRICE|BINDING_LIMIT")
def binding_side(draw: Draw) -> Made:
    entries, j = draw.result.bindings, _pick(draw, draw.result.bindings)
    if j is None or draw.proof is None or entries[j].shadow_price < 1e-3:
        return None
    new = replace(entries[j], side="min" if entries[j].side == "max" else "max")
    return entries[j].subject, replace(draw.result, bindings=_swap(entries, j, new))


@corruption("report", "BINDING_MISSING")
def binding_missing(draw: Draw) -> Made:
    entries, j = draw.result.bindings, _pick(draw, draw.result.bindings)
    if j is None or draw.proof is None or entries[j].shadow_price < 1e-3:
        return None
    return entries[j].subject, replace(draw.result, bindings=_swap(entries, j))


@corruption("report", "BINDING_PRICE")
def binding_invented(draw: Draw) -> Made:
    if draw.proof is None or not draw.case.network.branch_id:
        return None
    rows, value = draw.proof.rows["branch"], draw.proof.values["branch"]
    at = draw.cell((value == 0) & np.isfinite(rows.upper))
    if at is None:
        return None
    new = Binding("branch", rows.ids[at[0]], at[1], "max", float(rows.upper[at]), draw.size(10.0))
    return new.subject, replace(draw.result, bindings=(*draw.result.bindings, new))


@corruption("report", "BINDING_UNKNOWN")
def binding_stranger(draw: Draw) -> Made:
    new = Binding("branch", "no such branch", 0, "max", 1.0, 1.0)
    return "stranger", replace(draw.result, bindings=(*draw.result.bindings, new))


@corruption("report", "VIOLATION_AMOUNT")
def violation_amount(draw: Draw) -> Made:
    entries, soft = draw.result.violations, _soft(draw)
    chosen = _pick(draw, soft)
    if chosen is None:
        return None
    j = soft[chosen]
    new = replace(entries[j], amount_mw=entries[j].amount_mw + draw.size(_row_scale(draw, entries[j])))
    return f"{new.family}/{new.subject}", replace(draw.result, violations=_swap(entries, j, new))


def _soft(draw: Draw) -> tuple[int, ...]:
    """Entries about soft limits; data that gave way have corruptions of their own."""
    return tuple(j for j, v in enumerate(draw.result.violations) if v.family not in DATA)


def _row_scale(draw: Draw, entry: Violation) -> float:
    """Scale of the limit a violation is of, as its tolerance is relative to it."""
    network = draw.case.network
    if entry.family == "branch":
        limits = branch_limits(network, draw.case.horizon.periods)
        return max(entry.amount_mw, float(limits[network.branch_id.index(entry.subject), entry.period]))
    if entry.family == "interface":
        s = network.interface_id.index(entry.subject)
        sides = (network.interface_min_mw[s, entry.period], network.interface_max_mw[s, entry.period])
        return max(entry.amount_mw, *(abs(float(x)) for x in sides if np.isfinite(x)))
    for family in joint(draw.known):
        if family.family == entry.family:
            place = (family.ids.index(entry.subject), entry.period)
            limits = (float(family.lower[place]), float(family.upper[place]))
            return max(entry.amount_mw, *(abs(x) for x in limits if np.isfinite(x)))
    return entry.amount_mw


@corruption("report", "VIOLATION_PENALTY")
def violation_penalty(draw: Draw) -> Made:
    entries, soft = draw.result.violations, _soft(draw)
    chosen = _pick(draw, soft)
    if chosen is None:
        return None
    j = soft[chosen]
    new = replace(entries[j], penalty=entries[j].penalty + draw.sign() * draw.size(entries[j].penalty))
    return f"{new.family}/{new.subject}", replace(draw.result, violations=_swap(entries, j, new))


@corruption("report", "VIOLATION_NOT_LISTED")
def violation_missing(draw: Draw) -> Made:
    listed = draw.result.violations
    big = tuple(j for j in _soft(draw) if listed[j].amount_mw > 1e-3 * _row_scale(draw, listed[j]))
    j = _pick(draw, big)
    if j is None:
        return None
    entry = draw.result.violations[big[j]]
    return f"{entry.family}/{entry.subject}", replace(draw.result, violations=_swap(draw.result.violations, big[j]))


@corruption("report", "VIOLATION_AMOUNT|VIOLATION_UNKNOWN")
def violation_invented(draw: Draw) -> Made:
    island = draw.known.grid.island_id[0]
    t = int(draw.rng.integers(draw.case.horizon.periods))
    new = Violation("shortage", island, t, draw.size(), 1.0)
    return "invented", replace(draw.result, violations=(*draw.result.violations, new))


@corruption("report", "VIOLATION_UNKNOWN")
def violation_stranger(draw: Draw) -> Made:
    new = Violation("no such family", "x", 0, 1.0, 1.0)
    return "stranger", replace(draw.result, violations=(*draw.result.violations, new))
