"""Kinds and ranges of the columns of a case."""

from __future__ import annotations

from dataclasses import dataclass

from clearing.case.predicates import Range

MOST_MW = 1e7
MOST_PRICE = 1e7
MOST_MONEY = 1e10
MOST_MINUTES = 1e8

MW = Range(-MOST_MW, MOST_MW)
OUTPUT = Range(0.0, MOST_MW)
LIMIT = Range(0.0, MOST_MW, plus_infinity=True)
LEAST = Range(-MOST_MW, MOST_MW, minus_infinity=True)
GREATEST = Range(-MOST_MW, MOST_MW, plus_infinity=True)
RAMP = Range(0.0, MOST_MW, open_low=True, plus_infinity=True)
ENERGY = Range(0.0, MOST_MW)
PRICE = Range(-MOST_PRICE, MOST_PRICE)
SHORTFALL_PRICE = Range(0.0, MOST_PRICE)
MONEY = Range(-MOST_MONEY, MOST_MONEY)
COST = Range(0.0, MOST_MONEY)
MINUTES = Range(0.0, MOST_MINUTES)
EFFICIENCY = Range(0.01, 1.0)  # below it no store, and in the end no number that a solver takes
LOST = Range(0.0, 1.0, open_high=True)
RESPONSE = Range(0.0, MOST_MINUTES, open_low=True, plus_infinity=True)
KILOVOLT = Range(0.0, 1e4)
PER_UNIT = Range(-1e4, 1e4)
TAP = Range(0.01, 100.0)
DEGREES = Range(-360.0, 360.0)
LOSS_FACTOR = Range(0.5, 2.0)
COEFFICIENT = Range(-1e4, 1e4)
WEIGHT = Range(0.0, MOST_MW)
COUNT = Range(-1.0, MOST_MINUTES)  # −1 = no limit
OWN_MINUTES = Range(-1.0, MOST_MINUTES)  # −1 = the rule set's

DAY = Range(693_596.0, 3_286_817.0)  # ordinals of 1900 to 8999


@dataclass(frozen=True, slots=True)
class Index:
    """An index into the rows `table`; absent: −1 means none."""

    table: str
    absent: bool = False


@dataclass(frozen=True, slots=True)
class Choice:
    """A member of an enum: one of these numbers. looked_up: checks across columns cannot be made with another one."""

    numbers: tuple[int, ...]
    looked_up: bool = True


class Truth:
    """True or false."""


class Bit:
    """0 or 1."""


@dataclass(frozen=True, slots=True)
class Column:
    """rows, wide: letters of the dimensions as in the docstrings of the tables ('' = one dimension)."""

    name: str
    rows: str
    wide: str
    content: Range | Index | Choice | type[Truth] | type[Bit]
    whole: bool = False  # whole numbers


NUMBER = Range(0.0, 1e6)
