"""Rows of bus, branch and dcline of a MATPOWER file."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np

from clearing.case.case import Case
from clearing.case.hvdc_lines import HvdcLines
from clearing.case.network import Network
from clearing.formats.matpower.network import BASE_MVA, FULL_TURN
from clearing.formats.unexpressed import Losses

NETWORK = (
    *("bus_id", "bus_zone", "bus_voltage_kv", "zone_id", "branch_id", "branch_from", "branch_to"),
    *("branch_reactance_pu", "branch_resistance_pu", "branch_tap_ratio", "branch_shift_degrees", "branch_limit_mw"),
    *("branch_emergency_limit_mw", "branch_in_service", "interface_id", "interface_min_mw", "interface_max_mw"),
    *("term_interface", "term_branch", "term_coefficient"),
)
HVDC = (
    *("id", "from_bus", "to_bus", "dispatchable", "scheduled_mw", "min_mw", "max_mw", "ramp_mw_per_minute"),
    "loss_rate",
)
MOST_NUMBER = 10**12
LOAD, WITH_UNIT, REFERENCE = 1.0, 2.0, 3.0


def bus_numbers(network: Network, losses: Losses) -> list[int]:
    """The ids of the buses where all are whole numbers above 0, else 1, 2, …"""
    ids = network.bus_id
    if all(
        name.isascii() and name.isdecimal() and name == str(int(name)) and 0 < int(name) < MOST_NUMBER for name in ids
    ):
        return [int(name) for name in ids]
    losses.label("case.network.bus_id", "Buses are numbered in their order.")
    return list(range(1, len(ids) + 1))


def buses(case: Case, number: Sequence[int], injecting: Collection[int], losses: Losses) -> list[list[float]]:
    """Rows of bus; the demand is that of all loads of a bus less what ties bring."""
    network, loads, ties = case.network, case.loads, case.ties
    demand = np.zeros(len(network.bus_id))
    np.add.at(demand, loads.bus, loads.mw[:, 0])
    np.subtract.at(demand, ties.bus, ties.import_mw[:, 0])
    every = np.ones(len(ties.id), dtype=np.bool_)
    losses.rows("case.ties", ties.id, every, "Ties become negative load of their bus.", label=True)
    if len(loads.id) != len(set(loads.bus.tolist())):
        losses.label("case.loads", "Loads of one bus become one.")
    losses.rows("case.network.bus_zone", network.bus_id, network.bus_zone < 0, "Every bus has a zone: 1.", label=True)
    reference = min(injecting, default=0)
    rows = []
    for k, name in enumerate(number):
        kind = REFERENCE if k == reference else WITH_UNIT if k in injecting else LOAD
        zone = float(max(int(network.bus_zone[k]), 0) + 1)
        voltage = float(network.bus_voltage_kv[k])
        rows.append([float(name), kind, float(demand[k]), 0.0, 0.0, 0.0, 1.0, 1.0, 0.0, voltage, zone, 1.1, 0.9])
    return rows


def branches(network: Network, number: Sequence[int], losses: Losses) -> list[list[float]]:
    """Rows of branch: from, to, r, x, b, rates A, B, C, ratio, shift, status, limits of the angle difference."""
    losses.columns("case.network", network, NETWORK)
    ids, limit, emergency = network.branch_id, network.branch_limit_mw, network.branch_emergency_limit_mw
    losses.rows("case.network.branch_limit_mw", ids, limit == 0.0, "A rating of 0 means none.")
    wider = (np.isinf(emergency) & np.isfinite(limit)) | (emergency == 0.0)
    losses.rows("case.network.branch_emergency_limit_mw", ids, wider, "A rating of 0 means that of normal times.")
    low, high = _angles(network, losses)
    rows = []
    for k in range(len(ids)):
        ends = [float(number[network.branch_from[k]]), float(number[network.branch_to[k]])]
        series = [float(network.branch_resistance_pu[k]), float(network.branch_reactance_pu[k]), 0.0]
        normal, after = (float(x[k]) if np.isfinite(x[k]) else 0.0 for x in (limit, emergency))
        tap, shift = float(network.branch_tap_ratio[k]), float(network.branch_shift_degrees[k])
        own = [normal, normal, after, 0.0 if tap == 1.0 and shift == 0.0 else tap, shift]
        rows.append([*ends, *series, *own, float(network.branch_in_service[k]), float(low[k]), float(high[k])])
    return rows


def _angles(network: Network, losses: Losses) -> tuple[np.ndarray, np.ndarray]:
    """Limits of the angle difference, degrees, from interfaces of one branch; other interfaces are not expressed."""
    low, high = np.full(len(network.branch_id), -FULL_TURN), np.full(len(network.branch_id), FULL_TURN)
    terms = np.bincount(network.term_interface, minlength=len(network.interface_id))
    taken = np.bincount(network.term_branch, minlength=len(network.branch_id))
    several = terms != 1
    for term, branch in zip(network.term_interface.tolist(), network.term_branch.tolist(), strict=True):
        several[term] |= taken[branch] != 1
    for j in np.flatnonzero(~several[network.term_interface]).tolist() if len(several) else ():
        s, k, factor = int(network.term_interface[j]), int(network.term_branch[j]), float(network.term_coefficient[j])
        if factor == 0.0:
            several[s] = True
            continue
        ends = np.array([network.interface_min_mw[s, 0], network.interface_max_mw[s, 0]]) / factor
        turn = network.branch_reactance_pu[k] * network.branch_tap_ratio[k] / BASE_MVA
        degrees = np.sort(np.rad2deg(ends * turn) + network.branch_shift_degrees[k])
        several[s] |= bool((np.abs(degrees[np.isfinite(degrees)]) >= FULL_TURN).any() or (degrees == 0.0).all())
        low[k], high[k] = np.clip(degrees, -FULL_TURN, FULL_TURN)
    message = "Only a limit on one branch has a place, as one of its angle."
    losses.rows("case.network.interface_id", network.interface_id, several, message)
    return low, high


def dc_lines(lines: HvdcLines, number: Sequence[int], losses: Losses) -> list[list[float]]:
    """Rows of dcline: from, to, status, Pf, Pt, Q and V of both ends, Pmin, Pmax, limits of Q, loss0, loss1."""
    losses.columns("case.hvdc_lines", lines, HVDC)
    endless = np.isfinite(lines.ramp_mw_per_minute)
    losses.rows("case.hvdc_lines.ramp_mw_per_minute", lines.id, endless, "One hour has no ramp.", label=True)
    rows = []
    for h in range(len(lines.id)):
        free = bool(lines.dispatchable[h])
        set_mw = float(lines.scheduled_mw[h, 0])
        least, most = (float(x[h, 0]) if free else set_mw for x in (lines.min_mw, lines.max_mw))
        ends = [float(number[lines.from_bus[h]]), float(number[lines.to_bus[h]])]
        flow = set_mw if np.isfinite(set_mw) else 0.0
        loss = float(lines.loss_rate[h])
        rows.append([*ends, 1.0, flow, flow * (1.0 - loss), 0.0, 0.0, 1.0, 1.0, least, most, *[0.0] * 5, loss])
    return rows
