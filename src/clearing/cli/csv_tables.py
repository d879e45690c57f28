"""CSV tables of a result: series one row a resource with a column a period, events one row each."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TypeAlias

import numpy as np

from clearing.case.arrays import Floats, Ids
from clearing.case.awarded import counted_mw
from clearing.case.case import Case
from clearing.case.prices import SettlementPrices
from clearing.case.result import ClearingResult
from clearing.case.schedule import Flows, Schedule
from clearing.case.units import Fuel
from clearing.case.violation_units import unit_of
from clearing.report.starts import starts
from clearing.report.topology import bus_load_mw

Cell: TypeAlias = "str | int | float"
Row: TypeAlias = "Sequence[Cell]"


def write_tables(folder: Path, case: Case, result: ClearingResult) -> list[Path]:
    """Write every table the result has content for; returns the files. UTF-8 with a byte order mark (spreadsheets)."""
    labels = case.horizon.labels()
    written = [
        _write(folder / "bindings.csv", BINDING_HEAD, _bindings(result, labels)),
        _write(folder / "violations.csv", VIOLATION_HEAD, _violations(result, labels)),
    ]
    if result.schedule is not None:
        written += _schedule_tables(folder, case, result.schedule)
    if result.flows is not None:
        written.append(_write(folder / "flows.csv", ("kind", "id", *labels), _flows(case, result.flows)))
    if result.prices is not None:
        written.append(_write(folder / "prices.csv", PRICE_HEAD, _prices(case, result)))
        system = [("system", f"island {i + 1}", *row.tolist()) for i, row in enumerate(result.prices.system_price)]
        zones = _series("zone", case.network.zone_id, result.prices.zone_price)
        products = _series("reserve", case.reserves.product_id, result.prices.reserve_price)
        head = ("kind", "id", *labels)
        written.append(_write(folder / "price_series.csv", head, [*system, *zones, *products]))
    if result.settlement is not None:
        written.append(_write(folder / "settlement_prices.csv", SETTLEMENT_HEAD, _settlement(case, result.settlement)))
    if result.uplift is not None:
        columns = (case.units.id, result.uplift.cost, result.uplift.revenue, result.uplift.make_whole)
        head = ("unit", "cost", "revenue", "make_whole")
        written.append(_write(folder / "make_whole.csv", head, _columns(*columns)))
    return written


BINDING_HEAD = ("family", "subject", "period", "label", "side", "limit_mw", "shadow_price")
VIOLATION_HEAD = ("family", "subject", "period", "label", "amount_mw", "unit", "penalty")
SETTLEMENT_HEAD = (
    "hour", "bus", "price_per_mwh", "energy_per_mwh", "congestion_per_mwh", "loss_per_mwh", "cap_adjustment_per_mwh",
    "user_price_per_mwh",
)  # fmt: skip
PRICE_HEAD = (
    "label",
    "bus",
    "zone",
    "load_mw",
    "price_per_mwh",
    "energy_per_mwh",
    "congestion_per_mwh",
    "loss_per_mwh",
    "cap_adjustment_per_mwh",
)


def _schedule_tables(folder: Path, case: Case, schedule: Schedule) -> list[Path]:
    labels = case.horizon.labels()
    on = [
        (unit, int(before), *row.tolist())
        for unit, before, row in zip(case.units.id, case.units.initial_on, schedule.on, strict=True)
    ]
    begun = [
        (labels[s.period], case.units.id[s.unit], s.state.name.lower(), s.minutes_off, s.cost)
        for s in starts(case, schedule)
    ]
    start_head = ("label", "unit", "state", "minutes_off", "cost")
    reserve_head = ("product", "row", "unit", *labels)
    dispatch_head = ("kind", "id", "bus", "fuel", *labels)
    return [
        _write(folder / "dispatch.csv", dispatch_head, _dispatch(case, schedule)),
        _write(folder / "commitment.csv", ("unit", "before", *labels), on),
        _write(folder / "reserves.csv", reserve_head, _reserves(case, schedule)),
        _write(folder / "starts.csv", start_head, begun),
    ]


def _curves(case: Case, schedule: Schedule) -> Iterator[Row]:
    """Output on start-up and shut-down curves, of the units that have any."""
    for i in np.flatnonzero(schedule.curve_mw.any(axis=1)).tolist():
        at = case.network.bus_id[case.units.bus[i]]
        yield ("unit_curve", case.units.id[i], at, "", *schedule.curve_mw[i].tolist())


def _dispatch(case: Case, schedule: Schedule) -> Iterator[Row]:
    bus = case.network.bus_id
    for kind, table, mw in (
        ("unit", case.units, schedule.dispatch_mw),
        ("renewable", case.renewables, schedule.renewable_mw),
    ):
        for name, at, fuel, row in zip(table.id, table.bus.tolist(), table.fuel.tolist(), mw, strict=True):
            yield (kind, name, bus[at], Fuel(fuel).name.lower(), *row.tolist())
    yield from _curves(case, schedule)
    storage, pumped = case.storage, case.pumped_hydro
    for kind, ids, places, series in (
        ("storage_charge_mw", storage.id, storage.bus, schedule.charge_mw),
        ("storage_discharge_mw", storage.id, storage.bus, schedule.discharge_mw),
        ("storage_energy_mwh", storage.id, storage.bus, schedule.energy_mwh),
        ("pumped_hydro_mode", pumped.id, pumped.bus, schedule.pumped_mode.astype(np.float64)),
        ("pumped_hydro_pump_mw", pumped.id, pumped.bus, schedule.pump_mw),
        ("pumped_hydro_generate_mw", pumped.id, pumped.bus, schedule.generate_mw),
    ):
        for name, at, row in zip(ids, places.tolist(), series, strict=True):
            yield (kind, name, bus[at], "", *row.tolist())
    for name, row in zip(pumped.reservoir_id, schedule.reservoir_mwh, strict=True):
        yield ("reservoir_mwh", name, "", "", *row.tolist())
    for name, at, row in zip(case.demand_bids.id, case.demand_bids.bus.tolist(), schedule.demand_mw, strict=True):
        yield ("demand_bid", name, bus[at], "", *row.tolist())
    for name, row in zip(case.virtual_plants.id, schedule.virtual_mw, strict=True):
        yield ("virtual_plant", name, "", "", *row.tolist())
    for name, at, row in zip(case.ties.id, case.ties.bus.tolist(), case.ties.import_mw, strict=True):
        yield ("tie_import", name, bus[at], "", *row.tolist())
    lines = case.hvdc_lines
    for name, at, row in zip(lines.id, lines.from_bus.tolist(), schedule.hvdc_mw, strict=True):
        yield ("hvdc_flow", name, bus[at], "", *row.tolist())
    for k in np.flatnonzero(np.any(schedule.shed_mw > 0, axis=1)).tolist():
        yield ("shed", "", bus[k], "", *schedule.shed_mw[k].tolist())
    for i, row in enumerate(schedule.surplus_mw):
        if np.any(row > 0):
            yield ("surplus", f"island {i + 1}", "", "", *row.tolist())


def _reserves(case: Case, schedule: Schedule) -> Iterator[Row]:
    reserves = case.reserves
    awarded = counted_mw(case, schedule)
    for q, product in enumerate(reserves.product_id):
        yield (product, "requirement", "", *reserves.requirement_mw[q].tolist())
        yield (product, "awarded", "", *awarded[q].tolist())
        for i in np.flatnonzero(np.any(schedule.reserve_mw[q] > 0, axis=1)).tolist():
            yield (product, "award", case.units.id[i], *schedule.reserve_mw[q, i].tolist())
        for g in np.flatnonzero(np.any(schedule.storage_reserve_mw[q] > 0, axis=1)).tolist():
            yield (product, "award", case.storage.id[g], *schedule.storage_reserve_mw[q, g].tolist())


def _flows(case: Case, flows: Flows) -> list[Row]:
    branches = _series("branch", case.network.branch_id, flows.branch_mw)
    return [*branches, *_series("interface", case.network.interface_id, flows.interface_mw)]


def _prices(case: Case, result: ClearingResult) -> Iterator[Row]:
    prices, network = result.prices, case.network
    if prices is None:
        return
    load = bus_load_mw(case)
    zone = [network.zone_id[z] if z >= 0 else "" for z in network.bus_zone.tolist()]
    parts = (
        load,
        prices.bus_price,
        prices.bus_energy,
        prices.bus_congestion,
        prices.bus_loss,
        prices.bus_cap_adjustment,
    )
    for t, label in enumerate(case.horizon.labels()):
        yield from zip([label] * len(zone), network.bus_id, zone, *(part[:, t].tolist() for part in parts), strict=True)


def _bindings(result: ClearingResult, labels: Ids) -> Iterator[Row]:
    for b in result.bindings:
        yield (b.family, b.subject, b.period, _label(labels, b.period), b.side, b.limit_mw, b.shadow_price)


def _violations(result: ClearingResult, labels: Ids) -> Iterator[Row]:
    for v in result.violations:
        yield (v.family, v.subject, v.period, _label(labels, v.period), v.amount_mw, unit_of(v.family), v.penalty)


def _label(labels: Ids, period: int) -> str:
    return labels[period] if 0 <= period < len(labels) else ""


def _series(kind: str, ids: Ids, values: Floats) -> list[Row]:
    return [(kind, name, *row.tolist()) for name, row in zip(ids, values, strict=True)]


def _columns(ids: Ids, *columns: Floats) -> Iterator[Row]:
    yield from zip(ids, *(column.tolist() for column in columns), strict=True)


def _write(path: Path, head: Sequence[str], rows: Iterable[Row]) -> Path:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(head)
        # + 0.0 turns −0 into 0
        writer.writerows([cell + 0.0 if isinstance(cell, float) else cell for cell in row] for row in rows)
    return path


def _settlement(case: Case, table: SettlementPrices) -> Iterator[Row]:
    """One row a bus and hour."""
    parts = (table.bus_price, table.bus_energy, table.bus_congestion, table.bus_loss, table.bus_cap_adjustment)
    for h, label in enumerate(table.hour_label):
        for k, bus in enumerate(case.network.bus_id):
            yield (label, bus, *(float(part[k, h]) for part in parts), float(table.user_hour_price[h]))
