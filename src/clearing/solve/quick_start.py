"""Commitments found without a search: by merit order, or by rounding a relaxation."""

from __future__ import annotations

import numpy as np

from clearing.case.arrays import Flags, Floats, Ints
from clearing.case.case import Case
from clearing.case.reserves import Direction
from clearing.formulation.awards import caps
from clearing.formulation.reserves import net_load_mw, requirements
from clearing.formulation.unit_data import UnitData
from clearing.rules.rules import Rules
from clearing.solve.project import cover, project


def merit_order(case: Case, rules: Rules, data: UnitData) -> Flags:
    """Cheapest units first until capacity covers net load and upward reserve; min up/down times are kept."""
    wish = np.where(data.on_min == 1, 1.0, -1e-3)
    on = nearest(data, wish)
    return _covered(case, rules, data, on)


def rounded(case: Case, rules: Rules, data: UnitData, share: Floats, threshold: float) -> Flags:
    """The feasible commitment nearest to a relaxed one (N, T), then units added until capacity suffices."""
    return _covered(case, rules, data, nearest(data, share - threshold))


def with_products(case: Case, data: UnitData, on: Flags, lacking_mw: Floats) -> Flags:
    """The commitment with units added, cheapest first, that can hold what upward products lack (Q, T); it may be less.

    A product of a zone, or one that few units may hold, is not met by capacity somewhere.
    """
    units, order = case.units, _cheapest_first(case)
    holds = np.where(case.reserves.covers_bus[:, units.bus], caps(case), 0.0)
    for q in np.flatnonzero(lacking_mw.any(axis=1) & (case.reserves.direction == Direction.UP)):
        able = np.minimum(holds[q][:, None], units.p_max_mw - units.p_min_mw)
        need = np.where(lacking_mw[q] > 0.0, lacking_mw[q] + (on * able).sum(axis=0), 0.0)
        on = cover(
            on, order[holds[q, order] > 0.0], able, need, data.on_min, data.on_max, data.min_up, data.min_down,
            data.was_on, data.first_start,
        )  # fmt: skip
    return on


def nearest(data: UnitData, wish: Floats) -> Flags:
    """The feasible commitment that gathers most of a wish (N, T), > 0 to be on: a feasible one of ±1 comes back."""
    return project(wish, data.on_min, data.on_max, data.min_up, data.min_down, data.was_on, data.first_start)


def _covered(case: Case, rules: Rules, data: UnitData, on: Flags) -> Flags:
    return cover(
        on, _cheapest_first(case), case.units.p_max_mw, needed_capacity_mw(case, rules), data.on_min, data.on_max,
        data.min_up, data.min_down, data.was_on, data.first_start,
    )  # fmt: skip


def needed_capacity_mw(case: Case, rules: Rules) -> Floats:
    """Capacity (T) that committed units should have: net load less renewables, plus upward reserve."""
    up = case.reserves.direction == Direction.UP
    least = requirements(case, rules.reserves)[0]
    reserve = case.reserves.requirement_mw[up].sum(axis=0)
    reserve = reserve if least is None else np.maximum(reserve, least)
    return np.asarray(net_load_mw(case) - case.renewables.forecast_mw.sum(axis=0) + reserve)


def _cheapest_first(case: Case) -> Ints:
    """Units by average cost at full output over the day."""
    units, offers = case.units, case.units.offers
    full = np.zeros(len(units.id))
    np.add.at(full, offers.resource, (offers.width_mw * offers.price_per_mwh).mean(axis=1))
    size = np.zeros(len(units.id))
    np.add.at(size, offers.resource, np.asarray(offers.width_mw).mean(axis=1))
    return np.argsort((full + units.no_load_cost_per_hour) / np.maximum(size, 1e-6), kind="stable")
