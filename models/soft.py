"""What may be broken at a price."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import pyomo.environ as pyo

from clearing.rules.rules import Steps
from models.data import Data, bound


def violation(m: pyo.ConcreteModel, d: Data, name: str, steps: Steps, *sets: Iterable[Any]) -> Callable[..., Any]:
    """Variables name[…, n]: MW of the n-th step of a violation. Returns their sum as a function of the index.

    steps: (MW of the step, money per MWh), prices rising, the last step without end. Their cost joins m.penalty.
    """
    places = range(len(steps))
    step = pyo.Var(*sets, places, domain=pyo.NonNegativeReals, bounds=lambda _, *at: (0, bound(steps[at[-1]][0])))
    m.add_component(name, step)
    m.penalty.expr += sum(d.hours * steps[at[-1]][1] * step[at] for at in step)
    return lambda *at: sum(step[(*at, n)] for n in places)
