"""Tests of structure: concentration, residual supply, pivotal groups; of the system and of every congested limit.

    share_i   = s_i / Σs                             HHI = Σ (100 · share_i)²,  Top-m = the m greatest shares together
    index_m,i = (Σs − the m − 1 largest others − s_i) / D       m = 1: residual supply index; 2, 3: two-, three-pivotal
    must-run  = max{(D − Σ_{j≠i} s_j) / s_i, 0}

s_i: what the group can give, D: demand (supply.py). Of a limit s_i = Σ h · MW over the sources of the group with a
relief h (MW off the limit for 1 MW at the source, withdrawn at the reference) of at least `least_shift_factor`, and
D = Σ h · P of all such sources in the schedule plus what the limit is broken by: the relief used and asked. D ≤ 0:
index +inf. Source: Jiangsu spot rules (figures of other provinces); by limits after PJM's three-pivotal-supplier test.
"""

from __future__ import annotations

from dataclasses import dataclass

import numba
import numpy as np

from clearing.case.arrays import Bools, Floats, Ids, Ints, freeze
from clearing.case.case import Case
from clearing.case.contingencies import parted
from clearing.case.result import Binding, ClearingResult
from clearing.grid.monitored import AFTER, BRANCH, INTERFACE, Grid
from clearing.grid.pairs import Pairs
from clearing.market_power.supply import Supply, scheduled
from clearing.rules.power_rules import StructureRules

MOST_PAIRS = 1000
"""Limits and periods whose factors are held at once: bounds memory."""
FAMILIES = {
    "branch": BRANCH,
    "interface": INTERFACE,
    "contingency": BRANCH + AFTER,
    "contingency_interface": INTERFACE + AFTER,
}


@dataclass(frozen=True, slots=True)
class Structure:
    """Of the system: W groups, T periods.

    supply_mw, demand_mw, hhi, top_share (T); group_mw (W, T); index (3, W, T), +inf where there is no demand;
    must_run (W, T); fails (W, T): the index that decides is below its limit, or must-run above its own;
    concentrated (T): HHI or Top-m share above the limits of the rules
    """

    supply_mw: Floats
    demand_mw: Floats
    hhi: Floats
    top_share: Floats
    group_mw: Floats
    index: Floats
    must_run: Floats
    fails: Bools
    concentrated: Bools

    def __post_init__(self) -> None:
        freeze(self)


@dataclass(frozen=True, slots=True)
class LimitStructure:
    """Of n congested limits and periods: family, subject, side, period (n); relief_mw (n) that is asked;
    group_mw (n, W) of relief that groups can give; index (3, n, W); fails (n, W)."""

    family: Ids
    subject: Ids
    side: Ids
    period: Ints
    relief_mw: Floats
    group_mw: Floats
    index: Floats
    fails: Bools

    def __post_init__(self) -> None:
        freeze(self)


def indices(group_mw: Floats, demand_mw: Floats) -> Floats:
    """(3, W, n): residual supply index, two- and three-pivotal index of groups (W, n) against demand (n)."""
    found: Floats = np.empty((3, *group_mw.shape))
    _indices(np.ascontiguousarray(group_mw, dtype=np.float64), np.asarray(demand_mw, dtype=np.float64), found)
    return found


@numba.njit(cache=True)
def _indices(group: Floats, demand: Floats, out: Floats) -> None:
    """Fill out (3, W, n) in two passes over the rows: the sum and the three greatest of every column (of equal ones the
    first row counts first), then what is left without each row; a thousand groups against ten thousand columns need
    neither a sort nor an array between."""
    rows, columns = group.shape
    total, top = np.zeros(columns), np.zeros((3, columns))
    owner = np.full((2, columns), -1)
    for w in range(rows):
        for j in range(columns):
            here = group[w, j]
            total[j] += here
            if here > top[0, j]:
                top[2, j], top[1, j], top[0, j] = top[1, j], top[0, j], here
                owner[1, j], owner[0, j] = owner[0, j], w
            elif here > top[1, j]:
                top[2, j], top[1, j] = top[1, j], here
                owner[1, j] = w
            elif here > top[2, j]:
                top[2, j] = here
    for w in range(rows):
        for j in range(columns):
            first, second = w == owner[0, j], w == owner[1, j]
            one = top[1, j] if first else top[0, j]
            two = one + (top[2, j] if first or second else top[1, j])
            left = total[j] - group[w, j]
            if demand[j] > 0.0:
                out[0, w, j] = max(left, 0.0) / demand[j]
                out[1, w, j] = max(left - one, 0.0) / demand[j]
                out[2, w, j] = max(left - two, 0.0) / demand[j]
            else:
                out[0, w, j] = out[1, w, j] = out[2, w, j] = np.inf


def warm_up() -> None:
    """Compile the kernel."""
    indices(np.ones((1, 1)), np.ones(1))


def of_system(table: Supply, demand_mw: Floats, rules: StructureRules) -> Structure:
    """Indices of the system in every period."""
    group = np.asarray(table.by_group @ table.mw)
    total = group.sum(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(total > 0.0, group / total, 0.0)
        must = np.where(group > 0.0, np.maximum(demand_mw - (total - group), 0.0) / group, 0.0)
    greatest = -np.sort(-share, axis=0)[: rules.top]
    index = indices(group, demand_mw)
    fails = (index[rules.pivotal_owners - 1] < rules.pivotal_limit) & (group > 0.0)
    if rules.must_run_limit is not None:
        fails = fails | (must > rules.must_run_limit)
    hhi, top_share = (1e4 * share**2).sum(axis=0), greatest.sum(axis=0)
    concentrated = np.zeros(len(total), dtype=np.bool_)
    for value, limit in ((hhi, rules.hhi_limit), (top_share, rules.top_share_limit)):
        if limit is not None:
            concentrated |= value > limit
    return Structure(
        supply_mw=total,
        demand_mw=demand_mw,
        hhi=hhi,
        top_share=top_share,
        group_mw=group,
        index=index,
        must_run=must,
        fails=fails,
        concentrated=concentrated,
    )


def of_limits(case: Case, grid: Grid, result: ClearingResult, table: Supply, rules: StructureRules) -> LimitStructure:
    """Indices of every limit that binds in a priced result, in the periods in which it does."""
    known = [b for b in result.bindings if b.family in FAMILIES and b.shadow_price > 0.0]
    element, grid = _elements(case, grid, known)
    period = np.array([b.period for b in known], dtype=np.int64)
    sign = np.array([1.0 if b.side == "max" else -1.0 for b in known])
    over = _broken(result, known)
    given = np.zeros((len(table.id), case.horizon.periods))
    if result.schedule is not None:
        given = scheduled(case, result.schedule)
    relief, group = np.zeros(len(known)), np.zeros((len(known), len(table.group_id)))
    for start in range(0, len(known), MOST_PAIRS):
        here = np.arange(start, min(start + MOST_PAIRS, len(known)))
        factor = grid.sensitivity(element[here], period[here])
        help_ = -sign[here, None] * (factor @ table.bus_share.T)
        help_ = np.where(help_ >= max(rules.least_shift_factor, 1e-9), help_, 0.0)
        group[here] = (help_ * table.mw[:, period[here]].T) @ table.by_group.T
        relief[here] = (help_ * given[:, period[here]].T).sum(axis=1) + over[here]
    index = indices(group.T, relief).transpose(0, 2, 1)
    fails = (index[rules.pivotal_owners - 1] < rules.pivotal_limit) & (group > 0.0)
    return LimitStructure(
        family=tuple(b.family for b in known),
        subject=tuple(b.subject for b in known),
        side=tuple(b.side for b in known),
        period=period,
        relief_mw=relief,
        group_mw=group,
        index=index,
        fails=fails,
    )


def _broken(result: ClearingResult, known: list[Binding]) -> Floats:
    over = {(v.family, v.subject, v.period): v.amount_mw for v in result.violations}
    return np.array([over.get((b.family, b.subject, b.period), 0.0) for b in known])


def _elements(case: Case, grid: Grid, known: list[Binding]) -> tuple[Ints, Grid]:
    """Row of every limit among the limited elements, and the grid that has those after contingencies too."""
    network, lost = case.network, case.contingencies
    rows = {BRANCH: network.branch_id, INTERFACE: network.interface_id}
    places = {kind: {name: row for row, name in enumerate(ids)} for kind, ids in rows.items()}
    of_lost = {name: row for row, name in enumerate(lost.id)}
    wanted = []
    for b in known:
        kind = FAMILIES[b.family]
        element, after = (b.subject, "") if kind < AFTER else parted(lost, b.subject) or (b.subject, "")
        wanted.append((kind, places[kind % AFTER][element], of_lost.get(after, -1)))
    asked = np.array([w for w in wanted if w[2] >= 0], dtype=np.int64).reshape(-1, 3)
    grid = grid.watching(Pairs(asked[:, 0] - AFTER, asked[:, 1], asked[:, 2]))
    held = grid.monitored
    row_of = {
        key: row
        for row, key in enumerate(zip(held.kind.tolist(), held.row.tolist(), held.contingency.tolist(), strict=True))
    }
    return np.array([row_of[key] for key in wanted], dtype=np.int64), grid
