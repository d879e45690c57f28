"""A bound with the multipliers that prove it, and the cases in which such a proof is rechecked."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from clearing.case.case import Case
from clearing.case.prices import Multipliers
from clearing.case.reserves import Direction
from clearing.rules.rules import LossModel, RampSharing, Rules

STORAGE = ("storage_energy", "charge_mode", "discharge_mode", "deliverable")
SYSTEM = ("system_positive_min", "system_positive_max", "system_negative_min")
NETWORK = ("branch", "interface", "contingency", "contingency_interface")
PROVEN = ("balance", "shed_total", "product", *STORAGE, *SYSTEM, *NETWORK)
"""Families of rows whose multipliers make the proof."""


@dataclass(frozen=True, slots=True)
class BoundProof:
    """bound on the SCUC objective, money; multipliers of the families of `PROVEN`, as `Multipliers` has them.

    The bound is the Lagrangian of these rows: Σ multiplier · right side, and the least reduced cost of every unit,
    renewable, shed load, surplus, broken limit by itself, and of charging, discharging, energy and mode of storage.
    """

    bound: float
    multipliers: Multipliers


def provable(case: Case, rules: Rules) -> bool:
    """Whether a bound of the case can be rechecked: units, renewables, ties, load, network, spinning and system
    reserve, storage.

    Storage without a least MW, which needs a mode more, and without awards. Where awards share ramps, all of a
    direction must be uncapped (or absent): then, and only then, is a unit's subproblem solved with all of its rows.
    """
    store = case.storage
    if (store.charge_min_mw > 0.0).any() or (store.discharge_min_mw > 0.0).any():
        return False
    return _plain(case, rules)


def only_units(case: Case, rules: Rules) -> bool:
    """Whether nothing but units follows from one hour to the next, and all they earn is of energy and spinning reserve.

    Limits of the network do not matter: they are in the price of a bus.
    """
    own, ruled = case.reserves, rules.reserves
    asked = (own.positive_min_mw, own.positive_max_mw, own.negative_min_mw)
    default = (ruled.positive_min_mw, ruled.positive_max_mw, ruled.negative_min_mw)
    return not case.storage.id and all(v is None for v in (*asked, *default)) and _plain(case, rules)


def _plain(case: Case, rules: Rules) -> bool:
    """Whether the case has none of the families that no proof has."""
    reserves, starts = rules.reserves, rules.starts
    tables = (
        case.pumped_hydro, case.demand_bids, case.virtual_plants, case.hvdc_lines, case.unit_groups,
        case.energy_windows, case.storage_cycles, case.start_limits, case.plant_limits, case.start_leads,
        case.reserve_sharing, case.reserve_demand, case.reserve_offers, case.reserve_kinds, case.startup_curves,
        case.shutdown_curves, case.linear_limits, case.award_terms, case.regulation_bands,
    )  # fmt: skip
    if any(len(getattr(table, fields(table)[0].name)) for table in tables):
        return False
    waits = (starts.lead_hot_minutes, starts.lead_warm_minutes, starts.lead_cold_minutes)
    spaced = (starts.start_spacing_minutes, starts.stop_spacing_minutes, starts.switching_minutes)
    if rules.losses.model is not LossModel.NONE or any(waits) or any(spaced):
        return False
    return reserves.ramp_sharing is not RampSharing.PGLIB or _uncapped(case)


def _uncapped(case: Case) -> bool:
    """Whether every pair of product and unit may hold all of the unit's range, or nothing."""
    units, reserves = case.units, case.reserves
    up = (reserves.direction == Direction.UP)[:, None]
    rate = np.where(up, units.ramp_up_mw_per_minute, units.ramp_down_mw_per_minute)
    minutes = np.broadcast_to(reserves.response_minutes[:, None], rate.shape)
    limited = np.isfinite(rate) & np.isfinite(minutes)
    by_ramp = np.full(rate.shape, np.inf)
    by_ramp[limited] = rate[limited] * minutes[limited]
    cap = np.minimum(reserves.unit_max_mw, by_ramp)
    reach = (units.p_max_mw - units.p_min_mw).max(axis=1, initial=0.0)
    return bool(((cap <= 0.0) | (cap >= reach)).all())
