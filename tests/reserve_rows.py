"""Terms of reserve products from short rows, for tests/factory.py."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from clearing.case.reserve_demand import NO_DEMAND, ReserveDemand
from clearing.case.reserve_offers import NO_RESERVE_OFFERS, ReserveOffers
from clearing.case.reserve_sharing import NO_SHARING, ReserveSharing

Row = dict[str, Any]


def reserve_terms(products: Sequence[Row], units: Sequence[Row], periods: int) -> dict[str, Any]:
    """Fields of Case from keys of the products: serves=[ids of lesser products], curve=[(MW, price) …],
    offers={unit id: [(MW, price) …]}, each a number or a series."""
    ids = [row["id"] for row in products]
    pairs = [(q, ids.index(lesser)) for q, row in enumerate(products) for lesser in row.get("serves", ())]
    better, lesser = (np.array(column, dtype=np.int64) for column in zip(*pairs, strict=True)) if pairs else ((), ())
    return {
        "reserve_sharing": ReserveSharing(better, lesser) if pairs else NO_SHARING,
        "reserve_demand": _demand(products),
        "reserve_offers": _offers(products, [row["id"] for row in units], periods),
    }


def _offers(products: Sequence[Row], units: Sequence[str], periods: int) -> ReserveOffers:
    blocks = [
        (q, i, mw, price)
        for q, row in enumerate(products)
        for i, unit in enumerate(units)
        for mw, price in row.get("offers", {}).get(unit, ())
    ]
    if not blocks:
        return NO_RESERVE_OFFERS
    product, unit = (np.array([block[k] for block in blocks], dtype=np.int64) for k in (0, 1))
    width, price = (
        np.array([np.broadcast_to(np.asarray(block[k], float), (periods,)) for block in blocks]) for k in (2, 3)
    )
    return ReserveOffers(product, unit, width, price)


def _demand(products: Sequence[Row]) -> ReserveDemand:
    steps = [(q, mw, price) for q, row in enumerate(products) for mw, price in row.get("curve", ())]
    if not steps:
        return NO_DEMAND
    product, width, price = (np.array(column) for column in zip(*steps, strict=True))
    return ReserveDemand(product, width.astype(float), price.astype(float))
