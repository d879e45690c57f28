"""Two settlements: the day-ahead quantity at the day-ahead price, the deviation from it at the real-time price.

    amount_it = Q^DA_it · P^DA_it + (Q^RT_it − Q^DA_it) · P^RT_it,   Q = MW · dt in the periods of real time

for everything that stands at buses; > 0 is paid to it, < 0 by it. A period of the day-ahead is the same MW and price in
every real-time period within it. Summed over all resources of a period it is the surplus of both markets, negated:
Σ_i amount_it = Σ_k P^DA_kt·e^DA_kt + Σ_k P^RT_kt·(e^RT_kt − e^DA_kt) with e_kt the energy that bus k injects.
Direct-current lines have no price of their own, and generation with nowhere to go is nobody's: both are in the
surplus. Load is settled as it is stated, and what of a bus is not served is paid back (kind `shed`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from clearing.case.arrays import Floats, Ids, Ints
from clearing.case.case import Case
from clearing.case.schedule import Schedule
from clearing.case.virtual_plants import VirtualPlantKind


@dataclass(frozen=True, slots=True)
class Traded:
    """n resources that settle. kind, id (n); mw (n, T): injection, load negative; price (n, T): at its bus, per MWh."""

    kind: Ids
    id: Ids
    mw: Floats
    price: Floats


@dataclass(frozen=True, slots=True)
class TwoSettlement:
    """Energy (MWh) and money by resource and real-time period, (n, T) each; > 0 = injected, paid to it."""

    kind: Ids
    id: Ids
    ahead_mwh: Floats
    real_mwh: Floats
    ahead_amount: Floats
    real_amount: Floats

    @property
    def amount(self) -> Floats:
        """Both settlements (n, T)."""
        return self.ahead_amount + self.real_amount


def traded(case: Case, schedule: Schedule, bus_price: Floats) -> Traded:
    """What every resource injects in a schedule, with the price that it gets. bus_price (K, T), money per MWh."""
    plants, pumped = case.virtual_plants, case.pumped_hydro
    sign = np.where(plants.kind == VirtualPlantKind.LOAD, -1.0, 1.0)[:, None]
    share = np.zeros((len(plants.id), len(case.network.bus_id)))
    np.add.at(share, (plants.factor_plant, plants.factor_bus), plants.factor)
    parts: list[tuple[str, Ids, Floats, Floats]] = [
        ("unit", case.units.id, schedule.dispatch_mw + schedule.curve_mw, bus_price[case.units.bus]),
        ("renewable", case.renewables.id, schedule.renewable_mw, bus_price[case.renewables.bus]),
        ("storage", case.storage.id, schedule.discharge_mw - schedule.charge_mw, bus_price[case.storage.bus]),
        ("pumped_hydro", pumped.id, schedule.generate_mw - schedule.pump_mw, bus_price[pumped.bus]),
        ("tie", case.ties.id, case.ties.import_mw, bus_price[case.ties.bus]),
        ("virtual_plant", plants.id, sign * schedule.virtual_mw, share @ bus_price),
        ("demand_bid", case.demand_bids.id, -schedule.demand_mw, bus_price[case.demand_bids.bus]),
        ("load", case.loads.id, -case.loads.mw, bus_price[case.loads.bus]),
        ("shed", case.network.bus_id, np.asarray(schedule.shed_mw), bus_price),
    ]
    return Traded(
        kind=tuple(kind for kind, ids, _, _ in parts for _ in ids),
        id=tuple(name for _, ids, _, _ in parts for name in ids),
        mw=np.concatenate([mw for _, _, mw, _ in parts]),
        price=np.concatenate([price for _, _, _, price in parts]),
    )


def two_settlement(ahead: Traded, real: Traded, at: Ints, hours: float) -> TwoSettlement:
    """Both settlements of one day. at (T): day-ahead period of every real-time period; hours: of a real-time period."""
    assert (ahead.kind, ahead.id) == (real.kind, real.id)
    first, second = ahead.mw[:, at] * hours, real.mw * hours
    return TwoSettlement(
        kind=real.kind,
        id=real.id,
        ahead_mwh=first,
        real_mwh=second,
        ahead_amount=first * ahead.price[:, at],
        real_amount=(second - first) * real.price,
    )
