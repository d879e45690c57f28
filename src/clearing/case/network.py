"""Buses, zones, branches and interfaces."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from clearing.case.arrays import Bools, Floats, Ids, Ints, freeze, over_periods
from clearing.case.branch_windows import NO_LIMITS, NO_OUTAGES, BranchLimits, BranchOutages


@dataclass(frozen=True, slots=True)
class Network:
    """K buses, Z zones, L branches, S interfaces, T periods. A copper plate is one bus and no branch.

    bus_id (K), bus_zone (K) index into zone_id or −1, bus_voltage_kv (K) 0 = not stated, zone_id (Z)
    branch_id (L), branch_from (L), branch_to (L)     bus indices; positive flow runs from → to
    branch_reactance_pu, branch_resistance_pu (L)     per unit on one common base
    branch_tap_ratio (L)                              1 = line or nominal tap
    branch_shift_degrees (L)                          phase shift, 0 = none
    branch_limit_mw, branch_emergency_limit_mw (L)    ≥ 0; +inf = no limit
    branch_in_service (L)                             False = out over the whole horizon
    interface_id (S), interface_min_mw, interface_max_mw (S, T)   ±inf = no limit
    term_interface, term_branch, term_coefficient (M) one row a branch of an interface:
                                                      interface flow = Σ coefficient · branch flow
    branch_outages                                    windows of branches that are out for part of the horizon
    branch_limit_windows                              windows with limits other than those of the branches
    bus_reference_weight (K) or None                  share of the bus in the reference of its island, ≥ 0, normalised
                                                      by island; None = its share of the load
    bus_loss_factor (K) or None                       share of a MW injected at the bus that reaches the reference, > 0,
                                                      1 = all; read where losses.model is `given`; None = 1
    """

    bus_id: Ids
    bus_zone: Ints
    bus_voltage_kv: Floats
    zone_id: Ids
    branch_id: Ids
    branch_from: Ints
    branch_to: Ints
    branch_reactance_pu: Floats
    branch_resistance_pu: Floats
    branch_tap_ratio: Floats
    branch_shift_degrees: Floats
    branch_limit_mw: Floats
    branch_emergency_limit_mw: Floats
    branch_in_service: Bools
    interface_id: Ids
    interface_min_mw: Floats
    interface_max_mw: Floats
    term_interface: Ints
    term_branch: Ints
    term_coefficient: Floats
    branch_outages: BranchOutages = NO_OUTAGES
    branch_limit_windows: BranchLimits = NO_LIMITS
    bus_reference_weight: Floats | None = None
    bus_loss_factor: Floats | None = None

    def __post_init__(self) -> None:
        freeze(self)


def live_branches(network: Network, periods: int) -> Bools:
    """Branches in service by period (L, T): in service at all, and in no outage window."""
    shape = (len(network.branch_id), periods)
    steady = np.broadcast_to(network.branch_in_service[:, None], shape)
    windows = network.branch_outages
    if not len(windows.branch):
        return steady
    live = steady.copy()
    for branch, first, last in zip(windows.branch, windows.first_period, windows.last_period, strict=True):
        live[branch, first : last + 1] = False
    live.setflags(write=False)
    return live


def branch_limits(network: Network, periods: int) -> tuple[Floats, Floats]:
    """Limits before and after a contingency by period, MW, both (L, T); of branches that are out too."""
    normal = over_periods(network.branch_limit_mw, periods)
    emergency = over_periods(network.branch_emergency_limit_mw, periods)
    windows = network.branch_limit_windows
    if not len(windows.branch):
        return normal, emergency
    normal, emergency = normal.copy(), emergency.copy()
    for row, (branch, first) in enumerate(zip(windows.branch, windows.first_period, strict=True)):
        inside = slice(first, windows.last_period[row] + 1)
        normal[branch, inside] = windows.limit_mw[row]
        emergency[branch, inside] = windows.emergency_limit_mw[row]
    return normal, emergency
