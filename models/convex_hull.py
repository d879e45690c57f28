"""Convex hull prices of a small market by its primal: every unit mixes all of its commitments (after Balas 1998).

The convex hull of a union of polyhedra: one copy of the unit's output for every commitment that it may have, each
scaled by its weight, weights adding up to 1. So the LP below is the commitment problem with every unit in the
convex hull of its schedules, exact with ramps too, and the multiplier of its balance is the convex hull price (Hua &
Baldick 2017, whose polytope is this one projected, where there are no ramps). One bus; units, renewables, load.
2^T commitments a unit: for a handful of periods.
"""

from __future__ import annotations

from itertools import product

import pyomo.environ as pyo

from clearing.case.case import Case
from clearing.rules.rules import Rules, Steps
from models.data import Data, read, rows_of, start_state


def convex_hull(case: Case, rules: Rules) -> pyo.ConcreteModel:
    """min cost over mixtures of commitments, pricing penalties for load shed and surplus; dual holds the prices."""
    d, m = read(case, rules), pyo.ConcreteModel("convex hull")
    m.dual = pyo.Suffix(direction=pyo.Suffix.IMPORT)
    paths = {i: commitments(d, i) for i in d.units}
    copies = [(i, k) for i in d.units for k in range(len(paths[i]))]
    m.weight = pyo.Var(copies, domain=pyo.NonNegativeReals)
    m.output = pyo.Var(copies, d.periods, domain=pyo.NonNegativeReals)
    blocks = rows_of(case.units.offers.resource, d.units)
    m.block = pyo.Var([(i, k, b) for i, k in copies for b in blocks[i]], d.periods, domain=pyo.NonNegativeReals)
    m.site = pyo.Var(rows(case.renewables.offers.resource), d.periods, domain=pyo.NonNegativeReals)
    _sides(m, d)
    m.total = pyo.ConstraintList(doc="Σ_k weight_ik = 1")
    for i in d.units:
        m.total.add(sum(m.weight[i, k] for k in range(len(paths[i]))) == 1)
    m.limits = pyo.ConstraintList(doc="blocks, limits and ramps of a commitment, times its weight")
    for i, k in copies:
        _scaled(m, d, i, k, paths[i][k], blocks[i])

    @m.Constraint(d.periods)
    def balance(m, t):
        """Σ output + renewables + shed = load + surplus."""
        supply = sum(m.output[i, k, t] for i, k in copies) + sum(
            m.site[b, t] for b in rows(case.renewables.offers.resource)
        )
        return supply + sum(m.shed[s, t] for s in m.shed_step) == float(d.load_mw[:, t].sum()) - float(
            case.ties.import_mw[:, t].sum()
        ) + sum(m.surplus[s, t] for s in m.surplus_step)

    prices = case.units.offers.price_per_mwh

    @m.Expression(d.units)
    def own_cost(m, i):
        """Commitment and energy cost of a unit."""
        mine = range(len(paths[i]))
        energy = sum(float(prices[b, t]) * m.block[i, k, b, t] for k in mine for b in blocks[i] for t in d.periods)
        return d.hours * energy + sum(m.weight[i, k] * fixed_cost(d, i, paths[i][k]) for k in mine)

    m.cost = pyo.Objective(expr=sum(m.own_cost[i] for i in d.units) + m.other_cost)
    return m


def rows(table) -> range:
    """All rows of a table."""
    return range(len(table))


def _sides(m: pyo.ConcreteModel, d: Data) -> None:
    """Renewables within their forecast; load shed and surplus at stepped penalties."""
    case, penalties = d.case, d.rules.pricing_penalties
    of = rows_of(case.renewables.offers.resource, d.renewables)
    offers = case.renewables.offers
    m.site_limit = pyo.ConstraintList(doc="min_rt ≤ Σ_m segment_mt ≤ forecast_rt")
    for r in d.renewables:
        for t in d.periods:
            made = sum(m.site[b, t] for b in of[r])
            m.site_limit.add((float(case.renewables.min_mw[r, t]), made, float(case.renewables.forecast_mw[r, t])))
            for b in of[r]:
                m.site[b, t].setub(float(offers.width_mw[b, t]))
    money = sum(
        d.hours * float(offers.price_per_mwh[b, t]) * m.site[b, t] for b in rows(offers.resource) for t in d.periods
    )
    for name, steps in (("shed", penalties.shortage), ("surplus", penalties.surplus)):
        money += _stepped(m, d, name, steps)
    m.other_cost = pyo.Expression(expr=money)


def _stepped(m: pyo.ConcreteModel, d: Data, name: str, steps: Steps):
    """A slack at stepped prices."""
    m.add_component(f"{name}_step", pyo.Set(initialize=rows(steps)))
    m.add_component(
        name,
        pyo.Var(
            rows(steps), d.periods, bounds=lambda m, s, t: (0.0, None if steps[s][0] == float("inf") else steps[s][0])
        ),
    )
    slack = getattr(m, name)
    return sum(d.hours * price * slack[s, t] for s, (_, price) in enumerate(steps) for t in d.periods)


def _scaled(m: pyo.ConcreteModel, d: Data, i: int, k: int, on: tuple[int, ...], blocks: list[int]) -> None:
    """Limits, ramps and offers of a unit in one commitment, all times its weight."""
    units, length, weight = d.case.units, d.case.horizon.period_minutes, m.weight[i, k]
    reach = float(max(units.p_max_mw[i].max(), units.initial_mw[i]))
    rate_up, rate_down, start, stop = (
        min(float(v), reach)
        for v in (
            units.ramp_up_mw_per_minute[i] * length,
            units.ramp_down_mw_per_minute[i] * length,
            units.startup_limit_mw[i],
            units.shutdown_limit_mw[i],
        )
    )
    for t in d.periods:
        output = m.output[i, k, t]
        m.limits.add(output >= float(units.p_min_mw[i, t]) * on[t] * weight)
        m.limits.add(output <= float(units.p_max_mw[i, t]) * on[t] * weight)
        m.limits.add(output == sum(m.block[i, k, b, t] for b in blocks))
        for b in blocks:
            m.limits.add(m.block[i, k, b, t] <= float(d.case.units.offers.width_mw[b, t]) * weight)
        was = on[t - 1] if t > 0 else int(units.initial_on[i])
        before = m.output[i, k, t - 1] if t > 0 else float(units.initial_mw[i]) * weight
        up, down = int(on[t] > was), int(on[t] < was)
        m.limits.add(output - before <= (rate_up * was + start * up) * weight)
        m.limits.add(before - output <= (rate_down * on[t] + stop * down) * weight)


def commitments(d: Data, i: int) -> list[tuple[int, ...]]:
    """All on and off over the periods that windows and least times allow."""
    return [on for on in product((0, 1), repeat=len(d.periods)) if _allowed(d, i, on)]


def _allowed(d: Data, i: int, on: tuple[int, ...]) -> bool:
    """Whether every spell that begins or goes on here, and ends here, is long enough."""
    units = d.case.units
    if any(not units.on_min[i, t] <= on[t] <= units.on_max[i, t] for t in d.periods):
        return False
    least = {1: d.whole_periods(units.min_up_minutes[i]), 0: d.whole_periods(units.min_down_minutes[i])}
    state = int(units.initial_on[i])
    minutes = (units.min_up_minutes if state else units.min_down_minutes)[i]
    left = d.whole_periods(max(0, minutes - units.initial_minutes[i]))
    for now in on:
        if now != state:
            if left > 0:
                return False
            state, left = now, least[now]
        left -= 1
    return True


def fixed_cost(d: Data, i: int, on: tuple[int, ...]) -> float:
    """No-load, start and stop cost of a commitment."""
    units, costs, length = d.case.units, d.case.units.start_costs, d.case.horizon.period_minutes
    states = rows_of(costs.unit, d.units)[i]
    total, was = 0.0, int(units.initial_on[i])
    off = 0 if was else int(units.initial_minutes[i])
    for now in on:
        total += float(units.no_load_cost_per_hour[i]) * d.hours * now
        if now > was and states:
            total += float(costs.cost[states[start_state(d.case, states, off)]])
        total += float(units.stop_cost[i]) * (now < was)
        off, was = (0 if now else off + length), now
    return total
