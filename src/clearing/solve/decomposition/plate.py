"""A copper plate that stands in for the dispatch while commitments are looked for: units as blocks of a merit order.

Energy and reserve upward share the headroom of a unit. A block of a unit's curve is split where its output begins to
take room from the unit's reserve: what lies below costs its price, what lies above its price and the value of reserve.
Of the ramps the plate knows what holds by period: how far a unit can have come from its state before the horizon, its
limits in the period of a start and before a stop, and that an award takes from the ramp.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from clearing.case.arrays import Bools, Flags, Floats, Ints
from clearing.formulation.curves import Curve
from clearing.formulation.model import Model
from clearing.formulation.variables import directions

CLASSES = 500
"""Price classes of the merit order."""


@dataclass(frozen=True, slots=True)
class Plate:
    """N units, T periods, K blocks, B price classes; MW, money an hour.

    price (B)                     of a class
    first (N + 1)                 blocks of unit i are first[i] … first[i + 1] − 1
    place (K, T)                  class of a block
    width (K, T)                  of a block
    least, cap (N, T)             output at least when on; reserve at most
    room (3, N, T)                MW over least output that can be reached, in the period of a start, before a stop
    sites (T, B)                  renewables by class
    on_cost (N, T)                money of a period on at least output
    needs (2, T)                  output that units and renewables above their least must give; reserve upward
    prices (3), hours             penalty of shortage, surplus, reserve short; hours of a period
    """

    price: Floats
    first: Ints
    place: Ints
    width: Floats
    least: Floats
    cap: Floats
    room: Floats
    sites: Floats
    on_cost: Floats
    needs: Floats
    prices: Floats
    hours: float


@dataclass(frozen=True, slots=True)
class Paths:
    """What a unit's schedule must keep and what its switches cost. T periods.

    min_up, min_down (N)     periods
    on_min, on_max (N, T)    windows
    was_on (N)               before the horizon
    first_start (N, T)       whether a unit off since before the horizon may start
    start_first (N, T)       money of a start of a unit off since before the horizon
    start_after (N, T + 1)   money of a start after so many periods off
    stop (N)                 money
    stop_first (N)           whether a unit on before may stop in the first period
    """

    min_up: Ints
    min_down: Ints
    on_min: Flags
    on_max: Flags
    was_on: Bools
    first_start: Bools
    start_first: Floats
    start_after: Floats
    stop: Floats
    stop_first: Bools


def plate(model: Model, extra_mw: Floats | None = None) -> Plate:
    """The stand-in of a problem; extra_mw (T): what neither units nor renewables give (stores, bids, shed load)."""
    case, data, awards = model.case, model.data, model.awards
    units, hours, periods = case.units, case.horizon.hours, case.horizon.periods
    up, _ = directions(case, awards)
    floor = units.p_min_mw
    room = np.stack([_reach(model), data.startup_mw, data.shutdown_mw]) - floor
    cap = np.zeros(floor.shape)
    upward = np.where(up > 0.0, awards.cap_mw, 0.0)
    np.add.at(cap, awards.unit, np.broadcast_to(upward[:, None], (len(awards.unit), periods)))
    if awards.form.shares:  # an award takes from the ramp of its period
        cap = np.minimum(cap, np.where(np.isfinite(data.ramp_up_mw), data.ramp_up_mw, np.inf)[:, None])
    order = np.argsort(model.unit_curve.resource, kind="stable")
    first = np.searchsorted(model.unit_curve.resource[order], np.arange(len(units.id) + 1)).astype(np.int64)
    price, places = _classes(model.unit_curve, model.renewable_curve)
    sites = np.zeros((periods, len(price)))
    width = model.renewable_curve.width_mw
    np.add.at(sites, (np.broadcast_to(np.arange(periods), width.shape), places[1]), width)
    asked = case.reserves.requirement_mw[case.reserves.direction == 1].sum(axis=0)
    need = -model.fixed_injection.sum(axis=0) - (0.0 if extra_mw is None else extra_mw)
    penalties = model.penalties
    on_cost = units.no_load_cost_per_hour[:, None] + model.unit_curve.floor_cost_per_hour
    money = [float(steps[0][1]) for steps in (penalties.shortage, penalties.surplus, penalties.product)]
    arrays = (
        price, first, places[0][order], model.unit_curve.width_mw[order], floor, cap, np.minimum(room, room[0]), sites,
        on_cost, np.stack([need, asked]), np.array(money),
    )  # fmt: skip
    return Plate(*_own((*arrays, hours)))


def paths(model: Model) -> Paths:
    """The limits of the units' schedules."""
    case, data = model.case, model.data
    units, minutes, periods = case.units, case.horizon.period_minutes, case.horizon.periods
    away = np.arange(periods + 1) * minutes
    first = units.initial_minutes[:, None] + away[:-1]
    after, at_first = np.zeros((len(units.id), periods + 1)), np.zeros((len(units.id), periods))
    table = units.start_costs
    for i, since, inclusive, cost in zip(table.unit, table.after_minutes, table.inclusive, table.cost, strict=True):
        for offline, out in ((away, after[i]), (first[i], at_first[i])):
            applies = offline >= since if inclusive else offline > since
            out[applies] = cost
    most = periods + 1
    upper = model.problem.upper[model.problem.columns["stop"]]
    arrays = (
        np.minimum(data.min_up, most).astype(np.int64), np.minimum(data.min_down, most).astype(np.int64), data.on_min,
        data.on_max, data.was_on > 0.5, data.first_start, at_first, after, units.stop_cost.astype(np.float64),
        np.asarray(upper[:, 0] > 0.5) if periods else np.ones(len(units.id), dtype=np.bool_),
    )  # fmt: skip
    return Paths(*_own(arrays))


def _own(arrays: tuple[Any, ...]) -> list[Any]:
    """Arrays of one layout, so that kernels are compiled once; numbers as they are."""
    return [np.array(part, order="C") if isinstance(part, np.ndarray) else part for part in arrays]


def _reach(model: Model) -> Floats:
    """Most output (N, T) that the state before the horizon allows a unit on line."""
    case, data = model.case, model.data
    units, since = case.units, np.arange(1, case.horizon.periods + 1)
    rise = np.where(np.isfinite(data.ramp_up_mw), data.ramp_up_mw, 1e9)[:, None]
    on = units.initial_on[:, None]
    reach = np.where(on, units.initial_mw[:, None] + rise * since, data.startup_mw[:, :1] + rise * (since - 1))
    return np.asarray(np.clip(reach, units.p_min_mw, units.p_max_mw))


def _classes(units: Curve, sites: Curve) -> tuple[Floats, list[Ints]]:
    """Price of the classes, and the class of every block of units and of renewables: finer where there are more."""
    used = np.unique(np.concatenate([c.price_per_mwh[c.width_mw > 0.0] for c in (units, sites)]))
    if not len(used):
        used = np.zeros(1)
    parts = np.array_split(used, min(CLASSES, len(used)))
    price = np.array([part.mean() for part in parts])
    edges = np.array([part[0] for part in parts[1:]])
    return price, [np.searchsorted(edges, c.price_per_mwh, side="right").astype(np.int64) for c in (units, sites)]
