"""The best schedule of a store at given prices, and what its energy is worth: convex functions from period to period.

What a store's past costs is a convex function of its energy. It is kept as the least energy and pieces of rising
slope; charging and discharging put in a piece each, limits cut it at both ends (the infimal convolution of convex
functions of one variable is a merge of their slopes: Rockafellar, Convex Analysis, section 16).
"""

from __future__ import annotations

import numba
import numpy as np

from clearing.case.arrays import Floats

SHORT = 1e-9
"""MWh by which a limit may be out of reach, and below which a piece is none."""


@numba.njit(cache=True)
def walk(
    prices: Floats, limits: Floats, terms: Floats, out: Floats, slope: Floats, length: Floats, base: Floats
) -> bool:  # fmt: skip
    """Best schedule of one store over T periods; False where no schedule keeps its limits.

    prices (4, T)   of a MW charged, of a MW discharged, of a MWh held, gain of a MW that could be delivered (>= 0)
    limits (7, T)   least and most charged, least and most discharged, least and most energy, most deliverable
    terms (6, T)    share of energy kept, MWh a MW charged adds, MWh a MW discharged takes, MWh that come in by
                    themselves, MW deliverable for a MWh above `from`, and `from`
    out (6, T)      charged, discharged, energy, deliverable; worth of a MWh in the store, of a deliverable MW more
    slope, length (T, 3·T + 3), base (T, 2): memory for the pieces; base: least energy, and how many pieces
    """
    periods = prices.shape[1]
    for t in range(periods):
        if not _forward(t, prices, limits, terms, slope, length, base):
            return False
    worth = 0.0
    energy = _lowest(slope[periods - 1], length[periods - 1], base[periods - 1])
    for back in range(periods):
        t = periods - 1 - back
        out[2, t] = energy
        energy = _backward(t, energy, worth, prices, limits, terms, out, slope, length, base)
        worth = terms[0, t] * out[4, t]
    return True


@numba.njit(cache=True)
def _forward(
    t: int, prices: Floats, limits: Floats, terms: Floats, slope: Floats, length: Floats, base: Floats
) -> bool:  # fmt: skip
    """Pieces at the end of period t from those of the period before."""
    s, d = slope[t], length[t]
    n, least = 0, terms[3, t]
    if t > 0:
        n, kept = int(base[t - 1, 1]), terms[0, t]
        least += kept * base[t - 1, 0]
        for k in range(n):
            s[k], d[k] = slope[t - 1, k] / kept, length[t - 1, k] * kept
    up, down = terms[1, t], terms[2, t]
    least += up * limits[0, t] - down * limits[3, t]
    n = _insert(n, s, d, prices[0, t] / up, up * (limits[1, t] - limits[0, t]))
    n = _insert(n, s, d, -prices[1, t] / down, down * (limits[3, t] - limits[2, t]))
    n, least = _cut(n, s, d, least, limits[4, t], limits[5, t])
    if n < 0:
        return False
    for k in range(n):
        s[k] += prices[2, t]
    if prices[3, t] > 0.0 and terms[4, t] > 0.0:
        n = _bend(n, s, d, least, terms[5, t] + limits[6, t] / terms[4, t], prices[3, t] * terms[4, t])
    base[t, 0], base[t, 1] = least, n
    return True


@numba.njit(cache=True)
def _insert(n: int, s: Floats, d: Floats, slope: float, length: float) -> int:
    """Put a piece in its place."""
    if length <= 0.0:
        return n
    k = n
    while k > 0 and s[k - 1] > slope:
        s[k], d[k] = s[k - 1], d[k - 1]
        k -= 1
    s[k], d[k] = slope, length
    return n + 1


@numba.njit(cache=True)
def _cut(n: int, s: Floats, d: Floats, least: float, low: float, high: float) -> tuple[int, float]:
    """Keep what lies between two energies; −1 pieces where nothing does."""
    most = least
    for k in range(n):
        most += d[k]
    if most < low - SHORT or least > high + SHORT:
        return -1, least
    first = 0
    while first < n and least + d[first] <= low:
        least += d[first]
        first += 1
    if first < n and least < low:
        d[first] -= low - least
        least = low
    m, at = 0, least
    for k in range(first, n):
        if at >= high:
            break
        s[m], d[m] = s[k], min(d[k], high - at)
        at += d[m]
        m += 1
    return m, least


@numba.njit(cache=True)
def _bend(n: int, s: Floats, d: Floats, least: float, place: float, gain: float) -> int:
    """Energy below a place is worth more by `gain`: split the piece that holds the place."""
    at = least
    for k in range(n):
        if at >= place - SHORT:
            return n
        if at + d[k] > place + SHORT:
            for j in range(n, k, -1):
                s[j], d[j] = s[j - 1], d[j - 1]
            d[k + 1] -= place - at
            d[k] = place - at
            s[k] -= gain
            return n + 1
        s[k] -= gain
        at += d[k]
    return n


@numba.njit(cache=True)
def _lowest(s: Floats, d: Floats, base: Floats) -> float:
    energy = float(base[0])
    for k in range(int(base[1])):
        if s[k] >= 0.0:
            break
        energy += d[k]
    return energy


@numba.njit(cache=True)
def _backward(
    t: int, energy: float, after: float, prices: Floats, limits: Floats, terms: Floats, out: Floats, slope: Floats,
    length: Floats, base: Floats,
) -> float:  # fmt: skip
    """Write what period t does to end at an energy, and its worths; returns the energy at the end of the period before.

    after: what a MWh at the end of t is worth to the periods behind.
    """
    n, kept, before = 0, 1.0, 0.0
    if t > 0:
        n, kept, before = int(base[t - 1, 1]), terms[0, t], base[t - 1, 0]
    up, down = terms[1, t], terms[2, t]
    charged, discharged = limits[0, t], limits[3, t]
    need = energy - (terms[3, t] + kept * before + up * charged - down * discharged)
    slopes = (prices[0, t] / up, -prices[1, t] / down)
    open_ = np.array([up * (limits[1, t] - limits[0, t]), down * (limits[3, t] - limits[2, t])])
    taken = np.zeros(2)
    left, right, k = -np.inf, np.inf, 0
    while True:
        # the cheapest piece that is left: of the energy before, of charging, of discharging less
        which, low = -1, np.inf
        if k < n:
            which, low = 2, slope[t - 1, k] / kept
        for move in range(2):
            if taken[move] == 0.0 and open_[move] > 0.0 and slopes[move] < low:
                which, low = move, slopes[move]
        if which < 0:
            break
        if need <= SHORT:
            right = low
            break
        size = length[t - 1, k] * kept if which == 2 else open_[which]
        part = min(size, need)
        left = low
        need -= part
        if which == 2:
            before += part / kept
            k += 1
        else:
            taken[which] = part
        if part < size - SHORT:
            right = low
            break
    out[0, t], out[1, t] = charged + taken[0] / up, discharged - taken[1] / down
    _worth(t, energy, after, left, right, prices, limits, terms, out)
    return before


@numba.njit(cache=True)
def _worth(
    t: int, energy: float, after: float, left: float, right: float, prices: Floats, limits: Floats, terms: Floats,
    out: Floats,
) -> None:  # fmt: skip
    """Worth of a MWh at the end of period t: between its slopes there, and as near as can be to what it serves."""
    more, gain = terms[4, t], prices[3, t]
    serves = after - prices[2, t]
    place = terms[5, t] + (limits[6, t] / more if more > 0.0 else np.inf)
    bends = gain > 0.0 and more > 0.0
    if bends and energy < place - SHORT:
        serves += gain * more
    worth = min(max(serves, left), right)
    if bends and abs(energy - place) <= SHORT:
        worth = min(max(min(max(left, serves), serves + gain * more), left), right)
    out[4, t] = worth
    out[3, t], out[5, t] = 0.0, 0.0
    if bends:
        out[3, t] = max(0.0, min(limits[6, t], more * (energy - terms[5, t])))
        if energy < place - SHORT:
            out[5, t] = gain
        elif energy <= place + SHORT:
            out[5, t] = min(max((worth + prices[2, t] - after) / more, 0.0), gain)
