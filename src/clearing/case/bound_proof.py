"""A bound with the multipliers that prove it, and the cases in which such a proof is rechecked."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from clearing.case.arrays import Bools
from clearing.case.case import Case
from clearing.case.prices import Multipliers
from clearing.case.reserve_kinds import ProductKind, is_kind
from clearing.case.reserves import Direction
from clearing.rules.rules import LossModel, RampSharing, Rules

STORAGE = ("storage_energy", "charge_mode", "discharge_mode", "deliverable")
STORAGE_LEAST = ("charge_least", "discharge_least", "one_mode")
SYSTEM = ("system_positive_min", "system_positive_max", "system_negative_min")
NETWORK = ("branch", "interface", "contingency", "contingency_interface")
PUMPED = (
    "reservoir_energy", "generation_most", "generation_least", "pumping_side", "generating_side", "pumped_deliverable",
)  # fmt: skip
KINDS = ("regulation_speed", "storage_up", "storage_down", "storage_up_energy", "storage_down_energy")
PLANTS = ("plant_starts", "plant_stops", "start_spacing", "stop_spacing")
GROUPS = ("group_output", "group_on")
BIDS = ("demand_output", "virtual_output", "virtual_ramp", "hvdc_ramp", "hvdc_schedule")
PROVEN = (
    "balance", "shed_total", "product", *STORAGE, *STORAGE_LEAST, "storage_cycle", *SYSTEM, *NETWORK, *GROUPS, *BIDS,
    "linear_limit", *PLANTS, *PUMPED, *KINDS,
)  # fmt: skip
"""Families of rows whose multipliers make the proof."""


CARRIED = ("balance", "shed_total", "product", "storage_energy", "charge_mode", "discharge_mode")
"""Those of them that a search takes from the prices of an earlier result where it has no proof of a bound."""


@dataclass(frozen=True, slots=True)
class BoundProof:
    """bound on the SCUC objective, money; multipliers of the families of `PROVEN`, as `Multipliers` has them.

    The bound is the Lagrangian of these rows: Σ multiplier · right side, and the least reduced cost of every unit,
    renewable, shed load, surplus, broken limit by itself, and of charging, discharging, energy and mode of storage.
    """

    bound: float
    multipliers: Multipliers


def provable(case: Case, rules: Rules) -> bool:
    """Whether a bound of the case can be rechecked: whatever it has, but for terms of reserve products, bands of
    regulation, and losses.

    What a proof leaves out (`left_out`) lowers the bound, and it is one all the same.
    """
    tables = (case.award_terms, case.regulation_bands)
    return rules.losses.model is LossModel.NONE and not _any(tables)


def left_out(case: Case, rules: Rules) -> tuple[str, ...]:
    """Families of rows that the proof of a bound leaves out, whole or in part, where the case has them."""
    switching = rules.starts.switching_minutes > 0 or bool((case.plant_limits.switching_minutes > 0).any())
    capped = rules.reserves.ramp_sharing is RampSharing.PGLIB and not _uncapped(case)
    found = (
        ("energy_window", _any((case.energy_windows,))),
        ("unit_starts", _any((case.start_limits,))),
        ("switching", switching),
        ("changeover", _any((case.pumped_hydro,))),
        ("offline", bool(_of(case, ProductKind.NON_SPINNING).any())),
        ("flexible_up", bool(_of(case, ProductKind.FLEXIBLE_RAMPING).any())),
        ("award_offer", _any((case.reserve_offers,))),
        ("ramp_up", capped),
    )
    return tuple(name for name, there in found if there)


def _of(case: Case, kind: ProductKind) -> Bools:
    """Products of a kind."""
    return is_kind(case.reserve_kinds, len(case.reserves.product_id), kind)


def _any(tables: tuple[Any, ...]) -> bool:
    """Whether a table has rows."""
    return any(len(getattr(table, fields(table)[0].name)) for table in tables)


def only_units(case: Case, rules: Rules) -> bool:
    """Whether nothing but units follows from one hour to the next, and all they earn is of energy and spinning reserve.

    Limits of the network do not matter: they are in the price of a bus.
    """
    own, ruled = case.reserves, rules.reserves
    asked = (own.positive_min_mw, own.positive_max_mw, own.negative_min_mw)
    default = (ruled.positive_min_mw, ruled.positive_max_mw, ruled.negative_min_mw)
    return not case.storage.id and all(v is None for v in (*asked, *default)) and _plain(case, rules)


def _plain(case: Case, rules: Rules) -> bool:
    """Whether units, renewables, ties, load, spinning reserve that shares no ramp with a cap are all there is."""
    reserves, starts = rules.reserves, rules.starts
    tables = (
        case.pumped_hydro, case.demand_bids, case.virtual_plants, case.hvdc_lines, case.unit_groups,
        case.energy_windows, case.storage_cycles, case.start_limits, case.plant_limits, case.start_leads,
        case.reserve_sharing, case.reserve_demand, case.reserve_offers, case.reserve_kinds, case.startup_curves,
        case.shutdown_curves, case.linear_limits, case.award_terms, case.regulation_bands,
    )  # fmt: skip
    if _any(tables):
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
    spinning = ~_of(case, ProductKind.FLEXIBLE_RAMPING)[:, None]  # flexible ramping holds no ramp of its period here
    return bool(((cap <= 0.0) | (cap >= reach) | ~spinning).all())
