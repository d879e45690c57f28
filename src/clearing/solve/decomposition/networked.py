"""The search by prices of a large system with a network: rows of branches, interfaces and outages join as they break.

The master's convex combination of schedules is whole but for a few units and hours (of a province's 20,000 unit-periods
some seventy), so branch and bound over those, all others held, is soon within a few ten-thousandths of the bound.
"""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
import scipy.sparse as sp

from clearing.case.arrays import Bools, Flags, Floats
from clearing.case.bound_proof import NETWORK, PROVEN
from clearing.formulation.model import Model
from clearing.formulation.modes import mode_columns
from clearing.milp.reduced import reduced
from clearing.rules.rules import LossModel
from clearing.solve.by_unit import KEPT, around_relaxed, at_once, better_by_unit
from clearing.solve.decomposition.dual import BESIDE, Rounds, rounds_of
from clearing.solve.decomposition.first_prices import size
from clearing.solve.decomposition.primal import quick_start, widened
from clearing.solve.decomposition.proof import NONE_JOINED, Joined, behind, of_rows
from clearing.solve.decomposition.proposals import AGREED
from clearing.solve.decomposition.restricted import Found, branched, held
from clearing.solve.decomposition.result import Dual
from clearing.solve.decomposition.stage import LARGE, MANY, compiled
from clearing.solve.dispatch import Dispatch
from clearing.solve.network_rows import Growing, NetworkRows
from clearing.solve.quick_start import nearest
from clearing.solve.search import Search

OF_PLANTS = ("start_spacing", "stop_spacing", "switching", "switched")
WITHOUT = (*OF_PLANTS, "charge_mode", "discharge_mode")
"""Rows that are many and seldom worth anything: left out of the bound, kept by the branch and bound. Those of plants
join the bound one by one, as a relaxed solution breaks them."""

LATER = -2
"""Family of a row of the network until it is asked for: rows are made before the elements are told."""

LATE = 1e-4
"""Starts or stops by which a relaxed solution breaks a row of a plant that joins."""

COARSE, EARLY = 2e-3, 0.4
"""Gaps of the rounds: relative while the network is not met yet, and in gaps asked afterwards."""

FEW_FINE = 5e-5
"""The same of a problem that is not huge, at most: combinations of rounds that have not settled lack reserve."""

ATTEMPTS, FEW_ATTEMPTS = 6, 2
"""Commitments that are tried of a huge problem, and of one whose relaxation has a better bound soon."""

ON_BOUND = 1e-6
"""MW within which a block stands at a bound."""

CLEAR = 0.1
"""A block of a renewable site whose reduced cost is beyond this part of the price of energy stays where it is."""

NEAR, CERTIFIED = 0.5, 0.98
"""Ends of the branch and bound: parts of the gap asked above what the bound can become, and above the bound."""

SPOILED = 0.5
"""Part of the gap asked that penalties of the system reserve may take before the search by unit is worth its time."""

FIRST_STARTS = 3
"""Starts on the plate from the first rounds of a problem that is not huge."""

FIRST_PART = 0.5
"""Part of the time left that the first rounds may take: in ten seconds, too, something is to come of them."""

PART = 0.4
"""Part of the time left that a branch and bound may take."""

OWN_GAP, FEW_GAP = 0.3, 0.1
"""Its gap, in gaps asked, of a huge problem and of another one: the rest is the bound's."""

WIDEN_MINUTES = 60


class Grown(Growing):
    """A model and the network rows met so far, as one problem."""

    def __init__(self, search: Search, model: Model) -> None:
        super().__init__()
        self._base = model
        self.rows = NetworkRows(model, search.grid, self, search.rules.solve)
        named = [model.problem.rows[name].ravel() for name in OF_PLANTS if name in model.problem.rows]
        self._of_plants = np.concatenate([np.zeros(0, np.int64), *named])
        self._joined = NONE_JOINED
        self._rules = search.rules

    def meet(self, search: Search, done: Dispatch | None, x: Floats) -> int:
        """Rows that a dispatch has paid for, and those that a relaxed solution breaks; how many are new."""
        self.rows.follow(search.grid)
        added = 0 if done is None else self.rows.add(done.network_dual != 0.0)
        added += self.rows.add_broken(x) + self._add_of_plants(x)
        search.meet(self.rows.grid, self.rows.active)
        return added

    def know(self, search: Search) -> bool:
        """Rows that a search began with; whether there are any."""
        self.rows.follow(search.grid)
        return search.active is not None and self.rows.add(search.active) > 0

    def _add_of_plants(self, x: Floats) -> int:
        problem, rows = self._base.problem, self._of_plants
        if not len(rows):
            return 0
        matrix, lower, upper = sp.csr_array(problem.matrix)[rows], problem.row_lower[rows], problem.row_upper[rows]
        value = matrix @ x[: matrix.shape[1]]
        late = (value > upper + LATE) | (value < lower - LATE)
        self._of_plants = rows[~late]
        if late.any():
            super().add_rows(sp.csr_array(matrix[late]), lower[late], upper[late])
            self._joined = behind(self._joined, of_rows(self._base, self._rules, rows[late]))
        return int(late.sum())

    def add_rows(self, matrix: sp.csr_array, lower: Floats, upper: Floats) -> None:
        """Rows of the network."""
        super().add_rows(matrix, lower, upper)
        unnamed = np.full(matrix.shape[0], LATER)
        self._joined = behind(self._joined, Joined(unnamed, ("",) * len(unnamed), unnamed))

    def joined(self) -> Joined:
        """What the rows are to the audit, in their order."""
        known, element, found = self.rows.grid.monitored, self.rows.element, self._joined
        own = found.family == LATER
        family, period, subject = found.family.copy(), found.period.copy(), np.array(found.subject, dtype=object)
        family[own] = np.array([PROVEN.index(name) for name in NETWORK])[known.kind[element]]
        period[own], subject[own] = self.rows.period, [known.id[e] for e in element.tolist()]
        return Joined(family, tuple(subject), period)

    def model(self) -> Model:
        """The model with the rows as its last block."""
        return replace(self._base, problem=self.grown(self._base.problem))


def applies(search: Search, model: Model) -> bool:
    """Whether the problem is large, on one island, without losses; a huge one of many units only."""
    plain = search.rules.losses.model is LossModel.NONE and model.islands.count == 1
    many = search.deferred is None or len(model.case.units.id) >= MANY
    return plain and many and model.problem.columns.count > LARGE


def by_prices(search: Search, base: Model) -> None:
    """Bound and better the search's best commitment until the gap is certified or nothing is left to try.

    Where branch and bound was cut short, the search by unit goes on from the relaxed schedules.
    A dispatch does not see the limits of the system reserve. Where it moves the stores so far that a decided commitment
    breaks them, the search by unit, which keeps away from them, goes on from there.
    """
    compiled(search)
    grown, rounds = Grown(search, base), rounds_of(search, base, without=WITHOUT, beside=BESIDE)
    if rounds is None:
        return
    model, huge = base, search.deferred is not None
    open_: Bools = np.zeros(base.case.units.p_min_mw.shape, dtype=np.bool_)
    around, fine = search.case.horizon.in_periods(WIDEN_MINUTES), EARLY * search.gap_asked()
    fine = fine if huge else min(fine, FEW_FINE)
    found = rounds.run(max(fine, COARSE), _first_ends(search))
    _first_answer(search, base, found, rounds.relaxed())
    if found is None or _over(search):
        return
    known = search.beginning is not None and grown.know(search)
    if known and not rounds.extend(model := grown.model(), grown.joined()):
        return
    for attempt in range(ATTEMPTS if huge else FEW_ATTEMPTS):
        if attempt or known or not huge:
            found = rounds.run(fine)
        x = rounds.relaxed()
        if found is None or x is None or _over(search):
            return
        share = np.clip(x[model.problem.columns["on"]], 0.0, 1.0)
        on = nearest(model.data, share - 0.5)
        torn = (np.abs(share - 0.5) < 0.5 - AGREED) | (on != np.rint(share))
        on, torn = (on, torn) if not attempt else _from_best(search, on, torn)
        open_ = widened(open_ | torn, on, attempt * around)
        decided = _decided(search, rounds, model, on, open_, x, known=attempt > 0)
        # the caller has heard of it, so it is owed a dispatch even where the time is up
        done = None if decided is None else search.try_commitment(decided.on, None, told=True)
        if _over(search):
            return
        if huge and done is None and not attempt:
            around_relaxed(search, base, x)
        elif huge and done is not None and _spoiled(search, done):
            better_by_unit(search, base)
        if grown.meet(search, done, x):
            model = grown.model()
            if not rounds.extend(model, grown.joined()):
                return


def _first_ends(search: Search) -> float | None:
    """When the first rounds end, by the clock."""
    left = search.left()
    return None if left is None else time.monotonic() + FIRST_PART * left


def _first_answer(search: Search, base: Model, found: Dual | None, x: Floats | None) -> None:
    """Dispatch what the first rounds propose: of a huge problem their combination x, bettered unit by unit; else the
    best of a few starts on the plate. Branch and bound begins from the relaxed schedules all the same: from the best of
    these RTS-GMLC took 60 s of CPU to 2.9e-3, from those 24 s to 1.9e-3."""
    if found is None or x is None or _over(search):
        return
    if search.deferred is not None:
        at_once(search, base, x)
        return
    best = quick_start(search, base, found, starts=FIRST_STARTS)
    if best is not None:
        search.try_commitment(best.on, None, told=True)


def _from_best(search: Search, on: Flags, torn: Bools) -> tuple[Flags, Bools]:
    """The best commitment in place of the relaxed one, and open (N, T) also where the two differ."""
    if search.best is None:
        return on, torn
    best = search.best.schedule.on.astype(on.dtype)
    return best, torn | (on != best)


def _spoiled(search: Search, done: Dispatch) -> bool:
    """Whether a dispatch breaks what the search by unit keeps by more than the gap asked allows."""
    return sum(v.penalty for v in done.violations if v.family in KEPT) > SPOILED * search.gap_asked() * done.costs.total


def _over(search: Search) -> bool:
    return search.over() or search.closed()


def _decided(
    search: Search, rounds: Rounds, model: Model, on: Flags, open_: Bools, x: Floats, *, known: bool
) -> Found | None:
    """Branch and bound over the open unit-periods (N, T), the rest held at a commitment; modes of stores in parts.

    known: the commitment is the best one, and branch and bound begins with it.
    """
    assert rounds.best is not None
    problem, best = model.problem, rounds.best
    low, high = held(model, on, open_)
    if search.deferred is not None:
        _hold_clear(rounds, model, x, low, high)
    whole = problem.integer.copy()
    whole[mode_columns(problem.columns)] = False
    part = reduced(replace(problem, integer=whole), low, high)
    if part is None or part.settled:
        return None
    left, gap = search.left(), search.gap_asked() * abs(best.value)
    scale = max(abs(best.value - part.offset), 1.0)
    seconds, own = None if left is None else PART * left, FEW_GAP if search.deferred is None else OWN_GAP
    # the bound has yet to come as far as is promised; what is certified already needs nothing more
    target = max(max(best.value, rounds.promised) + NEAR * gap, best.value + CERTIFIED * gap)
    begin = held(model, on, np.zeros_like(open_))[0] if known else None
    return branched(search, model, part, None, target, min(1.0, own * gap / scale), seconds, begin, sound=False)


def _hold_clear(rounds: Rounds, model: Model, x: Floats, low: Floats, high: Floats) -> None:
    """Hold blocks of renewables whose price is far from what they are worth; moves the bounds in place."""
    assert rounds.best is not None
    y, blocks = rounds.best.y, model.problem.columns["renewable_segment"].ravel()
    far, reduced_cost = CLEAR * size(y), rounds.of.cost(y)[blocks]
    at_low = blocks[(reduced_cost > far) & (x[blocks] <= low[blocks] + ON_BOUND)]
    at_high = blocks[(reduced_cost < -far) & (x[blocks] >= high[blocks] - ON_BOUND)]
    high[at_low], low[at_high] = low[at_low], high[at_high]
