"""Convex piecewise-linear functions as breakpoints x[0 … n] and slopes s[0 … n − 1], with the value at x[0]."""

from __future__ import annotations

import numba

from clearing.case.arrays import Floats

SAME = 1e-12
"""MW: breakpoints nearer than this are one."""


@numba.njit(cache=False)
def lowest(n: int, x: Floats, s: Floats, value: float) -> tuple[float, float]:
    """Least value, and where."""
    k = 0
    while k < n and s[k] < 0.0:
        value += s[k] * (x[k + 1] - x[k])
        k += 1
    return value, x[k]


@numba.njit(cache=False)
def shared_ramp(
    n: int, x: Floats, s: Floats, value: float, up: tuple[float, float, float], down: tuple[float, float],
    x_out: Floats, s_out: Floats,
) -> tuple[int, float]:  # fmt: skip
    """Add −gain·min(room, rise + p) and −gain·min(0, fall − p) to a function of the output p of the period before.

    up: gain, room, rise; down: gain, fall. What the ramp leaves of an award that shares it; the rest is local to the
    period (local.curve). Returns pieces and value of the sum.
    """
    gain, room, rise = up
    gain_down, fall = down
    value -= gain * min(room, rise + x[0]) + gain_down * min(0.0, fall - x[0])
    bend, bend_down = room - rise, fall
    m = 0
    x_out[0] = x[0]
    for k in range(n):
        low, high = x[k], x[k + 1]
        first, second = min(bend, bend_down), max(bend, bend_down)
        for cut in (first, second):
            if low + SAME < cut < high - SAME:
                middle = 0.5 * (low + cut)
                s_out[m] = s[k] - (gain if middle < bend else 0.0) + (gain_down if middle > bend_down else 0.0)
                m += 1
                x_out[m] = cut
                low = cut
        middle = 0.5 * (low + high)
        s_out[m] = s[k] - (gain if middle < bend else 0.0) + (gain_down if middle > bend_down else 0.0)
        m += 1
        x_out[m] = high
    return m, value


@numba.njit(cache=False)
def ramp(
    n: int, x: Floats, s: Floats, value: float, fall: float, rise: float, low: float, high: float,
    x_out: Floats, s_out: Floats,
) -> tuple[int, float, float]:  # fmt: skip
    """min over q of f(q), q − fall ≤ p ≤ q + rise, as a function of p on [low, high].

    Infimal convolution with a box: left of the minimum the function moves by the fall, right of it by the rise, flat
    in between. Returns pieces (−1: empty), value and the minimum's place q: the best q of p is q, as near as p allows.
    """
    k = 0
    while k < n and s[k] < 0.0:
        k += 1
    q = x[k]
    if low > high + 1e-9 or x[0] - fall > high + SAME or x[n] + rise < low - SAME:
        return -1, value, q
    low = min(low, high)
    m = 0
    begun = False
    at = x[0] - fall
    for j in range(n + 1):
        # Pieces in order: 0 … k − 1 moved down, the flat one, k … n − 1 moved up.
        if j < k:
            slope, end = s[j], x[j + 1] - fall
        elif j == k:
            slope, end = 0.0, q + rise
        else:
            slope, end = s[j - 1], x[j] + rise
        if end > low or (j == n and not begun):
            if not begun:
                if at < low:
                    value += slope * (min(low, end) - at)
                    at = low
                x_out[0] = min(at, high)
                begun = True
            stop = min(end, high)
            if stop > x_out[m] + SAME:
                s_out[m] = slope
                m += 1
                x_out[m] = stop
            if end >= high:
                break
        else:
            value += slope * (end - at)
        at = end
    return m, value, q


@numba.njit(cache=False)
def add_curve(
    n: int, x: Floats, s: Floats, value: float, curve: tuple[float, float, int, float], place: Floats, change: Floats,
    x_out: Floats, s_out: Floats,
) -> tuple[int, float]:  # fmt: skip
    """Add a curve of local.curve, given from output 0 on."""
    own, slope, kinks, _ = curve
    at, k = 0.0, 0
    while k < kinks and place[k] <= x[0]:
        own += slope * (place[k] - at)
        at = place[k]
        slope += change[k]
        k += 1
    value += own + slope * (x[0] - at)
    m = 0
    x_out[0] = x[0]
    for j in range(n):
        end = x[j + 1]
        while k < kinks and place[k] < end:
            if place[k] > x_out[m] + SAME:
                s_out[m] = s[j] + slope
                m += 1
                x_out[m] = place[k]
            slope += change[k]
            k += 1
        if end > x_out[m]:
            s_out[m] = s[j] + slope
            m += 1
            x_out[m] = end
    return m, value


@numba.njit(cache=False)
def below(n: int, x: Floats, s: Floats, value: float, m: int, y: Floats, r: Floats, other: float, near: float) -> bool:
    """Whether the first function is nowhere above the second (where that is defined), but for `near`."""
    if x[0] > y[0] + SAME or x[n] < y[m] - SAME:
        return False
    j = 0
    f, at = value, x[0]
    while j < n and x[j + 1] <= y[0]:
        f += s[j] * (x[j + 1] - at)
        at = x[j + 1]
        j += 1
    if j < n and y[0] > at:
        f += s[j] * (y[0] - at)
        at = y[0]
    g, k = other, 0
    if f > g + near:
        return False
    while k < m and j < n:
        end = min(x[j + 1], y[k + 1])
        f += s[j] * (end - at)
        g += r[k] * (end - at)
        if f > g + near:
            return False
        at = end
        if x[j + 1] <= end:
            j += 1
        if y[k + 1] <= end:
            k += 1
    return True
