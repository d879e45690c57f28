"""A rolled day as the request that settles it: `settle.json` of its folder, for `clearing settle`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import numpy as np

from clearing.case.result import ClearingResult
from clearing.market_day.day import MarketDay
from clearing.market_day.two_settlement import traded
from clearing.wire import case_file
from clearing.wire.write_settle_requests import Market, PriceParts, settle_request

REQUEST = "settle.json"


def write_settle_request(
    folder: Path, day: MarketDay, first: ClearingResult, results: Sequence[ClearingResult]
) -> list[Path]:
    """The file; none where a price is missing, or the day is part of one. Issued, as it says, at 10:00 two days on."""
    if day.settlement is None or first.prices is None:
        return []
    prices = [result.prices for result in results if result.prices is not None]
    real = PriceParts(
        *(np.concatenate([getattr(price, name)[:, :1] for price in prices], axis=1)
          for name in ("bus_price", "bus_energy", "bus_loss"))
    )  # fmt: skip
    ahead = PriceParts(first.prices.bus_price, first.prices.bus_energy, first.prices.bus_loss)
    request = settle_request(
        day.day,
        Market(traded(day.ahead, day.first, ahead.price), ahead),
        Market(traded(day.day, day.schedule, real.price), real),
        day.at,
        f"{day.day.horizon.operating_day + timedelta(days=2)} 10:00",
        first.uplift,
    )
    path = folder / REQUEST
    path.write_text(case_file.message_to_json(request), encoding="utf-8")
    return [path]
