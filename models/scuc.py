"""Security-constrained unit commitment: a table of contents."""

from __future__ import annotations

import pyomo.environ as pyo

from clearing.case.case import Case
from clearing.rules.rules import Rules
from models import commitment, hvdc, network, output, ramps, reserves, start_cost, storage
from models.data import read


def scuc(case: Case, rules: Rules) -> pyo.ConcreteModel:
    """min energy + no-load + start + stop + storage cost + clearing penalties, over commitment and dispatch."""
    d, penalties = read(case, rules), rules.clearing_penalties
    m = pyo.ConcreteModel("SCUC")
    m.penalty = pyo.Expression(expr=0)

    commitment.decided(m, d)
    start_cost.by_state(m, d)
    reserves.products(m, d, penalties)
    output.units(m, d)
    output.renewables(m, d)
    ramps.ramps(m, d)
    storage.storage(m, d, mode=None)
    hvdc.lines(m, d, penalties)
    reserves.system(m, d, penalties)
    network.balance(m, d, penalties)
    network.flows(m, d, penalties)

    @m.Objective(sense=pyo.minimize)
    def cost(m):
        energy = m.unit_energy_cost + m.renewable_energy_cost
        return energy + m.no_load_cost + m.start_cost + m.stop_cost + m.storage_cost + m.penalty

    return m
