"""Proto → load that bids, and virtual plants."""

from __future__ import annotations

import numpy as np

from clearing.case.demand_bids import NO_BIDS, DemandBids
from clearing.case.virtual_plants import NO_VIRTUAL_PLANTS, VirtualPlantKind, VirtualPlants
from clearing.v1 import bids_pb2
from clearing.wire.fields import Table, index_of
from clearing.wire.problems import Problems
from clearing.wire.read_resources import Names, offers


def demand_bids(pb: bids_pb2.DemandBids, names: Names, periods: int, problems: Problems) -> DemandBids:
    """Bids with their curves."""
    path = "case.demand_bids"
    problems.only(pb, path)
    table = Table(pb, path, "id", periods, problems)
    ids = table.ids("id")
    found = DemandBids(
        id=ids,
        owner=table.references("owner", names.owner, optional=True),
        bus=table.references("bus", names.bus),
        min_mw=table.series("min_mw", 0.0),
        max_mw=table.series("max_mw"),
        bids=offers(pb.bids, f"{path}.bids", index_of(ids), periods, problems),
    )
    return found if table.rows or found.bids.resource.size else NO_BIDS


def virtual_plants(pb: bids_pb2.VirtualPlants, names: Names, periods: int, problems: Problems) -> VirtualPlants:
    """Plants with their curves and factors."""
    path = "case.virtual_plants"
    problems.only(pb, path)
    table = Table(pb, path, "id", periods, problems)
    factors = Table(pb, path, "factor_plant", periods, problems)
    ids = table.ids("id")
    row = index_of(ids)
    found = VirtualPlants(
        id=ids,
        owner=table.references("owner", names.owner, optional=True),
        kind=table.enum("kind", VirtualPlantKind),
        min_mw=table.series("min_mw", 0.0),
        max_mw=table.series("max_mw"),
        baseline_mw=table.series("baseline_mw", 0.0),
        ramp_mw_per_minute=table.floats("ramp_mw_per_minute", np.inf),
        offers=offers(pb.offers, f"{path}.offers", row, periods, problems),
        factor_plant=factors.references("factor_plant", row),
        factor_bus=factors.references("factor_bus", names.bus),
        factor=factors.floats("factor"),
    )
    return found if table.rows or factors.rows or found.offers.resource.size else NO_VIRTUAL_PLANTS
