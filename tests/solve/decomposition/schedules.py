"""Random units with every feature that the kernels know, and random schedules of theirs, made from the raw tables."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from clearing.case.arrays import Floats
from clearing.case.case import Case
from clearing.case.reserves import Direction
from clearing.formulation.model import Model
from clearing.formulation.scuc import scuc
from clearing.grid.islands import islands
from clearing.rules.load import load
from clearing.rules.rules import RampSharing, Rules
from tests.factory import Row, market

INF = np.inf
Rng = np.random.Generator


def fleet(seed: int, units: int, periods: int) -> tuple[Case, Rules]:
    """Units at one bus. Seeds take turns: ramps shared with awards or not, one product or three, 60 or 15 minutes."""
    rng = np.random.default_rng(seed)
    minutes = 15 if seed % 4 == 3 else 60
    rows = [unit(rng, i, periods, minutes) for i in range(units)]
    rows[0]["min_up"], rows[0]["startup_limit"], rows[0]["shutdown_limit"] = minutes, rows[0]["p_min"].max(), INF
    reach = np.where(rng.random(units) < 0.8, INF, 0.0)
    products: list[Row] = [{"id": "up", "direction": Direction.UP, "requirement": 5.0, "minutes": INF, "max": reach}]
    if seed % 2:
        some = np.where(rng.random(units) < 0.5, INF, rng.choice([4.0, 9.0], units))
        products.append({"id": "fast", "direction": Direction.UP, "requirement": 5.0, "minutes": minutes, "max": some})
    products.append({"id": "down", "direction": Direction.DOWN, "requirement": 5.0, "minutes": INF, "max": reach})
    rules = load("generic")
    sharing = RampSharing.HEADROOM if seed % 3 == 2 else RampSharing.PGLIB
    rules = replace(rules, reserves=replace(rules.reserves, ramp_sharing=sharing))
    case = market(np.full(periods, 10.0), rows, products=products, period_minutes=minutes)
    starts = case.units.start_costs
    inclusive = (starts.after_minutes == 0) | (rng.random(len(starts.unit)) < 0.5)
    return replace(case, units=replace(case.units, start_costs=replace(starts, inclusive=inclusive))), rules


def unit(rng: Rng, i: int, periods: int, minutes: int) -> Row:
    """One unit; half of them with ramps, some with limits that change, windows, fixed outputs, long lead times."""
    low, room = float(rng.choice([0.0, 8.0, 20.0])), float(rng.choice([12.0, 30.0, 50.0]))
    p_min, p_max = np.full(periods, low), np.full(periods, low + room)
    if rng.random() < 0.3:
        p_min[rng.integers(periods)] += 4.0
        p_max[rng.integers(periods)] -= 4.0
    count = int(rng.integers(1, 5))
    prices = np.sort(np.round(rng.uniform(5, 60, (count, periods) if rng.random() < 0.3 else (count, 1)), 1), axis=0)
    after = [0, *(np.sort(rng.choice(np.arange(1, 9), 2, replace=False)) * minutes).tolist()]
    costs = np.round(rng.uniform(0, 400, 3))
    costs = np.sort(costs) if rng.random() < 0.8 else costs
    row: Row = {
        "id": f"u{i}", "p_min": p_min, "p_max": p_max,
        "blocks": [((low + room) / count, price if len(price) > 1 else float(price[0])) for price in prices],
        "no_load": float(rng.choice([0.0, 60.0])), "stop_cost": float(rng.choice([0.0, 30.0])),
        "min_up": int(rng.choice([0, 1, 2, 5])) * minutes, "min_down": int(rng.choice([0, 1, 2, 4])) * minutes,
        "start": list(zip(after, costs.tolist(), strict=True))[: int(rng.integers(1, 4))],
        "on": bool(rng.random() < 0.5), "minutes": int(rng.choice([1, 2, 3, 9])) * minutes,
    }  # fmt: skip
    row["mw"] = float(np.round(rng.uniform(low, low + room), 1)) if row["on"] else 0.0
    for name in ("ramp_up", "ramp_down"):
        if rng.random() < 0.6:
            row[name] = float(rng.choice([3.0, 6.0, 12.0, 25.0])) / minutes
    for name in ("startup_limit", "shutdown_limit"):
        if rng.random() < 0.5:
            row[name] = float(p_min.max() + rng.choice([0.0, 5.0, 20.0]))
    if rng.random() < 0.2:
        row["lead"] = (np.cumsum(rng.integers(0, 3, 3)) * minutes).tolist()[: len(row["start"])]
    kind, t = rng.random(), int(rng.integers(periods))
    window = (np.arange(periods) >= t).astype(int) * (np.arange(periods) < t + 5)
    if kind < 0.1:
        row["must_run"] = window
    elif kind < 0.25:
        row["must_off"] = window
    elif kind < 0.35:
        row["fixed"] = {t: float(0.5 * (p_min[t] + p_max[t]))}
    return row


def model_of(case: Case, rules: Rules) -> Model:
    return scuc(case, rules, islands(case))


def walk(rng: Rng, model: Model, i: int, x: Floats) -> None:
    """Write a random schedule of unit i to x (columns): on and off as its times allow, a random output on every run,
    random awards. Now and then it is not feasible; whoever asks must look."""
    columns, data, case = model.problem.columns, model.data, model.case
    periods = data.range_mw.shape[1]
    on = _commitment(rng, model, i)
    before = np.concatenate([[data.was_on[i]], on[:-1]])
    start, stop = (on > before).astype(float), (on < before).astype(float)
    above, first = np.zeros(periods), 0
    while first < periods:
        if not on[first]:
            first += 1
            continue
        last = first
        while last + 1 < periods and on[last + 1]:
            last += 1
        above[first : last + 1] = _run(rng, model, i, first, last)
        first = last + 1
    for name, value in (("on", on), ("start", start), ("stop", stop), ("above", above)):
        x[columns[name][i]] = value
    left = above.copy()
    for m in np.flatnonzero(model.unit_curve.resource == i):
        part = np.minimum(left, model.unit_curve.width_mw[m])
        x[columns["segment"][m]] = part
        left -= part
    _states(model, i, on, start, x)
    awards = np.flatnonzero(model.awards.unit == i)
    held = np.zeros((2, periods))
    for p in rng.permutation(awards):
        up = int(case.reserves.direction[model.awards.product[p]] == Direction.UP)
        room = on * (data.range_mw[i] - above if up else above) - held[up]
        most = np.clip(np.minimum(room, model.problem.upper[columns["award"][p]]), 0.0, None)
        rise = np.diff(above, prepend=above[:1])
        rate = data.ramp_up_mw[i] - rise if up else data.ramp_down_mw[i] + rise
        steady = (before > 0) & (on > 0) & (np.arange(periods) > 0)
        most = np.where(steady, np.clip(np.minimum(most, rate - held[up]), 0.0, None), most * (rng.random() < 0.3))
        value = most * rng.choice([0.0, 1.0, rng.random()], periods)
        x[columns["award"][p]] = value
        held[up] += value


def _commitment(rng: Rng, model: Model, i: int) -> Floats:
    data = model.data
    periods = data.range_mw.shape[1]
    on, state, spell, ever = np.zeros(periods), int(data.was_on[i]), 10_000, bool(data.was_on[i])
    eager = rng.choice([0.1, 0.4, 0.8])
    for t in range(periods):
        must, may = data.on_min[i, t] == 1, data.on_max[i, t] == 1
        least = data.min_up[i] if state else data.min_down[i]
        change = spell >= least and rng.random() < eager
        if not state and not ever and not data.first_start[i, t]:
            change = False
        wanted = (1 - state) if change else state
        wanted = 1 if must else 0 if not may else wanted
        spell = spell + 1 if wanted == state else 1
        state, ever = wanted, ever or bool(wanted)
        on[t] = state
    return on


def _run(rng: Rng, model: Model, i: int, first: int, last: int) -> Floats:
    """Output above p_min in a run: a random walk in what is left by ramps and the limits of both ends."""
    data, units, problem = model.data, model.case.units, model.problem
    column = problem.columns["above"][i]
    p_min, periods = units.p_min_mw[i], data.range_mw.shape[1]
    low, high = problem.lower[column] + p_min, problem.upper[column] + p_min
    was_on = first == 0 and data.was_on[i] > 0
    if not was_on:
        high[first] = min(high[first], data.startup_mw[i, first])
    if last + 1 < periods:
        high[last] = min(high[last], data.shutdown_mw[i, last])
    up, down = data.ramp_up_mw[i], data.ramp_down_mw[i]
    for t in range(last - 1, first - 1, -1):
        low[t], high[t] = max(low[t], low[t + 1] - up), min(high[t], high[t + 1] + down)
    p = np.zeros(last + 1 - first)
    previous = units.initial_mw[i] if was_on else None
    pull = rng.choice([0.0, 0.5, 1.0])
    for k, t in enumerate(range(first, last + 1)):
        a, b = low[t], high[t]
        if previous is not None:
            a, b = max(a, previous - down), min(b, previous + up)
        previous = a + max(0.0, b - a) * rng.choice([pull, rng.random()])
        p[k] = previous
    return p - p_min[first : last + 1]


def _states(model: Model, i: int, on: Floats, start: Floats, x: Floats) -> None:
    """The dearest saving that the time off allows, by the table of start costs."""
    from clearing.formulation.start_states import start_arcs  # noqa: PLC0415

    case, arcs = model.case, start_arcs(model.case)
    minutes = case.horizon.period_minutes
    for t in np.flatnonzero(start):
        off = 0
        while off < t and on[t - 1 - off] == 0:
            off += 1
        spent = off * minutes
        if off == t:
            spent = spent + (0 if case.units.initial_on[i] else int(case.units.initial_minutes[i]))
        for a in np.flatnonzero(arcs.unit == i):
            if arcs.first_minutes[a] <= spent <= arcs.last_minutes[a]:
                x[model.problem.columns["start_saving"][a, t]] = 1.0
