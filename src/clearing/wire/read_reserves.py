"""Proto → reserve products and system reserves."""

from __future__ import annotations

import numpy as np

from clearing.case.arrays import Bools
from clearing.case.network import Network
from clearing.case.reserves import Direction, Reserves
from clearing.v1 import reserves_pb2
from clearing.wire.fields import MOST_CELLS, Index, Table, index_of, vector
from clearing.wire.problems import Problems

_PATH = "case.reserves"
_UNDERSTOOD = frozenset(
    {
        "product_id", "direction", "response_minutes", "covers_every_bus", "cover_product", "cover_bus",
        "unit_max_mw", "requirement_mw", "positive_min_mw", "positive_max_mw", "negative_min_mw",
        "zone_product", "zone", "shared_from", "shared_to", "step_product", "step_mw", "step_price",
        "offers", "kind", "speed_requirement_mw_per_minute", "storage_product", "storage", "storage_max_mw",
        "terms", "regulation_bands",
    }
)  # fmt: skip


def reserves(pb: reserves_pb2.Reserves, network: Network, units: int, periods: int, problems: Problems) -> Reserves:
    """Products with the buses they cover and the most each of the units may hold."""
    problems.only(pb, _PATH, _UNDERSTOOD)
    table = Table(pb, _PATH, "product_id", periods, problems)
    if table.rows * max(units, len(network.bus_id)) > MOST_CELLS:
        path = f"{_PATH}.product_id"
        problems.fatal(
            "TOO_LARGE", path, "Products times units or buses exceed the limit.", value=table.rows, limit=MOST_CELLS
        )
        table.rows = 0
    product_id = table.ids("product_id")
    return Reserves(
        product_id=product_id,
        direction=table.enum("direction", Direction),
        response_minutes=table.floats("response_minutes", np.inf),
        covers_bus=_covers(pb, table, index_of(product_id), network, problems),
        unit_max_mw=table.matrix("unit_max_mw", units, np.inf),
        requirement_mw=table.series("requirement_mw"),
        positive_min_mw=vector(pb.positive_min_mw, f"{_PATH}.positive_min_mw", periods, problems),
        positive_max_mw=vector(pb.positive_max_mw, f"{_PATH}.positive_max_mw", periods, problems),
        negative_min_mw=vector(pb.negative_min_mw, f"{_PATH}.negative_min_mw", periods, problems),
    )


def _covers(pb: reserves_pb2.Reserves, table: Table, product: Index, network: Network, problems: Problems) -> Bools:
    """(Q, K): every bus, or those of the cover table and of the zones of the zone table.

    Rows of these tables for a product that covers every bus are refused.
    """
    every = table.bools("covers_every_bus", True)
    covers = np.repeat(every[:, None], len(network.bus_id), axis=1)
    in_zone: Bools = network.bus_zone == np.arange(len(network.zone_id))[:, None]
    for key, name, ids, buses in (
        ("cover_product", "cover_bus", network.bus_id, np.eye(len(network.bus_id), dtype=np.bool_)),
        ("zone_product", "zone", network.zone_id, in_zone),
    ):
        given = Table(pb, _PATH, key, 1, problems)
        rows, columns = given.references(key, product), given.references(name, index_of(ids))
        if not problems.formed:
            continue
        known = (rows >= 0) & (columns >= 0)
        for k in np.flatnonzero(known & every[rows])[:1] if len(every) else ():
            problems.error(
                "CONTRADICTION",
                f"{_PATH}.{key}[{k}]",
                "A product that covers every bus has rows in the cover or zone table.",
                subject=getattr(pb, key)[k],
                limit="covers_every_bus = false",
            )
        np.logical_or.at(covers, rows[known], buses[columns[known]])
    return covers
