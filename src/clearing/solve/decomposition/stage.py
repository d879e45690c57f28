"""The stage of the search that goes by prices: a commitment at once, a bound, and better ones from its rounds."""

from __future__ import annotations

import time

import numpy as np

from clearing.case.bound_proof import only_units
from clearing.formulation.model import Model
from clearing.milp import reduced
from clearing.rules.rules import LossModel
from clearing.solve.decomposition import answers, oracle, stores
from clearing.solve.decomposition.dual import rounds_of
from clearing.solve.decomposition.few import few
from clearing.solve.decomposition.primal import GUARDED, confirm, early, late, primal, quick_start
from clearing.solve.decomposition.restricted import Found
from clearing.solve.decomposition.result import Dual
from clearing.solve.quick_start import merit_order, nearest
from clearing.solve.search import Search

LARGE = 20_000
"""Columns from which prices are the quicker way; a smaller problem is solved as a whole before they have settled."""

MANY = 200
"""Units from which prices alone come near the optimum: of fewer the gap between bound and optimum is too wide, and what
the rounds disagree on too much, so that most of the time goes to branch and bound of the whole."""

EARLY = 0.4
"""Part of the gap asked that the bound may still be short of when commitments are looked for the first time: most large
systems are certified there, at half of the rounds."""


def applies(search: Search, model: Model) -> bool:
    """Whether the model is large and holds all there is to a commitment's cost: no network and no losses.

    Of few units only where the plate knows every family: what prices begin, branch and bound of the whole must end.
    """
    plain = search.network_free() and search.rules.losses.model is LossModel.NONE
    large = model.problem.columns.count > LARGE and (many(model) or only_units(search.case, search.rules))
    return plain and large and model.islands.count == 1


def many(model: Model) -> bool:
    """Whether prices alone come near the optimum."""
    return len(model.case.units.id) >= MANY


def decomposed(search: Search, model: Model) -> None:
    """Bound and better the search's best commitment until the gap is certified or nothing is left to try."""
    compiled(search)
    _by_prices(search, model)
    if search.best is None:  # the time was up before anything: a plain commitment is better than none
        search.try_commitment(merit_order(search.case, search.rules, model.data), None)


def _by_prices(search: Search, model: Model) -> None:
    first: Found | None = None
    if search.best is None and not search.over():
        first = quick_start(search, model, _nothing(model), starts=1)
    rounds = None if search.over() else rounds_of(search, model)
    found = None if rounds is None else rounds.run(EARLY * search.gap_asked())
    if rounds is None or found is None:
        if first is not None:
            confirm(search, model, first)
        return
    if many(model):
        first = early(search, model, found, first)
    else:
        first = quick_start(search, model, found, first, starts=GUARDED)
    if first is not None:
        confirm(search, model, first)
    if search.closed() or search.over():
        return
    found = rounds.run()
    if found is None:
        return
    if many(model):
        first = late(search, model, rounds, found, first)
        if first is not None:
            confirm(search, model, first)
        if not (search.closed() or search.over()):
            primal(search, model, found, first)
    else:
        few(search, model, found, first)


def compiled(search: Search) -> None:
    """Compile the kernels, once on an installation: about two minutes, which a server takes before its first request.

    Whoever clears without one gets the seconds back; a deadline stays where it is.
    """
    began = time.monotonic()
    warm_up()
    if search.ends is not None:
        search.ends += time.monotonic() - began


def warm_up() -> None:
    """Compile, or load what was compiled, of all that the stage runs."""
    oracle.warm_up()
    answers.warm_up()
    reduced.warm_up()
    stores.warm_up()


def _nothing(model: Model) -> Dual:
    """What is known before the first round: what must run."""
    on = nearest(model.data, np.where(model.data.on_min == 1, 1.0, -1e-3))
    rows = np.zeros(len(model.problem.row_lower))
    return Dual(-np.inf, rows, on[None], on.astype(np.float64), np.ones(len(on), dtype=np.bool_), ())
