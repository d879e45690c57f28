"""Virtual power plants: aggregated resources whose MW are spread over buses by fixed factors (family 18)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from clearing.case.arrays import Floats, Ids, Ints, freeze
from clearing.case.offers import Offers


class VirtualPlantKind(IntEnum):
    """What a virtual plant stands for; numbers equal those of the proto enum."""

    UNSPECIFIED = 0
    GENERATION = 1
    LOAD = 2


@dataclass(frozen=True, slots=True)
class VirtualPlants:
    """V plants, M factors, T periods.

    id, owner (V)                        as in Units
    kind (V)                             VirtualPlantKind: MW are output, or load
    min_mw, max_mw (V, T)                0 ≤ min ≤ max; the min of a load is firm: shed like other load of its buses
    baseline_mw (V, T)                   what it would do without the market: for settlement, limits nothing
    ramp_mw_per_minute (V)               most change between two periods of the horizon; > 0, +inf = no limit
    offers                               blocks from 0 MW up to max; prices rise (generation) or fall (load) along them
    factor_plant, factor_bus, factor (M) share ≥ 0 of the plant's MW at a bus; the shares of a plant add up to 1

    It is settled at the factor-weighted mean of its buses' prices.
    """

    id: Ids
    owner: Ints
    kind: Ints
    min_mw: Floats
    max_mw: Floats
    baseline_mw: Floats
    ramp_mw_per_minute: Floats
    offers: Offers
    factor_plant: Ints
    factor_bus: Ints
    factor: Floats

    def __post_init__(self) -> None:
        freeze(self)


_INDEX, _COLUMN, _SERIES = np.zeros(0, dtype=np.int64), np.zeros(0), np.zeros((0, 0))
NO_VIRTUAL_PLANTS = VirtualPlants(
    (), _INDEX, _INDEX, _SERIES, _SERIES, _SERIES, _COLUMN, Offers(_INDEX, _SERIES, _SERIES), _INDEX, _INDEX, _COLUMN
)
"""No virtual plant, whatever the number of periods."""
