"""Storage units."""

from __future__ import annotations

import numpy as np

from clearing.case import empty
from clearing.case.arrays import Floats
from clearing.case.resources import Storage
from clearing.formats.json_fields import JsonObject
from clearing.formats.unitcommitment_jl.fields import Rows, Source, only, stated

LEAST, MOST, INITIAL = "Minimum level (MWh)", "Maximum level (MWh)", "Initial level (MWh)"
LAST_LEAST, LAST_MOST = "Last period minimum level (MWh)", "Last period maximum level (MWh)"
BOTH = "Allow simultaneous charging and discharging"
CHARGE_COST, DISCHARGE_COST = "Charge cost ($/MW)", "Discharge cost ($/MW)"
CHARGE_SHARE, DISCHARGE_SHARE, LOSS = "Charge efficiency", "Discharge efficiency", "Loss factor"
CHARGE_LEAST, CHARGE_MOST = "Minimum charge rate (MW)", "Maximum charge rate (MW)"
DISCHARGE_LEAST, DISCHARGE_MOST = "Minimum discharge rate (MW)", "Maximum discharge rate (MW)"
READ = (
    *("Bus", LEAST, MOST, INITIAL, LAST_LEAST, LAST_MOST, BOTH, CHARGE_COST, DISCHARGE_COST, CHARGE_SHARE),
    *(DISCHARGE_SHARE, LOSS, CHARGE_LEAST, CHARGE_MOST, DISCHARGE_LEAST, DISCHARGE_MOST),
)


def storage(source: Source) -> tuple[Storage, list[str]]:
    """The table of storage, and a note of units that the file lets charge and discharge at once."""
    rows = source.section("Storage units")
    if not rows:
        return empty.no_storage(source.periods), []
    for _, row in rows:
        only(row, READ)
    none = np.full(len(rows), -1, dtype=np.int64)
    least, most = source.table(rows, LEAST, 0.0, least=0.0), source.table(rows, MOST, least=0.0)
    table = Storage(
        id=tuple(name for name, _ in rows),
        plant=none,
        owner=none.copy(),
        bus=source.buses(rows),
        charge_max_mw=source.table(rows, CHARGE_MOST, least=0.0),
        discharge_max_mw=source.table(rows, DISCHARGE_MOST, least=0.0),
        charge_efficiency=_share(source, rows, CHARGE_SHARE),
        discharge_efficiency=_share(source, rows, DISCHARGE_SHARE),
        energy_min_mwh=least,
        energy_max_mwh=most,
        initial_energy_mwh=_number(rows, INITIAL, np.zeros(len(rows))),
        final_energy_min_mwh=_number(rows, LAST_LEAST, least[:, -1]),
        final_energy_max_mwh=_number(rows, LAST_MOST, most[:, -1]),
        charge_price_per_mwh=-source.table(rows, CHARGE_COST) / source.hours,
        discharge_price_per_mwh=source.table(rows, DISCHARGE_COST) / source.hours,
        charge_min_mw=source.table(rows, CHARGE_LEAST, 0.0, least=0.0),
        discharge_min_mw=source.table(rows, DISCHARGE_LEAST, 0.0, least=0.0),
        self_discharge_per_hour=_loss(source, rows),
    )
    both = [name for name, row in rows if source.flags(row, BOTH, True).any()]
    return table, [
        f"Storage {name}: the file lets it charge and discharge at once; here it never does." for name in both
    ]


def _number(rows: Rows, key: str, default: Floats) -> Floats:
    return np.array(
        [
            row.number(key, 0.0) if stated(row, key) else float(value)
            for (_, row), value in zip(rows, default, strict=True)
        ]
    )


def _share(source: Source, rows: Rows, key: str) -> Floats:
    found = source.table(rows, key, 1.0)
    for (_, row), series in zip(rows, found, strict=True):
        _within(row, key, series, np.all((series > 0.0) & (series <= 1.0)), "(0, 1]")
    return found


def _loss(source: Source, rows: Rows) -> Floats:
    """Share lost in an hour: what a time step leaves, compounded over the steps of an hour."""
    found = source.table(rows, LOSS, 0.0)
    for (_, row), series in zip(rows, found, strict=True):
        _within(row, LOSS, series, np.all((series >= 0.0) & (series < 1.0)), "[0, 1)")
    step = np.clip(found, 0.0, 1.0)
    return step if source.period_minutes == 60 else 1.0 - (1.0 - step) ** (1.0 / source.hours)


def _within(row: JsonObject, key: str, series: Floats, fine: object, limit: str) -> None:
    if not fine:
        row.problems.add(
            "OUT_OF_RANGE", f"{row.path}.{key}", "The share is out of range.", value=series.tolist(), limit=limit
        )
