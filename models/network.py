"""Balance of islands and buses, flows by bus angles, branch and interface limits (families 1, 14, 19)."""

from __future__ import annotations

from math import inf

import numpy as np
import pyomo.environ as pyo

from clearing.rules.rules import Penalties, Steps
from models import hvdc, losses
from models.data import Data, bound, rows_of, shift, susceptance
from models.soft import violation
from models.virtual import is_load


def balance(m: pyo.ConcreteModel, d: Data, penalties: Penalties, at: losses.Point | None = None) -> None:
    """What enters the network at its buses, and the balance of every island (families 1 and 19)."""
    served = np.maximum(d.load_mw, 0.0)  # what may go unserved: load, and export over ties
    np.add.at(served, d.case.ties.bus, np.maximum(-d.case.ties.import_mw, 0.0))
    m.shed = pyo.Var(d.buses, d.periods, domain=pyo.NonNegativeReals, bounds=lambda _, k, t: (0, float(served[k, t])))
    shed_step = violation(m, d, "shed_step", penalties.shortage, d.islands, d.periods)
    surplus = violation(m, d, "surplus_step", penalties.surplus, d.islands, d.periods)
    _injection(m, d, surplus)
    losses.losses(m, d, at)
    inside = {(a, t): [k for k in d.buses if d.island[k, t] == a] for a in d.islands for t in d.periods}

    @m.Constraint(d.islands, d.periods)
    def balance(m, a, t):
        """Σ units + renewables + ties + HVDC + discharge − charge ± virtual − bids + shed − surplus − load = losses."""
        return sum(m.injection[k, t] for k in inside[a, t]) - m.loss[a, t] == 0 if inside[a, t] else pyo.Constraint.Skip

    @m.Constraint(d.islands, d.periods)
    def shed_total(m, a, t):
        """Σ_{k in a} shed_kt = Σ_n shed_step_atn: the stepped penalty applies to the island's total."""
        return sum(m.shed[k, t] for k in inside[a, t]) == shed_step(a, t)


def _injection(m: pyo.ConcreteModel, d: Data, surplus) -> None:
    """m.injection[k, t]: net MW into the network at bus k; surplus is taken off at the island's reference."""
    case = d.case
    tables = (case.units, case.renewables, case.storage, case.ties, case.pumped_hydro)
    units, renewables, storages, ties, machines = (rows_of(table.bus, d.buses) for table in tables)
    bids, parts = rows_of(case.demand_bids.bus, d.buses), rows_of(case.virtual_plants.factor_bus, d.buses)

    def virtual(m: pyo.ConcreteModel, part: int, t: int) -> object:
        """A plant's share at a bus: output, or minus load beyond its least, which is in load_mw."""
        v, share = int(case.virtual_plants.factor_plant[part]), float(case.virtual_plants.factor[part])
        if is_load(d, v):
            return -share * (m.virtual[v, t] - float(case.virtual_plants.min_mw[v, t]))
        return share * m.virtual[v, t]

    @m.Expression(d.buses, d.periods)
    def injection(m, k, t):
        """Everything at the bus, MW."""
        return (
            sum(m.output[i, t] + m.curve_mw[i, t] for i in units[k])
            + sum(m.renewable[r, t] for r in renewables[k])
            + sum(m.discharge[g, t] - m.charge[g, t] for g in storages[k])
            + sum(float(case.ties.import_mw[x, t]) for x in ties[k])
            + sum(m.generation[h, t] - m.pump_power[h, t] for h in machines[k])
            + hvdc.injected(m, d, k, t)
            + sum(virtual(m, part, t) for part in parts[k])
            - sum(m.demand[b, t] - float(case.demand_bids.min_mw[b, t]) for b in bids[k])
            + m.shed[k, t]
            - float(d.reference_share[k, t]) * surplus(int(d.island[k, t]), t)
            - float(d.load_mw[k, t])
        )


def flows(m: pyo.ConcreteModel, d: Data, penalties: Penalties) -> None:
    """DC power flow by angles, and its limits (family 14, base case)."""
    network = d.case.network
    live, starts, ends = d.branches, network.branch_from.tolist(), network.branch_to.tolist()
    leaving: dict[tuple[int, int], list[int]] = {(k, t): [] for k in d.buses for t in d.periods}
    arriving: dict[tuple[int, int], list[int]] = {(k, t): [] for k in d.buses for t in d.periods}
    for b, t in live:
        leaving[starts[b], t].append(b)
        arriving[ends[b], t].append(b)
    m.angle = pyo.Var(d.buses, d.periods)
    m.flow = pyo.Var(live)
    for k in d.buses:
        for t in d.periods:
            if d.heads(k, t):
                m.angle[k, t].fix(0.0)

    @m.Constraint(live)
    def angle_flow(m, b, t):
        """flow_bt = B_b·(θ_from − θ_to − shift_b)."""
        difference = m.angle[starts[b], t] - m.angle[ends[b], t]
        return m.flow[b, t] == susceptance(d.case, b) * (difference - shift(d.case, b))

    @m.Constraint([(k, t) for k in d.buses for t in d.periods if not d.heads(k, t)])
    def bus_balance(m, k, t):
        """injection_kt − share_kt·losses = Σ flow out − Σ in; that of a first bus is `balance` less all others."""
        out, into = sum(m.flow[b, t] for b in leaving[k, t]), sum(m.flow[b, t] for b in arriving[k, t])
        lost = float(d.reference_share[k, t]) * m.loss[int(d.island[k, t]), t]
        return m.injection[k, t] - lost - out + into == 0

    _flow_limits(m, d, penalties)


def _flow_limits(m: pyo.ConcreteModel, d: Data, penalties: Penalties) -> None:
    network = d.case.network
    limited = [(b, t) for b, t in d.branches if d.branch_max_mw[b, t] < inf]
    own, own_of = d.case.flow_penalties, dict[tuple[str, int], Steps]()
    for b, price in zip(own.branch.tolist(), own.branch_price_per_mwh.tolist(), strict=True):
        own_of["branch", b] = ((inf, price),)
    for s, price in zip(own.interface.tolist(), own.interface_price_per_mwh.tolist(), strict=True):
        own_of["interface", s] = ((inf, price),)

    def of_branch(b: int, _: int) -> Steps:
        return own_of.get(("branch", b), penalties.branch)

    def of_interface(s: int, _: int) -> Steps:
        return own_of.get(("interface", s), penalties.interface)

    over = violation(m, d, "branch_over", of_branch, limited)
    short = violation(m, d, "branch_short", of_branch, limited)

    @m.Constraint(limited)
    def branch(m, b, t):
        """−F_bt ≤ flow_bt ≤ F_bt, soft on both sides."""
        low, high = float(d.branch_min_mw[b, t]), float(d.branch_max_mw[b, t])
        return (low, m.flow[b, t] + short(b, t) - over(b, t), high)

    above = violation(m, d, "interface_over", of_interface, d.interfaces, d.periods)
    below = violation(m, d, "interface_short", of_interface, d.interfaces, d.periods)
    terms = rows_of(network.term_interface, d.interfaces)

    @m.Constraint(d.interfaces, d.periods)
    def interface(m, s, t):
        """min_st ≤ Σ_b coefficient_sb·flow_bt ≤ max_st, soft on both sides."""
        low, high = bound(d.interface_min_mw[s, t]), bound(d.interface_max_mw[s, t])
        if low is None and high is None:
            return pyo.Constraint.Skip
        total = sum(
            float(network.term_coefficient[r]) * m.flow[int(network.term_branch[r]), t]
            for r in terms[s]
            if d.live[network.term_branch[r], t]
        )
        return (low, total + below(s, t) - above(s, t), high)
