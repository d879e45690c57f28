"""The ex-post check of real-time prices (D+1): the period cleared and priced again from what was metered."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from clearing.case.arrays import Floats, Ids
from clearing.case.case import Case
from clearing.case.result import ClearingResult
from clearing.market_day.ex_post import Difference, Metered, differences, otherwise
from clearing.real_time import clear_interval
from clearing.rules.rules import Rules
from clearing.solve.control import RunControl
from clearing.solve.options import LastStage, SolveOptions


@dataclass(frozen=True, slots=True)
class PriceCheck:
    """What came out.

    case                          the period as it was metered
    again                         its clearing
    differences                   buses whose price differs, the largest change first; none where `again` has no prices
    published_mean, again_mean    by metered load, money per MWh; None without load, or without prices
    load_mw, renewable_mw, units  what was metered otherwise than the interval had it
    """

    case: Case
    again: ClearingResult
    differences: tuple[Difference, ...]
    published_mean: float | None
    again_mean: float | None
    load_mw: float
    renewable_mw: float
    units: Ids


def check_prices(
    case: Case, measured: Case, rules: Rules, metered: Metered, published: Floats, near: float, control: RunControl
) -> PriceCheck:
    """Judge the prices of the first period of an interval. measured: that period as it was metered, validated.

    published (K): money per MWh; near: what two prices may differ by and be one.
    """
    again = clear_interval(measured, rules, SolveOptions(last_stage=LastStage.PRICES, explained=False), control)
    load_mw, renewable_mw, units = otherwise(case, metered)
    load, bus = np.maximum(metered.load_mw, 0.0), case.loads.bus
    price = None if again.prices is None else again.prices.bus_price[:, 0]
    return PriceCheck(
        case=measured,
        again=again,
        differences=() if price is None else differences(case, published, price, near),
        published_mean=_mean(published[bus], load),
        again_mean=None if price is None else _mean(price[bus], load),
        load_mw=load_mw,
        renewable_mw=renewable_mw,
        units=units,
    )


def _mean(price: Floats, load: Floats) -> float | None:
    total = float(load.sum())
    return float((price * load).sum()) / total if total > 0.0 else None
