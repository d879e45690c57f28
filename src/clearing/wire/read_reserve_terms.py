"""Proto → terms of reserve products that stand in tables of their own."""

from __future__ import annotations

from clearing.case.reserve_sharing import NO_SHARING, ReserveSharing
from clearing.v1 import reserves_pb2
from clearing.wire.fields import Index, Table
from clearing.wire.problems import Problems

_PATH = "case.reserves"


def sharing(pb: reserves_pb2.Reserves, product: Index, problems: Problems) -> ReserveSharing:
    """Pairs of a better and a lesser product."""
    table = Table(pb, _PATH, "shared_from", 1, problems)
    pairs = table.references("shared_from", product), table.references("shared_to", product)
    return ReserveSharing(*pairs) if table.rows else NO_SHARING
