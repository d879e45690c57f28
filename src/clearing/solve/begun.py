"""A search that begins at what an earlier result came to: its network limits, its commitment, its multipliers."""

from __future__ import annotations

import numpy as np

from clearing.case.arrays import Bools, Floats, Ints
from clearing.case.beginning import Beginning
from clearing.case.case import Case
from clearing.case.contingencies import parted
from clearing.grid.monitored import AFTER, BRANCH, FAMILY, INTERFACE, Grid
from clearing.grid.pairs import Pairs
from clearing.solve.decomposition.proof import Known

UNKNOWN = -1e-3
"""Leaning of a unit of which nothing is known: off, unless something asks for it."""


def leaning(beginning: Beginning) -> Floats:
    """(N, T) what the commitment leans to: 1 on, −1 off, hardly off where nothing is known."""
    return np.where(beginning.on > 0, 1.0, np.where(beginning.on == 0, -1.0, UNKNOWN))


def limits_met(beginning: Beginning, case: Case, grid: Grid) -> tuple[Grid, Bools]:
    """The grid that watches the limits of the beginning, and their pairs (E, T); what it has not is left out."""
    limits = beginning.limits
    rows = [_row(case, f, s) for f, s in zip(limits.family, limits.subject, strict=True)]
    found = np.array(rows, dtype=np.int64).reshape(-1, 3)
    known, period = found[:, 1] >= 0, limits.period
    after = found[known & (found[:, 2] >= 0)]
    network = grid.watching(Pairs(*after.T.copy())) if len(after) else grid
    monitored = network.monitored
    place = {
        key: e for e, key in enumerate(zip(*_keys(monitored.kind, monitored.row, monitored.contingency), strict=True))
    }
    active = np.zeros(monitored.upper.shape, dtype=np.bool_)
    for (kind, row, lost), t in zip(found[known].tolist(), period[known].tolist(), strict=True):
        element = place.get((kind, row, lost))
        if element is not None:
            active[element, t] = True
    return network, active & (np.isfinite(monitored.lower) | np.isfinite(monitored.upper))


def known_prices(beginning: Beginning, known: Known, y: Floats, hours: float) -> Floats:
    """Multipliers y (D) of rows, those of the beginning in place of them; hours of a period."""
    found, place = y.copy(), known.places()
    for of in (beginning.multipliers, beginning.limits):
        for family, subject, period, value in zip(of.family, of.subject, of.period.tolist(), of.value, strict=True):
            row = place.get((family, subject, period))
            if row is not None:
                found[row] = value * hours
    priced = set(beginning.multipliers.family)
    if "balance" in priced and "shed_total" not in priced:
        # prices of a dispatch say nothing of it: shed load is worth what it is at its bus
        for (family, subject, period), row in place.items():
            if family == "shed_total":
                found[row] = -found[place["balance", subject, period]]
    return found


def _keys(kind: Ints, row: Ints, contingency: Ints) -> tuple[list[int], list[int], list[int]]:
    return (kind % AFTER).tolist(), row.tolist(), contingency.tolist()


def _row(case: Case, family: str, subject: str) -> tuple[int, int, int]:
    """(kind, row of the element or −1, row of the contingency or −1) of a limit by its names."""
    kind = (BRANCH, INTERFACE)[FAMILY.index(family) % AFTER]
    lost = -1
    if FAMILY.index(family) >= AFTER:
        named = parted(case.contingencies, subject)
        if named is None:
            return kind, -1, -1
        subject, lost = named[0], case.contingencies.id.index(named[1])
    ids = case.network.branch_id if kind == BRANCH else case.network.interface_id
    return kind, ids.index(subject) if subject in ids else -1, lost
