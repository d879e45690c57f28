"""What the equations need beyond the case tables, derived here from the raw fields and nowhere else."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from math import isinf

import numpy as np

from clearing.case.arrays import Bools, Floats, Ints
from clearing.case.branch_windows import BranchLimits, BranchOutages
from clearing.case.case import Case
from clearing.case.offers import Offers
from clearing.case.resources import Storage
from clearing.case.virtual_plants import VirtualPlantKind
from clearing.rules.rules import Rules

BASE_MVA = 100.0
"""Per-unit base of reactances; it matters for phase shifts only."""


@dataclass(frozen=True)
class Data:
    """A case, its rules, and the figures that the pricing run may move.

    N units, R renewables, G storages, Q products, K buses, L branches, S interfaces, A islands, T periods.
    Indices are 0-based rows of the case tables: unit i is `case.units.id[i]`, period t ends at `labels()[t]`.

    load_mw (K, T)                       load by bus that is served or shed: loads, the least of bids and virtual load
    requirement_mw (Q, T)                of the reserve products
    speed_requirement (Q, T)             of regulation, MW/min
    capacity_least_mw (T), or none       load less ties and the least positive reserve: what capacity must cover
    positive_max_mw (T), or none         greatest positive reserve
    live (L, T)                          branch in service, not in a window of an outage
    branch_min_mw, branch_max_mw (L, T)  limits of flows, those of a window in it; ∓inf = none
    interface_min_mw, interface_max_mw (S, T)
    emergency_mw (L, T)                  greatest flow after a contingency
    after_min_mw, after_max_mw (C, L, T) limits after contingencies; ∓inf = not watched
    gate_after_min_mw, gate_after_max_mw (C, S, T)   the same of interfaces
    group_min_mw, group_max_mw (J, T)    joint output of unit groups
    window_min_mwh, window_max_mwh (W)   energy of a unit over a window
    cycle_max_mwh (C)                    most that storage with a limit on cycles gives out
    hvdc_min_mw, hvdc_max_mw (H, T)      flow that is asked for: the schedule, or the limits of a dispatchable line
    linear_min_mw, linear_max_mw (C, T)  weighted sums of outputs, injections and flows
    island (K, T)                        number of the island of a bus; islands are counted by their first bus
    first_bus (A)                        names the island, and is its zero of angles; an island that is part of
                                         another one in a period has no bus in it
    reference_share (K, T)               as given, else by load over the horizon; where surplus is taken off, and where
                                         λ is quoted
    """

    case: Case
    rules: Rules
    load_mw: Floats
    requirement_mw: Floats
    speed_requirement: Floats
    capacity_least_mw: Floats
    positive_max_mw: Floats
    live: Bools
    branch_min_mw: Floats
    branch_max_mw: Floats
    interface_min_mw: Floats
    interface_max_mw: Floats
    emergency_mw: Floats
    group_min_mw: Floats
    group_max_mw: Floats
    window_min_mwh: Floats
    window_max_mwh: Floats
    cycle_max_mwh: Floats
    hvdc_min_mw: Floats
    hvdc_max_mw: Floats
    linear_min_mw: Floats
    linear_max_mw: Floats
    island: Ints
    first_bus: Ints
    reference_share: Floats
    after_min_mw: Floats = field(default_factory=lambda: np.zeros((0, 0, 0)))
    after_max_mw: Floats = field(default_factory=lambda: np.zeros((0, 0, 0)))
    gate_after_min_mw: Floats = field(default_factory=lambda: np.zeros((0, 0, 0)))
    gate_after_max_mw: Floats = field(default_factory=lambda: np.zeros((0, 0, 0)))

    @property
    def periods(self) -> range:
        """Periods 0 … T−1."""
        return range(self.case.horizon.periods)

    @property
    def hours(self) -> float:
        """dt, hours of a period."""
        return self.case.horizon.period_minutes / 60

    @property
    def units(self) -> range:
        """Units 0 … N−1."""
        return range(len(self.case.units.id))

    @property
    def renewables(self) -> range:
        """Renewables 0 … R−1."""
        return range(len(self.case.renewables.id))

    @property
    def pumps(self) -> range:
        """Machines of pumped hydro 0 … U−1."""
        return range(len(self.case.pumped_hydro.id))

    @property
    def reservoirs(self) -> range:
        """Reservoirs of pumped hydro 0 … O−1."""
        return range(len(self.case.pumped_hydro.reservoir_id))

    @property
    def storages(self) -> range:
        """Storages 0 … G−1."""
        return range(len(self.case.storage.id))

    @property
    def products(self) -> range:
        """Reserve products 0 … Q−1."""
        return range(len(self.case.reserves.product_id))

    @property
    def buses(self) -> range:
        """Buses 0 … K−1."""
        return range(len(self.case.network.bus_id))

    @property
    def branches(self) -> list[tuple[int, int]]:
        """Branches in service with the period."""
        return [(b, t) for b in range(len(self.live)) for t in self.periods if self.live[b, t]]

    def heads(self, k: int, t: int) -> bool:
        """Whether the bus is the first of its island in the period."""
        return bool(self.first_bus[self.island[k, t]] == k)

    @property
    def interfaces(self) -> range:
        """Interfaces 0 … S−1."""
        return range(len(self.case.network.interface_id))

    @property
    def plants(self) -> range:
        """Plants: what units share a name of."""
        return range(len(self.case.participants.plant_id))

    @property
    def groups(self) -> range:
        """Unit groups 0 … J−1."""
        return range(len(self.case.unit_groups.id))

    @property
    def bids(self) -> range:
        """Bids of load 0 … B−1."""
        return range(len(self.case.demand_bids.id))

    @property
    def virtual(self) -> range:
        """Virtual plants 0 … V−1."""
        return range(len(self.case.virtual_plants.id))

    @property
    def days(self) -> list[int]:
        """Day that each period begins in, 0 = that of the first period."""
        horizon = self.case.horizon
        day = [(horizon.start_minute + t * horizon.period_minutes) // (24 * 60) for t in self.periods]
        return [one - day[0] for one in day]

    @property
    def islands(self) -> range:
        """Islands 0 … A−1."""
        return range(len(self.first_bus))

    def whole_periods(self, minutes: float) -> int:
        """Least number of periods that last so long."""
        length = self.case.horizon.period_minutes
        return int(-(-minutes // length))


def read(case: Case, rules: Rules) -> Data:
    """Figures of a validated case, as they stand before a pricing run moves any."""
    network, shape = case.network, (len(case.network.branch_id), case.horizon.periods)
    load, groups, storage = _load(case), case.unit_groups, case.storage
    of_groups = (len(groups.id), case.horizon.periods)
    usable = _usable(storage)[case.storage_cycles.storage]
    limit = np.array(np.broadcast_to(network.branch_limit_mw[:, None], shape))
    emergency = np.array(np.broadcast_to(network.branch_emergency_limit_mw[:, None], shape))
    for branch, inside, w in _windows(network.branch_limit_windows):
        limit[branch, inside] = network.branch_limit_windows.limit_mw[w]
        emergency[branch, inside] = network.branch_limit_windows.emergency_limit_mw[w]
    live = np.array(np.broadcast_to(network.branch_in_service[:, None], shape))
    for branch, inside, _ in _windows(network.branch_outages):
        live[branch, inside] = False
    island, first_bus = _islands(case, live)
    least = asked_reserve(case, case.reserves.positive_min_mw, rules.reserves.positive_min_mw)
    most = asked_reserve(case, case.reserves.positive_max_mw, rules.reserves.positive_max_mw)
    return Data(
        case=case,
        rules=rules,
        load_mw=load,
        requirement_mw=case.reserves.requirement_mw,
        speed_requirement=_speed(case),
        capacity_least_mw=np.zeros(0) if least is None else load.sum(axis=0) - case.ties.import_mw.sum(axis=0) + least,
        positive_max_mw=np.zeros(0) if most is None else most,
        live=live,
        branch_min_mw=-limit,
        branch_max_mw=limit,
        interface_min_mw=network.interface_min_mw,
        interface_max_mw=network.interface_max_mw,
        emergency_mw=emergency,
        group_min_mw=groups.min_mw.reshape(of_groups),
        group_max_mw=groups.max_mw.reshape(of_groups),
        window_min_mwh=case.energy_windows.min_mwh,
        window_max_mwh=case.energy_windows.max_mwh,
        cycle_max_mwh=np.asarray(case.storage_cycles.max_cycles * usable),
        hvdc_min_mw=_asked(case, case.hvdc_lines.min_mw),
        hvdc_max_mw=_asked(case, case.hvdc_lines.max_mw),
        linear_min_mw=case.linear_limits.min_mw.reshape(len(case.linear_limits.id), case.horizon.periods),
        linear_max_mw=case.linear_limits.max_mw.reshape(len(case.linear_limits.id), case.horizon.periods),
        island=island,
        first_bus=first_bus,
        reference_share=_reference(case, load, island, first_bus),
    )


def asked_reserve(case: Case, own: Floats | None, rule: float | None) -> Floats | None:
    """A system reserve (T): a value of the case wins over the rule set's; None where neither has one."""
    if own is not None:
        return own
    return None if rule is None else np.full(case.horizon.periods, rule)


def _speed(case: Case) -> Floats:
    """Regulation speed asked for, by product (Q, T)."""
    table, speed = case.reserve_kinds, np.zeros(case.reserves.requirement_mw.shape)
    for row, q in enumerate(table.product.tolist()):
        speed[q] = table.speed_requirement_mw_per_minute[row]
    return speed


def _load(case: Case) -> Floats:
    """By bus (K, T). The least of a bid, and of a virtual plant of load at its share, is load like any other."""
    load = np.zeros((len(case.network.bus_id), case.horizon.periods))
    for bus, mw in zip(case.loads.bus, case.loads.mw, strict=True):
        load[bus] += mw
    for b, bus in enumerate(case.demand_bids.bus):
        load[bus] += case.demand_bids.min_mw[b]
    plants = case.virtual_plants
    for v, bus, share in zip(plants.factor_plant, plants.factor_bus, plants.factor, strict=True):
        if plants.kind[v] == VirtualPlantKind.LOAD:
            load[bus] += share * plants.min_mw[v]
    return load


def _asked(case: Case, limit: Floats) -> Floats:
    """A limit (H, T) of dispatchable lines, the schedule of the others."""
    lines = case.hvdc_lines
    asked = np.array(limit).reshape(len(lines.id), case.horizon.periods)
    for h, free in enumerate(lines.dispatchable):
        if not free:
            asked[h] = lines.scheduled_mw[h]
    return asked


def _windows(windows: BranchOutages | BranchLimits) -> list[tuple[int, slice, int]]:
    """Branch, periods and row of every window."""
    rows = zip(windows.branch.tolist(), windows.first_period.tolist(), windows.last_period.tolist(), strict=True)
    return [(branch, slice(first, last + 1), w) for w, (branch, first, last) in enumerate(rows)]


def _usable(storage: Storage) -> Floats:
    """MWh of a full cycle (G): from the least energy of the horizon to the greatest."""
    return np.array(
        [high.max() - low.min() for low, high in zip(storage.energy_min_mwh, storage.energy_max_mwh, strict=True)]
    )


def _islands(case: Case, live: Bools) -> tuple[Ints, Ints]:
    """Spread the number of the first bus along branches in service until nothing changes, in every period."""
    seen = np.stack([connected(case, live[:, t]) for t in range(case.horizon.periods)], axis=1)
    first_bus, island = np.unique(seen, return_inverse=True)
    return island.reshape(seen.shape), first_bus


def connected(case: Case, live: Bools) -> Ints:
    """Least bus that each bus (K) is connected with by branches in service (L)."""
    network, changed = case.network, True
    seen = np.arange(len(network.bus_id))
    while changed:
        changed = False
        for branch in np.flatnonzero(live):
            ends = [network.branch_from[branch], network.branch_to[branch]]
            if seen[ends[0]] != seen[ends[1]]:
                seen[ends] = seen[ends].min()
                changed = True
    return seen


def _reference(case: Case, load: Floats, island: Ints, first_bus: Ints) -> Floats:
    """Weights given, else Σ_t max(load, 0), of a bus as a share of its island's; the first bus where all are 0."""
    given = case.network.bus_reference_weight
    weight = np.maximum(load, 0.0).sum(axis=1) if given is None else given
    share = np.zeros(island.shape)
    for t in range(case.horizon.periods):
        for a, first in enumerate(first_bus):
            inside = island[:, t] == a
            total = weight[inside].sum()
            if total > 0:
                share[inside, t] = weight[inside] / total
            elif inside.any():
                share[first, t] = 1.0
    return share


def rows_of(owner: Ints, owners: Iterable[int]) -> dict[int, list[int]]:
    """By owner, the rows that name it, in their order: blocks of a unit, resources at a bus, branches from a bus."""
    rows: dict[int, list[int]] = {one: [] for one in owners}
    for row, one in enumerate(owner.tolist()):
        rows[one].append(row)
    return rows


def blocks_of(offers: Offers, resources: range) -> dict[int, list[int]]:
    """By resource, its blocks in rising order of output."""
    return rows_of(offers.resource, resources)


def start_state(case: Case, rows: list[int], minutes: int) -> int:
    """Which of a unit's start states (places in its rows, hottest first) a start after so many minutes off is in.

    The last one that applies: minutes ≥ after_minutes where the boundary is inclusive, else minutes > after_minutes.
    """
    costs, place = case.units.start_costs, 0
    for s, row in enumerate(rows):
        after = costs.after_minutes[row]
        if minutes > after or (minutes == after and costs.inclusive[row]):
            place = s
    return place


def susceptance(case: Case, branch: int) -> float:
    """MW per radian of angle difference: base / (reactance · tap)."""
    network = case.network
    return float(BASE_MVA / (network.branch_reactance_pu[branch] * network.branch_tap_ratio[branch]))


def shift(case: Case, branch: int) -> float:
    """Phase shift in radians."""
    return float(np.deg2rad(case.network.branch_shift_degrees[branch]))


def bound(value: float) -> float | None:
    """A bound for Pyomo: None where the table says ±inf."""
    return None if isinf(value) else float(value)
