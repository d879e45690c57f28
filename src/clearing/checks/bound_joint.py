"""What multipliers of rows that join units are worth in a bound: system reserves from both sides, groups of units."""

from __future__ import annotations

import numpy as np

from clearing.case.arrays import Floats
from clearing.case.bound_proof import SYSTEM
from clearing.case.case import Case
from clearing.checks.bids import firm_load
from clearing.checks.bound_pumped import kept_back
from clearing.checks.bound_sides import ByUnit, soft
from clearing.rules.rules import Rules

Values = dict[str, Floats]


def asked(case: Case, rules: Rules) -> dict[str, Floats]:
    """Requirements (T) of the system reserves that there are, by family: the case's, else the rule set's."""
    own, ruled, periods = case.reserves, rules.reserves, case.horizon.periods
    pairs = (
        (own.positive_min_mw, ruled.positive_min_mw),
        (own.positive_max_mw, ruled.positive_max_mw),
        (own.negative_min_mw, ruled.negative_min_mw),
    )
    return {
        name: np.broadcast_to(np.asarray(default if mw is None else mw, dtype=np.float64), (periods,))
        for name, (mw, default) in zip(SYSTEM, pairs, strict=True)
        if mw is not None or default is not None
    }


def system(case: Case, rules: Rules, values: Values) -> ByUnit:
    """Worth of multipliers (1, T), money per MW.

    positive_min  Σ on·p_max + what stores hold (storage_bound.py, bound_pumped.py) ≥ D − ΣT + R − κ·Σ forecast −
                  what machines keep out of the market
    positive_max  Σ (on·p_max − P) ≤ R
    negative_min  Σ on·p_min ≤ D − ΣT − R − Σ renewable minima
    """
    units, sites = case.units, case.renewables
    net = firm_load(case).sum(axis=0) - case.ties.import_mw.sum(axis=0)
    counted = rules.reserves.renewable_share * sites.forecast_mw.sum(axis=0)
    output, on, total = np.zeros(units.p_max_mw.shape), np.zeros(units.p_max_mw.shape), 0.0
    steps, hours = rules.clearing_penalties.system_reserve, case.horizon.hours
    for name, mw in asked(case, rules).items():
        value = values[name]
        if name == "system_positive_min":
            on += value * units.p_max_mw
            total += soft(value, net + mw - counted - kept_back(case, rules), np.inf, steps, hours)
        elif name == "system_positive_max":
            on += value * units.p_max_mw
            output -= value
            total += soft(value, -np.inf, mw, steps, hours)
        else:
            on += value * units.p_min_mw
            total += soft(value, -np.inf, net - mw - sites.min_mw.sum(axis=0), steps, hours)
    return ByUnit(output, on, total)


def groups(case: Case, rules: Rules, values: Values) -> ByUnit:
    """Worth of multipliers (J, T) of group_output, min ≤ Σ P ≤ max, and of group_on, min_on ≤ Σ on ≤ max_on."""
    table, shape = case.unit_groups, case.units.p_max_mw.shape
    output, on = np.zeros(shape), np.zeros(shape)
    if not table.id:
        return ByUnit(output, on, 0.0)
    of_output, of_number = values["group_output"], values["group_on"]
    for group, unit in zip(table.member_group, table.member_unit, strict=True):
        output[unit] += of_output[group]
        on[unit] += of_number[group]
    hours, penalties = case.horizon.hours, rules.clearing_penalties
    least, most = np.where(table.min_on > 0, table.min_on, -np.inf), np.where(table.max_on >= 0, table.max_on, np.inf)
    total = soft(of_output, table.min_mw, table.max_mw, penalties.joint_limit, hours)
    return ByUnit(output, on, total + soft(of_number, least, most, penalties.group_on, hours))
