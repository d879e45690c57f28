"""One unit by itself: is there a commitment and an output that keep all its hard limits? Compiled dynamic programming.

A spell on that begins in period s has outputs that depend on nothing before s, so what can be reached in period t is
one interval for every s. A spell off differs from another in nothing but its beginning. The states of period t are
therefore the periods in which the present spell began, and the best value of each is what must-run asks that was kept.
"""

from __future__ import annotations

from dataclasses import dataclass

import numba
import numpy as np

from clearing.case.arrays import Bools, Flags, Floats, Ints
from clearing.case.predicates import TOLERANCE

NEVER = -1


@dataclass(frozen=True, slots=True)
class Way:
    """Hard limits of one unit over T periods.

    low, high (T)            output while on, MW, with fixed outputs in their place
    up, down                 most change between two periods, MW
    start, stop              most MW in the first and in the last period on
    min_up, min_down         minutes
    on, minutes, mw          state before the first period: on or off, for how long, with what output
    least, most (T)          0/1: least = 1 must be on, most = 0 must be off
    first (T)                whether a unit off since before the horizon may start
    wanted (T)               0/1: must-run as far as it can be kept
    period_minutes           length of a period
    """

    low: Floats
    high: Floats
    up: float
    down: float
    start: float
    stop: float
    min_up: int
    min_down: int
    on: bool
    minutes: int
    mw: float
    least: Flags
    most: Flags
    first: Bools
    wanted: Flags
    period_minutes: int

    def stuck(self) -> int:
        """The first period that nothing reaches; `NEVER` where there is a way through the horizon."""
        return int(self._follow()[0])

    def there(self) -> bool:
        """Whether there is a way through the horizon."""
        return self.stuck() == NEVER

    def best(self) -> Flags:
        """A commitment (T) with a way through the horizon that keeps most of `wanted`; only where there is a way."""
        stuck, on = self._follow()
        assert stuck == NEVER
        return on

    def _follow(self) -> tuple[int, Flags]:
        found: tuple[int, Flags] = follow(
            self.low, self.high, self.up, self.down, self.start, self.stop, self.min_up, self.min_down,
            self.on, self.minutes, self.mw, self.least, self.most, self.first, self.wanted, self.period_minutes,
        )  # fmt: skip
        return found


@numba.njit(cache=True)
def follow(
    low: Floats, high: Floats, up: float, down: float, start: float, stop: float, min_up: int, min_down: int,
    was_on: bool, minutes: int, mw: float, least: Flags, most: Flags, first: Bools, wanted: Flags, length: int,
) -> tuple[int, Flags]:  # fmt: skip
    """First period out of reach (−1 = none), and the commitment (T) that keeps most of `wanted` (0 without a way).

    Spells on are numbered by the period they began in, plus 1; 0 is the one since before the horizon. So are spells
    off. on, off (T + 1): best value by spell, < 0 = not reached. came[s, 0] ([s, 1]): number of the spell off (on)
    before the spell on (off) s. Of equals the youngest counts, so that early must-run is rather kept than late.
    bottom, top (T + 1): outputs that a spell on can have reached.
    """
    periods = low.shape[0]
    bottom, top = np.zeros(periods + 1), np.zeros(periods + 1)
    on, off = np.full(periods + 1, NEVER), np.full(periods + 1, NEVER)
    came = np.zeros((periods + 1, 2), dtype=np.int64)
    bottom[0], top[0] = mw, mw
    if was_on:
        on[0] = 0
    else:
        off[0] = 0
    for t in range(periods):
        stops, starts = NEVER, NEVER
        for s in range(t + 1):
            age = minutes + t * length if s == 0 else (t - s + 1) * length
            if on[s] >= max(stops, 0) and age >= min_up and bottom[s] <= stop + TOLERANCE:
                stops, came[t + 1, 1] = on[s], s
            if off[s] >= max(starts, 0) and age >= min_down and (s > 0 or first[t]):
                starts, came[t + 1, 0] = off[s], s
        for s in range(t + 1):
            bottom[s], top[s] = max(low[t], bottom[s] - down), min(high[t], top[s] + up)
        bottom[t + 1], top[t + 1] = low[t], min(high[t], start)
        on[t + 1], off[t + 1] = starts, stops
        _keep(on, off, bottom, top, t, least[t], most[t], wanted[t])
        if max(on.max(), off.max()) < 0:
            return t, np.zeros(periods, dtype=np.int8)
    return NEVER, _traced(on, off, came)


@numba.njit(cache=True)
def _keep(on: Ints, off: Ints, bottom: Floats, top: Floats, t: int, least: int, most: int, wanted: int) -> None:
    """Drop the spells that windows or limits end in period t, and count must-run for those that stay on."""
    for s in range(t + 2):
        if most == 0 or bottom[s] > top[s] + TOLERANCE:
            on[s] = NEVER
        elif on[s] >= 0:
            on[s] += wanted
        if least == 1:
            off[s] = NEVER


@numba.njit(cache=True)
def _traced(on: Ints, off: Ints, came: Ints) -> Flags:
    """The commitment (T) that ends in the best spell."""
    commitment = np.zeros(len(on) - 1, dtype=np.int8)
    end = len(commitment)
    running = bool(on.max() > off.max())
    s = len(on) - 1 - int(on[::-1].argmax() if running else off[::-1].argmax())
    while True:
        begin = max(s - 1, 0)
        if running:
            commitment[begin:end] = 1
        if s == 0:
            return commitment
        s, running, end = int(came[s, 0 if running else 1]), not running, begin


def warm_up() -> None:
    """Load the compiled code before it is needed."""
    flags, mw = np.zeros(1, dtype=np.int8), np.zeros(1)
    Way(mw, mw, 1.0, 1.0, 1.0, 1.0, 0, 0, False, 0, 0.0, flags, flags, flags == 0, flags, 60).stuck()
