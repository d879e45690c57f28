"""Size classes of units: what a class allows to be declared."""

from __future__ import annotations

from typing import Any

import numpy as np

from clearing.case.arrays import Bools, Floats, Ints
from clearing.case.case import Case
from clearing.case.units import Fuel
from clearing.rules.market_choices import InBetween
from clearing.rules.market_rules import CLASSES_MW, ClassRules


def size_class(rated_mw: Floats, rules: ClassRules) -> Ints:
    """Index into CLASSES_MW of every rating (n); at or below the first it is the first, beyond the last the last.

    A rating as far from one class as from the other belongs to the lower one.
    """
    classes = np.array(CLASSES_MW)
    if rules.in_between is InBetween.NEAREST:
        return np.asarray(np.abs(np.asarray(rated_mw)[:, None] - classes).argmin(axis=1), dtype=np.int64)
    side = "left" if rules.in_between is InBetween.UPPER else "right"
    place = np.searchsorted(classes, rated_mw, side=side)  # type: ignore[call-overload]
    lowered = place if rules.in_between is InBetween.UPPER else place - 1
    return np.asarray(np.clip(lowered, 0, len(classes) - 1), dtype=np.int64)


def has_class(case: Case, rules: ClassRules) -> Bools:
    """Units (N) whose fuel has classes."""
    fuels = [int(Fuel[name.upper()]) for name in rules.fuels]
    return np.isin(case.units.fuel, fuels)


def bound(rules: ClassRules, name: str, of_class: Ints, missing: float) -> Floats:
    """A bound of the class of every unit (n); `missing` where the class has none."""
    by_class: list[Any] = [getattr(bounds, name) for bounds in rules.bounds]
    return np.array([missing if value is None else value for value in by_class])[of_class]
