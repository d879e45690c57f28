"""Energy of an order over the periods of its month (Shandong market parameters, nos. 25 to 28).

First over days, in proportion to curve times ratio of the day's kind (auctions alone have ratios), then over the
periods of each day by the curve; both by largest remainder in grains, earlier days and periods first: nothing is lost.
"""

from __future__ import annotations

import numpy as np

from clearing.admission.position_tables import Book, Channel
from clearing.case.arrays import Ints
from clearing.rules.market_rules import MarketRules
from clearing.rules.position_rules import DayRatios
from clearing.substitution.quantities import millionths
from clearing.substitution.shares import fill_rows


def split(book: Book, accepted: tuple[bool, ...], rules: MarketRules) -> Ints:
    """(o, D·T) kWh; orders that are not accepted have none."""
    days, periods, orders = len(book.month.day_kind), book.month.periods, book.orders
    count = len(orders.id)
    curve = _by_day(book)[orders.instrument]  # (o, D, T)
    in_auction = (orders.channel == Channel.AUCTION)[:, None]
    ratio = np.where(in_auction, day_ratios(book.month.day_kind, rules.day_ratios), millionths(1.0))
    grain = np.array([rules.order_steps[channel - 1].grain_kwh for channel in orders.channel.tolist()], dtype=np.int64)
    grains = np.where(np.array(accepted, dtype=np.bool_), orders.energy_kwh // grain, 0)
    of_days = fill_rows(grains, curve.sum(axis=2) * ratio)
    of_periods = fill_rows(of_days.reshape(-1), curve.reshape(count * days, periods))
    return of_periods.reshape(count, days * periods) * grain[:, None]


def day_ratios(day_kind: Ints, ratios: DayRatios) -> Ints:
    """(D) Millionths."""
    by_kind = [0, *(millionths(getattr(ratios, name)) for name in ("workday", "saturday", "sunday", "holiday"))]
    return np.array(by_kind, dtype=np.int64)[day_kind]


def _by_day(book: Book) -> Ints:
    """(i, D, T) Curves."""
    days, periods, weight = len(book.month.day_kind), book.month.periods, book.instruments.weight
    if weight.shape[1] == periods:
        return np.broadcast_to(weight[:, None, :], (len(weight), days, periods))
    return weight.reshape(len(weight), days, periods)
