"""Buses, transmission lines and contingencies."""

from __future__ import annotations

import numpy as np

from clearing.case.arrays import Floats, Ids
from clearing.case.branch_windows import NO_LIMITS, BranchLimits
from clearing.case.contingencies import NO_CONTINGENCIES, Contingencies, OutageKind
from clearing.case.flow_penalties import NO_FLOW_PENALTIES, FlowPenalties
from clearing.case.network import Network, branch_limits
from clearing.formats.unitcommitment_jl.fields import Rows, Source, names_of, only, same_in_all, stated

SUSCEPTANCE = "Susceptance (S)"
NORMAL, EMERGENCY, PENALTY = "Normal flow limit (MW)", "Emergency flow limit (MW)", "Flow limit penalty ($/MW)"
ENDS = ("Source bus", "Target bus")
WITHOUT_EFFECT = ("Reactance (ohms)",)
"""Of version 0.3; the package computes with the susceptance alone."""
REACTANCE = 100.0 * np.pi / 180.0
"""Reactance in per unit times susceptance in MW a degree, on a base of 100 MVA: what the published files state as
siemens. The unit has no effect on flows, which only the ratios of susceptances decide."""
DEFAULT_PENALTY = 5000.0
"""Money a MW and time step."""
AFFECTED_LINES, AFFECTED_UNITS = "Affected lines", ("Affected generators", "Affected units")


def network(source: Source) -> Network:
    """The network table."""
    rows = source.section("Transmission lines")
    for _, row in rows:
        only(row, (*ENDS, SUSCEPTANCE, NORMAL, EMERGENCY, PENALTY), WITHOUT_EFFECT)
    buses = len(source.bus_id)
    ends = [source.buses(rows, key) for key in ENDS]
    normal, emergency = (source.table(rows, key, np.inf, least=0.0) for key in (NORMAL, EMERGENCY))
    return Network(
        bus_id=source.bus_id,
        bus_zone=np.full(buses, -1, dtype=np.int64),
        bus_voltage_kv=np.zeros(buses),
        zone_id=(),
        branch_id=tuple(name for name, _ in rows),
        branch_from=ends[0],
        branch_to=ends[1],
        branch_reactance_pu=_reactance(rows),
        branch_resistance_pu=np.zeros(len(rows)),
        branch_tap_ratio=np.ones(len(rows)),
        branch_shift_degrees=np.zeros(len(rows)),
        branch_limit_mw=normal[:, 0],
        branch_emergency_limit_mw=emergency[:, 0],
        branch_in_service=np.ones(len(rows), dtype=np.bool_),
        interface_id=(),
        interface_min_mw=np.zeros((0, source.periods)),
        interface_max_mw=np.zeros((0, source.periods)),
        term_interface=np.zeros(0, dtype=np.int64),
        term_branch=np.zeros(0, dtype=np.int64),
        term_coefficient=np.zeros(0),
        branch_limit_windows=_windows(normal, emergency),
    )


def flow_penalties(source: Source, network: Network) -> FlowPenalties:
    """What a MWh over the limit of a line costs, of all lines with a limit; the file states it a MW and time step."""
    rows = source.section("Transmission lines")
    limited = np.any(np.isfinite(branch_limits(network, source.periods)), axis=(0, 2))
    price = np.array(
        [same_in_all(row, PENALTY, source.series(row, PENALTY, DEFAULT_PENALTY, least=0.0)) for _, row in rows]
    )
    if not limited.any():
        return NO_FLOW_PENALTIES
    none = np.zeros(0, dtype=np.int64)
    return FlowPenalties(np.flatnonzero(limited), price[limited] / source.hours, none, np.zeros(0))


def _reactance(rows: Rows) -> Floats:
    found = []
    for _, row in rows:
        susceptance = row.number(SUSCEPTANCE)
        if susceptance == 0.0 and stated(row, SUSCEPTANCE):
            row.problems.add("OUT_OF_RANGE", f"{row.path}.{SUSCEPTANCE}", "A line conducts.", value=0, limit="≠ 0")
        found.append(REACTANCE / susceptance if susceptance else 1.0)
    return np.array(found)


def _windows(normal: Floats, emergency: Floats) -> BranchLimits:
    """Windows of the periods in which the limits (L, T) are others than in the first, one a run of equal ones."""
    found: list[tuple[int, int, int]] = []
    other = (normal != normal[:, :1]) | (emergency != emergency[:, :1])
    for k in np.flatnonzero(other.any(axis=1)).tolist():
        for t in np.flatnonzero(other[k]).tolist():
            same = found and found[-1][0] == k and found[-1][2] == t - 1
            if same and normal[k, t] == normal[k, t - 1] and emergency[k, t] == emergency[k, t - 1]:
                found[-1] = (k, found[-1][1], t)
            else:
                found.append((k, t, t))
    if not found:
        return NO_LIMITS
    branch, first, last = (np.array(column, dtype=np.int64) for column in zip(*found, strict=True))
    return BranchLimits(branch, first, last, normal[branch, first], emergency[branch, first])


def contingencies(source: Source, network: Network, units: Ids, ignored: bool) -> tuple[Contingencies, list[str]]:
    """Lines and units lost at once; every line is watched, at its emergency limit.

    ignored   whoever reads has asked for a case without them; the note says how many there were
    """
    rows = source.section("Contingencies")
    lost: list[tuple[int, int, int]] = []
    for c, (_, row) in enumerate(rows):
        only(row, (AFFECTED_LINES, *AFFECTED_UNITS))
        lost += [(c, OutageKind.BRANCH, b) for b in names_of(row, AFFECTED_LINES, network.branch_id, "line")]
        for key in AFFECTED_UNITS:
            lost += [(c, OutageKind.UNIT, i) for i in names_of(row, key, units, "unit")]
    if not rows or ignored:
        return NO_CONTINGENCIES, [f"{len(rows)} contingencies left out, as asked."] if rows else []
    of, kind, element = np.array(lost, dtype=np.int64).reshape(-1, 3).T.copy()
    none = np.zeros(0, dtype=np.int64)
    return Contingencies(tuple(name for name, _ in rows), of, kind, element, none, 0.0, none, none, none), []
