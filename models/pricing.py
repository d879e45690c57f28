"""The pricing run: the dispatch again, with pricing penalties and with outputs that may not set the price held."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyomo.environ as pyo

from clearing.case.arrays import Bools, Flags, Floats
from clearing.case.case import Case
from clearing.case.schedule import Schedule
from clearing.rules.rules import Rules, ViolationPricing
from models.data import Data, read, shift, susceptance
from models.sced import dispatch

AT_P_MIN_MW = 1e-6
BROKEN_MW = 1e-6


def pricing(case: Case, rules: Rules, schedule: Schedule, mode: Flags) -> pyo.ConcreteModel:
    """The LP whose duals are the prices. schedule: of the SCED; mode (G, T): the storage modes it was made at."""
    d = read(case, rules)
    if rules.prices.violation_pricing is ViolationPricing.RELAX_AND_RERUN:
        d = relaxed(d, schedule)
    m = dispatch(d, schedule.on, mode, rules.pricing_penalties)
    held = frozen(d, schedule)

    @m.Constraint([(i, t) for i in d.units for t in d.periods if held[i, t]])
    def frozen_output(m, i, t):
        """P_it = P_it of the SCED."""
        return m.output[i, t] == float(schedule.dispatch_mw[i, t])

    return m


def frozen(d: Data, schedule: Schedule) -> Bools:
    """Unit-periods (N, T) that may not set the price: not eligible, fixed output, or must-run and at p_min."""
    units = d.case.units
    held = np.zeros(schedule.on.shape, dtype=bool)
    held[~units.price_eligible] = True
    held[units.fixed_unit, units.fixed_period] = True
    held |= (units.on_min == 1) & (schedule.dispatch_mw <= units.p_min_mw + AT_P_MIN_MW)
    return np.asarray(held & (schedule.on == 1))


def relaxed(d: Data, schedule: Schedule) -> Data:
    """RELAX_AND_RERUN: every broken limit moves to what the SCED attained, so that no penalty enters a price.

    Shed load leaves the case; surplus becomes load at the reference; flow limits and requirements move.
    """
    taken = d.reference_share[:, None] * schedule.surplus_mw[d.island]
    load = d.load_mw - schedule.shed_mw + taken
    awards = np.zeros(d.requirement_mw.shape)
    for q in d.products:
        covered = d.case.reserves.covers_bus[q, d.case.units.bus]
        awards[q] = schedule.reserve_mw[q][covered].sum(axis=0)
    branch = _branch_flows(d, schedule, load)
    terms = np.zeros((len(d.interfaces), len(branch)))
    network = d.case.network
    np.add.at(terms, (network.term_interface, network.term_branch), network.term_coefficient)
    interface = terms @ branch
    return replace(
        d,
        load_mw=load,
        requirement_mw=np.where(awards < d.requirement_mw - BROKEN_MW, awards, d.requirement_mw),
        branch_min_mw=np.minimum(d.branch_min_mw, branch),
        branch_max_mw=np.maximum(d.branch_max_mw, branch),
        interface_min_mw=np.minimum(d.interface_min_mw, interface),
        interface_max_mw=np.maximum(d.interface_max_mw, interface),
    )


def _branch_flows(d: Data, schedule: Schedule, load: Floats) -> Floats:
    """Flows (L, T) of a schedule by angles: B·θ = injection + what phase shifters drive. load: less shed, plus surplus.

    Islands are solved together; the angle of each one's first bus is 0.
    """
    case, network = d.case, d.case.network
    injection = -load
    for bus, mw in (
        (case.units.bus, schedule.dispatch_mw),
        (case.renewables.bus, schedule.renewable_mw),
        (case.storage.bus, schedule.discharge_mw - schedule.charge_mw),
        (case.ties.bus, case.ties.import_mw),
    ):
        np.add.at(injection, bus, mw)
    incidence = np.zeros((len(network.branch_id), len(network.bus_id)))
    b, driven = np.zeros(len(network.branch_id)), np.zeros(len(network.branch_id))
    for line in d.branches:
        incidence[line, network.branch_from[line]] += 1
        incidence[line, network.branch_to[line]] -= 1
        b[line] = susceptance(case, line)
        driven[line] = b[line] * shift(case, line)
    kept = np.setdiff1d(np.arange(len(network.bus_id)), d.first_bus)
    nodal = incidence.T @ (b[:, None] * incidence)
    angle = np.zeros(injection.shape)
    angle[kept] = np.linalg.solve(nodal[np.ix_(kept, kept)], (injection + (incidence.T @ driven)[:, None])[kept])
    return np.asarray(b[:, None] * (incidence @ angle) - driven[:, None])
