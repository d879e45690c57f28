"""Approved cost of every block of the offers: given by resource, or from fuel."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from clearing.case.arrays import Floats, Ints, freeze
from clearing.case.case import Case
from clearing.case.offers import Offers, block_ends
from clearing.market_power.approved_cost import ApprovedCosts

_NONE = np.zeros(0, dtype=np.int64)
PER_MWH = 1000.0  # kWh


@dataclass(frozen=True, slots=True)
class GasPrice:
    """Price of gas at the plant per normal cubic metre: LNG per tonne / Nm³ per tonne + regasification + pipe."""

    lng_per_tonne: float
    nm3_per_tonne: float
    regasification_per_nm3: float
    pipe_per_nm3: float

    @property
    def per_nm3(self) -> float:
        """Money per Nm³."""
        return self.lng_per_tonne / self.nm3_per_tonne + self.regasification_per_nm3 + self.pipe_per_nm3

    def per_mwh(self, kwh_per_nm3: Floats, auxiliary_share: Floats) -> Floats:
        """Money per MWh that leaves the plant: price · 1000 / (kWh per Nm³) / (1 − auxiliary)."""
        return self.per_nm3 * PER_MWH / kwh_per_nm3 / (1.0 - auxiliary_share)


def index_price(days: Floats, factor: float) -> float:
    """Coal price: mean of the index over the days given (two weeks) times the rule set's factor (Shandong no. 15)."""
    return float(np.mean(days)) * factor


@dataclass(frozen=True, slots=True)
class CostTable:
    """unit_per_mwh (N), site_per_mwh (R), virtual_per_mwh (V): approved cost per MWh, NaN = none.

    coal_unit (n), coal: units whose cost follows from their fuel curve, block by block; they have no unit_per_mwh
    """

    unit_per_mwh: Floats
    site_per_mwh: Floats
    virtual_per_mwh: Floats
    coal_unit: Ints = field(default_factory=lambda: _NONE)
    coal: ApprovedCosts | None = None

    def __post_init__(self) -> None:
        freeze(self)


def no_costs(case: Case) -> CostTable:
    """Nothing is approved."""
    units, sites, plants = len(case.units.id), len(case.renewables.id), len(case.virtual_plants.id)
    return CostTable(np.full(units, np.nan), np.full(sites, np.nan), np.full(plants, np.nan))


def block_costs(case: Case, costs: CostTable) -> tuple[Floats, Floats, Floats]:
    """Cost of every block (M, T) of units, sites and virtual plants; NaN where none is approved.

    Of a unit with a fuel curve: its marginal cost at the middle of the block, gross = net / (1 − auxiliary).
    """
    units, sites, plants = case.units.offers, case.renewables.offers, case.virtual_plants.offers
    of_units = np.array(_over(costs.unit_per_mwh, units))
    if costs.coal is not None and len(costs.coal_unit):
        place = np.full(len(case.units.id), -1, dtype=np.int64)
        place[costs.coal_unit] = np.arange(len(costs.coal_unit))
        here = np.flatnonzero(place[units.resource] >= 0)
        row = place[units.resource[here]]
        coal = ApprovedCosts(*(getattr(costs.coal, name)[row] for name in ApprovedCosts.__slots__))
        middle = block_ends(units)[here] - 0.5 * units.width_mw[here]
        of_units[here] = coal.marginal_per_mwh(middle / (1.0 - coal.auxiliary_share[:, None]))
    return of_units, _over(costs.site_per_mwh, sites), _over(costs.virtual_per_mwh, plants)


def _over(per_resource: Floats, offers: Offers) -> Floats:
    column = per_resource[offers.resource] if len(offers.resource) else np.zeros(0)
    return np.asarray(np.broadcast_to(column[:, None], offers.width_mw.shape))


def filled(offers: Offers, output_mw: Floats) -> Floats:
    """MW (M, T) of every block that outputs (n, T) of its resource take, from the lowest block up.

    A block holds its end and not its start (Fujian, chapter 5): output at an end lies in the block that ends there.
    """
    start = block_ends(offers) - offers.width_mw
    return np.asarray(np.clip(output_mw[offers.resource] - start, 0.0, offers.width_mw))


def price_at(offers: Offers, resource: int, period: int, output_mw: Floats) -> Floats:
    """Offer price of a resource at outputs (n) in (0, last end]: that of the block (start, end] that holds it."""
    rows = np.flatnonzero((offers.resource == resource) & (offers.width_mw[:, period] > 0.0))
    ends = np.cumsum(offers.width_mw[rows, period])
    block = np.searchsorted(ends + 1e-9, output_mw, side="left")
    return np.asarray(offers.price_per_mwh[rows[np.minimum(block, len(rows) - 1)], period])
