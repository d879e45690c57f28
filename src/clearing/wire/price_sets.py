"""Price sets of several schemes ↔ proto."""

from __future__ import annotations

from clearing.case.arrays import Ids
from clearing.case.case import Case
from clearing.case.price_schemes import PriceScheme, PriceSet
from clearing.v1 import prices_pb2, schedule_pb2
from clearing.wire.columns import column, series
from clearing.wire.fields import Table
from clearing.wire.place import Rows
from clearing.wire.problems import Problems

AMOUNTS = ("revenue", "cost", "best_profit", "lost_opportunity", "make_whole")
"""Columns of units."""


def written(case: Case, table: PriceSet) -> prices_pb2.PriceSet:
    """One set."""
    periods = case.horizon.periods
    return prices_pb2.PriceSet(
        scheme=prices_pb2.PriceScheme.ValueType(table.scheme),
        bus_id=case.network.bus_id,
        bus_price=series(table.bus_price, periods),
        product_id=case.reserves.product_id,
        reserve_price=series(table.reserve_price, periods),
        unit_id=case.units.id,
        revenue=column(table.revenue),
        cost=column(table.cost),
        best_profit=column(table.best_profit),
        lost_opportunity=column(table.lost_opportunity),
        make_whole=column(table.make_whole),
        dual_value=table.dual_value,
        total_uplift=table.total_uplift,
        gap=table.gap,
        approximate=table.approximate,
        relaxed=table.relaxed,
    )


def read(pb: schedule_pb2.Result, case: Case, problems: Problems) -> tuple[PriceSet, ...]:
    """All sets of a result; UNKNOWN_ENUM where a scheme is none."""
    return tuple(_one(message, case, f"result.price_sets[{k}]", problems) for k, message in enumerate(pb.price_sets))


def _one(message: prices_pb2.PriceSet, case: Case, path: str, problems: Problems) -> PriceSet:
    problems.only(message, path)
    periods, known = case.horizon.periods, int(message.scheme) in list(PriceScheme) and message.scheme != 0
    if not known:
        problems.error("UNKNOWN_ENUM", f"{path}.scheme", "The value is not allowed.", value=int(message.scheme))

    def rows(key: str, ids: Ids) -> Rows:
        return Rows([Table(message, path, key, periods, problems)], key, ids, f"{path}.{key}", periods)

    unit = rows("unit_id", case.units.id)
    return PriceSet(
        scheme=PriceScheme(message.scheme) if known else PriceScheme.UNSPECIFIED,
        bus_price=rows("bus_id", case.network.bus_id).series("bus_price"),
        reserve_price=rows("product_id", case.reserves.product_id).series("reserve_price"),
        **{name: unit.floats(name) for name in AMOUNTS},
        dual_value=message.dual_value,
        total_uplift=message.total_uplift,
        gap=message.gap if message.HasField("gap") else None,
        approximate=message.approximate,
        relaxed=tuple(message.relaxed),
    )
