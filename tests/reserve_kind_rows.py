"""Kinds of reserve products for the small cases of tests, from the same short rows as the products."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from clearing.case.award_terms import NO_AWARD_TERMS, NO_BANDS, AwardTerms, RegulationBands
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


def award_terms(products: Sequence[Row], units: Sequence[Row]) -> AwardTerms:
    """From keys of the products: terms=(in_limits, ramp_now, ramp_before, joint_cap), off={unit id: MW},
    carries=[ids of lesser products]."""
    ids, names = [row["id"] for row in products], [row["id"] for row in units]
    own = [(q, *row["terms"]) for q, row in enumerate(products) if "terms" in row]
    off = [(q, names.index(unit), mw) for q, row in enumerate(products) for unit, mw in row.get("off", {}).items()]
    carry = [(q, ids.index(lesser)) for q, row in enumerate(products) for lesser in row.get("carries", ())]
    if not (own or off or carry):
        return NO_AWARD_TERMS

    def column(rows: list[Any], k: int, kind: Any) -> Any:
        return np.array([row[k] for row in rows], dtype=kind)

    return AwardTerms(
        column(own, 0, np.int64), column(own, 1, np.bool_), column(own, 2, np.float64), column(own, 3, np.float64),
        column(own, 4, np.bool_), column(off, 0, np.int64), column(off, 1, np.int64), column(off, 2, np.float64),
        column(carry, 0, np.int64), column(carry, 1, np.int64),
    )  # fmt: skip


def regulation_bands(units: Sequence[Row], periods: int) -> RegulationBands:
    """From a key of the units: band=(min, max, cost an hour, given), each a number or a series."""
    chosen = [(i, row["band"]) for i, row in enumerate(units) if "band" in row]
    if not chosen:
        return NO_BANDS

    def series(k: int, kind: Any) -> Any:
        return np.array([np.broadcast_to(np.asarray(band[k], kind), (periods,)) for _, band in chosen])

    unit = np.array([i for i, _ in chosen], dtype=np.int64)
    return RegulationBands(unit, *(series(k, np.float64) for k in (0, 1, 2)), series(3, np.int64))
