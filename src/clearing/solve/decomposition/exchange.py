"""Local search by schedules: one unit at a time takes another one, judged by the linear problem of the dispatch.

Prices of a commitment's dispatch say who would answer it, the bound's prices who is worth it: the answers of all units
at prices between the two are the schedules to try. A unit's change moves a few bounds of a linear problem that is
solved already, so a trial is some dozens of dual simplex steps, and ends once it costs more than what is known.
"""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass

import numpy as np

from clearing.case.arrays import Bools, Flags, Floats, Ints
from clearing.formulation.model import Model
from clearing.milp.highs import Highs, Limits, Watch
from clearing.milp.outcome import Condition
from clearing.milp.reduced import Reduced, reduced
from clearing.milp.standing import Standing
from clearing.solve.decomposition.dual import Rounds
from clearing.solve.decomposition.first_prices import size
from clearing.solve.decomposition.merit_basis import merit_basis
from clearing.solve.decomposition.proposals import better
from clearing.solve.decomposition.restricted import EXACT, Found, held
from clearing.solve.search import Search

MIXES = (0.05, 0.2, 0.5, 1.0)
"""How far from the bound's prices to those of the dispatch units are asked."""

DEAREST = 6.0
"""Prices of the dispatch count up to so many times those of the bound: at a penalty every unit would answer."""

UNITS, PATIENCE = 60, 40
"""Units asked in a pass, those that stand first; trials without a gain after which a pass ends."""

CLEAR = 0.3
"""A column whose reduced cost is beyond this part of the price of energy, at both prices, stays where it is."""

SCHEDULE = ("on", "start", "stop")

Key = tuple[int, bytes]
"""A unit and the schedule it may take."""


def exchange(
    search: Search, model: Model, rounds: Rounds, best: Found, target: float, ends: float | None, stay: int = -1
) -> Found:
    """Better a commitment unit by unit until it meets the target, nothing gains, or the time is up.

    ends: by the clock; None = no limit. stay: a unit that is not asked; -1 = none.
    """
    met: set[Key] = set()
    gained = False
    while best.objective > target and best.row_dual is not None and not _over(search, ends):
        trials = [key for key in answers(rounds, best) if key not in met and key[0] != stay]
        asked = list(dict.fromkeys(unit for unit, _ in trials))[:UNITS]
        if not asked:
            if not gained:
                break
            met, gained = set(), False  # what did not gain before may do so beside the schedules taken since
            continue
        near = Nearby.of(search, model, rounds, best, np.array(sorted(asked)))
        if near is None:
            break
        known = len(met)
        on = _pass(search, near, [key for key in trials if key[0] in asked], target, ends, met)
        if len(met) == known:  # at the target but for rounding: the next pass would try as little
            break
        found = better(search, model, on, best)
        if found is None:
            break
        gained = gained or found is not best
        best = found
    return best


def answers(rounds: Rounds, best: Found) -> list[Key]:
    """Schedules that units would rather have at prices between the bound's and the dispatch's.

    First those that answer most of the prices: among the trials of days of all three systems of the benchmark, those
    that gained stood in the first quarter of that order, but in the middle by their gain alone. Then by gain, which is
    that at the prices asked, by how far they are from the bound's: near them little, but true.
    """
    of, oracle, at = rounds.of, rounds.oracle, rounds.best
    assert oracle is not None
    assert at is not None
    assert best.row_dual is not None
    reach = DEAREST * np.abs(at.y) + size(at.y)
    theirs = np.clip(best.row_dual[of.row], -reach, reach)
    owned = of.unit_of >= 0
    gain: dict[Key, float] = {}
    answered: Counter[Key] = Counter()
    for mix in MIXES:
        point = oracle.at((1.0 - mix) * at.y + mix * theirs)
        if point is None:
            continue
        now = np.bincount(of.unit_of[owned], weights=(of.cost(point.y) * best.x)[owned], minlength=len(best.on))
        for i in np.flatnonzero((point.on != best.on).any(axis=1)).tolist():
            key = (i, point.on[i].astype(np.int8).tobytes())
            answered[key] += 1
            gain[key] = max(gain.get(key, -np.inf), float(now[i] - point.unit_value[i]) / mix)
    return sorted(gain, key=lambda key: (-answered[key], -gain[key], key))


@dataclass(slots=True)
class Nearby:
    """The linear problem around a commitment: schedules of some units are bounds, all others are settled.

    place (columns): where a column of the whole stands, −1 = settled; on (N, T): the commitment as it stands.
    """

    model: Model
    part: Reduced
    highs: Highs
    place: Ints
    on: Flags
    cost: float
    standing: Standing | None

    @classmethod
    def of(cls, search: Search, model: Model, rounds: Rounds, best: Found, asked: Ints) -> Nearby | None:
        """Solved at the commitment; None where that was cut short."""
        open_ = np.zeros(best.on.shape, dtype=np.bool_)
        open_[asked] = True
        low, high = held(model, best.on, open_)
        at_low, at_high = _clear(model, rounds, best, (low, high), open_[:, 0])
        part = reduced(model.problem, np.where(at_high, high, low), np.where(at_low, low, high))
        if part is None or part.settled:
            return None
        highs = Highs(part.problem, threads=search.control.threads, seed=search.options.seed, relaxed=True)
        place = np.full(len(low), -1, dtype=np.int64)
        place[part.columns] = np.arange(len(part.columns))
        near = cls(model, part, highs, place, best.on.copy(), np.inf, None)
        for i in asked.tolist():
            near._hold(i, best.on[i])
        basis = merit_basis(model, part)
        if basis is not None:
            highs.stand(basis, near=True)
        return near if near._solve(search) else None

    def try_one(self, search: Search, unit: int, on: Flags) -> bool:
        """Whether the unit's other schedule costs less; it is taken then, else all is as it was."""
        if not self._hold(unit, on):
            return False
        self.highs.option("objective_bound", self.cost)
        if self._solve(search):
            self.on[unit] = on
            return True
        self._hold(unit, self.on[unit])
        if self.standing is not None:
            self.highs.stand(self.standing)
        return False

    def _hold(self, unit: int, on: Flags) -> bool:
        """Bounds of a unit's schedule; False where rows have settled it otherwise."""
        before = np.concatenate([[np.int8(self.model.case.units.initial_on[unit])], on[:-1]])
        value = np.concatenate([on, on > before, on < before]).astype(np.float64)
        columns = np.concatenate([self.model.problem.columns[name][unit] for name in SCHEDULE])
        place = self.place[columns]
        open_ = place >= 0
        if (np.abs(self.part.lower[columns[~open_]] - value[~open_]) > EXACT).any():
            return False
        self.highs.set_bounds(place[open_], value[open_], value[open_])
        return True

    def _solve(self, search: Search) -> bool:
        """Whether the problem as it stands costs less than before."""
        outcome = self.highs.run(Limits(search.left()), Watch(stopped=search.over))
        if outcome.condition is not Condition.OPTIMAL or outcome.objective is None:
            return False
        if outcome.objective >= self.cost - EXACT * max(1.0, abs(self.cost)):
            return False
        self.cost, self.standing = outcome.objective, self.highs.standing()
        return True


def _pass(search: Search, near: Nearby, trials: list[Key], target: float, ends: float | None, met: set[Key]) -> Flags:
    """Try one after the other; the commitment (N, T) that came of it."""
    failed = 0
    for unit, schedule in trials:
        if failed >= PATIENCE or near.cost + near.part.offset <= target or _over(search, ends):
            break
        on = np.frombuffer(schedule, dtype=np.int8)
        met.add((unit, schedule))
        failed = 0 if near.try_one(search, unit, on) else failed + 1
    return near.on


def _clear(
    model: Model, rounds: Rounds, best: Found, bounds: tuple[Floats, Floats], asked: Bools
) -> tuple[Bools, Bools]:
    """Continuous columns that stand at their lower, and at their upper bound, and would do so at either price."""
    of, at = rounds.of, rounds.best
    assert best.row_dual is not None
    assert at is not None
    low, high = bounds
    costs = np.stack([of.cost(at.y), of.cost(best.row_dual[of.row])])
    limit = CLEAR * size(at.y)
    free = ~model.problem.integer & (high > low) & ~((of.unit_of >= 0) & asked[np.maximum(of.unit_of, 0)])
    return (
        free & (np.abs(best.x - low) <= EXACT) & (costs > limit).all(axis=0),
        free & (np.abs(high - best.x) <= EXACT) & (costs < -limit).all(axis=0),
    )


def _over(search: Search, ends: float | None) -> bool:
    return search.over() or (ends is not None and time.monotonic() >= ends)
