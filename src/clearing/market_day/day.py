"""A rolled day put together: what was bought day-ahead, what real time did, and where the two part."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from clearing.case.arrays import Floats, Ids, Ints
from clearing.case.case import Case
from clearing.case.finding import Finding
from clearing.case.result import ClearingResult, Violation
from clearing.case.schedule import Schedule
from clearing.market_day.causes import Deviations, deviations
from clearing.market_day.clearings import Clearing, clearing_of
from clearing.market_day.parts import period_of
from clearing.market_day.two_settlement import Traded, TwoSettlement, traded, two_settlement

BY_PERIOD = ("unit", "renewable", "storage", "pumped_hydro", "tie", "virtual_plant", "demand_bid", "load", "shed")


@dataclass(frozen=True, slots=True)
class MarketDay:
    """Real-time periods T; binding periods only. MW (…, T), prices per MWh.

    ahead, day                  the cases; day: real time, with the commitment that was to be followed
    first, schedule             what the day-ahead and the binding periods order
    at                          day-ahead period of every period
    ahead_bus_price, bus_price  (K, T), NaN where there is none
    labels                      end of every period
    settlement                  by resource; None where a price is missing
    ahead_mw, real_mw           kind → Σ injection (T), load negative
    ahead_price, real_price     load-weighted mean price (T), NaN where there is none
    forecast_mw (2, T)          renewables that could have run: day-ahead, real time
    commitment_changes (T)      units whose state differs from the day-ahead's
    violations                  of binding periods: (period, violation)
    added                       units that the RUC added
    deviations                  what real time did otherwise, by cause
    clearings                   how each ended: day-ahead, RUC if any, intervals
    audited                     every clearing passed its audit
    surplus                     − Σ amounts: what both markets leave over, money
    """

    ahead: Case
    day: Case
    first: Schedule
    schedule: Schedule
    at: Ints
    ahead_bus_price: Floats
    bus_price: Floats
    labels: Ids
    settlement: TwoSettlement | None
    ahead_mw: dict[str, Floats]
    real_mw: dict[str, Floats]
    ahead_price: Floats
    real_price: Floats
    forecast_mw: Floats
    commitment_changes: Floats
    violations: tuple[tuple[int, Violation], ...]
    added: Ids
    deviations: Deviations
    clearings: tuple[Clearing, ...]
    hours: float

    @property
    def audited(self) -> bool:
        """Whether every clearing passed its audit."""
        return all(c.audited for c in self.clearings)

    @property
    def warnings(self) -> tuple[tuple[str, Finding], ...]:
        """(clearing, finding) of everything that stood out in the cases; of intervals each value once."""
        found: dict[tuple[str, str, int], tuple[str, Finding]] = {}
        whole = len(self.clearings) - len(self.labels)
        for k, clearing in enumerate(self.clearings):
            for f in clearing.warnings:
                period = f.period if k < whole or f.period < 0 else f.period + k - whole
                known = (f.code + ("" if k >= whole else clearing.name), f"{f.path} {f.subject}", period)
                found.setdefault(known, (clearing.name, replace(f, period=period)))
        return tuple(found.values())

    @property
    def surplus(self) -> float:
        """What load pays beyond what generation gets, in both markets together."""
        return float("nan") if self.settlement is None else -float(self.settlement.amount.sum())

    @staticmethod
    def of(
        ahead: Case,
        first: ClearingResult,
        second: ClearingResult | None,
        added: Ids,
        day: Case,
        results: Sequence[ClearingResult],
    ) -> MarketDay:
        """From the day-ahead, the reliability commitment if any, and the intervals in their order."""
        at, schedule, price = period_of(ahead.horizon, day.horizon), binding_schedule(results), _prices(results)
        assert first.schedule is not None
        before = traded(ahead, first.schedule, _price(first, ahead))
        now = traded(day, schedule, price)
        priced = not (np.isnan(before.price).any() or np.isnan(now.price).any())
        labels = day.horizon.labels()
        return MarketDay(
            ahead=ahead,
            day=day,
            first=first.schedule,
            schedule=schedule,
            at=at,
            ahead_bus_price=_price(first, ahead)[:, at],
            bus_price=price,
            labels=labels,
            settlement=two_settlement(before, now, at, day.horizon.hours) if priced else None,
            ahead_mw={kind: mw[at] for kind, mw in _sums(before).items()},
            real_mw=_sums(now),
            ahead_price=_mean(_price(first, ahead)[ahead.loads.bus], np.maximum(ahead.loads.mw, 0.0))[at],
            real_price=_mean(price[day.loads.bus], np.maximum(day.loads.mw, 0.0)),
            forecast_mw=np.array(
                [ahead.renewables.forecast_mw.sum(axis=0)[at], day.renewables.forecast_mw.sum(axis=0)]
            ),
            commitment_changes=(schedule.on != first.schedule.on[:, at]).sum(axis=0).astype(np.float64),
            violations=tuple((t, v) for t, r in enumerate(results) for v in r.violations if v.period == 0),
            added=added,
            deviations=deviations(ahead, day, first.schedule, schedule, before, now, at),
            clearings=_clearings(first, second, results, labels),
            hours=day.horizon.hours,
        )


def _clearings(
    first: ClearingResult, second: ClearingResult | None, results: Sequence[ClearingResult], labels: Ids
) -> tuple[Clearing, ...]:
    whole = [clearing_of("day_ahead", first), *([] if second is None else [clearing_of("ruc", second)])]
    return (*whole, *(clearing_of(interval_name(t), r, labels[t]) for t, r in enumerate(results)))


def interval_name(t: int) -> str:
    """What the clearing of an interval is called, and its file."""
    return f"interval_{t:03d}"


def binding_schedule(results: Sequence[ClearingResult]) -> Schedule:
    """What the first periods of the intervals order, one after the other."""
    parts = [r.schedule for r in results]
    columns = {}
    for name in Schedule.__dataclass_fields__:
        columns[name] = np.concatenate([getattr(s, name)[..., :1] for s in parts if s is not None], axis=-1)
    return Schedule(**columns)


def _prices(results: Sequence[ClearingResult]) -> Floats:
    missing = next((r.schedule for r in results if r.schedule is not None), None)
    buses = 0 if missing is None else len(missing.shed_mw)
    none = np.full((buses, 1), np.nan)
    return np.concatenate([none if r.prices is None else r.prices.bus_price[:, :1] for r in results], axis=1)


def _price(result: ClearingResult, case: Case) -> Floats:
    shape = (len(case.network.bus_id), case.horizon.periods)
    return np.full(shape, np.nan) if result.prices is None else result.prices.bus_price


def _sums(of: Traded) -> dict[str, Floats]:
    kinds = np.array(of.kind, dtype=object)
    return {kind: np.asarray(of.mw[kinds == kind].sum(axis=0)) for kind in BY_PERIOD}


def _mean(price: Floats, weight: Floats) -> Floats:
    total = weight.sum(axis=0)
    return np.where(total > 0.0, (price * weight).sum(axis=0) / np.where(total > 0.0, total, 1.0), np.nan)
