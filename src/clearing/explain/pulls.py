"""What limits add to the price of a bus: branches and interfaces, after contingencies too, and linear limits."""

from __future__ import annotations

import numpy as np

from clearing.case.arrays import Floats
from clearing.explain.setting import Setting
from clearing.grid.monitored import FAMILY

Limit = tuple[str, str]
"""Family and subject; of a limit after a contingency the subject is `element|contingency`."""
NOBODY: Limit = ("", "")


def at_bus(table: Setting, bus: int) -> Floats:
    """Money per MWh that each limit adds to the price of a bus (E + C, T): monitored elements, then linear limits."""
    elements = table.network_pull * table.grid.at_bus(bus)
    return np.concatenate([elements, table.linear_pull * table.linear_factor[:, bus]])


def limit(table: Setting, row: int) -> Limit:
    """The limit of a row of `at_bus`."""
    monitored = table.grid.monitored
    if row < len(monitored.id):
        return FAMILY[monitored.kind[row]], monitored.id[row]
    return "linear_limit", table.case.linear_limits.id[row - len(monitored.id)]


def greatest(table: Setting, gain: Floats, least: float = 0.0) -> Limit:
    """The limit with the greatest gain (E + C) where that is above `least`."""
    return limit(table, int(np.argmax(gain))) if len(gain) and gain.max() > least else NOBODY
