"""`clearing explain`: why a priced answer is as it is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated

import numpy as np
import typer
from rich.table import Table

from clearing.case.case import Case
from clearing.case.explanations import Explanations, Parts, ReliefAction, UnitReason
from clearing.cli.arguments import AsJson, CasePath, Format, ReaderOptions, ResultPath
from clearing.cli.ending import ending
from clearing.cli.files import read_case, read_result
from clearing.cli.output import JsonObject, answers, emit, number
from clearing.cli.pairs import pairs
from clearing.cli.status import Exit, bad_input

MOST_ROWS = 30
"""Rows of a table for people; --json gives all of them."""


def explain(
    case: CasePath,
    result: ResultPath,
    format: Format = "auto",
    option: ReaderOptions = None,
    unit: Annotated[str | None, typer.Option(metavar="ID", help="Only this unit.")] = None,
    period: Annotated[str | None, typer.Option(metavar="HH:MM", help="Only the period with this END.")] = None,
    json: AsJson = False,
) -> None:
    """Say why units are on and off, what limits cost, what is broken and what would mend it. Exit: 0 or 2."""
    with ending(json):
        table = read_case(case, format, pairs(option or (), "--option"))
        found = read_result(result, table).result.explanations
        if found is None:
            raise bad_input("PARTIAL_RESULT", "The result holds no explanations: it is not priced.", path=result.name)
        places = _places(table, unit, period)
        if json:
            emit({"status": "OK", **{name: list(rows) for name, rows in _tables(table, found, *places)}})
        else:
            _show(_tables(table, found, *places))
        raise typer.Exit(Exit.OK)


def _places(case: Case, unit: str | None, period: str | None) -> tuple[int | None, int | None]:
    """Row of the unit and number of the period that were asked for."""
    labels = case.horizon.labels()
    if unit is not None and unit not in case.units.id:
        raise bad_input("UNKNOWN_ID", "The case has no such unit.", path="--unit", value=unit)
    if period is not None and period not in labels:
        limit = f"{labels[0]} … {labels[-1]}"
        raise bad_input(
            "UNKNOWN_ID", f"The horizon has no period with this end ({limit}).", path="--period", value=period
        )
    row = None if unit is None else case.units.id.index(unit)
    return row, None if period is None else labels.index(period)


def _tables(
    case: Case, found: Explanations, unit: int | None, period: int | None
) -> Iterator[tuple[str, list[JsonObject]]]:
    """Name and rows of every table; tables that tell of no unit are left out where one is asked for."""
    yield "on", list(_parts(case, found.on, unit, period))
    yield "off", list(_parts(case, found.off, unit, period))
    if unit is None:
        yield "limits", _limits(case, found) if period is None else []
        yield "broken", list(_broken(case, found, period))
        yield "remedies", list(_remedies(case, found, period))


def _parts(case: Case, parts: Parts, unit: int | None, period: int | None) -> Iterator[JsonObject]:
    labels = case.horizon.labels()
    kept = np.ones(len(parts.unit), dtype=np.bool_)
    kept &= True if unit is None else parts.unit == unit
    kept &= True if period is None else (parts.first_period <= period) & (period <= parts.last_period)
    for p in np.flatnonzero(kept).tolist():
        yield {
            "unit": case.units.id[parts.unit[p]],
            "from": labels[parts.first_period[p]],
            "to": labels[parts.last_period[p]],
            "reason": UnitReason(int(parts.reason[p])).name,
            "subject": parts.subject[p],
            "margin": number(float(parts.margin[p])),
        }


def _limits(case: Case, found: Explanations) -> list[JsonObject]:
    rents, labels = found.limits, case.horizon.labels()
    return [
        {
            "family": rents.family[r],
            "subject": rents.subject[r],
            "side": rents.side[r],
            "periods": int(rents.periods[r]),
            "worst": labels[rents.worst_period[r]],
            "greatest_price": number(float(rents.greatest_price[r])),
            "cost_per_mw": number(float(rents.cost_per_mw[r])),
            "rent": number(float(rents.rent[r])),
        }
        for r in range(len(rents.family))
    ]


def _broken(case: Case, found: Explanations, period: int | None) -> Iterator[JsonObject]:
    broken, relief, labels = found.broken, found.reliefs, case.horizon.labels()
    for b in range(len(broken.family)):
        if period is not None and broken.period[b] != period:
            continue
        ways = [
            f"{ReliefAction(int(relief.action[r])).name} {relief.resource[r]} by {relief.mw[r]:.6g} MW"
            for r in np.flatnonzero(relief.broken == b)
        ]
        yield {
            "family": broken.family[b],
            "subject": broken.subject[b],
            "period": labels[broken.period[b]],
            "limit": number(float(broken.limit[b])),
            "attained": number(float(broken.attained[b])),
            "measure": broken.measure[b],
            "penalty": number(float(broken.penalty[b])),
            "relief": "; ".join(ways),
        }


def _remedies(case: Case, found: Explanations, period: int | None) -> Iterator[JsonObject]:
    table, labels = found.remedies, case.horizon.labels()
    for m in range(len(table.family)):
        at = int(table.period[m])
        if period is not None and at not in (-1, period):
            continue
        yield {
            "family": table.family[m],
            "subject": table.subject[m],
            "side": table.side[m],
            "period": "all" if at < 0 else labels[at],
            "before": number(float(table.before[m])),
            "after": number(float(table.after[m])),
            "measure": table.measure[m],
        }


HEADS = {
    "on": "Why units are on",
    "off": "Why units are off",
    "limits": "What limits cost",
    "broken": "What is broken",
    "remedies": "Limits that would have to move",
}


def _show(tables: Iterator[tuple[str, list[JsonObject]]]) -> None:
    console = answers()
    for name, rows in tables:
        if not rows:
            continue
        columns: Sequence[str] = list(rows[0])
        shown = Table(title=HEADS[name], title_justify="left", box=None, pad_edge=False)
        for column in columns:
            shown.add_column(column)
        for row in rows[:MOST_ROWS]:
            shown.add_row(*(_text(row[column]) for column in columns))
        console.print(shown)
        if len(rows) > MOST_ROWS:
            console.print(f"… and {len(rows) - MOST_ROWS} more rows (--json gives all of them)")
        console.print()


def _text(value: object) -> str:
    return "–" if value is None else f"{value:.6g}" if isinstance(value, float) else str(value)
