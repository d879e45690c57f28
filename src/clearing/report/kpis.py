"""Headline figures of a cleared case."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from clearing.case.case import Case
from clearing.case.result import ClearingResult
from clearing.case.violation_units import DATA, MEGAWATT, unit_of
from clearing.report.balance import curtailed
from clearing.report.topology import bus_load_mw
from clearing.report.values import amount, percent


@dataclass(frozen=True, slots=True)
class Kpi:
    """One tile: what, how much (and its unit), a line below it; tone is '', 'good' or 'bad'."""

    name: str
    value: str
    note: str = ""
    unit: str = ""
    tone: str = ""


def kpis(case: Case, result: ClearingResult) -> list[Kpi]:
    """Tiles in reading order; what the result does not hold is left out."""
    hours = case.horizon.hours
    load = bus_load_mw(case).sum(axis=0)
    tiles = [Kpi("Load energy", amount(load.sum() * hours), f"peak {amount(float(load.max()))} MW", "MWh")]
    if result.costs is not None:
        note = f"of it penalties {amount(result.costs.penalty)}" if result.costs.penalty else "no penalties"
        tiles.append(Kpi("Total cost", amount(result.costs.total), note))
    if result.prices is not None:
        tiles.append(_average_price(case, result.prices.bus_price, load))
    if result.schedule is not None:
        unused = float(curtailed(case, result.schedule).sum() * hours)
        forecast = float(case.renewables.forecast_mw.sum() * hours)
        share = percent(unused / forecast, 1) + " of forecast" if forecast > 0 else "no renewables"
        tiles.append(Kpi("Curtailment", amount(unused), share, "MWh"))
        starts = int(result.schedule.start.sum())
        tiles.append(Kpi("Starts", amount(starts), f"{int((result.schedule.start.sum(axis=1) > 0).sum())} units"))
    if result.losses is not None:
        lost, surplus = float(result.losses.island_mw.sum() * hours), result.losses.island_surplus
        paid_for = "not priced" if surplus is None else f"{amount(float(surplus.sum()))} of surplus"
        tiles.append(Kpi("Losses", amount(lost, 1), paid_for, "MWh"))
    if result.uplift is not None:
        paid = int((result.uplift.make_whole > 0.005).sum())
        tiles.append(Kpi("Make-whole", amount(float(result.uplift.make_whole.sum())), f"{paid} units"))
    broken = len(result.violations)
    power = [v.amount_mw for v in result.violations if unit_of(v.family) == MEGAWATT and v.family not in DATA]
    data = sum(v.family in DATA for v in result.violations)
    told = [f"largest {amount(max(power), 2)} MW"] if power else []
    told += [f"{amount(data)} of hard data"] if data else []
    note = ", ".join(told) or ("none in MW" if broken else "every limit is kept")
    tiles.append(Kpi("Violations", amount(broken), note, tone="bad" if broken else "good"))
    return tiles


def _average_price(case: Case, bus_price: np.ndarray, load: np.ndarray) -> Kpi:
    paid = float((bus_load_mw(case) * bus_price).sum())
    low, high = float(bus_price.min()), float(bus_price.max())
    spread = f"from {amount(low, 2)} to {amount(high, 2)}"
    if load.sum() <= 0:
        return Kpi("Average price", amount(float(bus_price.mean()), 2), f"plain mean; {spread}", "per MWh")
    return Kpi("Average price", amount(paid / float(load.sum()), 2), f"by load; {spread}", "per MWh")


def cost_parts(result: ClearingResult) -> list[tuple[str, str]]:
    """(name, amount) of every part of the objective; empty without costs."""
    costs = result.costs
    if costs is None:
        return []
    parts = [
        ("Energy", costs.energy),
        ("No load", costs.no_load),
        ("Starts", costs.start),
        ("Stops", costs.stop),
        ("Storage", costs.storage),
        ("Reserve offers", costs.reserve),
        ("Penalties", costs.penalty),
        ("Total", costs.total),
    ]
    return [(name, amount(value, 2)) for name, value in parts]
