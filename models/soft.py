"""What may be broken at a price."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from itertools import product
from typing import Any

import pyomo.environ as pyo

from clearing.rules.rules import Steps
from models.data import Data, bound

Table = Mapping[tuple[int, ...], float]
"""A figure by place: a lower or upper side by (subject, period)."""


def violation(
    m: pyo.ConcreteModel,
    d: Data,
    name: str,
    steps: Steps | Callable[..., Steps],
    *sets: Iterable[Any],
    weight: float | None = None,
) -> Callable[..., Any]:
    """Variables name[…, n]: MW of the n-th step of a violation. Returns their sum as a function of the index.

    steps: (MW of the step, price), prices rising, the last step without end; or a function of the index that gives
    them. weight: what multiplies the prices, dt where none is given. The cost joins m.penalty.
    """
    places = [at if isinstance(at, tuple) else (at,) for at in (product(*sets) if len(sets) > 1 else sets[0])]
    of = {at: steps(*at) if callable(steps) else steps for at in places}
    index = [(*at, n) for at in places for n in range(len(of[at]))]

    def width(_: pyo.ConcreteModel, *at: int) -> tuple[float, float | None]:
        return 0.0, bound(of[at[:-1]][at[-1]][0])

    step = pyo.Var(index, domain=pyo.NonNegativeReals, bounds=width)
    m.add_component(name, step)
    m.penalty.expr += sum((d.hours if weight is None else weight) * of[at[:-1]][at[-1]][1] * step[at] for at in index)
    return lambda *at: sum(step[(*at, n)] for n in range(len(of.get(at, ()))))


def slack(
    m: pyo.ConcreteModel, d: Data, name: str, steps: Steps, low: Table, high: Table, weight: float | None = None
) -> Callable[..., Any]:
    """name_short and name_over: how far a row stays below its lower side, and exceeds its upper one.

    low, high: sides by place, ∓inf = open, which nothing breaks. Returns Σ short − Σ over of a place: added to the
    row it brings the row within its sides.
    """
    short = violation(m, d, f"{name}_short", steps, [at for at in low if bound(low[at]) is not None], weight=weight)
    over = violation(m, d, f"{name}_over", steps, [at for at in high if bound(high[at]) is not None], weight=weight)
    return lambda *at: short(*at) - over(*at)


def within(low: float, body: Any, high: float) -> Any:
    """low ≤ body ≤ high as a row, none where both sides are open."""
    if bound(low) is None and bound(high) is None:
        return pyo.Constraint.Skip
    return (bound(low), body, bound(high))


def numbered(m: pyo.ConcreteModel, name: str, steps: Steps, *sets: Iterable[Any]) -> Callable[..., Any]:
    """As `violation`, of a number of starts, stops or changes: steps of (number, money each), whatever the period."""
    places = range(len(steps))
    step = pyo.Var(*sets, places, domain=pyo.NonNegativeReals, bounds=lambda _, *at: (0, bound(steps[at[-1]][0])))
    m.add_component(name, step)
    m.penalty.expr += sum(steps[at[-1]][1] * step[at] for at in step)
    return lambda *at: sum(step[(*at, n)] for n in places)
