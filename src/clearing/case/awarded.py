"""What the awards of a schedule come to: MW that count towards each requirement, worth of a MW awarded."""

from __future__ import annotations

import numpy as np

from clearing.case.arrays import Floats
from clearing.case.case import Case
from clearing.case.reserve_sharing import serves
from clearing.case.schedule import Schedule


def counted_mw(case: Case, schedule: Schedule) -> Floats:
    """Σ of the awards of units and storage that count towards each requirement, MW (Q, T)."""
    total = _counted(case, case.units.bus, schedule.reserve_mw)
    return total + _counted(case, case.storage.bus, schedule.storage_reserve_mw) if case.storage.id else total


def worth(case: Case, bus: np.ndarray, price: Floats) -> Floats:
    """What a MW awarded at a bus (n) earns where requirements pay price (Q, T): (Q, n, T), an hour."""
    counts = serves(case.reserves, case.reserve_sharing, bus)
    return np.asarray(np.einsum("qt,qpi->pit", price, counts, optimize=True))


def _counted(case: Case, bus: np.ndarray, award_mw: Floats) -> Floats:
    counts = serves(case.reserves, case.reserve_sharing, bus)
    return np.asarray(np.einsum("qpi,pit->qt", counts, award_mw, optimize=True))
