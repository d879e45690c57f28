"""What reserve products are, where that changes their equations, and storage that holds them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from clearing.case.arrays import Bools, Floats, Ints, freeze


class ProductKind(IntEnum):
    """Kind of a reserve product; numbers equal those of the proto enum. UNSPECIFIED is SPINNING."""

    UNSPECIFIED = 0
    SPINNING = 1
    REGULATION = 2
    FLEXIBLE_RAMPING = 3
    NON_SPINNING = 4


@dataclass(frozen=True, slots=True)
class ReserveKinds:
    """Tables beside the reserve products; T periods.

    product, kind (n)                       a product that is not spinning reserve stands once; ProductKind
    speed_requirement_mw_per_minute (n, T)  regulation speed that the product must have, ≥ 0 (soft)
    speed_unit, speed_mw_per_minute (m)     regulation speed of a unit, ≥ 0; a unit without a row has its ramp rate
    storage_product, storage (g)            storage that may hold a product; a pair stands once
    storage_max_mw (g)                      most it may be awarded, MW, ≥ 0
    """

    product: Ints
    kind: Ints
    speed_requirement_mw_per_minute: Floats
    speed_unit: Ints
    speed_mw_per_minute: Floats
    storage_product: Ints
    storage: Ints
    storage_max_mw: Floats

    def __post_init__(self) -> None:
        freeze(self)


def _none() -> Ints:
    return np.zeros(0, dtype=np.int64)


NO_KINDS = ReserveKinds(_none(), _none(), np.zeros((0, 0)), _none(), np.zeros(0), _none(), _none(), np.zeros(0))
"""Spinning reserve only, held by units only; its series have no periods and stand for those of any horizon."""


def kind_of(table: ReserveKinds, products: int) -> Ints:
    """Kind (Q) of every product."""
    kind = np.full(products, int(ProductKind.SPINNING), dtype=np.int64)
    kind[table.product] = np.where(table.kind == ProductKind.UNSPECIFIED, ProductKind.SPINNING, table.kind)
    return kind


def is_kind(table: ReserveKinds, products: int, kind: ProductKind) -> Bools:
    """Products (Q) of a kind."""
    return np.asarray(kind_of(table, products) == kind)


def speed_requirement(table: ReserveKinds, shape: tuple[int, int]) -> Floats:
    """Regulation speed required (Q, T), MW/min."""
    required = np.zeros(shape)
    if len(table.product):
        required[table.product] = table.speed_requirement_mw_per_minute
    return required


def regulation_speed(table: ReserveKinds, ramp_mw_per_minute: Floats) -> Floats:
    """Regulation speed of every unit (…, N): its own, else the ramp rate given (…, N), MW/min."""
    speed = np.array(ramp_mw_per_minute, dtype=np.float64)
    speed[..., table.speed_unit] = table.speed_mw_per_minute
    return speed
