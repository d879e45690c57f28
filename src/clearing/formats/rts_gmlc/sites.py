"""Renewable sites, the store, the HVDC link and the loads of RTS-GMLC."""

from __future__ import annotations

import numpy as np

from clearing.case.arrays import Floats, over_periods
from clearing.case.network import Network
from clearing.case.offers import Offers
from clearing.case.resources import Loads, Renewables, Storage, Ties
from clearing.case.units import Fuel
from clearing.formats.rts_gmlc.source import Folder
from clearing.formats.rts_gmlc.thermal import POINTS, curve_points
from clearing.formats.tables import Table

FUEL_OF_TYPE = {
    "WIND": Fuel.WIND,
    "PV": Fuel.SOLAR,
    "RTPV": Fuel.ROOFTOP_SOLAR,
    "HYDRO": Fuel.HYDRO,
    "ROR": Fuel.HYDRO,
    "CSP": Fuel.SOLAR_THERMAL,
}
"""Unit types that follow a series."""
LEFT_OUT = "SYNC_COND"
STORED = "STORAGE"
TOLERANCE_MW = 1e-6


def renewables(folder: Folder, grid: Network) -> Renewables:
    """Wind, PV, rooftop PV, hydro and CSP; sites whose PMin follows a series are fixed to it."""
    types = np.array(folder.generators.texts("Unit Type"))
    left_out = int(np.sum(types == LEFT_OUT))
    folder.notes.append(f"{left_out} synchronous condensers left out: they give no active power.")
    rows = folder.generators.where(np.isin(types, list(FUEL_OF_TYPE)))
    kinds = rows.texts("Unit Type")
    names = rows.ids("GEN UID")
    most, least = _bounds(folder, rows, names, kinds)
    none = np.full(rows.rows, -1, dtype=np.int64)
    folder.notes.append("Hydro, run-of-river and rooftop PV are fixed to their series (the data gives PMin = PMax).")
    return Renewables(
        id=names,
        plant=none,
        owner=none.copy(),
        bus=rows.index("Bus ID", grid.bus_id),
        fuel=np.array([FUEL_OF_TYPE[k] for k in kinds], dtype=np.int64),
        min_mw=least,
        forecast_mw=most,
        offers=Offers(
            resource=np.arange(rows.rows, dtype=np.int64),
            width_mw=most.copy(),
            price_per_mwh=over_periods(rows.numbers("VOM", blank=0.0), folder.periods),
        ),
    )


def _bounds(folder: Folder, rows: Table, names: tuple[str, ...], kinds: list[str]) -> tuple[Floats, Floats]:
    """Greatest and least output, shapes (R, T)."""
    capacity = rows.numbers("PMax MW", least=0.0)
    upper, lower = folder.pointed("PMax MW"), folder.pointed("PMin MW")
    most = np.zeros((rows.rows, folder.periods))
    least = np.zeros((rows.rows, folder.periods))
    for r, (name, kind) in enumerate(zip(names, kinds, strict=True)):
        if kind == "CSP":
            most[r] = _csp(folder, rows, r, name, capacity[r])
            continue
        if name not in upper:
            rows.fault("SERIES_NOT_FOUND", r, "GEN UID", "The site has no PMax series.", value=name)
            continue
        most[r] = folder.series(upper[name], name)
        if name in lower:
            least[r] = folder.series(lower[name], name)
        if np.any(most[r] > capacity[r] + TOLERANCE_MW) or np.any(most[r] < 0) or np.any(least[r] > most[r]):
            rows.fault("OUT_OF_RANGE", r, "PMax MW", "The series leaves 0 … PMax.", value=name)
    return most, least


def _csp(folder: Folder, rows: Table, r: int, name: str, capacity: float) -> Floats:
    """The natural inflow up to PMax; the heat store and its start cost stay out."""
    stores = folder.table("storage.csv")
    store_of = dict(zip(stores.texts("GEN UID"), stores.texts("Storage"), strict=True))
    file = folder.pointed("Natural_Inflow").get(store_of.get(name, ""))
    if file is None:
        rows.fault("SERIES_NOT_FOUND", r, "GEN UID", "The solar-thermal site has no inflow series.", value=name)
        return np.zeros(folder.periods)
    inflow = folder.series(file, name)
    rates = np.array([curve_points(rows, f"HR_incr_{k}")[r] for k in range(1, POINTS)])
    heat = rates[~np.isnan(rates)]
    folder.notes.append(f"{name} follows its natural inflow up to PMax, without heat store and start cost.")
    if np.any(np.diff(heat) < 0):
        folder.notes.append(
            f"{name}: incremental heat rates not rising; its fuel is free, so a MWh costs the same at every output and"
            " lowering the curve to its convex hull changes the cost by 0.00."
        )
    return np.minimum(inflow, capacity)


def storage(folder: Folder, grid: Network) -> Storage:
    """The pumped store: volume of its head reservoir, half of the round-trip loss each way."""
    rows = folder.generators.where(
        np.array([t == STORED for t in folder.generators.texts("Unit Type")], dtype=np.bool_)
    )
    names = rows.ids("GEN UID")
    reservoirs = folder.table("storage.csv")
    head = reservoirs.where(np.array([p == "head" for p in reservoirs.texts("position")], dtype=np.bool_))
    volume = dict(zip(head.texts("GEN UID"), head.numbers("Max Volume GWh", least=0.0) * 1000.0, strict=True))
    stored = dict(zip(head.texts("GEN UID"), head.numbers("Initial Volume GWh", least=0.0) * 1000.0, strict=True))
    for r, name in enumerate(names):
        if name not in volume:
            rows.fault("UNKNOWN_ID", r, "GEN UID", "The store has no head reservoir in storage.csv.", value=name)
    initial = np.array([stored.get(n, 0.0) for n in names])
    most = np.array([volume.get(n, 0.0) for n in names])
    one_way = np.sqrt(rows.numbers("Storage Roundtrip Efficiency", least=1.0, most=100.0) / 100.0)
    none = np.full(len(names), -1, dtype=np.int64)
    folder.notes.append("Stores end the day at least as full as they began; half of the round-trip loss each way.")
    return Storage(
        id=names,
        plant=none,
        owner=none.copy(),
        bus=rows.index("Bus ID", grid.bus_id),
        charge_max_mw=over_periods(rows.numbers("Pump Load MW", least=0.0), folder.periods),
        discharge_max_mw=over_periods(rows.numbers("PMax MW", least=0.0), folder.periods),
        charge_efficiency=one_way,
        discharge_efficiency=one_way.copy(),
        energy_min_mwh=np.zeros(len(names)),
        energy_max_mwh=most,
        initial_energy_mwh=initial,
        final_energy_min_mwh=initial.copy(),
        final_energy_max_mwh=most.copy(),
        charge_price_per_mwh=np.zeros((len(names), folder.periods)),
        discharge_price_per_mwh=np.zeros((len(names), folder.periods)),
    )


def ties(folder: Folder, grid: Network) -> Ties:
    """The HVDC link at its set-point: an export at one end, the same import at the other."""
    links = folder.table("dc_branch.csv")
    names = links.ids("UID")
    power = links.numbers("MW Load")
    ends = (links.index("From Bus", grid.bus_id), links.index("To Bus", grid.bus_id))
    for name, mw in zip(names, power, strict=True):
        folder.notes.append(f"HVDC link {name} runs at its set-point of {mw:g} MW as a pair of ties, without losses.")
    return Ties(
        id=tuple(f"{name} {end}" for end in ("from", "to") for name in names),
        bus=np.concatenate(ends),
        import_mw=over_periods(np.concatenate([-power, power]), folder.periods),
    )


def loads(folder: Folder, grid: Network) -> Loads:
    """The load of every area, shared out over its buses in proportion to their MW Load."""
    share = folder.buses.numbers("MW Load", least=0.0)
    area = folder.buses.whole("Area", least=1, most=1000)
    files = folder.pointed("MW Load")
    mw = np.zeros((share.size, folder.periods))
    for number in np.unique(area):
        own = area == number
        if str(number) not in files or share[own].sum() <= 0:
            folder.problems.add("SERIES_NOT_FOUND", f"bus.csv:Area {number}", "The area has no load series or no load.")
            continue
        mw[own] = np.outer(share[own] / share[own].sum(), folder.series(files[str(number)], str(number)))
    held = np.flatnonzero(share > 0)
    return Loads(id=tuple(f"load {grid.bus_id[k]}" for k in held), bus=held.astype(np.int64), mw=mw[held])
