"""Storage and direct-current lines.

Storage: `max_…_rate`, `min_…_rate` MW; `energy_capacity` MWh; `minimum_state_of_charge`, `initial_state_of_charge` (one
half where not stated), `end_state_of_charge` (as it began) are shares of it; `charge_cost`, `discharge_cost` an MWh;
`retention_rate_60min` the share that an hour leaves. `discharge_efficienty` is how Egret spells what it reads.
"""

from __future__ import annotations

import numpy as np

from clearing.case import empty
from clearing.case.arrays import Floats, Ids, Ints
from clearing.case.hvdc_lines import NO_HVDC, HvdcLines
from clearing.case.resources import Storage
from clearing.formats.egret.contingencies import out
from clearing.formats.egret.fields import Source, one_of, only, stated
from clearing.formats.json_fields import JsonObject

Rows = list[tuple[str, JsonObject]]
RAMPS = (
    ("ramp_up_output_60min", "max_discharge_rate", "min_discharge_rate"),
    ("ramp_down_output_60min", "max_discharge_rate", "min_discharge_rate"),
    ("ramp_up_input_60min", "max_charge_rate", "min_charge_rate"),
    ("ramp_down_input_60min", "max_charge_rate", "min_charge_rate"),
)
STORE = (
    *("bus", "in_service", "min_discharge_rate", "max_discharge_rate", "min_charge_rate", "max_charge_rate"),
    *("energy_capacity", "minimum_state_of_charge", "charge_efficiency", "discharge_efficiency"),
    *("discharge_efficienty", "retention_rate_60min", "charge_cost", "discharge_cost", "initial_state_of_charge"),
    *("end_state_of_charge", *(key for key, _, _ in RAMPS)),
)
LABELS = ("zone", "area", "name", "id", "owner", "storage_type", "initial_charge_rate", "initial_discharge_rate")
"""Without effect; rates before the first period matter to ramps only, which are read where they bind nothing."""
LINE = ("from_bus", "to_bus", "rating_long_term", "in_service", "planned_outage")
LINE_LABELS = ("rating_short_term", "rating_emergency", "name", "id", "branch_type")
HALF = 0.5


def storage(source: Source, bus_id: Ids) -> tuple[Storage, list[str]]:
    """Stores in service, and a note on each that loses energy."""
    rows = source.in_service("storage")
    for _, row in rows:
        only(row, STORE, LABELS)
        _check_ramps(source, row)
    if not rows:
        return empty.no_storage(source.periods), []
    none = np.full(len(rows), -1, dtype=np.int64)
    capacity = _column(rows, "energy_capacity", 0.0)
    initial = _column(rows, "initial_state_of_charge", HALF)
    end = np.array([r.number("end_state_of_charge", 0.0) if stated(r, "end_state_of_charge") else i
                    for (_, r), i in zip(rows, initial, strict=True)])  # fmt: skip
    kept = _column(rows, "retention_rate_60min", 1.0)

    def series(key: str) -> Floats:
        return np.array([source.series(r, key, 0.0) if stated(r, key) else np.zeros(source.periods) for _, r in rows])

    def price(key: str, sign: float) -> Floats:
        return np.array([sign * source.series(r, key) if stated(r, key) else np.zeros(source.periods) for _, r in rows])

    table = Storage(
        id=tuple(name for name, _ in rows),
        plant=none,
        owner=none.copy(),
        bus=_bus(rows, "bus", bus_id),
        charge_max_mw=series("max_charge_rate"),
        discharge_max_mw=series("max_discharge_rate"),
        charge_efficiency=_column(rows, "charge_efficiency", 1.0),
        discharge_efficiency=np.array([_discharge(row) for _, row in rows]),
        energy_min_mwh=_column(rows, "minimum_state_of_charge", 0.0) * capacity,
        energy_max_mwh=capacity,
        initial_energy_mwh=initial * capacity,
        final_energy_min_mwh=end * capacity,
        final_energy_max_mwh=capacity.copy(),
        charge_price_per_mwh=price("charge_cost", -1.0),
        discharge_price_per_mwh=price("discharge_cost", 1.0),
        charge_min_mw=series("min_charge_rate"),
        discharge_min_mw=series("min_discharge_rate"),
        self_discharge_per_hour=1.0 - kept,
    )
    lossy = [name for (name, _), share in zip(rows, kept, strict=True) if share < 1.0]
    return table, [
        f"Storage {name} loses energy in the first period too; Egret lets it begin in the second." for name in lossy
    ]


def _discharge(row: JsonObject) -> float:
    for key in ("discharge_efficienty", "discharge_efficiency"):
        if stated(row, key):
            return row.number(key, 0.0)
    return 1.0


def _check_ramps(source: Source, row: JsonObject) -> None:
    """A ramp that could bind is refused."""
    for key, most, least in RAMPS:
        if not stated(row, key):
            continue
        top = row.number(most, 0.0) if stated(row, most) else 0.0
        low = row.number(least, 0.0) if stated(row, least) else 0.0
        if row.number(key, 0.0) * source.hours < top - low:
            row.problems.add(
                "FIELD_NOT_READ",
                f"{row.path}.{key}",
                "A ramp of storage that may bind has no place here.",
                value=row.fields[key],
                limit=f"≥ {(top - low) / source.hours:g}",
            )


def lines(source: Source, bus_id: Ids) -> HvdcLines:
    """Direct-current lines in service: dispatched within their rating, without losses; in a planned outage it is 0."""
    rows = source.in_service("dc_branch")
    for _, row in rows:
        only(row, LINE, LINE_LABELS)
    if not rows:
        return NO_HVDC
    rating = np.array([source.series(row, "rating_long_term", 0.0) * ~out(row, source.periods) for _, row in rows])
    return HvdcLines(
        id=tuple(name for name, _ in rows),
        from_bus=_bus(rows, "from_bus", bus_id),
        to_bus=_bus(rows, "to_bus", bus_id),
        dispatchable=np.ones(len(rows), dtype=np.bool_),
        scheduled_mw=np.zeros(rating.shape),
        min_mw=-rating,
        max_mw=rating.copy(),
        ramp_mw_per_minute=np.full(len(rows), np.inf),
        loss_rate=np.zeros(len(rows)),
    )


def _column(rows: Rows, key: str, default: float) -> Floats:
    return np.array([r.number(key, 0.0) if stated(r, key) else default for _, r in rows])


def _bus(rows: Rows, key: str, bus_id: Ids) -> Ints:
    names = [one_of(row, key, bus_id, "bus") for _, row in rows]
    return np.array([bus_id.index(name) if name in bus_id else 0 for name in names], dtype=np.int64)
