"""Prices for settlement: by hour, for all users, rounded so that the parts still add up."""

from __future__ import annotations

import numpy as np

from clearing.case.arrays import Floats, Ints
from clearing.case.case import Case
from clearing.case.prices import Prices, SettlementPrices
from clearing.grid.islands import bus_load_mw


def settlement_prices(case: Case, prices: Prices, decimals: int) -> SettlementPrices:
    """Settlement hour = mean of its periods; user price = ΣQP/ΣQ (clearing-model.md, pricing run and LMP)."""
    hour, labels = hours_of(case)
    bus = np.round(_mean(prices.bus_price, hour), decimals)
    energy = np.round(_mean(prices.bus_energy, hour), decimals)
    loss = np.round(_mean(prices.bus_loss, hour), decimals)
    cap = np.round(_mean(prices.bus_cap_adjustment, hour), decimals)
    load = bus_load_mw(case)
    return SettlementPrices(
        decimals=decimals,
        hour_label=labels,
        bus_price=bus,
        bus_energy=energy,
        bus_congestion=np.round(bus - energy - loss - cap, decimals) + 0.0,
        bus_loss=loss,
        bus_cap_adjustment=cap,
        zone_price=np.round(_mean(prices.zone_price, hour), decimals),
        system_price=np.round(_mean(prices.system_price, hour), decimals),
        user_price=np.round(_by_load(load, prices.bus_price), decimals),
        user_hour_price=np.round(_by_load_and_hour(load, prices.bus_price, hour), decimals),
    )


def hours_of(case: Case) -> tuple[Ints, tuple[str, ...]]:
    """Hour (T) that each period ends in, counted from 0, and the label of each hour's last period."""
    horizon = case.horizon
    end = horizon.start_minute + (np.arange(horizon.periods) + 1) * horizon.period_minutes
    clock = (end - 1) // 60
    hour = clock - clock[0]
    labels = horizon.labels()
    last = [int(np.flatnonzero(hour == h)[-1]) for h in np.unique(hour)]
    return hour, tuple(labels[t] for t in last)


def _mean(series: Floats, hour: Ints) -> Floats:
    """Mean over the periods of each hour: (n, T) → (n, H)."""
    return np.asarray(_sum(series, hour) / np.bincount(hour))


def _sum(series: Floats, hour: Ints) -> Floats:
    total = np.zeros((series.shape[0], int(hour.max()) + 1))
    np.add.at(total.T, hour, series.T)
    return total


def _by_load(load: Floats, price: Floats) -> Floats:
    """Load-weighted mean over buses (T); plain mean where the load is not positive."""
    total = load.sum(axis=0)
    weighted = (load * price).sum(axis=0) / np.where(total > 0.0, total, 1.0)
    return np.asarray(np.where(total > 0.0, weighted, price.mean(axis=0)))


def _by_load_and_hour(load: Floats, price: Floats, hour: Ints) -> Floats:
    total = _sum(load.sum(axis=0)[None], hour)[0]
    paid = _sum((load * price).sum(axis=0)[None], hour)[0]
    plain = _mean(price.mean(axis=0)[None], hour)[0]
    return np.asarray(np.where(total > 0.0, paid / np.where(total > 0.0, total, 1.0), plain))
