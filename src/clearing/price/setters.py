"""Which resources set the price of their bus."""

from __future__ import annotations

import numpy as np

from clearing.case.arrays import Bools, Floats, Ids, Ints
from clearing.case.case import Case
from clearing.case.prices import Prices, PriceSetter
from clearing.case.schedule import Schedule
from clearing.formulation.curves import Curve, cut_at

INSIDE_MW = 1e-6
SAME_PRICE = 1e-6


def price_setters(case: Case, schedule: Schedule, prices: Prices, frozen: Bools) -> tuple[PriceSetter, ...]:
    """Units, renewables and demand bids that stand strictly inside a block priced at the uncapped price of their bus.

    frozen (N, T): units held in the pricing run, which set no price. A resource on the edge of a block, or held by
    a ramp or a reserve award, has another marginal value than its block's price and is not named.
    """
    uncapped = prices.bus_price - prices.bus_cap_adjustment
    units, sites, bids = case.units, case.renewables, case.demand_bids
    curve = cut_at(units.offers, units.p_min_mw, units.p_max_mw)
    site_curve = cut_at(sites.offers, sites.min_mw, sites.forecast_mw)
    free = (schedule.on == 1) & ~frozen
    everywhere = np.ones(schedule.renewable_mw.shape, dtype=np.bool_)
    bus_id = case.network.bus_id
    at_bid = np.zeros(schedule.demand_mw.shape, dtype=np.bool_)
    if bids.id:
        most = bids.max_mw - bids.min_mw
        over, any_ = schedule.demand_mw - bids.min_mw, np.ones(most.shape, dtype=np.bool_)
        at_bid = _marginal(cut_at(bids.bids, np.zeros(most.shape), most), over, uncapped[bids.bus], any_)
    at_unit = _marginal(curve, schedule.dispatch_mw, uncapped[units.bus], free)
    at_site = _marginal(site_curve, schedule.renewable_mw, uncapped[sites.bus], everywhere)
    return (
        *_setters("unit", units.id, bus_id, units.bus, at_unit),
        *_setters("renewable", sites.id, bus_id, sites.bus, at_site),
        *_setters("demand_bid", bids.id, bus_id, bids.bus, at_bid),
    )


def _marginal(curve: Curve, output_mw: Floats, price: Floats, free: Bools) -> Bools:
    """Resources (n, T) inside a block whose price is the bus price."""
    of = curve.resource
    filled = np.clip(output_mw[of] - curve.from_mw, 0.0, curve.width_mw)
    inside = (filled > INSIDE_MW) & (filled < curve.width_mw - INSIDE_MW)
    scale = SAME_PRICE * np.maximum(1.0, np.abs(price[of]))
    at_price = inside & (np.abs(curve.price_per_mwh - price[of]) <= scale) & free[of]
    found = np.zeros(output_mw.shape, dtype=np.bool_)
    np.logical_or.at(found, of, at_price)
    return found


def _setters(family: str, ids: Ids, bus_id: Ids, bus: Ints, found: Bools) -> tuple[PriceSetter, ...]:
    return tuple(PriceSetter(family, ids[i], int(t), bus_id[bus[i]]) for i, t in zip(*np.nonzero(found), strict=True))
