"""Best schedule of a unit whose ramps are left out: a shortest path over runs, a few operations a period."""

from __future__ import annotations

import numba
import numpy as np

from clearing.solve.decomposition.data import Prices, Units
from clearing.solve.decomposition.local import (
    DOWN_RAMP,
    END,
    INFINITE,
    MID,
    ONLY,
    START,
    UP_RAMP,
    curve,
    hold,
    least,
    scratch,
)
from clearing.solve.decomposition.paths import close, may_end, start_from
from clearing.solve.decomposition.plan import Plan, clear, write_end, write_run

TOLERANCE = 1e-7
"""MW by which a path may break a ramp and still keep it."""


@numba.njit(cache=False)
def solve_free(units: Units, prices: Prices, i: int, plan: Plan) -> None:  # noqa: PLR0912, PLR0915  # one recursion
    """Write schedule and value of unit i.

    A run h … e costs start + first(h) + Σ mid + last(e), so with sums of mid the best start for an end is kept as it
    moves; a run of one period has a cost of its own. Ends wait for the min up time, but for the end of the horizon.
    """
    periods = units.on_min.shape[1]
    work = scratch(units, i)
    cost, output = np.empty((4, periods)), np.empty((4, periods))
    for t in range(periods):
        for mode in range(4):
            top, room = units.top[mode, i, t], units.room[mode, i, t]
            if units.on_max[i, t] == 0 or (mode == ONLY and units.min_up[i] > 1):
                cost[mode, t], output[mode, t] = INFINITE, 0.0
            elif mode != MID and top == units.top[MID, i, t] and room == units.room[MID, i, t]:
                cost[mode, t], output[mode, t] = cost[MID, t], output[MID, t]
            else:
                value, slope, kinks, top = curve(units, prices, i, t, mode, False, work)
                cost[mode, t], output[mode, t] = least(value, slope, kinks, work[0], work[1], units.least[i, t], top)
    ended, began = np.full(periods, INFINITE), np.full(periods, -1)  # by end: first period of the best run
    start, before, arc = np.full(periods, INFINITE), np.full(periods, -1), np.full(periods, -1)
    total = np.zeros(periods + 1)
    for t in range(periods):
        total[t + 1] = total[t] + (cost[MID, t] if units.on_max[i, t] == 1 and cost[MID, t] < INFINITE else 0.0)
    broken = -1  # last period that no run can pass
    running, running_began = INFINITE, -1
    for t in range(periods):
        start[t], before[t], arc[t] = start_from(units, prices, i, t, ended)
        if units.on_max[i, t] == 0:
            broken = t
            continue
        if t < periods - 1 and may_end(units, i, t):
            stop, since = prices.stop[i, t + 1], min(t - 1, t - units.min_up[i] + 1)
            for h in range(max(broken + 1, 0), since + 1):
                c = start[h] + cost[START, h] + (total[t] - total[h + 1]) + cost[END, t] + stop
                if c < ended[t]:
                    ended[t], began[t] = c, h
            if units.min_up[i] <= 1 and start[t] + cost[ONLY, t] + stop < ended[t]:
                ended[t], began[t] = start[t] + cost[ONLY, t] + stop, t
            if units.was_on[i] and broken < 0 and total[t] + cost[END, t] + stop < ended[t]:
                ended[t], began[t] = total[t] + cost[END, t] + stop, -1
        if cost[MID, t] >= INFINITE:
            broken = t
        if t == periods - 1:
            for h in range(broken + 1, periods):
                c = start[h] + cost[START, h] + (total[periods] - total[h + 1])
                if c < running:
                    running, running_began = c, h
            if broken < t and start[t] + cost[START, t] < running:
                running, running_began = start[t] + cost[START, t], t
            if units.was_on[i] and broken < 0 and total[periods] < running:
                running, running_began = float(total[periods]), -1
    plan.value[i], end = close(units, prices, i, ended, running)
    clear(units, i, plan)
    while end >= 0:
        h = running_began if end == periods - 1 else began[end]
        write_run(i, h, end, arc[h] if h >= 0 else -1, plan)
        for t in range(max(h, 0), end + 1):
            last = end < periods - 1 and t == end
            mode = (ONLY if last else START) if t == h else (END if last else MID)
            plan.above[i, t] = output[mode, t]
            hold(units, prices, i, t, mode, output[mode, t], (0.0, 0.0), False, work, plan.award)
        if h < 0:
            break
        end = before[h]
        write_end(i, end, plan)


@numba.njit(cache=False)
def keeps_ramps(units: Units, i: int, plan: Plan) -> bool:
    """Whether a schedule of unit i keeps its ramps, with the awards that share them: then it is the best with them."""
    periods = units.on_min.shape[1]
    for t in range(periods):
        on_before = plan.on[i, t - 1] > 0.5 if t > 0 else units.was_on[i]
        if plan.on[i, t] < 0.5 or not on_before:
            continue
        change = plan.above[i, t] - (plan.above[i, t - 1] if t > 0 else units.before[i])
        up = down = 0.0
        for k in range(units.award_first[i], units.award_first[i + 1]):
            a = units.award_of[k]
            up += plan.award[a, t] if units.sharing[a] == UP_RAMP else 0.0
            down += plan.award[a, t] if units.sharing[a] == DOWN_RAMP else 0.0
        if change + up > units.rise[i, t] + TOLERANCE or down - change > units.fall[i, t] + TOLERANCE:
            return False
    return True
