"""Losses of branches: by island, and the buses with the greatest and the least factors."""

from __future__ import annotations

import numpy as np

from clearing.case.case import Case
from clearing.case.losses import Losses
from clearing.case.result import ClearingResult
from clearing.report.tables import NOTHING, Table
from clearing.report.topology import island_load_mwh
from clearing.report.values import amount, label_of, percent

MOST_BUSES = 20
"""Buses shown, half of them from either end."""

ISLANDS = ("Island", "Lost, MWh", "Of its load", "Most lost, MW", "At", "Losses' part of the surplus")
BUSES = ("Bus", "Mean factor", "Least", "Greatest", "Mean loss part of the price")


def island_losses(case: Case, losses: Losses) -> Table:
    """One row an island that loses anything or has a part of the surplus: energy, share, the worst period, money."""
    labels, load = case.horizon.labels(), island_load_mwh(case)
    rows: list[tuple[str, ...]] = []
    for i, lost in enumerate(losses.island_mw):
        surplus = None if losses.island_surplus is None else float(losses.island_surplus[i].sum())
        mwh = float(lost.sum()) * case.horizon.hours
        if abs(mwh) < 0.0005 and abs(surplus or 0.0) < 0.005:
            continue
        worst = int(np.argmax(lost))
        share = percent(mwh / float(load[i])) if load[i] > 0 else NOTHING
        most = amount(float(lost[worst]), 3)
        rows.append((f"{i + 1}", amount(mwh, 3), share, most, label_of(labels, worst), amount(surplus, 2)))
    return Table(ISLANDS, rows, frozenset({1, 2, 3, 5}), "Nothing is lost.", len(rows))


def bus_factors(case: Case, result: ClearingResult, losses: Losses) -> Table:
    """Buses by their mean factor, from the one where a MW more is lost most to the one where it spares most."""
    prices, buses = result.prices, case.network.bus_id
    order = np.argsort(-losses.bus_factor.mean(axis=1), kind="stable")
    ends = order if len(order) <= MOST_BUSES else np.r_[order[: MOST_BUSES // 2], order[-MOST_BUSES // 2 :]]
    rows = [
        (
            buses[k],
            *(amount(float(value), 4) for value in (factor.mean(), factor.min(), factor.max())),
            NOTHING if prices is None else amount(float(prices.bus_loss[k].mean()), 2),
        )
        for k, factor in zip(ends.tolist(), losses.bus_factor[ends], strict=True)
    ]
    return Table(BUSES, rows, frozenset({1, 2, 3, 4}), "There is no bus.", len(buses))


def loss_tables(case: Case, result: ClearingResult) -> tuple[Table, ...]:
    """Both, where the rule set has losses; else nothing."""
    if result.losses is None:
        return ()
    return island_losses(case, result.losses), bus_factors(case, result, result.losses)
