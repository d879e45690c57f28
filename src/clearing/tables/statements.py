"""Statements of substitution trading as tables: one set a party, so that each can be handed out alone.

Replies come as plain lists and dictionaries (`wire.plain.tree`). Energy is shown in MWh and money in 元, both
with three decimals, exactly; nothing is rounded here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from clearing.tables.statement_labels import LABELS

HEAD = ("项目", "item", "单位")
THOUSAND = 1000
STANDING = "deviation_standing_".upper()
"""What the names of the enum begin with."""
SERIES = ("plan_kwh", "month_deviation_kwh", "rolled_kwh", "not_rolled_kwh")


@dataclass(frozen=True, slots=True)
class Statement:
    """One party's tables, of text. party: '' = what everybody may see."""

    party: str
    tables: tuple[tuple[str, pd.DataFrame], ...]


def statements(reply: Mapping[str, Any], months: int = 0) -> list[Statement]:
    """The public part, then captive enterprises, then owners of sites. months: T of a year, 0 for a month."""
    totals = reply.get("totals", {})
    tables = [("totals", items(totals, ("",), ("area", *AREAS)))]
    if totals.get("area"):
        tables.append(("areas", items(totals, tuple(totals["area"]), only=AREAS)))
    found = [Statement("", tuple(tables))]
    found += [Statement(own["enterprise"], _captive(own, months)) for own in reply.get("captives", ())]
    found += [Statement(own.get("owner_id", ""), _sites(own, months)) for own in reply.get("sites", ())]
    return found


AREAS = ("coefficient", "area_kwh", "area_base_kwh", "ratio")


def items(
    of: Mapping[str, Any], columns: tuple[str, ...], without: Sequence[str] = (), only: Sequence[str] = ()
) -> pd.DataFrame:
    """One row a field (a row an entry where a field holds more than the columns), one column a site, month or ''."""
    rows = []
    for field, value in of.items():
        if field in without or (only and field not in only) or field not in LABELS:
            continue
        values = value if isinstance(value, list) else [value]
        width = len(columns)
        for k in range(0, max(len(values), 1) if len(values) % width == 0 else 0, width):
            part = values[k : k + width]
            if part:
                rows.append(
                    (*_head(field, k // width if len(values) > width else -1), *(shown(field, v) for v in part))
                )
    return pd.DataFrame(rows, columns=[*HEAD, *(name or "值 value" for name in columns)])


def shown(field: str, value: Any) -> str:
    """A value as text: thousandths as decimals, exactly."""
    if field == "within":
        return "是 yes" if value else "否 no"
    if field.endswith(("_kwh", "_milli")):
        sign, whole = "-" if value < 0 else "", abs(int(value))
        return f"{sign}{whole // THOUSAND}.{whole % THOUSAND:03d}"
    return f"{value:.6f}" if isinstance(value, float) else str(value).removeprefix(STANDING)


def _head(field: str, part: int) -> tuple[str, str, str]:
    chinese, english = LABELS[field]
    number = "" if part < 0 else f" {part + 1}"
    if field == "highest_price_milli":
        unit = "元/MWh"
    else:
        unit = "MWh" if field.endswith("_kwh") else "元" if field.endswith("_milli") else ""
    return chinese + number, english + number, unit


def _captive(own: Mapping[str, Any], months: int) -> tuple[tuple[str, pd.DataFrame], ...]:
    of_windows = ("window_kwh", "window_taken_kwh")
    if months:
        series = items(own, _numbers(months), only=SERIES)
        return ("items", items(own, ("",), SERIES)), ("months", series)
    windows = items(own, tuple(str(row) for row in own.get("window", ())) or ("",), only=of_windows)
    return ("items", items(own, ("",), of_windows)), ("windows", windows)


def _sites(own: Mapping[str, Any], months: int) -> tuple[tuple[str, pd.DataFrame], ...]:
    sites = tuple(own.get("site", ()))
    if not months:
        return (("items", items(own, sites)),)
    quarter = _by_site(own, sites, ("next_quarter_kwh",), 3)
    found = [("items", items(own, sites, (*SERIES, "next_quarter_kwh"))), ("returns", quarter)]
    return (*found, ("months", _by_site(own, sites, SERIES, months)))


def _by_site(own: Mapping[str, Any], sites: tuple[str, ...], fields: Sequence[str], width: int) -> pd.DataFrame:
    """Series of every site (n · width): one row a site and field."""
    rows = [
        (site, *_head(field, -1), *(shown(field, v) for v in own[field][k * width : (k + 1) * width]))
        for field in fields
        for k, site in enumerate(sites)
    ]
    return pd.DataFrame(rows, columns=["场站 site", *HEAD, *_numbers(width)])


def _numbers(count: int) -> tuple[str, ...]:
    return tuple(str(number) for number in range(1, count + 1))
