"""Modes of pumped hydro found without a search: a plan of the reservoirs alone that is nearest to a wish."""

from __future__ import annotations

import numpy as np

from clearing.case.arrays import Flags, Floats
from clearing.case.case import Case
from clearing.case.pumped_market import pumped_market
from clearing.formulation import pumped_hydro
from clearing.milp.columns import Columns, column_block
from clearing.milp.highs import Highs, Limits, Watch
from clearing.milp.problem import stack
from clearing.milp.rows import Scattered, row_block
from clearing.rules.rules import Rules
from clearing.solve.control import RunControl

GAP = 0.02
NODES = 2000
SECONDS = 10.0
"""A nearby plan is enough: when to stop looking for the nearest."""

ENERGY_WEIGHT = 0.25
"""What a MWh off the wished energy weighs beside a MWh off the wished power.

By power alone a unit that the relaxation pumps at a part of its power all night would stand still.
"""

PumpedWish = tuple[Floats, Floats]
"""MW into the network (O, T) by reservoir, and energy (O, T) at the end of the period, as a relaxation has them."""


def pumped_modes(case: Case, rules: Rules, control: RunControl, wish: PumpedWish | None) -> Flags | None:
    """pumping and generating (2·U, T); None where no plan was found. Without a wish the units move as little as
    the bounds of their reservoirs let them."""
    market, columns = pumped_market(case, rules.pumped), Columns()
    pumped_hydro.add_pumped(columns, case, market, None)
    energy, hours = columns["reservoir"], case.horizon.hours
    net = np.zeros(energy.shape) if wish is None else wish[0]
    off = columns.add(column_block("off", (2, *energy.shape), 0.0, np.inf, hours))
    row = case.pumped_hydro.reservoir[:, None] * energy.shape[1] + np.arange(energy.shape[1])
    taken = -np.broadcast_to(market.pump_mw[:, None], row.shape)
    moved: list[Scattered] = [(row, columns["generation"], 1.0), (row, columns["pumping"], taken)]
    blocks = [
        pumped_hydro.reservoir_energy(case, market, columns),
        *pumped_hydro.generation_limits(market, columns),
        *pumped_hydro.mode_rows(case, market, rules.starts, columns),
        row_block("near", energy.shape, net, net, [(off[0], 1.0), (off[1], -1.0)], moved),
    ]
    if wish is not None:
        late = columns.add(column_block("late", (2, *energy.shape), 0.0, np.inf, ENERGY_WEIGHT * hours))
        follow = [(energy, 1.0), (late[0], 1.0), (late[1], -1.0)]
        blocks.append(row_block("follow", energy.shape, wish[1], wish[1], follow))
    own = np.concatenate([columns[name].ravel() for name in ("pumping", "generation")])
    highs = Highs(stack(columns, blocks), threads=control.threads)
    highs.set_costs(own, np.zeros(len(own)))
    outcome = highs.run(Limits(SECONDS, GAP, nodes=NODES), Watch(stopped=control.stopped))
    if outcome.x is None:
        return None
    chosen = np.concatenate([outcome.x[columns[name]] for name in ("pumping", "generating")])
    found: Flags = np.rint(chosen).astype(np.int8)
    return found
