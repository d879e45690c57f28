"""An initial state for a data set that has none: what merit order would have run just before the day.

1. Net load = loads − ties − renewable forecasts of the first period; need = net load + up reserve of that period.
2. Must-run units are on. Then units join in rising order of their average cost at full output until the capacity on
   covers the need, and, product by product, until what those of its area can hold covers its up requirement.
3. While the least output of the units on exceeds the net load, the dearest that need not run goes off again.
4. Every unit on runs at its minimum; the rest of the net load is filled in merit order of the units' blocks.
5. All have been in their state for 168 hours, longer than any min up or down time (pglib-uc states the same figure).

The order of equal costs is that of the table, so the state is the same in every run.
"""

from __future__ import annotations

import dataclasses

import numpy as np

from clearing.case.arrays import Bools, Floats
from clearing.case.reserves import Direction, Reserves
from clearing.case.resources import Loads, Renewables, Ties
from clearing.case.units import Units

HOURS_IN_STATE = 168


def with_initial_state(
    units: Units, renewables: Renewables, ties: Ties, loads: Loads, reserves: Reserves
) -> tuple[Units, str]:
    """The units with initial_on, initial_minutes and initial_mw, and the sentence for `Case.notes`."""
    net = float(loads.mw[:, 0].sum() - ties.import_mw[:, 0].sum() - renewables.forecast_mw[:, 0].sum())
    need = net + float(reserves.requirement_mw[reserves.direction == Direction.UP, 0].sum())
    p_min, p_max = units.p_min_mw[:, 0], units.p_max_mw[:, 0]
    on = _chosen(units, net, need, reserves)
    output = _dispatched(units, on, net)
    longest = max(HOURS_IN_STATE * 60, int(np.max(units.min_up_minutes, initial=0)))
    longest = max(longest, int(np.max(units.min_down_minutes, initial=0)))
    note = (
        f"The data has no initial state: {int(on.sum())} units in merit order cover the net load of {net:.0f} MW and"
        f" the reserve before the first period (least output {p_min[on].sum():.0f}, greatest {p_max[on].sum():.0f} MW);"
        f" all units have been in their state for {longest // 60} hours."
    )
    state = dataclasses.replace(
        units,
        initial_on=on,
        initial_minutes=np.full(len(units.id), longest, dtype=np.int64),
        initial_mw=output,
    )
    return state, note


def _average_cost(units: Units) -> Floats:
    """Money per MWh at full output: no-load and offer blocks."""
    offers = units.offers
    energy = np.bincount(offers.resource, offers.width_mw[:, 0] * offers.price_per_mwh[:, 0], minlength=len(units.id))
    cost: Floats = (energy + units.no_load_cost_per_hour) / np.maximum(units.p_max_mw[:, 0], 1e-9)
    return cost


def _chosen(units: Units, net: float, need: float, reserves: Reserves) -> Bools:
    p_min, p_max = units.p_min_mw[:, 0], units.p_max_mw[:, 0]
    must: Bools = units.on_min[:, 0] == 1
    order = [int(i) for i in np.argsort(_average_cost(units), kind="stable") if not must[i]]
    on = must.copy()
    for i in order:
        if p_max[on].sum() >= need:
            break
        on[i] = True
    for q in np.flatnonzero(reserves.direction == Direction.UP):
        reach = np.minimum(p_max - p_min, units.ramp_up_mw_per_minute * reserves.response_minutes[q])
        held = np.where(reserves.covers_bus[q, units.bus], np.minimum(reach, reserves.unit_max_mw[q]), 0.0)
        for i in order:
            if held[on].sum() >= reserves.requirement_mw[q, 0]:
                break
            on[i] |= held[i] > 0.0
    for i in reversed(order):
        if p_min[on].sum() <= net:
            break
        on[i] = False
    return on


def _dispatched(units: Units, on: Bools, net: float) -> Floats:
    """Minimum output of the units on, and the rest of the net load over their blocks by rising price."""
    offers = units.offers
    output = np.where(on, units.p_min_mw[:, 0], 0.0)
    left = net - float(output.sum())
    below = np.zeros(len(units.id))  # MW of the blocks of a unit that stand below the next one
    room = np.zeros(offers.resource.size)
    for m, i in enumerate(offers.resource):
        end = below[i] + offers.width_mw[m, 0]
        room[m] = max(0.0, end - max(below[i], units.p_min_mw[i, 0])) if on[i] else 0.0
        below[i] = end
    for m in np.argsort(offers.price_per_mwh[:, 0], kind="stable"):
        taken = min(room[m], max(left, 0.0))
        output[offers.resource[m]] += taken
        left -= taken
    return np.minimum(output, units.p_max_mw[:, 0])
