"""The report of a market day: day-ahead against real time, in one HTML file that needs nothing else."""

from __future__ import annotations

import numpy as np

from clearing.case.arrays import Floats
from clearing.market_day.day import MarketDay
from clearing.report import day_tables as tables
from clearing.report.about import About
from clearing.report.facts import provenance
from clearing.report.figures.day import cause_plot, dispatch_plots, price_plots
from clearing.report.kpis import Kpi
from clearing.report.pages import environment
from clearing.report.scripts import dressing
from clearing.report.values import amount


def render_day(day: MarketDay, about: About) -> str:
    """HTML of the report; the whole of what its tables cut stands in the CSV files of the day."""
    passed = ("good", "every audit passed") if day.audited else ("bad", "an audit failed")
    return (
        environment()
        .get_template("day.html.j2")
        .render(
            case=day.day,
            intervals=len(day.labels),
            verdict=passed,
            headline=_headline(day),
            kpis=_tiles(day),
            kinds=tables.kind_table(day),
            causes=tables.cause_table(day),
            prices=price_plots(day),
            dispatch=dispatch_plots(day),
            deviations=cause_plot(day),
            by_resource=tables.deviation_table(day),
            sellers=tables.resource_table(day, loads=False),
            buyers=tables.resource_table(day, loads=True),
            added=tables.added_table(day),
            clearings=tables.clearing_table(day),
            broken=tables.broken_table(day),
            faults=tables.fault_table(day),
            warnings=tables.warning_table(day),
            provenance=provenance(day.day, about),
            **dressing(),
        )
    )


def _headline(day: MarketDay) -> str:
    what = "day-ahead" if len(day.clearings) == len(day.labels) + 1 else "day-ahead, RUC"
    return (
        f"{len(day.clearings)} clearings: {what}, and {len(day.labels)} intervals of {round(60 * day.hours)} minutes."
    )


def _tiles(day: MarketDay) -> list[Kpi]:
    ahead, real = (-float(mw["load"].sum() * day.hours) for mw in (day.ahead_mw, day.real_mw))
    tiles = [
        Kpi("Load energy", amount(real), f"{amount(real - ahead)} against the day-ahead", "MWh"),
        Kpi("Day-ahead price", amount(_mean(day, day.ahead_price), 2), _reach(day.ahead_price), "per MWh"),
        Kpi("Real-time price", amount(_mean(day, day.real_price), 2), _reach(day.real_price), "per MWh"),
    ]
    forecast = (day.forecast_mw[1] - day.forecast_mw[0]) * day.hours
    if day.forecast_mw.any():
        tiles.append(Kpi("Renewables off forecast", amount(float(forecast.sum())), "real time less day-ahead", "MWh"))
    if day.settlement is not None:
        moved = float(np.abs(day.settlement.real_amount).sum()) / 2.0
        tiles.append(Kpi("Settled for deviations", amount(moved), "half of all amounts, either sign"))
        tiles.append(Kpi("Left over", amount(day.surplus), "load pays more than sellers get"))
    tiles.append(Kpi("Added by the RUC", str(len(day.added)), ", ".join(day.added[:3]) or "none", "units"))
    passed = sum(c.audited for c in day.clearings)
    note, tone = f"of {len(day.clearings)} clearings", "good" if day.audited else "bad"
    tiles.append(Kpi("Audits passed", str(passed), note, tone=tone))
    broken, penalty = len(day.violations), sum(v.penalty for _, v in day.violations)
    note = f"penalty {amount(penalty)}" if broken else "every limit is kept"
    tiles.append(Kpi("Violations", amount(broken), note, tone="bad" if broken else "good"))
    return tiles


def _mean(day: MarketDay, price: Floats) -> float:
    load = -day.real_mw["load"]
    return float((price * load).sum() / load.sum()) if load.sum() > 0 else float(price.mean())


def _reach(price: Floats) -> str:
    known = price[np.isfinite(price)]
    return f"by load; from {amount(float(known.min()), 2)} to {amount(float(known.max()), 2)}" if known.size else ""
