"""Kinds of reserve products, regulation speeds, storage that holds products."""

from __future__ import annotations

import numpy as np

from clearing.case.arrays import Bools, Floats, Ids, Ints
from clearing.case.case import Case
from clearing.case.finding import Finding, Severity
from clearing.case.predicates import TOLERANCE, Field, flag
from clearing.case.reserve_kinds import ProductKind, regulation_speed
from clearing.case.reserves import Direction
from clearing.rules.rules import Rules

_PATH = "case.reserve_kinds"


def kinds(case: Case, rules: Rules) -> list[Finding]:
    """A row a product, unit, pair; what is asked fits the kind; storage stands at a bus that its product covers."""
    table, reserves = case.reserve_kinds, case.reserves
    products = _names(table.product, reserves.product_id)
    pairs = table.storage_product * max(len(case.storage.id), 1) + table.storage
    down = (table.kind == ProductKind.NON_SPINNING) & (reserves.direction[table.product] == Direction.DOWN)
    asks = table.speed_requirement_mw_per_minute > 0.0
    stray = (
        asks & (table.kind != ProductKind.REGULATION)[:, None] if len(products) else np.zeros((0, 1), dtype=np.bool_)
    )
    away = ~reserves.covers_bus[table.storage_product, case.storage.bus[table.storage]]
    stores = _names(table.storage, case.storage.id)
    units = _names(table.speed_unit, case.units.id)
    again = "an earlier row has it"
    speed = Field(f"{_PATH}.speed_requirement_mw_per_minute", products)
    return [
        *flag("RESERVE_KIND_DUPLICATE", Field(f"{_PATH}.product", products), _again(table.product), again),
        *flag("RESERVE_KIND_DUPLICATE", Field(f"{_PATH}.speed_unit", units), _again(table.speed_unit), again),
        *flag("RESERVE_KIND_DUPLICATE", Field(f"{_PATH}.storage", stores), _again(pairs), again),
        *flag("NON_SPINNING_DOWN", Field(f"{_PATH}.kind", products), down, "a unit off line can only hold room upward"),
        *flag(
            "SPEED_WITHOUT_REGULATION",
            speed,
            stray,
            "only regulation has speed",
            table.speed_requirement_mw_per_minute,
            "kind REGULATION",
        ),
        *flag(
            "STORAGE_AWARD_IDLE",
            Field(f"{_PATH}.storage", stores),
            away,
            "the product does not cover its bus",
            severity=Severity.WARNING,
        ),
        *_speeds(case, asks, speed),
    ]


def _speeds(case: Case, asks: Bools, speed: Field) -> list[Finding]:
    """What a product asks could be reached (warning), and its units say what they bring (warning)."""
    table = case.reserve_kinds
    if not len(table.product):
        return []
    most, unknown = _most_speed(case)
    required = table.speed_requirement_mw_per_minute
    lacking = unknown[table.product] & asks.any(axis=1)
    beyond = required > most[table.product][:, None] + TOLERANCE
    text = "units without a limit on award or ramp bring no speed: state unit_max_mw, response or regulation speed"
    return [
        *flag("SPEED_NOT_STATED", speed, lacking, text, severity=Severity.WARNING),
        *flag(
            "SPEED_ABOVE_CAPABILITY",
            speed,
            beyond,
            "more than all that count could bring",
            required,
            np.broadcast_to(most[table.product][:, None], required.shape),
            Severity.WARNING,
        ),
    ]


def _most_speed(case: Case) -> tuple[Floats, Bools]:
    """MW/min that units and storage could bring to each product (Q), and whether a unit that counts brings none."""
    reserves, units, table = case.reserves, case.units, case.reserve_kinds
    up = (reserves.direction == Direction.UP)[:, None]
    ramp = np.where(up, units.ramp_up_mw_per_minute, units.ramp_down_mw_per_minute)
    minutes = np.broadcast_to(reserves.response_minutes[:, None], ramp.shape)
    by_ramp = np.full(ramp.shape, np.inf)
    limited = np.isfinite(ramp) & np.isfinite(minutes)
    by_ramp[limited] = ramp[limited] * minutes[limited]
    cap, speed = np.minimum(reserves.unit_max_mw, by_ramp), regulation_speed(table, ramp)
    may = reserves.covers_bus[:, units.bus] & (cap > 0.0)
    known = np.isfinite(cap) & np.isfinite(speed)
    most = np.where(may & known, np.where(known, speed, 0.0), 0.0).sum(axis=1)
    covered = reserves.covers_bus[table.storage_product, case.storage.bus[table.storage]]
    even = table.storage_max_mw / reserves.response_minutes[table.storage_product]
    np.add.at(most, table.storage_product, np.where(covered, even, 0.0))
    return most, (may & ~known).any(axis=1)


def _again(keys: Ints) -> Bools:
    """Rows whose key stands in an earlier row."""
    again = np.ones(len(keys), dtype=np.bool_)
    again[np.unique(keys, return_index=True)[1]] = False
    return again


def _names(rows: Ints, ids: Ids) -> Ids:
    return tuple(ids[row] for row in rows.tolist())
