"""The loss part of locational prices."""

from __future__ import annotations

import numpy as np

from clearing.case.arrays import Floats
from clearing.grid.islands import Islands
from clearing.solve.loss_rounds import Settled


def loss_part(islands: Islands, balance: Floats, losses: Settled | None) -> Floats:
    """−λ_at · factor_kt (K, T), per MWh: what a MW more at the bus loses on its way costs λ each; 0 without losses.

    balance (I, T): λ. factor: of the linearisation that the pricing run keeps.
    """
    energy = islands.at_buses(balance)
    return np.zeros(energy.shape) if losses is None else np.asarray(-energy * losses.at.factor)
