"""What readers and writers of several formats have in common: rows, sites, start costs, notes, checks of a writer."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Protocol

import numpy as np

from clearing.case.arrays import Floats, Ids, Ints
from clearing.case.case import Case
from clearing.case.offers import Offers
from clearing.case.resources import Renewables
from clearing.case.units import StartCosts, StartState
from clearing.formats.json_fields import JsonObject
from clearing.formats.unexpressed import Losses

LOWERED = 1e-6
"""Share of the no-load cost from which a lowered cost curve is worth a note."""


class Curve(Protocol):
    """A cost curve as blocks, one of `curves.py` or of a format; money an hour."""

    @property
    def no_load_cost_per_hour(self) -> float:
        """At no output."""

    @property
    def lowered_cost_per_hour(self) -> float:
        """What the convex hull took off at most."""


class Blocks(Protocol):
    """Blocks (M, T) of one resource."""

    @property
    def width_mw(self) -> Floats:
        """MW."""

    @property
    def price_per_mwh(self) -> Floats:
        """Money per MWh."""


def day_in_name(path: Path, otherwise: dt.date) -> dt.date:
    """The first date YYYY-MM-DD in a file's name."""
    for text in re.findall(r"\d{4}-\d{2}-\d{2}", path.name):
        try:
            return dt.date.fromisoformat(text)
        except ValueError:
            continue
    return otherwise


def start_costs(rows: Sequence[tuple[int, int, int, float]]) -> StartCosts:
    """Rows (unit, state, minutes off from which it holds, inclusive, cost)."""
    return StartCosts(
        unit=np.array([r[0] for r in rows], dtype=np.int64),
        state=np.array([r[1] for r in rows], dtype=np.int64),
        after_minutes=np.array([r[2] for r in rows], dtype=np.int64),
        inclusive=np.ones(len(rows), dtype=np.bool_),
        cost=np.array([r[3] for r in rows], dtype=np.float64),
    )


def start_steps(unit: int, steps: Sequence[tuple[int, float]]) -> list[tuple[int, int, int, float]]:
    """Rows of `start_costs` of a unit's steps (minutes off, cost), rising.

    The first is called hot, the last cold, between warm; a single one cold. The first holds from 0 on.
    """
    last = len(steps) - 1
    state = [StartState.COLD if k == last else StartState.WARM if k else StartState.HOT for k in range(len(steps))]
    return [(unit, state[k], after if k else 0, cost) for k, (after, cost) in enumerate(steps)]


def lowered_notes(names: Iterable[str], curves: Iterable[Curve]) -> list[str]:
    """A note for every unit whose cost points were not convex."""
    return [
        f"Unit {name}: cost points not convex, lowered to their convex hull by up to {c.lowered_cost_per_hour:.2f}"
        " an hour."
        for name, c in zip(names, curves, strict=True)
        if c.lowered_cost_per_hour > LOWERED * max(1.0, abs(c.no_load_cost_per_hour))
    ]


def offers_of(curves: Sequence[Blocks], periods: int) -> Offers:
    """The blocks of every resource behind one another."""
    nothing = np.zeros((0, periods))
    return Offers(
        resource=np.repeat(np.arange(len(curves), dtype=np.int64), [c.width_mw.shape[0] for c in curves]),
        width_mw=np.concatenate([nothing, *(c.width_mw for c in curves)]),
        price_per_mwh=np.concatenate([nothing, *(c.price_per_mwh for c in curves)]),
    )


def least_within_most(
    rows: Sequence[tuple[str, JsonObject]], least: Floats, most: Floats, key: Callable[[int], str]
) -> None:
    """MINIMUM_ABOVE_FORECAST of sites, by period. key: of the least output in a period (0-based)."""
    for r, t in np.argwhere(least > most).tolist():
        name, row = rows[r]
        text = f"The minimum output is above the maximum in period {t + 1}."
        row.problems.add(
            "MINIMUM_ABOVE_FORECAST",
            f"{row.path}.{key(t)}",
            text,
            subject=name,
            value=least[r, t],
            limit=f"{most[r, t]:g}",
        )


def sites(names: Ids, bus: Ints, fuel: Ints, least: Floats, most: Floats, price: Floats) -> Renewables:
    """Renewables of nobody's, with one block each; least, most, price (R, T)."""
    none = np.full(len(names), -1, dtype=np.int64)
    return Renewables(
        id=names,
        plant=none,
        owner=none.copy(),
        bus=bus,
        fuel=fuel,
        min_mw=least,
        forecast_mw=most,
        offers=Offers(resource=np.arange(len(names), dtype=np.int64), width_mw=most.copy(), price_per_mwh=price),
    )


def unit_terms(case: Case, losses: Losses) -> None:
    """What formats with a commitment have in common that they cannot say of units."""
    units, ids = case.units, case.units.id
    losses.owners("case.units", ids, units)
    losses.rows("case.units.price_eligible", ids, ~units.price_eligible, "Every unit may set the price there.")
    if len(units.fixed_unit):
        losses.problem("case.units.fixed_unit", "The format has no fixed outputs.")
    clash = np.any((units.on_min == 1) & (units.on_max == 0), axis=1)
    losses.rows("case.units.on_min", ids, clash, "On and off are fixed at once.")


def watched_everywhere(case: Case, losses: Losses, branches: str, voltage: str, interfaces: str) -> None:
    """What formats that watch every branch after every contingency cannot say; the texts say it in their words."""
    table, path = case.contingencies, "case.contingencies"
    for name in ("monitored_branch", "exempt_branch"):
        if len(getattr(table, name)):
            losses.problem(f"{path}.{name}", branches)
    if table.monitored_min_voltage_kv > 0.0:
        losses.problem(f"{path}.monitored_min_voltage_kv", voltage)
    if len(table.monitored_interface):
        losses.problem(f"{path}.monitored_interface", interfaces)
