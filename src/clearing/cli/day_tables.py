"""A rolled day as files and for people: settlement by resource, day-ahead against real time by period."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from clearing.case.arrays import Floats
from clearing.cli.day_folder import write_table
from clearing.cli.output import JsonObject, number
from clearing.market_day.day import BY_PERIOD, MarketDay
from clearing.report.values import amount

SETTLEMENT, PERIODS, VIOLATIONS = "settlement.csv", "day.csv", "violations.csv"
MONEY = ("ahead_mwh", "real_mwh", "deviation_mwh", "ahead_amount", "real_amount", "amount")
SHOWN = ("unit", "renewable", "storage", "load")


def write_tables(folder: Path, day: MarketDay) -> list[Path]:
    """settlement.csv (a line a resource), day.csv (a line a period), violations.csv; returns the files."""
    files = []
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


def _text(value: object) -> str:
    return f"{float(value) + 0.0:.9g}"  # type: ignore[arg-type]
