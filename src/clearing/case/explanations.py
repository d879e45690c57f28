"""Why a priced answer is as it is: reasons of units, prices of limits, what is broken and what would mend it.

docs/explanations.md defines every reason and figure. For the operator: it tells about single units.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from clearing.case.arrays import Floats, Ids, Ints, freeze


class UnitReason(IntEnum):
    """Why a unit is on, or off; numbers equal those of the proto enum."""

    UNSPECIFIED = 0
    FIXED_OUTPUT = 1
    MUST_RUN = 2
    INITIAL_STATE = 3
    MIN_UP = 4
    ECONOMICS = 5
    RESERVE = 6
    NETWORK = 7
    START_AVOIDED = 8
    START_LIMITS = 9
    GROUP = 10
    ENERGY_WINDOW = 11
    CAPACITY = 12
    REPLACEMENT = 13
    GIVEN = 14
    MIN_DOWN = 15
    MUST_OFF = 16
    LEAD_TIME = 17
    NOT_IN_THE_MONEY = 18
    DISPLACEMENT = 19
    UNEXPLAINED = 20
    LOSSES = 21
    LINEAR_LIMIT = 22


class ReliefAction(IntEnum):
    """What a resource would do to relieve a limit; numbers equal those of the proto enum."""

    UNSPECIFIED = 0
    RAISE = 1
    LOWER = 2
    START = 3
    STOP = 4


@dataclass(frozen=True, slots=True)
class OnSpells:
    """S spells on line, by unit, then time; the last four columns of money are costs, ≥ 0 unless offers are negative.

    unit, first_period, last_period (S)    row of Units; both periods belong to the spell
    reason (S)                             UnitReason of the parts that hold most periods
    energy_revenue, reserve_revenue (S)    money at the published prices
    energy_cost, no_load_cost (S)          energy: offers of energy and of reserve capacity
    start_cost, stop_cost (S)              of a start in the first period, of a stop behind the last one
    """

    unit: Ints
    first_period: Ints
    last_period: Ints
    reason: Ints
    energy_revenue: Floats
    reserve_revenue: Floats
    energy_cost: Floats
    no_load_cost: Floats
    start_cost: Floats
    stop_cost: Floats

    def __post_init__(self) -> None:
        freeze(self)

    @property
    def margin(self) -> Floats:
        """Revenue − cost (S), money."""
        cost = self.energy_cost + self.no_load_cost + self.start_cost + self.stop_cost
        return self.energy_revenue + self.reserve_revenue - cost


@dataclass(frozen=True, slots=True)
class Parts:
    """Stretches of one reason, P rows, in the order of their units and periods.

    unit, first_period, last_period (P)    row of Units; both periods belong to the part
    reason (P)                             UnitReason
    margin (P)       money. On: what being on is worth against the alternative that the page names.
                     Off: the most that one run within the part would have earned, an upper bound; 0 if held off
    subject (P)      what the reason points at: a branch, a product, a plant, a group …; '' = nothing
    """

    unit: Ints
    first_period: Ints
    last_period: Ints
    reason: Ints
    margin: Floats
    subject: Ids

    def __post_init__(self) -> None:
        freeze(self)


@dataclass(frozen=True, slots=True)
class LimitRents:
    """L limits that bind at a price, the greatest rent first; MW, or MWh where the family counts energy.

    family, subject, side (L)     as in Binding
    periods (L)                   number of periods in which it binds
    worst_period (L)              that of the greatest shadow price
    limit (L)                     there
    greatest_price (L)            shadow price there, per MWh
    cost_per_mw (L)               Σ dt·shadow price: what one MW(h) more in all these periods would have saved, money
    rent (L)                      Σ dt·shadow price·|limit|, money
    """

    family: Ids
    subject: Ids
    side: Ids
    periods: Ints
    worst_period: Ints
    limit: Floats
    greatest_price: Floats
    cost_per_mw: Floats
    rent: Floats

    def __post_init__(self) -> None:
        freeze(self)


@dataclass(frozen=True, slots=True)
class BrokenLimits:
    """B violations in the order of the result's, with the limit and what was attained.

    family, subject, period (B)    as in Violation
    measure (B)                    unit of the next three: 'MW', 'MW/min', 'MWh' or 'number'
    limit, attained, amount (B)    amount = distance of the two; where a family has no limit of its own in the case,
                                   limit 0 and attained = amount
    penalty (B)                    money
    """

    family: Ids
    subject: Ids
    period: Ints
    measure: Ids
    limit: Floats
    attained: Floats
    amount: Floats
    penalty: Floats

    def __post_init__(self) -> None:
        freeze(self)


@dataclass(frozen=True, slots=True)
class Reliefs:
    """R resources that would relieve a broken limit in its period, the greatest effect first.

    broken (R)      row of BrokenLimits
    resource (R)    id of a unit, renewable site or storage unit
    action (R)      ReliefAction
    mw (R)          how far it can move
    effect (R)      by how much that mends the limit, in the measure of the limit, at most the amount broken
    """

    broken: Ints
    resource: Ids
    action: Ints
    mw: Floats
    effect: Floats

    def __post_init__(self) -> None:
        freeze(self)


@dataclass(frozen=True, slots=True)
class Shortages:
    """H periods with load shed, by island: what is missing, and where the rest of the capacity is; MW.

    bus (H)              the bus of the island where most is shed; period (H)
    missing_mw (H)       load shed in the island
    outage_mw (H)        p_max of units that may not be on
    off_mw (H)           p_max of the other units that are off
    ramp_mw (H)          room of units on line beyond what they can reach from the period before
    reserve_mw (H)       room held by up awards
    blocked_mw (H)       room within reach and held by nobody: behind limits of the network, groups or energy
    family, subject (H)  the limit with the greatest pull on the bus in that period; '' = none
    """

    bus: Ids
    period: Ints
    missing_mw: Floats
    outage_mw: Floats
    off_mw: Floats
    ramp_mw: Floats
    reserve_mw: Floats
    blocked_mw: Floats
    family: Ids
    subject: Ids

    def __post_init__(self) -> None:
        freeze(self)


@dataclass(frozen=True, slots=True)
class Remedies:
    """M limits that would have to move for the case to become clean; `explain.remedies.moved_case` applies them.

    family, subject (M)    as in Violation; shortage and surplus: the bus whose load would have to change
    side (M)               'max' = the limit is a greatest value and rises, 'min' = a least value and falls
    period (M)             −1 = the limit holds for the whole horizon (or a day of it)
    measure (M)            'MW', 'MW/min', 'MWh', 'number' or 'minutes'
    before, after (M)      the limit as it is, and where it would have to be
    """

    family: Ids
    subject: Ids
    side: Ids
    period: Ints
    measure: Ids
    before: Floats
    after: Floats

    def __post_init__(self) -> None:
        freeze(self)


@dataclass(frozen=True, slots=True)
class Explanations:
    """All of it. on, off: stretches of one reason of units on line and off; spells: the spells that `on` cuts up."""

    spells: OnSpells
    on: Parts
    off: Parts
    limits: LimitRents
    broken: BrokenLimits
    reliefs: Reliefs
    shortages: Shortages
    remedies: Remedies
