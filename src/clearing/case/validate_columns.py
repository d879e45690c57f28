"""Shapes, kinds, ranges, indices and ids of every table, as `columns` states them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from clearing.case import columns
from clearing.case.arrays import Ids
from clearing.case.case import Case
from clearing.case.columns import Bit, Choice, Column, Index, Truth
from clearing.case.finding import Finding, Severity
from clearing.case.linear_limits import TERMS
from clearing.case.predicates import Field, Range, flag, good_ids, in_choices, in_range, in_table, repeated, zero_or_one
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


@dataclass(slots=True)
class ColumnReport:
    """findings, and the paths of the tables whose shapes and indices can be relied upon."""

    findings: list[Finding] = field(default_factory=list)
    sound: set[str] = field(default_factory=set)


def check(case: Case) -> ColumnReport:
    """Check every column of every table."""
    report = ColumnReport()
    sizes = _sizes(case)
    for table in _tables(case):
        if table.may_be_empty and not _has_rows(table):
            report.sound.add(table.path)
            continue
        for name in table.ids:
            report.findings += good_ids(f"{table.path}.{name}", getattr(table.data, name))
        sound = True
        for column in table.columns:
            values = getattr(table.data, column.name)
            if values is None:
                continue
            across = {"K": case.network.bus_id, "N": case.units.id}.get(column.wide)
            place = Field(f"{table.path}.{column.name}", table.subjects[column.rows], across)
            misfit = _misfit(place.path, values, column, len(place.subjects), sizes)
            wrong = [misfit] if misfit else _content(place, values, column, sizes)
            sound = sound and not (misfit or (wrong and _looked_up(column)))
            report.findings += wrong
        if sound:
            report.sound.add(table.path)
    report.findings += _unique_resources(case)
    return report


def _looked_up(column: Column) -> bool:
    """Whether checks across columns look something up by its values."""
    content = column.content
    return isinstance(content, Index) or (isinstance(content, Choice) and content.looked_up)


def _sizes(case: Case) -> dict[str, int]:
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


def _tables(case: Case) -> list[Table]:
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
    tables = [
        Table("case.participants", case.participants, (), {}, ("owner_id", "plant_id")),
        Table("case.network", network, columns.NETWORK, rows, ("bus_id", "zone_id", "branch_id", "interface_id")),
        Table("case.units", units, columns.UNITS, unit_rows),
        Table("case.units.offers", units.offers, columns.offers("N"), {"M": offered}, ()),
        Table("case.units.start_costs", units.start_costs, columns.START_COSTS, {"M": starts}, ()),
        Table("case.renewables", renewables, columns.RENEWABLES, {"R": renewables.id}),
        Table("case.renewables.offers", renewables.offers, columns.offers("R"), {"M": forecast}, ()),
        Table("case.storage", case.storage, columns.STORAGE, {"G": case.storage.id}),
        _pumped_table(case),
        Table("case.ties", case.ties, columns.TIES, {"X": case.ties.id}),
        Table("case.loads", case.loads, columns.LOADS, {"D": case.loads.id}),
        Table("case.reserves", reserves, columns.RESERVES, {"Q": reserves.product_id, **periods}, ("product_id",)),
    ]
    tables += _window_tables(case) + _limit_tables(case) + _bid_tables(case)
    own = case.flow_penalties
    penalised = {"n": _of(own.branch, network.branch_id), "m": _of(own.interface, network.interface_id)}
    tables.append(Table("case.flow_penalties", own, columns.FLOW_PENALTIES, penalised, ()))
    tables.append(Table("case.hvdc_lines", case.hvdc_lines, columns.HVDC, {"H": case.hvdc_lines.id}, may_be_empty=True))
    limited, plants = case.start_limits, case.plant_limits
    plant_rows = _of(plants.plant, case.participants.plant_id)
    tables += [
        Table("case.start_limits", limited, columns.START_LIMITS, {"M": _of(limited.unit, units.id)}, ()),
        Table("case.plant_limits", plants, columns.PLANT_LIMITS, {"M": plant_rows}, ()),
        Table("case.start_leads", case.start_leads, columns.START_LEADS, {"M": _lead_rows(case, starts)}, ()),
    ]
    for name in ("startup_curves", "shutdown_curves"):
        curves = getattr(case, name)
        tables.append(Table(f"case.{name}", curves, columns.OUTPUT_CURVES, {"M": _of(curves.unit, units.id)}, (), True))
    held = case.price_ineligible
    tables.append(Table("case.price_ineligible", held, columns.INELIGIBLE, {"M": _of(held.unit, units.id)}, (), True))
    tables += _reserve_tables(case)
    if case.commitment is not None:
        tables.append(Table("case.commitment", case.commitment, columns.COMMITMENT, {"N": units.id}, ()))
    return tables


def _window_tables(case: Case) -> list[Table]:
    """Windows of branches."""
    network = case.network
    outages, limits, path = network.branch_outages, network.branch_limit_windows, "case.network"
    out, limited = _of(outages.branch, network.branch_id), _of(limits.branch, network.branch_id)
    return [
        Table(f"{path}.branch_outages", outages, columns.BRANCH_OUTAGES, {"W": out}, (), True),
        Table(f"{path}.branch_limit_windows", limits, columns.BRANCH_LIMITS, {"W": limited}, (), True),
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
    return Table("case.linear_limits", limits, columns.LINEAR_LIMITS, {"C": limits.id, **rows}, may_be_empty=True)


def _contingency_table(case: Case) -> Table:
    table, network = case.contingencies, case.network
    rows = {
        "A": table.id,
        "o": _of(table.outage_contingency, table.id),
        "l": _of(table.monitored_branch, network.branch_id),
        "s": _of(table.monitored_interface, network.interface_id),
        "x": _of(table.exempt_contingency, table.id),
    }
    return Table("case.contingencies", table, columns.CONTINGENCIES, rows, may_be_empty=True)


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
    ]


def _has_rows(table: Table) -> bool:
    arrays = (getattr(table.data, column.name) for column in table.columns)
    return any(getattr(table.data, name) for name in table.ids) or any(np.size(values) for values in arrays)


def _reserve_tables(case: Case) -> list[Table]:
    sharing, products = case.reserve_sharing, case.reserves.product_id
    pairs = {"P": _of(sharing.shared_from, products)}
    steps = {"B": _of(case.reserve_demand.step_product, products)}
    offers = case.reserve_offers
    blocks = {"M": _of(offers.product, products)}
    banded = _of(case.regulation_bands.unit, case.units.id)
    block_columns = () if offers is NO_RESERVE_OFFERS else columns.RESERVE_OFFERS
    return [
        Table("case.reserve_sharing", sharing, columns.RESERVE_SHARING, pairs, ()),
        Table("case.reserve_demand", case.reserve_demand, columns.RESERVE_DEMAND, steps, ()),
        Table("case.reserve_offers", offers, block_columns, blocks, ()),
        Table("case.reserve_kinds", case.reserve_kinds, *_kind_columns(case), ()),
        Table("case.award_terms", case.award_terms, columns.AWARD_TERMS, _term_rows(case), ()),
        Table("case.regulation_bands", case.regulation_bands, columns.REGULATION_BANDS, {"b": banded}, (), True),
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
    return (*columns.PRODUCT_KINDS, *columns.REGULATION_SPEEDS, *columns.STORAGE_AWARDS), subjects


def _of(index: Any, ids: Ids) -> Ids:
    """Subject of every row of a sparse table: the id its index column names, '' where it names none."""
    if not isinstance(index, np.ndarray) or index.ndim != 1 or index.dtype.kind not in "iu":
        return ()
    return tuple(ids[i] if 0 <= i < len(ids) else "" for i in index.tolist())


def _lead_rows(case: Case, starts: Ids) -> Ids:
    """Subjects of the start leads: one a row of the start costs, or none at all."""
    minutes = case.start_leads.minutes
    return () if isinstance(minutes, np.ndarray) and minutes.size == 0 else starts


def _misfit(path: str, values: Any, column: Column, rows: int, sizes: Mapping[str, int]) -> Finding | None:
    """WRONG_TYPE or WRONG_LENGTH of a column, None where it fits."""
    kinds = {Range: "iu" if column.whole else "f", Index: "iu", Choice: "iu"}
    kind = kinds[type(column.content)] if not isinstance(column.content, type) else "b"
    kind = "biu" if column.content is Bit else kind
    if not isinstance(values, np.ndarray) or values.dtype.kind not in kind:
        given = str(getattr(values, "dtype", type(values).__name__))
        return Finding(Severity.ERROR, "WRONG_TYPE", path, "wrong type of numbers", value=given, limit=kind)
    shape = (rows, sizes[column.wide]) if column.wide else (rows,)
    if values.shape != shape:
        given, limit = str(values.shape), str(shape)
        return Finding(Severity.ERROR, "WRONG_LENGTH", path, "wrong shape of a column", value=given, limit=limit)
    return None


def _content(place: Field, values: Any, column: Column, sizes: Mapping[str, int]) -> list[Finding]:
    content = column.content
    if isinstance(content, Range):
        return in_range(place, values, content)
    if isinstance(content, Index):
        names = {"K": "buses", "Z": "zones", "L": "branches", "S": "interfaces", "N": "units", "R": "renewables"}
        names |= {
            "G": "storage",
            "O": "reservoirs",
            "J": "unit groups",
            "B": "demand bids",
            "V": "virtual plants",
            "Q": "products",
            "C": "linear limits",
            "A": "contingencies",
        }
        table = {**names, "T": "the horizon", "owner": "owners", "plant": "plants"}[content.table]
        return in_table(place, values, sizes[content.table], content.absent, table)
    if isinstance(content, Choice):
        return in_choices(place, values, content.numbers)
    return [] if content is Truth else zero_or_one(place, values)


def _unique_resources(case: Case) -> list[Finding]:
    """DUPLICATE_ID over units, renewables, storage, pumps, bids, virtual plants: reports name them side by side."""
    seen = case.units.id
    findings = []
    for path, ids in (
        ("case.renewables.id", case.renewables.id),
        ("case.storage.id", case.storage.id),
        ("case.pumped_hydro.id", case.pumped_hydro.id),
        ("case.demand_bids.id", case.demand_bids.id),
        ("case.virtual_plants.id", case.virtual_plants.id),
    ):
        again = repeated((*seen, *ids))[len(seen) :] & ~repeated(ids)
        message = "a resource of an earlier table has this id"
        findings += flag("DUPLICATE_ID", Field(path, ids), again, message, limit="unique")
        seen = (*seen, *ids)
    return findings
