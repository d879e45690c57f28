"""A case as a folder of CSV tables that an engineer can edit; `write` and `read` are exact inverses.

The files and columns are those of `csv_layout.py`. `case.csv` and `buses.csv` must be there; a missing file of another
sheet means that the case has none of it. Rows may stand in any order, except that their order is the order of the
case; offer blocks are put in the order of their numbers. A file or column that is not known is refused, so that a
misspelt name is not read as "none".
"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

import numpy as np

from clearing.case import empty
from clearing.case.arrays import Ids
from clearing.case.case import Case, CommitmentInput, Participants
from clearing.case.horizon import Horizon
from clearing.case.network import Network
from clearing.case.output_curves import at_p_min
from clearing.case.reserves import Reserves
from clearing.case.resources import Loads, Renewables, Ties
from clearing.case.units import StartCosts, Units
from clearing.formats import (
    csv_bids,
    csv_contingencies,
    csv_entry,
    csv_limits,
    csv_network,
    csv_reserve_terms,
    csv_starts,
    csv_storage,
)
from clearing.formats import csv_layout as layout
from clearing.formats import csv_layout_reserves as of_reserves
from clearing.formats import csv_layout_resources as of_resources
from clearing.formats.csv_columns import Sheet
from clearing.formats.csv_offers import offer_values, read_offers
from clearing.formats.csv_sheets import SERIES, Reading, Values, text, write_sheet
from clearing.formats.findings import Problems, refuse
from clearing.formats.tables import read_table

REQUIRED = ("case.csv", "buses.csv")
MOST_PERIODS = 10_000


def recognises(path: Path) -> bool:
    """Whether the folder is a CSV case."""
    return all((path / name).is_file() for name in REQUIRED)


def read(path: Path) -> Case:
    """Read a folder; FormatError with file, line and column of everything that is wrong."""
    problems = Problems()
    for name in REQUIRED:
        if not (path / name).is_file():
            problems.add("FILE_NOT_FOUND", name, "The file is needed.")
    _only_known_files(path, problems)
    problems.stop()
    keys = _case_keys(path, problems)
    horizon = _horizon(keys, problems)
    problems.stop()
    reading = Reading(path, problems, {"periods": horizon.labels()})
    participants = Participants(**reading.sheet(of_resources.OWNERS), **reading.sheet(of_resources.PLANTS))
    network = csv_network.read(reading)
    units = _units(reading)
    renewables = Renewables(
        **(site := reading.sheet(of_resources.RENEWABLES)),
        offers=read_offers(reading, of_resources.RENEWABLE_OFFERS, site["id"]),
    )
    case = Case(
        name=keys.get("name", ""),
        horizon=horizon,
        participants=participants,
        network=network,
        units=units,
        renewables=renewables,
        storage=csv_storage.read(reading),
        ties=Ties(**reading.sheet(of_resources.TIES)),
        loads=Loads(**reading.sheet(of_resources.LOADS)),
        reserves=_reserves(reading, network, units),
        commitment=_commitment(reading, keys, units),
        notes=reading.sheet(layout.NOTES)["note"],
        **csv_reserve_terms.read(reading),
        **csv_limits.read(reading),
        **csv_bids.read(reading),
        pumped_hydro=csv_storage.read_pumped(reading),
        start_limits=csv_starts.start_limits(reading),
        plant_limits=csv_starts.plant_limits(reading),
        start_leads=csv_starts.start_leads(reading, units, keys.get("lead_reference_minute", "")),
    )
    case = replace(case, contingencies=csv_contingencies.read(reading, keys))
    problems.stop()
    case = csv_entry.with_entry(case, reading)
    problems.stop()
    return replace(case, units=at_p_min(case.units, case.startup_curves, case.shutdown_curves))


def write(case: Case, path: Path) -> None:
    """Write a case into a folder that is new or empty; FormatError otherwise, so that no old table stays behind."""
    if path.exists() and (not path.is_dir() or any(path.iterdir())):
        raise refuse("FOLDER_NOT_EMPTY", path.name, "A case is written into a new or empty folder.")
    path.mkdir(parents=True, exist_ok=True)
    n, u, r = case.network, case.units, case.reserves
    known: dict[str, Ids] = {
        "periods": case.horizon.labels(),
        "owners": case.participants.owner_id,
        "plants": case.participants.plant_id,
        "zones": n.zone_id,
        "buses": n.bus_id,
        "branches": n.branch_id,
        "interfaces": n.interface_id,
        "units": u.id,
        "renewables": case.renewables.id,
        "products": r.product_id,
        "storage": case.storage.id,
        "reservoirs": case.pumped_hydro.reservoir_id,
        "unit_groups": case.unit_groups.id,
        "linear_limits": case.linear_limits.id,
        "contingencies": case.contingencies.id,
        "demand_bids": case.demand_bids.id,
        "virtual_plants": case.virtual_plants.id,
    }
    product, bus = np.nonzero(r.covers_bus)
    eligible, unit = np.nonzero(r.unit_max_mw)
    tables: tuple[tuple[Sheet, Values], ...] = (
        (layout.CASE, _case_values(case)),
        (layout.NOTES, {"note": case.notes}),
        *((s, _fields(case.participants, s)) for s in (of_resources.OWNERS, of_resources.PLANTS)),
        *csv_network.tables(n),
        *((s, _fields(u, s)) for s in (of_resources.UNITS, of_resources.FIXED_OUTPUT)),
        (of_resources.UNIT_OFFERS, offer_values(u.offers)),
        (of_resources.START_COSTS, _fields(u.start_costs, of_resources.START_COSTS)),
        (of_resources.RENEWABLES, _fields(case.renewables, of_resources.RENEWABLES)),
        (of_resources.RENEWABLE_OFFERS, offer_values(case.renewables.offers)),
        *csv_storage.tables(case),
        (of_resources.TIES, _fields(case.ties, of_resources.TIES)),
        (of_resources.LOADS, _fields(case.loads, of_resources.LOADS)),
        (of_reserves.PRODUCTS, _fields(r, of_reserves.PRODUCTS)),
        (of_reserves.PRODUCT_BUSES, {"product": product, "bus": bus}),
        (of_reserves.PRODUCT_UNITS, {"product": eligible, "unit": unit, "max_mw": r.unit_max_mw[eligible, unit]}),
        *csv_reserve_terms.tables(case),
        (of_reserves.SYSTEM_RESERVES, _system_values(r)),
        (of_resources.COMMITMENT, _commitment_values(case.commitment)),
        (of_resources.COMMITMENT_FREE, {"unit": NOBODY if case.commitment is None else case.commitment.free}),
        *csv_limits.tables(case),
        *csv_bids.tables(case),
        *csv_starts.sheets(case),
        *csv_contingencies.tables(case),
        *csv_entry.tables(case),
    )
    for sheet, values in tables:
        write_sheet(path, sheet, values, known)


def _only_known_files(path: Path, problems: Problems) -> None:
    known = {f"{s.name}.csv" for s in layout.SHEETS}
    known |= {f"{s.name}.{c.name}.csv" for s in layout.SHEETS for c in s.columns if c.kind in SERIES}
    for file in sorted(path.glob("*.csv")) if path.is_dir() else ():
        if file.name not in known:
            problems.add("UNKNOWN_FILE", file.name, "No table of a case has this name.", value=file.name)


def _case_keys(path: Path, problems: Problems) -> dict[str, str]:
    table = read_table(path / "case.csv", problems)
    keys = table.ids("id")
    for row, key in enumerate(keys):
        if key not in layout.CASE_KEYS:
            limit = ", ".join(layout.CASE_KEYS)
            table.fault("UNKNOWN_WORD", row, "id", "The key is not known.", value=key, limit=limit)
    return dict(zip(keys, table.texts("value"), strict=True))


def _horizon(keys: dict[str, str], problems: Problems) -> Horizon:
    def whole(key: str, least: int, most: int, default: str = "") -> int:
        value = keys.get(key, default)
        if value.isdecimal() and len(value) < 10 and least <= int(value) <= most:
            return int(value)
        problems.add(
            "OUT_OF_RANGE", f"case.csv:{key}", "A whole number is needed.", value=value, limit=f"{least} … {most}"
        )
        return least

    minutes = whole("period_minutes", 1, 60)
    if 60 % minutes:
        problems.add("OUT_OF_RANGE", "case.csv:period_minutes", "Must divide an hour.", value=minutes)
    try:
        day = dt.date.fromisoformat(keys.get("operating_day", ""))
    except ValueError:
        day = dt.date.min
        value = keys.get("operating_day", "")
        problems.add("OUT_OF_RANGE", "case.csv:operating_day", "A day is written YYYY-MM-DD.", value=value)
    return Horizon(day, minutes, whole("periods", 1, MOST_PERIODS), whole("start_minute", 0, 1439, "0"))


def _units(reading: Reading) -> Units:
    values = reading.sheet(of_resources.UNITS)
    starts = reading.sheet(of_resources.START_COSTS)
    order = np.argsort(starts["unit"], kind="stable")
    return Units(
        **values,
        **reading.sheet(of_resources.FIXED_OUTPUT),
        offers=read_offers(reading, of_resources.UNIT_OFFERS, values["id"]),
        start_costs=StartCosts(**{field: column[order] for field, column in starts.items()}),
    )


def _reserves(reading: Reading, network: Network, units: Units) -> Reserves:
    products = reading.sheet(of_reserves.PRODUCTS)
    count = len(products["product_id"])
    buses, eligible = reading.sheet(of_reserves.PRODUCT_BUSES), reading.sheet(of_reserves.PRODUCT_UNITS)
    covers = np.zeros((count, len(network.bus_id)), dtype=np.bool_)
    most = np.zeros((count, len(units.id)))
    good = (buses["product"] >= 0) & (buses["bus"] >= 0)
    covers[buses["product"][good], buses["bus"][good]] = True
    good = (eligible["product"] >= 0) & (eligible["unit"] >= 0)
    most[eligible["product"][good], eligible["unit"][good]] = eligible["max_mw"][good]
    system = reading.sheet(of_reserves.SYSTEM_RESERVES)
    for name in set(system["id"]) - set(layout.SYSTEM_RESERVE_IDS):
        limit = ", ".join(layout.SYSTEM_RESERVE_IDS)
        reading.problems.add("UNKNOWN_WORD", f"system_reserves.csv:{name}", "Unknown reserve.", value=name, limit=limit)
    own = {name: system["mw"][k] for k, name in enumerate(system["id"]) if name in layout.SYSTEM_RESERVE_IDS}
    return Reserves(**products, covers_bus=covers, unit_max_mw=most, **own)


def _commitment(reading: Reading, keys: dict[str, str], units: Units) -> CommitmentInput | None:
    values = reading.sheet(of_resources.COMMITMENT)
    use = keys.get("commitment_use", "")
    if not use and not len(values["unit"]):
        return None
    if use not in layout.COMMITMENT_USES:
        limit = ", ".join(layout.COMMITMENT_USES)
        reading.problems.add("UNKNOWN_WORD", "case.csv:commitment_use", "Unknown use.", value=use, limit=limit)
        return None
    if sorted(values["unit"].tolist()) != list(range(len(units.id))):
        reading.problems.add("WRONG_LENGTH", "commitment.csv:unit", "Every unit needs exactly one line.")
        return None
    free = reading.sheet(of_resources.COMMITMENT_FREE)["unit"]
    return CommitmentInput(layout.COMMITMENT_USES[use], values["on"][np.argsort(values["unit"])], free)


def _fields(table: object, sheet: Sheet) -> Values:
    return {c.field: getattr(table, c.field) for c in sheet.columns}


def _system_values(reserves: Reserves) -> Values:
    stated = [(n, mw) for n in layout.SYSTEM_RESERVE_IDS if (mw := getattr(reserves, n)) is not None]
    return {"id": tuple(n for n, _ in stated), "mw": [mw for _, mw in stated]}


NOBODY = np.zeros(0, dtype=np.int64)


def _commitment_values(commitment: CommitmentInput | None) -> Values:
    if commitment is None:
        return {"unit": np.zeros(0, dtype=np.int64), "on": empty.no_units(1).on_min}
    return {"unit": np.arange(commitment.on.shape[0]), "on": commitment.on}


def _case_values(case: Case) -> Values:
    stated = {
        "name": case.name,
        "operating_day": case.horizon.operating_day.isoformat(),
        "period_minutes": text(case.horizon.period_minutes),
        "periods": text(case.horizon.periods),
        "start_minute": text(case.horizon.start_minute),
    }
    if case.commitment is not None:
        stated["commitment_use"] = case.commitment.use.name.lower()
    if case.start_leads.reference_minute is not None:
        stated["lead_reference_minute"] = text(case.start_leads.reference_minute)
    if case.contingencies.monitored_min_voltage_kv:
        stated[csv_contingencies.VOLTAGE] = text(case.contingencies.monitored_min_voltage_kv)
    return {"id": tuple(stated), "value": tuple(stated.values())}
