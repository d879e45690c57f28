"""What the families need of the units, derived once from the case."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from clearing.case.arrays import Bools, Flags, Floats, Ints, freeze
from clearing.case.case import Case
from clearing.case.units import Units


@dataclass(frozen=True, slots=True)
class UnitData:
    """N units, T periods; MW a period instead of MW a minute, periods instead of minutes.

    on_min, on_max (N, T)        windows, with what is left of initial min up/down times and what the initial
                                 output and fixed outputs imply
    range_mw (N, T)              p_max − p_min
    ramp_up_mw, ramp_down_mw (N) RU, RD of a period, +inf = no limit
    startup_mw, shutdown_mw (N, T)   SU, SD, held within [p_min, p_max]
    min_up, min_down (N)         periods, ≥ 1
    was_on (N)                   0/1 before the first period
    first_start (N, T)           whether a unit off since before the horizon may start (all True; start_leads.py)
    """

    on_min: Flags
    on_max: Flags
    range_mw: Floats
    ramp_up_mw: Floats
    ramp_down_mw: Floats
    startup_mw: Floats
    shutdown_mw: Floats
    min_up: Ints
    min_down: Ints
    was_on: Floats
    first_start: Bools

    def __post_init__(self) -> None:
        freeze(self)


def unit_data(case: Case) -> UnitData:
    """Derive the table. An outage (on_max = 0) outranks the rest of a min up time, that outranks must-run."""
    units, horizon = case.units, case.horizon
    left_on, left_off = initial_periods_left(case)
    here = np.arange(horizon.periods)
    held_on, held_off = (here < left_on[:, None]) | too_high_to_stop(case), here < left_off[:, None]
    least, most = _with_fixed_outputs(units)
    on_max = np.where(held_off, 0, most).astype(np.int8)
    on_min = np.minimum(np.where(held_on, 1, least), on_max).astype(np.int8)
    return UnitData(
        on_min=on_min,
        on_max=on_max,
        range_mw=units.p_max_mw - units.p_min_mw,
        ramp_up_mw=units.ramp_up_mw_per_minute * horizon.period_minutes,
        ramp_down_mw=units.ramp_down_mw_per_minute * horizon.period_minutes,
        startup_mw=_within_limits(units.startup_limit_mw, units),
        shutdown_mw=_within_limits(units.shutdown_limit_mw, units),
        min_up=_periods(units.min_up_minutes, horizon.period_minutes),
        min_down=_periods(units.min_down_minutes, horizon.period_minutes),
        was_on=units.initial_on.astype(np.float64),
        first_start=np.ones(on_max.shape, dtype=np.bool_),
    )


def initial_periods_left(case: Case) -> tuple[Ints, Ints]:
    """Periods (N) a unit must still stay on, and still stay off, because of its initial state."""
    units, minutes = case.units, case.horizon.period_minutes
    up = np.maximum(0, -(-(units.min_up_minutes - units.initial_minutes) // minutes))
    down = np.maximum(0, -(-(units.min_down_minutes - units.initial_minutes) // minutes))
    return np.where(units.initial_on, up, 0), np.where(units.initial_on, 0, down)


def too_high_to_stop(case: Case) -> Bools:
    """Periods (N, T) in which a unit must be on because its initial output cannot have fallen to SD before them."""
    units, horizon = case.units, case.horizon
    here = np.arange(horizon.periods)
    fall = units.ramp_down_mw_per_minute[:, None] * horizon.period_minutes
    fallen = np.multiply(fall, here, where=here > 0, out=np.zeros((len(units.id), horizon.periods)))
    above = units.initial_mw[:, None] - fallen > units.shutdown_limit_mw[:, None] + 1e-9
    return np.asarray(units.initial_on[:, None] & above)


def _with_fixed_outputs(units: Units) -> tuple[Flags, Flags]:
    """on_min and on_max (N, T) with what fixed outputs imply: above 0 is on, 0 where p_min > 0 is off."""
    least, most = units.on_min.copy(), units.on_max.copy()
    unit, period, mw = units.fixed_unit, units.fixed_period, units.fixed_mw
    least[unit[mw > 0], period[mw > 0]] = 1
    off = (mw == 0) & (units.p_min_mw[unit, period] > 0) & (least[unit, period] == 0)
    most[unit[off], period[off]] = 0
    return least, most


def _periods(minutes: Ints, period_minutes: int) -> Ints:
    return np.maximum(1, -(-minutes // period_minutes))


def _within_limits(limit_mw: Floats, units: Units) -> Floats:
    return np.clip(limit_mw[:, None], units.p_min_mw, units.p_max_mw)
