"""Islands, and load against what could serve it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from clearing.case.arrays import Bools, Floats, Ids, Ints
from clearing.case.case import Case
from clearing.case.finding import Finding, Severity
from clearing.case.firm_load import firm_load
from clearing.case.islands import island_heads, states
from clearing.case.predicates import CAP, TOLERANCE, Field, flag, left_out, ranges, shown
from clearing.case.virtual_plants import VirtualPlantKind
from clearing.rules.rules import Rules


@dataclass(frozen=True, slots=True)
class _Sums:
    """By island and period (I, T), MW: load less ties; most and least that the rest can put in; first_bus (I)."""

    ids: Ids
    first_bus: Ints
    load: Floats
    most: Floats
    least: Floats
    supplied: Bools  # (I, T): some unit, site, storage or tie is there


def balance(case: Case, rules: Rules) -> list[Finding]:
    """SEVERAL_ISLANDS, ISLAND_WITHOUT_GENERATION, LOAD_ABOVE_CAPACITY, MUST_TAKE_ABOVE_LOAD."""
    sums = _sums(case)
    count = len(sums.ids)
    findings = []
    if count > 1:
        shown_ids = ", ".join(sums.ids[:CAP]) + (" …" if count > CAP else "")
        findings.append(
            Finding(
                Severity.NOTE,
                "SEVERAL_ISLANDS",
                "case.network",
                f"branches in service form {count} electrical islands, each with a balance of its own",
                value=str(count),
                limit=shown_ids,
            )
        )
    alone = ~sums.supplied & (sums.load > TOLERANCE)
    by_bus = np.zeros((len(case.network.bus_id), case.horizon.periods), dtype=np.bool_)
    by_bus[sums.first_bus] = alone
    steady = not len(case.network.branch_outages.branch)
    findings += flag(
        "ISLAND_WITHOUT_GENERATION",
        Field("case.network.bus_id", case.network.bus_id),
        np.asarray(by_bus.any(axis=1)) if steady else by_bus,
        "the island of this bus has load and nothing that could serve it: all of it is shed",
        severity=Severity.WARNING,
    )
    short = (sums.load > sums.most + TOLERANCE) & sums.supplied
    excess = sums.least > np.maximum(sums.load, 0.0) + TOLERANCE
    findings += _by_range(case, sums, "LOAD_ABOVE_CAPACITY", short, sums.most, "load is above all capacity")
    message = "units that must run and renewables that cannot be curtailed are above load and charging"
    return findings + _by_range(case, sums, "MUST_TAKE_ABOVE_LOAD", excess, sums.least, message)


def _by_range(case: Case, sums: _Sums, code: str, bad: Bools, limit: Floats, message: str) -> list[Finding]:
    """One WARNING for every run of periods of an island, shown at its worst period."""
    labels = case.horizon.labels()
    findings = []
    for island in np.flatnonzero(bad.any(axis=1)).tolist():
        for first, last in ranges(bad[island]):
            away = np.abs(sums.load[island, first : last + 1] - limit[island, first : last + 1])
            worst = first + int(np.argmax(away))
            when = f"periods {first} to {last} (to {labels[last]}), worst at {labels[worst]}"
            findings.append(
                Finding(
                    Severity.WARNING,
                    code,
                    "case.loads.mw",
                    f"{message}: {when}",
                    subject=sums.ids[island] if len(sums.ids) > 1 else "",
                    period=first,
                    value=shown(sums.load[island, worst]),
                    limit=shown(limit[island, worst]),
                )
            )
    return findings[:CAP] + left_out(code, "case.loads.mw", len(findings) - CAP, Severity.WARNING)


def _sums(case: Case) -> _Sums:
    of_bus, first = _islands(case)
    count, here = len(first), np.arange(case.horizon.periods)

    def total(bus: Ints, mw: Floats) -> Floats:
        sums = np.zeros((count, case.horizon.periods))
        np.add.at(sums, (of_bus[bus], here), mw)
        return sums

    units, sites, storage, ties = case.units, case.renewables, case.storage, case.ties
    supplied = np.zeros((count, case.horizon.periods), dtype=np.bool_)
    for table in (units, sites, storage, ties):
        supplied[of_bus[table.bus], here] = True
    most = total(units.bus, np.where(units.on_max == 1, units.p_max_mw, 0.0))
    most += total(sites.bus, sites.forecast_mw) + total(storage.bus, storage.discharge_max_mw)
    least = total(units.bus, np.where(units.on_min == 1, units.p_min_mw, 0.0))
    least += total(sites.bus, sites.min_mw) - total(storage.bus, storage.charge_max_mw)
    bids, plants, pumped = case.demand_bids, case.virtual_plants, case.pumped_hydro
    if pumped.id:
        supplied[of_bus[pumped.bus], here] = True
        most += total(pumped.bus, pumped.generate_max_mw)
        least -= total(pumped.bus, np.repeat(pumped.pump_mw[:, None], case.horizon.periods, axis=1))
    if bids.id:
        least -= total(bids.bus, bids.max_mw - bids.min_mw)
    spread = plants.factor * (plants.kind == VirtualPlantKind.GENERATION)[plants.factor_plant]
    if spread.any():
        supplied[of_bus[plants.factor_bus[spread > 0.0]], here] = True
        most += total(plants.factor_bus, spread[:, None] * plants.max_mw[plants.factor_plant])
        least += total(plants.factor_bus, spread[:, None] * plants.min_mw[plants.factor_plant])
    return _Sums(
        ids=tuple(case.network.bus_id[k] for k in first.tolist()),
        first_bus=first,
        load=total(*firm_load(case)) - total(ties.bus, ties.import_mw),
        most=most,
        least=least,
        supplied=supplied,
    )


def _islands(case: Case) -> tuple[Ints, Ints]:
    """Island of every bus (K, T) and first bus of every island (I), islands ordered by their first bus."""
    known = states(case.network, case.horizon.periods)
    heads = island_heads(case.network, known)
    first = np.unique(heads)
    return np.searchsorted(first, heads)[known.of_period].T, first
