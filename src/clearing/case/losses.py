"""What branches lose, as a result states it."""

from __future__ import annotations

from dataclasses import dataclass

from clearing.case.arrays import Floats, freeze


@dataclass(frozen=True, slots=True)
class Losses:
    """Losses of branches where the rule set has them. K buses, I islands, T periods.

    bus_factor (K, T)       MW lost more for 1 MW injected at the bus and withdrawn at the reference of its island, as
                            the pricing run holds it: bus_loss of the prices = −bus_factor · bus_energy
    island_mw (I, T)        MW lost, what is injected less what is withdrawn; 0 with given factors, whose load holds
                            the losses
    island_surplus (I, T)   money of the period: what is paid for losses at the loss parts of prices less what energy
                            lost costs, dt·λ·(Σ_k factor_k · net injection_k − MW lost); None where nothing is priced
    """

    bus_factor: Floats
    island_mw: Floats
    island_surplus: Floats | None = None

    def __post_init__(self) -> None:
        freeze(self)
