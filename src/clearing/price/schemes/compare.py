"""LMP, ELMP and convex hull prices at one schedule, each with the uplift that it leaves.

All are judged on one problem, the SCUC at pricing penalties with its network rows: a scheme is a set of multipliers of
the rows that join units, the rest of them belong to nobody else. So for every scheme

    cost of the schedule − Lagrangian = Σ lost opportunity of units + that of everything else + what rows owe,

each term ≥ 0, and the convex hull price, which makes the Lagrangian greatest, leaves the least of it in total.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from clearing.case.arrays import Floats
from clearing.case.case import Case
from clearing.case.price_schemes import PriceScheme, PriceSet
from clearing.grid.monitored import Grid
from clearing.price.lmp import congestion_part
from clearing.price.schemes.convex_hull import EXACT, Hull, convex_hull
from clearing.price.schemes.fast_start import fast_start_duals
from clearing.price.schemes.network_model import NetworkModel, network_model
from clearing.rules.rules import LossModel, Rules
from clearing.solve.control import RunControl
from clearing.solve.decomposition.lagrangian import Lagrangian, Oracle, lagrangian
from clearing.solve.dispatch import Dispatch
from clearing.solve.evaluate import commitment_costs, costs, energy_costs, reserve_costs, violations

MADE_OF = ("on", "start", "stop", "above", "award", "award_offline")
"""Columns of units that rows of others may hold."""


def compare_schemes(
    case: Case, rules: Rules, cleared: Dispatch, priced: Dispatch, control: RunControl, seconds: float | None = None
) -> tuple[PriceSet, ...]:
    """LMP, ELMP, convex hull, in this order; what was cut short is missing.

    Empty where the rules have losses: their prices follow from a linearisation that no dual over commitments shares.
    """
    if rules.losses.model is not LossModel.NONE:
        return ()
    judge = Judge.of(case, rules, cleared, priced)
    lmp, elmp = judge.from_pricing_run(priced), None
    found = fast_start_duals(case, rules, judge.on.model, cleared.schedule, control, seconds)
    if found is not None:
        elmp = judge.signed(found[judge.dual.row])
    hull = convex_hull(judge.dual, [y for y in (lmp, elmp) if y is not None], control, seconds)
    sets = [judge.priced(PriceScheme.LMP, lmp)]
    if elmp is not None:
        sets.append(judge.priced(PriceScheme.ELMP, elmp))
    if hull is not None:
        sets.append(judge.priced(PriceScheme.CONVEX_HULL, hull.best.y, hull))
    return tuple(s for s in sets if s is not None)


@dataclass(frozen=True)
class Judge:
    """A schedule and the problem that prices are judged on."""

    case: Case
    rules: Rules
    grid: Grid
    cleared: Dispatch
    on: NetworkModel
    dual: Lagrangian

    @classmethod
    def of(cls, case: Case, rules: Rules, cleared: Dispatch, priced: Dispatch) -> Judge:
        """With the limits of the clearing, whatever the pricing run moved."""
        model = network_model(case, rules, cleared.grid, cleared.active)
        return cls(case, rules, cleared.grid, cleared, model, lagrangian(model.model))

    def from_pricing_run(self, priced: Dispatch) -> Floats:
        """Multipliers (D) of the pricing run."""
        theirs, mine = priced.model.problem, self.on.model.problem
        found = np.zeros(len(mine.row_lower))
        for name, rows in theirs.rows.items():
            if name in mine.rows and mine.rows[name].shape == rows.shape:
                found[mine.rows[name]] = priced.row_dual[rows]
        count = len(self.grid.monitored.id)
        found[self.on.row] = priced.network_dual[:count][self.on.element, self.on.period]
        return self.signed(found[self.dual.row])

    def signed(self, y: Floats) -> Floats:
        """Multipliers (D) that lean on no open side."""
        low = np.where(np.isfinite(self.dual.upper), -np.inf, 0.0)
        high = np.where(np.isfinite(self.dual.lower), np.inf, 0.0)
        return np.clip(y, low, high)

    def priced(self, scheme: PriceScheme, y: Floats, hull: Hull | None = None) -> PriceSet | None:
        """A scheme's prices and uplift at multipliers y (D)."""
        point = Oracle(self.dual).at(y)
        if point is None:
            return None
        row_dual = np.zeros(len(self.on.model.problem.row_lower))
        row_dual[self.dual.row] = point.y
        revenue, cost = self._revenue(point.y), self._cost
        best = -point.unit_value + self._off_line(point.y)
        gap = None if hull is None else hull.gap
        relaxed = (*self.dual.relaxed, *(() if self.on.whole else ("network",)))
        return PriceSet(
            scheme=scheme,
            bus_price=self._bus_price(row_dual),
            reserve_price=row_dual[self.on.model.problem.rows["product"]] / self.case.horizon.hours,
            revenue=revenue,
            cost=cost,
            best_profit=best,
            lost_opportunity=best - (revenue - cost),
            make_whole=np.maximum(0.0, cost - revenue),
            dual_value=point.value,
            total_uplift=self._total - point.value,
            gap=gap,
            approximate=gap is not None and (gap > EXACT or bool(relaxed)),
            relaxed=relaxed,
        )

    def _bus_price(self, row_dual: Floats) -> Floats:
        model, grid, hours = self.on.model, self.grid, self.case.horizon.hours
        energy = grid.islands.at_buses(row_dual[model.problem.rows["balance"]] / hours)
        network = self.on.network_dual(row_dual, grid.monitored.upper.shape)
        return energy + congestion_part(self.case, grid, model, row_dual, network)

    def _revenue(self, y: Floats) -> Floats:
        """What the priced rows pay the units (N) for the schedule."""
        columns, worth = self.on.model.problem.columns, self.dual.by_column @ y
        awards, total = self.on.model.awards, np.zeros(len(self.case.units.id))
        every = np.arange(len(total))
        owner = {"award": awards.unit, "award_offline": awards.unit[awards.offline]}
        for name, value in zip(MADE_OF, self._schedule, strict=True):
            np.add.at(total, owner.get(name, every), (worth[columns[name]] * value).sum(axis=1))
        return total

    def _off_line(self, y: Floats) -> Floats:
        """The most that awards off line can earn by unit (N): no subproblem has them, so each counts by itself."""
        problem, awards = self.on.model.problem, self.on.model.awards
        index, total = problem.columns["award_offline"], np.zeros(len(self.case.units.id))
        gain = np.maximum(0.0, -self.dual.cost(y)[index]) * problem.upper[index]
        np.add.at(total, awards.unit[awards.offline], gain.sum(axis=1))
        return total

    @cached_property
    def _schedule(self) -> tuple[Floats, ...]:
        """The schedule as columns of `MADE_OF`."""
        schedule, awards = self.cleared.schedule, self.on.model.awards
        on = schedule.on.astype(np.float64)
        above = schedule.dispatch_mw - on * self.case.units.p_min_mw
        award = schedule.reserve_mw[awards.product, awards.unit]
        online = award * on[awards.unit]
        starts = (schedule.start.astype(np.float64), schedule.stop.astype(np.float64))
        return on, *starts, above, online, (award - online)[awards.offline]

    @cached_property
    def _cost(self) -> Floats:
        """Cost of the units (N) of the schedule, money."""
        case, schedule = self.case, self.cleared.schedule
        parts = (energy_costs(case, schedule)[0], *commitment_costs(case, schedule), reserve_costs(case, schedule))
        return np.asarray(sum(parts).sum(axis=1))  # type: ignore[union-attr]

    @cached_property
    def _total(self) -> float:
        """Cost of the schedule at pricing penalties, money."""
        case, schedule, flow = self.case, self.cleared.schedule, self.cleared.flow
        broken = violations(case, self.rules, self.rules.pricing_penalties, self.grid, schedule, flow)
        return costs(case, schedule, broken).total
