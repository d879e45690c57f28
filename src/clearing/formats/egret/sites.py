"""Renewable generators and loads."""

from __future__ import annotations

import numpy as np

from clearing.case.arrays import Floats, Ids
from clearing.case.offers import Offers
from clearing.case.resources import Loads, Renewables
from clearing.formats.egret.fields import Source, one_of, only, stated
from clearing.formats.egret.thermal import fuel
from clearing.formats.json_fields import JsonObject

SITE = ("generator_type", "bus", "fuel", "in_service", "p_min", "p_max", "p_cost")
LOAD = ("bus", "in_service", "p_load")
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
    for r, t in np.argwhere(least > most):
        name, row = rows[r]
        row.problems.add(
            "MINIMUM_ABOVE_FORECAST",
            f"{row.path}.p_min",
            f"The minimum output is above the maximum in period {t + 1}.",
            subject=name,
            value=least[r, t],
            limit=f"{most[r, t]:g}",
        )
    none = np.full(len(rows), -1, dtype=np.int64)
    price = [source.series(r, "p_cost") if stated(r, "p_cost") else np.zeros(source.periods) for _, r in rows]
    return Renewables(
        id=tuple(name for name, _ in rows),
        plant=none,
        owner=none.copy(),
        bus=_bus(rows, bus_id),
        fuel=np.array([fuel(r) for _, r in rows], dtype=np.int64),
        min_mw=least,
        forecast_mw=most,
        offers=Offers(
            resource=np.arange(len(rows), dtype=np.int64),
            width_mw=most.copy(),
            price_per_mwh=np.array(price).reshape(-1, source.periods),
        ),
    )


def loads(source: Source, bus_id: Ids) -> Loads:
    """Loads in service; one with a price of its own (`p_price`) is refused."""
    rows = source.in_service("load")
    for _, row in rows:
        only(row, LOAD, LABELS)
    return Loads(id=tuple(name for name, _ in rows), bus=_bus(rows, bus_id), mw=_table(source, rows, "p_load", -1e12))


def _bus(rows: list[tuple[str, JsonObject]], bus_id: Ids) -> np.ndarray:
    names = [one_of(row, "bus", bus_id, "bus") for _, row in rows]
    return np.array([bus_id.index(name) if name in bus_id else 0 for name in names], dtype=np.int64)


def _table(source: Source, rows: list[tuple[str, JsonObject]], key: str, least: float) -> Floats:
    return np.array([source.series(row, key, least) for _, row in rows]).reshape(-1, source.periods)
