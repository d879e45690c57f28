"""Terms of reserve products from short rows, for tests/factory.py."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from clearing.case.reserve_demand import NO_DEMAND, ReserveDemand
from clearing.case.reserve_sharing import NO_SHARING, ReserveSharing

Row = dict[str, Any]


def reserve_terms(products: Sequence[Row]) -> dict[str, Any]:
    """Fields of Case from keys of the products: serves=[ids of lesser products], curve=[(MW, price) …]."""
    ids = [row["id"] for row in products]
    pairs = [(q, ids.index(lesser)) for q, row in enumerate(products) for lesser in row.get("serves", ())]
    better, lesser = (np.array(column, dtype=np.int64) for column in zip(*pairs, strict=True)) if pairs else ((), ())
    return {
        "reserve_sharing": ReserveSharing(better, lesser) if pairs else NO_SHARING,
        "reserve_demand": _demand(products),
    }


def _demand(products: Sequence[Row]) -> ReserveDemand:
    steps = [(q, mw, price) for q, row in enumerate(products) for mw, price in row.get("curve", ())]
    if not steps:
        return NO_DEMAND
    product, width, price = (np.array(column) for column in zip(*steps, strict=True))
    return ReserveDemand(product, width.astype(float), price.astype(float))
