"""Which unit may be awarded which reserve product."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from clearing.case.arrays import Floats, Ints, freeze
from clearing.case.case import Case
from clearing.case.reserves import Direction


@dataclass(frozen=True, slots=True)
class Awards:
    """P eligible pairs of product (P) and unit (P); cap_mw (P) = min(unit's most, ramp rate · response time)."""

    product: Ints
    unit: Ints
    cap_mw: Floats

    def __post_init__(self) -> None:
        freeze(self)


def awards(case: Case) -> Awards:
    """Pairs in product order; a unit counts only for products that cover its bus."""
    reserves, units = case.reserves, case.units
    up = reserves.direction == Direction.UP
    rate = np.where(up[:, None], units.ramp_up_mw_per_minute, units.ramp_down_mw_per_minute)
    by_ramp = np.full(rate.shape, np.inf)
    minutes = np.broadcast_to(reserves.response_minutes[:, None], rate.shape)
    limited = np.isfinite(rate) & np.isfinite(minutes)
    by_ramp[limited] = rate[limited] * minutes[limited]
    cap = np.minimum(reserves.unit_max_mw, by_ramp)
    product, unit = np.nonzero((cap > 0.0) & reserves.covers_bus[:, units.bus])
    return Awards(product, unit, cap[product, unit])
