"""The sheets of a CSV case folder with load that bids and virtual plants."""

from __future__ import annotations

from typing import TypedDict

from clearing.case.case import Case
from clearing.case.demand_bids import NO_BIDS, DemandBids
from clearing.case.virtual_plants import NO_VIRTUAL_PLANTS, VirtualPlants
from clearing.formats import csv_layout as layout
from clearing.formats.csv_layout import Sheet
from clearing.formats.csv_offers import offer_values, read_offers
from clearing.formats.csv_sheets import Reading, Values


class Bids(TypedDict):
    """Fields of Case."""

    demand_bids: DemandBids
    virtual_plants: VirtualPlants


def read(reading: Reading) -> Bids:
    """The tables; owners and buses have been read."""
    own = reading.sheet(layout.DEMAND_BIDS)
    bids = DemandBids(**own, bids=read_offers(reading, layout.DEMAND_BID_BLOCKS, own["id"]))
    own = reading.sheet(layout.VIRTUAL_PLANTS)
    plants = VirtualPlants(
        **own,
        **reading.sheet(layout.VIRTUAL_PLANT_FACTORS),
        offers=read_offers(reading, layout.VIRTUAL_PLANT_OFFERS, own["id"]),
    )
    return {
        "demand_bids": bids if bids.id or bids.bids.resource.size else NO_BIDS,
        "virtual_plants": plants
        if plants.id or plants.factor.size or plants.offers.resource.size
        else NO_VIRTUAL_PLANTS,
    }


def tables(case: Case) -> tuple[tuple[Sheet, Values], ...]:
    """Sheets and their values."""
    bids, plants = case.demand_bids, case.virtual_plants

    def fields(table: object, sheet: Sheet) -> Values:
        return {c.field: getattr(table, c.field) for c in sheet.columns}

    return (
        (layout.DEMAND_BIDS, fields(bids, layout.DEMAND_BIDS)),
        (layout.DEMAND_BID_BLOCKS, offer_values(bids.bids)),
        (layout.VIRTUAL_PLANTS, fields(plants, layout.VIRTUAL_PLANTS)),
        (layout.VIRTUAL_PLANT_OFFERS, offer_values(plants.offers)),
        (layout.VIRTUAL_PLANT_FACTORS, fields(plants, layout.VIRTUAL_PLANT_FACTORS)),
    )
