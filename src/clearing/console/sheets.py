"""The tables of a case file as sheets to look at and edit: rows, columns, series over periods.

A sheet stands on the ProtoJSON of a case, so a cell has the same path as a finding about it
(`case.units.p_min_mw[3]`, period 7) and nothing that the file holds is lost by an edit. Columns are those that the file
has; a series that holds in every period is a column until it is spread over the periods.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

Tree = dict[str, Any]

WORDS_OF_NUMBERS = {"Infinity": "Infinity", "inf": "Infinity", "-Infinity": "-Infinity", "-inf": "-Infinity"}
_PATH = re.compile(r"case\.(?P<at>[a-z_.]+?)\.(?P<field>[a-z_]+)(\[(?P<row>\d+)\])?")


@dataclass(frozen=True, slots=True)
class Sheet:
    """One table: name, titles in English and Chinese, where it stands, its key column and the prefix of its columns.

    apart         columns of the message that belong to other rows, whatever their length
    rows_change   whether rows can be copied and removed: the columns of its rows are known for certain
    """

    name: str
    title: str
    chinese: str
    at: tuple[str, ...]
    key: str = "id"
    prefix: str = ""
    apart: tuple[str, ...] = ()
    rows_change: bool = True

    @property
    def named(self) -> bool:
        """Whether rows have names of their own, rather than name those of another table."""
        return self.key in ("id", f"{self.prefix}id")

    def node(self, tree: Tree) -> Tree:
        """The message that holds the columns; empty where the case has none."""
        found: Any = tree
        for part in self.at:
            found = found.get(part, {}) if isinstance(found, dict) else {}
        return found if isinstance(found, dict) else {}

    def keys(self, tree: Tree) -> list[Any]:
        """The key column: how many rows there are, and what they are called."""
        found = self.node(tree).get(self.key, [])
        return found if isinstance(found, list) else []


SHEETS = (
    Sheet(
        "units",
        "Units",
        "机组",
        ("units",),
        apart=("fixed_unit", "fixed_period", "fixed_mw", "price_ineligible_unit", "price_ineligible_period"),
    ),
    Sheet("unit_offers", "Offers of units", "机组报价", ("units", "offers"), "resource"),
    Sheet("start_costs", "Start costs", "启动费用", ("units", "start_costs"), "unit"),
    Sheet("renewables", "Renewable sites", "新能源场站", ("renewables",)),
    Sheet("renewable_offers", "Offers of renewable sites", "新能源报价", ("renewables", "offers"), "resource"),
    Sheet("storage", "Storage", "储能", ("storage",)),
    Sheet("pumped_hydro", "Pumped hydro", "抽水蓄能", ("pumped_hydro",), rows_change=False),
    Sheet("loads", "Loads", "负荷", ("loads",)),
    Sheet("demand_bids", "Demand bids", "用户侧申报", ("demand_bids",)),
    Sheet("demand_bid_steps", "Steps of demand bids", "用户侧报价段", ("demand_bids", "bids"), "resource"),
    Sheet(
        "virtual_plants",
        "Virtual power plants",
        "虚拟电厂",
        ("virtual_plants",),
        apart=("factor_plant", "factor_bus", "factor"),
    ),
    Sheet("virtual_plant_offers", "Offers of virtual plants", "虚拟电厂报价", ("virtual_plants", "offers"), "resource"),
    Sheet("entry", "Market entry", "入市", ("entry",), "resource"),
    Sheet("ties", "Ties", "联络线", ("ties",)),
    Sheet("hvdc_lines", "HVDC lines", "直流线路", ("hvdc_lines",)),
    Sheet("buses", "Buses", "节点", ("network",), "bus_id", "bus_"),
    Sheet("branches", "Branches", "支路", ("network",), "branch_id", "branch_"),
    Sheet("interfaces", "Interfaces", "断面", ("network",), "interface_id", "interface_"),
    Sheet("reserves", "Reserve products", "备用", ("reserves",), "product_id", rows_change=False),
    Sheet("linear_limits", "Linear limits", "线性约束", ("linear_limits",), rows_change=False),
    Sheet("unit_groups", "Groups of units", "机组群", ("unit_groups",), apart=("member_group", "member_unit")),
    Sheet("plant_limits", "Limits of plants", "电厂启停约束", ("plant_limits",), "plant"),
    Sheet("energy_windows", "Energy windows", "电量约束", ("energy_windows",), "unit"),
)
BY_NAME = {sheet.name: sheet for sheet in SHEETS}


@dataclass(frozen=True, slots=True)
class Column:
    """field of the message, what stands in its cells (number, flag, text), and whether it has a value a period."""

    field: str
    kind: str
    series: bool


@dataclass(frozen=True, slots=True)
class Edit:
    """One changed cell; period: None in a column that holds in every period, else 0-based."""

    sheet: str
    field: str
    row: int
    period: int | None
    value: str

    @property
    def path(self) -> str:
        """Field path as findings have it."""
        return ".".join(("case", *BY_NAME[self.sheet].at, self.field)) + f"[{self.row}]"


def periods(tree: Tree) -> int:
    """T of the case; 1 where it has no sound horizon."""
    found = tree.get("horizon", {}).get("periods", 1)
    return found if isinstance(found, int) and found > 0 else 1


def present(tree: Tree) -> list[Sheet]:
    """Sheets that have rows in this case."""
    return [sheet for sheet in SHEETS if sheet.keys(tree)]


def columns(sheet: Sheet, tree: Tree) -> list[Column]:
    """Columns with a value a row, or a value a row and period; the key column is the first."""
    node, count, length = sheet.node(tree), len(sheet.keys(tree)), periods(tree)
    found = []
    for field, values in node.items():
        if not field.startswith(sheet.prefix) or field in sheet.apart or not isinstance(values, list) or not values:
            continue
        if len(values) in (count, count * length) and not isinstance(values[0], dict):
            found.append(Column(field, _kind(values), len(values) != count))
    return sorted(found, key=lambda column: column.field != sheet.key)


def page(sheet: Sheet, tree: Tree, find: str, offset: int, limit: int, series: str = "") -> dict[str, Any]:
    """Rows whose key or texts hold `find`, from `offset` on; series: name of a column to show over the periods."""
    every = columns(sheet, tree)
    node, length = sheet.node(tree), periods(tree)
    shown = [c for c in every if not c.series] if not series else [c for c in every if c.field == sheet.key]
    wanted = find.casefold()
    texts = [node[c.field] for c in every if c.kind == "text" and not c.series]
    hits = [
        i for i in range(len(sheet.keys(tree)))
        if not wanted or any(wanted in str(column[i]).casefold() for column in texts)
    ]  # fmt: skip
    rows = []
    for i in hits[offset : offset + limit]:
        cells = [node[c.field][i] for c in shown]
        if series:
            cells += _over_periods(node[series], i, len(sheet.keys(tree)), length)
        rows.append({"row": i, "cells": cells})
    return {
        "sheet": sheet.name,
        "key": sheet.key,
        "prefix": sheet.prefix,
        "rows_change": sheet.rows_change,
        "named": sheet.named,
        "columns": [{"field": c.field, "kind": c.kind} for c in shown],
        "series": [c.field for c in every if c.series],
        "shown": series,
        "rows": rows,
        "total": len(hits),
        "offset": offset,
    }


def _over_periods(values: list[Any], row: int, count: int, length: int) -> list[Any]:
    if len(values) == count:
        return [values[row]] * length
    return values[row * length : (row + 1) * length]


def _kind(values: Sequence[Any]) -> str:
    if all(isinstance(v, bool) for v in values):
        return "flag"
    numeric = all(isinstance(v, int | float) or v in WORDS_OF_NUMBERS for v in values)
    return "number" if numeric else "text"


def apply(edit: Edit, tree: Tree) -> str:
    """Put one value into the tree; returns what is wrong with it, '' where it went in."""
    sheet = BY_NAME.get(edit.sheet)
    column = next((c for c in columns(sheet, tree) if c.field == edit.field), None) if sheet else None
    if sheet is None or column is None or not 0 <= edit.row < len(sheet.keys(tree)):
        return "There is no such cell."
    length = periods(tree)
    if column.series != (edit.period is not None) or not 0 <= (edit.period or 0) < length:
        return "There is no such period."
    value = _parsed(edit.value, column.kind)
    if value is None:
        return "A number is needed." if column.kind == "number" else "true or false is needed."
    at = edit.row if edit.period is None else edit.row * length + edit.period
    sheet.node(tree)[edit.field][at] = value
    return ""


def _parsed(text: str, kind: str) -> Any:
    """The JSON value for a text, None where it is none of its kind; NaN is no number of a case."""
    text = text.strip()
    if kind == "text":
        return text
    if kind == "flag":
        return {"true": True, "false": False, "1": True, "0": False}.get(text.lower())
    if text in WORDS_OF_NUMBERS:
        return WORDS_OF_NUMBERS[text]
    try:
        return int(text)
    except ValueError:
        pass
    try:
        number = float(text)
    except ValueError:
        return None
    return number if abs(number) < float("inf") else None


def cell_of(path: str, period: int, tree: Tree) -> dict[str, Any] | None:
    """Where a finding's path leads: sheet, field, row and period; None where no sheet shows it."""
    found = _PATH.fullmatch(path)
    if found is None:
        return None
    at, field, row = tuple(found["at"].split(".")), found["field"], int(found["row"] or -1)
    for sheet in SHEETS:
        if sheet.at == at and field.startswith(sheet.prefix):
            column = next((c for c in columns(sheet, tree) if c.field == field), None)
            if column is None or row >= len(sheet.keys(tree)):
                continue
            where = period if column.series else -1
            return {"sheet": sheet.name, "field": field, "row": row, "period": where, "series": column.series}
    return None
