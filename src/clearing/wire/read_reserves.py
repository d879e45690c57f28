"""Proto → reserve products and system reserves."""

from __future__ import annotations

import numpy as np

from clearing.case.arrays import Bools, Ids
from clearing.case.reserves import Direction, Reserves
from clearing.v1 import reserves_pb2
from clearing.wire.fields import MOST_CELLS, Index, Table, index_of, vector
from clearing.wire.problems import Problems

_PATH = "case.reserves"
_UNDERSTOOD = frozenset(
    {
        "product_id", "direction", "response_minutes", "covers_every_bus", "cover_product", "cover_bus",
        "unit_max_mw", "requirement_mw", "positive_min_mw", "positive_max_mw", "negative_min_mw",
    }
)  # fmt: skip


def reserves(pb: reserves_pb2.Reserves, bus_id: Ids, units: int, periods: int, problems: Problems) -> Reserves:
    """Products with the buses they cover and the most each of the units may hold."""
    problems.only(pb, _PATH, _UNDERSTOOD)
    table = Table(pb, _PATH, "product_id", periods, problems)
    if table.rows * max(units, len(bus_id)) > MOST_CELLS:
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
        covers_bus=_covers(pb, table, index_of(product_id), bus_id, problems),
        unit_max_mw=table.matrix("unit_max_mw", units, np.inf),
        requirement_mw=table.series("requirement_mw"),
        positive_min_mw=vector(pb.positive_min_mw, f"{_PATH}.positive_min_mw", periods, problems),
        positive_max_mw=vector(pb.positive_max_mw, f"{_PATH}.positive_max_mw", periods, problems),
        negative_min_mw=vector(pb.negative_min_mw, f"{_PATH}.negative_min_mw", periods, problems),
    )


def _covers(pb: reserves_pb2.Reserves, table: Table, product: Index, bus_id: Ids, problems: Problems) -> Bools:
    """(Q, K): every bus, or those of the cover table; rows of it for a product that covers every bus are refused."""
    cover = Table(pb, _PATH, "cover_product", 1, problems)
    rows = cover.references("cover_product", product)
    columns = cover.references("cover_bus", index_of(bus_id))
    every = table.bools("covers_every_bus", True)
    covers = np.repeat(every[:, None], len(bus_id), axis=1)
    if problems.formed:
        known = (rows >= 0) & (columns >= 0)
        for k in np.flatnonzero(known & every[rows])[:1] if len(every) else ():
            problems.error(
                "CONTRADICTION",
                f"{_PATH}.cover_product[{k}]",
                "A product that covers every bus has rows in the cover table.",
                subject=pb.cover_product[k],
                limit="covers_every_bus = false",
            )
        covers[rows[known], columns[known]] = True
    return covers
