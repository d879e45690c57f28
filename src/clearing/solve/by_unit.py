"""Commitments of a huge problem by local search, each dispatched before it counts."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from clearing.case.arrays import Flags, Floats
from clearing.formulation.model import Model
from clearing.solve.dispatch import Dispatch
from clearing.solve.local_search import Supply, local_search, supply_of
from clearing.solve.quick_start import nearest
from clearing.solve.search import Search

ROUNDS = 8
"""Searches and dispatches by turns: a dispatch moves the stores, which moves what units must give."""

SMALLEST = 1e-4
"""A round that betters the objective by a smaller share is the last one."""

KEPT = ("system_positive_min", "system_positive_max")
"""Limits that the search keeps and a dispatch may break again; in the order of Supply.kept."""


def better_by_unit(search: Search, model: Model, rounds: int = ROUNDS, *, turns: bool = True) -> None:
    """Search around the best commitment with its own dispatch, and around what comes out, as long as that helps.

    The dispatch may not be held to the limits of the system reserve. Where it moves the stores so far that it breaks
    one of them, the next search keeps away from the limit by as much. turns False: without exchanges of units, and only
    until those limits are kept.
    """
    now, kept = search.best, np.zeros((2, model.case.horizon.periods))
    for _ in range(rounds):
        if now is None or search.over() or search.closed():
            return
        before = search.best
        found = local_search(
            search.case, search.rules, model, now.schedule.on, _supply_of(search, model, now, kept), search.over,
            turns=turns,
        )  # fmt: skip
        if (found == now.schedule.on).all():
            return
        now = search.try_commitment(found, None)
        if now is None or before is None or (_settled(before, search) and not _broken(now).any()):
            return
        if not (turns or _broken(now).any()):
            return
        kept = kept + _broken(now)


def around_relaxed(search: Search, model: Model, x: Floats, on: Flags | None = None) -> None:
    """Search around a commitment (default: the one nearest to the relaxed x) with what stores do in x; then go on."""
    if on is None:
        on = nearest(model.data, x[model.problem.columns["on"]] - 0.5)
    supply = _supply(search, model, x)
    search.try_commitment(local_search(search.case, search.rules, model, on, supply, search.over), None)
    better_by_unit(search, model)


def at_once(search: Search, model: Model, x: Floats) -> None:
    """Dispatch the commitment nearest to the relaxed x once no single unit betters it: a second, and a dispatch."""
    on, supply = nearest(model.data, x[model.problem.columns["on"]] - 0.5), _supply(search, model, x)
    found = local_search(search.case, search.rules, model, on, supply, search.over, turns=False)
    search.try_commitment(found, None)


def _settled(before: Dispatch, search: Search) -> bool:
    """Whether a round bettered the best objective by next to nothing."""
    now = search.best
    return now is None or before.costs.total - now.costs.total <= SMALLEST * abs(before.costs.total)


def _broken(done: Dispatch) -> Floats:
    """MW (2, T) by which a dispatch breaks the limits KEPT."""
    over = np.zeros((len(KEPT), done.schedule.on.shape[1]))
    for v in done.violations:
        if v.family in KEPT:
            over[KEPT.index(v.family), v.period] = v.amount_mw
    return over


def _supply_of(search: Search, model: Model, done: Dispatch, kept: Floats) -> Supply:
    schedule = done.schedule
    units_mw, sites_mw = schedule.dispatch_mw.sum(axis=0), schedule.renewable_mw.sum(axis=0)
    lacking = schedule.shed_mw.sum(axis=0) - schedule.surplus_mw.sum(axis=0)
    supply = supply_of(model, units_mw + lacking, sites_mw, schedule.energy_mwh, search.rules)
    return replace(supply, kept=kept)


def _supply(search: Search, model: Model, x: Floats) -> Supply:
    columns, case = model.problem.columns, model.case
    units_mw = (x[columns["on"]] * case.units.p_min_mw + x[columns["above"]]).sum(axis=0)
    sites_mw = case.renewables.min_mw.sum(axis=0) + x[columns["renewable_segment"]].sum(axis=0)
    return supply_of(model, units_mw, sites_mw, np.asarray(x[columns["energy"]]), search.rules)
