"""What contingencies lose and what is watched after them, as the auditor reads the table."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy import sparse

from clearing.case.arrays import Bools, Floats, Ints
from clearing.case.case import Case
from clearing.case.contingencies import OutageKind
from clearing.case.schedule import Schedule
from clearing.checks.hvdc import arrives


class Lost(NamedTuple):
    """What each of C contingencies loses: rows of branches, units and lines."""

    branch: tuple[Ints, ...]
    unit: tuple[Ints, ...]
    line: tuple[Ints, ...]


class Kind(NamedTuple):
    """Families of pairs: `contingency` of branches and `contingency_interface` of interfaces."""

    family: str
    interface: bool


KINDS = (Kind("contingency", False), Kind("contingency_interface", True))

Pair = tuple[bool, int, int]
"""Whether it is an interface, its row, the contingency."""


def losses(case: Case) -> Lost:
    """Elements by contingency."""
    kinds = (OutageKind.BRANCH, OutageKind.UNIT, OutageKind.HVDC_LINE)
    return Lost(*(tuple(np.array(rows, dtype=np.int64) for rows in _grouped(case, kind)) for kind in kinds))


def _grouped(case: Case, kind: OutageKind) -> list[list[int]]:
    table, rows = case.contingencies, [set[int]() for _ in case.contingencies.id]
    mine = np.flatnonzero(table.outage_kind == kind)
    of, element = table.outage_contingency[mine], table.outage_element[mine]
    for c, e in zip(of.tolist(), element.tolist(), strict=True):
        rows[c].add(e)
    return [sorted(own) for own in rows]


def watched(case: Case) -> Bools:
    """Branches (L) that are watched."""
    table, network = case.contingencies, case.network
    chosen = np.isin(np.arange(len(network.branch_id)), table.monitored_branch) | (len(table.monitored_branch) == 0)
    voltage = np.stack([network.bus_voltage_kv[network.branch_from], network.bus_voltage_kv[network.branch_to]])
    return np.asarray(chosen & (voltage >= table.monitored_min_voltage_kv).all(axis=0))


def lost_injection(case: Case, lost: Lost, c: int, schedule: Schedule) -> Floats:
    """What the lost units and lines of a contingency put into the buses, MW (K, T)."""
    total = np.zeros((len(case.network.bus_id), case.horizon.periods))
    output = schedule.dispatch_mw + schedule.curve_mw
    for unit in lost.unit[c]:
        total[case.units.bus[unit]] += output[unit]
    if len(lost.line[c]):
        arrived, lines = arrives(case, schedule.hvdc_mw), case.hvdc_lines
        for h in lost.line[c]:
            total[lines.from_bus[h]] -= schedule.hvdc_mw[h]
            total[lines.to_bus[h]] += arrived[h]
    return total


def rows_of(row: Ints, branches: int) -> sparse.csr_array:
    """(n, L): 1 at the branch of every row."""
    return sparse.csr_array((np.ones(len(row)), (np.arange(len(row)), row)), shape=(len(row), branches))
