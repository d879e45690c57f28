"""Every violation with its limit and what was attained, in its own measure."""

from __future__ import annotations

import numpy as np

from clearing.case.awarded import counted_mw
from clearing.case.case import Case
from clearing.case.explanations import BrokenLimits
from clearing.case.result import ClearingResult, Violation
from clearing.explain.setting import Setting
from clearing.formulation.regulation import held_speed, required_speed
from clearing.formulation.reserves import requirements
from clearing.grid.islands import bus_load_mw
from clearing.grid.monitored import FAMILY
from clearing.solve.joint_limits import JointLimit, group_on, priced_limits

MW, MWH, MW_PER_MINUTE, NUMBER = "MW", "MWh", "MW/min", "number"
COUNTED = ("unit_starts", "unit_stops", "plant_starts", "plant_stops")
"""Families that limit a number in a day."""
NUMBERS = (*COUNTED, "start_spacing", "stop_spacing", "switching", "group_on")

Row = tuple[str, float, float]
"""Measure, limit, attained."""


def broken_limits(table: Setting, result: ClearingResult) -> BrokenLimits:
    """One row a violation, in the order of the result."""
    look = _Look(table)
    rows = [look.of(v) for v in result.violations]
    return BrokenLimits(
        family=tuple(v.family for v in result.violations),
        subject=tuple(v.subject for v in result.violations),
        period=np.array([v.period for v in result.violations], dtype=np.int64),
        measure=tuple(row[0] for row in rows),
        limit=np.array([row[1] for row in rows], dtype=np.float64),
        attained=np.array([row[2] for row in rows], dtype=np.float64),
        amount=np.array([v.amount_mw for v in result.violations], dtype=np.float64),
        penalty=np.array([v.penalty for v in result.violations], dtype=np.float64),
    )


class _Look:
    """Finds limits by family; what each needs is derived once."""

    def __init__(self, table: Setting) -> None:
        case, schedule, grid = table.case, table.schedule, table.grid
        self.table, self.case = table, case
        self.element = {
            (FAMILY[kind], name): e
            for e, (kind, name) in enumerate(zip(grid.monitored.kind, grid.monitored.id, strict=True))
        }
        self.island = {name: k for k, name in enumerate(grid.islands.id)}
        self.load = grid.islands.total(bus_load_mw(case))
        self.product = {name: q for q, name in enumerate(case.reserves.product_id)}
        self.awarded = counted_mw(case, schedule)
        self.speed = required_speed(case), held_speed(case, schedule)
        names = ("system_positive_min", "system_positive_max", "system_negative_min")
        self.system = dict(zip(names, requirements(case, table.rules.reserves), strict=True))
        self.joint = {j.family: j for j in (*priced_limits(case, schedule), group_on(case, schedule))}

    def of(self, v: Violation) -> Row:
        """Measure, limit and attained value of a violation; limit 0 for a family that has none of its own."""
        measured = self._measured(v)
        if measured is not None:
            return measured
        t, amount = v.period, v.amount_mw
        system = self.system.get(v.family)
        if system is not None:
            limit = float(system[t])
            return MW, limit, limit + amount if v.family.endswith("max") else limit - amount
        if v.family in COUNTED:
            limit = _day_limit(self.table, v.family, v.subject)
            return NUMBER, limit, limit + amount
        return (NUMBER if v.family in NUMBERS else MW), 0.0, amount

    def _measured(self, v: Violation) -> Row | None:
        """The same of limits on something that the schedule itself shows; None for others."""
        t, amount = v.period, v.amount_mw
        if v.family == "shortage" and v.subject in self.island:
            load = float(self.load[self.island[v.subject], t])
            return MW, load, load - amount
        if (v.family, v.subject) in self.element:
            e = self.element[v.family, v.subject]
            return (MW, *self._nearer(float(self.table.flow[e, t]), e, t))
        if v.family == "product" and v.subject in self.product:
            q = self.product[v.subject]
            return MW, float(self.case.reserves.requirement_mw[q, t]), float(self.awarded[q, t])
        if v.family == "regulation_speed" and v.subject in self.product:
            required, held = self.speed
            return MW_PER_MINUTE, float(required[self.product[v.subject], t]), float(held[self.product[v.subject], t])
        if v.family in self.joint and v.subject in self.joint[v.family].subjects:
            return self._joined(self.joint[v.family], v)
        return None

    def _nearer(self, flow: float, e: int, t: int) -> tuple[float, float]:
        monitored = self.table.grid.monitored
        upper = float(monitored.upper[e, t])
        return (upper, flow) if flow > upper else (float(monitored.lower[e, t]), flow)

    def _joined(self, joint: JointLimit, v: Violation) -> Row:
        row = joint.subjects.index(v.subject)
        attained, upper = float(joint.attained[row, v.period]), float(joint.upper[row, v.period])
        measure = NUMBER if joint.family == "group_on" else MWH if joint.energy else MW
        return measure, upper if attained > upper else float(joint.lower[row, v.period]), attained


def _day_limit(table: Setting, family: str, subject: str) -> float:
    """Most starts or stops a day of a unit or plant."""
    case: Case = table.case
    starts = family.endswith("starts")
    if family.startswith("unit"):
        row = np.flatnonzero(case.start_limits.unit == case.units.id.index(subject))[0]
        return float((case.start_limits.max_starts if starts else case.start_limits.max_stops)[row])
    plant = case.participants.plant_id.index(subject)
    return float((table.plants.max_starts if starts else table.plants.max_stops)[plant])
