"""Reserve requirements: products by unit, and system reserves that only steer commitment."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from clearing.case.arrays import Bools, Floats, Ids, Ints, freeze


class Direction(IntEnum):
    """Whether a product holds room above or below the schedule; numbers equal those of the proto enum."""

    UNSPECIFIED = 0
    UP = 1
    DOWN = 2


@dataclass(frozen=True, slots=True)
class Reserves:
    """Q products, N units, K buses, T periods.

    product_id (Q), direction (Q)    Direction
    response_minutes (Q)             an award is at most ramp rate · response_minutes; +inf = not limited so
    covers_bus (Q, K)                units at these buses count towards the requirement (zonal products)
    unit_max_mw (Q, N)               most a unit may be awarded; 0 = not eligible, +inf = its ramp and headroom
    requirement_mw (Q, T)            Σ awards of covered units ≥ requirement (soft)
    positive_min_mw, positive_max_mw, negative_min_mw (T) or None
        system reserves of the capacity form (families 2 and 3); None = the rule set's value, if it has one

    Awards of a unit in one direction share its headroom and, in the ramp-sharing form, its ramp (family 4).
    """

    product_id: Ids
    direction: Ints
    response_minutes: Floats
    covers_bus: Bools
    unit_max_mw: Floats
    requirement_mw: Floats
    positive_min_mw: Floats | None = None
    positive_max_mw: Floats | None = None
    negative_min_mw: Floats | None = None

    def __post_init__(self) -> None:
        freeze(self)
