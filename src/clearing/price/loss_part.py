"""The loss part of locational prices, and losses as the answer states them."""

from __future__ import annotations

import numpy as np

from clearing.case.arrays import Floats
from clearing.case.losses import Losses
from clearing.case.prices import Prices
from clearing.grid.islands import Islands
from clearing.solve.dispatch import Dispatch
from clearing.solve.loss_rounds import Settled


def loss_part(islands: Islands, balance: Floats, losses: Settled | None) -> Floats:
    """−λ_at · factor_kt (K, T), per MWh: what a MW more at the bus loses on its way costs λ each; 0 without losses.

    balance (I, T): λ. factor: of the linearisation that the pricing run keeps.
    """
    energy = islands.at_buses(balance)
    return np.zeros(energy.shape) if losses is None else np.asarray(-energy * losses.at.factor)


def losses(islands: Islands, cleared: Dispatch, prices: Prices | None, hours: float) -> Losses | None:
    """Factors, MW and part of the surplus of a dispatch with losses; None where the rule set has none.

    prices: of that dispatch, None = not priced. hours: of a period.
    """
    settled = cleared.losses
    if settled is None:
        return None
    if prices is None:
        return Losses(settled.at.factor, settled.mw)
    net = cleared.injection - islands.reference_weight * islands.at_buses(cleared.schedule.surplus_mw)
    paid = -islands.total(prices.bus_loss * net)
    return Losses(settled.at.factor, settled.mw, hours * (paid - prices.system_price * settled.mw))
