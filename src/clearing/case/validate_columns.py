"""Shapes, kinds, ranges, indices and ids of every table, as `columns` states them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from clearing.case.case import Case
from clearing.case.column_kinds import Bit, Choice, Column, Index, Truth
from clearing.case.column_tables import Table, sizes, tables
from clearing.case.finding import Finding, Severity
from clearing.case.predicates import Field, Range, flag, good_ids, in_choices, in_range, in_table, repeated, zero_or_one


@dataclass(slots=True)
class ColumnReport:
    """findings, and the paths of the tables whose shapes and indices can be relied upon."""

    findings: list[Finding] = field(default_factory=list)
    sound: set[str] = field(default_factory=set)


def check(case: Case) -> ColumnReport:
    """Check every column of every table."""
    report = ColumnReport()
    rows_of = sizes(case)
    for table in tables(case):
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
            misfit = _misfit(place.path, values, column, len(place.subjects), rows_of)
            wrong = [misfit] if misfit else _content(place, values, column, rows_of)
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


def _has_rows(table: Table) -> bool:
    arrays = (getattr(table.data, column.name) for column in table.columns)
    return any(getattr(table.data, name) for name in table.ids) or any(np.size(values) for values in arrays)


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
