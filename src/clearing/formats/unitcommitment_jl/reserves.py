"""Reserve products: spinning, and flexible ramping in both directions."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from clearing.case import empty
from clearing.case.arrays import Floats
from clearing.case.reserve_demand import NO_DEMAND, ReserveDemand
from clearing.case.reserve_kinds import NO_KINDS, ProductKind, ReserveKinds
from clearing.case.reserves import Direction, Reserves
from clearing.formats.json_fields import JsonObject
from clearing.formats.unitcommitment_jl.fields import Rows, Source, names_of, only, same_in_all, text
from clearing.formats.unitcommitment_jl.thermal import ELIGIBLE

AMOUNT, PENALTY = "Amount (MW)", "Shortfall penalty ($/MW)"
SPINNING, FLEXIRAMP = "spinning", "flexiramp"
HARD = -1.0
"""A negative penalty: the requirement has to be met."""
UP, DOWN = " up", " down"
"""Ends of the names of the two products that one flexiramp requirement becomes."""


@dataclass(frozen=True, slots=True)
class Product:
    """One product: section of the file it comes from, and what it asks for; price a MW and time step."""

    id: str
    section: int
    direction: Direction
    kind: ProductKind
    amount: Floats
    price: float


@dataclass(frozen=True, slots=True)
class ReserveTables:
    """The tables of a case, and notes on what is read in a way of ours."""

    reserves: Reserves
    kinds: ReserveKinds
    demand: ReserveDemand
    notes: list[str]


def reserves(source: Source, units: Rows) -> ReserveTables:
    """Products, their kinds and demand curves."""
    rows = source.section("Reserves")
    names = tuple(name for name, _ in rows)
    eligible = np.zeros((len(rows), len(units)))
    for i, (_, row) in enumerate(units):
        eligible[names_of(row, ELIGIBLE, names, "reserve"), i] = np.inf
    found = [product for q, (name, row) in enumerate(rows) for product in _products(source, q, name, row)]
    if not found:
        return ReserveTables(empty.no_reserves(len(source.bus_id), len(units), source.periods), NO_KINDS, NO_DEMAND, [])
    if len({p.id for p in found}) < len(found):
        path = f"{source.root.path}.Reserves"
        source.root.problems.add("DUPLICATE_ID", path, "Two products would have one name.")
    table = Reserves(
        product_id=tuple(p.id for p in found),
        direction=np.array([p.direction for p in found], dtype=np.int64),
        response_minutes=np.full(len(found), np.inf),
        covers_bus=np.ones((len(found), len(source.bus_id)), dtype=np.bool_),
        unit_max_mw=np.array([eligible[p.section] for p in found]),
        requirement_mw=np.array([p.amount for p in found]),
    )
    return ReserveTables(table, _kinds(found, source.periods), _demand(found, source.hours), _notes(rows, found))


def _products(source: Source, section: int, name: str, row: JsonObject) -> list[Product]:
    """One product of spinning reserve, or two of flexible ramping, one a direction."""
    only(row, ("Type", AMOUNT, PENALTY))
    kind = text(row, "Type").lower()
    amount = source.series(row, AMOUNT, least=0.0)
    price = same_in_all(row, PENALTY, source.series(row, PENALTY, HARD))
    if kind == FLEXIRAMP:
        ways = ((UP, Direction.UP), (DOWN, Direction.DOWN))
        return [Product(name + end, section, way, ProductKind.FLEXIBLE_RAMPING, amount, price) for end, way in ways]
    if kind != SPINNING and isinstance(row.fields.get("Type"), str):
        limit = f"{SPINNING}, {FLEXIRAMP}"
        row.problems.add("UNKNOWN_WORD", f"{row.path}.Type", "No such kind of reserve.", value=kind, limit=limit)
    return [Product(name, section, Direction.UP, ProductKind.SPINNING, amount, price)]


def _kinds(found: list[Product], periods: int) -> ReserveKinds:
    other = [q for q, p in enumerate(found) if p.kind is not ProductKind.SPINNING]
    if not other:
        return NO_KINDS
    none = np.zeros(0, dtype=np.int64)
    return ReserveKinds(
        product=np.array(other, dtype=np.int64),
        kind=np.array([found[q].kind for q in other], dtype=np.int64),
        speed_requirement_mw_per_minute=np.zeros((len(other), periods)),
        speed_unit=none,
        speed_mw_per_minute=np.zeros(0),
        storage_product=none,
        storage=none,
        storage_max_mw=np.zeros(0),
    )


def _demand(found: list[Product], hours: float) -> ReserveDemand:
    """One endless step a product with a penalty of its own, which the file states a MW and time step."""
    own = [q for q, p in enumerate(found) if p.price >= 0.0]
    if not own:
        return NO_DEMAND
    price = np.array([found[q].price for q in own]) / hours
    return ReserveDemand(np.array(own, dtype=np.int64), np.full(len(own), np.inf), price)


def _notes(rows: Rows, found: list[Product]) -> list[str]:
    hard = sorted({rows[p.section][0] for p in found if p.price < 0.0})
    ramping = sorted({rows[p.section][0] for p in found if p.kind is ProductKind.FLEXIBLE_RAMPING})
    notes = []
    if hard:
        notes.append(f"Reserve {', '.join(hard)} must be met, says the file: a shortfall costs what the rule set says.")
    if ramping:
        notes.append(
            f"Reserve {', '.join(ramping)}: flexible ramping as it is here, held by units on line now and in the next"
            " period; units about to start or stop, which the file's own model counts too, hold none."
        )
    return notes
