"""The commitment nearest to a wish that min up/down times allow: dynamic programming by unit, compiled."""

from __future__ import annotations

import numba
import numpy as np

from clearing.case.arrays import Bools, Flags, Floats, Ints

# A window (must-run, outage) is worth more than any wish, so a unit breaks it only when it cannot be kept.
WINDOW = 1e9


@numba.njit(cache=True)
def best_path(
    benefit: Floats, start: Floats, stop: Floats, on_min: Flags, on_max: Flags, up: int, down: int, was_on: bool,
    first: Bools, on: Flags,
) -> None:  # fmt: skip
    """Most of Σ benefit·on − start cost − stop cost (all (T)), written to `on`.

    States: on for k periods (k = 1..up, capped), off for k periods (k = 1..down, capped), and off since before the
    horizon, from where only a first start leads."""
    periods = benefit.shape[0]
    states = up + down + 1
    value = np.full((periods + 1, states), -np.inf)
    came_from = np.zeros((periods + 1, states), dtype=np.int32)
    value[0, up - 1 if was_on else states - 1] = 0.0
    for t in range(periods):
        for s in range(states):
            if value[t, s] == -np.inf:
                continue
            is_on = s < up
            for turn in range(2):
                if turn == 0:
                    nxt = s if s == states - 1 else min(s + 1, up - 1) if is_on else min(s + 1, states - 2)
                elif is_on and s == up - 1:
                    nxt = up
                elif s == states - 2 or (s == states - 1 and first[t]):
                    nxt = 0
                else:
                    continue
                gain = 0.0
                if nxt < up:
                    gain = benefit[t] - (WINDOW if on_max[t] == 0 else 0.0) - (0.0 if is_on else start[t])
                else:
                    gain = -(WINDOW if on_min[t] == 1 else 0.0) - (stop[t] if is_on else 0.0)
                if value[t, s] + gain > value[t + 1, nxt]:
                    value[t + 1, nxt] = value[t, s] + gain
                    came_from[t + 1, nxt] = s
    last = np.argmax(value[periods])
    for t in range(periods, 0, -1):
        on[t - 1] = 1 if last < up else 0
        last = came_from[t, last]


@numba.njit(cache=True)
def _project(
    benefit: Floats, on_min: Flags, on_max: Flags, up: Ints, down: Ints, was_on: Floats, first: Bools
) -> Flags:
    on, free = np.zeros(benefit.shape, dtype=np.int8), np.zeros(benefit.shape[1])
    for i in range(benefit.shape[0]):
        best_path(benefit[i], free, free, on_min[i], on_max[i], up[i], down[i], was_on[i] > 0.5, first[i], on[i])
    return on


@numba.njit(cache=True)
def _cover(
    on: Flags, order: Ints, p_max: Floats, need: Floats, on_min: Flags, on_max: Flags, up: Ints, down: Ints,
    was_on: Floats, first: Bools,
) -> None:  # fmt: skip
    periods = need.shape[0]
    short = need.copy()
    for i in range(on.shape[0]):
        for t in range(periods):
            short[t] -= on[i, t] * p_max[i, t]
    for i in order:
        wanted = False
        for t in range(periods):
            if short[t] > 1e-6 and on[i, t] == 0 and on_max[i, t] == 1:
                wanted = True
        if not wanted:
            continue
        benefit = np.empty(periods)
        for t in range(periods):
            benefit[t] = 10.0 if on[i, t] == 1 or short[t] > 1e-6 else -0.1
        before, free = on[i].copy(), np.zeros(periods)
        best_path(benefit, free, free, on_min[i], on_max[i], up[i], down[i], was_on[i] > 0.5, first[i], on[i])
        for t in range(periods):
            short[t] -= (on[i, t] - before[t]) * p_max[i, t]


def project(
    benefit: Floats, on_min: Flags, on_max: Flags, min_up: Ints, min_down: Ints, was_on: Floats, first: Bools
) -> Flags:
    """Commitment (N, T) that maximises Σ benefit·on subject to min up/down times; windows kept where possible.

    first (N, T): where a unit that is off since before the horizon may start.
    """
    ready = np.ascontiguousarray
    return np.asarray(_project(ready(benefit), ready(on_min), ready(on_max), min_up, min_down, was_on, ready(first)))


def cover(
    on: Flags, order: Ints, p_max: Floats, need_mw: Floats, on_min: Flags, on_max: Flags, min_up: Ints, min_down: Ints,
    was_on: Floats, first: Bools,
) -> Flags:  # fmt: skip
    """Add units in the given order until Σ on·p_max ≥ need_mw (T) or no unit is left; returns a new commitment."""
    ready = np.ascontiguousarray
    out = np.array(on, dtype=np.int8)
    _cover(out, order, ready(p_max), need_mw, ready(on_min), ready(on_max), min_up, min_down, was_on, ready(first))
    return out
