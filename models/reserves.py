"""Reserve products by unit (families 4 and 5) and system reserves of the capacity form (families 2 and 3)."""

from __future__ import annotations

from math import isinf

import numpy as np
import pyomo.environ as pyo

from clearing.case.arrays import Floats
from clearing.case.reserves import Direction
from clearing.rules.rules import Penalties
from models.data import Data
from models.soft import violation


def products(m: pyo.ConcreteModel, d: Data, penalties: Penalties) -> None:
    """Awards and requirements. m.ELIGIBLE: pairs (product, unit) with a covered bus and an award limit above 0."""
    reserves, units = d.case.reserves, d.case.units
    m.ELIGIBLE = pyo.Set(
        initialize=[
            (q, i)
            for q in d.products
            for i in d.units
            if reserves.covers_bus[q, units.bus[i]] and reserves.unit_max_mw[q, i] > 0
        ],
        dimen=2,
    )
    m.award = pyo.Var(m.ELIGIBLE, d.periods, domain=pyo.NonNegativeReals)

    def most(q: int, i: int) -> float:
        """Least of the unit's own limit and ramp rate · response time."""
        up = reserves.direction[q] == Direction.UP
        rate = float((units.ramp_up_mw_per_minute if up else units.ramp_down_mw_per_minute)[i])
        return min(float(reserves.unit_max_mw[q, i]), rate * float(reserves.response_minutes[q]))

    @m.Constraint(m.ELIGIBLE, d.periods)
    def award_cap(m, q, i, t):
        """r_qit ≤ min(unit_max_qi, rate_i·response_q)·on_it."""
        return pyo.Constraint.Skip if isinf(most(q, i)) else m.award[q, i, t] <= most(q, i) * m.on[i, t]

    short = violation(m, d, "product_short", penalties.product, d.products, d.periods)

    @m.Constraint(d.products, d.periods)
    def product(m, q, t):
        """Σ_{covered i} r_qit ≥ requirement_qt, soft. Reserve prices are its duals."""
        awards = sum(m.award[q, i, t] for i in d.units if (q, i) in m.ELIGIBLE)
        return awards + short(q, t) >= float(d.requirement_mw[q, t])


def system(m: pyo.ConcreteModel, d: Data, penalties: Penalties) -> None:
    """Families 2 and 3, soft; SCUC only. A value of the case wins over the rule set's; none in both: no row."""
    own, rules = d.case.reserves, d.rules.reserves
    net = d.load_mw.sum(axis=0) - d.case.ties.import_mw.sum(axis=0)
    least = _wanted(d, own.positive_min_mw, rules.positive_min_mw)
    most = _wanted(d, own.positive_max_mw, rules.positive_max_mw)
    negative = _wanted(d, own.negative_min_mw, rules.negative_min_mw)
    if least is not None:
        _positive_min(m, d, penalties, net, least)
    if most is not None:
        _positive_max(m, d, penalties, most)
    if negative is not None:
        _negative_min(m, d, penalties, net, negative)


def _wanted(d: Data, own: Floats | None, rule: float | None) -> Floats | None:
    if own is not None:
        return own
    return None if rule is None else np.full(len(d.periods), rule)


def _positive_min(m: pyo.ConcreteModel, d: Data, penalties: Penalties, net: Floats, least: Floats) -> None:
    units, storage, rules = d.case.units, d.case.storage, d.rules.reserves
    m.held = pyo.Var(
        d.storages,
        d.periods,
        domain=pyo.NonNegativeReals,
        bounds=lambda _, g, t: (0, float(storage.discharge_max_mw[g, t])),
    )
    lasts = rules.storage_minutes / 60

    @m.Constraint(d.storages, d.periods)
    def deliverable(m, g, t):
        """h_gt ≤ (E_gt − energy_min_g)·η_d / duration: what storage can give for as long as reserve must last."""
        stored = m.energy[g, t] - float(storage.energy_min_mwh[g])
        return m.held[g, t] <= stored * float(storage.discharge_efficiency[g]) / lasts

    short = violation(m, d, "system_positive_min_short", penalties.system_reserve, d.periods)

    @m.Constraint(d.periods)
    def system_positive_min(m, t):
        """Σ_i p_max_it·on_it + κ·Σ_r forecast_rt + Σ_g h_gt ≥ D_t − T_t + R+_t, soft."""
        capacity = sum(float(units.p_max_mw[i, t]) * m.on[i, t] for i in d.units)
        sites = rules.renewable_share * float(d.case.renewables.forecast_mw[:, t].sum())
        held = sum(m.held[g, t] for g in d.storages)
        return capacity + sites + held + short(t) >= float(net[t] + least[t])


def _positive_max(m: pyo.ConcreteModel, d: Data, penalties: Penalties, most: Floats) -> None:
    over = violation(m, d, "system_positive_max_over", penalties.system_reserve, d.periods)

    @m.Constraint(d.periods)
    def system_positive_max(m, t):
        """Σ_i (p_max_it·on_it − P_it) ≤ R+max_t, soft; a reading: the room of every committed unit counts."""
        room = sum(float(d.case.units.p_max_mw[i, t]) * m.on[i, t] - m.output[i, t] for i in d.units)
        return room - over(t) <= float(most[t])


def _negative_min(m: pyo.ConcreteModel, d: Data, penalties: Penalties, net: Floats, negative: Floats) -> None:
    over = violation(m, d, "system_negative_min_over", penalties.system_reserve, d.periods)

    @m.Constraint(d.periods)
    def system_negative_min(m, t):
        """Σ_i p_min_it·on_it + Σ_r min_rt ≤ D_t − T_t − R−_t, soft."""
        floor = sum(float(d.case.units.p_min_mw[i, t]) * m.on[i, t] for i in d.units)
        return floor + float(d.case.renewables.min_mw[:, t].sum()) - over(t) <= float(net[t] - negative[t])
