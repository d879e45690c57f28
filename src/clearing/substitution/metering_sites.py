"""Energy of new-energy sites, month by month (clauses 9.5.1.2, the second 9.5.1.5, and 9.5.2 of Xinjiang).

    ΣN3 = M = what captive plants took          N3 of an area = M · y        N3 of a site = base · X,  X = N3 / Σ base

    base   all on-grid energy W                 order 1: substitution, then other market, then priority
           W less direct trade and export       order 2: other market first
    W = W1 + W2,  W2 = ΣN1 + ΣN2 + ΣN3          priority energy W1 is what is left

Where W does not cover all contracts direct trade is settled first, then export, then substitution; what is missing
of the latter the grid advances (9.5.1.2), so that  due = settled + advanced  for every site. Whole kWh: areas and
sites share by largest remainder, ties in the order of their ids. Energy given back for earlier advances comes after
substitution.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from clearing.case.arrays import Ints, freeze
from clearing.rules.substitution_metering import DeductionOrder, Insufficient, MeteringRules
from clearing.substitution.quantities import fill


@dataclass(frozen=True, slots=True)
class Sites:
    """New-energy sites of a month (S): row of the area; on-grid energy W by the meter; contracts of direct trade
    (N1) and export (N2) of the month; return_kwh: advanced energy to be given back this month, kWh; rank: of
    `quantities.rank`."""

    area: Ints
    on_grid_kwh: Ints
    direct_kwh: Ints
    export_kwh: Ints
    return_kwh: Ints
    rank: Ints

    def __post_init__(self) -> None:
        freeze(self)


@dataclass(frozen=True, slots=True)
class SiteMonth:
    """Per site (S), kWh: due_kwh of substitution, and what of it is settled and advanced; direct_kwh, export_kwh
    settled; returned_kwh, what was given back of earlier advances; priority_kwh (W1); direct_short_kwh,
    export_short_kwh. Per area (A): area_kwh (N3 of the area), base_kwh: X is the ratio of the two."""

    due_kwh: Ints
    settled_kwh: Ints
    advanced_kwh: Ints
    direct_kwh: Ints
    export_kwh: Ints
    returned_kwh: Ints
    priority_kwh: Ints
    direct_short_kwh: Ints
    export_short_kwh: Ints
    area_kwh: Ints
    base_kwh: Ints

    def __post_init__(self) -> None:
        freeze(self)


def site_month(sites: Sites, area_kwh: Ints, rules: MeteringRules) -> SiteMonth:
    """The month of every site. area_kwh (A): substitution energy allocated to every area, their sum the captive
    take."""
    base = sites.on_grid_kwh
    if rules.deduction_order is DeductionOrder.OTHER_MARKET_FIRST:
        base = np.maximum(base - sites.direct_kwh - sites.export_kwh, 0)
    due = _due(sites, base, area_kwh)
    first = rules.insufficient is Insufficient.BY_ORDER and rules.deduction_order is DeductionOrder.SUBSTITUTION_FIRST
    left = sites.on_grid_kwh
    settled = np.minimum(due, left) if first else np.zeros_like(due)
    left = left - settled
    direct = np.minimum(sites.direct_kwh, left)
    left = left - direct
    export = np.minimum(sites.export_kwh, left)
    left = left - export
    if not first:
        settled = np.minimum(due, left)
        left = left - settled
    returned = np.minimum(sites.return_kwh, left)
    return SiteMonth(
        due, settled, due - settled, direct, export, returned, left - returned, sites.direct_kwh - direct,
        sites.export_kwh - export, area_kwh, _by_area(sites.area, base, len(area_kwh)),
    )  # fmt: skip


def month_plan(captive_kwh: int, awarded_kwh: Ints, rank: Ints) -> Ints:
    """Plan of every site (S) for a month: the captive plants' plans, shared as the year was cleared (8.3.5)."""
    return fill(captive_kwh, awarded_kwh, rank)


def _due(sites: Sites, base: Ints, area_kwh: Ints) -> Ints:
    """Substitution energy of every site (S): an area's energy by the base of its sites; where no site of the area
    has a base left, by on-grid energy."""
    due = np.zeros(len(sites.area), dtype=np.int64)
    for area, energy in enumerate(area_kwh.tolist()):
        rows = np.flatnonzero(sites.area == area)
        if not energy or not rows.size:
            continue
        weight = base[rows] if base[rows].any() else sites.on_grid_kwh[rows]
        due[rows] = fill(energy, weight, sites.rank[rows])
    return due


def _by_area(area: Ints, values: Ints, areas: int) -> Ints:
    total = np.zeros(areas, dtype=np.int64)
    np.add.at(total, area, values)
    return total
