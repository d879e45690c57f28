"""What of pumped hydro takes part in the market, and what of it is kept as system reserve."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from clearing.case.arrays import Floats, Ints, freeze
from clearing.case.case import Case
from clearing.case.resources import StorageMode
from clearing.rules.rules import PumpedRules


@dataclass(frozen=True, slots=True)
class PumpedMarket:
    """U units, T periods, at their share in the market.

    generate_min_mw, generate_max_mw (U, T), pump_mw (U)   share · the unit's
    kept_mw (T)                                            the rest of generate_max, as far as it counts as reserve
    between (U)                                            whole periods between pumping and generating
    wait (U)                                               first periods in which the initial state bars a direction
    bars_pumping, bars_generating (U)                      which direction that is; idle: both
    """

    generate_min_mw: Floats
    generate_max_mw: Floats
    pump_mw: Floats
    kept_mw: Floats
    between: Ints
    wait: Ints
    bars_pumping: np.ndarray
    bars_generating: np.ndarray

    def __post_init__(self) -> None:
        freeze(self)


def pumped_market(case: Case, rules: PumpedRules) -> PumpedMarket:
    """Readings: the share is one of power (the reservoir is whole); a unit that has idled for less than its changeover
    waits for the rest of it before either direction, since what it did before is not stated."""
    table, minutes = case.pumped_hydro, case.horizon.period_minutes
    share = market_share(case, rules)
    shape = (len(table.id), case.horizon.periods)
    most = table.generate_max_mw.reshape(shape)
    kept = ((1.0 - share)[:, None] * most).sum(axis=0)
    if rules.system_reserve_mw is not None:
        kept = np.minimum(kept, rules.system_reserve_mw)
    idle = table.initial_mode == StorageMode.IDLE
    rest = np.where(idle, table.changeover_minutes - table.initial_minutes, table.changeover_minutes)
    return PumpedMarket(
        generate_min_mw=share[:, None] * table.generate_min_mw.reshape(shape),
        generate_max_mw=share[:, None] * most,
        pump_mw=share * table.pump_mw,
        kept_mw=kept,
        between=-(-table.changeover_minutes // minutes),
        wait=-(-np.maximum(rest, 0) // minutes),
        bars_pumping=table.initial_mode != StorageMode.CHARGE,
        bars_generating=table.initial_mode != StorageMode.DISCHARGE,
    )


def market_share(case: Case, rules: PumpedRules) -> Floats:
    """Share (U): the case's, else the rule set's."""
    own = case.pumped_hydro.market_share
    return np.where(own >= 0.0, own, rules.market_share)
