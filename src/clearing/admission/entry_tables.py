"""Tables of an application to enter the market; n units, a attachments. Days are ordinals of the calendar, 0 = none."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from clearing.case.arrays import Bools, Ids, Ints, freeze
from clearing.case.entry import EntryChannel


class EntryState(IntEnum):
    """Numbered as on the wire."""

    UNSPECIFIED = 0
    NOT_REGISTERED = 1
    REGISTERED = 2
    DIRECT = 3
    AGGREGATED = 4


STATE_OF = {EntryChannel.DIRECT: EntryState.DIRECT, EntryChannel.AGGREGATED: EntryState.AGGREGATED}
"""State of a unit that has entered by a channel."""


class EntryKind(IntEnum):
    """Numbered as on the wire; names in lower case are those of the settings."""

    UNSPECIFIED = 0
    COAL = 1
    GAS = 2
    NUCLEAR = 3
    HYDRO = 4
    PUMPED_HYDRO = 5
    WIND = 6
    SOLAR = 7
    BIOMASS = 8
    STORAGE = 9
    OTHER = 10


NEW_ENERGY = (EntryKind.WIND, EntryKind.SOLAR)


class Answer(IntEnum):
    """Numbered as on the wire; unspecified = not stated."""

    UNSPECIFIED = 0
    YES = 1
    NO = 2


class FeedIn(IntEnum):
    """Numbered as on the wire."""

    UNSPECIFIED = 0
    ALL = 1
    SURPLUS = 2


class Subsidy(IntEnum):
    """Numbered as on the wire."""

    UNSPECIFIED = 0
    PARITY = 1
    WAIVED = 2
    KEPT = 3


@dataclass(frozen=True, slots=True)
class Application:
    """As in the request; days as ordinals, accepted_day 0 = pending."""

    enterprise: str
    channel: EntryChannel
    day: int
    effective_day: int
    sequence: int
    aggregate: str
    promise_accepted: bool
    accepted_day: int
    as_of: int


@dataclass(frozen=True, slots=True)
class Units:
    """(n) each. start_day: connection of wind and photovoltaic, start of the trial run of others. judged: the row was
    read without a fault."""

    id: Ids
    state: Ints
    selected: Bools
    kind: Ints
    capacity_w: Ints
    distributed: Ints
    public: Ints
    subsidy: Ints
    exempt: Ints
    licensed: Ints
    promised: Ints
    promise_end: Ints
    start_day: Ints
    effective_day: Ints
    contract: Ids
    contract_end: Ints
    aggregate: Ids
    project_code: Ids
    judged: Bools

    def __post_init__(self) -> None:
        freeze(self)


@dataclass(frozen=True, slots=True)
class Attachments:
    """(a) each; unit is a row, −1 where it is unknown."""

    unit: Ints
    file: Ids
    size: Ints

    def __post_init__(self) -> None:
        freeze(self)


@dataclass(frozen=True, slots=True)
class Asked:
    """All of them."""

    application: Application
    units: Units
    attachments: Attachments
