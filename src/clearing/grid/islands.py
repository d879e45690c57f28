"""Electrical islands by period, and the reference each one's prices and shift factors refer to."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from clearing.case.arrays import Bools, Floats, Ids, Ints, freeze
from clearing.case.case import Case
from clearing.case.firm_load import firm_load
from clearing.case.islands import island_heads, states


@dataclass(frozen=True, slots=True)
class Islands:
    """I islands over K buses and T periods, ordered by their first bus, which names them.

    An island that stands in some periods only has a row in all: elsewhere its first bus belongs to another one.

    id (I)                    id of the island's first bus
    first_bus (I)             the same as a bus
    of_bus (K, T)             island of the bus
    reference_weight (K, T)   share of the bus in the reference of its island; sums to 1 over an island
    """

    id: Ids
    first_bus: Ints
    of_bus: Ints
    reference_weight: Floats

    def __post_init__(self) -> None:
        freeze(self)

    @property
    def count(self) -> int:
        """Number of islands."""
        return len(self.id)

    @property
    def stands(self) -> Bools:
        """Whether the island is one in the period (I, T)."""
        return np.asarray(self.of_bus[self.first_bus] == np.arange(self.count)[:, None])

    def total(self, of_bus: Floats) -> Floats:
        """Sum (K, T) over the buses of each island: (I, T)."""
        periods = self.of_bus.shape[1]
        place = self.of_bus * periods + np.arange(periods)
        sums = np.bincount(place.ravel(), weights=np.ravel(of_bus), minlength=self.count * periods)
        return np.asarray(sums.reshape(self.count, periods))

    def at_buses(self, of_island: Floats) -> Floats:
        """Value (I, T) of the island that each bus is in: (K, T)."""
        return np.asarray(of_island[self.of_bus, np.arange(self.of_bus.shape[1])])


def bus_load_mw(case: Case) -> Floats:
    """Load by bus (K, T) that must be served or shed: loads and the least quantities of what bids."""
    load = np.zeros((len(case.network.bus_id), case.horizon.periods))
    np.add.at(load, *firm_load(case))
    return load


def islands(case: Case) -> Islands:
    """Connected components of the branches in service; the reference is spread over the island's load.

    Weights of the caller (bus_reference_weight) go before load; where an island has neither, its first bus is the
    reference. Load counts over the whole horizon, so a weight changes with the island only.
    """
    network, known = case.network, states(case.network, case.horizon.periods)
    given = network.bus_reference_weight
    weight = np.maximum(bus_load_mw(case), 0.0).sum(axis=1) if given is None else np.asarray(given)
    head = island_heads(network, known)
    share = np.stack([_shares(one, weight) for one in head])
    first = np.unique(head)
    of_bus, here = np.searchsorted(first, head), known.of_period
    if len(known.first) == 1:
        shape = (len(network.bus_id), len(here))
        by_period = np.broadcast_to(of_bus[0][:, None], shape), np.broadcast_to(share[0][:, None], shape)
    else:
        by_period = np.ascontiguousarray(of_bus[here].T), np.ascontiguousarray(share[here].T)
    return Islands(tuple(network.bus_id[k] for k in first), first, *by_period)


def _shares(head: Ints, weight: Floats) -> Floats:
    """Share (K) of the buses in their island's weight; head (K): first bus of the island."""
    total = np.bincount(head, weights=weight, minlength=len(head))
    bare = total[head] == 0.0
    lone = bare & (head == np.arange(len(head)))
    return np.where(bare, lone.astype(np.float64), weight / np.where(bare, 1.0, total[head]))
