"""Formulations of the same schedules to choose from: equal optimum, different LP bound. Typed choices of `models.scuc`.

Each value says whose rows it is; the rows, with their papers, are in the module of their family. The defaults are the
rows that the tests hold against production.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from enum import StrEnum
from itertools import product


class StartCost(StrEnum):
    """Cost of a start by time off (`models/start_cost.py`); LP bounds: THREE_BIN ≤ TYPES ≤ MATCH, STATES."""

    STATES = "states"
    THREE_BIN = "three-bin"
    TYPES = "types"
    MATCH = "match"


class Ramps(StrEnum):
    """Ramps between two periods (`models/ramps.py`); LP bounds: ARROYO_CONEJO ≤ DAMCI_KURT."""

    ARROYO_CONEJO = "arroyo-conejo"
    DAMCI_KURT = "damci-kurt"


class Limits(StrEnum):
    """Output after a start and before a stop (`models/output_limits.py`); LP bounds: BASIC ≤ GENTILE ≤ PAN_GUAN."""

    BASIC = "basic"
    GENTILE = "gentile"
    PAN_GUAN = "pan-guan"


class CostCurve(StrEnum):
    """Blocks of an offer (`models/blocks.py`); LP bounds: WIDTHS ≤ ON ≤ START_STOP."""

    WIDTHS = "widths"
    ON = "on"
    START_STOP = "start-stop"


@dataclass(frozen=True, slots=True)
class Variants:
    """One choice a family."""

    start_cost: StartCost = StartCost.STATES
    ramps: Ramps = Ramps.ARROYO_CONEJO
    limits: Limits = Limits.BASIC
    cost_curve: CostCurve = CostCurve.WIDTHS

    @property
    def name(self) -> str:
        """What differs from the defaults, as family=value; "default" where nothing does."""
        plain = Variants()
        own = [(f.name, getattr(self, f.name)) for f in fields(self) if getattr(self, f.name) != getattr(plain, f.name)]
        return " ".join(f"{name}={value}" for name, value in own) or "default"


DEFAULT = Variants()
TIGHTEST = Variants(StartCost.MATCH, Ramps.DAMCI_KURT, Limits.PAN_GUAN, CostCurve.START_STOP)


def one_at_a_time() -> Iterator[Variants]:
    """The defaults, each other value of a family alone, and the tightest of all together."""
    yield DEFAULT
    yield from (Variants(start_cost=one) for one in StartCost if one is not DEFAULT.start_cost)
    yield from (Variants(ramps=one) for one in Ramps if one is not DEFAULT.ramps)
    yield from (Variants(limits=one) for one in Limits if one is not DEFAULT.limits)
    yield from (Variants(cost_curve=one) for one in CostCurve if one is not DEFAULT.cost_curve)
    yield TIGHTEST


def every(
    start_cost: list[StartCost], ramps: list[Ramps], limits: list[Limits], cost_curve: list[CostCurve]
) -> list[Variants]:
    """All combinations of the values asked for; a family without any has its default."""
    asked = (start_cost or [DEFAULT.start_cost], ramps or [DEFAULT.ramps], limits or [DEFAULT.limits],
             cost_curve or [DEFAULT.cost_curve])  # fmt: skip
    return [Variants(*one) for one in product(*asked)]
