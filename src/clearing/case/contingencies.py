"""Contingencies: what may be lost, and what is watched afterwards (N−1)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from itertools import pairwise

import numpy as np

from clearing.case.arrays import Bools, Ids, Ints, freeze
from clearing.case.network import Network


class OutageKind(IntEnum):
    """What is lost; numbers equal those of the proto enum."""

    UNSPECIFIED = 0
    BRANCH = 1
    UNIT = 2
    HVDC_LINE = 3


@dataclass(frozen=True, slots=True)
class Contingencies:
    """C contingencies, O elements lost in them, X exemptions.

    id (C)
    outage_contingency (O)    contingency that the element is lost in; all elements of one are lost at once
    outage_kind (O)           OutageKind; outage_element (O): row in the table of that kind
    monitored_branch          branches watched after contingencies; empty = all
    monitored_min_voltage_kv  only branches with both ends at this voltage or above are watched, kV; 0 = all
    monitored_interface       interfaces whose limits also hold after contingencies
    exempt_contingency, exempt_branch (X)   the branch is not watched in the contingency
    """

    id: Ids
    outage_contingency: Ints
    outage_kind: Ints
    outage_element: Ints
    monitored_branch: Ints
    monitored_min_voltage_kv: float
    monitored_interface: Ints
    exempt_contingency: Ints
    exempt_branch: Ints

    def __post_init__(self) -> None:
        freeze(self)


_NONE = np.zeros(0, dtype=np.int64)
NO_CONTINGENCIES = Contingencies((), _NONE, _NONE, _NONE, _NONE, 0.0, _NONE, _NONE, _NONE)


def lost(table: Contingencies, kind: OutageKind) -> tuple[Ints, ...]:
    """Elements of one kind that each contingency (C) loses, rising."""
    mine = table.outage_kind == kind
    pairs = np.unique(np.stack([table.outage_contingency[mine], table.outage_element[mine]], axis=1), axis=0)
    first = np.searchsorted(pairs[:, 0], np.arange(len(table.id) + 1)).tolist()
    return tuple(pairs[a:b, 1] for a, b in pairwise(first))


def parted(table: Contingencies, subject: str) -> tuple[str, str] | None:
    """Element and contingency of a subject `element|contingency`; None where it names no contingency of the table."""
    known = [name for name in table.id if subject.endswith(f"|{name}")]
    longest = max(known, key=len, default=None)
    return None if longest is None else (subject[: -len(longest) - 1], longest)


def after_contingency(table: Contingencies, ids: Ids, subject: str) -> int:
    """Row in ids of the element that a subject `element|contingency` names; −1 where there is none."""
    for name in table.id:
        if subject.endswith(f"|{name}") and subject[: -len(name) - 1] in ids:
            return ids.index(subject[: -len(name) - 1])
    return -1


def watched_branches(table: Contingencies, network: Network) -> Bools:
    """Branches (L) that are watched after contingencies, exemptions aside."""
    watched = np.ones(len(network.branch_id), dtype=np.bool_)
    if len(table.monitored_branch):
        watched[:] = False
        watched[table.monitored_branch] = True
    kilovolt, least = network.bus_voltage_kv, table.monitored_min_voltage_kv
    return watched & (np.minimum(kilovolt[network.branch_from], kilovolt[network.branch_to]) >= least)
