"""Renewable generators and loads."""

from __future__ import annotations

from typing import cast

import numpy as np

from clearing.case.arrays import Floats, Ids
from clearing.case.demand_bids import NO_BIDS, DemandBids
from clearing.case.offers import Offers
from clearing.case.resources import Loads, Renewables
from clearing.formats.egret.fields import Source, one_of, only, stated
from clearing.formats.egret.thermal import fuel
from clearing.formats.json_fields import JsonObject
from clearing.formats.shared import least_within_most, sites

SITE = ("generator_type", "bus", "fuel", "in_service", "p_min", "p_max", "p_cost")
LOAD = ("bus", "in_service", "p_load", "p_price")
LABELS = (
    "zone",
    "area",
    "failure_rate",
    "unit_type",
    "name",
    "id",
    "mbase",
    "pg",
    "qg",
    "vg",
    "owner",
    "q_load",
    "q_min",
    "q_max",
)


def renewables(source: Source, rows: list[tuple[str, JsonObject]], bus_id: Ids) -> Renewables:
    """Sites that may be curtailed to p_min; p_cost is money an MWh."""
    for _, row in rows:
        only(row, SITE, LABELS)
    least, most = (_table(source, rows, key, 0.0) for key in ("p_min", "p_max"))
    least_within_most(rows, least, most, lambda _: "p_min")
    price = [source.series(r, "p_cost") if stated(r, "p_cost") else np.zeros(source.periods) for _, r in rows]
    fuels = np.array([fuel(r) for _, r in rows], dtype=np.int64)
    names = tuple(name for name, _ in rows)
    return sites(names, _bus(rows, bus_id), fuels, least, most, np.array(price).reshape(-1, source.periods))


def loads(source: Source, bus_id: Ids) -> tuple[Loads, DemandBids]:
    """Loads in service: firm ones, spread over buses where `bus` says so; those with `p_price` are bids."""
    firm: list[tuple[str, int, Floats]] = []
    priced: list[tuple[str, JsonObject]] = []
    for name, row in source.in_service("load"):
        only(row, LOAD, LABELS)
        if stated(row, "p_price"):
            priced.append((name, row))
            continue
        mw = source.series(row, "p_load", -1e12)
        shares = _shares(row, bus_id)
        firm += [(name if len(shares) == 1 else f"{name}@{bus_id[k]}", k, share * mw) for k, share in shares]
    none = np.zeros((0, source.periods))
    table = Loads(
        id=tuple(row[0] for row in firm),
        bus=np.array([row[1] for row in firm], dtype=np.int64),
        mw=np.concatenate([none, *(row[2][None, :] for row in firm)]),
    )
    return table, _bids(source, priced, bus_id) if priced else NO_BIDS


def _shares(row: JsonObject, bus_id: Ids) -> list[tuple[int, float]]:
    """Buses of a load and the share at each."""
    place = row.fields.get("bus")
    if not isinstance(place, dict):
        name = one_of(row, "bus", bus_id, "bus")
        return [(bus_id.index(name) if name in bus_id else 0, 1.0)]
    table = place.get("values")
    if place.get("data_type") != "load_distribution_factor" or not isinstance(table, dict) or not table:
        row.problems.add("WRONG_TYPE", f"{row.path}.bus", "Distribution factors by bus are needed.", value=place)
        return [(0, 1.0)]
    own = JsonObject(cast("dict[str, object]", table), f"{row.path}.bus.values", row.problems)
    found = []
    for name in own.fields:
        if name not in bus_id:
            row.problems.add("UNKNOWN_ID", f"{own.path}.{name}", "There is no such bus.", value=name)
        else:
            found.append((bus_id.index(name), own.number(name)))
    return found


def _bids(source: Source, rows: list[tuple[str, JsonObject]], bus_id: Ids) -> DemandBids:
    most = np.array([source.series(row, "p_load", 0.0) for _, row in rows])
    return DemandBids(
        id=tuple(name for name, _ in rows),
        owner=np.full(len(rows), -1, dtype=np.int64),
        bus=_bus(rows, bus_id),
        min_mw=np.zeros(most.shape),
        max_mw=most,
        bids=Offers(
            resource=np.arange(len(rows), dtype=np.int64),
            width_mw=most.copy(),
            price_per_mwh=np.array([source.series(row, "p_price") for _, row in rows]),
        ),
    )


def _bus(rows: list[tuple[str, JsonObject]], bus_id: Ids) -> np.ndarray:
    names = [one_of(row, "bus", bus_id, "bus") for _, row in rows]
    return np.array([bus_id.index(name) if name in bus_id else 0 for name in names], dtype=np.int64)


def _table(source: Source, rows: list[tuple[str, JsonObject]], key: str, least: float) -> Floats:
    return np.array([source.series(row, key, least) for _, row in rows]).reshape(-1, source.periods)
