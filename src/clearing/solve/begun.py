"""A search that begins at what an earlier result came to: its network limits, its commitment, its multipliers."""

from __future__ import annotations

import numpy as np

from clearing.case.arrays import Bools, Floats, Ids, Ints
from clearing.case.beginning import Beginning
from clearing.case.bound_proof import CARRIED, STORAGE
from clearing.case.case import Case
from clearing.case.contingencies import parted
from clearing.formulation.model import Model
from clearing.grid.monitored import AFTER, BRANCH, FAMILY, INTERFACE, Grid
from clearing.grid.pairs import Pairs

UNKNOWN = -1e-3
"""Leaning of a unit of which nothing is known: off, unless something asks for it."""


def leaning(beginning: Beginning) -> Floats:
    """(N, T) what the commitment leans to: 1 on, −1 off, hardly off where nothing is known."""
    return np.where(beginning.on > 0, 1.0, np.where(beginning.on == 0, -1.0, UNKNOWN))


def limits_met(beginning: Beginning, case: Case, grid: Grid) -> tuple[Grid, Bools]:
    """The grid that watches the limits of the beginning, and their pairs (E, T); what it has not is left out."""
    rows = [_row(case, f, s) for f, s in zip(beginning.family, beginning.subject, strict=True)]
    found = np.array(rows, dtype=np.int64).reshape(-1, 3)
    known, period = found[:, 1] >= 0, beginning.period
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


def known_prices(beginning: Beginning, model: Model, y: Floats) -> Floats:
    """Multipliers (rows) of a problem, those of the beginning in place of y."""
    case, found = model.case, y.copy()
    ids = {
        "balance": model.islands.id, "shed_total": model.islands.id, "product": case.reserves.product_id,
        **dict.fromkeys(STORAGE, case.storage.id),
    }  # fmt: skip
    places = {name: _index(ids[name]) for name in CARRIED if name in model.problem.rows}
    of, periods = beginning.multipliers, case.horizon.periods
    for family, subject, period, value in zip(of.family, of.subject, of.period.tolist(), of.value, strict=True):
        row = places.get(family, {}).get(subject)
        rows = model.problem.rows[family] if row is not None else None
        if rows is not None and rows.shape[1] == periods:
            found[rows[row, period]] = value * case.horizon.hours
    if "balance" in of.family and "shed_total" not in of.family:
        # prices of a dispatch say nothing of it: shed load is worth what it is at its bus
        found[model.problem.rows["shed_total"]] = -found[model.problem.rows["balance"]]
    return found


def _index(ids: Ids) -> dict[str, int]:
    return {name: k for k, name in enumerate(ids)}


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
