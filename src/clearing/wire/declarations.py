"""Declarations ↔ proto."""

from __future__ import annotations

import numpy as np

from clearing.case.arrays import Floats, Ids, Ints
from clearing.case.case import Case
from clearing.case.declarations import Declarations
from clearing.case.finding import Finding
from clearing.v1 import declarations_pb2
from clearing.wire.fields import Index, Table, index_of, within
from clearing.wire.problems import Problems

_PATH = "declarations"
MOST = 1e9


def read(pb: declarations_pb2.Declarations, case: Case) -> tuple[Declarations, list[Finding]]:
    """The declarations over the tables of a case, and all findings of the reading."""
    problems = Problems()
    problems.only(pb, _PATH)
    units, sites, plants = case.units.id, case.renewables.id, case.virtual_plants.id
    unit, heat, site, plant = (
        Table(pb, _PATH, key, 1, problems) for key in ("unit", "heat_unit", "site", "virtual_plant")
    )
    of_unit, of_heat = _rows(unit, "unit", index_of(units)), _rows(heat, "heat_unit", index_of(units))
    of_site, of_plant = _rows(site, "site", index_of(sites)), _rows(plant, "virtual_plant", index_of(plants))
    rated = _positive(unit, "unit_rated_mw", unit.floats("unit_rated_mw"), 1e-6)
    given = _positive(heat, "heat_gj_per_hour", heat.floats("heat_gj_per_hour"))
    metered = _optional(heat, "metered_heat_gj_per_hour")
    read_ = Declarations(
        unit_rated_mw=_spread(of_unit, rated, len(units)),
        unit_heat_gj_per_hour=_spread(of_heat, given, len(units)),
        unit_metered_heat_gj_per_hour=_spread(of_heat, metered, len(units)),
        site_rated_mw=_spread(of_site, _stated(site, "site_rated_mw"), len(sites)),
        site_project=_names(of_site, _words(site, "site_project"), len(sites)),
        virtual_rated_mw=_spread(of_plant, _stated(plant, "virtual_rated_mw"), len(plants)),
        virtual_aggregate=_names(of_plant, _words(plant, "virtual_aggregate"), len(plants)),
    )
    return read_, problems.findings


def write(table: Declarations, case: Case) -> declarations_pb2.Declarations:
    """The message of declarations; ValueError where heat is metered of some units that declare it, and not of all."""
    rated = np.flatnonzero(np.isfinite(table.unit_rated_mw))
    heat = np.flatnonzero(np.isfinite(table.unit_heat_gj_per_hour))
    metered = table.unit_metered_heat_gj_per_hour[heat]
    if np.isfinite(metered).any() and not np.isfinite(metered).all():
        raise ValueError("heat is metered of every unit that declares it, or of none: the message knows no other way")
    site = _declared(table.site_rated_mw, table.site_project)
    plant = _declared(table.virtual_rated_mw, table.virtual_aggregate)
    return declarations_pb2.Declarations(
        unit=[case.units.id[i] for i in rated],
        unit_rated_mw=table.unit_rated_mw[rated].tolist(),
        heat_unit=[case.units.id[i] for i in heat],
        heat_gj_per_hour=table.unit_heat_gj_per_hour[heat].tolist(),
        metered_heat_gj_per_hour=metered.tolist() if np.isfinite(metered).all() else [],
        site=[case.renewables.id[r] for r in site],
        site_rated_mw=np.nan_to_num(table.site_rated_mw[site]).tolist(),
        site_project=[table.site_project[r] for r in site],
        virtual_plant=[case.virtual_plants.id[v] for v in plant],
        virtual_rated_mw=np.nan_to_num(table.virtual_rated_mw[plant]).tolist(),
        virtual_aggregate=[table.virtual_aggregate[v] for v in plant],
    )


def _declared(rated: Floats, names: Ids) -> Ints:
    return np.flatnonzero(np.isfinite(rated) | np.array([name != "" for name in names], dtype=np.bool_))


def _rows(table: Table, name: str, index: Index) -> Ints:
    """Rows of the case; DUPLICATE_ID, UNKNOWN_ID."""
    table.ids(name)
    return table.references(name, index)


def _positive(table: Table, name: str, values: Floats, low: float = 0.0) -> Floats:
    """Finite numbers of at least `low`. Finding OUT_OF_RANGE."""
    within(table.problems, f"{table.path}.{name}", values, low, MOST)
    return values


def _optional(table: Table, name: str) -> Floats:
    """A column that may be absent: NaN then."""
    if not len(getattr(table.message, name)):
        return np.full(table.rows, np.nan)
    return _positive(table, name, table.floats(name))


def _stated(table: Table, name: str) -> Floats:
    """A column whose 0 means that nothing is declared."""
    values = _optional(table, name)
    return np.where(values == 0.0, np.nan, values)


def _words(table: Table, name: str) -> Ids:
    return table.texts(name) if len(getattr(table.message, name)) else ("",) * table.rows


def _spread(rows: Ints, values: Floats, count: int) -> Floats:
    found = np.full(count, np.nan)
    known = rows >= 0
    found[rows[known]] = values[known]
    return found


def _names(rows: Ints, values: Ids, count: int) -> Ids:
    found = [""] * count
    for row, value in zip(rows.tolist(), values, strict=True):
        if row >= 0:
            found[row] = value
    return tuple(found)
