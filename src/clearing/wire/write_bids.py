"""Load that bids and virtual plants → proto."""

from __future__ import annotations

from clearing.case.arrays import Ids
from clearing.case.case import Case
from clearing.case.offers import Offers
from clearing.v1 import bids_pb2, case_pb2
from clearing.wire.columns import column, names, series


def bids(table: Case, pb: case_pb2.Case) -> None:
    """Demand bids and virtual plants of the case, where it has any."""
    demand, plants, periods = table.demand_bids, table.virtual_plants, table.horizon.periods
    owner, bus = table.participants.owner_id, table.network.bus_id
    if demand.id:
        pb.demand_bids.CopyFrom(
            bids_pb2.DemandBids(
                id=demand.id,
                owner=names(demand.owner, owner),
                bus=names(demand.bus, bus),
                min_mw=series(demand.min_mw, periods),
                max_mw=series(demand.max_mw, periods),
                bids=_offers(demand.bids, demand.id, periods),
            )
        )
    if plants.id:
        pb.virtual_plants.CopyFrom(
            bids_pb2.VirtualPlants(
                id=plants.id,
                owner=names(plants.owner, owner),
                kind=column(plants.kind),
                min_mw=series(plants.min_mw, periods),
                max_mw=series(plants.max_mw, periods),
                baseline_mw=series(plants.baseline_mw, periods),
                ramp_mw_per_minute=column(plants.ramp_mw_per_minute),
                offers=_offers(plants.offers, plants.id, periods),
                factor_plant=names(plants.factor_plant, plants.id),
                factor_bus=names(plants.factor_bus, bus),
                factor=column(plants.factor),
            )
        )


def _offers(table: Offers, ids: Ids, periods: int) -> bids_pb2.Offers:
    return bids_pb2.Offers(
        resource=names(table.resource, ids),
        width_mw=series(table.width_mw, periods),
        price_per_mwh=series(table.price_per_mwh, periods),
    )
