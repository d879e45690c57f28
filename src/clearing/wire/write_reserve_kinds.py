"""Kinds of reserve products, regulation speeds, storage that holds products → proto."""

from __future__ import annotations

import numpy as np

from clearing.case.case import Case
from clearing.case.reserve_kinds import kind_of, speed_requirement
from clearing.v1 import case_pb2, reserves_pb2
from clearing.wire.columns import column, names, series


def add_kinds(pb: case_pb2.Case, table: Case) -> None:
    """Add them to a message that has its units and reserves; what the case does not state stays absent."""
    own, products = table.reserve_kinds, table.reserves.product_id
    if len(own.product):
        kind = kind_of(own, len(products)).tolist()
        pb.reserves.kind.extend(reserves_pb2.ProductKind.ValueType(value) for value in kind)
        required = speed_requirement(own, (len(products), table.horizon.periods))
        pb.reserves.speed_requirement_mw_per_minute.extend(series(required, table.horizon.periods))
    if len(own.speed_unit):
        speed = np.full(len(table.units.id), np.inf)
        speed[own.speed_unit] = own.speed_mw_per_minute
        pb.units.regulation_mw_per_minute.extend(column(speed))
    pb.reserves.storage_product.extend(names(own.storage_product, products))
    pb.reserves.storage.extend(names(own.storage, table.storage.id))
    pb.reserves.storage_max_mw.extend(column(own.storage_max_mw))
