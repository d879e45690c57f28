"""Proto → terms of reserve products that stand in tables of their own."""

from __future__ import annotations

from clearing.case.reserve_demand import NO_DEMAND, ReserveDemand
from clearing.case.reserve_offers import NO_RESERVE_OFFERS, ReserveOffers
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


def demand(pb: reserves_pb2.Reserves, product: Index, problems: Problems) -> ReserveDemand:
    """Steps of the demand curves, in order."""
    table = Table(pb, _PATH, "step_product", 1, problems)
    found = ReserveDemand(
        table.references("step_product", product), table.floats("step_mw"), table.floats("step_price")
    )
    return found if table.rows else NO_DEMAND


def offers(pb: reserves_pb2.Reserves, product: Index, unit: Index, periods: int, problems: Problems) -> ReserveOffers:
    """Blocks of capacity by product and unit."""
    path = f"{_PATH}.offers"
    problems.only(pb.offers, path)
    table = Table(pb.offers, path, "product", periods, problems)
    found = ReserveOffers(
        table.references("product", product),
        table.references("unit", unit),
        table.series("width_mw"),
        table.series("price_per_mw_hour"),
    )
    return found if table.rows else NO_RESERVE_OFFERS
