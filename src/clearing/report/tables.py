"""Tables of the report: plain text cells, cut to what a page can carry (the CSV files hold everything)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from clearing.case.arrays import Ids
from clearing.case.case import Case
from clearing.case.finding import Finding
from clearing.case.result import Binding, ClearingResult, Violation
from clearing.case.schedule import Schedule
from clearing.case.units import Fuel
from clearing.case.violation_units import DATA, MEGAWATT, unit_of
from clearing.report.balance import FUEL_NAMES
from clearing.report.values import amount, label_of, limit_name, spans
from clearing.tables.starts import starts

MOST_ROWS = 400
NOTHING = "–"


@dataclass(frozen=True, slots=True)
class Table:
    """heads; rows of text; numeric = columns set flush right; empty = said without rows; total = rows found."""

    heads: tuple[str, ...]
    rows: list[tuple[str, ...]]
    numeric: frozenset[int]
    empty: str
    total: int = 0
    tones: list[str] = field(default_factory=list)

    @property
    def cut(self) -> bool:
        """Whether rows were left out."""
        return self.total > len(self.rows)


def table(heads: tuple[str, ...], rows: Sequence[tuple[str, ...]], numeric: set[int], empty: str) -> Table:
    """Rows cut to what a page carries."""
    return Table(heads, list(rows[:MOST_ROWS]), frozenset(numeric), empty, len(rows))


def binding_table(case: Case, bindings: tuple[Binding, ...]) -> Table:
    """One row a limit and side, the dearest first: in how many periods it binds, when, and its shadow price."""
    groups: dict[tuple[str, str, str], list[Binding]] = defaultdict(list)
    for b in bindings:
        groups[b.family, b.subject, b.side].append(b)
    labels = case.horizon.labels()
    ranked = sorted(groups.items(), key=lambda item: (-sum(b.shadow_price for b in item[1]), item[0]))
    rows = [
        (
            family,
            limit_name(case, family, subject),
            side,
            _range([b.limit_mw for b in group], 1),
            str(len(group)),
            spans([b.period for b in group], labels),
            amount(max(b.shadow_price for b in group), 2),
            amount(sum(b.shadow_price for b in group) / len(group), 2),
        )
        for (family, subject, side), group in ranked
    ]
    heads = ("Family", "Limit", "Side", "MW", "Periods", "When", "Greatest shadow price", "Mean shadow price")
    return table(heads, rows, {3, 4, 6, 7}, "No limit binds.")


def violation_table(case: Case, violations: tuple[Violation, ...]) -> Table:
    """One row a limit or datum that gave way, the dearest first: in how many periods, when, how much, the penalty."""
    groups: dict[tuple[str, str], list[Violation]] = defaultdict(list)
    for v in violations:
        groups[v.family, v.subject].append(v)
    labels = case.horizon.labels()
    ranked = sorted(groups.items(), key=lambda item: (-sum(v.penalty for v in item[1]), item[0]))
    rows = [
        (
            family,
            limit_name(case, family, subject),
            str(len(group)),
            spans([v.period for v in group], labels),
            _with_unit(max(v.amount_mw for v in group), unit_of(family)),
            _with_unit(*_total(group, case.horizon.hours)),
            amount(sum(v.penalty for v in group), 2),
        )
        for (family, subject), group in ranked
    ]
    heads = ("Family", "Subject", "Periods", "When", "Greatest", "In all", "Penalty")
    return table(heads, rows, {2, 4, 5, 6}, "No soft limit is violated, no hard data gave way.")


def _total(group: list[Violation], hours: float) -> tuple[float, str]:
    """Amounts of one limit added up, and their unit: MW that last a period are MWh."""
    total, unit = sum(v.amount_mw for v in group), unit_of(group[0].family)
    lasting = unit == MEGAWATT and group[0].family not in DATA
    return (total * hours, "MWh") if lasting else (total, unit)


def _with_unit(value: float, unit: str) -> str:
    return f"{amount(value, 3 if unit.startswith(MEGAWATT) else 0)} {unit}"


def start_table(case: Case, schedule: Schedule) -> Table:
    """Every start by period: unit, fuel, state, time off before it, cost."""
    labels = case.horizon.labels()
    rows = [
        (
            label_of(labels, s.period),
            case.units.id[s.unit],
            FUEL_NAMES[Fuel(int(case.units.fuel[s.unit]))],
            s.state.name.lower() if s.state else "not stated",
            amount(s.minutes_off / 60.0, 2),
            amount(s.cost, 2),
        )
        for s in starts(case, schedule)
    ]
    return table(("First period on", "Unit", "Fuel", "State", "Hours off", "Cost"), rows, {4, 5}, "No unit starts.")


def make_whole_table(case: Case, result: ClearingResult) -> Table:
    """Units that are paid, the greatest payment first."""
    heads = ("Unit", "Fuel", "Cost", "Revenue", "Make-whole")
    uplift = result.uplift
    if uplift is None:
        return Table(heads, [], frozenset(), "The result holds no make-whole payments.")
    order = np.argsort(-uplift.make_whole, kind="stable")
    rows = [
        (
            case.units.id[i],
            FUEL_NAMES[Fuel(int(case.units.fuel[i]))],
            amount(float(uplift.cost[i]), 2),
            amount(float(uplift.revenue[i]), 2),
            amount(float(uplift.make_whole[i]), 2),
        )
        for i in order.tolist()
        if uplift.make_whole[i] > 0.005
    ]
    return table(heads, rows, {2, 3, 4}, "Every unit recovers its cost from prices.")


def finding_table(findings: tuple[Finding, ...], labels: Ids, empty: str) -> Table:
    """Findings, errors first, with all they say; columns in which nothing is said are left out."""
    ordered = sorted(findings, key=lambda f: f.severity)
    rows = [
        (
            f.severity.name.lower(),
            f.code,
            f.subject or NOTHING,
            label_of(labels, f.period),
            f.message,
            f.value or NOTHING,
            f.limit or NOTHING,
            f.path or NOTHING,
            f.clause or NOTHING,
        )
        for f in ordered
    ]
    heads = ("Severity", "Code", "Subject", "Period", "Message", "Value", "Limit", "Path", "Clause")
    said = [c for c in range(len(heads)) if any(row[c] != NOTHING for row in rows)]
    found = table(tuple(heads[c] for c in said), [tuple(row[c] for c in said) for row in rows], set(), empty)
    return Table(
        found.heads,
        found.rows,
        found.numeric,
        empty,
        found.total,
        [f.severity.name.lower() for f in ordered[:MOST_ROWS]],
    )


def _range(values: list[float], digits: int) -> str:
    low, high = amount(min(values), digits), amount(max(values), digits)
    return low if low == high else f"{low} … {high}"
