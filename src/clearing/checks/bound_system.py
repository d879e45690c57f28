"""What multipliers of the system reserves, from both sides, are worth in a bound."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from clearing.case.arrays import Floats
from clearing.case.bound_proof import SYSTEM
from clearing.case.case import Case
from clearing.checks.bids import firm_load
from clearing.checks.bound_sides import soft
from clearing.rules.rules import Rules


@dataclass(frozen=True, slots=True)
class ByUnit:
    """What a MW of output, and being on, is worth for a unit (N, T), money; total: sides and penalties, money."""

    output: Floats
    on: Floats
    total: float


def asked(case: Case, rules: Rules) -> dict[str, Floats]:
    """Requirements (T) that there are, by family: the case's, else the rule set's."""
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


def system(case: Case, rules: Rules, values: dict[str, Floats]) -> ByUnit:
    """Worth of multipliers (1, T), money per MW.

    positive_min  Σ on·p_max + what stores hold (storage_bound.py) ≥ D − ΣT + R − κ·Σ forecast
    positive_max  Σ (on·p_max − P) ≤ R
    negative_min  Σ on·p_min ≤ D − ΣT − R − Σ renewable minima
    """
    units, sites = case.units, case.renewables
    net = firm_load(case).sum(axis=0) - case.ties.import_mw.sum(axis=0)
    counted = rules.reserves.renewable_share * sites.forecast_mw.sum(axis=0)
    output, on, total = np.zeros(units.p_max_mw.shape), np.zeros(units.p_max_mw.shape), 0.0
    steps = [rules.clearing_penalties.system_reserve]
    open_ = np.full((1, case.horizon.periods), np.inf)
    for name, mw in asked(case, rules).items():
        value = values[name]
        if name == "system_positive_min":
            low, high = (net + mw - counted)[None], open_
            on += value * units.p_max_mw
        elif name == "system_positive_max":
            low, high = -open_, mw[None]
            on += value * units.p_max_mw
            output -= value
        else:
            low, high = -open_, (net - mw - sites.min_mw.sum(axis=0))[None]
            on += value * units.p_min_mw
        total += soft(value, low, high, steps, case.horizon.hours)
    return ByUnit(output, on, total)
