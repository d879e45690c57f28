"""Commitments of a huge problem by local search, each dispatched before it counts."""

from __future__ import annotations

import numpy as np

from clearing.case.arrays import Flags, Floats
from clearing.formulation.model import Model
from clearing.solve.local_search import Supply, local_search, supply_of
from clearing.solve.quick_start import nearest
from clearing.solve.search import Search

ROUNDS = 4
"""Searches and dispatches by turns: a dispatch moves the stores, which moves what units must give."""

SMALLEST = 1e-4
"""A round that betters the objective by a smaller share is the last one."""


def better_by_unit(search: Search, model: Model, rounds: int = ROUNDS) -> None:
    """Search around the best commitment with its own dispatch, as long as that finds better ones."""
    for _ in range(rounds):
        best = search.best
        if best is None or search.over() or search.closed():
            return
        schedule = best.schedule
        units_mw, sites_mw = schedule.dispatch_mw.sum(axis=0), schedule.renewable_mw.sum(axis=0)
        lacking = schedule.shed_mw.sum(axis=0) - schedule.surplus_mw.sum(axis=0)
        supply = supply_of(model, units_mw + lacking, sites_mw, schedule.energy_mwh, search.rules)
        found = local_search(search.case, search.rules, model, schedule.on, supply)
        if (found == schedule.on).all():
            return
        search.try_commitment(found, None)
        now = search.best
        if now is None or best.costs.total - now.costs.total <= SMALLEST * abs(best.costs.total):
            return


def around_relaxed(search: Search, model: Model, x: Floats, on: Flags | None = None) -> None:
    """Search around a commitment (default: the one nearest to the relaxed x) with what stores do in x; then go on."""
    if on is None:
        on = nearest(model.data, x[model.problem.columns["on"]] - 0.5)
    search.try_commitment(local_search(search.case, search.rules, model, on, _supply(search, model, x)), None)
    better_by_unit(search, model)


def _supply(search: Search, model: Model, x: Floats) -> Supply:
    columns, case = model.problem.columns, model.case
    units_mw = (x[columns["on"]] * case.units.p_min_mw + x[columns["above"]]).sum(axis=0)
    sites_mw = case.renewables.min_mw.sum(axis=0) + x[columns["renewable_segment"]].sum(axis=0)
    return supply_of(model, units_mw, sites_mw, np.asarray(x[columns["energy"]]), search.rules)
