"""Loads by bus, and the island whose price stands for the system."""

from __future__ import annotations

import numpy as np

from clearing.case.arrays import Floats
from clearing.case.case import Case
from clearing.grid.islands import bus_load_mw, islands

__all__ = ["bus_load_mw", "island_load_mwh", "main_island"]


def island_load_mwh(case: Case) -> Floats:
    """Load energy of every island (I)."""
    return np.asarray(islands(case).total(bus_load_mw(case)).sum(axis=1) * case.horizon.hours)


def main_island(case: Case) -> int:
    """Index of the island with the greatest load energy; its λ is the system price that is shown."""
    return int(np.argmax(island_load_mwh(case)))
