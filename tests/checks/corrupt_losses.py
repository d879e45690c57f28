"""Corruptions of losses: prices without them, with those of other flows, and what is lost and not said."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from clearing.case.losses import Losses
from clearing.case.result import ClearingResult
from clearing.checks.losses import factor_room, lossy
from tests.checks.corrupt import Draw, changed, corruption, with_prices, with_schedule


def _moved(draw: Draw, kept: float) -> tuple[str, ClearingResult] | None:
    """The loss part of a bus times `kept`, and the price with it, where that is more than an operating point leaves."""
    prices = draw.result.prices
    if prices is None or not lossy(draw.known):
        return None
    change = (kept - 1.0) * prices.bus_loss
    room = np.abs(prices.bus_energy) * factor_room(draw.known) + 1e-3
    at = draw.cell(np.abs(change) > 2.0 * room)
    if at is None:
        return None
    loss = changed(prices.bus_loss, at, prices.bus_loss[at] + change[at])
    price = changed(prices.bus_price, at, prices.bus_price[at] + change[at])
    return f"bus_loss{list(at)}", with_prices(draw, bus_loss=loss, bus_price=price)


@corruption("price", "PRICE_LOSS")
def loss_part_left_out(draw: Draw) -> tuple[str, ClearingResult] | None:
    return _moved(draw, 0.0)


@corruption("price", "PRICE_LOSS")
def loss_part_of_the_mean_loss(draw: Draw) -> tuple[str, ClearingResult] | None:
    """r·f instead of 2·r·f."""
    return _moved(draw, 0.5)


@corruption("price", "PRICE_LOSS")
def loss_part_of_the_other_sign(draw: Draw) -> tuple[str, ClearingResult] | None:
    return _moved(draw, -1.0)


@corruption("price", "PRICE_ENERGY|PRICE_CONGESTION|PRICE_LOSS")
def loss_part_called_congestion(draw: Draw) -> tuple[str, ClearingResult] | None:
    """The sum stays right."""
    prices = draw.result.prices
    if prices is None or draw.proof is None or not lossy(draw.known):
        return None
    if not (np.abs(prices.bus_loss) > 2.0 * np.abs(prices.bus_energy) * factor_room(draw.known) + 1e-3).any():
        return None
    congestion = prices.bus_congestion + prices.bus_loss
    return "all", with_prices(draw, bus_congestion=congestion, bus_loss=0.0 * prices.bus_loss)


@corruption("value", "VIOLATION_NOT_LISTED")
def losses_not_supplied(draw: Draw) -> tuple[str, ClearingResult] | None:
    """A bus with load sheds what is lost less, so that generation meets load alone: the plan of a lossless network."""
    if not lossy(draw.known):
        return None
    sheds = draw.schedule.shed_mw
    at = draw.cell((draw.known.bus_load_mw > 1.0) & (sheds == 0.0))
    if at is None:
        return None
    mw = 100.0 * draw.rules.losses.tolerance_mw + 1e-3
    return f"shed{list(at)}+{mw}", with_schedule(draw, shed_mw=changed(sheds, at, mw))


@corruption("report", "VIOLATION_AMOUNT|VIOLATION_UNKNOWN|VIOLATION_NOT_LISTED")
def losses_missed_by_more_than_said(draw: Draw) -> tuple[str, ClearingResult] | None:
    mine = [v for v in draw.result.violations if v.family == "losses"]
    if not mine:
        return None
    rest = tuple(v for v in draw.result.violations if v is not mine[0])
    return mine[0].subject, replace(draw.result, violations=(*rest, replace(mine[0], amount_mw=mine[0].amount_mw / 2)))


def _stated(draw: Draw, name: str, at: tuple[int, ...] | None, by: float) -> tuple[str, ClearingResult] | None:
    """One number of the stated losses changed."""
    losses = draw.result.losses
    if losses is None or at is None:
        return None
    table = getattr(losses, name)
    spoilt = replace(losses, **{name: changed(table, at, table[at] + by)})
    return f"{name}{list(at)}{by:+g}", replace(draw.result, losses=spoilt)


@corruption("report", "LOSS_FACTOR")
def stated_factor_of_other_flows(draw: Draw) -> tuple[str, ClearingResult] | None:
    losses, prices = draw.result.losses, draw.result.prices
    if losses is None or prices is None:
        return None
    at = draw.cell(np.abs(prices.bus_energy) > 1.0)
    return _stated(draw, "bus_factor", at, draw.sign() * draw.size())


@corruption("report", "LOSS_MW")
def stated_losses_of_other_flows(draw: Draw) -> tuple[str, ClearingResult] | None:
    losses, injected = draw.result.losses, np.abs(draw.known.injection_mw).sum(axis=0)
    if losses is None:
        return None
    at = draw.cell(np.ones(losses.island_mw.shape))
    return _stated(draw, "island_mw", at, draw.sign() * draw.size(float(injected.max())))


@corruption("report", "LOSS_SURPLUS")
def stated_surplus_of_other_prices(draw: Draw) -> tuple[str, ClearingResult] | None:
    losses, prices = draw.result.losses, draw.result.prices
    if losses is None or prices is None or losses.island_surplus is None:
        return None
    at = draw.cell(np.ones(losses.island_surplus.shape))
    paid = np.abs(draw.known.injection_mw).sum(axis=0).max() * np.abs(prices.bus_price).max()
    return _stated(draw, "island_surplus", at, draw.sign() * draw.size(float(paid)))


@corruption("report", "LOSS_SURPLUS")
def surplus_of_losses_not_stated(draw: Draw) -> tuple[str, ClearingResult] | None:
    losses = draw.result.losses
    if losses is None or losses.island_surplus is None:
        return None
    return "all", replace(draw.result, losses=replace(losses, island_surplus=None))


@corruption("report", "LOSSES_OFF")
def losses_stated_though_off(draw: Draw) -> tuple[str, ClearingResult] | None:
    if lossy(draw.known):
        return None
    islands, shape = len(draw.known.grid.island_id), draw.known.injection_mw.shape
    nothing = np.zeros((islands, shape[1]))
    return "all", replace(draw.result, losses=Losses(np.zeros(shape), nothing, nothing))
