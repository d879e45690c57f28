"""Make-whole payments."""

from __future__ import annotations

import numpy as np

from clearing.case.awarded import worth
from clearing.case.case import Case
from clearing.case.prices import Prices
from clearing.case.result import Uplift
from clearing.case.schedule import Schedule
from clearing.formulation.regulation import unit_speed
from clearing.solve.evaluate import commitment_costs, energy_costs, reserve_costs


def make_whole(case: Case, schedule: Schedule, prices: Prices) -> Uplift:
    """By unit over the day: max(0, cost − revenue).

    cost = energy + no-load + start + stop + offers of awards; revenue = Σ dt·(bus price·(output + output on curves) +
    Σ_q Σ_p reserve price_q·award_p + Σ_q speed price_q·speed_q), over the requirements q that an award of product p
    counts towards, and the speed that awards of regulation bring.
    """
    no_load, start, stop = commitment_costs(case, schedule)
    energy, _ = energy_costs(case, schedule)
    cost = (energy + no_load + start + stop + reserve_costs(case, schedule)).sum(axis=1)
    at_bus = (prices.bus_price[case.units.bus] * (schedule.dispatch_mw + schedule.curve_mw)).sum(axis=1)
    earns = worth(case, case.units.bus, prices.reserve_price)
    earns = earns + unit_speed(case)[:, :, None] * prices.reserve_speed_price[:, None]
    reserve = (earns * schedule.reserve_mw).sum(axis=(0, 2))
    revenue = (at_bus + reserve) * case.horizon.hours
    return Uplift(make_whole=np.maximum(0.0, cost - revenue), revenue=revenue, cost=cost)
