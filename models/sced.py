"""Security-constrained economic dispatch at a given commitment: a table of contents."""

from __future__ import annotations

import pyomo.environ as pyo

from clearing.case.arrays import Flags, Ints
from clearing.case.case import Case
from clearing.rules.rules import Penalties, Rules
from models import (
    award_terms,
    bids,
    commitment,
    contingencies,
    curves,
    energy,
    groups,
    hvdc,
    linear,
    network,
    output,
    pumped_hydro,
    ramps,
    reserve_kinds,
    reserves,
    storage,
    virtual,
)
from models.contingencies import Among
from models.data import Data, read
from models.losses import Point


def sced(
    case: Case,
    rules: Rules,
    on: Flags,
    mode: Ints,
    pumped: Flags | None = None,
    regulating: Flags | None = None,
    among: Among | None = None,
) -> pyo.ConcreteModel:
    """min energy + storage + reserve cost − value of bids + clearing penalties, with on (N, T) and storage mode
    (G, T; 1, −1, 0), modes of pumped hydro (U, T; StorageMode) and who regulates (N, T) given: an LP.

    among: contingencies and periods whose limits it holds; None = all.

    No commitment terms, no limits on starts, no number on line, no system reserves but the positive ones
    where the rules hold the dispatch to them: these steer commitment only.
    """
    d = contingencies.watched(read(case, rules), among)
    return dispatch(d, on, mode, pumped, rules.clearing_penalties, regulating)


def dispatch(
    d: Data,
    on: Flags,
    mode: Ints,
    pumped: Flags | None,
    penalties: Penalties,
    regulating: Flags | None = None,
    at: Point | None = None,
) -> pyo.ConcreteModel:
    """The dispatch at any figures and penalties: SCED and the pricing run are both this. at: losses about a point."""
    m = pyo.ConcreteModel("SCED")
    m.penalty = pyo.Expression(expr=0)
    m.dual = pyo.Suffix(direction=pyo.Suffix.IMPORT)

    commitment.given(m, d, on)
    curves.given(m, d, on)
    award_terms.bands(m, d, regulating, decided=False)
    reserves.products(m, d, penalties)
    output.units(m, d)
    output.renewables(m, d)
    ramps.ramps(m, d)
    storage.storage(m, d, mode)
    pumped_hydro.pumped_hydro(m, d, pumped)
    reserve_kinds.rows(m, d, penalties)
    award_terms.rows(m, d)
    hvdc.lines(m, d, penalties)
    groups.output(m, d, penalties)
    energy.windows(m, d, penalties)
    energy.cycles(m, d, penalties)
    bids.demand(m, d)
    virtual.plants(m, d)
    reserves.of_dispatch(m, d, penalties)
    network.balance(m, d, penalties, at)
    network.flows(m, d, penalties)
    contingencies.flows_after(m, d, penalties)
    linear.limits(m, d, penalties)

    @m.Objective(sense=pyo.minimize)
    def cost(m):
        energy = m.unit_energy_cost + m.renewable_energy_cost + m.virtual_cost - m.demand_value
        return energy + m.storage_cost + m.pumped_cost + m.reserve_cost + m.penalty

    return m
