"""Commitments from a dual: a quick start by rising penalties, then branch and bound around what the rounds agree on."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from clearing.case.arrays import Bools, Flags, Floats
from clearing.formulation.model import Model
from clearing.solve.control import never
from clearing.solve.decomposition.answers import Standing
from clearing.solve.decomposition.dual import Rounds
from clearing.solve.decomposition.exchange import exchange
from clearing.solve.decomposition.plate import Paths, Plate, paths, plate
from clearing.solve.decomposition.proposals import AGREED, better, filled, proposed, torn
from clearing.solve.decomposition.regret import relieved
from clearing.solve.decomposition.restricted import Found, around, cost_of, lacking, tell
from clearing.solve.decomposition.result import Dual
from clearing.solve.decomposition.windows import by_windows
from clearing.solve.dispatch import dispatched
from clearing.solve.quick_start import nearest
from clearing.solve.search import Search

FIRST_PENALTY, PENALTY_STEP = 0.25, 2.0
"""Penalties of the quick start, as multiples of the price of energy: cheap units answer before dear ones."""

SHORTAGE = 4.0
"""Penalty of a shortage of energy against that of reserve, on the way."""

SWEEPS = 6
"""Passes over the units under the same penalties: the first over all, each next one over those that moved."""

LAST_PENALTY = 1e9

STARTS = 4
"""Quick starts at most; each but the first keeps away from what dispatches of earlier ones were short of."""

GUARD, GUARD_MOST, GUARDED = 3.0, 0.005, 2
"""Margin of reserve, as part of what is required: so many times the gap asked, and at most; of so many quick
starts. The later ones are thorough."""

AWAY, LEAST_AWAY_MW = 1.2, 1.0
"""How far, as a multiple of what was short, and of how much at least."""

NEAR = 10.0
"""Gap, in gaps asked, up to which a proposal of the first rounds is worth waiting for the last ones."""

ROUNDS = 4
SHARE = 0.6
"""Part of the search time left that all rounds of branch and bound together may take."""

FEW_OPEN = 500
"""Undecided unit-periods up to which they are searched at once, beyond window by window first."""

LACKING = 5.0
"""Gap, in gaps asked, from which a proposal lacks a unit or more at some hour."""

FIRST_PART, TORN_PART, RELIEF_PART = 0.25, 0.15, 0.6
"""Parts of the time left: of the first exchanges, which close most days in two seconds, of every branch and bound over
what the master leaves undecided, and of units put elsewhere; the second exchanges may take all of it."""

WINDOW_MINUTES = 180

UNSEEN = ("system_positive_min", "system_positive_max", "system_negative_min")
"""Blocks of rows that a dispatch does not see."""


def early(search: Search, model: Model, dual: Dual, first: Found | None) -> Found | None:
    """The best commitment from rounds that have not settled yet: what they propose, or starts on the plate."""
    best = proposed(search, model, dual, first, target_of(search))
    if best is not None and best.objective <= target_of(search, NEAR):
        return best
    return quick_start(search, model, dual, best, starts=GUARDED)


def late(search: Search, model: Model, rounds: Rounds, dual: Dual, first: Found | None) -> Found | None:
    """The best commitment near what settled rounds propose: exchanges and branch and bound over what is undecided in
    turn, the latter first where a proposal lacks so much that single units do not mend it."""
    left = search.left()
    ends = None if left is None else time.monotonic() + SHARE * left
    target = target_of(search)
    best = proposed(search, model, dual, first, target)
    if best is None or best.objective > target:
        best = filled(search, model, dual, best, _energy_price(model, dual))
    if best is not None and best.objective > target_of(search, LACKING):
        best = _undecided(search, model, dual, best, ends)
    part = FIRST_PART
    while best is not None:
        best = exchange(search, model, rounds, best, target, _part(ends, part))
        best = relieved(search, model, rounds, best, target, _part(ends, RELIEF_PART))
        if best.objective <= target or search.over() or (ends is not None and time.monotonic() >= ends):
            break
        found = _undecided(search, model, dual, best, ends)
        if found is best and part == 1.0:
            break
        best, part = found, 1.0
    return best


def _undecided(search: Search, model: Model, dual: Dual, best: Found, ends: float | None) -> Found:
    """The best commitment or a better one by branch and bound over what the master leaves undecided."""
    open_ = torn(dual)
    open_ = open_ | (np.asarray(open_.any(axis=1))[:, None] & np.asarray(best.on != np.rint(dual.share)))
    until = _part(ends, TORN_PART)
    seconds = None if until is None else max(0.0, until - time.monotonic())
    found = around(search, model, best, open_, target_of(search), seconds)
    if found.objective >= best.objective:
        return best
    return better(search, model, found.on, best) or best  # its prices


def primal(search: Search, model: Model, dual: Dual, first: Found | None = None) -> None:
    """Better the search's best commitment until the gap is certified or nothing is left to try.

    first: a solution that is known already.
    """
    left = search.left()
    ends = None if left is None else time.monotonic() + SHARE * left
    best = first
    if best is None or best.objective > target_of(search, NEAR):
        best = quick_start(search, model, dual, first)
    if best is None:
        return
    confirm(search, model, best)
    if search.closed():
        return
    open_ = undecided(dual, best.on)
    if open_.sum() > FEW_OPEN and not search.over():
        best = by_windows(search, model, best, open_, target_of(search), ends)
        confirm(search, model, best)
    for round_ in range(1, ROUNDS + 1):
        left = None if ends is None else ends - time.monotonic()
        if search.closed() or search.over() or (left is not None and left <= 0.0):
            return
        short = lacking(model, best.x)
        if short.any():
            open_ = open_ | (_near(short, search.case.horizon.in_periods(WINDOW_MINUTES)) & movable(dual)[:, None])
        found = around(search, model, best, open_, target_of(search), left)
        if found is best:
            open_ = widened(open_, best.on, round_ * search.case.horizon.in_periods(WINDOW_MINUTES))
        best = found
        confirm(search, model, best)
        open_ = open_ | undecided(dual, best.on)


def quick_start(
    search: Search, model: Model, dual: Dual, best: Found | None = None, starts: int = STARTS
) -> Found | None:
    """The best of a few commitments that start from the newest round and from the share, and of a known one."""
    stand_in, limits = plate(model), paths(model)
    scale = _energy_price(model, dual)
    margin = np.zeros_like(stand_in.needs)
    met: list[Flags] = [] if best is None else [best.on]
    guard = min(GUARD_MOST, GUARD * search.gap_asked()) * stand_in.needs[1]
    for k in range(starts):
        if search.over() or (best is not None and _good(search, best)):
            break
        guarded = np.stack([np.zeros_like(guard), guard * (k < GUARDED)])
        wish = (dual.history[-1] if k % 3 == 0 and len(dual.history) else dual.share) - 0.5
        on = rising(
            stand_in, limits, nearest(model.data, wish), scale, margin + guarded, search.over, thorough=k >= GUARDED
        )
        if any((on == known).all() for known in met):
            continue
        met.append(on)
        found = cost_of(search, model, on)
        if found is None:
            continue
        if best is None or found.objective < best.objective:
            best = found
            tell(search, best)
        short = _short(model, found.x)
        if short.max(initial=0.0) <= 0.0 and search.bound is None:
            break
        margin = margin + AWAY * np.where(short > 0.0, np.maximum(short, LEAST_AWAY_MW), 0.0)
    return best


def rising(
    stand_in: Plate, limits: Paths, on: Flags, scale: float, margin: Floats, stopped: Callable[[], bool] = never,
    *, thorough: bool = False,
) -> Flags:  # fmt: skip
    """Each unit's best answer again and again, under penalties that rise to the true ones (after Lagrangian heuristics:
    a cheap unit fills a small gap before a dear one fills a large one).

    thorough: every pass is over all units, and no penalty is left out: four times as long, and now and then better.
    """
    order, factor, last = np.arange(len(on)), FIRST_PENALTY, False
    while not (last or stopped()):
        soft = factor * scale * np.array([SHORTAGE, SHORTAGE, 1.0])
        last = bool((soft >= stand_in.prices).all())
        prices = np.minimum(stand_in.prices, soft)
        standing = Standing(replace(stand_in, prices=prices), limits, on, margin)
        for _ in range(1 + last):
            standing.settle(order, 0.01 * scale, SWEEPS, stopped, every=thorough)
        on, factor = standing.on, factor * PENALTY_STEP * (1.0 if factor < 32.0 else 8.0)
        if not (thorough or standing.lacks()):  # steps in between would change nothing
            factor = max(factor, LAST_PENALTY)
    return on


def undecided(dual: Dual, on: Flags) -> Bools:
    """Unit-periods (N, T) on which the rounds differ, or differ from a commitment."""
    part = dual.share if not len(dual.history) else 0.5 * (dual.share + dual.history.mean(axis=0))
    return np.asarray((np.abs(part - 0.5) < 0.5 - AGREED) | (on != np.rint(part)))


def widened(open_: Bools, on: Flags, periods: int) -> Bools:
    """The open part with what lies so many periods around it and around the switches of a commitment."""
    switch = np.diff(on, axis=1, prepend=on[:, :1]) != 0
    out = open_.copy()
    for row in np.flatnonzero((open_ | switch).any(axis=1)):
        out[row] |= _near(open_[row] | switch[row], periods)
    return out


def _near(which: Bools, periods: int) -> Bools:
    """Periods (T) within so many of the given ones."""
    return np.convolve(which, np.ones(2 * periods + 1), "same")[: len(which)] > 0.5 if which.any() else which


def movable(dual: Dual) -> Bools:
    """Units (N) that are not on all day in all rounds."""
    return np.asarray(dual.share.mean(axis=1) < 1.0 - AGREED)


def _short(model: Model, x: Floats) -> Floats:
    """MW (2, T) of energy and of reserve upward that a solution is short of."""
    columns, periods = model.problem.columns, model.case.horizon.periods
    out = np.zeros((2, periods))
    for row, name in enumerate(("shed_step", "product.short")):
        if name in columns and columns[name].size:
            out[row] = x[columns[name]].reshape(-1, periods).sum(axis=0)
    return np.where(out > 1e-6, out, 0.0)


def _energy_price(model: Model, dual: Dual) -> float:
    """The greatest price of energy of the dual, money per MWh; without one the dearest block."""
    rows = model.problem.rows.get("balance")
    price = 0.0 if rows is None else float(np.abs(dual.row_dual[rows]).max(initial=0.0)) / model.case.horizon.hours
    used = np.abs(model.unit_curve.price_per_mwh[model.unit_curve.width_mw > 0.0])
    top = min(float(p[0][1]) for p in (model.penalties.shortage, model.penalties.product))
    return max(min(price or float(np.quantile(used, 0.9) if used.size else 1.0), top), 1e-3)


def target_of(search: Search, times: float = 1.0) -> float:
    """Objective at which the gap is certified, or one so many times as wide."""
    if search.bound is None:
        return -np.inf
    gap = 0.98 * search.gap_asked() * max(abs(search.bound), 1.0)
    return search.bound + times * max(gap, search.rules.solve.absolute_gap)


def _part(ends: float | None, part: float) -> float | None:
    """An end by the clock for a part of the time left."""
    return None if ends is None else time.monotonic() + part * max(0.0, ends - time.monotonic())


def _good(search: Search, found: Found) -> bool:
    return found.objective <= target_of(search)


def confirm(search: Search, model: Model, found: Found) -> None:
    """What counts is a dispatch; of a commitment that would not better the best one there is no need.

    The optimum at a commitment is its dispatch where no row of the problem is kept from the dispatch.
    """
    if search.best is not None and found.objective >= search.best.costs.total:
        return
    if found.seconds is None or any(model.problem.rows[name].size for name in UNSEEN if name in model.problem.rows):
        search.try_commitment(found.on, found.mode, told=True)
    else:
        search.keep(dispatched(model, search.rules, search.grid, found.x, found.objective, found.seconds))
