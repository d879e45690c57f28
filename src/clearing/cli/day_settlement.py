"""A rolled day as requests that settle it: `settle.json` of its folder, for `clearing settle`, and the same under other
pricing schemes of the day-ahead."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path

import numpy as np

from clearing.case.arrays import Floats
from clearing.case.price_schemes import PriceScheme
from clearing.case.result import ClearingResult
from clearing.market_day.day import MarketDay
from clearing.market_day.settling import energy_part, running_cost
from clearing.market_day.two_settlement import traded
from clearing.wire import case_file
from clearing.wire.write_settle_requests import Market, PriceParts, UnitCost, settle_request

REQUEST = "settle.json"
OF_SCHEME = "settle_{scheme}.json"


def write_settle_requests(
    folder: Path, day: MarketDay, first: ClearingResult, results: Sequence[ClearingResult]
) -> list[Path]:
    """The file, and one for ELMP and convex hull prices each where the day-ahead has them: its prices alone are other
    ones. None where a price is missing, or the day is part of one. Issued, as it says, at 10:00 two days on."""
    if day.settlement is None or first.prices is None or first.uplift is None:
        return []
    prices = [result.prices for result in results if result.prices is not None]
    parts = PriceParts(
        *(np.concatenate([getattr(price, name)[:, :1] for price in prices], axis=1)
          for name in ("bus_price", "bus_energy", "bus_loss"))
    )  # fmt: skip
    real = Market(traded(day.day, day.schedule, parts.price), parts)
    issued_at = f"{day.day.horizon.operating_day + timedelta(days=2)} 10:00"
    running, files = running_cost(day.day, day.schedule), []
    for name, cost, ahead in _schemes(day, first):
        market = Market(traded(day.ahead, day.first, ahead.price), ahead)
        request = settle_request(day.day, market, real, day.at, issued_at, UnitCost(cost, running))
        files.append(folder / name)
        files[-1].write_text(case_file.message_to_json(request), encoding="utf-8")
    return files


def _schemes(day: MarketDay, first: ClearingResult) -> Iterator[tuple[str, Floats, PriceParts]]:
    """File, cost of units (N) and prices of the day-ahead."""
    assert first.prices is not None
    assert first.uplift is not None
    yield REQUEST, first.uplift.cost, PriceParts(first.prices.bus_price, first.prices.bus_energy, first.prices.bus_loss)
    for each in first.price_sets:
        if each.scheme is not PriceScheme.LMP:
            price = each.bus_price
            parts = PriceParts(price, energy_part(day.ahead, price), np.zeros_like(price))
            yield OF_SCHEME.format(scheme=each.scheme.name.lower()), each.cost, parts
