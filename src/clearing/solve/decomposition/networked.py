"""The search by prices of a large system with a network: rows of branches, interfaces and outages join as they break.

The master's convex combination of schedules is whole but for a few units and hours (of a province's 20,000 unit-periods
some seventy), so a dive or branch and bound over those, all others held, is soon near the bound.
"""

from __future__ import annotations

import time
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace

import numpy as np

from clearing.case.arrays import Bools, Flags, Floats
from clearing.formulation.model import Model
from clearing.formulation.modes import mode_columns
from clearing.milp.alike import together
from clearing.milp.reduced import Reduced, reduced
from clearing.rules.rules import LossModel
from clearing.solve.beside import alongside
from clearing.solve.by_unit import KEPT, at_once, better_by_unit
from clearing.solve.decomposition.dual import BESIDE, Rounds, rounds_of
from clearing.solve.decomposition.joining import WITHOUT, Grown
from clearing.solve.decomposition.part import hold_clear, hold_shed, without_modes
from clearing.solve.decomposition.plunge import plunge
from clearing.solve.decomposition.primal import quick_start, widened
from clearing.solve.decomposition.proof import NONE_JOINED
from clearing.solve.decomposition.proposals import AGREED
from clearing.solve.decomposition.restricted import Found, branched, held, tell
from clearing.solve.decomposition.result import Dual
from clearing.solve.decomposition.stage import LARGE, MANY, compiled
from clearing.solve.dispatch import Dispatch
from clearing.solve.quick_start import nearest
from clearing.solve.search import Search

COARSE, EARLY = 2e-3, 0.4
"""Gaps of the rounds: relative while the network is not met yet, and in gaps asked afterwards."""

FEW_FINE = 5e-5
"""The same of a problem that is not huge, at most: combinations of rounds that have not settled lack reserve."""

DIVES = 2
"""Attempts at a huge problem that dive; later ones branch and bound."""

ATTEMPTS, FEW_ATTEMPTS = 6, 2
"""Commitments that are tried of a huge problem, and of one whose relaxation has a better bound soon."""

NEAR, CERTIFIED = 0.5, 0.98
"""Ends of the branch and bound: parts of the gap asked above what the bound can become, and above the bound."""

SPOILED = 0.5
"""Part of the gap asked that penalties of the system reserve may take before the search by unit is worth its time."""

FIRST_STARTS = 3
"""Starts on the plate from the first rounds of a problem that is not huge."""

FIRST_PART, LATER_ROUNDS = 0.5, 0.3
"""Part of the time left that the first rounds may take (in ten seconds, too, something is to come of them), and those
before each branch and bound of a huge problem."""

MEANWHILE_ROUNDS = 0.1
"""In place of `LATER_ROUNDS` where the bound goes on beside what comes then."""

PART, LATER_PART, DIVE_PART = 0.6, 0.8, 0.9
"""Part of the time left that the first branch and bound may take, later ones, which are larger, and a dive."""

LATE_DISPATCHES = 2.0
"""Time left, in dispatches, from which another commitment of a huge problem is worth beginning."""

OWN_GAP, FEW_GAP = 0.3, 0.1
"""Its gap, in gaps asked, of a huge problem and of another one: the rest is the bound's."""

WIDEN_MINUTES = 60

ALONGSIDE = 2
"""Threads from which the bound goes on beside a dive and its dispatch, which are linear problems and use one."""


def applies(search: Search, model: Model) -> bool:
    """Whether the problem is large, on one island, without losses; a huge one of many units only."""
    plain = search.rules.losses.model is LossModel.NONE and model.islands.count == 1
    many = search.deferred is None or len(model.case.units.id) >= MANY
    return plain and many and model.problem.columns.count > LARGE


def by_prices(search: Search, base: Model) -> None:
    """Bound and better the search's best commitment until the gap is certified or nothing is left to try.

    Where a dive was cut short, the search by unit goes on from the relaxed schedules. A dispatch may not be held to the
    limits of the system reserve: where it moves the stores so far that a decided commitment breaks them, the search by
    unit, which keeps away from them, goes on from there.
    """
    compiled(search)
    huge, grown = search.deferred is not None, Grown(search, base)
    known = search.beginning is not None and grown.know(search)
    model, joined = (grown.model(), grown.joined()) if known else (base, NONE_JOINED)
    rounds = rounds_of(search, model, without=WITHOUT, beside=BESIDE, by_store=huge, joined=joined)
    if rounds is None:
        return
    open_: Bools = np.zeros(base.case.units.p_min_mw.shape, dtype=np.bool_)
    fine = EARLY * search.gap_asked() if huge else min(EARLY * search.gap_asked(), FEW_FINE)
    found = rounds.run(max(fine, COARSE), _ends(search, FIRST_PART))
    x = rounds.relaxed()
    # the first dive has them from the start, and so has its dispatch
    met = huge and x is not None and grown.meet(search, None, x) > 0
    if not huge:
        _first_answer(search, base, found)
    if found is None or _over(search):
        return
    if met and not rounds.extend(model := grown.model(), grown.joined()):
        return
    for attempt in range(ATTEMPTS if huge else FEW_ATTEMPTS):
        late = huge and _late(search)
        if attempt or known or met or not huge:
            part = MEANWHILE_ROUNDS if _meanwhile(search) else LATER_ROUNDS
            found = rounds.run(fine, _ends(search, part) if huge and not late else None)
        x = rounds.relaxed()
        if late or found is None or x is None or _over(search):
            return
        with _bettered(rounds):
            decided, open_ = _decided(search, rounds, grown, model, open_, x, attempt)
            # the caller has heard of it, so it is owed a dispatch even where the time is up
            done = None if decided is None else search.try_commitment(decided.on, None, told=True)
        if _over(search):
            return
        if huge and done is None and search.best is None:
            at_once(search, base, x)
        elif huge and done is not None and _spoiled(search, done):
            better_by_unit(search, base, turns=False)
        if grown.meet(search, done, x):
            model = grown.model()
            if not rounds.extend(model, grown.joined()):
                return


def _bettered(rounds: Rounds) -> AbstractContextManager[None]:
    """The bound goes on in a thread meanwhile, where there is one; not where a run is to be repeatable."""
    if not _meanwhile(rounds.search):
        return nullcontext()
    return alongside(lambda asked: rounds.run(asked=asked))


def _meanwhile(search: Search) -> bool:
    huge = search.deferred is not None
    return huge and search.control.threads >= ALONGSIDE and not search.options.reproducible


def _late(search: Search) -> bool:
    """Whether the time left is too short for another commitment and its dispatch; the bound may use it."""
    left = search.left()
    return search.best is not None and left is not None and left < LATE_DISPATCHES * search.dispatch_seconds


def _ends(search: Search, part: float) -> float | None:
    """When rounds end by the clock that may take a part of the time left; None = no limit."""
    left = search.left()
    return None if left is None else time.monotonic() + part * left


def _first_answer(search: Search, base: Model, found: Dual | None) -> None:
    """Dispatch the best of a few starts on the plate. Branch and bound begins from the relaxed schedules all the same:
    from the best of these RTS-GMLC took 60 s of CPU to 2.9e-3, from those 24 s to 1.9e-3."""
    if found is None or _over(search):
        return
    best = quick_start(search, base, found, starts=FIRST_STARTS)
    if best is not None:
        search.try_commitment(best.on, None, told=True)


def _nearest(model: Model, x: Floats) -> tuple[Flags, Bools]:
    """The commitment nearest to a relaxed x, and where (N, T) that leaves it open."""
    share = np.clip(x[model.problem.columns["on"]], 0.0, 1.0)
    on = nearest(model.data, share - 0.5)
    return on, (np.abs(share - 0.5) < 0.5 - AGREED) | (on != np.rint(share))


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
    search: Search, rounds: Rounds, grown: Grown, model: Model, open_: Bools, x: Floats, attempt: int
) -> tuple[Found | None, Bools]:  # fmt: skip
    """The best found around a commitment, and what was open (N, T): more than in the attempt before.

    First by a dive, of a huge problem; then by branch and bound, which in later attempts begins with the commitment,
    the best. Modes of stores in parts.
    """
    huge, around = search.deferred is not None, search.case.horizon.in_periods(WIDEN_MINUTES)
    on, torn = _nearest(model, x)
    on, torn = (on, torn) if not attempt else _from_best(search, on, torn)
    open_ = widened(open_ | torn, on, attempt * around) | grown.clashing(on, around)
    part = _part(rounds, model, held(model, on, open_), x, huge=huge)
    if part is None or part.settled:
        return None, open_
    assert rounds.best is not None
    part, best = together(part), rounds.best
    left, gap = search.left(), search.gap_asked() * abs(best.value)
    if huge and attempt < DIVES:
        return _better(search, plunge(search, model, part, None if left is None else DIVE_PART * left)), open_
    scale = max(abs(best.value - part.offset), 1.0)
    seconds = None if left is None else (LATER_PART if attempt else PART) * left
    own = OWN_GAP if huge else FEW_GAP
    # the bound has yet to come as far as is promised; what is certified already needs nothing more
    target = max(max(best.value, rounds.promised) + NEAR * gap, best.value + CERTIFIED * gap)
    begin = held(model, on, np.zeros_like(open_))[0] if attempt else None
    own_gap = min(1.0, own * gap / scale)
    return branched(search, model, part, None, target, own_gap, seconds, begin, sound=False), open_


def _part(rounds: Rounds, model: Model, bounds: tuple[Floats, Floats], x: Floats, *, huge: bool) -> Reduced | None:
    """What is left of the problem within bounds, which it moves in place."""
    low, high = bounds
    if huge:
        hold_clear(rounds, model, x, low, high)
        hold_shed(model, x, low, high)
    whole = model.problem.integer.copy()
    whole[mode_columns(model.problem.columns)] = False
    return reduced(without_modes(replace(model.problem, integer=whole)), low, high)


def _better(search: Search, found: Found | None) -> Found | None:
    """What a dive found, where that promises less than the best costs: a dispatch takes more time than the dive."""
    if found is None or (search.best is not None and found.objective >= search.best.costs.total):
        return None
    tell(search, found, sound=False)
    return found
