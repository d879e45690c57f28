"""Security-constrained unit commitment: a table of contents."""

from __future__ import annotations

import pyomo.environ as pyo

from clearing.bench.variants import DEFAULT, Variants
from clearing.case.case import Case
from clearing.rules.rules import Rules
from models import (
    award_terms,
    bids,
    blocks,
    commitment,
    contingencies,
    curves,
    energy,
    groups,
    hvdc,
    lead,
    linear,
    network,
    output,
    output_limits,
    pumped_hydro,
    ramps,
    reserve_kinds,
    reserves,
    start_cost,
    starts,
    storage,
    switching,
    virtual,
)
from models.contingencies import Among
from models.data import read


def scuc(case: Case, rules: Rules, among: Among | None = None, variants: Variants = DEFAULT) -> pyo.ConcreteModel:
    """min energy + no-load + start + stop + storage + reserve cost − value of bids + clearing penalties.

    Over commitment and dispatch. among: contingencies and periods whose limits it holds; None = all.
    variants: which formulation of each family that has several.
    """
    d, penalties = contingencies.watched(read(case, rules), among), rules.clearing_penalties
    m = pyo.ConcreteModel("SCUC")
    m.penalty = pyo.Expression(expr=0)

    commitment.decided(m, d)
    lead.first_start(m, d)
    start_cost.start_costs(m, d, variants.start_cost)
    curves.decided(m, d)
    starts.a_day(m, d)
    starts.spacing(m, d)
    switching.switching(m, d)
    groups.number(m, d, penalties)
    award_terms.bands(m, d, None, decided=True)
    reserves.products(m, d, penalties)
    output.units(m, d)
    blocks.within(m, d, variants.cost_curve)
    output_limits.limits(m, d, variants.limits)
    output.renewables(m, d)
    ramps.ramps(m, d, variants.ramps)
    storage.storage(m, d, mode=None)
    pumped_hydro.pumped_hydro(m, d, mode=None)
    reserve_kinds.rows(m, d, penalties)
    award_terms.rows(m, d)
    hvdc.lines(m, d, penalties)
    groups.output(m, d, penalties)
    energy.windows(m, d, penalties)
    energy.cycles(m, d, penalties)
    bids.demand(m, d)
    virtual.plants(m, d)
    reserves.system(m, d, penalties)
    network.balance(m, d, penalties)
    network.flows(m, d, penalties)
    contingencies.flows_after(m, d, penalties)
    linear.limits(m, d, penalties)

    @m.Objective(sense=pyo.minimize)
    def cost(m):
        energy = m.unit_energy_cost + m.renewable_energy_cost + m.virtual_cost - m.demand_value
        commitment = m.no_load_cost + m.start_cost + m.stop_cost
        return energy + commitment + m.storage_cost + m.pumped_cost + m.reserve_cost + m.penalty

    return m
