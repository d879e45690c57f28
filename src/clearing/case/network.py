"""Buses, zones, branches and interfaces."""

from __future__ import annotations

from dataclasses import dataclass

from clearing.case.arrays import Bools, Floats, Ids, Ints, freeze


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

    def __post_init__(self) -> None:
        freeze(self)
