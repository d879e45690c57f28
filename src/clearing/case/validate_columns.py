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
from clearing.case.reserve_offers import NO_RESERVE_OFFERS
from clearing.case.predicates import Field, Range, flag, good_ids, in_choices, in_range, in_table, repeated, zero_or_one


@dataclass(frozen=True, slots=True)
class Table:
    """A dataclass of arrays at a path; subjects: dimension letter → subject of every row of that dimension."""

    path: str
    data: object
    columns: tuple[Column, ...]
    subjects: Mapping[str, Ids]
    ids: tuple[str, ...] = ("id",)


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
            sound = sound and not (misfit or (wrong and isinstance(column.content, Index)))
            report.findings += wrong
        if sound:
            report.sound.add(table.path)
    report.findings += _unique_resources(case)
    return report


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
        "Q": len(case.reserves.product_id),
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
        Table("case.ties", case.ties, columns.TIES, {"X": case.ties.id}),
        Table("case.loads", case.loads, columns.LOADS, {"D": case.loads.id}),
        Table("case.reserves", reserves, columns.RESERVES, {"Q": reserves.product_id, **periods}, ("product_id",)),
    ]
    tables += _reserve_tables(case)
    if case.commitment is not None:
        tables.append(Table("case.commitment", case.commitment, columns.COMMITMENT, {"N": units.id}, ()))
    return tables


def _reserve_tables(case: Case) -> list[Table]:
    sharing, products = case.reserve_sharing, case.reserves.product_id
    pairs = {"P": _of(sharing.shared_from, products)}
    steps = {"B": _of(case.reserve_demand.step_product, products)}
    offers = case.reserve_offers
    blocks = {"M": _of(offers.product, products)}
    block_columns = () if offers is NO_RESERVE_OFFERS else columns.RESERVE_OFFERS
    return [
        Table("case.reserve_sharing", sharing, columns.RESERVE_SHARING, pairs, ()),
        Table("case.reserve_demand", case.reserve_demand, columns.RESERVE_DEMAND, steps, ()),
        Table("case.reserve_offers", offers, block_columns, blocks, ()),
    ]


def _of(index: Any, ids: Ids) -> Ids:
    """Subject of every row of a sparse table: the id its index column names, '' where it names none."""
    if not isinstance(index, np.ndarray) or index.ndim != 1 or index.dtype.kind not in "iu":
        return ()
    return tuple(ids[i] if 0 <= i < len(ids) else "" for i in index.tolist())


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
        names = {
            "K": "buses",
            "Z": "zones",
            "L": "branches",
            "S": "interfaces",
            "N": "units",
            "R": "renewables",
            "Q": "products",
        }
        table = {**names, "T": "the horizon", "owner": "owners", "plant": "plants"}[content.table]
        return in_table(place, values, sizes[content.table], content.absent, table)
    if isinstance(content, Choice):
        return in_choices(place, values, content.numbers)
    return [] if content is Truth else zero_or_one(place, values)


def _unique_resources(case: Case) -> list[Finding]:
    """DUPLICATE_ID over units, renewables and storage: schedules and reports name them side by side."""
    seen = case.units.id
    findings = []
    for path, ids in (("case.renewables.id", case.renewables.id), ("case.storage.id", case.storage.id)):
        again = repeated((*seen, *ids))[len(seen) :] & ~repeated(ids)
        message = "a unit, renewable site or storage unit of an earlier table has this id"
        findings += flag("DUPLICATE_ID", Field(path, ids), again, message, limit="unique")
        seen = (*seen, *ids)
    return findings
