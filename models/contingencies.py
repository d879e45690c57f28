"""Flows after contingencies, by angles of the network without what is lost (family 14)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from math import inf

import numpy as np
import pyomo.environ as pyo

from clearing.case.arrays import Bools, Floats, Ints
from clearing.case.case import Case
from clearing.case.contingencies import OutageKind
from clearing.rules.rules import Penalties, Steps
from models import hvdc
from models.data import Data, connected, rows_of, shift, susceptance
from models.soft import violation


def elements(case: Case, c: int, kind: OutageKind) -> list[int]:
    """What a contingency loses of one kind."""
    table = case.contingencies
    rows = zip(
        table.outage_contingency.tolist(), table.outage_kind.tolist(), table.outage_element.tolist(), strict=True
    )
    return sorted({element for of, own, element in rows if of == c and own == kind})


def left(d: Data, c: int) -> Bools:
    """Branches in service after a contingency (L, T)."""
    live = np.array(d.live)
    live[elements(d.case, c, OutageKind.BRANCH)] = False
    return live


Among = Collection[tuple[int, int]]
"""Contingencies and periods whose limits a model holds, where it does not hold all of them (`models.secure`)."""


def limits(d: Data, among: Among | None = None) -> tuple[Floats, Floats, Floats, Floats]:
    """Least and greatest flow after contingencies, of branches (C, L, T) and interfaces (C, S, T).

    among: only in these; None = all.

    ∓inf: not watched, because the branch is lost or out, exempt, of a lesser voltage or not named, or because the
    contingency parts an island in the period or loses nothing that is there.
    """
    table, network = d.case.contingencies, d.case.network
    count = len(table.id)
    most = np.full((count, *d.live.shape), inf)
    low = np.full((count, *d.interface_min_mw.shape), -inf)
    high = np.full((count, *d.interface_max_mw.shape), inf)
    exempt = set(zip(table.exempt_contingency.tolist(), table.exempt_branch.tolist(), strict=True))
    named, least = set(table.monitored_branch.tolist()), table.monitored_min_voltage_kv
    before = [connected(d.case, d.live[:, t]) for t in d.periods]
    for c in range(count):
        live, after = left(d, c), dict[bytes, Ints]()
        others = [e for kind in (OutageKind.UNIT, OutageKind.HVDC_LINE) for e in elements(d.case, c, kind)]
        for t in d.periods:
            if among is not None and (c, t) not in among:
                continue
            lost = (d.live[:, t] != live[:, t]).any()
            seen = live[:, t].tobytes()
            if seen not in after:
                after[seen] = connected(d.case, live[:, t])
            whole = (after[seen] == before[t]).all()
            if not (whole and (lost or others)):
                continue
            for b in np.flatnonzero(live[:, t]).tolist():
                ends = network.bus_voltage_kv[[network.branch_from[b], network.branch_to[b]]]
                if (not named or b in named) and ends.min() >= least and (c, b) not in exempt:
                    most[c, b, t] = d.emergency_mw[b, t]
            for s in table.monitored_interface.tolist():
                low[c, s, t], high[c, s, t] = d.case.network.interface_min_mw[s, t], network.interface_max_mw[s, t]
    return -most, most, low, high


def watched(d: Data, among: Among | None = None) -> Data:
    """With the limits after contingencies as they stand before a pricing run moves any; among: as in `limits`."""
    low, high, gate_low, gate_high = limits(d, among)
    return replace(d, after_min_mw=low, after_max_mw=high, gate_after_min_mw=gate_low, gate_after_max_mw=gate_high)


def flows_after(m: pyo.ConcreteModel, d: Data, penalties: Penalties) -> None:
    """Angles, flows and limits after every contingency, in the periods in which anything is watched.

    What a lost unit or line gave or took is missing at its buses, and made up at the reference of the island.
    """
    network, count = d.case.network, range(len(d.after_max_mw))
    watched = [
        (c, t) for c in count for t in d.periods
        if (d.after_max_mw[c, :, t] < inf).any()
        or (d.gate_after_max_mw[c, :, t] < inf).any() or (d.gate_after_min_mw[c, :, t] > -inf).any()
    ]  # fmt: skip
    live = {c: left(d, c) for c in count}
    leaving, arriving = rows_of(network.branch_from, d.buses), rows_of(network.branch_to, d.buses)
    at = [(c, b, t) for c, t in watched for b in np.flatnonzero(live[c][:, t]).tolist()]
    m.angle_after = pyo.Var([(c, k, t) for c, t in watched for k in d.buses])
    m.flow_after = pyo.Var(at)
    for c, t in watched:
        for k in d.buses:
            if d.heads(k, t):
                m.angle_after[c, k, t].fix(0.0)
    missing = {c: _missing(m, d, c) for c in count}
    total = {
        (c, a, t): sum(missing[c](j, t) for j in d.buses if d.island[j, t] == a) for c, t in watched for a in d.islands
    }

    @m.Constraint(at)
    def angle_flow_after(m, c, b, t):
        """flow_bt = B_b·(θ_from − θ_to − shift_b)."""
        ends = int(network.branch_from[b]), int(network.branch_to[b])
        difference = m.angle_after[c, ends[0], t] - m.angle_after[c, ends[1], t]
        return m.flow_after[c, b, t] == susceptance(d.case, b) * (difference - shift(d.case, b))

    @m.Constraint([(c, k, t) for c, t in watched for k in d.buses if not d.heads(k, t)])
    def bus_balance_after(m, c, k, t):
        """injection_kt − share_kt · losses − lost_kt + share_kt · Σ lost of the island = Σ flow out − Σ flow in.

        Losses are those before the contingency, as flows after it are judged.
        """
        out = sum(m.flow_after[c, b, t] for b in leaving[k] if live[c][b, t])
        into = sum(m.flow_after[c, b, t] for b in arriving[k] if live[c][b, t])
        island = int(d.island[k, t])
        made_up = float(d.reference_share[k, t]) * (total[c, island, t] - m.loss[island, t])
        return m.injection[k, t] - missing[c](k, t) + made_up - out + into == 0

    _limits(m, d, penalties, at)


def _missing(m: pyo.ConcreteModel, d: Data, c: int):
    """What the lost units and lines put into a bus, MW."""
    units, lines = elements(d.case, c, OutageKind.UNIT), elements(d.case, c, OutageKind.HVDC_LINE)

    def missing(k: int, t: int) -> object:
        own = sum(m.output[i, t] + m.curve_mw[i, t] for i in units if d.case.units.bus[i] == k)
        return own + hvdc.injected(m, d, k, t, lines)

    return missing


def _limits(m: pyo.ConcreteModel, d: Data, penalties: Penalties, at: list[tuple[int, int, int]]) -> None:
    network, own = d.case.network, d.case.flow_penalties
    of_line = dict(zip(own.branch.tolist(), own.branch_price_per_mwh.tolist(), strict=True))
    of_gate = dict(zip(own.interface.tolist(), own.interface_price_per_mwh.tolist(), strict=True))

    def line_steps(_: int, b: int, __: int) -> Steps:
        return ((inf, of_line[b]),) if b in of_line else penalties.branch

    def gate_steps(_: int, s: int, __: int) -> Steps:
        return ((inf, of_gate[s]),) if s in of_gate else penalties.interface

    limited = [place for place in at if d.after_max_mw[place] < inf]
    over = violation(m, d, "contingency_over", line_steps, limited)
    short = violation(m, d, "contingency_short", line_steps, limited)

    @m.Constraint(limited)
    def contingency(m, c, b, t):
        """−E_bt ≤ flow of the branch after the contingency ≤ E_bt, soft on both sides."""
        low, high = float(d.after_min_mw[c, b, t]), float(d.after_max_mw[c, b, t])
        return (low, m.flow_after[c, b, t] + short(c, b, t) - over(c, b, t), high)

    shape = d.gate_after_min_mw.shape
    open_ = np.isfinite(d.gate_after_min_mw) | np.isfinite(d.gate_after_max_mw)
    gates = [place for place in np.ndindex(shape) if open_[place]]
    above = violation(m, d, "contingency_interface_over", gate_steps, gates)
    below = violation(m, d, "contingency_interface_short", gate_steps, gates)
    terms = rows_of(network.term_interface, d.interfaces)

    @m.Constraint(gates)
    def contingency_interface(m, c, s, t):
        """min_st ≤ Σ_b coefficient_sb·flow_bt after the contingency ≤ max_st, soft on both sides."""
        low, high = float(d.gate_after_min_mw[c, s, t]), float(d.gate_after_max_mw[c, s, t])
        total = sum(
            float(network.term_coefficient[r]) * m.flow_after[c, int(network.term_branch[r]), t]
            for r in terms[s]
            if (c, int(network.term_branch[r]), t) in m.flow_after
        )
        body = total + below(c, s, t) - above(c, s, t)
        return (low if np.isfinite(low) else None, body, high if np.isfinite(high) else None)


def lost_mw(d: Data, c: int, output_mw: Floats, hvdc_mw: Floats, arrived_mw: Floats) -> Floats:
    """What is missing at every bus after a contingency (K, T), at outputs of units and flows of lines."""
    missing = np.zeros(d.load_mw.shape)
    for i in elements(d.case, c, OutageKind.UNIT):
        missing[d.case.units.bus[i]] += output_mw[i]
    for h in elements(d.case, c, OutageKind.HVDC_LINE):
        missing[d.case.hvdc_lines.from_bus[h]] -= hvdc_mw[h]
        missing[d.case.hvdc_lines.to_bus[h]] += arrived_mw[h]
    return missing
