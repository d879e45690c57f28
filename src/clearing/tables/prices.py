"""Prices with their parts, and what certifies and sets them, as tables. Money per MWh (reserves: per MW and hour)."""

from __future__ import annotations

import numpy as np
import pandas as pd

from clearing.case.case import Case
from clearing.case.losses import Losses
from clearing.case.prices import Multipliers, Prices, PriceSetter, SettlementPrices
from clearing.case.result import Payments
from clearing.grid.islands import bus_load_mw
from clearing.tables.frame import events, over_periods, series, when, whole

PARTS = ("price", "energy", "congestion", "loss", "cap_adjustment")


def bus_prices(case: Case, prices: Prices) -> pd.DataFrame:
    """One row a period and bus: zone, load, price and its parts, which add up to it."""
    network = case.network
    zones = np.array([network.zone_id[z] if z >= 0 else "" for z in network.bus_zone.tolist()], dtype=object)
    parts = (prices.bus_price, prices.bus_energy, prices.bus_congestion, prices.bus_loss, prices.bus_cap_adjustment)
    columns = {
        "zone": zones,
        "load_mw": bus_load_mw(case),
        **{f"{name}_per_mwh": part for name, part in zip(PARTS, parts, strict=True)},
    }
    return over_periods(case.horizon, network.bus_id, "bus", columns).astype({"zone": "str"})


def price_series(
    case: Case, prices: Prices, payments: Payments | None, settlement: SettlementPrices | None
) -> pd.DataFrame:
    """Prices of what is no bus: rows of periods, columns (kind, id).

    Kinds: system (λ of an island), zone, reserve, reserve_speed (money per MW/min and hour, of products that have a
    requirement of speed), reserve_cap (what clipping added, of products whose price it changed), virtual (what a
    virtual plant sees), user (one price for all users).
    """
    islands = tuple(f"island {i + 1}" for i in range(len(prices.system_price)))
    fast = np.flatnonzero(prices.reserve_speed_price.any(axis=1))
    clipped = np.flatnonzero(prices.reserve_cap_adjustment.any(axis=1))
    products = case.reserves.product_id
    blocks = [
        ("system", islands, prices.system_price),
        ("zone", case.network.zone_id, prices.zone_price),
        ("reserve", products, prices.reserve_price),
        ("reserve_speed", tuple(products[q] for q in fast.tolist()), prices.reserve_speed_price[fast]),
        ("reserve_cap", tuple(products[q] for q in clipped.tolist()), prices.reserve_cap_adjustment[clipped]),
    ]
    if payments is not None and case.virtual_plants.id:
        blocks.append(("virtual", case.virtual_plants.id, payments.virtual_price))
    if settlement is not None:
        blocks.append(("user", ("all",), settlement.user_price[None]))
    kinds = [kind for kind, ids, _ in blocks for _ in ids]
    names = [name for _, ids, _ in blocks for name in ids]
    return series(case.horizon, np.concatenate([values for _, _, values in blocks]), {"kind": kinds, "id": names})


def losses(case: Case, table: Losses) -> pd.DataFrame:
    """Losses: rows of periods, columns (kind, id).

    Kinds: mw (lost in an island), surplus (the losses' part of the surplus of an island, money of the period; absent
    where nothing is priced), factor (of a bus: MW lost more for 1 MW injected there).
    """
    islands = tuple(f"island {i + 1}" for i in range(len(table.island_mw)))
    blocks = [("mw", islands, table.island_mw)]
    if table.island_surplus is not None:
        blocks.append(("surplus", islands, table.island_surplus))
    blocks.append(("factor", case.network.bus_id, table.bus_factor))
    kinds = [kind for kind, ids, _ in blocks for _ in ids]
    names = [name for _, ids, _ in blocks for name in ids]
    return series(case.horizon, np.concatenate([values for _, _, values in blocks]), {"kind": kinds, "id": names})


def settlement_prices(case: Case, table: SettlementPrices) -> pd.DataFrame:
    """One row an hour (END label) and bus: published price and its parts, and the one price of all users."""
    hours, buses = len(table.hour_label), case.network.bus_id
    parts = (table.bus_price, table.bus_energy, table.bus_congestion, table.bus_loss, table.bus_cap_adjustment)
    columns = {f"{name}_per_mwh": part.T.reshape(-1) for name, part in zip(PARTS, parts, strict=True)}
    columns["user_price_per_mwh"] = np.repeat(table.user_hour_price, len(buses))
    codes = [np.repeat(np.arange(hours), len(buses)), np.tile(np.arange(len(buses)), hours)]
    levels = [pd.Index(list(names), dtype="str") for names in (table.hour_label, buses)]
    return pd.DataFrame(columns, index=pd.MultiIndex(levels=levels, codes=codes, names=("hour", "bus")))


def settlement_series(case: Case, table: SettlementPrices) -> pd.DataFrame:
    """Published prices of what is no bus: rows of hours (END label), columns (kind, id): system, zone."""
    islands = [f"island {i + 1}" for i in range(len(table.system_price))]
    values = np.concatenate([table.system_price, table.zone_price])
    columns = pd.MultiIndex.from_arrays(
        [["system"] * len(islands) + ["zone"] * len(case.network.zone_id), [*islands, *case.network.zone_id]],
        names=("kind", "id"),
    )
    return pd.DataFrame(values.T, index=pd.Index(list(table.hour_label), name="hour", dtype="str"), columns=columns)


def multipliers(case: Case, table: Multipliers) -> pd.DataFrame:
    """The certificate: one row a multiplier that is not 0, money per MW(h) and hour, ≤ 0 for a binding ≤ row."""
    columns = {
        "family": table.family,
        "subject": table.subject,
        **when(case.horizon, table.period),
        "value_per_mwh": table.value,
    }
    return events(columns, ["family", "subject", "label", "period_end"])


def price_setters(case: Case, setters: tuple[PriceSetter, ...]) -> pd.DataFrame:
    """One row a resource inside a block at the price of its bus."""
    columns = {
        **when(case.horizon, whole([s.period for s in setters])),
        "family": [s.family for s in setters],
        "subject": [s.subject for s in setters],
        "bus": [s.bus for s in setters],
    }
    return events(columns, ["label", "period_end", "family", "subject"])
