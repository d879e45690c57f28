"""What stands ready, and what is running, in order of price: who would step in for a unit, and whom it would displace.

Readings: within an island, without ramps, network and awards; storage and bids of load do not step in.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from clearing.case.arrays import Floats, Ints, freeze
from clearing.case.case import Case
from clearing.case.offers import Offers
from clearing.case.schedule import Schedule
from clearing.formulation.curves import cut_at
from clearing.grid.monitored import Grid

SITE = -1
"""Stands for the unit of a block of a renewable site."""


@dataclass(frozen=True, slots=True)
class Stack:
    """M blocks above least outputs, T periods; every column ordered by rising price.

    unit, bus, island (M, T)  row of Units (SITE for a renewable site), bus, island
    price (M, T)              per MWh
    used_mw, spare_mw (M, T)  MW of the block in the schedule, and what is left of it; both 0 while the unit is off
    """

    unit: Ints
    bus: Ints
    island: Ints
    price: Floats
    used_mw: Floats
    spare_mw: Floats

    def __post_init__(self) -> None:
        freeze(self)

    def replaced(self, unit: int, island: Ints, mw: Floats, last_price: float, periods: slice) -> Floats:
        """Money an hour (n) that others of the unit's island (n) would charge for its MW (n).

        What nobody has costs last_price.
        """
        taken = self._taken(self.spare_mw, unit, island, mw, periods, falling=False)
        missing = np.maximum(0.0, mw - taken.sum(axis=0))
        return np.asarray((taken * self.price[:, periods]).sum(axis=0) + missing * last_price)

    def replaced_at(self, unit: int, island: Ints, mw: Floats, periods: slice) -> tuple[Ints, Floats]:
        """Buses (m), and MW (m, n) that they would put in for the unit's MW (n), cheapest first."""
        taken = self._taken(self.spare_mw, unit, island, mw, periods, falling=False)
        block, period = np.nonzero(taken > 0.0)
        buses, place = np.unique(self.bus[:, periods][block, period], return_inverse=True)
        total = np.zeros((len(buses), taken.shape[1]))
        np.add.at(total, (place, period), taken[block, period])
        return buses, total

    def displaced(self, unit: int, island: Ints, mw: Floats, periods: slice) -> Floats:
        """Money an hour (n) saved by pushing the dearest running blocks down by MW (n)."""
        taken = self._taken(self.used_mw, unit, island, mw, periods, falling=True)
        return np.asarray((taken[::-1] * self.price[:, periods]).sum(axis=0))

    def _taken(self, of: Floats, unit: int, island: Ints, mw: Floats, periods: slice, *, falling: bool) -> Floats:
        """MW (M, n) of every block until MW (n) are reached, in rising or falling order of price."""
        order = slice(None, None, -1) if falling else slice(None)
        others = (self.unit[order, periods] != unit) & (self.island[order, periods] == island)
        width = np.where(others, of[order, periods], 0.0)
        return np.asarray(np.clip(mw - (np.cumsum(width, axis=0) - width), 0.0, width))


def stack(case: Case, grid: Grid, schedule: Schedule) -> Stack:
    """Blocks of units on line and of renewable sites."""
    units, sites = case.units, case.renewables
    on = schedule.on == 1
    of_units = _blocks(units.offers, units.p_min_mw, units.p_max_mw, schedule.dispatch_mw)
    of_sites = _blocks(sites.offers, sites.min_mw, sites.forecast_mw, schedule.renewable_mw)
    resource, price, used, spare = of_units
    used, spare = np.where(on[resource], used, 0.0), np.where(on[resource], spare, 0.0)
    unit = np.concatenate([resource, np.full(len(of_sites[0]), SITE)])
    bus = np.concatenate([units.bus[resource], sites.bus[of_sites[0]]])
    price = np.concatenate([price, of_sites[1]])
    order = np.argsort(price, axis=0, kind="stable")
    return Stack(
        unit=unit[order],
        bus=bus[order],
        island=np.take_along_axis(grid.islands.of_bus[bus], order, axis=0),
        price=np.take_along_axis(price, order, axis=0),
        used_mw=np.take_along_axis(np.concatenate([used, of_sites[2]]), order, axis=0),
        spare_mw=np.take_along_axis(np.concatenate([spare, of_sites[3]]), order, axis=0),
    )


def _blocks(offers: Offers, least: Floats, most: Floats, output: Floats) -> tuple[Ints, Floats, Floats, Floats]:
    """Resource, price, MW used and MW left of every block above the least output."""
    curve = cut_at(offers, least, most)
    used = np.clip(output[curve.resource] - curve.from_mw, 0.0, curve.width_mw)
    return curve.resource, curve.price_per_mwh, used, curve.width_mw - used
