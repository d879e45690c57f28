"""Linear limits: weighted sums of outputs, bus injections and branch flows (security constraints)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from clearing.case.arrays import Floats, Ids, Ints, freeze

TERMS = ("unit", "renewable", "storage", "bus", "branch")
"""What a term may weigh; each has its columns `<name>_limit`, `<name>`, `<name>_coefficient`."""


@dataclass(frozen=True, slots=True)
class LinearLimits:
    """C limits, T periods: min_ct ≤ Σ coefficient · MW ≤ max_ct; one row a term, repeated ones add up.

    id (C), min_mw, max_mw (C, T)   ±inf = no limit
    price_per_mwh (C)               what a MWh beyond a limit costs, ≥ 0, in clearing and pricing run alike;
                                    −1 = the rule set's penalty `joint_limit`
    unit_…                          output of a unit, without what it gives on start-up and shut-down curves
    renewable_…, storage_…          output of a site; discharge less charge
    bus_…                           everything injected at a bus less its load, without surplus
    branch_…                        flow of a branch, from → to
    """

    id: Ids
    min_mw: Floats
    max_mw: Floats
    price_per_mwh: Floats
    unit_limit: Ints
    unit: Ints
    unit_coefficient: Floats
    renewable_limit: Ints
    renewable: Ints
    renewable_coefficient: Floats
    storage_limit: Ints
    storage: Ints
    storage_coefficient: Floats
    bus_limit: Ints
    bus: Ints
    bus_coefficient: Floats
    branch_limit: Ints
    branch: Ints
    branch_coefficient: Floats

    def __post_init__(self) -> None:
        freeze(self)


_SERIES, _INDEX, _NUMBER = np.zeros((0, 0)), np.zeros(0, dtype=np.int64), np.zeros(0)
NO_LINEAR_LIMITS = LinearLimits((), _SERIES, _SERIES, _NUMBER, *(5 * (_INDEX, _INDEX, _NUMBER)))
"""No limit, whatever the number of periods."""


def weights(limits: LinearLimits, term: str, count: int) -> Floats:
    """Coefficients (C, count) of one kind of term over the rows of its table."""
    table = np.zeros((len(limits.id), count))
    rows, columns = getattr(limits, f"{term}_limit"), getattr(limits, term)
    np.add.at(table, (rows, columns), getattr(limits, f"{term}_coefficient"))
    return table


def limit_price(limits: LinearLimits) -> Floats:
    """Penalty of its own of every limit (C), NaN where the rule set's holds."""
    return np.where(limits.price_per_mwh >= 0.0, limits.price_per_mwh, np.nan)
