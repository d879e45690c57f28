"""The pricing run: the dispatch again, with pricing penalties and with outputs that may not set the price held."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyomo.environ as pyo

from clearing.case.arrays import Bools, Floats, Ints
from clearing.case.case import Case
from clearing.case.schedule import Schedule
from clearing.rules.rules import Rules, ViolationPricing
from models.contingencies import left, lost_mw, watched
from models.data import Data, read, shift, susceptance
from models.pumped_hydro import kept, share
from models.reserve_kinds import held_speed
from models.reserves import counts_towards, demand_curves, serving
from models.sced import dispatch
from models.virtual import is_load

AT_P_MIN_MW = 1e-6
BROKEN_MW = 1e-6
"""A limit counts as broken from here on (of flows: times their limit)."""
MARGIN_MW = 1e-3
"""How much further than attained RELAX_AND_RERUN moves a broken limit."""


def pricing(
    case: Case, rules: Rules, schedule: Schedule, mode: Ints, unpriced: Bools | None = None
) -> pyo.ConcreteModel:
    """The LP whose duals are the prices. schedule: of the SCED; mode (G, T): the storage modes it was made at.

    unpriced (A, T): islands and periods where nobody answers, see `unanswered`: surplus costs nothing. So does shortage
    where load was shed; elsewhere surplus, which is taken off at the reference, may be negative.
    """
    d = watched(read(case, rules))
    if rules.prices.violation_pricing is ViolationPricing.RELAX_AND_RERUN:
        d = relaxed(d, schedule)
    m = dispatch(d, schedule.on, mode, schedule.pumped_mode, rules.pricing_penalties, schedule.regulating)
    held = frozen(d, schedule)

    @m.Constraint([(i, t) for i in d.units for t in d.periods if held[i, t]])
    def frozen_output(m, i, t):
        """P_it = P_it of the SCED."""
        return m.output[i, t] == float(schedule.dispatch_mw[i, t])

    if unpriced is not None:
        shed, penalties = _shed(d, schedule) > BROKEN_MW, rules.pricing_penalties
        for step, steps in ((m.shed_step, penalties.shortage), (m.surplus_step, penalties.surplus)):
            for a, t, n in step:
                if unpriced[a, t] and (shed[a, t] or step is m.surplus_step):
                    m.penalty.expr -= d.hours * steps[n][1] * step[a, t, n]
                if unpriced[a, t] and not shed[a, t] and step is m.surplus_step:
                    step[a, t, n].domain = pyo.Reals
                    step[a, t, n].setlb(None)
    return m


def unanswered(m: pyo.ConcreteModel, case: Case, rules: Rules, schedule: Schedule) -> Bools | None:
    """Islands and periods (A, T) where a solved RELAX_AND_RERUN turned a surplus into a shortage, or the reverse.

    There the margin meets nobody who is free to answer (all outputs are frozen), so no resource has a price to give:
    the run is solved again with a free imbalance, which makes the price of energy 0. None where there is no such place.
    """
    if rules.prices.violation_pricing is ViolationPricing.PENALTY:
        return None
    spilled, shed = np.array(schedule.surplus_mw), _shed(read(case, rules), schedule)
    shed_now, spilled_now = np.zeros(shed.shape), np.zeros(shed.shape)
    for step, total in ((m.shed_step, shed_now), (m.surplus_step, spilled_now)):
        for a, t, n in step:
            total[a, t] += pyo.value(step[a, t, n])
    was_short, was_over, is_short, is_over = (mw > BROKEN_MW for mw in (shed, spilled, shed_now, spilled_now))
    found = np.asarray((was_over & is_short) | (was_short & is_over))
    return found if found.any() else None


def _shed(d: Data, schedule: Schedule) -> Floats:
    """Load shed by island (A, T)."""
    shed = np.zeros(schedule.surplus_mw.shape)
    np.add.at(shed, (d.island, range(shed.shape[1])), schedule.shed_mw)
    return shed


def frozen(d: Data, schedule: Schedule) -> Bools:
    """Unit-periods (N, T) that may not set the price: not eligible, fixed, or at p_min (must-run; in real time any)."""
    units = d.case.units
    held = np.zeros(schedule.on.shape, dtype=bool)
    held[~units.price_eligible] = True
    held[units.fixed_unit, units.fixed_period] = True
    held[d.case.price_ineligible.unit, d.case.price_ineligible.period] = True
    held |= ((units.on_min == 1) | d.rules.prices.minimum_held) & (schedule.dispatch_mw <= units.p_min_mw + AT_P_MIN_MW)
    return np.asarray(held & (schedule.on == 1))


def relaxed(d: Data, schedule: Schedule) -> Data:
    """RELAX_AND_RERUN: every broken limit moves to what the SCED attained, so that no penalty enters a price.

    Shed load leaves the case; surplus becomes load at the reference; flow limits and requirements move. All of it
    MARGIN_MW further than attained: exactly there, every dual up to the penalty would do. So do the limits of unit
    groups, energy windows, storage cycles and linear limits. A demand curve of a reserve product is a bid and
    stays, and so does the limit of a line with a penalty of its own.
    """
    shed = schedule.shed_mw + MARGIN_MW * (schedule.shed_mw > BROKEN_MW)
    surplus = schedule.surplus_mw + MARGIN_MW * (schedule.surplus_mw > BROKEN_MW)
    awards, reserves = np.zeros(d.requirement_mw.shape), d.case.reserves
    for q in d.products:
        held = reserves.covers_bus[q, d.case.storage.bus]
        awards[q] = sum(schedule.reserve_mw[p, i] for p, i in counts_towards(d, q))
        awards[q] += sum(schedule.storage_reserve_mw[p, held].sum(axis=0) for p in serving(d, q))
    kept = np.array([[q in demand_curves(d)] for q in d.products], dtype=bool).reshape(-1, 1)
    group, window, cycle = _joint(d, schedule)
    branch, interface = _flows(d, schedule)
    own, network = d.case.flow_penalties, d.case.network
    of_line = np.isin(np.arange(len(network.branch_id)), own.branch)[:, None]
    of_gate = np.isin(np.arange(len(network.interface_id)), own.interface)[:, None]
    linear, of_limit = _linear(d, schedule), (d.case.linear_limits.price_per_mwh >= 0)[:, None]
    taken_off = d.reference_share * _of_buses(d, surplus)
    # A surplus is nobody's injection, also once it is load.
    nobody, buses = np.zeros(d.linear_min_mw.shape), d.case.linear_limits
    np.add.at(nobody, buses.bus_limit, buses.bus_coefficient[:, None] * taken_off[buses.bus])
    line = schedule.hvdc_mw
    after = flows_after(d, schedule)
    return replace(
        d,
        after_min_mw=np.where(of_line, d.after_min_mw, _moved(d.after_min_mw, after[0], -1)),
        after_max_mw=np.where(of_line, d.after_max_mw, _moved(d.after_max_mw, after[0], +1)),
        gate_after_min_mw=np.where(of_gate, d.gate_after_min_mw, _moved(d.gate_after_min_mw, after[1], -1)),
        gate_after_max_mw=np.where(of_gate, d.gate_after_max_mw, _moved(d.gate_after_max_mw, after[1], +1)),
        load_mw=d.load_mw - shed + taken_off,
        requirement_mw=np.where(kept, d.requirement_mw, _moved(d.requirement_mw, awards, -1, BROKEN_MW)),
        capacity_least_mw=_moved(d.capacity_least_mw, _capacity(d, schedule), -1, BROKEN_MW),
        positive_max_mw=_moved(d.positive_max_mw, _room(d, schedule), +1, BROKEN_MW),
        speed_requirement=_moved(d.speed_requirement, held_speed(d, schedule), -1, BROKEN_MW),
        group_min_mw=_moved(d.group_min_mw, group, -1, BROKEN_MW),
        group_max_mw=_moved(d.group_max_mw, group, +1, BROKEN_MW),
        window_min_mwh=_moved(d.window_min_mwh, window, -1, BROKEN_MW),
        window_max_mwh=_moved(d.window_max_mwh, window, +1, BROKEN_MW),
        cycle_max_mwh=_moved(d.cycle_max_mwh, cycle, +1, BROKEN_MW),
        branch_min_mw=np.where(of_line, d.branch_min_mw, _moved(d.branch_min_mw, branch, -1)),
        branch_max_mw=np.where(of_line, d.branch_max_mw, _moved(d.branch_max_mw, branch, +1)),
        interface_min_mw=np.where(of_gate, d.interface_min_mw, _moved(d.interface_min_mw, interface, -1)),
        interface_max_mw=np.where(of_gate, d.interface_max_mw, _moved(d.interface_max_mw, interface, +1)),
        linear_min_mw=np.where(of_limit, d.linear_min_mw, _moved(d.linear_min_mw, linear, -1, BROKEN_MW)) - nobody,
        linear_max_mw=np.where(of_limit, d.linear_max_mw, _moved(d.linear_max_mw, linear, +1, BROKEN_MW)) - nobody,
        hvdc_min_mw=np.where(d.hvdc_min_mw > 0, np.maximum(_moved(d.hvdc_min_mw, line, -1), 0), d.hvdc_min_mw),
        hvdc_max_mw=np.where(d.hvdc_max_mw < 0, np.minimum(_moved(d.hvdc_max_mw, line, +1), 0), d.hvdc_max_mw),
    )


def _room(d: Data, schedule: Schedule) -> Floats:
    """Σ_i (p_max_it·on_it − P_it), (T), where there is a greatest positive reserve; else empty."""
    room = (d.case.units.p_max_mw * schedule.on - schedule.dispatch_mw).sum(axis=0)
    return np.asarray(room[: len(d.positive_max_mw)])


def _capacity(d: Data, schedule: Schedule) -> Floats:
    """What counts in the least positive reserve (T): units, sites, stores, pumped hydro; empty where none is asked."""
    units, stores, pumps, rules = d.case.units, d.case.storage, d.case.pumped_hydro, d.rules.reserves
    lasts, total = rules.storage_minutes / 60, (units.p_max_mw * schedule.on).sum(axis=0)
    total = total + rules.renewable_share * d.case.renewables.forecast_mw.sum(axis=0)
    stored = (schedule.energy_mwh - stores.energy_min_mwh) * stores.discharge_efficiency / lasts
    total += np.minimum(stores.discharge_max_mw, stored).sum(axis=0) + [kept(d, t) for t in d.periods]
    water = schedule.reservoir_mwh - pumps.reservoir_min_mwh[:, None]
    for h in sorted(d.pumps, key=lambda h: -pumps.generate_efficiency[h]):
        each, pool = lasts / pumps.generate_efficiency[h], pumps.reservoir[h]
        mw = np.minimum(share(d, h) * pumps.generate_max_mw[h], np.maximum(water[pool], 0.0) / each)
        total, water[pool] = total + mw, water[pool] - mw * each
    return np.asarray(total[: len(d.capacity_least_mw)])


def _joint(d: Data, schedule: Schedule) -> tuple[Floats, Floats, Floats]:
    """What a schedule attains: output of groups (J, T), energy in windows (W), energy given out by storage (C)."""
    groups, windows, cycles = d.case.unit_groups, d.case.energy_windows, d.case.storage_cycles
    output = np.zeros(d.group_min_mw.shape)
    np.add.at(output, groups.member_group, schedule.dispatch_mw[groups.member_unit])
    inside = zip(windows.unit, windows.first_period, windows.last_period, strict=True)
    energy = [d.hours * schedule.dispatch_mw[i, first : last + 1].sum() for i, first, last in inside]
    out = [d.hours * schedule.discharge_mw[g].sum() for g in cycles.storage]
    return output, np.array(energy), np.array(out)


def _moved(limit: Floats, attained: Floats, side: int, tolerance: Floats | float | None = None) -> Floats:
    """The limit where it is kept, else MARGIN_MW beyond what was attained. side: +1 an upper limit, −1 a lower one."""
    if tolerance is None:
        tolerance = BROKEN_MW * np.maximum(1.0, np.abs(np.where(np.isfinite(limit), limit, 1.0)))
    return np.asarray(np.where(side * (attained - limit) > tolerance, attained + side * MARGIN_MW, limit))


def _linear(d: Data, schedule: Schedule) -> Floats:
    """Weighted sums of a schedule (C, T)."""
    limits, total = d.case.linear_limits, np.zeros(d.linear_min_mw.shape)
    for kind, mw in (
        ("unit", schedule.dispatch_mw),
        ("renewable", schedule.renewable_mw),
        ("storage", schedule.discharge_mw - schedule.charge_mw),
        ("bus", _injected(d, schedule)),
        ("branch", _branch_flows(d, schedule)),
    ):
        factor = getattr(limits, f"{kind}_coefficient")
        np.add.at(total, getattr(limits, f"{kind}_limit"), factor[:, None] * mw[getattr(limits, kind)])
    return total


def _flows(d: Data, schedule: Schedule) -> tuple[Floats, Floats]:
    """Flows of a schedule on branches (L, T) and interfaces (S, T)."""
    branch = _branch_flows(d, schedule)
    return branch, np.asarray(_terms(d) @ branch)


def _terms(d: Data) -> Floats:
    network = d.case.network
    terms = np.zeros((len(d.interfaces), len(network.branch_id)))
    np.add.at(terms, (network.term_interface, network.term_branch), network.term_coefficient)
    return terms


def flows_after(d: Data, schedule: Schedule) -> tuple[Floats, Floats]:
    """Flows of a schedule after contingencies, on branches (C, L, T) and interfaces (C, S, T); 0 where not watched."""
    branch = np.zeros(d.after_max_mw.shape)
    arrived = _arrived(d.case, schedule.hvdc_mw)
    for c in range(len(branch)):
        missing = lost_mw(d, c, schedule.dispatch_mw + schedule.curve_mw, schedule.hvdc_mw, arrived)
        total = np.zeros((len(d.islands), len(d.periods)))
        np.add.at(total, (d.island, np.broadcast_to(np.arange(len(d.periods)), d.island.shape)), missing)
        injection = _injected(d, schedule) - missing
        injection += d.reference_share * _of_buses(d, total - schedule.surplus_mw)
        live = left(d, c)
        limits = (d.after_max_mw[c], d.gate_after_min_mw[c], d.gate_after_max_mw[c])
        watched = np.any([np.isfinite(limit).any(axis=0) for limit in limits], axis=0)
        for periods in _alike(d):
            here = periods[watched[periods]]
            if len(here):
                branch[c][:, here] = _flow(d, injection[:, here], int(here[0]), live[:, here[0]])
    return branch, np.asarray(_terms(d) @ branch)


def _arrived(case: Case, flow: Floats) -> Floats:
    """What enters at to_bus (H, T): less the losses towards it, with them on top out of it."""
    rest = 1.0 - case.hvdc_lines.loss_rate[:, None]
    return np.where(flow >= 0, flow * rest, flow / rest)


def _virtual(d: Data, schedule: Schedule) -> Floats:
    """What each part of a virtual plant brings to its bus (parts, T); of load, what lies beyond its least."""
    plants = d.case.virtual_plants
    mw = np.zeros((len(plants.factor), len(d.periods)))
    for part, (v, factor) in enumerate(zip(plants.factor_plant.tolist(), plants.factor, strict=True)):
        own = plants.min_mw[v] - schedule.virtual_mw[v] if is_load(d, v) else schedule.virtual_mw[v]
        mw[part] = factor * own
    return mw


def _branch_flows(d: Data, schedule: Schedule) -> Floats:
    """B·θ = injection + what phase shifters drive, the angle of each island's first bus 0; flow = B·difference."""
    injection = _injected(d, schedule) - d.reference_share * _of_buses(d, schedule.surplus_mw)
    flow = np.zeros(d.live.shape)
    for here in _alike(d):
        flow[:, here] = _flow(d, injection[:, here], int(here[0]), d.live[:, here[0]])
    return flow


def _alike(d: Data) -> list[Ints]:
    """Periods in which the same branches are in service, together."""
    kind = np.unique(d.live, axis=1, return_inverse=True)[1].reshape(-1)
    return [np.flatnonzero(kind == k) for k in range(int(kind.max(initial=0)) + 1)]


def _flow(d: Data, injection: Floats, t: int, live: Bools) -> Floats:
    """Flows (L, n) of injections (K, n) over branches in service (L); t: a period with the islands of all n."""
    network = d.case.network
    incidence = np.zeros((len(network.branch_id), len(network.bus_id)))
    b, driven = np.zeros(len(network.branch_id)), np.zeros(len(network.branch_id))
    for line in np.flatnonzero(live).tolist():
        incidence[line, network.branch_from[line]] += 1
        incidence[line, network.branch_to[line]] -= 1
        b[line] = susceptance(d.case, line)
        driven[line] = b[line] * shift(d.case, line)
    kept = [k for k in d.buses if not d.heads(k, t)]
    nodal = incidence.T @ (b[:, None] * incidence)
    angle = np.zeros(injection.shape)
    angle[kept] = np.linalg.solve(nodal[np.ix_(kept, kept)], (injection + (incidence.T @ driven)[:, None])[kept])
    return np.asarray(b[:, None] * (incidence @ angle) - driven[:, None])


def _of_buses(d: Data, of_island: Floats) -> Floats:
    """What the island of a bus has (K, T) of a figure by island (A, T)."""
    return np.asarray(of_island[d.island, range(of_island.shape[1])])


def _injected(d: Data, schedule: Schedule) -> Floats:
    """What enters at every bus (K, T), surplus left out."""
    case = d.case
    injection = schedule.shed_mw - d.load_mw
    for bus, mw in (
        (case.units.bus, schedule.dispatch_mw),
        (case.units.bus, schedule.curve_mw),
        (case.renewables.bus, schedule.renewable_mw),
        (case.storage.bus, schedule.discharge_mw - schedule.charge_mw),
        (case.ties.bus, case.ties.import_mw),
        (case.demand_bids.bus, case.demand_bids.min_mw.reshape(schedule.demand_mw.shape) - schedule.demand_mw),
        (case.virtual_plants.factor_bus, _virtual(d, schedule)),
        (case.pumped_hydro.bus, schedule.generate_mw - schedule.pump_mw),
        (case.hvdc_lines.from_bus, -schedule.hvdc_mw),
        (case.hvdc_lines.to_bus, _arrived(case, schedule.hvdc_mw)),
    ):
        np.add.at(injection, bus, mw)
    return np.asarray(injection)
