"""Unit by unit: each unit's best schedule while all others, and what stores do, stay as they are. Compiled.

A copper plate stands in for the dispatch: every period is filled in order of price from the units on line and the
renewables. What the commitment alone decides is charged as the problem does: system reserves within both limits, units
of a group on line, starts and stops of a plant apart. The result is a proposal, to be dispatched before it counts.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numba
import numpy as np

from clearing.case.arrays import Flags, Floats, Ints
from clearing.case.case import Case
from clearing.formulation.curves import Curve
from clearing.formulation.model import Model
from clearing.formulation.plant_data import PlantData, plant_data
from clearing.formulation.reserves import net_load_mw, requirements
from clearing.rules.rules import Rules, Steps
from clearing.solve.control import never
from clearing.solve.project import best_path

BINS = 400
"""Price classes of the merit order."""

PASSES = 8

SMALLEST_GAIN = 1.0
"""Money; smaller gains are rounding."""

TURN = 1e7
"""Money a period that turning a unit round is worth: more than any limit but a window."""


@dataclass(frozen=True, slots=True)
class Supply:
    """What the search over commitments needs besides the units, T periods, MW.

    need (T)         that units and renewables must give, least output of renewables left out
    stored (T)       deliverable by stores towards the least positive reserve
    kept (2, T)      how much further within the least and the greatest positive reserve to stay: what dispatches of
                     earlier proposals broke, because they moved the stores
    """

    need: Floats
    stored: Floats
    kept: Floats


def local_search(
    case: Case, rules: Rules, model: Model, on: Flags, supply: Supply, stopped: Callable[[], bool] = never,
    *, turns: bool = True,
) -> Flags:  # fmt: skip
    """A commitment (N, T) that no single unit can better at the stand-in's costs; min up/down times are kept.

    From there every unit in turn is turned round, off where it was on for most of the day and on where not, and the
    others answer: a way to exchange units where both limits of the reserve are tight. Ends early when stopped.
    turns False: without that, which takes nearly all of the time.
    """
    look = _Look(case, rules, model, supply, np.array(on, dtype=np.int8))
    look.settle(None)
    for i in look.movable.tolist():
        if stopped() or not turns:
            break
        before = look.on.copy()
        gain, answer = look.turn_round(i), look.settle(i, passes=1)
        if answer > SMALLEST_GAIN:  # without an answer the unit would only turn back
            gain += answer + look.settle(None)
        if gain <= SMALLEST_GAIN:
            look.put(before)
    return look.on


class _Look:
    """A commitment and its merit order, changed a unit at a time; gains are money saved."""

    def __init__(self, case: Case, rules: Rules, model: Model, supply: Supply, on: Flags) -> None:
        self.case, self.rules, self.data, self.need, self.on = case, rules, model.data, supply.need, on
        self.price, self.own, self.sites = _merit(model)
        self.above = np.zeros((case.horizon.periods, len(self.price)))
        units = case.units
        self.p_min, self.p_max = (on * units.p_min_mw).sum(axis=0), (on * units.p_max_mw).sum(axis=0)
        for i in range(len(on)):
            _shift(self.above, self.own, i, on[i], 1.0)
        self.plants = plant_data(case, rules.starts)
        self.limits, self.starts = _limits(case, rules, supply), _start_costs(case)
        self.run_cost = case.units.no_load_cost_per_hour[:, None] + model.unit_curve.floor_cost_per_hour
        most = case.horizon.periods + 1
        self.min_up, self.min_down = np.minimum(self.data.min_up, most), np.minimum(self.data.min_down, most)
        self.movable = np.flatnonzero((self.data.on_min != self.data.on_max).any(axis=1))

    def settle(self, but: int | None, passes: int = PASSES) -> float:
        """Every unit's best answer to the others until none moves; `but` stays as it is."""
        total = 0.0
        for _ in range(passes):
            gains = [self._move(i, None) for i in self.movable.tolist() if i != but]
            total += sum(gains)
            if max(gains, default=0.0) <= SMALLEST_GAIN:
                break
        return total

    def turn_round(self, i: int) -> float:
        """Gain (mostly negative) of turning a unit off, or on where it was off for most of the day."""
        return self._move(i, -TURN if self.on[i].mean() > 0.5 else TURN)

    def put(self, on: Flags) -> None:
        """Go back to a commitment."""
        for i in np.flatnonzero((on != self.on).any(axis=1)).tolist():
            self._take_out(i)
            self.on[i] = on[i]
            self._put_in(i)

    def _take_out(self, i: int) -> None:
        units = self.case.units
        _shift(self.above, self.own, i, self.on[i], -1.0)
        self.p_min -= self.on[i] * units.p_min_mw[i]
        self.p_max -= self.on[i] * units.p_max_mw[i]
        self.on[i] = 0

    def _put_in(self, i: int) -> None:
        units = self.case.units
        _shift(self.above, self.own, i, self.on[i], 1.0)
        self.p_min += self.on[i] * units.p_min_mw[i]
        self.p_max += self.on[i] * units.p_max_mw[i]

    def _move(self, i: int, wish: float | None) -> float:
        """Best path of a unit, or the one nearest to a wish to be on; returns the gain."""
        case, units, data, penalties = self.case, self.case.units, self.data, self.rules.clearing_penalties
        before = self.on[i].copy()
        self._take_out(i)
        benefit = _benefit(
            self.above, self.sites, *self.own, i, self.price, self.need, self.p_min, self.p_max, units.p_min_mw[i],
            units.p_max_mw[i], self.limits, _price(penalties.system_reserve), _price(penalties.shortage),
            _price(penalties.surplus),
        )  # fmt: skip
        benefit += _group_benefit(case, self.on, i, _price(penalties.group_on)) - self.run_cost[i]
        benefit *= case.horizon.hours
        start, stop = _switch_costs(case, self.rules, self.plants, self.on, i, self.starts[i])
        best_path(
            benefit if wish is None else np.full(len(benefit), wish), start, stop, data.on_min[i], data.on_max[i],
            int(self.min_up[i]), int(self.min_down[i]), data.was_on[i] > 0.5, data.first_start[i], self.on[i],
        )  # fmt: skip
        self._put_in(i)
        if (self.on[i] == before).all():
            return 0.0
        was = bool(data.was_on[i] > 0.5)
        return _worth(benefit, start, stop, was, self.on[i]) - _worth(benefit, start, stop, was, before)


def _worth(benefit: Floats, start: Floats, stop: Floats, was_on: bool, on: Flags) -> float:
    change = np.diff(on, prepend=np.int8(was_on))
    return float(benefit @ on - start @ (change > 0) - stop @ (change < 0))


def supply_of(model: Model, units_mw: Floats, renewable_mw: Floats, energy_mwh: Floats, rules: Rules) -> Supply:
    """Supply (T) where units give units_mw (T), renewables renewable_mw (T) and stores hold energy_mwh (G, T)."""
    case, storage = model.case, model.case.storage
    duration = rules.reserves.storage_minutes / 60.0
    held = (energy_mwh - storage.energy_min_mwh) * storage.discharge_efficiency / duration
    stored = np.minimum(storage.discharge_max_mw, held).sum(axis=0)
    none = np.zeros((2, case.horizon.periods))
    return Supply(units_mw + renewable_mw - case.renewables.min_mw.sum(axis=0), stored, none)


def _merit(model: Model) -> tuple[Floats, tuple[Ints, Ints, Floats], Floats]:
    """Prices of the classes (B); blocks of units as (first block of unit (N + 1), class (M, T), width (M, T)); MW of
    renewables (T, B)."""
    curves: tuple[Curve, Curve] = model.unit_curve, model.renewable_curve
    used = np.concatenate([c.price_per_mwh[c.width_mw > 0.0] for c in curves])
    low, high = (float(used.min()), float(used.max())) if len(used) else (0.0, 0.0)
    step = max(high - low, 1e-9) / (BINS - 1)
    classes = [np.clip(np.rint((c.price_per_mwh - low) / step), 0, BINS - 1).astype(np.int64) for c in curves]
    unit_curve, site_curve = curves
    order = np.argsort(unit_curve.resource, kind="stable")
    first = np.searchsorted(unit_curve.resource[order], np.arange(len(model.case.units.id) + 1))
    periods = model.case.horizon.periods
    sites = np.zeros((periods, BINS))
    period = np.broadcast_to(np.arange(periods), site_curve.width_mw.shape)
    np.add.at(sites, (period, classes[1]), site_curve.width_mw)
    ready = np.ascontiguousarray
    price = np.asarray(low + step * np.arange(BINS), dtype=np.float64)
    return price, (first.astype(np.int64), ready(classes[0][order]), ready(unit_curve.width_mw[order])), sites


def _limits(case: Case, rules: Rules, supply: Supply) -> Floats:
    """(3, T): capacity that units on line need, most room, most p_min on line; ±inf where there is no limit."""
    least, most, negative = requirements(case, rules.reserves)
    net, periods = net_load_mw(case), case.horizon.periods
    sun = rules.reserves.renewable_share * case.renewables.forecast_mw.sum(axis=0)
    none = np.full(periods, np.inf)
    return np.stack(
        [
            -none if least is None else net + least - sun - supply.stored + supply.kept[0],
            none if most is None else most - supply.kept[1],
            none if negative is None else net - negative - case.renewables.min_mw.sum(axis=0),
        ]
    )


def _price(steps: Steps) -> float:
    """Price of the first MW of a stepped penalty."""
    return float(steps[0][1])


def _group_benefit(case: Case, on: Flags, unit: int, penalty: float) -> Floats:
    """Money an hour (T) that a unit on line saves in groups short of it, less what it costs in groups that are full."""
    groups = case.unit_groups
    total = np.zeros(on.shape[1])
    for j in groups.member_group[groups.member_unit == unit].tolist():
        count = on[groups.member_unit[groups.member_group == j]].sum(axis=0)
        total += penalty * (count < groups.min_on[j])
        total -= penalty * ((groups.max_on[j] >= 0) & (count >= groups.max_on[j]))
    return total


def _start_costs(case: Case) -> Floats:
    """Money of a start (N, T), taking a unit that is on before the horizon to stop at its beginning."""
    units, minutes = case.units, case.horizon.period_minutes
    off = np.where(units.initial_on, 0, units.initial_minutes)[:, None] + minutes * np.arange(case.horizon.periods)
    cost, table = np.zeros(off.shape), units.start_costs
    for k in range(len(table.unit)):
        i = table.unit[k]
        applies = off[i] >= table.after_minutes[k] if table.inclusive[k] else off[i] > table.after_minutes[k]
        cost[i] = np.where(applies, table.cost[k], cost[i])
    return cost


def _switch_costs(
    case: Case, rules: Rules, plants: PlantData, on: Flags, unit: int, start_cost: Floats
) -> tuple[Floats, Floats]:
    """Money of a start and of a stop (T), with penalties where another unit of the plant switches too close."""
    stop_cost = np.full(on.shape[1], float(case.units.stop_cost[unit]))
    plant = int(plants.plant[unit])
    if plant < 0:
        return start_cost, stop_cost
    mates = np.flatnonzero(plants.plant == plant)
    mates = mates[mates != unit]
    before = np.concatenate([case.units.initial_on[mates, None], on[mates, :-1]], axis=1)
    penalty, minutes = _price(rules.starts.penalty), case.horizon.period_minutes
    costs = []
    for switch, spacing, money in (
        (on[mates] > before, plants.start_spacing[plant], start_cost),
        (on[mates] < before, plants.stop_spacing[plant], stop_cost),
    ):
        reach = -(-int(spacing) // minutes)
        reached = np.convolve(switch.sum(axis=0), np.ones(max(1, 2 * reach - 1)))  # may be longer than the horizon
        near = reached[reach - 1 : reach - 1 + on.shape[1]] if reach > 0 else 0.0
        costs.append(money + penalty * near)
    return costs[0], costs[1]


@numba.njit(cache=True)
def _shifted(above: Floats, first: Ints, place: Ints, width: Floats, unit: int, on: Flags, sign: float) -> None:
    for m in range(first[unit], first[unit + 1]):
        for t in range(len(on)):
            if on[t] == 1:
                above[t, place[m, t]] += sign * width[m, t]


def _shift(above: Floats, own: tuple[Ints, Ints, Floats], unit: int, on: Flags, sign: float) -> None:
    """Put the blocks of a unit into the merit order (T, B) where it is on, or take them out."""
    _shifted(above, own[0], own[1], own[2], unit, on, sign)


@numba.njit(cache=True)
def _fill(
    above: Floats, sites: Floats, mine: Floats, price: Floats, need: float, shortage: float, surplus: float
) -> tuple[float, float]:
    """Money an hour and MW of units when `need` is filled cheapest first; renewables first at a price."""
    if need <= 0.0:
        return -need * surplus, 0.0
    money, of_units = 0.0, 0.0
    for b in range(len(price)):
        sun = min(sites[b], need)
        need -= sun
        burnt = min(above[b] + mine[b], need)
        need -= burnt
        money += price[b] * (sun + burnt)
        of_units += burnt
        if need <= 0.0:
            return money, of_units
    return money + shortage * need, of_units


@numba.njit(cache=True)
def _benefit(
    above: Floats, sites: Floats, first: Ints, place: Ints, width: Floats, unit: int, price: Floats, need: Floats,
    p_min: Floats, p_max: Floats, my_min: Floats, my_max: Floats, limits: Floats, system: float, shortage: float,
    surplus: float,
) -> Floats:  # fmt: skip
    """Money an hour (T) that the rest costs more without a unit than with it, system reserves included."""
    out = np.zeros(len(need))
    nothing, mine = np.zeros(len(price)), np.zeros(len(price))
    for t in range(len(need)):
        for m in range(first[unit], first[unit + 1]):
            mine[place[m, t]] += width[m, t]
        for turn in range(2):
            least, most = p_min[t] + turn * my_min[t], p_max[t] + turn * my_max[t]
            blocks = mine if turn == 1 else nothing
            money, of_units = _fill(above[t], sites[t], blocks, price, need[t] - least, shortage, surplus)
            over = max(0.0, limits[0, t] - most) + max(0.0, most - least - of_units - limits[1, t])
            over += max(0.0, least - limits[2, t])
            out[t] += (money + system * over) * (1.0 if turn == 0 else -1.0)
        for m in range(first[unit], first[unit + 1]):
            mine[place[m, t]] = 0.0
    return out
