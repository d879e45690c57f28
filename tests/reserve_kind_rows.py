"""Kinds of reserve products for the small cases of tests, from the same short rows as the products."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from clearing.case.reserve_kinds import NO_KINDS, ProductKind, ReserveKinds

Row = dict[str, Any]


def reserve_kinds(products: Sequence[Row], units: Sequence[Row], storage: Sequence[Row], periods: int) -> ReserveKinds:
    """products: kind (ProductKind), speed (MW/min required), storage={id: most MW}; units: regulation (MW/min)."""
    special = [q for q, row in enumerate(products) if "kind" in row or "speed" in row]
    fast = [i for i, row in enumerate(units) if "regulation" in row]
    names = [row["id"] for row in storage]
    held = [(q, names.index(s), mw) for q, row in enumerate(products) for s, mw in row.get("storage", {}).items()]
    if not (special or fast or held):
        return NO_KINDS
    speed = [np.broadcast_to(np.asarray(products[q].get("speed", 0.0), float), (periods,)) for q in special]
    return ReserveKinds(
        product=np.array(special, dtype=np.int64),
        kind=np.array([int(products[q].get("kind", ProductKind.SPINNING)) for q in special], dtype=np.int64),
        speed_requirement_mw_per_minute=np.array(speed).reshape(len(special), periods),
        speed_unit=np.array(fast, dtype=np.int64),
        speed_mw_per_minute=np.array([float(units[i]["regulation"]) for i in fast]),
        storage_product=np.array([q for q, _, _ in held], dtype=np.int64),
        storage=np.array([g for _, g, _ in held], dtype=np.int64),
        storage_max_mw=np.array([float(mw) for _, _, mw in held]),
    )
