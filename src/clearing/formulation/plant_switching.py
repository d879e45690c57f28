"""A plant that stops one unit and starts another keeps the started one on for a while (family 11)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from clearing.case.arrays import Bools, Ints, freeze
from clearing.formulation.min_up_down import windows
from clearing.formulation.plant_data import PlantData
from clearing.formulation.unit_data import UnitData
from clearing.milp.columns import ABSENT, Columns, column_block
from clearing.milp.rows import RowBlock, row_block


@dataclass(frozen=True, slots=True)
class Switching:
    """n units that switching times say something about, P pairs of them at one plant, D days.

    unit (n)           units of a plant with a switching time that has another unit too
    length (n)         ⌈switching/minutes⌉, periods; 0 where the min up time is as long anyway
    most_starts (n)    starts that fit into so many periods, at least 1
    one, other (P)     places in `unit` of two different units of one plant
    day (T)            day of a period, counted from 0
    """

    unit: Ints
    length: Ints
    most_starts: Ints
    one: Ints
    other: Ints
    day: Ints

    def __post_init__(self) -> None:
        freeze(self)


def switching_data(plants: PlantData, data: UnitData, period_minutes: int) -> Switching:
    """Derive the table."""
    minutes = np.append(plants.switching, 0)[plants.plant]  # the last for units without a plant
    member = np.flatnonzero(minutes > 0)
    of = plants.plant[member]
    together: Bools = (of[:, None] == of) & ~np.eye(len(of), dtype=np.bool_)
    kept = together.any(axis=1)
    one, other = np.nonzero(together[kept][:, kept])
    unit = member[kept]
    length = -(-minutes[unit] // period_minutes)
    most = -(-length // (data.min_up + data.min_down)[unit])
    return Switching(unit, np.where(data.min_up[unit] >= length, 0, length), most, one, other, plants.day)


def switching(found: Switching, columns: Columns) -> list[RowBlock]:
    """What a start needs where another unit of the plant stops on the same day. Shapes (n, T), (P, D), (n, D, T).

    stopped_jd ≥ stop_jt for t in day d                       a unit stops on a day
    switched_id ≥ stopped_jd for j ≠ i of the plant           another unit of the plant does
    Σ_{k in day d, t−n<k≤t} start_ik ≤ on_it + U_i·(1 − switched_id)

    n = ⌈switching/minutes⌉; U_i ≥ 1: starts that fit into n periods. Adds the columns stopped and switched, 0 … 1,
    (n, D). The last block alone is soft. A reading of Shandong no. 20 (clearing-model.md family 11): which stop and
    which start belong together is not defined; here those of one day, in either order.
    """
    days = int(found.day.max(initial=-1)) + 1
    shape = (len(found.unit), days)
    stopped = columns.add(column_block("stopped", shape, 0.0, 1.0))
    switched = columns.add(column_block("switched", shape, 0.0, 1.0))
    stop = columns["stop"][found.unit]
    pairs = (len(found.one), days)
    return [
        row_block("stopped", stop.shape, 0.0, np.inf, [(stopped[:, found.day], 1.0), (stop, -1.0)]),
        row_block("switched", pairs, 0.0, np.inf, [(switched[found.one], 1.0), (stopped[found.other], -1.0)]),
        _least_on(found, columns),
    ]


def _least_on(found: Switching, columns: Columns) -> RowBlock:
    """The rows of the started unit (n, D, T); those that no start of the day reaches are empty and open."""
    count, periods = len(found.unit), len(found.day)
    days = int(found.day.max(initial=-1)) + 1
    start, on, switched = columns["start"][found.unit], columns["on"][found.unit], columns["switched"]
    row, column = windows(np.arange(start.size, dtype=np.int64).reshape(start.shape), found.length)
    unit, period, begun = row // periods, row % periods, column % periods
    at = (unit * days + found.day[begun]) * periods + period
    used = np.zeros(count * days * periods, dtype=np.bool_)
    used[at] = True
    reached = used.reshape(count, days, periods)
    most = np.broadcast_to(found.most_starts[:, None, None].astype(np.float64), reached.shape)
    return row_block(
        "switching",
        reached.shape,
        -np.inf,
        np.where(reached, most, np.inf),
        [
            (np.where(reached, on[:, None, :], ABSENT), -1.0),
            (np.where(reached, switched[:, :, None], ABSENT), most),
        ],
        [(at, start.ravel()[column], 1.0)],
    )
