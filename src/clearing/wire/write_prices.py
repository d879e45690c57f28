"""Prices and the certificate → proto."""

from __future__ import annotations

from collections.abc import Sequence

from clearing.case.bound_proof import BoundProof
from clearing.case.case import Case
from clearing.case.islands import island_ids
from clearing.case.losses import Losses
from clearing.case.prices import Multipliers, Prices, PriceSetter, SettlementPrices
from clearing.v1 import prices_pb2, report_pb2
from clearing.wire.columns import column, series


def prices(case: Case, table: Prices) -> prices_pb2.Prices:
    """Prices by period."""
    periods, clipped = case.horizon.periods, table.reserve_cap_adjustment
    return prices_pb2.Prices(
        bus_id=case.network.bus_id,
        bus_price=series(table.bus_price, periods),
        bus_energy=series(table.bus_energy, periods),
        bus_congestion=series(table.bus_congestion, periods),
        bus_loss=series(table.bus_loss, periods),
        bus_cap_adjustment=series(table.bus_cap_adjustment, periods),
        island_id=island_ids(case.network, case.horizon.periods),
        system_price=series(table.system_price, periods),
        zone_id=case.network.zone_id,
        zone_price=series(table.zone_price, periods),
        zone_plain_mean=series(table.zone_plain_mean, periods),
        product_id=case.reserves.product_id,
        reserve_price=series(table.reserve_price, periods),
        reserve_speed_price=series(table.reserve_speed_price, periods) if table.reserve_speed_price.any() else (),
        reserve_cap_adjustment=series(clipped, periods) if clipped.any() else (),
    )


def losses(case: Case, table: Losses) -> prices_pb2.Losses:
    """Losses by bus and island."""
    periods = case.horizon.periods
    return prices_pb2.Losses(
        bus_id=case.network.bus_id,
        bus_factor=series(table.bus_factor, periods),
        island_id=island_ids(case.network, periods),
        island_mw=series(table.island_mw, periods),
        island_surplus=() if table.island_surplus is None else series(table.island_surplus, periods),
    )


def settlement(case: Case, table: SettlementPrices) -> prices_pb2.SettlementPrices:
    """Prices by hour."""
    hours = len(table.hour_label)
    return prices_pb2.SettlementPrices(
        decimals=table.decimals,
        hour_label=table.hour_label,
        bus_id=case.network.bus_id,
        bus_price=series(table.bus_price, hours),
        bus_energy=series(table.bus_energy, hours),
        bus_congestion=series(table.bus_congestion, hours),
        bus_loss=series(table.bus_loss, hours),
        bus_cap_adjustment=series(table.bus_cap_adjustment, hours),
        zone_id=case.network.zone_id,
        zone_price=series(table.zone_price, hours),
        island_id=island_ids(case.network, case.horizon.periods),
        system_price=series(table.system_price, hours),
        user_price=column(table.user_price),
        user_hour_price=column(table.user_hour_price),
    )


def price_setters(rows: Sequence[PriceSetter]) -> prices_pb2.PriceSetters:
    """Who sets the price of a bus."""
    return prices_pb2.PriceSetters(
        family=[r.family for r in rows],
        subject=[r.subject for r in rows],
        period=[r.period for r in rows],
        bus=[r.bus for r in rows],
    )


def bound_certificate(table: BoundProof) -> prices_pb2.BoundCertificate:
    """The bound and its multipliers, with every family and subject named once."""
    own = certificate(table.multipliers, report_pb2.BOUND_KIND_UNSPECIFIED)
    return prices_pb2.BoundCertificate(
        bound=table.bound,
        family_name=own.family_name,
        subject_id=own.subject_id,
        family=own.family,
        subject=own.subject,
        period=own.period,
        value=own.value,
    )


def certificate(table: Multipliers, bound_kind: report_pb2.BoundKind.ValueType) -> prices_pb2.Certificate:
    """Multipliers, with every family and subject named once."""
    families = {name: k for k, name in enumerate(dict.fromkeys(table.family))}
    subjects = {name: k for k, name in enumerate(dict.fromkeys(table.subject))}
    return prices_pb2.Certificate(
        family_name=families,
        subject_id=subjects,
        family=[families[name] for name in table.family],
        subject=[subjects[name] for name in table.subject],
        period=column(table.period),
        value=column(table.value),
        bound_kind=bound_kind,
    )
