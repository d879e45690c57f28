"""Proto → prices and the multipliers that certify them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from clearing.case.arrays import Floats, Ids
from clearing.case.bound_proof import BoundProof
from clearing.case.case import Case
from clearing.case.finding import Severity
from clearing.case.islands import island_ids
from clearing.case.losses import Losses
from clearing.case.prices import Multipliers, Prices, PriceSetter, SettlementPrices
from clearing.v1 import schedule_pb2
from clearing.wire.fields import Table
from clearing.wire.place import Rows
from clearing.wire.problems import Problems


def prices(pb: schedule_pb2.Result, case: Case, problems: Problems) -> Prices | None:
    """Prices of all buses, or None where there are none or only those of some buses."""
    if not pb.public_result.HasField("prices"):
        return None
    path = "result.public_result.prices"
    message = pb.public_result.prices
    problems.only(message, path)
    if pb.output.bus_ids:
        problems.add(Severity.NOTE, "PARTIAL_RESULT", path, "The result holds prices of some buses only.")
        return None
    periods = case.horizon.periods

    def rows(key: str, ids: Ids) -> Rows:
        return Rows([Table(message, path, key, periods, problems)], key, ids, f"{path}.{key}", periods)

    bus = rows("bus_id", case.network.bus_id)
    island = rows("island_id", island_ids(case.network, case.horizon.periods))
    zone = rows("zone_id", case.network.zone_id)
    product = rows("product_id", case.reserves.product_id)
    return Prices(
        bus_price=bus.series("bus_price"),
        bus_energy=bus.series("bus_energy"),
        bus_congestion=bus.series("bus_congestion"),
        bus_loss=bus.series("bus_loss", 0.0),
        bus_cap_adjustment=bus.series("bus_cap_adjustment", 0.0),
        system_price=island.series("system_price"),
        zone_price=zone.series("zone_price"),
        zone_plain_mean=zone.series("zone_plain_mean", 0.0),
        reserve_price=product.series("reserve_price"),
        reserve_speed_price=product.series("reserve_speed_price", 0.0),
        reserve_cap_adjustment=product.series("reserve_cap_adjustment", 0.0),
    )


def losses(pb: schedule_pb2.Result, case: Case, problems: Problems) -> Losses | None:
    """Losses, or None where there are none or only factors of some buses."""
    if not pb.public_result.HasField("losses") or pb.output.bus_ids:
        return None
    path, message, periods = "result.public_result.losses", pb.public_result.losses, case.horizon.periods
    problems.only(message, path)

    def rows(key: str, ids: Ids) -> Rows:
        return Rows([Table(message, path, key, periods, problems)], key, ids, f"{path}.{key}", periods)

    island = rows("island_id", island_ids(case.network, periods))
    return Losses(
        bus_factor=rows("bus_id", case.network.bus_id).series("bus_factor"),
        island_mw=island.series("island_mw"),
        island_surplus=island.series("island_surplus") if island.states("island_surplus") else None,
    )


def settlement(pb: schedule_pb2.Result, case: Case, problems: Problems) -> SettlementPrices | None:
    """Prices by hour, or None where there are none or only those of some buses."""
    if not pb.public_result.HasField("settlement") or pb.output.bus_ids:
        return None
    path = "result.public_result.settlement"
    message = pb.public_result.settlement
    problems.only(message, path)
    hours, periods = len(message.hour_label), case.horizon.periods

    def rows(key: str, ids: Ids) -> Rows:
        return Rows([Table(message, path, key, hours, problems)], key, ids, f"{path}.{key}", hours)

    bus = rows("bus_id", case.network.bus_id)
    return SettlementPrices(
        decimals=message.decimals,
        hour_label=tuple(message.hour_label),
        bus_price=bus.series("bus_price"),
        bus_energy=bus.series("bus_energy"),
        bus_congestion=bus.series("bus_congestion"),
        bus_loss=bus.series("bus_loss"),
        bus_cap_adjustment=bus.series("bus_cap_adjustment"),
        zone_price=rows("zone_id", case.network.zone_id).series("zone_price"),
        system_price=rows("island_id", island_ids(case.network, case.horizon.periods)).series("system_price"),
        user_price=_column(message.user_price, periods, f"{path}.user_price", problems),
        user_hour_price=_column(message.user_hour_price, hours, f"{path}.user_hour_price", problems),
    )


def price_setters(pb: schedule_pb2.Result, case: Case, problems: Problems) -> tuple[PriceSetter, ...]:
    """Who sets the price of a bus."""
    message, path = pb.public_result.price_setters, "result.public_result.price_setters"
    problems.only(message, path)
    table = Table(message, path, "family", case.horizon.periods, problems)
    columns = (table.texts("family"), table.texts("subject"), table.periods_of("period").tolist(), table.texts("bus"))
    return tuple(PriceSetter(*row) for row in zip(*columns, strict=True))


def _column(values: Sequence[float], length: int, path: str, problems: Problems) -> Floats:
    if len(values) != length:
        problems.fatal("WRONG_LENGTH", path, "The column has the wrong length.", value=len(values), limit=length)
    return np.array(values, dtype=np.float64)


def multipliers(pb: schedule_pb2.Result, case: Case, problems: Problems) -> Multipliers | None:
    """The certificate, or None where there is none."""
    if not pb.HasField("certificate"):
        return None
    path = "result.certificate"
    message = pb.certificate
    problems.only(message, path)
    if message.bound_kind not in (0, pb.termination.bound_kind):
        problems.error("MISMATCH", f"{path}.bound_kind", "Not the kind of bound of the termination.")
    table = Table(message, path, "family", case.horizon.periods, problems)
    return Multipliers(
        family=_names(table, "family", tuple(message.family_name)),
        subject=_names(table, "subject", tuple(message.subject_id)),
        period=table.periods_of("period"),
        value=table.floats("value"),
    )


def bound_proof(pb: schedule_pb2.Result, case: Case, problems: Problems) -> BoundProof | None:
    """The bound and its multipliers, or None where there are none."""
    if not pb.HasField("bound_certificate"):
        return None
    path, message = "result.bound_certificate", pb.bound_certificate
    problems.only(message, path)
    table = Table(message, path, "family", case.horizon.periods, problems)
    multipliers = Multipliers(
        family=_names(table, "family", tuple(message.family_name)),
        subject=_names(table, "subject", tuple(message.subject_id)),
        period=table.periods_of("period"),
        value=table.floats("value"),
    )
    if not np.isfinite(message.bound):
        problems.error("NOT_FINITE", f"{path}.bound", "The bound must be a finite number.", value=message.bound)
    return BoundProof(message.bound, multipliers)


def _names(table: Table, column: str, names: Ids) -> Ids:
    rows = table.below(column, len(names))
    known = np.where((rows >= 0) & (rows < len(names)), rows, len(names))
    return tuple(np.array([*names, ""], dtype=object)[known].tolist())
