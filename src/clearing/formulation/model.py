"""A formulated problem together with what is needed to read its solution and to add network rows to it."""

from __future__ import annotations

from dataclasses import dataclass

from clearing.case.arrays import Floats
from clearing.case.case import Case
from clearing.case.pumped_market import PumpedMarket
from clearing.formulation.awards import Awards
from clearing.formulation.curves import Curve
from clearing.formulation.injections import Injection
from clearing.formulation.unit_data import UnitData
from clearing.grid.islands import Islands
from clearing.milp.problem import Problem
from clearing.rules.rules import Penalties


@dataclass(frozen=True, slots=True)
class Model:
    """problem plus the tables it was formed from; injections and fixed injection (K, T) serve network rows.

    given_mw (N, T): output of units that is given, part of the fixed injection.
    """

    case: Case
    data: UnitData
    awards: Awards
    unit_curve: Curve
    renewable_curve: Curve
    islands: Islands
    penalties: Penalties
    injections: tuple[Injection, ...]
    fixed_injection: Floats
    problem: Problem
    market: PumpedMarket
    given_mw: Floats
