"""What Egret requires of reserves, and which unit holds which product: names, places, requirements, sharing.

Seven products beside the plain `reserve_requirement`. Upward regulation, spinning, non-spinning and supplemental
reserve nest: what is required of a lesser product is required beyond what the better ones need, and what is held of a
better one, or paid for as missing there, counts towards all lesser ones. Every product may be required of the system,
of areas and of zones at once; a MW counts wherever its unit belongs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from clearing.case.arrays import Floats
from clearing.case.reserves import Direction
from clearing.formats.egret.fields import Source, stated
from clearing.formats.json_fields import JsonObject

BASIC = "reserve"
REGULATION_UP, REGULATION_DOWN, SPINNING = "regulation_up", "regulation_down", "spinning"
NON_SPINNING, SUPPLEMENTAL = "non_spinning", "supplemental"
FLEXIBLE_UP, FLEXIBLE_DOWN = "flexible_ramp_up", "flexible_ramp_down"
KEYS = {
    REGULATION_UP: "regulation_up_requirement",
    REGULATION_DOWN: "regulation_down_requirement",
    SPINNING: "spinning_reserve_requirement",
    NON_SPINNING: "non_spinning_reserve_requirement",
    SUPPLEMENTAL: "supplemental_reserve_requirement",
    FLEXIBLE_UP: "flexible_ramp_up_requirement",
    FLEXIBLE_DOWN: "flexible_ramp_down_requirement",
}
"""Field of the requirement by product."""
NESTED = (REGULATION_UP, SPINNING, NON_SPINNING, SUPPLEMENTAL)
"""From the best to the least."""
DOWN = (REGULATION_DOWN, FLEXIBLE_DOWN)
PENALTIES = {
    REGULATION_UP: ("regulation_penalty_price", 4.0),
    REGULATION_DOWN: ("regulation_penalty_price", 4.0),
    SPINNING: ("spinning_reserve_penalty_price", 5.0),
    NON_SPINNING: ("non_spinning_reserve_penalty_price", 20.0 / 3.0),
    SUPPLEMENTAL: ("supplemental_reserve_penalty_price", 8.0),
    FLEXIBLE_UP: ("flexible_ramp_penalty_price", 100.0 / 11.0),
    FLEXIBLE_DOWN: ("flexible_ramp_penalty_price", 100.0 / 11.0),
}
"""Field of the price of a shortfall, and the share of `load_mismatch_cost` that stands where it is not stated."""
SYSTEM_PENALTIES = tuple(sorted({key for key, _ in PENALTIES.values()}))
DEFAULT_MISMATCH = 1e6
"""Money per MWh of load not served where the file states none."""
PLACES = ("area", "zone")

Place = str
"""'' the system, `area:NAME`, `zone:NAME`."""


@dataclass(frozen=True, slots=True)
class Product:
    """One row of the products of the case.

    kind      one of KEYS, or BASIC
    places    where its awards count: the system always; one that is required somewhere has that place alone
    required  (T) MW, with what better products need there; None: a product that only gathers awards for its places
    own       (T) MW that the file requires of it by itself
    """

    kind: str
    places: tuple[Place, ...]
    required: Floats | None

    @property
    def id(self) -> str:
        """Name in the case."""
        return self.kind if not self.places else f"{self.kind}@{'+'.join(self.places)}"

    @property
    def direction(self) -> Direction:
        """Up or down."""
        return Direction.DOWN if self.kind in DOWN else Direction.UP


@dataclass(frozen=True, slots=True)
class Products:
    """rows: of the case; of_unit: kind and unit → row that the unit's awards are in; share, carry: pairs of rows."""

    rows: tuple[Product, ...]
    of_unit: Mapping[tuple[str, int], int]
    share: tuple[tuple[int, int], ...]
    carry: tuple[tuple[int, int], ...]

    def required(self, kind: str) -> bool:
        """Whether anything of a kind is asked for."""
        return any(row.kind == kind for row in self.rows)


def mismatch(system: JsonObject) -> float:
    """Money per MWh of load not served, which every penalty that is not stated is a share of."""
    return system.number("load_mismatch_cost", 0.0) if stated(system, "load_mismatch_cost") else DEFAULT_MISMATCH


def price(system: JsonObject, kind: str) -> float:
    """Money per MW and hour of a shortfall."""
    key, share = PENALTIES[kind]
    return system.number(key, 0.0) if stated(system, key) else mismatch(system) / share


def products(source: Source, units: list[tuple[str, JsonObject]]) -> Products:
    """Rows of the case; units: name and object of every unit."""
    asked = _asked(source)
    member = [_places(row, asked) for _, row in units]
    rows: list[Product] = []
    own_rows: dict[tuple[str, tuple[Place, ...]], int] = {}

    def add(kind: str, places: tuple[Place, ...], required: Floats | None) -> int:
        if (kind, places) not in own_rows:
            own_rows[kind, places] = len(rows)
            rows.append(Product(kind, places, required))
        return own_rows[kind, places]

    if stated(source.system, "reserve_requirement"):
        basic = source.series(source.system, "reserve_requirement", 0.0)
        if np.any(basic > 0.0):
            add(BASIC, (), basic)
    for kind in KEYS:
        if any(kind in table for table in asked.values()):
            for place in asked:
                if kind in asked[place] or not place:
                    add(kind, (place,) if place else (), _required(asked[place], kind, source.periods))
    of_unit: dict[tuple[str, int], int] = {}
    for i, places in enumerate(member):
        for kind in KEYS:
            if (kind, ()) in own_rows:
                of_unit[kind, i] = add(kind, tuple(p for p in places if kind in asked[p]), None)
        if (BASIC, ()) in own_rows:
            of_unit[BASIC, i] = own_rows[BASIC, ()]
    return Products(tuple(rows), of_unit, _share(rows, own_rows), _carry(rows, own_rows))


def _asked(source: Source) -> dict[Place, dict[str, Floats]]:
    """Requirements by place and kind; the system first. A kind that is 0 everywhere is asked nowhere."""
    found: dict[Place, dict[str, Floats]] = {"": {}}
    tables = [("", source.system)] + [(f"{p}:{name}", row) for p in PLACES for name, row in source.kind(p)]
    for place, row in tables:
        here = {kind: source.series(row, key, 0.0) for kind, key in KEYS.items() if stated(row, key)}
        if here or not place:
            found[place] = here
    active = {kind for kind in KEYS if any(np.any(table[kind] > 0.0) for table in found.values() if kind in table)}
    return {place: {k: v for k, v in table.items() if k in active} for place, table in found.items()}


def _required(table: Mapping[str, Floats], kind: str, periods: int) -> Floats:
    """What is required of a kind at a place, with what better kinds need there."""
    kinds = NESTED[: NESTED.index(kind) + 1] if kind in NESTED else (kind,)
    return np.asarray(sum((table[k] for k in kinds if k in table), np.zeros(periods)))


def _places(row: JsonObject, asked: Mapping[Place, object]) -> tuple[Place, ...]:
    """Areas and zones of a unit at which anything is required."""
    named = [f"{kind}:{row.fields[kind]}" for kind in PLACES if isinstance(row.fields.get(kind), str)]
    return tuple(place for place in named if place in asked)


def _share(rows: list[Product], at: Mapping[tuple[str, tuple[Place, ...]], int]) -> tuple[tuple[int, int], ...]:
    """(from, to): a row's awards count at all of its places and in the system, of its kind and of lesser ones."""
    pairs = []
    for p, row in enumerate(rows):
        kinds = NESTED[NESTED.index(row.kind) :] if row.kind in NESTED else (row.kind,)
        for kind in kinds:
            targets = [at.get((kind, (place,))) for place in row.places] + [at.get((kind, ()))]
            pairs += [(p, q) for q in targets if q is not None and q != p and rows[q].required is not None]
    return tuple(dict.fromkeys(pairs))


def _carry(rows: list[Product], at: Mapping[tuple[str, tuple[Place, ...]], int]) -> tuple[tuple[int, int], ...]:
    """(from, to): what a better kind lacks at a place is not asked again of lesser ones there."""
    pairs = []
    for p, row in enumerate(rows):
        if row.kind in NESTED and row.required is not None:
            lesser = [at.get((kind, row.places)) for kind in NESTED[NESTED.index(row.kind) + 1 :]]
            pairs += [(p, q) for q in lesser if q is not None]
    return tuple(pairs)
