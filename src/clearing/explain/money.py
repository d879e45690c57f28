"""What every unit earns and costs in every period, at the prices of the result."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from clearing.case.arrays import Floats, freeze
from clearing.case.case import Case
from clearing.case.prices import Prices
from clearing.case.reserve_sharing import serves
from clearing.case.schedule import Schedule
from clearing.formulation.regulation import unit_speed
from clearing.solve.evaluate import commitment_costs, energy_costs, reserve_costs


@dataclass(frozen=True, slots=True)
class Money:
    """N units, T periods, Q products; all (N, T), money of the period.

    energy_revenue           dt·bus price·P
    system_revenue           dt·(bus price − congestion part)·P: the same at a bus without congestion
    lossless_revenue         dt·(bus price − loss part)·P: the same at a bus whose load causes no losses
    reserve_revenue          dt·Σ_q price_q·award, over the requirements q that an award counts towards
    product_revenue (Q,N,T)  the same by product awarded
    energy_cost, no_load, reserve_cost, start, stop
    """

    energy_revenue: Floats
    system_revenue: Floats
    lossless_revenue: Floats
    reserve_revenue: Floats
    product_revenue: Floats
    energy_cost: Floats
    reserve_cost: Floats
    no_load: Floats
    start: Floats
    stop: Floats

    def __post_init__(self) -> None:
        freeze(self)

    @property
    def running(self) -> Floats:
        """g_it: revenue less the costs of being on, without starts and stops."""
        return self.energy_revenue + self.reserve_revenue - self.energy_cost - self.reserve_cost - self.no_load

    @property
    def running_without_reserve(self) -> Floats:
        """g_it without awards: their revenue and their offers."""
        return self.energy_revenue - self.energy_cost - self.no_load

    @property
    def running_at_system_price(self) -> Floats:
        """g_it with the energy part of the bus price only."""
        return self.running - self.energy_revenue + self.system_revenue

    @property
    def running_without_losses(self) -> Floats:
        """g_it at the bus price without its loss part."""
        return self.running - self.energy_revenue + self.lossless_revenue


def money(case: Case, schedule: Schedule, prices: Prices) -> Money:
    """Revenue and cost by unit and period."""
    hours, bus = case.horizon.hours, case.units.bus
    output = schedule.dispatch_mw + schedule.curve_mw
    no_load, start, stop = commitment_costs(case, schedule)
    energy, _ = energy_costs(case, schedule)
    counts = serves(case.reserves, case.reserve_sharing, bus)
    worth = np.einsum("qt,qpi->pit", prices.reserve_price, counts, optimize=True)
    worth = worth + unit_speed(case)[:, :, None] * prices.reserve_speed_price[:, None]
    by_product = worth * schedule.reserve_mw * hours
    plain = prices.bus_price - prices.bus_congestion
    return Money(
        energy_revenue=prices.bus_price[bus] * output * hours,
        system_revenue=plain[bus] * output * hours,
        lossless_revenue=(prices.bus_price - prices.bus_loss)[bus] * output * hours,
        reserve_revenue=np.asarray(by_product.sum(axis=0)),
        product_revenue=by_product,
        energy_cost=energy,
        reserve_cost=reserve_costs(case, schedule),
        no_load=no_load,
        start=start,
        stop=stop,
    )
