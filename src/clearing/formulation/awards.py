"""Which unit and which storage may be awarded which reserve product."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from clearing.case.arrays import Bools, Floats, Ints, freeze
from clearing.case.award_terms import Form, betters, form_of, offline_stated
from clearing.case.case import Case
from clearing.case.lead_times import longest_lead
from clearing.case.reserve_kinds import ProductKind, is_kind
from clearing.case.reserves import Direction
from clearing.formulation.unit_data import UnitData
from clearing.rules.rules import RampSharing, Rules


@dataclass(frozen=True, slots=True)
class Awards:
    """P eligible pairs of product (P) and unit (P); cap_mw (P) = min(unit's most, ramp rate · response time).

    flexible (P)                  pairs of a flexible ramping product
    offline (m), offline_mw (m, T)    pairs that a unit off line may hold too, and how much of it
    stated (m)                    pairs whose MW off line are stated: nothing else limits them
    form                          terms of the products: start-up limits, ramps, caps in common
    storage_product, storage (s), storage_mw (s)    pairs of product and storage, and the most that it may hold
    """

    product: Ints
    unit: Ints
    cap_mw: Floats
    flexible: Bools
    offline: Ints
    offline_mw: Floats
    stated: Bools
    form: Form
    storage_product: Ints
    storage: Ints
    storage_mw: Floats

    def __post_init__(self) -> None:
        freeze(self)


def online_pairs(case: Case) -> tuple[Ints, Ints, Floats]:
    """Product, unit and cap_mw (P) of every pair that a unit may hold, in product order; cap 0: off line only.

    A unit counts only for products that cover its bus.
    """
    cap = caps(case)
    off = offline_stated(case.award_terms, *cap.shape) > 0.0
    product, unit = np.nonzero(((cap > 0.0) | off) & case.reserves.covers_bus[:, case.units.bus])
    return product, unit, cap[product, unit]


def awards(case: Case, rules: Rules, data: UnitData) -> Awards:
    """Pairs of units and of storage."""
    reserves = case.reserves
    product, unit, cap = online_pairs(case)
    offline, most, stated = _offline(case, rules, data, product, unit)
    table = case.reserve_kinds
    held = reserves.covers_bus[table.storage_product, case.storage.bus[table.storage]] & (table.storage_max_mw > 0.0)
    kept = np.flatnonzero(held)
    return Awards(
        product=product,
        unit=unit,
        cap_mw=cap,
        flexible=is_kind(table, len(reserves.product_id), ProductKind.FLEXIBLE_RAMPING)[product],
        offline=offline,
        offline_mw=most,
        stated=stated,
        form=form_of(case.award_terms, len(reserves.product_id), rules.reserves.ramp_sharing is RampSharing.PGLIB),
        storage_product=table.storage_product[kept],
        storage=table.storage[kept],
        storage_mw=table.storage_max_mw[kept],
    )


def caps(case: Case) -> Floats:
    """Most a unit on line may hold (Q, N), MW: min(unit's most, ramp rate · response time).

    Flexible ramping: response time is a period at most, and p_max stands where nothing else limits.
    """
    reserves, units = case.reserves, case.units
    flexible = is_kind(case.reserve_kinds, len(reserves.product_id), ProductKind.FLEXIBLE_RAMPING)
    rate = ramp_rates(case)
    by_ramp = np.full(rate.shape, np.inf)
    response = np.where(flexible, np.minimum(reserves.response_minutes, case.horizon.period_minutes), np.inf)
    minutes = np.broadcast_to(np.where(flexible, response, reserves.response_minutes)[:, None], rate.shape)
    limited = np.isfinite(rate) & np.isfinite(minutes)
    by_ramp[limited] = rate[limited] * minutes[limited]
    cap = np.minimum(reserves.unit_max_mw, by_ramp)
    most: Floats = np.where(flexible[:, None], np.minimum(cap, units.p_max_mw.max(axis=1, initial=0.0)), cap)
    return most


def ramp_rates(case: Case) -> Floats:
    """Ramp rate of every unit in the direction of every product (Q, N), MW/min."""
    up = case.reserves.direction == Direction.UP
    return np.where(up[:, None], case.units.ramp_up_mw_per_minute, case.units.ramp_down_mw_per_minute)


def _offline(case: Case, rules: Rules, data: UnitData, product: Ints, unit: Ints) -> tuple[Ints, Floats, Bools]:
    """Pairs that a unit off line may hold (m), at most how much (m, T), and whether that is stated (m).

    Not stated: min(unit's most, SU) where it may be on, of quick units.
    """
    reserves = case.reserves
    quick = longest_lead(case, rules.starts)[unit] <= reserves.response_minutes[product]
    kind = is_kind(case.reserve_kinds, len(reserves.product_id), ProductKind.NON_SPINNING)[product]
    # A unit that has to climb a curve first is not at p_min within any response, and on a curve it holds nothing.
    climbs = np.isin(unit, case.startup_curves.unit) | np.isin(unit, case.shutdown_curves.unit)
    fixed = offline_stated(case.award_terms, *reserves.unit_max_mw.shape)[product, unit]
    may = np.where(np.isnan(fixed), quick & ~climbs, fixed > 0.0)
    pair = np.flatnonzero(kind & may & (reserves.direction[product] == Direction.UP))
    own, said = reserves.unit_max_mw[product[pair], unit[pair]][:, None], fixed[pair]
    reached = np.minimum(own, data.startup_mw[unit[pair]]) * data.on_max[unit[pair]]
    return pair, np.where(np.isnan(said)[:, None], reached, said[:, None]), ~np.isnan(said)


def joint_pairs(case: Case, form: Form, product: Ints, unit: Ints, chosen: Ints) -> tuple[Ints, Ints]:
    """(row, pair): rows are chosen pairs whose product has a joint cap, pairs those of better products of the unit."""
    at = {key: p for p, key in enumerate(zip(product.tolist(), unit.tolist(), strict=True))}
    found = [
        (row, at[better, int(unit[pair])])
        for row, pair in enumerate(chosen.tolist())
        if form.joint_cap[product[pair]]
        for better in betters(case.reserve_sharing, int(product[pair]))
        if (better, int(unit[pair])) in at
    ]
    rows, pairs = (np.array(column, dtype=np.int64) for column in zip(*found, strict=True)) if found else ((), ())
    return np.array(rows, dtype=np.int64), np.array(pairs, dtype=np.int64)
