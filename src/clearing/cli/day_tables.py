"""A rolled day as files and for people: settlement by resource, day-ahead against real time by period, the report."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from clearing.case.arrays import Floats
from clearing.cli.day_folder import write_table
from clearing.cli.files import extra
from clearing.cli.output import JsonObject, number
from clearing.market_day.causes import CAUSES
from clearing.market_day.day import BY_PERIOD, MarketDay
from clearing.report.about import About
from clearing.report.values import amount

SETTLEMENT, PERIODS, VIOLATIONS = "settlement.csv", "day.csv", "violations.csv"
DEVIATIONS, CLEARINGS, REPORT, STATUS = "deviations.csv", "clearings.csv", "report.html", "day.json"
MONEY = ("ahead_mwh", "real_mwh", "deviation_mwh", "ahead_amount", "real_amount", "amount")
SHOWN = ("unit", "renewable", "storage", "load")


def write_day(folder: Path, day: MarketDay, about: About) -> list[Path]:
    """The tables and report.html; returns the files. Raises Failure, with the tables written, without the extra."""
    report, tables = folder / REPORT, write_tables(folder, day)
    with extra("the report needs"):
        from clearing.report.day import render_day  # noqa: PLC0415  # the extra `report` brings jinja2
    report.write_text(render_day(day, about), encoding="utf-8")
    return [*tables, report]


def write_object(folder: Path, value: JsonObject) -> Path:
    """day.json: how the day ended."""
    path = folder / STATUS
    path.write_text(json.dumps(value, allow_nan=False, indent=1) + "\n", encoding="utf-8")
    return path


def write_tables(folder: Path, day: MarketDay) -> list[Path]:
    """CSV files: settlement (a line a resource), day (a line a period), violations, deviations (a line a resource and
    cause), clearings; returns them."""
    files = [_deviations(folder, day), _clearings(folder, day)]
    if day.settlement is not None:
        of = day.settlement
        columns = [of.ahead_mwh, of.real_mwh, of.real_mwh - of.ahead_mwh, of.ahead_amount, of.real_amount, of.amount]
        sums = np.stack([column.sum(axis=1) for column in columns], axis=1)
        rows = [(kind, name, *map(_text, row)) for kind, name, row in zip(of.kind, of.id, sums, strict=True)]
        files.append(write_table(folder / SETTLEMENT, ("kind", "id", *MONEY), rows))
    heads = ["period_end"]
    series: list[Floats] = []
    for kind in BY_PERIOD:
        ahead, real = day.ahead_mw[kind], day.real_mw[kind]
        heads += [f"{kind}_ahead_mw", f"{kind}_real_mw"]
        series += [ahead, real]
    heads += ["renewable_forecast_ahead_mw", "renewable_forecast_real_mw", "units_other_than_ahead"]
    series += [day.forecast_mw[0], day.forecast_mw[1], day.commitment_changes]
    heads += ["ahead_price_per_mwh", "real_price_per_mwh"]
    series += [day.ahead_price, day.real_price]
    lines = [(label, *(_text(s[t]) for s in series)) for t, label in enumerate(day.labels)]
    files.append(write_table(folder / PERIODS, heads, lines))
    broken = [(day.labels[t], v.family, v.subject, _text(v.amount_mw), _text(v.penalty)) for t, v in day.violations]
    files.append(write_table(folder / VIOLATIONS, ("period_end", "family", "subject", "amount", "penalty"), broken))
    return files


def _deviations(folder: Path, day: MarketDay) -> Path:
    rows = []
    for part in day.deviations.parts:
        energy, money = part.mw.sum(axis=1) * day.hours, part.amount.sum(axis=1)
        for k in np.flatnonzero(np.abs(part.mw).max(axis=1, initial=0.0) > 1e-6).tolist():
            name = day.deviations.id[int(part.row[k])]
            rows.append((part.kind, name, part.cause, _text(energy[k]), _text(money[k])))
    return write_table(folder / DEVIATIONS, ("kind", "id", "cause", "mwh", "amount"), rows)


def _clearings(folder: Path, day: MarketDay) -> Path:
    heads = ("clearing", "period_end", "reason", "objective", "gap", "audited", "violations", "penalty")
    rows = [
        (c.name, c.label, c.reason.name, _known(c.objective), _known(c.gap), int(c.audited), c.violations,
         _text(c.penalty))
        for c in day.clearings
    ]  # fmt: skip
    return write_table(folder / CLEARINGS, heads, rows)


def day_object(day: MarketDay) -> JsonObject:
    """What `clearing day --json` prints: sums over the day; energy in MWh, load negative."""
    return {
        "status": "AUDITED" if day.audited else "AUDIT_FAILED",
        "intervals": len(day.labels),
        "added_units": list(day.added),
        "settled": day.settlement is not None,
        "surplus": number(day.surplus),
        "mean_ahead_price": number(_weighted(day, day.ahead_price)),
        "mean_real_price": number(_weighted(day, day.real_price)),
        "violations": len(day.violations),
        "warnings": len(day.warnings),
        "audits_failed": [c.name for c in day.clearings if not c.audited],
        "causes": {
            cause: {"more_mwh": more, "less_mwh": less, "amount": number(money)}
            for cause, (more, less, money) in ((c, day.deviations.totals(c)) for c in CAUSES)
        },
        "energy": {
            kind: {
                "ahead_mwh": float(day.ahead_mw[kind].sum() * day.hours) + 0.0,
                "real_mwh": float(day.real_mw[kind].sum() * day.hours) + 0.0,
            }
            for kind in BY_PERIOD
        },
        "amounts": {kind: _amounts(day, kind) for kind in BY_PERIOD},
    }


def show_day(console: Console, day: MarketDay, files: list[Path]) -> None:
    """Day-ahead against real time, for people."""
    console.print(f"[bold]{'AUDITED' if day.audited else 'AUDIT FAILED'}[/]  {len(day.labels)} intervals")
    failed = [c.name for c in day.clearings if not c.audited]
    if failed:
        console.print(f"audits failed: {', '.join(failed)}")
    if day.added:
        console.print(f"RUC added {escape(', '.join(day.added))}")
    table = Table("", "day-ahead MWh", "real-time MWh", "day-ahead", "real time", box=None, header_style="bold")
    for kind in SHOWN:
        money = _amounts(day, kind)
        energy = [amount(float(mw[kind].sum() * day.hours)) for mw in (day.ahead_mw, day.real_mw)]
        table.add_row(kind, *energy, amount(money["ahead"]), amount(money["real"]))
    console.print(table)
    prices = [amount(_weighted(day, p), 2) for p in (day.ahead_price, day.real_price)]
    console.print(f"mean price {prices[0]} day-ahead, {prices[1]} real time; surplus {amount(day.surplus, 2)}")
    if day.violations:
        console.print(f"{len(day.violations)} violations in binding periods: {VIOLATIONS}")
    if day.warnings:
        console.print(f"{len(day.warnings)} warnings about the cases: {REPORT}")
    console.print(f"[dim]wrote {', '.join(file.name for file in files)}[/]", soft_wrap=True)


def _amounts(day: MarketDay, kind: str) -> dict[str, float | None]:
    """Money of a kind in the day-ahead and for its deviations; null without prices."""
    if day.settlement is None:
        return {"ahead": None, "real": None}
    mine = np.array([k == kind for k in day.settlement.kind], dtype=np.bool_)
    parts = (("ahead", day.settlement.ahead_amount), ("real", day.settlement.real_amount))
    return {name: float(money[mine].sum()) + 0.0 for name, money in parts}


def _weighted(day: MarketDay, price: Floats) -> float:
    load = -day.real_mw["load"]
    return float((price * load).sum() / load.sum()) if load.sum() else float("nan")


def _known(value: float | None) -> str:
    return "" if value is None else _text(value)


def _text(value: object) -> str:
    return f"{float(value) + 0.0:.9g}"  # type: ignore[arg-type]
