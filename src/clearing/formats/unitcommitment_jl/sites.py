"""Loads of buses, loads with a price, and profiled generators."""

from __future__ import annotations

import numpy as np

from clearing.case.demand_bids import NO_BIDS, DemandBids
from clearing.case.offers import Offers
from clearing.case.resources import Loads, Renewables
from clearing.case.units import Fuel
from clearing.formats.shared import least_within_most, sites
from clearing.formats.unitcommitment_jl.fields import Rows, Source, only

LOAD = "Load (MW)"
LEAST, MOST, COST = "Minimum power (MW)", "Maximum power (MW)", "Cost ($/MW)"
DEMAND, REVENUE = "Demand (MW)", "Revenue ($/MW)"


def loads(source: Source) -> Loads:
    """One load a bus that has any; a negative load is an injection."""
    rows = source.section("Buses")
    for _, row in rows:
        only(row, (LOAD,))
    mw = source.table(rows, LOAD)
    used = np.flatnonzero(np.any(mw != 0.0, axis=1))
    return Loads(id=tuple(rows[k][0] for k in used.tolist()), bus=used.astype(np.int64), mw=mw[used])


def profiled(source: Source, rows: Rows) -> Renewables:
    """Sites between least and most power at one price; money a MW and time step becomes money a MWh."""
    for _, row in rows:
        only(row, ("Bus", "Type", LEAST, MOST, COST))
    least, most = source.table(rows, LEAST, 0.0, least=0.0), source.table(rows, MOST, least=0.0)
    least_within_most(rows, least, most, lambda _: LEAST)
    fuels = np.full(len(rows), Fuel.OTHER, dtype=np.int64)
    price = source.table(rows, COST) / source.hours
    return sites(tuple(name for name, _ in rows), source.buses(rows), fuels, least, most, price)


def bids(source: Source) -> DemandBids:
    """Loads that are served as far as the price is below their revenue: one block each, nothing of it firm."""
    rows = source.section("Price-sensitive loads")
    if not rows:
        return NO_BIDS
    for _, row in rows:
        only(row, ("Bus", DEMAND, REVENUE))
    demand = source.table(rows, DEMAND, least=0.0)
    return DemandBids(
        id=tuple(name for name, _ in rows),
        owner=np.full(len(rows), -1, dtype=np.int64),
        bus=source.buses(rows),
        min_mw=np.zeros(demand.shape),
        max_mw=demand,
        bids=Offers(
            resource=np.arange(len(rows), dtype=np.int64),
            width_mw=demand.copy(),
            price_per_mwh=source.table(rows, REVENUE) / source.hours,
        ),
    )
