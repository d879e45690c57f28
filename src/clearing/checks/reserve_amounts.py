"""What awards and units count towards reserve requirements, and what the system reserves lack."""

from __future__ import annotations

import numpy as np

from clearing.case.arrays import Floats, Ints
from clearing.case.case import Case
from clearing.checks.facts import Facts
from clearing.checks.pumped_hydro import pumped_reserve

SYSTEM_FAMILIES = ("system_positive_min", "system_positive_max", "system_negative_min")
"""System reserves steer commitment only; the pricing run does not have them."""


def covered_awards(known: Facts) -> Floats:
    """Σ awards of the product and of those that serve it too, at buses that both cover, MW (Q, T)."""
    covers, schedule = known.case.reserves.covers_bus, known.schedule
    total = np.zeros(known.case.reserves.requirement_mw.shape)
    own = [(q, q) for q in range(len(total))]
    for bus, award in (
        (known.case.units.bus, schedule.reserve_mw),
        (known.case.storage.bus, schedule.storage_reserve_mw),
    ):
        counts = covers[:, bus]
        for better, lesser in [*own, *sharing_pairs(known)]:
            total[lesser] += award[better, counts[lesser] & counts[better]].sum(axis=0)
    return total


def sharing_pairs(known: Facts) -> list[tuple[int, int]]:
    """(better, lesser): awards of the better product also count towards the lesser one."""
    return sharing(known.case)


def sharing(case: Case) -> list[tuple[int, int]]:
    """The same of a case."""
    table = case.reserve_sharing
    return sorted(set(zip(table.shared_from.tolist(), table.shared_to.tolist(), strict=True)))


def award_worth(known: Facts, value: Floats, bus: Ints | None = None) -> Floats:
    """What a MW awarded earns (Q, N, T) where requirements pay value (Q, T): Σ over those it counts towards.

    bus (n): where the holders stand; default: the units.
    """
    return worth_at(known.case, value, known.case.units.bus if bus is None else bus)


def worth_at(case: Case, value: Floats, bus: Ints) -> Floats:
    """The same (Q, n, T) of holders at buses (n)."""
    counts = case.reserves.covers_bus[:, bus][:, :, None]
    own = value[:, None, :] * counts
    worth = own.copy()
    for better, lesser in sharing(case):
        worth[better] += own[lesser] * counts[better]
    return np.asarray(worth)


def system_reserves(known: Facts) -> dict[str, Floats]:
    """What each system reserve lacks (least) or has too much (greatest): family → MW (T,).

    positive_min  D − ΣT + R − (Σ on·p_max + κ·Σ forecast + Σ storage deliverable over the reserve duration
                  + pumped hydro, likewise, and what of it is kept out of the market)
    positive_max  Σ (on·p_max − P) − R
    negative_min  Σ on·p_min + Σ renewable minima − (D − ΣT − R)
    The case's requirement wins over the rule set's; without either the row is absent.
    """
    case, rules, units = known.case, known.rules.reserves, known.case.units
    demand = known.bus_load_mw.sum(axis=0) - case.ties.import_mw.sum(axis=0)
    capacity = (units.p_max_mw * known.on).sum(axis=0)
    held = rules.renewable_share * case.renewables.forecast_mw.sum(axis=0) + storage_reserve(known).sum(axis=0)
    held = held + pumped_reserve(known)
    least = (units.p_min_mw * known.on).sum(axis=0) + case.renewables.min_mw.sum(axis=0)
    rows = (
        (case.reserves.positive_min_mw, rules.positive_min_mw, demand - capacity - held, 1.0),
        (case.reserves.positive_max_mw, rules.positive_max_mw, room_mw(known), -1.0),
        (case.reserves.negative_min_mw, rules.negative_min_mw, least - demand, 1.0),
    )
    found: dict[str, Floats] = {}
    for name, (own, default, beyond, sign) in zip(SYSTEM_FAMILIES, rows, strict=True):
        required = own if own is not None else default
        if required is not None:
            found[name] = beyond + sign * np.asarray(required, dtype=np.float64)
    return found


def room_mw(known: Facts) -> Floats:
    """Σ (on·p_max − P) of all units (T): what the greatest positive reserve limits."""
    return np.asarray((known.case.units.p_max_mw * known.on - known.schedule.dispatch_mw).sum(axis=0))


def storage_reserve(known: Facts) -> Floats:
    """Least of discharge limit and what the stored energy sustains over storage_minutes, MW (G, T)."""
    plants, hours = known.case.storage, known.rules.reserves.storage_minutes / 60.0
    stored = (known.schedule.energy_mwh - plants.energy_min_mwh) * plants.discharge_efficiency
    sustained = stored / hours if hours > 0 else np.full(stored.shape, np.inf)
    return np.maximum(0.0, np.minimum(plants.discharge_max_mw, sustained))
