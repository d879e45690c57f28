"""Who owns what in a result: the line between what everybody may see and what only one owner may."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from clearing.case.arrays import Ints
from clearing.case.case import Case

SYSTEM_FAMILIES = frozenset(
    {"balance", "shortage", "surplus", "losses", "branch", "interface", "contingency", "product"}
    | {"system_positive_min", "system_positive_max", "system_negative_min"}
    | {"contingency_interface"}
    | {"group_output", "group_on", "hvdc_schedule", "hvdc_ramp", "regulation_speed"}
)
"""Families whose subjects are buses, islands, branches, interfaces, products, unit groups: public."""

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Owner:
    """One owner and the rows of its resources. id: '' = resources without an owner."""

    id: str
    units: Ints
    renewables: Ints
    storage: Ints
    demand_bids: Ints
    virtual_plants: Ints
    pumped: Ints
    reservoirs: Ints


def owners(case: Case) -> tuple[Owner, ...]:
    """Owners that own something, in the order of the case; resources without an owner last."""
    found = []
    pool_owner = reservoir_owner(case)
    for number, name in [*enumerate(case.participants.owner_id), (-1, "")]:
        owner = Owner(
            name,
            np.flatnonzero(case.units.owner == number),
            np.flatnonzero(case.renewables.owner == number),
            np.flatnonzero(case.storage.owner == number),
            np.flatnonzero(case.demand_bids.owner == number),
            np.flatnonzero(case.virtual_plants.owner == number),
            np.flatnonzero(case.pumped_hydro.owner == number),
            np.flatnonzero(pool_owner == number),
        )
        own = (owner.units, owner.renewables, owner.storage, owner.demand_bids, owner.virtual_plants, owner.pumped)
        if any(rows.size for rows in own):
            found.append(owner)
    return tuple(found)


def reservoir_owner(case: Case) -> Ints:
    """Owner (O) of the first unit that draws from each reservoir, −1 where none does."""
    table = case.pumped_hydro
    found = np.full(len(table.reservoir_id), -1, dtype=np.int64)
    for owner, pool in zip(table.owner[::-1], table.reservoir[::-1], strict=True):
        found[pool] = owner
    return found


def split(
    rows: tuple[Row, ...], named: Callable[[Row], tuple[str, str]], case: Case
) -> tuple[tuple[Row, ...], dict[str, tuple[Row, ...]]]:
    """Rows for everybody, and those of each owner. named: (family, subject) of a row.

    A row is an owner's when its family is none of the system's and its subject, up to a '|', is a resource.
    """
    owner_of = _owner_of(case)
    public: list[Row] = []
    private: dict[str, list[Row]] = {}
    for row in rows:
        family, subject = named(row)
        owner = None if family in SYSTEM_FAMILIES else owner_of.get(subject.split("|")[0])
        (public if owner is None else private.setdefault(owner, [])).append(row)
    return tuple(public), {owner: tuple(own) for owner, own in private.items()}


def _owner_of(case: Case) -> dict[str, str]:
    names = (*case.participants.owner_id, "")
    tables = (
        case.virtual_plants, case.demand_bids, case.pumped_hydro, case.storage, case.renewables, case.units,
    )  # fmt: skip
    return {
        resource: names[owner]
        for table in tables
        for resource, owner in zip(table.id, table.owner.tolist(), strict=True)
    }
