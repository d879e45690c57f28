"""Unit by unit on the plate: each unit's best schedule while all others stay as they are. Compiled."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numba
import numpy as np

from clearing.case.arrays import Bools, Flags, Floats, Ints
from clearing.solve.control import never
from clearing.solve.decomposition.plate import Paths, Plate

Tables = tuple[Any, ...]
"""Tables of a plate or of paths, in the order in which `Standing` packs them."""

SMALL_MW = 1e-6

WINDOW = 1e9
"""Money that a window (must-run, outage) is worth: more than any gain, so that it is broken only where it must be."""


class Standing:
    """A commitment on the plate, changed a unit at a time; gains are money saved."""

    def __init__(self, plate: Plate, paths: Paths, on: Flags, margin: Floats | None = None) -> None:
        """margin (2, T): MW of energy and of reserve beyond the need, where dispatches have shown the plate wrong."""
        periods, classes = plate.sites.shape
        self.on = np.array(on, dtype=np.int8)
        needs = plate.needs if margin is None else plate.needs + margin
        self._plate = (
            plate.price, plate.first, plate.place, plate.width, plate.least, plate.cap, plate.room, plate.on_cost,
            np.ascontiguousarray(needs), plate.hours, plate.prices,
        )  # fmt: skip
        self._paths = (
            paths.min_up, paths.min_down, paths.on_min, paths.on_max, paths.was_on, paths.first_start,
            paths.start_first, paths.start_after, paths.stop, paths.stop_first,
        )  # fmt: skip
        self._free, self._taking = plate.sites.copy(), np.zeros((periods, classes))
        self._sums = np.zeros((2, periods))
        for i in range(len(on)):
            _put(i, self.on, 1.0, self._plate, paths.was_on[i], self._free, self._taking, self._sums)

    def sweep(self, order: Ints, smallest: float) -> float:
        """Every unit's best answer in turn; moves that save less than `smallest` are left. Returns the gain."""
        return float(_sweep(order, self.on, smallest, self._plate, self._paths, self._free, self._taking, self._sums))

    def settle(
        self, order: Ints, smallest: float, passes: int, stopped: Callable[[], bool] = never, *, every: bool = False
    ) -> float:
        """Sweeps until no unit moves: the first over all, each next one over those that moved in the last; every: over
        all."""
        total = 0.0
        for _ in range(passes):
            if stopped():
                break
            before = self.on.copy()
            total += self.sweep(order, smallest)
            moved = np.flatnonzero((before != self.on).any(axis=1))
            if not len(moved):
                break
            order = order if every else moved
        return total

    def lacks(self) -> bool:
        """Whether energy or reserve is short in some period."""
        needs = self._plate[8]
        need, spare = needs[0] - self._sums[0], self._sums[1] - needs[1]
        free, taking = (np.maximum(part, 0.0).sum(axis=1) for part in (self._free, self._taking))
        taken = np.maximum(need - free, 0.0)  # from the reserve
        return bool(
            ((taken > taking + SMALL_MW) | (taken > np.maximum(spare, 0.0) + SMALL_MW) | (spare < -SMALL_MW)).any()
        )

    def cost(self) -> float:
        """Money of the commitment on the plate."""
        return float(_cost(self.on, self._plate, self._paths, self._free, self._taking, self._sums))


def warm_up() -> None:
    """Compile, or load what was compiled: on a unit that is off."""
    one, yes, flags = np.zeros(1, dtype=np.int64), np.zeros((1, 1), dtype=np.bool_), np.zeros((1, 1), dtype=np.int8)
    many = np.zeros((1, 1))
    plate = Plate(
        np.zeros(1), np.array([0, 1]), np.zeros((1, 1), dtype=np.int64), many, many, many, np.zeros((3, 1, 1)), many,
        many, np.zeros((2, 1)), np.ones(3), 1.0,
    )  # fmt: skip
    paths = Paths(one + 1, one + 1, flags, flags, yes[0], yes, many, np.zeros((1, 2)), np.zeros(1), yes[0])
    Standing(plate, paths, flags).sweep(one, 0.0)


@numba.njit(cache=True)
def _add(i: int, t: int, room: float, sign: float, plate: Tables, free: Floats, taking: Floats) -> float:
    """Blocks of a unit into the classes (B) of a period, up to `room` MW over least output; its reserve there."""
    _, first, place, width, _, cap, _, _, _, _, _ = plate
    reserve = max(min(cap[i, t], room), 0.0)
    kept, begin = room - reserve, 0.0
    for k in range(first[i], first[i + 1]):
        end = min(begin + width[k, t], room)
        if end > begin:
            alone = min(max(kept - begin, 0.0), end - begin)
            free[place[k, t]] += sign * alone
            taking[place[k, t]] += sign * (end - begin - alone)
        begin += width[k, t]
    return float(reserve)


@numba.njit(cache=True)
def _put(
    i: int, on: Flags, sign: float, plate: Tables, was_on: bool, free: Floats, taking: Floats, sums: Floats
) -> None:
    """A unit into the plate where it is on, or out of it."""
    least, room, periods = plate[4], plate[6], on.shape[1]
    for t in range(periods):
        if on[i, t] == 1:
            most = room[0, i, t]
            if (t > 0 and on[i, t - 1] == 0) or (t == 0 and not was_on):
                most = min(most, room[1, i, t])
            if t + 1 < periods and on[i, t + 1] == 0:
                most = min(most, room[2, i, t])
            sums[0, t] += sign * least[i, t]
            sums[1, t] += sign * _add(i, t, most, sign, plate, free[t], taking[t])


@numba.njit(cache=True)
def _fill(
    free: Floats, taking: Floats, own_free: Floats, own_taking: Floats, price: Floats, need: float, spare: float,
    prices: Floats,
) -> float:  # fmt: skip
    """Money an hour when `need` MW are filled cheapest first and `spare` MW may be taken from the reserve.

    What is taken beyond that costs the penalty of reserve, what is still lacking that of a shortage.
    """
    money = 0.0
    if spare < 0.0:
        money, spare = -spare * prices[2], 0.0
    if need <= 0.0:
        return float(money - need * prices[1])
    taken = 0.0
    for b in range(len(price)):
        part = min(max(free[b] + own_free[b], 0.0), need)
        need -= part
        money += price[b] * part
        part = min(max(taking[b] + own_taking[b], 0.0), need, spare)
        need -= part
        spare -= part
        taken += part
        money += price[b] * part
        if need <= 1e-9:
            return float(money)
    # The reserve is used up. What takes from it was filled cheapest first, so that the dearer part of it is left.
    for b in range(len(price)):
        width = max(taking[b] + own_taking[b], 0.0)
        left = max(width - taken, 0.0)
        taken -= width - left
        part = min(left, need)
        money += part * min(price[b] + prices[2], prices[0])
        need -= part
        if need <= 1e-9:
            break
    return float(money + need * prices[0])


@numba.njit(cache=True)
def _worth(
    i: int, t: int, plate: Tables, free: Floats, taking: Floats, sums: Floats, own: Floats
) -> tuple[float, float, float]:
    """Money that a unit saves by being on in a period, its own costs included, and how much less in the period of a
    start and before a stop; it stands in the plate as it is off."""
    price, _, _, _, least, _, room, on_cost, needs, hours, prices = plate
    need, spare = needs[0, t] - sums[0, t], sums[1, t] - needs[1, t]
    own[:] = 0.0
    off = _fill(free[t], taking[t], own[0], own[1], price, need, spare, prices)
    saved = np.zeros(3)
    for kind in range(3):
        if kind > 0 and room[kind, i, t] >= room[0, i, t] - 1e-9:
            saved[kind] = saved[0]
            continue
        own[:] = 0.0
        reserve = _add(i, t, room[kind, i, t], 1.0, plate, own[0], own[1])
        money = _fill(free[t], taking[t], own[0], own[1], price, need - least[i, t], spare + reserve, prices)
        saved[kind] = (off - money - on_cost[i, t]) * hours
    return saved[0], saved[0] - saved[1], saved[0] - saved[2]


@numba.njit(cache=True)
def best_path(
    benefit: Floats, at_start: Floats, at_stop: Floats, up: int, down: int, on_min: Flags, on_max: Flags, was_on: bool,
    first_start: Bools, start_first: Floats, start_after: Floats, stop_cost: float, may_stop: bool, on: Flags,
) -> None:  # fmt: skip
    """The schedule of most benefit (money, T) less switches, into `on`. Start costs by time off, exact.

    at_start, at_stop (T): what less a period brings that follows a start, or precedes a stop.
    on_from[a] is the best value of everything before a start in a; off_from[b] that of everything before a stop in b.
    """
    periods = len(benefit)
    gain, idle = np.zeros(periods + 1), np.zeros(periods + 1)
    for t in range(periods):
        gain[t + 1] = gain[t] + benefit[t] - (WINDOW if on_max[t] == 0 else 0.0)
        idle[t + 1] = idle[t] - (WINDOW if on_min[t] == 1 else 0.0)
    on_from, started_by = np.full(periods + 1, -np.inf), np.full(periods + 1, -1)
    off_from, stopped_by = np.full(periods + 1, -np.inf), np.full(periods + 1, -1)
    if was_on:
        on_from[0] = 0.0
        off_from[0] = -stop_cost if may_stop else -np.inf
    for t in range(periods):
        if not was_on and first_start[t]:
            on_from[t] = idle[t] - start_first[t] - at_start[t]
        for b in range(t - down + 1):
            value = off_from[b] + idle[t] - idle[b] - start_after[t - b] - at_start[t]
            if value > on_from[t]:
                on_from[t], started_by[t] = value, b
        # What ran before the horizon has served its time where the windows let it stop.
        for a in range(t + 1):
            if t + 1 - a >= up or (a == 0 and was_on):
                value = on_from[a] + gain[t + 1] - gain[a] - stop_cost - at_stop[t]
                if value > off_from[t + 1]:
                    off_from[t + 1], stopped_by[t + 1] = value, a
    _trace(on_from, off_from, started_by, stopped_by, gain, idle, was_on, on)


@numba.njit(cache=True)
def _trace(
    on_from: Floats, off_from: Floats, started_by: Ints, stopped_by: Ints, gain: Floats, idle: Floats, was_on: bool,
    on: Flags,
) -> None:  # fmt: skip
    """The best end: off since b, on since a (a min up time may reach beyond the horizon), or never on; and its way."""
    periods = len(on)
    best = -np.inf if was_on else idle[periods]
    off_since, on_since = -1, -1
    for t in range(periods):
        if off_from[t] + idle[periods] - idle[t] > best:
            best, off_since, on_since = off_from[t] + idle[periods] - idle[t], t, -1
        if on_from[t] + gain[periods] - gain[t] > best:
            best, off_since, on_since = on_from[t] + gain[periods] - gain[t], -1, t
    on[:] = 0
    end = periods
    while on_since >= 0 or off_since > 0:
        if on_since < 0:
            end, on_since = off_since, stopped_by[off_since]
        on[on_since:end] = 1
        off_since, on_since = started_by[on_since], -1


@numba.njit(cache=True)
def _path_cost(
    benefit: Floats, at_start: Floats, at_stop: Floats, on: Flags, was_on: bool, start_first: Floats,
    start_after: Floats, stop_cost: float, on_min: Flags, on_max: Flags,
) -> float:  # fmt: skip
    """Benefit of a schedule less its switches, windows as in `best_path`."""
    total, before, stopped = 0.0, was_on, -1
    for t in range(len(on)):
        now = on[t] == 1
        if now:
            total += benefit[t] - (WINDOW if on_max[t] == 0 else 0.0)
            if not before:
                total -= at_start[t] + (start_first[t] if stopped < 0 else start_after[t - stopped])
        else:
            total -= WINDOW if on_min[t] == 1 else 0.0
            if before:
                total -= stop_cost + (at_stop[t - 1] if t > 0 else 0.0)
                stopped = t
        before = now
    return total


@numba.njit(cache=True)
def _answer(
    i: int, on: Flags, smallest: float, plate: Tables, paths: Tables, free: Floats, taking: Floats, sums: Floats
) -> float:
    """Best schedule of a unit, taken if it saves more than `smallest`; what it saves."""
    up, down, on_min, on_max, was_on, first_start, start_first, start_after, stop, stop_first = paths
    before, periods = on[i].copy(), on.shape[1]
    _put(i, on, -1.0, plate, was_on[i], free, taking, sums)
    benefit, at_start, at_stop = np.empty(periods), np.empty(periods), np.empty(periods)
    own = np.zeros((2, free.shape[1]))
    for t in range(periods):
        benefit[t], at_start[t], at_stop[t] = _worth(i, t, plate, free, taking, sums, own)
    best_path(
        benefit, at_start, at_stop, up[i], down[i], on_min[i], on_max[i], was_on[i], first_start[i], start_first[i],
        start_after[i], stop[i], stop_first[i], on[i],
    )  # fmt: skip
    gain = 0.0
    changed = False
    for t in range(periods):
        changed = changed or on[i, t] != before[t]
    if changed:
        rest = (was_on[i], start_first[i], start_after[i], stop[i], on_min[i], on_max[i])
        gain = _path_cost(benefit, at_start, at_stop, on[i], *rest)
        gain -= _path_cost(benefit, at_start, at_stop, before, *rest)
        if gain <= smallest:
            on[i] = before
            gain = 0.0
    _put(i, on, 1.0, plate, was_on[i], free, taking, sums)
    return gain


@numba.njit(cache=True)
def _sweep(
    order: Ints, on: Flags, smallest: float, plate: Tables, paths: Tables, free: Floats, taking: Floats, sums: Floats
) -> float:
    total = 0.0
    for i in order:
        total += _answer(i, on, smallest, plate, paths, free, taking, sums)
    return total


@numba.njit(cache=True)
def _cost(on: Flags, plate: Tables, paths: Tables, free: Floats, taking: Floats, sums: Floats) -> float:
    price, on_cost, needs, hours, prices = plate[0], plate[7], plate[8], plate[9], plate[10]
    _, _, on_min, on_max, was_on, _, start_first, start_after, stop, _ = paths
    none, total = np.zeros(free.shape[1]), 0.0
    for t in range(on.shape[1]):
        need, spare = needs[0, t] - sums[0, t], sums[1, t] - needs[1, t]
        total += _fill(free[t], taking[t], none, none, price, need, spare, prices) * hours
    for i in range(len(on)):
        own, nothing = -on_cost[i] * hours, np.zeros(on.shape[1])
        total -= _path_cost(
            own, nothing, nothing, on[i], was_on[i], start_first[i], start_after[i], stop[i], on_min[i], on_max[i]
        )
    return total
