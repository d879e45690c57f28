"""Buses, branches, areas and cut-sets of the source network, before any limit is set."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_array, csc_array, csr_array, diags_array
from scipy.sparse.linalg import splu

from .source import Source

MVA = 100.0


@dataclass(frozen=True, slots=True)
class Topology:
    """K buses, L branches, S cut-sets.

    bus_id (K), area (K) 0-based, zone (K) 0-based, kv (K), load_mw (K)
    start, end (L) bus; reactance, resistance (L) per unit on 100 MVA; tap, shift_degrees (L)
    rate_mw (L)                   as in the source; 0 where it states none, then rated (L) is false
    thermal_mw (K)                capacity of the source's thermal and hydro generators, moved to the high-voltage bus
    interface_id (S), terms (S, L)  +1 where a branch leaves the first region, −1 where it enters it
    """

    bus_id: tuple[str, ...]
    area: np.ndarray
    zone: np.ndarray
    kv: np.ndarray
    load_mw: np.ndarray
    start: np.ndarray
    end: np.ndarray
    reactance: np.ndarray
    resistance: np.ndarray
    tap: np.ndarray
    shift_degrees: np.ndarray
    rate_mw: np.ndarray
    thermal_mw: np.ndarray
    interface_id: tuple[str, ...]
    terms: csr_array

    @property
    def rated(self) -> np.ndarray:
        """Branches (L) with a rating in the source."""
        return np.asarray(self.rate_mw > 0.0)

    def meshed(self) -> np.ndarray:
        """Branches (L) both of whose ends have more than two neighbours: not the way out of a plant or a feeder."""
        ends = np.sort(np.column_stack([self.start, self.end]), axis=1)
        neighbours = np.bincount(np.unique(ends, axis=0).ravel(), minlength=len(self.bus_id))
        return np.asarray((neighbours[self.start] > 2) & (neighbours[self.end] > 2))

    def flow(self, injection: np.ndarray) -> np.ndarray:
        """DC flow (L, n), MW, for injections (K, n) that add up to zero; the first bus is the angle reference.

        A phase shifter drives what its angle alone would: as if fed in at its end and drawn at its start.
        """
        here = np.arange(len(self.start))
        shape = (len(here), len(self.bus_id))
        signs = np.repeat([1.0, -1.0], len(here))
        incidence = csr_array(
            coo_array((signs, (np.tile(here, 2), np.concatenate([self.start, self.end]))), shape=shape)
        )
        weighted = csr_array(diags_array(1.0 / (self.reactance * self.tap)) @ incidence)
        nodal = csc_array((incidence.T @ weighted)[1:, 1:])
        shifted = MVA * np.deg2rad(self.shift_degrees) / (self.reactance * self.tap)
        driven = injection + (incidence.T @ shifted)[:, None]
        angle = np.zeros(injection.shape)
        angle[1:] = splu(nodal).solve(np.ascontiguousarray(driven[1:]))
        return np.asarray(weighted @ angle - shifted[:, None])


def topology(source: Source, interfaces: int) -> Topology:
    """Rename and re-index the tables of the source; all its branches are in service.

    Where all buses are of one zone the areas are the zones.
    """
    bus, branch = source.bus, source.branch
    order = np.argsort(bus[:, 0])
    number = bus[order, 0]

    def row(numbers: np.ndarray) -> np.ndarray:
        return order[np.searchsorted(number, numbers)]

    start, end = row(branch[:, 0]), row(branch[:, 1])
    area = np.unique(bus[:, 6], return_inverse=True)[1]
    zone = np.unique(bus[:, 10], return_inverse=True)[1]
    zone = zone if zone.max() > 0 else area
    kv = bus[:, 9]
    names, terms = _cut_sets(area, zone, start, end, bus[:, 2], interfaces)
    return Topology(
        bus_id=tuple(f"B{int(n)}" for n in bus[:, 0]),
        area=area,
        zone=zone,
        kv=kv,
        load_mw=bus[:, 2],
        start=start,
        end=end,
        reactance=branch[:, 3],
        resistance=branch[:, 2],
        tap=np.where(branch[:, 8] > 0.0, branch[:, 8], 1.0),
        shift_degrees=branch[:, 9],
        rate_mw=branch[:, 5],
        thermal_mw=_at_high_voltage(source, row(source.gen[:, 0]), start, end, kv),
        interface_id=names,
        terms=terms,
    )


def _at_high_voltage(source: Source, at: np.ndarray, start: np.ndarray, end: np.ndarray, kv: np.ndarray) -> np.ndarray:
    """Capacity (K) of the generators that are not wind or solar, behind their step-up transformer if they have one."""
    best = np.arange(len(kv))
    for near, far in ((start, end), (end, start)):
        order = np.argsort(kv[far], kind="stable")
        best[near[order]] = np.where(kv[far[order]] > kv[best[near[order]]], far[order], best[near[order]])
    home = np.where(kv[at] < 100.0, best[at], at)
    counts = ~np.isin(np.array(source.fuel), ["wind", "solar"])
    total = np.zeros(len(kv))
    np.add.at(total, home[counts], source.gen[counts, 8])
    return total


def _cut_sets(
    area: np.ndarray, zone: np.ndarray, start: np.ndarray, end: np.ndarray, load: np.ndarray, most: int
) -> tuple[tuple[str, ...], csr_array]:
    """All pairs of neighbouring areas, all areas, then the zones with most load until there are `most` cut-sets."""
    found: dict[bytes, tuple[str, np.ndarray]] = {}

    def add(name: str, sign: np.ndarray) -> None:
        if len(found) < most and sign.any():
            found.setdefault(np.abs(sign).tobytes(), (name, sign))

    areas = range(int(area.max()) + 1)
    for a in areas:
        for b in areas[a + 1 :]:
            out = (area[start] == a) & (area[end] == b)
            back = (area[start] == b) & (area[end] == a)
            add(f"area-{a + 1}-{b + 1}", out.astype(np.int8) - back.astype(np.int8))
    regions = [("area", area, a) for a in areas]
    heaviest = np.argsort(-np.bincount(zone, weights=load), kind="stable")
    regions += [("zone", zone, int(z)) for z in heaviest]
    for kind, of_bus, region in regions:
        inside = of_bus == region
        add(f"{kind}-{region + 1}-out", inside[start].astype(np.int8) - inside[end].astype(np.int8))
    return tuple(name for name, _ in found.values()), csr_array(np.array([sign for _, sign in found.values()], float))
