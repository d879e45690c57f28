"""Allocation coefficients of areas (definition 16 and clauses 3.1.4.7, 9.5.1.5 of Xinjiang).

    Y = W · (1 + K1 + K2 + K3)        y = Y / ΣY        N of an area = y · M        (product form: W · Π (1 + K), a
    setting)

    K1   share of installed capacity: more → higher
    K2   energy curtailed for network reasons over capability (on-grid and curtailed energy): more → lower
    K3   peak-shaving curtailment, month: change on the month before; year: share of all areas': more → lower (setting)

Each is scored +20, +10, 0, −10, −20 % by the five quantiles of a normal distribution with the fleet's own mean and
deviation (cuts at ± 0.2533 and ± 0.8416 deviations), wind areas and PV areas apart; where areas do not differ all
score 0. The formula is a picture that the source lost: form, cuts, direction and pools are settings, their defaults
this project's reading. Weights are whole numbers, so that y · M can be shared exactly.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from clearing.case.arrays import Floats, Ints, freeze
from clearing.rules.substitution_allocation import AllocationRules, Form, PeakDirection, Pools
from clearing.substitution.quantities import fill

PERCENT = 100
SCORES = (20, 10, 0, -10, -20)
WIND, PV = 1, 2


@dataclass(frozen=True, slots=True)
class AreaFactors:
    """Areas (A): fleet (1 = wind, 2 = PV); energy_kwh (W), capacity_kw, network_kwh curtailed, all ≥ 0;
    capability_kwh, what network_kwh is a share of; peak: the quantity that K3 scores, of `peak_change` or
    `peak_share`."""

    fleet: Ints
    energy_kwh: Ints
    capacity_kw: Ints
    network_kwh: Ints
    capability_kwh: Ints
    peak: Floats

    def __post_init__(self) -> None:
        freeze(self)


@dataclass(frozen=True, slots=True)
class Coefficients:
    """Per area (A): scores in percent (A, 3) of K1, K2, K3, and weight, what energy is allocated by inside its pool."""

    score: Ints
    weight: Ints

    def __post_init__(self) -> None:
        freeze(self)


def peak_change(peak_kwh: Ints, before_kwh: Ints) -> Floats:
    """Change of curtailment on the month before (A), relative; from 0 to something: 1, from 0 to 0: 0."""
    relative = (peak_kwh - before_kwh) / np.maximum(before_kwh, 1)
    return np.where(before_kwh > 0, relative, np.where(peak_kwh > 0, 1.0, 0.0))


def peak_share(peak_kwh: Ints) -> Floats:
    """Share of the year's curtailment (A)."""
    total = int(peak_kwh.sum())
    return peak_kwh / total if total else np.zeros(len(peak_kwh))


def coefficients(areas: AreaFactors, rules: AllocationRules) -> Coefficients:
    """Scores and weights of every area."""
    network = areas.network_kwh / np.maximum(areas.capability_kwh, 1)
    score = np.zeros((len(areas.fleet), 3), dtype=np.int64)
    down = -1 if rules.peak_direction is PeakDirection.LOWER else 1
    for fleet in (WIND, PV):
        own = np.flatnonzero(areas.fleet == fleet)
        score[own, 0] = scored(areas.capacity_kw[own].astype(np.float64), rules)
        score[own, 1] = -scored(network[own], rules)
        score[own, 2] = down * scored(areas.peak[own], rules)
    factors = PERCENT + score
    grown = factors.prod(axis=1) if rules.form is Form.PRODUCT else PERCENT + score.sum(axis=1)
    return Coefficients(score, areas.energy_kwh * grown)


def scored(values: Floats, rules: AllocationRules) -> Ints:
    """Scores (n) in percent, more → higher, by the normal quantile of each value among all of them."""
    if not len(values):
        return np.zeros(0, dtype=np.int64)
    mean = math.fsum(values.tolist()) / len(values)
    deviation = math.sqrt(math.fsum(((values - mean) ** 2).tolist()) / len(values))
    if deviation <= 1e-12 * max(abs(mean), 1e-300):
        return np.zeros(len(values), dtype=np.int64)
    z = (values - mean) / deviation
    cuts = (rules.outer_cut, rules.inner_cut, -rules.inner_cut, -rules.outer_cut)
    return np.select([z > cut for cut in cuts], SCORES[:4], SCORES[4]).astype(np.int64)


def allocate(total_kwh: int, areas: AreaFactors, found: Coefficients, rank: Ints, rules: AllocationRules) -> Ints:
    """Energy of every area (A): one pool of all areas, or first wind and PV by their energy W. rank breaks ties.

    Raises ValueError where there is energy to allocate and no area has any.
    """
    if rules.pools is Pools.ONE:
        return fill(total_kwh, found.weight, rank)
    energy = np.zeros(len(rank), dtype=np.int64)
    fleets = (WIND, PV)
    shares = fill(total_kwh, np.array([int(areas.energy_kwh[areas.fleet == fleet].sum()) for fleet in fleets]))
    for fleet, share in zip(fleets, shares.tolist(), strict=True):
        own = np.flatnonzero(areas.fleet == fleet)
        energy[own] = fill(share, found.weight[own], rank[own])
    return energy
