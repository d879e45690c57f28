"""What follows from a schedule by arithmetic alone: transitions, awards by direction, injections, flows."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse

from clearing.case.arrays import Bools, Floats, Ints
from clearing.case.case import Case
from clearing.case.reserve_kinds import ProductKind
from clearing.case.reserves import Direction
from clearing.case.schedule import Schedule
from clearing.checks.award_terms import Taken, taken
from clearing.checks.bids import elastic_load, firm_load, virtual_output
from clearing.checks.contingencies import Contingent, judged, searched
from clearing.checks.electrical import Electrical, branch_flows, electrical, island_sum
from clearing.checks.hvdc import line_injection
from clearing.checks.kinds import of_kind, online_cap
from clearing.rules.rules import RampSharing, Rules


@dataclass(frozen=True, slots=True)
class Facts:
    """N units, K buses, L branches, S interfaces, I islands, T periods; MW.

    on, started, stopped (N, T)        from schedule.on and the initial state, not from schedule.start and stop
    was_on, was_mw (N, T)              state and output one period earlier
    ramp_up_mw, ramp_down_mw (N,)      RU, RD of one period
    start_mw, stop_mw (N, T)           SU for a start in t; SD for a stop at the end of t (each at least p_min)
    last (N, T)                        on in t, off in t+1
    up_mw, down_mw (N, T)              awards of a unit on line by direction, but for flexible ramping
    shares_ramp                        awards share ramps (form PGLIB)
    taken                              what awards take of limits and ramps, by the terms of their products
    bus_load_mw (K, T)                 load that is served or shed
    injection_mw (K, T)                everything but surplus
    branch_mw (L, T), interface_mw (S, T)   flows of this schedule
    interface_terms (S, L)             coefficients
    contingent                         limits after contingencies that break or are spoken of; None = no contingency
    """

    case: Case
    rules: Rules
    schedule: Schedule
    grid: Electrical
    on: Bools
    was_on: Bools
    was_mw: Floats
    started: Bools
    stopped: Bools
    last: Bools
    ramp_up_mw: Floats
    ramp_down_mw: Floats
    start_mw: Floats
    stop_mw: Floats
    up_mw: Floats
    down_mw: Floats
    shares_ramp: bool
    taken: Taken
    bus_load_mw: Floats
    injection_mw: Floats
    branch_mw: Floats
    interface_mw: Floats
    interface_terms: sparse.csr_array
    contingent: Contingent | None

    @property
    def hours(self) -> float:
        """Length of a period, h."""
        return self.case.horizon.hours


def at_bus(rows: Ints, values: Floats, buses: int) -> Floats:
    """Sum of rows (n, T) by the bus they stand at: (K, T)."""
    total = np.zeros((buses, values.shape[1]))
    np.add.at(total, rows, values)
    return total


def facts(case: Case, rules: Rules, schedule: Schedule, named: frozenset[tuple[str, str]] = frozenset()) -> Facts:
    """All derived series of a schedule whose arrays have the right shapes and finite values.

    named: (family, subject) of the limits after contingencies that a result speaks of.
    """
    return with_named(plain_facts(case, rules, schedule), named)


def with_named(known: Facts, named: frozenset[tuple[str, str]]) -> Facts:
    """The facts with the limits after contingencies that break, and with those that are named, judged."""
    of = (known.case, known.grid, known.schedule, known.injection_mw, known.interface_terms)
    return replace(known, contingent=judged(*of, known.contingent, named))


def plain_facts(case: Case, rules: Rules, schedule: Schedule) -> Facts:
    """The facts of a schedule whatever a result says of it: limits after contingencies are found, not yet judged."""
    units, network = case.units, case.network
    on = schedule.on > 0
    was_on = np.concatenate([units.initial_on[:, None], on[:, :-1]], axis=1)
    was_mw = np.concatenate([units.initial_mw[:, None], schedule.dispatch_mw[:, :-1]], axis=1)
    stopped = was_on & ~on
    bus_load = firm_load(case)
    grid = electrical(network, bus_load)
    own = ~of_kind(case, ProductKind.FLEXIBLE_RAMPING)
    injection = injections(case, schedule, bus_load)
    branch_mw = branch_flows(grid, injection)
    terms = sparse.csr_array(
        (network.term_coefficient, (network.term_interface, network.term_branch)),
        shape=(len(network.interface_id), len(network.branch_id)),
    )
    return Facts(
        case=case,
        rules=rules,
        schedule=schedule,
        grid=grid,
        on=on,
        was_on=was_on,
        was_mw=was_mw,
        started=on & ~was_on,
        stopped=stopped,
        last=np.concatenate([stopped[:, 1:], np.zeros((len(on), 1), dtype=np.bool_)], axis=1),
        ramp_up_mw=units.ramp_up_mw_per_minute * case.horizon.period_minutes,
        ramp_down_mw=units.ramp_down_mw_per_minute * case.horizon.period_minutes,
        start_mw=np.maximum(units.startup_limit_mw[:, None], units.p_min_mw),
        stop_mw=np.maximum(units.shutdown_limit_mw[:, None], units.p_min_mw),
        up_mw=(schedule.reserve_mw[own & (case.reserves.direction == Direction.UP)] * on).sum(axis=0),
        down_mw=(schedule.reserve_mw[own & (case.reserves.direction == Direction.DOWN)] * on).sum(axis=0),
        shares_ramp=rules.reserves.ramp_sharing is RampSharing.PGLIB,
        taken=taken(case, schedule, rules.reserves.ramp_sharing is RampSharing.PGLIB),
        bus_load_mw=bus_load,
        injection_mw=injection,
        branch_mw=branch_mw,
        interface_mw=np.asarray(terms @ branch_mw),
        interface_terms=terms,
        contingent=searched(case, grid, schedule, injection, terms),
    )


def injections(case: Case, schedule: Schedule, bus_load_mw: Floats) -> Floats:
    """Units + renewables + ties + virtual plants + storage + pumped hydro + shed − load by bus, MW (K, T)."""
    buses = len(case.network.bus_id)
    return (
        at_bus(case.units.bus, schedule.dispatch_mw, buses)
        + at_bus(case.units.bus, schedule.curve_mw, buses)
        + at_bus(case.renewables.bus, schedule.renewable_mw, buses)
        + at_bus(case.ties.bus, case.ties.import_mw, buses)
        + at_bus(case.storage.bus, schedule.discharge_mw - schedule.charge_mw, buses)
        + at_bus(case.pumped_hydro.bus, schedule.generate_mw - schedule.pump_mw, buses)
        + schedule.shed_mw
        + virtual_output(case, schedule)
        + line_injection(case, schedule)
        - elastic_load(case, schedule)
        - bus_load_mw
    )


def residual(known: Facts) -> Floats:
    """Injection − surplus by island, MW (I, T): 0 in a balanced schedule."""
    return island_sum(known.grid, known.injection_mw) - known.schedule.surplus_mw


def award_cap(known: Facts) -> Floats:
    """Most a unit on line may be awarded, MW (Q, N, T); 0 where it is off."""
    return np.where(known.on[None], online_cap(known.case)[:, :, None], 0.0)


def minutes_off(known: Facts) -> Ints:
    """Minutes off before each period (N, T)."""
    units, periods = known.case.units, known.on.shape[1]
    here = np.arange(periods)
    latest = np.maximum.accumulate(np.where(known.on, here, -1), axis=1)
    before = np.concatenate([np.full((len(latest), 1), -1), latest[:, :-1]], axis=1)
    minutes = (here - 1 - before) * known.case.horizon.period_minutes
    since_before = (before == -1) & ~units.initial_on[:, None]
    return np.asarray(minutes + np.where(since_before, units.initial_minutes[:, None], 0))
