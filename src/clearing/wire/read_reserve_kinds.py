"""Proto → kinds of reserve products, regulation speeds, storage that holds products."""

from __future__ import annotations

import numpy as np

from clearing.case.reserve_kinds import NO_KINDS, ProductKind, ReserveKinds
from clearing.v1 import case_pb2
from clearing.wire.fields import Index, Table
from clearing.wire.problems import Problems

_PATH = "case.reserves"
_PLAIN = (ProductKind.UNSPECIFIED, ProductKind.SPINNING)


def kinds(pb: case_pb2.Case, product: Index, storage: Index, periods: int, problems: Problems) -> ReserveKinds:
    """Rows of the products that are not spinning reserve or ask for speed, of units that state a speed, of storage."""
    products = Table(pb.reserves, _PATH, "product_id", periods, problems)
    units = Table(pb.units, "case.units", "id", periods, problems)
    held = Table(pb.reserves, _PATH, "storage_product", periods, problems)
    kind = products.enum("kind", ProductKind, optional=True)
    required = products.series("speed_requirement_mw_per_minute", 0.0)
    row = np.flatnonzero(~np.isin(kind, _PLAIN) | (required != 0.0).any(axis=1))
    speed = units.floats("regulation_mw_per_minute", np.inf)
    stated = np.flatnonzero(speed != np.inf)
    pairs = held.references("storage_product", product), held.references("storage", storage)
    most = held.floats("storage_max_mw")
    if not (len(row) or len(stated) or held.rows):
        return NO_KINDS
    plain = np.where(kind == ProductKind.UNSPECIFIED, ProductKind.SPINNING, kind)
    return ReserveKinds(row, plain[row], required[row], stated, speed[stated], *pairs, most)
