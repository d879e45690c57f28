"""Modes of storage found without a search: those of a schedule of the stores alone that is nearest to a wish."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np

from clearing.case.arrays import Flags, Floats, Ints
from clearing.case.award_terms import GIVEN_ON
from clearing.case.case import Case
from clearing.case.resources import Storage
from clearing.case.storage_way import restricted_rows
from clearing.formulation import storage, variables
from clearing.formulation.model import Model
from clearing.formulation.modes import nearest_signs, three_modes
from clearing.milp.columns import Columns, column_block
from clearing.milp.highs import Highs, Limits, Watch
from clearing.milp.problem import stack
from clearing.milp.rows import row_block
from clearing.rules.rules import Rules
from clearing.solve.control import RunControl
from clearing.solve.quick_pumped import PumpedWish, pumped_modes

GAP = 0.01
NODES = 1000
SECONDS = 5.0
"""A nearby schedule is enough: when to stop looking for the nearest."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What a relaxation has: MW into the network of every storage unit (G, T), and of pumped hydro if any."""

    storage_mw: Floats
    pumped: PumpedWish | None = None


def wish_of(model: Model, x: Floats) -> Wish:
    """What a solution of the relaxed problem does."""
    columns, table = model.problem.columns, model.case.pumped_hydro
    stored = x[columns["discharge"]] - x[columns["charge"]]
    if not table.id:
        return Wish(stored)
    energy = x[columns["reservoir"]]
    net = np.zeros(energy.shape)
    np.add.at(net, table.reservoir, x[columns["generation"]] - model.market.pump_mw[:, None] * x[columns["pumping"]])
    return Wish(stored, (net, energy))


def quick_modes(case: Case, rules: Rules, control: RunControl, wish: Wish | None = None) -> Flags:
    """Modes (M, T). Without a wish the stores move as little as their own limits let them.

    A unit that can stand still all day is in the mode that its wish points to; where least MW, losses, given modes or
    the final energy ask for more, its energy is followed through the horizon, lest the dispatch be left without a way.
    """
    table = case.storage
    net = np.zeros(table.charge_max_mw.shape) if wish is None else wish.storage_mw
    out, back = nearest_signs(table, np.maximum(-net, 0.0), np.maximum(net, 0.0))
    bound = np.flatnonzero(restricted_rows(table) | (table.final_energy_max_mwh < table.initial_energy_mwh))
    if len(bound):
        found = _nearest(replace(case, storage=_rows(table, bound)), net[bound], control)
        if found is not None:
            three = three_modes(table)
            out[bound], back[np.isin(three, bound)] = found
    # A unit that need not regulate does not: the regulation lacks at first, the search finds who should bring it.
    regulating = (case.regulation_bands.given == GIVEN_ON).astype(np.int8).reshape(-1, case.horizon.periods)
    if not case.pumped_hydro.id:
        return np.concatenate([out, back, regulating])
    pumped = pumped_modes(case, rules, control, None if wish is None else wish.pumped)
    if pumped is None:
        pumped = np.zeros((2 * len(case.pumped_hydro.id), case.horizon.periods), dtype=np.int8)
    return np.concatenate([out, back, pumped, regulating])


def _rows(table: Storage, rows: Ints) -> Storage:
    def cut(values: Any) -> Any:
        return tuple(values[k] for k in rows) if isinstance(values, tuple) else values[rows]

    return Storage(**{field.name: cut(getattr(table, field.name)) for field in fields(table)})


def _nearest(case: Case, wish: Floats, control: RunControl) -> tuple[Flags, Flags] | None:
    """discharging (n, T), charging of the least sum of deviations from the wish that the energy allows, or None."""
    columns = Columns()
    variables.add_storage(columns, case, None)
    off = columns.add(column_block("off", (2, *wish.shape), 0.0, np.inf, 1.0))
    back, out = columns["charge"], columns["discharge"]
    near = row_block("near", wish.shape, wish, wish, [(out, 1.0), (back, -1.0), (off[0], 1.0), (off[1], -1.0)])
    blocks = [
        storage.storage_energy(case, columns),
        *storage.storage_modes(case, columns),
        *storage.storage_least(case, columns),
        near,
    ]
    problem = stack(columns, blocks)
    own = np.concatenate([columns[name].ravel() for name in ("charge", "discharge")])
    highs = Highs(problem, threads=control.threads)
    highs.set_costs(own, np.zeros(len(own)))
    outcome = highs.run(Limits(SECONDS, GAP, nodes=NODES), Watch(stopped=control.stopped))
    if outcome.x is None:
        return None
    discharging, charging = (np.rint(outcome.x[columns[name]]).astype(np.int8) for name in ("discharging", "charging"))
    return discharging, charging
