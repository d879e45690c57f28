"""What of a case is far from an earlier one: warnings of a slip of the hand. Nothing is refused, nothing is changed.

Every row of a table is held against the row of the same id in the earlier case; rows that one of the two does not have,
values without a limit and rows that were 0 are not compared.

    standing data       a value beyond `FACTOR` times the greatest, or below the least over `FACTOR`, that the row had
    series              in a period that the earlier case has too: the same against the value it had there;
                        in other periods a value alone among its neighbours, up or down by `ALONE` (up: also above all
                        else in its row); where no period is the same, the greatest value of the row: `FACTOR`, of
                        renewables beyond what the sites of its fuel did together, and they together by `FACTOR` too.
                        Wind may change by more than ten from day to day, so the greatest value of a site is held
                        against what the other sites of wind did, by `OF_WIND`, where there are `OTHERS` or more.

What differs by less than a share of the row's greatest value is near, whatever the factor: near 0 there are no factors.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from clearing.case.arrays import Bools, Floats, Ids, Ints
from clearing.case.case import Case
from clearing.case.finding import Finding, Severity
from clearing.case.horizon import Horizon
from clearing.case.offers import Offers
from clearing.case.units import Fuel

FACTOR = 3.2
"""A tenfold error moves a value by more than this from one that itself has moved by this: √10, rounded up."""
NEAR = 0.02
"""Share of a row's greatest value by which values may differ that should be the same."""
ALONE, ALONE_NEAR = 2.5, 0.04
"""Factor, and share of the row's greatest value, that part a value from both its neighbours in time."""
ABOVE = 1.5
"""How far a value that is alone and up is above the rest of its row: the error of a value that matters stands out."""
MOST = 20
"""Warnings a column; what is more is counted in the last."""
ENOUGH = 5
"""Sites of a fuel from which what they did together is known."""
OF_WIND, OTHERS = 5.0, 2
"""Sites of wind in one market go up and down together, within this factor on ten days of eleven."""

CODE = "FAR_FROM_PREVIOUS"


@dataclass(frozen=True, slots=True)
class _Column:
    """A column of both cases: its path, the names of its rows and the values (n, T) or (n) now and before."""

    path: str
    ids: tuple[Ids, Ids]
    values: tuple[Floats, Floats]

    def matched(self) -> tuple[Ints, Ints]:
        """Rows now and before that have one name; of a name that stands twice the first."""
        if self.ids[0] is self.ids[1]:
            every = np.arange(len(self.ids[0]))
            return every, every
        before = {name: row for row, name in reversed(list(enumerate(self.ids[1])))}
        pairs = [(row, before[name]) for row, name in enumerate(self.ids[0]) if name in before]
        return tuple(np.array(pairs, dtype=np.int64).reshape(-1, 2).T)  # type: ignore[return-value]


def plausible(case: Case, before: Case) -> list[Finding]:
    """Warnings (FAR_FROM_PREVIOUS) about values that are far from those of an earlier case of the same market."""
    with np.errstate(invalid="ignore", over="ignore", divide="ignore"):
        found = [_series(case, before, column) for column in _series_of(case, before)]
        found += [_standing(column) for column in _standing_of(case, before)]
    return [finding for part in found for finding in part]


def _series_of(case: Case, before: Case) -> list[_Column]:
    both = (case, before)
    return [
        _column("case.loads.mw", both, lambda c: c.loads.id, lambda c: c.loads.mw),
        _column("case.renewables.forecast_mw", both, lambda c: c.renewables.id, lambda c: c.renewables.forecast_mw),
        _column("case.ties.import_mw", both, lambda c: c.ties.id, lambda c: c.ties.import_mw),
    ]


STANDING = {
    "units": ("p_min_mw", "p_max_mw", "ramp_up_mw_per_minute", "ramp_down_mw_per_minute", "no_load_cost_per_hour"),
    "storage": (
        "charge_max_mw",
        "discharge_max_mw",
        "energy_max_mwh",
        "charge_price_per_mwh",
        "discharge_price_per_mwh",
    ),
    "virtual_plants": ("max_mw",),
    "demand_bids": ("max_mw",),
    "hvdc_lines": ("min_mw", "max_mw"),
}
"""Columns of tables with ids: limits, and costs that are offered."""
OF_NETWORK = {"branch": ("limit_mw", "emergency_limit_mw", "reactance_pu"), "interface": ("min_mw", "max_mw")}


def _standing_of(case: Case, before: Case) -> list[_Column]:
    both = (case, before)
    found: list[tuple[str, Callable[[Case], object], Callable[[Case], Floats]]] = [
        (f"case.{table}.{name}", _of(table, "id"), _of(table, name))
        for table, names in STANDING.items()
        for name in names
    ]
    found += [
        (f"case.network.{kind}_{name}", _of("network", f"{kind}_id"), _of("network", f"{kind}_{name}"))
        for kind, names in OF_NETWORK.items()
        for name in names
    ]
    found.append(("case.reserves.requirement_mw", _of("reserves", "product_id"), _of("reserves", "requirement_mw")))
    for table, name, parts in (
        ("units", "offers", ("width_mw", "price_per_mwh")),
        ("renewables", "offers", ("price_per_mwh",)),  # widths follow the forecast
        ("demand_bids", "bids", ("price_per_mwh",)),
        ("virtual_plants", "offers", ("price_per_mwh",)),
    ):
        for part in parts:
            path = f"case.{table}.{name}.{part}"
            found.append((path, _blocks(table, name), _of(table, name, part)))
    return [_column(path, both, ids, values) for path, ids, values in found if not _unchanged(path, both)]


def _unchanged(path: str, both: tuple[Case, Case]) -> bool:
    """Whether a column and what names its rows are the same objects (kept.py): then nothing is far from anything."""
    table, *names = path.removeprefix("case.").split(".")
    ids = {"network": f"{names[0].split('_')[0]}_id", "reserves": "product_id"}.get(table, "id")
    parts = [_of(table, ids), *([_of(table, names[0], "resource")] if len(names) > 1 else []), _of(table, *names)]
    return all(part(both[0]) is part(both[1]) for part in parts)


def _of(*names: str) -> Callable[[Case], Floats]:
    def value(case: Case) -> Floats:
        found: object = case
        for name in names:
            found = getattr(found, name)
        return found  # type: ignore[return-value]

    return value


def _blocks(table: str, name: str) -> Callable[[Case], Ids]:
    """Names of the blocks of offers: id of the resource, then which of its blocks, from 1."""

    def names(case: Case) -> Ids:
        own = getattr(case, table)
        offers: Offers = getattr(own, name)
        place = np.arange(len(offers.resource)) - np.searchsorted(offers.resource, offers.resource) + 1
        return tuple(f"{own.id[r]} {k}" for r, k in zip(offers.resource.tolist(), place.tolist(), strict=True))

    return names


def _column(
    path: str, both: tuple[Case, Case], ids: Callable[[Case], object], values: Callable[[Case], Floats]
) -> _Column:
    names = tuple(ids(case) for case in both)
    return _Column(path, names, tuple(np.asarray(values(case), dtype=np.float64) for case in both))  # type: ignore[arg-type]


def _standing(column: _Column) -> list[Finding]:
    here, there = column.matched()
    if not (len(here) and column.values[0].size and column.values[1].size):
        return []
    now, old = (values.reshape(len(values), -1) for values in column.values)
    now, old = now[here], old[there]
    old = np.where(np.isfinite(old), old, np.nan)
    known: Bools = np.asarray(~np.isnan(old).all(axis=1))
    low, high = (np.zeros((len(old), 1)) for _ in range(2))
    low[known, 0], high[known, 0] = np.nanmin(old[known], axis=1), np.nanmax(old[known], axis=1)
    far = np.asarray(known[:, None] & _far(now, low, high, NEAR * _scale(old)))
    # a level that is wrong is wrong in many periods: it is said once
    first: Bools = np.zeros(far.shape, dtype=np.bool_)
    rows = np.flatnonzero(far.any(axis=1))
    first[rows, far.argmax(axis=1)[rows]] = True
    whole = column.values[0].ndim == 1
    return _findings(column, here, now, first, low, high, whole, "the row had")


def _far(value: Floats, low: Floats, high: Floats, near: Floats, factor: float = FACTOR) -> Bools:
    """Whether values lie beyond [low, high] by a factor and by more than `near`; near 0 compares nothing."""
    most = np.where(high > 0.0, high * factor, high / factor)
    least = np.where(low > 0.0, low / factor, low * factor)
    return np.asarray(np.isfinite(value) & (near > 0.0) & ((value > most + near) | (value < least - near)))


def _scale(old: Floats) -> Floats:
    """Greatest size of a value of a row (n, 1), NaN left out."""
    return np.asarray(np.max(np.where(np.isfinite(old), np.abs(old), 0.0), axis=1, initial=0.0)[:, None])


def _series(case: Case, before: Case, column: _Column) -> list[Finding]:
    here, there = column.matched()
    now, old = column.values[0][here], column.values[1][there]
    if not now.size or not old.size:
        return []
    at, scale = _same_period(case.horizon, before.horizon), _scale(old)
    same = np.flatnonzero(at >= 0)
    low, high = np.full(now.shape, np.nan), np.full(now.shape, np.nan)
    far = np.zeros(now.shape, dtype=np.bool_)
    low[:, same] = high[:, same] = old[:, at[same]]
    far[:, same] = _far(now[:, same], low[:, same], high[:, same], NEAR * scale)
    found = _findings(column, here, now, far, low, high, False, "the period had")
    two, low, high = _beside(now, old, case.horizon, before.horizon)
    sudden = column.path.startswith("case.renewables")
    alone = _alone(now, two | (not sudden), low, high, scale) & (at < 0) & _unlike(case, here, now, scale, sudden)
    found += _findings(column, here, now, alone, low, high, False, "the periods beside it have")
    return found if len(same) else found + _greatest(case, column, here, now, scale)


def _unlike(case: Case, here: Ints, now: Floats, scale: Floats, renewable: bool) -> Bools:
    """Values (n, T) that sites of the same fuel, each by its greatest value, do not have at the time by `ALONE`."""
    found: Bools = np.ones(now.shape, dtype=np.bool_)
    for kind in np.unique(case.renewables.fuel[here]).tolist() if renewable else ():
        own = np.flatnonzero((case.renewables.fuel[here] == kind) & (scale[:, 0] > 0.0))
        if len(own) >= ENOUGH:
            share = now[own] / scale[own]
            middle = np.median(share, axis=0)
            found[own] = (share > ALONE * middle) | (share < middle / ALONE)
    return found


def _greatest(case: Case, column: _Column, here: Ints, now: Floats, scale: Floats) -> list[Finding]:
    """The greatest value of each row against the one that it had, where the cases have no period together."""
    greatest, known = np.abs(now).max(axis=1, keepdims=True), scale[:, 0] > 0.0
    fuel = case.renewables.fuel[here] if column.path.startswith("case.renewables") else np.full(len(now), -1)
    judged, common = known & (fuel != Fuel.WIND), np.ones((len(now), 1))
    found: list[Finding] = []
    for kind in np.unique(fuel[judged & (fuel >= 0)]).tolist():
        own = np.flatnonzero(judged & (fuel == kind) & (greatest[:, 0] > 0.0))
        if len(own) >= ENOUGH:
            common[own] = middle = float(np.median(greatest[own] / scale[own]))
            if not 1.0 / FACTOR <= middle <= FACTOR:
                text = "Greatest values of all sites of this fuel against the earlier case, the middle of their ratios."
                value, limit = f"{middle:g}", f"{1.0 / FACTOR:.2g} … {FACTOR:g}"
                name = Fuel(kind).name
                found.append(Finding(Severity.WARNING, CODE, column.path, text, name, value=value, limit=limit))
    near = common * scale
    far = judged & _far(greatest, near, near, NEAR * near)[:, 0]
    wind = np.flatnonzero(known & (fuel == Fuel.WIND) & (greatest[:, 0] > 0.0))
    if len(wind) > OTHERS:
        ratio = greatest[wind, 0] / scale[wind, 0]
        others = np.array([np.median(np.delete(ratio, k)) for k in range(len(wind))])[:, None]
        near[wind] = others * scale[wind]
        far[wind] = _far(greatest[wind], near[wind], near[wind], NEAR * near[wind], OF_WIND)[:, 0]
    wrong = np.zeros(now.shape, dtype=np.bool_)
    wrong[np.arange(len(now)), np.abs(now).argmax(axis=1)] = far
    return found + _findings(column, here, now, wrong, near, near, False, "the row had at most, others like it alike")


def _same_period(now: Horizon, before: Horizon) -> Ints:
    """(T) Period of the earlier case that each period begins in, −1 = none."""
    days = (now.operating_day - before.operating_day).days
    begin = days * 1440 + now.start_minute - before.start_minute + np.arange(now.periods) * now.period_minutes
    at = begin // before.period_minutes
    return np.where((at >= 0) & (at < before.periods), at, -1)


def _beside(now: Floats, old: Floats, horizon: Horizon, before: Horizon) -> tuple[Bools, Floats, Floats]:
    """Whether a cell has a neighbour on both sides, and the least and greatest value of those it has (n, T)."""
    earlier = np.concatenate([np.full((len(now), 1), np.nan), now[:, :-1]], axis=1)
    later = np.concatenate([now[:, 1:], np.full((len(now), 1), np.nan)], axis=1)
    if _follows(horizon, before):
        earlier[:, 0] = old[:, -1]
    both = np.stack([earlier, later])
    low, high = np.where(np.isnan(both), np.inf, both).min(axis=0), np.where(np.isnan(both), -np.inf, both).max(axis=0)
    return ~np.isnan(both).any(axis=0), low, high


def _follows(horizon: Horizon, before: Horizon) -> bool:
    days = (horizon.operating_day - before.operating_day).days
    return days * 1440 + horizon.start_minute - before.start_minute == before.periods * before.period_minutes


def _alone(now: Floats, two: Bools, low: Floats, high: Floats, scale: Floats) -> Bools:
    """Values that stand alone among their neighbours; down only where `two` (what may change suddenly: between two)."""
    size = np.abs(now)
    place, order = size.argmax(axis=1)[:, None], np.sort(size, axis=1)
    second = order[:, -2:-1] if now.shape[1] > 1 else np.full((len(now), 1), np.inf)
    up = (np.arange(now.shape[1]) == place) & (size > ABOVE * second) & np.isfinite(high)
    down = two & (size < np.minimum(np.abs(low), np.abs(high)))
    return np.asarray((up | down) & _far(now, low, high, ALONE_NEAR * scale, ALONE))


def _findings(
    column: _Column,
    rows: Ints,
    value: Floats,
    far: Bools,
    low: Floats,
    high: Floats,
    whole: bool,
    had: str,
) -> list[Finding]:
    """One warning a cell, the first MOST of them; the last says how many more there are."""
    cells = np.argwhere(far)
    low, high = np.broadcast_to(low, far.shape), np.broadcast_to(high, far.shape)
    found = []
    for k, (i, t) in enumerate(cells[:MOST].tolist()):
        more = (
            f" {len(cells) - MOST} more of this column are not listed." if k == MOST - 1 and len(cells) > MOST else ""
        )
        sides = sorted({float(low[i, t]), float(high[i, t])})
        limit = " … ".join(f"{side:g}" for side in sides)
        found.append(
            Finding(
                Severity.WARNING,
                CODE,
                f"{column.path}[{rows[i]}]",
                f"Far from what {had}; a digit too many, or another unit?{more}",
                subject=column.ids[0][int(rows[i])],
                period=-1 if whole else t,
                value=f"{value[i, t]:g}",
                limit=f"near {limit}",
            )
        )
    return found
