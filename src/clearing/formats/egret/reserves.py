"""Egret's reserves as tables of the case: caps, offers, ramps, bands of regulation.

    product         within   on line                                  off line
    reserve         –        headroom and ramp with energy            –
    regulation      5 min    min(5·ramp_agc, half of the AGC band)    –         while regulating: p_min_agc … p_max_agc
    spinning        10 min   spinning_capacity, with regulation up    –
    non-spinning    –        –                                        non_spinning_capacity of `fast_start` units
    supplemental    30 min   supplemental_spinning_capacity, with     supplemental_non_spinning_capacity of
                             spinning and regulation up               `supplemental_start` units, with non-spinning
    flexible ramp   20 min   headroom                                 –

With `reserve_ramping_constraints` a MW held takes period / response of the ramp of a period: regulation, spinning and
supplemental reserve half of it in their own period and half in the next one, flexible ramping all of it in its own.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from clearing.case import empty
from clearing.case.arrays import Bools, Floats
from clearing.case.award_terms import (
    GIVEN_OFF,
    GIVEN_ON,
    NO_AWARD_TERMS,
    NO_BANDS,
    NOT_GIVEN,
    AwardTerms,
    RegulationBands,
)
from clearing.case.reserve_demand import NO_DEMAND, ReserveDemand
from clearing.case.reserve_kinds import NO_KINDS, ProductKind, ReserveKinds
from clearing.case.reserve_offers import NO_RESERVE_OFFERS, ReserveOffers
from clearing.case.reserve_sharing import NO_SHARING, ReserveSharing
from clearing.case.reserves import Reserves
from clearing.formats.egret import products as kinds
from clearing.formats.egret.fields import Source, flag, stated, values
from clearing.formats.egret.products import Products
from clearing.formats.json_fields import JsonObject

Rows = list[tuple[str, JsonObject]]
MINUTES = {
    kinds.REGULATION_UP: 5.0,
    kinds.REGULATION_DOWN: 5.0,
    kinds.SPINNING: 10.0,
    kinds.SUPPLEMENTAL: 30.0,
    kinds.FLEXIBLE_UP: 20.0,
    kinds.FLEXIBLE_DOWN: 20.0,
}
"""Response time by kind; the others answer within any time."""
COSTS = {
    kinds.REGULATION_UP: "agc_marginal_cost",
    kinds.REGULATION_DOWN: "agc_marginal_cost",
    kinds.SPINNING: "spinning_cost",
    kinds.NON_SPINNING: "non_spinning_cost",
    kinds.SUPPLEMENTAL: "supplemental_cost",
}
REGULATION = (kinds.REGULATION_UP, kinds.REGULATION_DOWN)
FLEXIBLE = (kinds.FLEXIBLE_UP, kinds.FLEXIBLE_DOWN)
SHORTFALL_COST = "reserve_shortfall_cost"
UNIT_FIELDS = (
    *("agc_capable", "ramp_agc", "p_min_agc", "p_max_agc", "agc_marginal_cost", "agc_fixed_cost", "fixed_regulation"),
    *("fast_start", "spinning_capacity", "spinning_cost", "non_spinning_capacity", "non_spinning_cost"),
    *("supplemental_start", "supplemental_spinning_capacity", "supplemental_non_spinning_capacity"),
    *("supplemental_cost", "area", "zone"),
)
"""Fields of a unit that this module reads."""


@dataclass(frozen=True, slots=True)
class ReserveTables:
    """Fields of Case, and where regulation that is fixed at 1 keeps a unit on (N, T)."""

    reserves: Reserves
    reserve_sharing: ReserveSharing
    reserve_demand: ReserveDemand
    reserve_offers: ReserveOffers
    reserve_kinds: ReserveKinds
    award_terms: AwardTerms
    regulation_bands: RegulationBands
    must_run: Bools


def read(source: Source, units: Rows, buses: int) -> ReserveTables:
    """All tables; p_max of the units bounds what they offer."""
    found = kinds.products(source, units)
    must_run = np.zeros((len(units), source.periods), dtype=np.bool_)
    if not found.rows:
        none = empty.no_reserves(buses, len(units), source.periods)
        return ReserveTables(
            none, NO_SHARING, NO_DEMAND, NO_RESERVE_OFFERS, NO_KINDS, NO_AWARD_TERMS, NO_BANDS, must_run
        )
    bands = _bands(source, units, found)
    if len(bands.unit):
        must_run[bands.unit] = bands.given == GIVEN_ON
    cap = _caps(source, units, found, bands)
    return ReserveTables(
        reserves=_reserves(source, found, cap, buses),
        reserve_sharing=ReserveSharing(*_pairs(found.share)) if found.share else NO_SHARING,
        reserve_demand=_demand(source, found),
        reserve_offers=_offers(source, units, found),
        reserve_kinds=_kinds(source, found),
        award_terms=_terms(source, units, found),
        regulation_bands=bands,
        must_run=must_run,
    )


def _pairs(pairs: tuple[tuple[int, int], ...]) -> tuple[np.ndarray, np.ndarray]:
    table = np.array(pairs, dtype=np.int64).reshape(-1, 2)
    return table[:, 0].copy(), table[:, 1].copy()


def _reserves(source: Source, found: Products, cap: Floats, buses: int) -> Reserves:
    nothing = np.zeros(source.periods)
    return Reserves(
        product_id=tuple(row.id for row in found.rows),
        direction=np.array([row.direction for row in found.rows], dtype=np.int64),
        response_minutes=np.array([MINUTES.get(row.kind, np.inf) for row in found.rows]),
        covers_bus=np.ones((len(found.rows), buses), dtype=np.bool_),
        unit_max_mw=cap,
        requirement_mw=np.array([nothing if row.required is None else row.required for row in found.rows]),
    )


def _caps(source: Source, units: Rows, found: Products, bands: RegulationBands) -> Floats:
    """Most that a unit on line may be awarded (Q, N); the response time does the rest."""
    cap = np.zeros((len(found.rows), len(units)))
    band_of = {int(i): b for b, i in enumerate(bands.unit)}
    for (kind, i), row in found.of_unit.items():
        unit = units[i][1]
        if kind in REGULATION:
            if i in band_of:
                half = (bands.max_mw - bands.min_mw)[band_of[i]] / 2.0
                speed = MINUTES[kind] * unit.number("ramp_agc", 0.0)
                cap[row, i] = _one(unit, "p_max_agc", np.minimum(half, speed))
        elif kind == kinds.SPINNING:
            cap[row, i] = _capacity(source, unit, "spinning_capacity", np.inf)
        elif kind == kinds.SUPPLEMENTAL:
            cap[row, i] = _capacity(source, unit, "supplemental_spinning_capacity", np.inf)
        elif kind != kinds.NON_SPINNING:
            cap[row, i] = np.inf
    # what counts against a lesser product's cap is held within it, also where the unit can hold none of that itself
    for better, lesser in ((kinds.SPINNING, kinds.SUPPLEMENTAL), (kinds.REGULATION_UP, kinds.SPINNING)):
        for i in range(len(units)):
            if (better, i) in found.of_unit and (lesser, i) in found.of_unit:
                at = found.of_unit[better, i]
                cap[at, i] = min(cap[at, i], cap[found.of_unit[lesser, i], i])
    if (kinds.SPINNING, 0) not in found.of_unit:
        for i in range(len(units)):
            if (kinds.REGULATION_UP, i) in found.of_unit and (kinds.SUPPLEMENTAL, i) in found.of_unit:
                at = found.of_unit[kinds.REGULATION_UP, i]
                cap[at, i] = min(cap[at, i], cap[found.of_unit[kinds.SUPPLEMENTAL, i], i])
    return cap


def _capacity(source: Source, unit: JsonObject, key: str, default: float) -> float:
    return _one(unit, key, source.series(unit, key, 0.0)) if stated(unit, key) else default


def _one(unit: JsonObject, key: str, series: Floats) -> float:
    """The value of a series that must be the same in all periods."""
    if np.any(series != series[:1]):
        unit.problems.add("FIELD_NOT_READ", f"{unit.path}.{key}", "What a unit may hold cannot differ by period here.")
    return float(series[0])


def _bands(source: Source, units: Rows, found: Products) -> RegulationBands:
    """Units that can be called by AGC, where regulation is required."""
    if not any(found.required(kind) for kind in REGULATION):
        return NO_BANDS
    chosen = [i for i, (_, row) in enumerate(units) if flag(row, "agc_capable", False)]
    if not chosen:
        return NO_BANDS
    rows = [units[i][1] for i in chosen]
    nothing = np.zeros(source.periods)
    return RegulationBands(
        unit=np.array(chosen, dtype=np.int64),
        min_mw=np.array([source.series(row, "p_min_agc", 0.0) for row in rows]),
        max_mw=np.array([source.series(row, "p_max_agc", 0.0) for row in rows]),
        cost_per_hour=np.array(
            [source.series(row, "agc_fixed_cost", 0.0) if stated(row, "agc_fixed_cost") else nothing for row in rows]
        ),
        given=np.array([_given(source, row) for row in rows], dtype=np.int64),
    )


def _given(source: Source, row: JsonObject) -> list[int]:
    """0 is no regulation, 1 regulation, null is free."""
    found = []
    for value in values(row, "fixed_regulation", source.periods):
        good = value is None or (not isinstance(value, list | dict | str) and value in (0, 1))
        if not good:
            row.problems.add("OUT_OF_RANGE", f"{row.path}.fixed_regulation", "0, 1 or null is needed.", value=value)
        found.append(NOT_GIVEN if value is None or not good else GIVEN_ON if value else GIVEN_OFF)
    return found


def _demand(source: Source, found: Products) -> ReserveDemand:
    """One step a requirement; the plain reserve only where the file states its price."""
    price = {}
    for q, row in enumerate(found.rows):
        if row.kind == kinds.BASIC:
            if stated(source.system, SHORTFALL_COST):
                price[q] = source.system.number(SHORTFALL_COST, 0.0)
        elif row.required is not None:
            price[q] = kinds.price(source.system, row.kind)
    for better, lesser in found.carry:
        if price[better] < price[lesser]:
            key = kinds.PENALTIES[found.rows[lesser].kind][0]
            source.system.problems.add(
                "FIELD_NOT_READ",
                f"{source.system.path}.{key}",
                "A lesser product that is dearer to lack than a better one is not read.",
                value=price[lesser],
                limit=f"≤ {price[better]:g}",
            )
    count = len(price)
    return (
        ReserveDemand(np.array(list(price), dtype=np.int64), np.full(count, np.inf), np.array(list(price.values())))
        if count
        else NO_DEMAND
    )


def _offers(source: Source, units: Rows, found: Products) -> ReserveOffers:
    """One block a unit and product with a price, as wide as p_max."""
    table = []
    for (kind, i), q in found.of_unit.items():
        unit = units[i][1]
        if kind in COSTS and stated(unit, COSTS[kind]):
            price = source.series(unit, COSTS[kind])
            if np.any(price != 0.0):
                table.append((q, i, source.series(unit, "p_max", 0.0), price))
    table.sort(key=lambda row: row[:2])
    if not table:
        return NO_RESERVE_OFFERS
    return ReserveOffers(
        product=np.array([row[0] for row in table], dtype=np.int64),
        unit=np.array([row[1] for row in table], dtype=np.int64),
        width_mw=np.array([row[2] for row in table]),
        price_per_mw_hour=np.array([row[3] for row in table]),
    )


def _kinds(source: Source, found: Products) -> ReserveKinds:
    """Regulation, and what units off line may hold. Flexible ramping of Egret leans on its own period: spinning."""
    of = {q: ProductKind.REGULATION for q, row in enumerate(found.rows) if row.kind in REGULATION}
    quick = (kinds.NON_SPINNING, kinds.SUPPLEMENTAL)
    of |= {q: ProductKind.NON_SPINNING for q, row in enumerate(found.rows) if row.kind in quick}
    if not of:
        return NO_KINDS
    none = np.zeros(0, dtype=np.int64)
    return ReserveKinds(
        product=np.array(list(of), dtype=np.int64),
        kind=np.array(list(of.values()), dtype=np.int64),
        speed_requirement_mw_per_minute=np.zeros((len(of), source.periods)),
        speed_unit=none,
        speed_mw_per_minute=np.zeros(0),
        storage_product=none.copy(),
        storage=none.copy(),
        storage_max_mw=np.zeros(0),
    )


def _terms(source: Source, units: Rows, found: Products) -> AwardTerms:
    """How awards share limits, ramps and caps, and what stands still may hold."""
    if all(row.kind == kinds.BASIC for row in found.rows):
        return NO_AWARD_TERMS
    ramps, rows = flag(source.system, "reserve_ramping_constraints", False), found.rows
    now, before = np.zeros(len(rows)), np.zeros(len(rows))
    for q, row in enumerate(rows):
        if row.kind == kinds.BASIC:
            now[q] = 1.0
        elif ramps and row.kind in MINUTES:
            share = source.period_minutes / MINUTES[row.kind]
            now[q], before[q] = (share, 0.0) if row.kind in FLEXIBLE else (share / 2.0, share / 2.0)
    offline = _offline(source, units, found)
    return AwardTerms(
        product=np.arange(len(rows), dtype=np.int64),
        in_limits=np.array([row.kind == kinds.BASIC for row in rows]),
        ramp_now=now,
        ramp_before=before,
        joint_cap=np.array([row.kind in (kinds.SPINNING, kinds.SUPPLEMENTAL) for row in rows]),
        offline_product=np.array([row[0] for row in offline], dtype=np.int64),
        offline_unit=np.array([row[1] for row in offline], dtype=np.int64),
        offline_max_mw=np.array([row[2] for row in offline], dtype=np.float64),
        **dict(zip(("carry_from", "carry_to"), _pairs(found.carry), strict=True)),
    )


def _offline(source: Source, units: Rows, found: Products) -> list[tuple[int, int, float]]:
    """(product, unit, MW) of what a unit may hold while it is off."""
    table = []
    for (kind, i), q in sorted(found.of_unit.items(), key=lambda item: (item[1], item[0][1])):
        unit = units[i][1]
        slow = flag(unit, "supplemental_start", False) and found.required(kinds.SUPPLEMENTAL)
        later = _capacity(source, unit, "supplemental_non_spinning_capacity", 0.0) if slow else np.inf
        if kind == kinds.NON_SPINNING and flag(unit, "fast_start", False):
            # both together are held within the slower one's capacity
            table.append((q, i, min(_capacity(source, unit, "non_spinning_capacity", 0.0), later)))
        elif kind == kinds.SUPPLEMENTAL and slow:
            table.append((q, i, later))
    return table
