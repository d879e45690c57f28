"""Tables of the report of a market day: money, deviations by cause, added units, clearings."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from clearing.case.finding import Finding
from clearing.case.units import Fuel
from clearing.market_day.causes import CAUSES, NEAR_MW
from clearing.market_day.day import BY_PERIOD, MarketDay
from clearing.report.balance import FUEL_NAMES
from clearing.report.figures.day import CAUSE_LOOKS
from clearing.report.tables import Table, finding_table, table, violation_table
from clearing.report.values import amount, percent, spans

MONEY_HEADS = ("Day-ahead MWh", "Real-time MWh", "Deviation MWh", "Day-ahead", "Deviation", "Total")
KIND_NAMES = {kind: kind.replace("_", " ").capitalize() for kind in BY_PERIOD} | {"shed": "Load not served"}
UNPRICED = "A market was not priced, so nothing settles."
LOADS = ("load", "demand_bid", "shed")


def kind_table(day: MarketDay) -> Table:
    """Both settlements by kind, and the surplus that is left over."""
    money = day.settlement
    heads = ("", *MONEY_HEADS)
    if money is None:
        return Table(heads, [], frozenset(), UNPRICED)
    kinds = np.array(money.kind, dtype=object)
    rows = []
    for kind in BY_PERIOD:
        sums = _sums(day, kinds == kind)
        if any(sums):
            rows.append((KIND_NAMES[kind], *map(amount, sums)))
    total = _sums(day, np.ones(len(kinds), dtype=np.bool_))
    rows.append(("Left over: congestion, losses", "", "", "", *(amount(-v, 2) for v in total[3:])))
    return table(heads, rows, set(range(1, 7)), UNPRICED)


def resource_table(day: MarketDay, loads: bool) -> Table:
    """Both settlements by resource, the greatest amount first; loads: what buys, else what sells."""
    money = day.settlement
    heads = ("Kind", "Id", *MONEY_HEADS)
    if money is None:
        return Table(heads, [], frozenset(), UNPRICED)
    mine = np.flatnonzero([(kind in LOADS) == loads for kind in money.kind])
    order = mine[np.argsort(-np.abs(money.amount[mine].sum(axis=1)), kind="stable")]
    rows = []
    for i in order.tolist():
        one = np.zeros(len(money.kind), dtype=np.bool_)
        one[i] = True
        sums = _sums(day, one)
        if max(map(abs, sums)) > 0.0005:
            rows.append((KIND_NAMES[money.kind[i]], money.id[i], *(amount(v, 2) for v in sums)))
    return table(heads, rows, set(range(2, 8)), "Nothing was bought or sold.")


def _sums(day: MarketDay, rows: np.ndarray) -> list[float]:
    money = day.settlement
    assert money is not None
    columns = (money.ahead_mwh, money.real_mwh, money.real_mwh - money.ahead_mwh)
    return [float(c[rows].sum()) for c in (*columns, money.ahead_amount, money.real_amount, money.amount)]


def cause_table(day: MarketDay) -> Table:
    """What each cause moved over the day."""
    rows = []
    for cause in CAUSES:
        more, less, money = day.deviations.totals(cause)
        if max(more, -less) > NEAR_MW:
            rows.append((CAUSE_LOOKS[cause][0], *(amount(v, 1) for v in (more, less, more + less)), amount(money, 2)))
    heads = ("Cause", "MWh more", "MWh less", "Net MWh", "Money at real-time prices")
    return table(heads, rows, {1, 2, 3, 4}, "Real time is what was bought day-ahead.")


def deviation_table(day: MarketDay) -> Table:
    """One row a resource and cause, what moved most first: when, the greatest MW, energy, money."""
    found = []
    for part in day.deviations.parts:
        energy = np.abs(part.mw).sum(axis=1) * day.hours
        for k in np.flatnonzero(energy > 0.05).tolist():
            found.append((float(energy[k]), part, k))
    found.sort(key=lambda item: -item[0])
    rows = []
    for _, part, k in found:
        mw = part.mw[k]
        i = int(part.row[k])
        rows.append(
            (
                KIND_NAMES[part.kind],
                day.deviations.id[i],
                CAUSE_LOOKS[part.cause][0],
                spans(np.flatnonzero(np.abs(mw) > NEAR_MW).tolist(), day.labels),
                amount(float(mw[np.argmax(np.abs(mw))]), 1),
                amount(float(mw.sum() * day.hours), 1),
                amount(float(part.amount[k].sum()), 2),
            )
        )
    heads = ("Kind", "Id", "Cause", "When", "Greatest MW", "Net MWh", "Money at real-time prices")
    return table(heads, rows, {4, 5, 6}, "Real time is what was bought day-ahead.")


def added_table(day: MarketDay) -> Table:
    """Units that the RUC added: when they were to run and what they did."""
    units, money = day.day.units, day.settlement
    followed = day.day.commitment
    rows = []
    for name in day.added:
        i = units.id.index(name)
        wanted = np.zeros(len(day.labels), dtype=np.bool_)
        if followed is not None:
            wanted = (followed.on[i] > 0) & (day.first.on[i, day.at] == 0)
        ran = day.schedule.on[i] > 0
        earned = float("nan") if money is None else float(money.amount[i][wanted].sum())
        energy = float(day.schedule.dispatch_mw[i][wanted].sum() * day.hours)
        fuel = FUEL_NAMES[Fuel(int(units.fuel[i]))]
        done = f"{int((wanted & ran).sum())} of {int(wanted.sum())}"
        when = spans(np.flatnonzero(wanted).tolist(), day.labels)
        rows.append((name, fuel, when, done, amount(energy, 1), amount(earned, 2)))
    heads = ("Unit", "Fuel", "Added", "Periods it ran", "MWh then", "Amount then")
    return table(heads, rows, {3, 4, 5}, "No RUC was run, or it added no unit.")


def clearing_table(day: MarketDay) -> Table:
    """Every clearing of the day, those that are not in order coloured."""
    rows, tones = [], []
    for c in day.clearings:
        audit = "passed" if c.audited else f"failed: {', '.join(sorted({f.code for f in c.faults})) or 'not audited'}"
        gap = percent(c.gap, 3) if c.gap is not None else "–"
        cells = (amount(c.objective, 2), gap, audit, str(c.violations), amount(c.penalty, 2))
        rows.append((c.name, c.label or "all", c.reason.name, *cells))
        tones.append("warning" if c.audited and c.violations else "" if c.audited else "error")
    heads = ("Clearing", "Period", "Ended", "Objective", "Gap", "Audit", "Violations", "Penalty")
    found = table(heads, rows, {3, 4, 6, 7}, "")
    return replace(found, tones=tones[: len(found.rows)])


def broken_table(day: MarketDay) -> Table:
    """What binding periods of real time broke."""
    return violation_table(day.day, tuple(replace(v, period=t) for t, v in day.violations))


def fault_table(day: MarketDay) -> Table:
    """What the audits of the day's clearings found wrong; the path names the clearing first."""
    found: list[Finding] = [replace(f, path=f"{c.name}: {f.path}", period=-1) for c in day.clearings for f in c.faults]
    return finding_table(tuple(found), day.labels, "No audit found a fault.")


def warning_table(day: MarketDay) -> Table:
    """What stood out in the cases; the path names the clearing first. Periods are those of real time."""
    found = [
        replace(f, path=f"{name}: {f.path}", period=f.period if name.startswith("interval") else -1)
        for name, f in day.warnings
    ]
    return finding_table(tuple(found), day.labels, "No value of the cases stood out.")
