"""The sheets of a CSV case folder with load that bids and virtual plants."""

from __future__ import annotations

from typing import TypedDict

from clearing.case.case import Case
from clearing.case.demand_bids import NO_BIDS, DemandBids
from clearing.case.virtual_plants import NO_VIRTUAL_PLANTS, VirtualPlants
from clearing.formats import csv_layout_resources as of_resources
from clearing.formats.csv_columns import Sheet
from clearing.formats.csv_offers import offer_values, read_offers
from clearing.formats.csv_sheets import Reading, Values


class Bids(TypedDict):
    """Fields of Case."""

    demand_bids: DemandBids
    virtual_plants: VirtualPlants


def read(reading: Reading) -> Bids:
    """The tables; owners and buses have been read."""
    own = reading.sheet(of_resources.DEMAND_BIDS)
    bids = DemandBids(**own, bids=read_offers(reading, of_resources.DEMAND_BID_BLOCKS, own["id"]))
    own = reading.sheet(of_resources.VIRTUAL_PLANTS)
    plants = VirtualPlants(
        **own,
        **reading.sheet(of_resources.VIRTUAL_PLANT_FACTORS),
        offers=read_offers(reading, of_resources.VIRTUAL_PLANT_OFFERS, own["id"]),
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
        (of_resources.DEMAND_BIDS, fields(bids, of_resources.DEMAND_BIDS)),
        (of_resources.DEMAND_BID_BLOCKS, offer_values(bids.bids)),
        (of_resources.VIRTUAL_PLANTS, fields(plants, of_resources.VIRTUAL_PLANTS)),
        (of_resources.VIRTUAL_PLANT_OFFERS, offer_values(plants.offers)),
        (of_resources.VIRTUAL_PLANT_FACTORS, fields(plants, of_resources.VIRTUAL_PLANT_FACTORS)),
    )
