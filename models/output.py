"""Output of units and renewables: blocks of the offer, limits, and the room that awards take."""

from __future__ import annotations

from collections.abc import Iterable

import pyomo.environ as pyo

from clearing.case.reserve_kinds import ProductKind
from clearing.case.reserves import Direction
from clearing.rules.rules import RampSharing
from models import award_terms
from models.data import Data, blocks_of, bound
from models.reserve_kinds import kind


def units(m: pyo.ConcreteModel, d: Data) -> None:
    """Output from 0 MW and its cost: the area under the offer from 0 to the output. Families 4, 6, 7."""
    table, offers = d.case.units, d.case.units.offers
    m.output = pyo.Var(d.units, d.periods, domain=pyo.NonNegativeReals)
    blocks = blocks_of(offers, d.units)
    pairs = [(i, b) for i in d.units for b in blocks[i]]
    m.segment = pyo.Var(
        pairs, d.periods, domain=pyo.NonNegativeReals, bounds=lambda _, i, b, t: (0, bound(offers.width_mw[b, t]))
    )
    m.unit_energy_cost = pyo.Expression(
        expr=sum(d.hours * float(offers.price_per_mwh[b, t]) * m.segment[i, b, t] for i, b in pairs for t in d.periods)
    )

    @m.Constraint(d.units, d.periods)
    def output_blocks(m, i, t):
        """P_it = Σ_m segment_imt."""
        return m.output[i, t] == sum(m.segment[i, b, t] for b in blocks[i])

    @m.Constraint(range(len(table.fixed_mw)))
    def fixed_output(m, f):
        """P_it = the fixed output; with the limits below, on follows from it."""
        return m.output[int(table.fixed_unit[f]), int(table.fixed_period[f])] == float(table.fixed_mw[f])

    _limits(m, d)


def _limits(m: pyo.ConcreteModel, d: Data) -> None:
    """a·Pmin + Σ r− ≤ P ≤ a·Pmax − Σ r+ (families 4 and 7)."""
    table = d.case.units

    @m.Constraint(d.units, d.periods)
    def headroom(m, i, t):
        """P_it + Σ_{up q} r_qit ≤ p_max_it·on_it; while it regulates, at most the top of its band."""
        room = float(table.p_max_mw[i, t]) * m.on[i, t] - award_terms.narrowed(m, d, i, t)[0]
        return m.output[i, t] + awarded(m, d, Direction.UP, i, t) <= room

    @m.Constraint(d.units, d.periods)
    def footroom(m, i, t):
        """P_it − Σ_{down q} r_qit ≥ p_min_it·on_it; while it regulates, at least the bottom of its band."""
        floor = float(table.p_min_mw[i, t]) * m.on[i, t] + award_terms.narrowed(m, d, i, t)[1]
        return m.output[i, t] - awarded(m, d, Direction.DOWN, i, t) >= floor

    @m.Constraint(d.units, d.periods)
    def headroom_stop(m, i, t):
        """P_it + Σ_{up q in limits} r_qit ≤ SD_i in the last period before a stop; in form PGLIB all products are.

        P + Σ r ≤ p_max·on − max(p_max − SD, 0)·stop_{t+1}. For P alone this is in ramp_down.
        """
        within = [q for q in d.products if award_terms.in_limits(d, q)]
        plain = not d.products and d.rules.reserves.ramp_sharing is RampSharing.PGLIB
        if not (within or plain) or t + 1 not in d.periods:
            return pyo.Constraint.Skip
        most = float(table.p_max_mw[i, t])
        over = max(most - float(table.shutdown_limit_mw[i]), 0.0)
        room = most * m.on[i, t] - over * m.stop[i, t + 1]
        return m.output[i, t] + awarded(m, d, Direction.UP, i, t, within) <= room


def awarded(
    m: pyo.ConcreteModel, d: Data, direction: Direction, i: int, t: int, among: Iterable[int] | None = None
) -> object:
    """Σ_{products of a direction} r_qit of a unit, but for flexible ramping, which holds room of the next period."""
    chosen = d.products if among is None else among
    own = [q for q in chosen if d.case.reserves.direction[q] == direction and (q, i) in m.ELIGIBLE]
    return sum(m.award[q, i, t] for q in own if kind(d, q) != ProductKind.FLEXIBLE_RAMPING)


def renewables(m: pyo.ConcreteModel, d: Data) -> None:
    """Output of renewables between their least output and the forecast, with their offers (family 15)."""
    table, offers = d.case.renewables, d.case.renewables.offers
    m.renewable = pyo.Var(
        d.renewables, d.periods, bounds=lambda _, r, t: (float(table.min_mw[r, t]), float(table.forecast_mw[r, t]))
    )
    blocks = blocks_of(offers, d.renewables)
    pairs = [(r, b) for r in d.renewables for b in blocks[r]]
    m.renewable_segment = pyo.Var(
        pairs, d.periods, domain=pyo.NonNegativeReals, bounds=lambda _, r, b, t: (0, bound(offers.width_mw[b, t]))
    )
    m.renewable_energy_cost = pyo.Expression(
        expr=sum(
            d.hours * float(offers.price_per_mwh[b, t]) * m.renewable_segment[r, b, t]
            for r, b in pairs
            for t in d.periods
        )
    )

    @m.Constraint(d.renewables, d.periods)
    def renewable_blocks(m, r, t):
        """Output = Σ_m segment."""
        return m.renewable[r, t] == sum(m.renewable_segment[r, b, t] for b in blocks[r])
