"""Tables of a case, with what `columns.py` and its neighbours say of their columns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from clearing.case import columns
from clearing.case import network_columns as of_network
from clearing.case import reserve_columns as of_reserves
from clearing.case.arrays import Ids
from clearing.case.case import Case
from clearing.case.column_kinds import Column
from clearing.case.linear_limits import TERMS
from clearing.case.reserve_kinds import NO_KINDS
from clearing.case.reserve_offers import NO_RESERVE_OFFERS


@dataclass(frozen=True, slots=True)
class Table:
    """A dataclass of arrays at a path; subjects: dimension letter → subject of every row of that dimension.

    may_be_empty: without a row its arrays may have any shape.
    """

    path: str
    data: object
    columns: tuple[Column, ...]
    subjects: Mapping[str, Ids]
    ids: tuple[str, ...] = ("id",)
    may_be_empty: bool = False


def sizes(case: Case) -> dict[str, int]:
    """Rows of every dimension by its letter."""
    network = case.network
    return {
        "T": case.horizon.periods,
        "K": len(network.bus_id),
        "Z": len(network.zone_id),
        "L": len(network.branch_id),
        "S": len(network.interface_id),
        "N": len(case.units.id),
        "R": len(case.renewables.id),
        "G": len(case.storage.id),
        "U": len(case.pumped_hydro.id),
        "O": len(case.pumped_hydro.reservoir_id),
        "J": len(case.unit_groups.id),
        "B": len(case.demand_bids.id),
        "V": len(case.virtual_plants.id),
        "Q": len(case.reserves.product_id),
        "C": len(case.linear_limits.id),
        "A": len(case.contingencies.id),
        "owner": len(case.participants.owner_id),
        "plant": len(case.participants.plant_id),
    }


def tables(case: Case) -> list[Table]:
    """Every table of a case, its columns and what its rows are of."""
    network, units, renewables, reserves = case.network, case.units, case.renewables, case.reserves
    buses, periods = {"K": network.bus_id}, {"T": ("",) * case.horizon.periods}
    rows = {
        **buses,
        "Z": network.zone_id,
        "L": network.branch_id,
        "S": network.interface_id,
        "M": _of(network.term_interface, network.interface_id),
    }
    unit_rows = {"N": units.id, "F": _of(units.fixed_unit, units.id)}
    offered, starts = _of(units.offers.resource, units.id), _of(units.start_costs.unit, units.id)
    forecast = _of(renewables.offers.resource, renewables.id)
    found = [
        Table("case.participants", case.participants, (), {}, ("owner_id", "plant_id")),
        Table("case.network", network, of_network.NETWORK, rows, ("bus_id", "zone_id", "branch_id", "interface_id")),
        Table("case.units", units, columns.UNITS, unit_rows),
        Table("case.units.offers", units.offers, columns.offers("N"), {"M": offered}, ()),
        Table("case.units.start_costs", units.start_costs, columns.START_COSTS, {"M": starts}, ()),
        Table("case.renewables", renewables, columns.RENEWABLES, {"R": renewables.id}),
        Table("case.renewables.offers", renewables.offers, columns.offers("R"), {"M": forecast}, ()),
        Table("case.storage", case.storage, columns.STORAGE, {"G": case.storage.id}),
        _pumped_table(case),
        Table("case.ties", case.ties, columns.TIES, {"X": case.ties.id}),
        Table("case.loads", case.loads, columns.LOADS, {"D": case.loads.id}),
        Table("case.reserves", reserves, of_reserves.RESERVES, {"Q": reserves.product_id, **periods}, ("product_id",)),
    ]
    found += _window_tables(case) + _limit_tables(case) + _bid_tables(case)
    own = case.flow_penalties
    penalised = {"n": _of(own.branch, network.branch_id), "m": _of(own.interface, network.interface_id)}
    found.append(Table("case.flow_penalties", own, of_network.FLOW_PENALTIES, penalised, ()))
    found.append(
        Table("case.hvdc_lines", case.hvdc_lines, of_network.HVDC, {"H": case.hvdc_lines.id}, may_be_empty=True)
    )
    limited, plants = case.start_limits, case.plant_limits
    plant_rows = _of(plants.plant, case.participants.plant_id)
    found += [
        Table("case.start_limits", limited, columns.START_LIMITS, {"M": _of(limited.unit, units.id)}, ()),
        Table("case.plant_limits", plants, columns.PLANT_LIMITS, {"M": plant_rows}, ()),
        Table("case.start_leads", case.start_leads, columns.START_LEADS, {"M": _lead_rows(case, starts)}, ()),
    ]
    for name in ("startup_curves", "shutdown_curves"):
        curves = getattr(case, name)
        found.append(Table(f"case.{name}", curves, columns.OUTPUT_CURVES, {"M": _of(curves.unit, units.id)}, (), True))
    held = case.price_ineligible
    found.append(Table("case.price_ineligible", held, columns.INELIGIBLE, {"M": _of(held.unit, units.id)}, (), True))
    found += _reserve_tables(case)
    if case.commitment is not None:
        found.append(Table("case.commitment", case.commitment, columns.COMMITMENT, {"N": units.id}, ()))
    return found


def _window_tables(case: Case) -> list[Table]:
    """Windows of branches."""
    network = case.network
    outages, limits, path = network.branch_outages, network.branch_limit_windows, "case.network"
    out, limited = _of(outages.branch, network.branch_id), _of(limits.branch, network.branch_id)
    return [
        Table(f"{path}.branch_outages", outages, of_network.BRANCH_OUTAGES, {"W": out}, (), True),
        Table(f"{path}.branch_limit_windows", limits, of_network.BRANCH_LIMITS, {"W": limited}, (), True),
    ]


def _pumped_table(case: Case) -> Table:
    pumped = case.pumped_hydro
    rows = {"U": pumped.id, "O": pumped.reservoir_id}
    return Table("case.pumped_hydro", pumped, columns.PUMPED_HYDRO, rows, ("id", "reservoir_id"), may_be_empty=True)


def _limit_tables(case: Case) -> list[Table]:
    """Tables of limits that join units or periods."""
    groups, windows, cycles = case.unit_groups, case.energy_windows, case.storage_cycles
    members, limited = _of(groups.member_unit, case.units.id), _of(windows.unit, case.units.id)
    stores = _of(cycles.storage, case.storage.id)
    return [
        Table("case.unit_groups", groups, columns.UNIT_GROUPS, {"J": groups.id, "M": members}, may_be_empty=True),
        Table("case.energy_windows", windows, columns.ENERGY_WINDOWS, {"W": limited}, (), True),
        Table("case.storage_cycles", cycles, columns.STORAGE_CYCLES, {"C": stores}, (), True),
        _linear_table(case),
        _contingency_table(case),
    ]


def _linear_table(case: Case) -> Table:
    limits = case.linear_limits
    rows = {term: _of(getattr(limits, f"{term}_limit"), limits.id) for term in TERMS}
    return Table("case.linear_limits", limits, of_network.LINEAR_LIMITS, {"C": limits.id, **rows}, may_be_empty=True)


def _contingency_table(case: Case) -> Table:
    table, network = case.contingencies, case.network
    rows = {
        "A": table.id,
        "o": _of(table.outage_contingency, table.id),
        "l": _of(table.monitored_branch, network.branch_id),
        "s": _of(table.monitored_interface, network.interface_id),
        "x": _of(table.exempt_contingency, table.id),
    }
    return Table("case.contingencies", table, of_network.CONTINGENCIES, rows, may_be_empty=True)


def _bid_tables(case: Case) -> list[Table]:
    """Tables of load that bids and of virtual plants."""
    bids, plants = case.demand_bids, case.virtual_plants
    bid, offered = _of(bids.bids.resource, bids.id), _of(plants.offers.resource, plants.id)
    factors = _of(plants.factor_plant, plants.id)
    of_plants = {"V": plants.id, "M": factors}
    return [
        Table("case.demand_bids", bids, columns.DEMAND_BIDS, {"B": bids.id}, may_be_empty=True),
        Table("case.demand_bids.bids", bids.bids, columns.offers("B"), {"M": bid}, (), True),
        Table("case.virtual_plants", plants, columns.VIRTUAL_PLANTS, of_plants, may_be_empty=True),
        Table("case.virtual_plants.offers", plants.offers, columns.offers("V"), {"M": offered}, (), True),
        Table("case.entry", case.entry, columns.ENTRY, {"e": case.entry.resource}, (), True),
    ]


def _reserve_tables(case: Case) -> list[Table]:
    sharing, products = case.reserve_sharing, case.reserves.product_id
    pairs = {"P": _of(sharing.shared_from, products)}
    steps = {"B": _of(case.reserve_demand.step_product, products)}
    offers = case.reserve_offers
    blocks = {"M": _of(offers.product, products)}
    banded = _of(case.regulation_bands.unit, case.units.id)
    block_columns = () if offers is NO_RESERVE_OFFERS else of_reserves.RESERVE_OFFERS
    return [
        Table("case.reserve_sharing", sharing, of_reserves.RESERVE_SHARING, pairs, ()),
        Table("case.reserve_demand", case.reserve_demand, of_reserves.RESERVE_DEMAND, steps, ()),
        Table("case.reserve_offers", offers, block_columns, blocks, ()),
        Table("case.reserve_kinds", case.reserve_kinds, *_kind_columns(case), ()),
        Table("case.award_terms", case.award_terms, of_reserves.AWARD_TERMS, _term_rows(case), ()),
        Table("case.regulation_bands", case.regulation_bands, of_reserves.REGULATION_BANDS, {"b": banded}, (), True),
    ]


def _term_rows(case: Case) -> Mapping[str, Ids]:
    terms, products = case.award_terms, case.reserves.product_id
    return {
        "n": _of(terms.product, products),
        "m": _of(terms.offline_product, products),
        "c": _of(terms.carry_from, products),
    }


def _kind_columns(case: Case) -> tuple[tuple[Column, ...], Mapping[str, Ids]]:
    """Columns of the kinds of products, and the subjects of their rows."""
    table, products = case.reserve_kinds, case.reserves.product_id
    if table is NO_KINDS:
        return (), {}
    subjects = {
        "n": _of(table.product, products),
        "m": _of(table.speed_unit, case.units.id),
        "g": _of(table.storage_product, products),
    }
    return (
        *of_reserves.PRODUCT_KINDS,
        *of_reserves.REGULATION_SPEEDS,
        *of_reserves.STORAGE_AWARDS,
    ), subjects


def _of(index: Any, ids: Ids) -> Ids:
    """Subject of every row of a sparse table: the id its index column names, '' where it names none."""
    if not isinstance(index, np.ndarray) or index.ndim != 1 or index.dtype.kind not in "iu":
        return ()
    return tuple(ids[i] if 0 <= i < len(ids) else "" for i in index.tolist())


def _lead_rows(case: Case, starts: Ids) -> Ids:
    """Subjects of the start leads: one a row of the start costs, or none at all."""
    minutes = case.start_leads.minutes
    return () if isinstance(minutes, np.ndarray) and minutes.size == 0 else starts
