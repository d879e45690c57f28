"""Tables of orders: n participants, i instruments, o orders, a month of D days of T periods. Whole kWh, thousandths."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from clearing.case.arrays import Bools, Ids, Ints, freeze


class Side(IntEnum):
    """Numbered as on the wire."""

    UNSPECIFIED = 0
    GENERATION = 1
    USER = 2


class Channel(IntEnum):
    """Numbered as on the wire."""

    UNSPECIFIED = 0
    AUCTION = 1
    BILATERAL = 2
    LISTING = 3


class Direction(IntEnum):
    """Numbered as on the wire."""

    UNSPECIFIED = 0
    SELL = 1
    BUY = 2


class DayKind(IntEnum):
    """Numbered as on the wire."""

    UNSPECIFIED = 0
    WORKDAY = 1
    SATURDAY = 2
    SUNDAY = 3
    HOLIDAY = 4


@dataclass(frozen=True, slots=True)
class Month:
    """day_kind (D) DayKind; periods T."""

    day_kind: Ints
    periods: int

    def __post_init__(self) -> None:
        freeze(self)


@dataclass(frozen=True, slots=True)
class Participants:
    """(n) each; guarantee −1 = not judged; energy > 0 sold."""

    id: Ids
    side: Ints
    capacity_kw: Ints
    base_kwh: Ints
    net_kwh: Ints
    day_start_net_kwh: Ints
    traded_kwh: Ints
    guarantee_milli: Ints
    owed_milli: Ints
    unsettled_kwh: Ints

    def __post_init__(self) -> None:
        freeze(self)


@dataclass(frozen=True, slots=True)
class Instruments:
    """weight (i, T) or (i, D·T); reference price (i), and whether there is one (i)."""

    id: Ids
    weight: Ints
    reference_milli: Ints
    referenced: Bools

    def __post_init__(self) -> None:
        freeze(self)


@dataclass(frozen=True, slots=True)
class Orders:
    """(o) each, in the order in which they came; participant and instrument are rows. judged: it was read without a
    fault."""

    id: Ids
    participant: Ints
    instrument: Ints
    channel: Ints
    direction: Ints
    energy_kwh: Ints
    price_milli: Ints
    judged: Bools

    def __post_init__(self) -> None:
        freeze(self)


@dataclass(frozen=True, slots=True)
class Book:
    """All of them."""

    month: Month
    participants: Participants
    instruments: Instruments
    orders: Orders
