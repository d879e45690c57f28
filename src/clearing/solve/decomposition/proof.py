"""Which rows of a Lagrangian the audit knows, and by what names: what a bound is proved with."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from clearing.case.arrays import Floats, Ids, Ints
from clearing.case.bound_proof import GROUPS, PROVEN, PUMPED, STORAGE, STORAGE_LEAST, SYSTEM, BoundProof
from clearing.case.prices import Multipliers
from clearing.case.reserves import Direction
from clearing.formulation.model import Model
from clearing.formulation.modes import three_modes
from clearing.formulation.plant_data import plant_data
from clearing.formulation.regulation import speed_products
from clearing.formulation.storage_awards import holders
from clearing.rules.rules import Rules
from clearing.solve.decomposition.lagrangian import Lagrangian

NOBODY = -1
"""Place in `PROVEN` of a row that the audit does not know."""


@dataclass(frozen=True, slots=True)
class Joined:
    """Rows (n) that join a problem as they are broken: family (place in `PROVEN`, or NOBODY), subject, period."""

    family: Ints
    subject: Ids
    period: Ints


NONE_JOINED = Joined(np.zeros(0, dtype=np.int64), (), np.zeros(0, dtype=np.int64))


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

    def places(self) -> dict[tuple[str, str, int], int]:
        """Row of every family, subject and period that the audit knows."""
        named = np.flatnonzero(self.family != NOBODY)
        keys = zip(self.family[named].tolist(), self.row[named].tolist(), self.period[named].tolist(), strict=True)
        return {(PROVEN[f], self.ids[f][k], t): d for d, (f, k, t) in zip(named.tolist(), keys, strict=True)}

    def proof(self, bound: float, y: Floats, hours: float) -> BoundProof:
        """The bound with its multipliers y (D), of rows that the audit knows; hours of a period."""
        assert self.all(y)
        priced = np.flatnonzero(y)
        family = self.family[priced].tolist()
        subject = tuple(self.ids[f][k] for f, k in zip(family, self.row[priced].tolist(), strict=True))
        names = tuple(PROVEN[f] for f in family)
        return BoundProof(bound, Multipliers(names, subject, self.period[priced], y[priced] / hours))


def known(of: Lagrangian, rules: Rules, joined: Joined = NONE_JOINED) -> Known:
    """What the audit knows of the rows of a Lagrangian. joined: the rows of the block `network`."""
    model = of.model
    place = np.full(len(model.problem.row_lower), -1, dtype=np.int64)
    place[of.row] = np.arange(len(of.row))
    family, row, period = (np.full(len(of.row), NOBODY) for _ in range(3))
    ids: list[Ids] = [()] * len(PROVEN)
    for name, own, rows, when in _blocks(model, rules):
        f = PROVEN.index(name)
        ids[f] = own
        at = place[rows]
        kept = at >= 0  # some rows are left out of the bound
        family[at[kept]], row[at[kept]], period[at[kept]] = f, np.nonzero(kept)[0], when[kept]
    _join(place, model, joined, (family, row, period), ids)
    return Known(family, row, period, tuple(ids))


def _blocks(model: Model, rules: Rules) -> Iterator[tuple[str, Ids, Ints, Ints]]:
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
        **dict.fromkeys(("reservoir_energy", "pumped_deliverable"), case.pumped_hydro.reservoir_id),
        **dict.fromkeys(PUMPED[1:5], case.pumped_hydro.id),
    }
    for name, own in ids.items():
        if name in rows and rows[name].size:
            table = rows[name].reshape(len(own), -1)
            yield name, own, table, np.broadcast_to(np.arange(periods)[-table.shape[1] :], table.shape)
    yield from _of_kinds(model)
    plants = plant_data(case, rules.starts)
    first = np.unique(plants.day, return_index=True)[1]
    for name, there, when in (
        ("plant_starts", plants.max_starts >= 0, first),
        ("plant_stops", plants.max_stops >= 0, first),
        ("start_spacing", plants.start_spacing > 0, np.arange(periods)),
        ("stop_spacing", plants.stop_spacing > 0, np.arange(periods)),
    ):
        if name in rows and rows[name].size:
            limited = tuple(case.participants.plant_id[q] for q in np.flatnonzero(there).tolist())
            yield name, limited, rows[name], np.broadcast_to(when, rows[name].shape)


def _of_kinds(model: Model) -> Iterator[tuple[str, Ids, Ints, Ints]]:
    """The same of the kinds of reserve products."""
    case, rows = model.case, model.problem.rows
    up, down = (holders(case, model.awards, way).tolist() for way in (Direction.UP, Direction.DOWN))
    subjects = {
        "regulation_speed": tuple(case.reserves.product_id[q] for q in speed_products(case).tolist()),
        **dict.fromkeys(("storage_up", "storage_up_energy"), tuple(case.storage.id[g] for g in up)),
        **dict.fromkeys(("storage_down", "storage_down_energy"), tuple(case.storage.id[g] for g in down)),
    }
    for name, own in subjects.items():
        if name in rows and rows[name].size:
            yield name, own, rows[name], np.broadcast_to(np.arange(case.horizon.periods), rows[name].shape)


def of_rows(model: Model, rules: Rules, rows: Ints) -> Joined:
    """What rows (n) of a model are."""
    place = np.full(len(model.problem.row_lower), -1, dtype=np.int64)
    place[rows] = np.arange(len(rows))
    family, period = np.full(len(rows), NOBODY), np.zeros(len(rows), dtype=np.int64)
    subject = [""] * len(rows)
    for name, own, table, when in _blocks(model, rules):
        for k, t in zip(*np.nonzero(place[table] >= 0), strict=True):
            at = place[table[k, t]]
            family[at], subject[at], period[at] = PROVEN.index(name), own[k], when[k, t]
    return Joined(family, tuple(subject), period)


def behind(first: Joined, second: Joined) -> Joined:
    """Rows, and further ones behind them."""
    return Joined(
        np.concatenate([first.family, second.family]),
        (*first.subject, *second.subject),
        np.concatenate([first.period, second.period]),
    )


def _join(place: Ints, model: Model, joined: Joined, found: tuple[Ints, Ints, Ints], ids: list[Ids]) -> None:
    """Put the rows in that joined."""
    family, row, period = found
    rows = model.problem.rows.get("network", np.zeros(0, dtype=np.int64)).ravel()[: len(joined.family)]
    for f in np.unique(joined.family[joined.family >= 0]).tolist():
        mine = np.flatnonzero(joined.family == f)
        subjects = {joined.subject[k]: None for k in mine.tolist()}
        order = {subject: n for n, subject in enumerate(subjects)}
        ids[f] = tuple(subjects)
        at = place[rows[mine]]
        family[at], period[at] = f, joined.period[mine]
        row[at] = [order[joined.subject[k]] for k in mine.tolist()]
