"""Reserve products by unit (families 4 and 5) and system reserves of the capacity form (families 2 and 3)."""

from __future__ import annotations

from math import isinf

import pyomo.environ as pyo

from clearing.case.arrays import Floats
from clearing.rules.rules import HeldIn, Penalties, Steps
from models import award_terms, reserve_kinds
from models.data import Data, asked_reserve, bound, rows_of
from models.pumped_hydro import kept, ready
from models.soft import violation


def products(m: pyo.ConcreteModel, d: Data, penalties: Penalties) -> None:
    """Awards, requirements, offers. m.ELIGIBLE: pairs (product, unit) with a covered bus and an award limit above 0.

    An award counts towards its product, and towards a lesser one that the product is listed to serve (pairs as they
    are, not chained) where that one covers the unit's bus too.
    """
    reserves, units = d.case.reserves, d.case.units
    m.ELIGIBLE = pyo.Set(
        initialize=[
            (q, i)
            for q in d.products
            for i in d.units
            if reserves.covers_bus[q, units.bus[i]]
            and (reserves.unit_max_mw[q, i] > 0 or award_terms.stated(d).get((q, i), 0))
        ],
        dimen=2,
    )
    m.award = pyo.Var(m.ELIGIBLE, d.periods, domain=pyo.NonNegativeReals)

    reserve_kinds.columns(m, d)

    @m.Constraint(m.ELIGIBLE, d.periods)
    def award_cap(m, q, i, t):
        """r_qit + Σ_{better p, joint cap} r_pit ≤ min(unit_max_qi, rate_i·response_q)·on_it."""
        most = reserve_kinds.most(d, q, i)
        better = [p for p in award_terms.joint(d, q) if (p, i) in m.ELIGIBLE]
        held = m.award[q, i, t] + sum(m.award[p, i, t] for p in better)
        return pyo.Constraint.Skip if isinf(most) else held <= most * m.on[i, t]

    curves = demand_curves(d)
    short = violation(m, d, "product_short", lambda q, t: curves.get(q, penalties.product), d.products, d.periods)
    counting = {q: counts_towards(d, q) for q in d.products}

    @m.Constraint(d.products, d.periods)
    def product(m, q, t):
        """Σ_{covered i} (r_qit + Σ_{p → q} r_pit) ≥ requirement_qt, soft; off line and storage too.

        What a better product lacks that is carried counts as held.
        """
        awards = sum(m.award[p, i, t] for p, i in counting[q] if (p, i) in m.ELIGIBLE)
        further = reserve_kinds.counted(m, d, q, t, serving(d, q))
        lacking = short(q, t) + sum(short(p, t) for p in award_terms.carried(d, q))
        return awards + further + lacking >= float(d.requirement_mw[q, t])

    _offers(m, d)


def demand_curves(d: Data) -> dict[int, Steps]:
    """Steps (MW of shortfall, money per MW and hour) of the products with a demand curve; it replaces the penalty."""
    table = d.case.reserve_demand
    rows = rows_of(table.step_product, d.products)
    return {
        q: tuple((float(table.step_mw[r]), float(table.step_price[r])) for r in own) for q, own in rows.items() if own
    }


def counts_towards(d: Data, q: int) -> list[tuple[int, int]]:
    """Pairs (product, unit) whose awards count towards the requirement of a product."""
    reserves, units = d.case.reserves, d.case.units
    return [(p, i) for p in serving(d, q) for i in d.units if reserves.covers_bus[q, units.bus[i]]]


def serving(d: Data, q: int) -> list[int]:
    """A product and those that are listed to serve it."""
    sharing = d.case.reserve_sharing
    return [q, *(int(p) for p, lesser in zip(sharing.shared_from, sharing.shared_to, strict=True) if lesser == q)]


def _offers(m: pyo.ConcreteModel, d: Data) -> None:
    """Offers of capacity by product and unit, money per MW and hour; a pair without any is free."""
    table = d.case.reserve_offers
    blocks: dict[tuple[int, int], list[int]] = {}
    for block, pair in enumerate(zip(table.product.tolist(), table.unit.tolist(), strict=True)):
        if pair in m.ELIGIBLE:
            blocks.setdefault(pair, []).append(block)
    chosen = [block for own in blocks.values() for block in own]
    m.award_block = pyo.Var(
        chosen, d.periods, domain=pyo.NonNegativeReals, bounds=lambda _, b, t: (0, bound(table.width_mw[b, t]))
    )
    m.reserve_cost = pyo.Expression(
        expr=sum(
            d.hours * float(table.price_per_mw_hour[b, t]) * m.award_block[b, t] for b in chosen for t in d.periods
        )
        + m.band_cost
    )

    @m.Constraint(list(blocks), d.periods)
    def award_offer(m, q, i, t):
        """r_qit + o_qit = Σ_m block_mt, o what the unit holds off line."""
        off = sum(m.award_offline[at] for at in [(q, i, t)] if at in m.award_offline)
        return m.award[q, i, t] + off == sum(m.award_block[b, t] for b in blocks[q, i])


def of_dispatch(m: pyo.ConcreteModel, d: Data, penalties: Penalties) -> None:
    """Family 2 in the dispatch, where the rules hold it to the least and to the greatest."""
    rules = d.rules.reserves
    if len(d.capacity_least_mw) and rules.positive_min_in is HeldIn.DISPATCH:
        positive_min(m, d, penalties)
    if len(d.positive_max_mw) and rules.positive_max_in is HeldIn.DISPATCH:
        positive_max(m, d, penalties)


def system(m: pyo.ConcreteModel, d: Data, penalties: Penalties) -> None:
    """Families 2 and 3, soft; of the SCUC. A value of the case wins over the rule set's; none in both: no row."""
    negative = asked_reserve(d.case, d.case.reserves.negative_min_mw, d.rules.reserves.negative_min_mw)
    if len(d.capacity_least_mw):
        positive_min(m, d, penalties)
    if len(d.positive_max_mw):
        positive_max(m, d, penalties)
    if negative is not None:
        net = d.load_mw.sum(axis=0) - d.case.ties.import_mw.sum(axis=0)
        _negative_min(m, d, penalties, net, negative)


def positive_min(m: pyo.ConcreteModel, d: Data, penalties: Penalties) -> None:
    """Family 2, least; of the SCUC, and of the dispatch where `reserves.positive_min_in` says so."""
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
        stored = m.energy[g, t] - float(storage.energy_min_mwh[g, t])
        return m.held[g, t] <= stored * float(storage.discharge_efficiency[g, t]) / lasts

    ready(m, d, lasts)
    short = violation(m, d, "system_positive_min_short", penalties.system_reserve, d.periods)

    @m.Constraint(d.periods)
    def system_positive_min(m, t):
        """Σ_i p_max_it·on_it + κ·Σ_r forecast_rt + Σ_g h_gt ≥ D_t − T_t + R+_t, soft."""
        capacity = sum(float(units.p_max_mw[i, t]) * m.on[i, t] for i in d.units)
        sites = rules.renewable_share * float(d.case.renewables.forecast_mw[:, t].sum())
        held = sum(m.held[g, t] for g in d.storages) + sum(m.pumped_ready[h, t] for h in d.pumps)
        return capacity + sites + held + kept(d, t) + short(t) >= float(d.capacity_least_mw[t])


def positive_max(m: pyo.ConcreteModel, d: Data, penalties: Penalties) -> None:
    """Family 2, greatest; of the SCUC, and of the dispatch where `reserves.positive_max_in` says so."""
    over = violation(m, d, "system_positive_max_over", penalties.system_reserve, d.periods)

    @m.Constraint(d.periods)
    def system_positive_max(m, t):
        """Σ_i (p_max_it·on_it − P_it) ≤ R+max_t, soft; a reading: the room of every committed unit counts."""
        room = sum(float(d.case.units.p_max_mw[i, t]) * m.on[i, t] - m.output[i, t] for i in d.units)
        return room - over(t) <= float(d.positive_max_mw[t])


def _negative_min(m: pyo.ConcreteModel, d: Data, penalties: Penalties, net: Floats, negative: Floats) -> None:
    over = violation(m, d, "system_negative_min_over", penalties.system_reserve, d.periods)

    @m.Constraint(d.periods)
    def system_negative_min(m, t):
        """Σ_i p_min_it·on_it + Σ_r min_rt ≤ D_t − T_t − R−_t, soft."""
        floor = sum(float(d.case.units.p_min_mw[i, t]) * m.on[i, t] for i in d.units)
        return floor + float(d.case.renewables.min_mw[:, t].sum()) - over(t) <= float(net[t] - negative[t])
