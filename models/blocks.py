"""Blocks of units' offers that end with the commitment, in rows beside their widths (formulations of the cost curve).

Offers rise, so a schedule fills its blocks from below and loses nothing; a fraction of on no longer buys a whole block
of cheap energy.
"""

from __future__ import annotations

import pyomo.environ as pyo

from clearing.bench.variants import CostCurve
from models.data import Data, blocks_of
from models.ramps import ramp_data


def within(m: pyo.ConcreteModel, d: Data, form: CostCurve) -> None:
    """WIDTHS: no row. ON: width times on. START_STOP: also nothing above the start-up and shut-down limits.

    WIDTHS is Carrión & Arroyo, IEEE Trans. Power Systems 21(3), 2006, blocks that know no commitment. ON is the locally
    ideal form of Sridhar, Linderoth & Luedtke, Locally ideal formulations for piecewise linear functions with
    indicator variables, Operations Research Letters 41, 2013. START_STOP is Knueven, Ostrowski & Wang, Exploiting
    identical generators in unit commitment, IEEE Trans. Power Systems 33(4), 2018, here with blocks from 0 MW.
    """
    if form is CostCurve.WIDTHS:
        return
    ramp, units = ramp_data(d), d.case.units
    offers, up = units.offers, [max(1, d.whole_periods(minutes)) for minutes in units.min_up_minutes]
    blocks = blocks_of(offers, d.units)
    pairs = [(i, b) for i in d.units for b in blocks[i]]
    bare = form is CostCurve.ON

    def parts(i: int, b: int, t: int) -> tuple[float, float, float]:
        """MW of the block within p_max, and of these above the start-up and above the shut-down limit."""
        most = float(units.p_max_mw[i, t])
        low = min(sum(float(offers.width_mw[one, t]) for one in blocks[i] if one < b), most)
        width = min(float(offers.width_mw[b, t]), most - low)
        above = [width - min(max(limit - low, 0.0), width) for limit in (ramp.su[i], ramp.sd[i])]
        return width, above[0], above[1]

    @m.Constraint(pairs, d.periods)
    def block_on(m, i, b, t):
        """segment_ibt ≤ width·on_it [− what is above SU·start_it − what is above SD·stop_{i,t+1}].

        Of a unit that may run a single period (UT = 1), stop has max(above SD − above SU, 0).
        """
        width, start, stop = parts(i, b, t)
        less = 0.0 if bare else start * m.start[i, t]
        if not bare and t + 1 in d.periods:
            less += (stop if up[i] > 1 else max(stop - start, 0.0)) * m.stop[i, t + 1]
        return m.segment[i, b, t] <= width * m.on[i, t] - less

    @m.Constraint([(i, b) for i, b in pairs if up[i] == 1 and not bare], d.periods)
    def block_stop(m, i, b, t):
        """UT = 1: segment_ibt ≤ width·on_it − what is above SD·stop_{i,t+1} − max(above SU − above SD, 0)·start_it."""
        if t + 1 not in d.periods:
            return pyo.Constraint.Skip
        width, start, stop = parts(i, b, t)
        return (
            m.segment[i, b, t] <= width * m.on[i, t] - stop * m.stop[i, t + 1] - max(start - stop, 0.0) * m.start[i, t]
        )
