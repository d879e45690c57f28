"""Units that are committed: thermal, nuclear, reservoir hydro."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from clearing.case.arrays import Bools, Flags, Floats, Ids, Ints, freeze
from clearing.case.offers import Offers


class Fuel(IntEnum):
    """What drives a unit or a renewable site; numbers equal those of the proto enum."""

    UNSPECIFIED = 0
    COAL = 1
    GAS = 2
    OIL = 3
    NUCLEAR = 4
    HYDRO = 5
    BIOMASS = 6
    WIND = 7
    SOLAR = 8
    ROOFTOP_SOLAR = 9
    SOLAR_THERMAL = 10
    OTHER = 11


class StartState(IntEnum):
    """How cold a unit is when it starts; numbers equal those of the proto enum."""

    UNSPECIFIED = 0
    HOT = 1
    WARM = 2
    COLD = 3


@dataclass(frozen=True, slots=True)
class StartCosts:
    """M start states; those of one unit stand together, in rising order of time off.

    unit (M)             unit index
    state (M)            StartState label, for reports only
    after_minutes (M)    the state applies once the unit has been off this long … (first state: 0)
    inclusive (M)        … True: time off ≥ after_minutes belongs to this state; False: only time off > it
    cost (M)             money a start
    A unit without a row starts for nothing. The state of a start is the last one that applies.
    """

    unit: Ints
    state: Ints
    after_minutes: Ints
    inclusive: Bools
    cost: Floats

    def __post_init__(self) -> None:
        freeze(self)


@dataclass(frozen=True, slots=True)
class Units:
    """N units, T periods; MW are net at the bus.

    id (N), plant (N), owner (N)            indices into Participants, −1 = none
    bus (N)                                 bus index
    fuel (N)                                Fuel
    p_min_mw, p_max_mw (N, T)               0 ≤ p_min ≤ p_max; limits while on
    ramp_up_mw_per_minute, ramp_down_… (N)  > 0; +inf = no limit. RU = rate · period_minutes
    startup_limit_mw, shutdown_limit_mw (N) most MW in the first period on / the last period on
                                            (+inf = no limit)
    min_up_minutes, min_down_minutes (N)    ≥ 0
    no_load_cost_per_hour (N)               money an hour on, on top of the offer curve
    stop_cost (N)                           money a stop
    initial_on (N)                          state just before the first period
    initial_minutes (N)                     time already spent in that state, ≥ 0
    initial_mw (N)                          output just before the first period (0 where off)
    on_min, on_max (N, T)                   0/1: must-run sets on_min = 1, must-off sets on_max = 0
    fixed_unit, fixed_period, fixed_mw (F)  output held at a value (test, commissioning, direct schedule)
    price_eligible (N)                      False: frozen in the pricing run
    offers, start_costs                     see there
    """

    id: Ids
    plant: Ints
    owner: Ints
    bus: Ints
    fuel: Ints
    p_min_mw: Floats
    p_max_mw: Floats
    ramp_up_mw_per_minute: Floats
    ramp_down_mw_per_minute: Floats
    startup_limit_mw: Floats
    shutdown_limit_mw: Floats
    min_up_minutes: Ints
    min_down_minutes: Ints
    no_load_cost_per_hour: Floats
    stop_cost: Floats
    initial_on: Bools
    initial_minutes: Ints
    initial_mw: Floats
    on_min: Flags
    on_max: Flags
    fixed_unit: Ints
    fixed_period: Ints
    fixed_mw: Floats
    price_eligible: Bools
    offers: Offers
    start_costs: StartCosts

    def __post_init__(self) -> None:
        freeze(self)
