"""Why real time deviates from the day-ahead: every MW of every resource under one cause, nothing left over.

    Q^RT − Q^DA = Σ_cause part,   money of a part = part · dt · P^RT

What disturbs comes first, what answers second:

    load_forecast        load as it came less load as it was bought
    renewable_forecast   what sites could have given, real time less day-ahead
    tie_schedule         exchange as it came less as it was planned
    outage               of a unit: what was bought beyond what its limits of real time leave (out, derated)
    reliability          output of units in periods for which only the reliability commitment has them on
    commitment           output of units that stand otherwise than planned for any other reason (real time's own starts)
    curtailment          what sites give less of what they could, real time less day-ahead
    redispatch           of units on in both; stores, pumped hydro, virtual plants, demand bids
    not_served           load not served

Reading: a site that gives less because less could be had is a forecast error also where the day-ahead had curtailed it;
the curtailment part is then positive (less is curtailed). A part is MW of injection: load more than bought is negative.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from clearing.case.arrays import Floats, Ids, Ints
from clearing.case.case import Case
from clearing.case.schedule import Schedule
from clearing.market_day.two_settlement import Traded

CAUSES = (
    *("load_forecast", "renewable_forecast", "tie_schedule", "outage"),
    *("reliability", "commitment", "curtailment", "redispatch", "not_served"),
)
DISTURBANCES = CAUSES[:4]
NEAR_MW = 1e-6
ONE_CAUSE = {"load": "load_forecast", "tie": "tie_schedule", "shed": "not_served"}


@dataclass(frozen=True, slots=True)
class Part:
    """Deviations of the resources of one kind by one cause. row (n): in `Traded`; mw, amount (n, T): MW, money."""

    cause: str
    kind: str
    row: Ints
    mw: Floats
    amount: Floats


@dataclass(frozen=True, slots=True)
class Deviations:
    """All parts of a day. kind, id: of `Traded`; parts of one resource add up to its deviation."""

    kind: Ids
    id: Ids
    hours: float
    parts: tuple[Part, ...]

    def mw(self, cause: str, periods: int) -> Floats:
        """(T) Injection by a cause, all resources together."""
        return np.asarray(sum((p.mw.sum(axis=0) for p in self.parts if p.cause == cause), np.zeros(periods)))

    def totals(self, cause: str) -> tuple[float, float, float]:
        """(MWh more, MWh less (negative), money) by a cause over the day; money is NaN where a price is missing."""
        mine = [p for p in self.parts if p.cause == cause]
        more = sum(float(np.maximum(p.mw, 0.0).sum()) for p in mine) * self.hours
        less = sum(float(np.minimum(p.mw, 0.0).sum()) for p in mine) * self.hours
        return more, less, sum(float(p.amount.sum()) for p in mine)


def deviations(
    ahead: Case, day: Case, first: Schedule, now: Schedule, before: Traded, real: Traded, at: Ints
) -> Deviations:
    """The deviations of a day by cause.

    first, now: schedules of day-ahead and real time; before, real: what both trade; at (T): day-ahead period of every
    real-time period. The commitment of `day` is the one that was to be followed.
    """
    change = real.mw - before.mw[:, at]
    money = real.price * day.horizon.hours
    kinds = np.array(real.kind, dtype=object)
    parts: list[Part] = []
    for kind in dict.fromkeys(real.kind):
        row = np.flatnonzero(kinds == kind)
        if kind == "unit":
            split = _of_units(day, first, now, change[row], at)
        elif kind == "renewable":
            forecast = day.renewables.forecast_mw - ahead.renewables.forecast_mw[:, at]
            split = {"renewable_forecast": forecast, "curtailment": change[row] - forecast}
        else:
            split = {ONE_CAUSE.get(kind, "redispatch"): change[row]}
        for cause, mw in split.items():
            parts.append(Part(cause, kind, row, mw, _amount(mw, money[row])))
    return Deviations(real.kind, real.id, day.horizon.hours, tuple(parts))


def _of_units(day: Case, first: Schedule, now: Schedule, change: Floats, at: Ints) -> dict[str, Floats]:
    """(N, T) by cause. An outage takes first; what is left belongs to the state where it differs, else to dispatch."""
    units = day.units
    bought = (first.dispatch_mw + first.curve_mw)[:, at]
    room = np.where(units.on_max > 0, units.p_max_mw, 0.0)
    outage = np.where(bought > room + NEAR_MW, room - bought, 0.0)
    rest = change - outage
    planned = first.on[:, at]
    followed = planned if day.commitment is None else day.commitment.on
    other = (now.on != planned) & (outage == 0.0)
    secured = other & (now.on > planned) & (followed > planned)
    return {
        "outage": outage,
        "reliability": np.where(secured, rest, 0.0),
        "commitment": np.where(other & ~secured, rest, 0.0),
        "redispatch": np.where(other, 0.0, rest),
    }


def _amount(mw: Floats, money: Floats) -> Floats:
    """A part that is none pays nothing, whatever the price."""
    return np.where(mw == 0.0, 0.0, mw * np.where(mw == 0.0, 0.0, money))
