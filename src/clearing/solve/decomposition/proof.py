"""Which rows of a Lagrangian the audit knows, and by what names: what a bound is proved with."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from clearing.case.arrays import Floats, Ids, Ints
from clearing.case.bound_proof import GROUPS, PROVEN, STORAGE, STORAGE_LEAST, SYSTEM, BoundProof
from clearing.case.prices import Multipliers
from clearing.formulation.model import Model
from clearing.formulation.modes import three_modes
from clearing.solve.decomposition.lagrangian import Lagrangian

NOBODY = -1
"""Place in `PROVEN` of a row that the audit does not know."""


@dataclass(frozen=True, slots=True)
class OfNetwork:
    """Rows (n) of the block `network`: family (place in `PROVEN`, or NOBODY), subject, period."""

    family: Ints
    subject: Ids
    period: Ints


NO_NETWORK = OfNetwork(np.zeros(0, dtype=np.int64), (), np.zeros(0, dtype=np.int64))


@dataclass(frozen=True, slots=True)
class Known:
    """Rows (D) of a Lagrangian: family (place in `PROVEN`, or NOBODY), row of its subjects, period; ids by family."""

    family: Ints
    row: Ints
    period: Ints
    ids: tuple[Ids, ...]

    def all(self, y: Floats) -> bool:
        """Whether the audit knows every row with a multiplier y (D)."""
        return not (y[self.family == NOBODY] != 0.0).any()

    def proof(self, bound: float, y: Floats, hours: float) -> BoundProof:
        """The bound with its multipliers y (D), of rows that the audit knows; hours of a period."""
        assert self.all(y)
        priced = np.flatnonzero(y)
        family = self.family[priced].tolist()
        subject = tuple(self.ids[f][k] for f, k in zip(family, self.row[priced].tolist(), strict=True))
        names = tuple(PROVEN[f] for f in family)
        return BoundProof(bound, Multipliers(names, subject, self.period[priced], y[priced] / hours))


def known(of: Lagrangian, named: OfNetwork = NO_NETWORK) -> Known:
    """What the audit knows of the rows of a Lagrangian. named: the rows of the block `network`."""
    model = of.model
    place = np.full(len(model.problem.row_lower), -1, dtype=np.int64)
    place[of.row] = np.arange(len(of.row))
    family, row, period = (np.full(len(of.row), NOBODY) for _ in range(3))
    ids: list[Ids] = [()] * len(PROVEN)
    for name, own, rows, when in _blocks(model):
        f = PROVEN.index(name)
        ids[f] = own
        at = place[rows]
        kept = at >= 0  # some rows are left out of the bound
        family[at[kept]], row[at[kept]], period[at[kept]] = f, np.nonzero(kept)[0], when[kept]
    _network(place, model, named, (family, row, period), ids)
    return Known(family, row, period, tuple(ids))


def _blocks(model: Model) -> Iterator[tuple[str, Ids, Ints, Ints]]:
    """Name, subjects (n), rows (n, m) and their periods (n, m) of the blocks with rows by subject and period."""
    case, rows, periods = model.case, model.problem.rows, model.case.horizon.periods
    stores, cycles = case.storage.id, case.storage_cycles.storage.tolist()
    ids: dict[str, Ids] = {
        **dict.fromkeys(("balance", "shed_total"), model.islands.id),
        "product": case.reserves.product_id,
        **dict.fromkeys(STORAGE, stores),
        **dict.fromkeys(STORAGE_LEAST, tuple(stores[g] for g in three_modes(case.storage).tolist())),
        "storage_cycle": tuple(stores[g] for g in cycles),
        **dict.fromkeys(SYSTEM, ("system",)),
        **dict.fromkeys(GROUPS, case.unit_groups.id),
        "demand_output": case.demand_bids.id,
        **dict.fromkeys(("virtual_output", "virtual_ramp"), case.virtual_plants.id),
        **dict.fromkeys(("hvdc_ramp", "hvdc_schedule"), case.hvdc_lines.id),
        "linear_limit": case.linear_limits.id,
    }
    for name, own in ids.items():
        if name in rows and rows[name].size:
            table = rows[name].reshape(len(own), -1)
            yield name, own, table, np.broadcast_to(np.arange(periods)[-table.shape[1] :], table.shape)


def _network(place: Ints, model: Model, named: OfNetwork, found: tuple[Ints, Ints, Ints], ids: list[Ids]) -> None:
    """Put the rows of the network in."""
    family, row, period = found
    rows = model.problem.rows.get("network", np.zeros(0, dtype=np.int64)).ravel()[: len(named.family)]
    for f in np.unique(named.family[named.family >= 0]).tolist():
        mine = np.flatnonzero(named.family == f)
        subjects = {named.subject[k]: None for k in mine.tolist()}
        order = {subject: n for n, subject in enumerate(subjects)}
        ids[f] = tuple(subjects)
        at = place[rows[mine]]
        family[at], period[at] = f, named.period[mine]
        row[at] = [order[named.subject[k]] for k in mine.tolist()]
