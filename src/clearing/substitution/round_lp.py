"""The optimisation form of a round, which the sequential rule is held against: what the rule leaves on the table.

    first     max Σ energy of the captive side
    then      min Σ variation · energy of the captive side
    last      areas as near to y_a · M as they can be (least sum of distances)

    0 ≤ e_{i,t} ≤ offered,  Σ_t boundary 3 ≤ target − (M1 + M2) offered, Σ_a n_{a,t} = Σ_i e_{i,t}, n_{a,t} ≤ L_{a,t},
    Σ_t n_{a,t} ≤ what the sites of the area may sell, captive limits (or what boundaries 1 and 2 alone need)

Months of areas are free here, bound to M_t / M in the rule; pairs that do not cross trade here. So the rule's result is
a point of this form, and never has more. Energy in MWh, numbers in floating point: a measure, no award. Raises
SolverError where the solver does not end with an optimum.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from clearing.case.arrays import Floats, Ints, freeze
from clearing.milp.columns import Columns, Index, column_block
from clearing.milp.highs import Highs, Limits, SolverError
from clearing.milp.outcome import Condition
from clearing.milp.problem import stack
from clearing.milp.rows import RowBlock
from clearing.substitution.quantities import KWH_OF_MWH
from clearing.substitution.round_captive import BOUNDARIES
from clearing.substitution.round_clear import Cleared
from clearing.substitution.round_offers import Left
from clearing.substitution.round_tables import ALL, Round

MOST_CELLS = 12_000
"""Captive offers times months that are compared: a second or two of CPU."""

_TINY_KWH = 1e-3


@dataclass(frozen=True, slots=True)
class Optimum:
    """Most energy, kWh; Σ variation · energy in thousandths of money at the optimum and of the round; areas (A)."""

    energy_kwh: int
    variation_milli: int
    round_variation_milli: int
    area_kwh: Ints

    def __post_init__(self) -> None:
        freeze(self)


class _Rows:
    """Row blocks as they are written."""

    def __init__(self) -> None:
        self.blocks: list[RowBlock] = []

    def add(self, name: str, columns: list[Index], values: list[float], low: float, high: float) -> None:
        """One row: Σ value · (sum of the columns)."""
        column = np.concatenate([each.ravel() for each in columns]).astype(np.int64)
        value = np.concatenate([np.full(each.size, v) for each, v in zip(columns, values, strict=True)])
        row = np.zeros(len(column), dtype=np.int64)
        self.blocks.append(RowBlock(name, (1,), row, column, value, np.array([low]), np.array([high])))


def optimise(round_: Round, cleared: Cleared, threads: int = 1) -> Optimum:
    """The optimum of the form above."""
    offers, areas, months = round_.captive_offers, round_.areas, round_.terms.months
    stands = cleared.captive_left == Left.NOT
    offered = np.where(stands[:, None], offers.month_kwh, 0) / KWH_OF_MWH
    sold = np.zeros(len(areas.fleet))
    np.add.at(sold, round_.sites.area, cleared.limits.most_kwh / KWH_OF_MWH)
    network = np.where(areas.most_kwh == ALL, sold[:, None], np.minimum(areas.most_kwh / KWH_OF_MWH, sold[:, None]))
    columns, rows = Columns(), _Rows()
    e = columns.add(column_block("captive", offered.shape, 0.0, offered))
    n = columns.add(column_block("area", network.shape, 0.0, network))
    apart = columns.add(column_block("distance", (len(sold),), 0.0, float(offered.sum()) + 1.0))
    third = offers.boundary == BOUNDARIES
    first_two = float(offered[~third].sum())
    rows.add("target", [e[third]], [1.0], -np.inf, max(0.0, round_.terms.target_kwh / KWH_OF_MWH - first_two))
    for t in range(months):
        rows.add(f"month {t}", [n[:, t], e[:, t]], [1.0, -1.0], 0.0, 0.0)
    for area, most in enumerate(sold.tolist()):
        rows.add(f"sites {area}", [n[area]], [1.0], -np.inf, most)
    _limits(round_, offered, e, rows)
    share = cleared.coefficients.weight / max(float(cleared.coefficients.weight.sum()), 1.0)
    for area, y in enumerate(share.tolist()):
        rows.add(f"above {area}", [n[area], e, apart[area : area + 1]], [1.0, -y, -1.0], -np.inf, 0.0)
        rows.add(f"below {area}", [n[area], e, apart[area : area + 1]], [1.0, -y, 1.0], 0.0, np.inf)
    solver = Highs(stack(columns, rows.blocks), threads=threads, relaxed=True)
    total = _stage(solver, np.zeros(columns.count), e.ravel(), -np.ones(e.size))
    price = np.repeat(offers.variation_milli.astype(np.float64), months) / KWH_OF_MWH
    paid = _stage(solver, np.zeros(columns.count), e.ravel(), price)
    near = _stage(solver, np.zeros(columns.count), apart, np.ones(len(apart)))
    energy = float(total[e].sum()) * KWH_OF_MWH
    of_round = int((cleared.captive_month_kwh.sum(axis=1) * offers.variation_milli).sum())
    return Optimum(
        int(np.floor(energy + _TINY_KWH)), round(float(price @ paid[e].ravel()) * KWH_OF_MWH),
        round(of_round / KWH_OF_MWH), np.rint(near[n].sum(axis=1) * KWH_OF_MWH).astype(np.int64),
    )  # fmt: skip


def _limits(round_: Round, offered: Floats, e: Index, rows: _Rows) -> None:
    limits, party, offers = round_.limits, round_.captives, round_.captive_offers
    third = offers.boundary == BOUNDARIES
    for k in range(len(limits.area)):
        own = (party.area[offers.party] == limits.area[k]) | (limits.area[k] == ALL)
        own &= (party.fleet[offers.party] == limits.fleet[k]) | (limits.fleet[k] == ALL)
        at = slice(None) if limits.month[k] == ALL else slice(int(limits.month[k]), int(limits.month[k]) + 1)
        least = float(offered[own & ~third][:, at].sum())
        if own.any():
            rows.add(f"limit {k}", [e[own][:, at]], [1.0], -np.inf, max(float(limits.most_kwh[k]) / KWH_OF_MWH, least))


def _stage(solver: Highs, cost: Floats, columns: Index, values: Floats) -> Floats:
    """Solve with these costs, then hold what every optimum has in common."""
    cost[columns] = values
    solver.set_costs(np.arange(len(cost)), cost)
    outcome = solver.run(Limits())
    if outcome.condition is not Condition.OPTIMAL or outcome.x is None:
        raise SolverError(f"the optimisation form ended {outcome.condition.value}")
    solver.hold_optimal_face()
    return outcome.x
