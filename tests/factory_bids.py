"""Short rows → load that bids and virtual plants, for tests.factory."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from clearing.case.demand_bids import NO_BIDS, DemandBids
from clearing.case.offers import Offers
from clearing.case.virtual_plants import NO_VIRTUAL_PLANTS, VirtualPlantKind, VirtualPlants

Row = dict[str, Any]


def bid_tables(
    bids: Sequence[Row], virtual: Sequence[Row], bus_id: tuple[str, ...], owners: tuple[str, ...], periods: int
) -> dict[str, Any]:
    """Fields of Case."""

    def spread(value: Any) -> Any:
        return np.broadcast_to(np.asarray(value, float), (periods,))

    def series(rows: Sequence[Row], key: str) -> Any:
        return np.array([spread(r.get(key, 0.0)) for r in rows])

    def owner(rows: Sequence[Row]) -> Any:
        return np.array([owners.index(r["owner"]) if r.get("owner") else -1 for r in rows], dtype=np.int64)

    def curves(rows: Sequence[Row], from_min: bool) -> Offers:
        blocks = [
            (i, spread(width), spread(price))
            for i, r in enumerate(rows)
            for width, price in r.get(
                "blocks", [(np.subtract(r["max"], r.get("min", 0.0) if from_min else 0.0), r.get("price", 0.0))]
            )
        ]
        return Offers(
            np.array([b[0] for b in blocks], dtype=np.int64),
            np.array([b[1] for b in blocks]).reshape(-1, periods),
            np.array([b[2] for b in blocks]).reshape(-1, periods),
        )

    found: dict[str, Any] = {"demand_bids": NO_BIDS, "virtual_plants": NO_VIRTUAL_PLANTS}
    if bids:
        bus = np.array([bus_id.index(r.get("bus", bus_id[0])) for r in bids], dtype=np.int64)
        ids = tuple(r["id"] for r in bids)
        found["demand_bids"] = DemandBids(
            ids, owner(bids), bus, series(bids, "min"), series(bids, "max"), curves(bids, True)
        )
    if virtual:
        factors = [
            (v, bus_id.index(bus), float(share))
            for v, r in enumerate(virtual)
            for bus, share in r.get("factors", {bus_id[0]: 1.0}).items()
        ]
        found["virtual_plants"] = VirtualPlants(
            id=tuple(r["id"] for r in virtual),
            owner=owner(virtual),
            kind=np.array(
                [VirtualPlantKind.LOAD if r.get("load") else VirtualPlantKind.GENERATION for r in virtual],
                dtype=np.int64,
            ),
            min_mw=series(virtual, "min"),
            max_mw=series(virtual, "max"),
            baseline_mw=series(virtual, "baseline"),
            ramp_mw_per_minute=np.array([float(r.get("ramp", np.inf)) for r in virtual]),
            offers=curves(virtual, False),
            factor_plant=np.array([f[0] for f in factors], dtype=np.int64),
            factor_bus=np.array([f[1] for f in factors], dtype=np.int64),
            factor=np.array([f[2] for f in factors]),
        )
    return found
