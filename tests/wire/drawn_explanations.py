"""Explanations of any content over a case."""

from __future__ import annotations

from typing import Any

import numpy as np

from clearing.case.case import Case
from clearing.case.explanations import (
    BrokenLimits,
    Explanations,
    LimitRents,
    OnSpells,
    Parts,
    Reliefs,
    Remedies,
    Shortages,
)


def drawn_explanations(case: Case, seed: np.random.Generator) -> Explanations:
    """Every table with some rows, or none."""
    periods = case.horizon.periods

    def count() -> int:
        return int(seed.integers(0, 4))

    def names(n: int, *choice: str) -> tuple[str, ...]:
        return tuple(choice[k] for k in seed.integers(0, len(choice), n))

    def money(n: int) -> np.ndarray:
        return seed.normal(size=n) * 1e3

    def stretch(n: int) -> dict[str, Any]:
        first = seed.integers(0, periods, n)
        return {
            "unit": seed.integers(0, len(case.units.id), n),
            "first_period": first,
            "last_period": np.minimum(first + seed.integers(0, 3, n), periods - 1),
            "reason": seed.integers(1, 21, n),
        }

    def parts() -> Parts:
        n = count() if case.units.id else 0
        return Parts(**stretch(n), margin=money(n), subject=names(n, "", "branch-0"))

    s = count() if case.units.id else 0
    limits, broken, short, moved = count(), count(), count(), count()
    helped = count() if broken else 0
    families, sides = ("branch", "product"), ("min", "max")
    return Explanations(
        spells=OnSpells(
            **stretch(s),
            energy_revenue=money(s),
            reserve_revenue=money(s),
            energy_cost=money(s),
            no_load_cost=money(s),
            start_cost=money(s),
            stop_cost=money(s),
        ),
        on=parts(),
        off=parts(),
        limits=LimitRents(
            names(limits, *families), names(limits, "a", "b"), names(limits, *sides), seed.integers(1, 9, limits),
            seed.integers(0, periods, limits), money(limits), money(limits), money(limits), money(limits),
        ),
        broken=BrokenLimits(
            names(broken, *families), names(broken, "a", "b"), seed.integers(0, periods, broken),
            names(broken, "MW", "number"), money(broken), money(broken), money(broken), money(broken),
        ),
        reliefs=Reliefs(
            seed.integers(0, max(broken, 1), helped), names(helped, "unit-0"), seed.integers(1, 5, helped),
            money(helped), money(helped),
        ),
        shortages=Shortages(
            names(short, "north"), seed.integers(0, periods, short), *(money(short) for _ in range(6)),
            names(short, "", "branch"), names(short, "", "branch-0"),
        ),
        remedies=Remedies(
            names(moved, *families), names(moved, "a", "b"), names(moved, *sides), seed.integers(-1, periods, moved),
            names(moved, "MW", "minutes"), money(moved), money(moved),
        ),
    )  # fmt: skip
