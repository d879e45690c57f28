"""What enters the network at its buses, as terms of the balance, network and system reserve rows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from clearing.case.arrays import Floats, Ints, freeze
from clearing.case.case import Case
from clearing.formulation.curves import Curve
from clearing.formulation.variables import load_buses
from clearing.grid.islands import bus_load_mw
from clearing.grid.security import Security
from clearing.milp.columns import Columns, Index


@dataclass(frozen=True, slots=True)
class Injection:
    """R columns a period: bus (R), column and coefficient (R, T); MW into the bus = coefficient · column.

    source, row (R)   "unit", or "line_from" and "line_to" of a direct-current line, and which one: what a contingency
                      may lose; "" = nothing that it may
    """

    bus: Ints
    column: Index
    coefficient: Floats
    source: str = ""
    row: Ints | None = None

    def __post_init__(self) -> None:
        freeze(self)


def injections(case: Case, renewable_curve: Curve, columns: Columns) -> tuple[Injection, ...]:
    """All of them: units above p_min, units at p_min, renewables, storage out and in, shed load."""
    units, storage = case.units, case.storage
    one, every = np.ones, np.arange(len(units.id))
    above, out, back, shed = (columns[n] for n in ("above", "discharge", "charge", "shed"))
    segment = columns["renewable_segment"]
    return (
        Injection(units.bus, above, one(above.shape), "unit", every),
        Injection(units.bus, columns["on"], units.p_min_mw, "unit", every),
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


def lost_output(terms: tuple[Injection, ...], security: Security, given_mw: Floats, x: Floats) -> Floats:
    """Output (R, T) at a solution of what contingencies lose; given_mw (N, T): output of units that is not decided."""
    found = np.zeros((security.lost_count, given_mw.shape[1]))
    found[: len(security.unit)] = given_mw[security.unit]
    for term in terms if security.lost_count else ():
        if term.row is not None:
            at = security.resource_of(term.source, term.row)
            mine = at >= 0
            np.add.at(found, at[mine], (term.coefficient * x[term.column])[mine])
    return found
