"""What the amount of a violation counts, by family: the one place that says it."""

from __future__ import annotations

MEGAWATT = "MW"

OTHER_UNITS = {
    "energy_window": "MWh",
    "storage_cycle": "MWh",
    "storage_initial_energy": "MWh",
    "storage_final_energy": "MWh",
    "regulation_speed": "MW/min",
    "group_on": "units",
    "unit_starts": "starts",
    "unit_stops": "stops",
    "plant_starts": "starts",
    "plant_stops": "stops",
    "start_spacing": "starts",
    "stop_spacing": "stops",
    "switching": "periods",
    "must_run": "periods",
    "commitment": "periods",
    "storage_mode": "periods",
    "min_up": "minutes",
    "min_down": "minutes",
    "start_lead": "minutes",
}
"""Families whose amounts are no MW."""

DATA = frozenset(
    {
        *("must_run", "min_up", "min_down", "start_lead", "ramp_up", "ramp_down", "startup_limit", "shutdown_limit"),
        *("fixed_output", "storage_mode", "storage_initial_energy", "storage_final_energy"),
        *("virtual_ramp", "commitment"),
    }
)
"""Families of hard data that gave way: their MW are the change of a datum, which does not last a period."""


def unit_of(family: str) -> str:
    """Unit of the amounts of a family, as people write it."""
    return OTHER_UNITS.get(family, MEGAWATT)
