"""What enters the network at its buses, as terms of the balance, network and system reserve rows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from clearing.case.arrays import Floats, Ints, freeze
from clearing.case.case import Case
from clearing.formulation.curves import Curve
from clearing.formulation.variables import load_buses
from clearing.grid.islands import bus_load_mw
from clearing.milp.columns import Columns, Index


@dataclass(frozen=True, slots=True)
class Injection:
    """R columns a period: bus (R), column and coefficient (R, T); MW into the bus = coefficient · column."""

    bus: Ints
    column: Index
    coefficient: Floats

    def __post_init__(self) -> None:
        freeze(self)


def injections(case: Case, renewable_curve: Curve, columns: Columns) -> tuple[Injection, ...]:
    """All of them: units above p_min, units at p_min, renewables, storage out and in, shed load."""
    units, storage = case.units, case.storage
    one = np.ones
    above, out, back, shed = (columns[n] for n in ("above", "discharge", "charge", "shed"))
    segment = columns["renewable_segment"]
    return (
        Injection(units.bus, above, one(above.shape)),
        Injection(units.bus, columns["on"], units.p_min_mw),
        Injection(case.renewables.bus[renewable_curve.resource], segment, one(segment.shape)),
        Injection(storage.bus, out, one(out.shape)),
        Injection(storage.bus, back, -one(back.shape)),
        Injection(load_buses(case), shed, one(shed.shape)),
    )


def fixed_injection(case: Case) -> Floats:
    """What is not decided (K, T): ties, the least output of renewables, minus load."""
    fixed = -bus_load_mw(case)
    np.add.at(fixed, case.ties.bus, case.ties.import_mw)
    np.add.at(fixed, case.renewables.bus, case.renewables.min_mw)
    return fixed


def bus_injection(terms: tuple[Injection, ...], fixed: Floats, x: Floats) -> Floats:
    """Injection of every bus (K, T) at a solution."""
    total = fixed.copy()
    for term in terms:
        np.add.at(total, term.bus, term.coefficient * x[term.column])
    return total
