"""The multipliers of a bound as arrays: by family, subject and period, each entry once and of a row that there is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from clearing.case.arrays import Floats, Ids
from clearing.case.bound_proof import KINDS, PLANTS, PROVEN, PUMPED, STORAGE, STORAGE_LEAST, BoundProof
from clearing.case.case import Case
from clearing.case.finding import Finding
from clearing.checks.bound_joint import asked
from clearing.checks.bound_network import Watched, watched
from clearing.checks.electrical import Electrical
from clearing.checks.finding import single
from clearing.checks.storage_bound import with_least
from clearing.rules.rules import Rules


@dataclass(frozen=True, slots=True)
class Read:
    """Multipliers (n, T) by family, money per MW and hour, 0 where there is none; limits of the network."""

    values: dict[str, Floats]
    limits: Watched


def read(case: Case, rules: Rules, grid: Electrical, proof: BoundProof) -> tuple[Read, list[Finding]]:
    """Multipliers by family, and findings about entries that fit nothing or stand twice."""
    periods, table = case.horizon.periods, proof.multipliers
    limits = watched(case, grid, frozenset(zip(table.family, table.subject, strict=True)))
    ids = _subjects(case, rules, grid) | {name: limit.id for name, limit in limits.limits.items()}
    values = {name: np.full((len(ids.get(name, ())), periods), np.nan) for name in PROVEN}
    place = {name: {subject: k for k, subject in enumerate(own)} for name, own in ids.items()}
    stray = 0
    for family, subject, period, value in zip(table.family, table.subject, table.period, table.value, strict=True):
        row = place.get(family, {}).get(subject, -1)
        if row < 0 or not 0 <= period < periods or not np.isnan(values[family][row, period]) or not np.isfinite(value):
            stray += 1
            continue
        values[family][row, period] = value
    if not values["deliverable"].size:
        values["deliverable"] = np.zeros((len(case.storage.id), periods))
    text = f"{stray} multipliers of the bound are of no family, subject or period, no numbers, or stand twice."
    found = [single("MULTIPLIER_UNKNOWN", "bound", text)] if stray else []
    return Read({name: np.nan_to_num(value, nan=0.0) for name, value in values.items()}, limits), found


def _subjects(case: Case, rules: Rules, grid: Electrical) -> dict[str, Ids]:
    """Subjects (n) of every family but those of the network."""
    demanded, stores = asked(case, rules), case.storage.id
    return {
        **dict.fromkeys(("balance", "shed_total"), grid.island_id),
        "product": case.reserves.product_id,
        **dict.fromkeys(STORAGE, stores),
        **dict.fromkeys(STORAGE_LEAST, tuple(stores[g] for g in np.flatnonzero(with_least(case)).tolist())),
        "deliverable": stores if "system_positive_min" in demanded else (),
        "storage_cycle": tuple(stores[g] for g in case.storage_cycles.storage.tolist()),
        **dict.fromkeys(demanded, ("system",)),
        **dict.fromkeys(("group_output", "group_on"), case.unit_groups.id),
        "demand_output": case.demand_bids.id,
        **dict.fromkeys(("virtual_output", "virtual_ramp"), case.virtual_plants.id),
        **dict.fromkeys(("hvdc_ramp", "hvdc_schedule"), case.hvdc_lines.id),
        "linear_limit": case.linear_limits.id,
        "reservoir_energy": case.pumped_hydro.reservoir_id,
        **dict.fromkeys(PUMPED[1:5], case.pumped_hydro.id),
        "pumped_deliverable": case.pumped_hydro.reservoir_id if "system_positive_min" in demanded else (),
        "regulation_speed": case.reserves.product_id,
        **dict.fromkeys(KINDS[1:], stores),
        **dict.fromkeys(PLANTS, case.participants.plant_id),
    }
