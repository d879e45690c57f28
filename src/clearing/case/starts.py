"""Limits on starts and stops: by unit, by plant, and how long an ordered start takes (families 11 and 13)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from clearing.case.arrays import Ints, freeze


def _none() -> Ints:
    return np.zeros(0, dtype=np.int64)


@dataclass(frozen=True, slots=True)
class StartLimits:
    """n units with a limit on their starts or stops a day; a unit stands once, in the order of the units.

    unit (n)                     unit index
    max_starts, max_stops (n)    most in a day, ≥ 0, −1 = no limit; a row states at least one of them
    The day of a period is the day it begins in, market time.
    """

    unit: Ints
    max_starts: Ints
    max_stops: Ints

    def __post_init__(self) -> None:
        freeze(self)


@dataclass(frozen=True, slots=True)
class PlantLimits:
    """n plants with limits of their own; a plant stands once.

    plant (n)                     index into Participants.plant_id
    max_starts, max_stops (n)     most of all its units in a day, ≥ 0, −1 = no limit
    start_spacing_minutes (n)     least time between two starts, ≥ 0 (0 = no limit), −1 = the rule set's
    stop_spacing_minutes (n)      least time between two stops, the same
    switching_minutes (n)         where one unit stops and another starts on one day: least time the started one
                                  stays on, the same
    A plant without a row has the rule set's times and no limit on numbers.
    """

    plant: Ints
    max_starts: Ints
    max_stops: Ints
    start_spacing_minutes: Ints
    stop_spacing_minutes: Ints
    switching_minutes: Ints

    def __post_init__(self) -> None:
        freeze(self)


@dataclass(frozen=True, slots=True)
class StartLeads:
    """Time from the order of a start to synchronisation.

    minutes (M) or (0)    one a row of units.start_costs: ≥ 0, −1 = the rule set's for the row's state; (0) = all −1
    reference_minute      clock the times count from, minutes from 00:00 of the operating day; None = the rule set's
    """

    minutes: Ints
    reference_minute: int | None = None

    def __post_init__(self) -> None:
        freeze(self)


NO_START_LIMITS = StartLimits(_none(), _none(), _none())
NO_PLANT_LIMITS = PlantLimits(_none(), _none(), _none(), _none(), _none(), _none())
NO_START_LEADS = StartLeads(_none())
