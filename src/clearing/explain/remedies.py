"""Which limits would have to move, and how far, for the case to become clean."""

from __future__ import annotations

from collections import defaultdict

import numpy as np

from clearing.case.case import Case
from clearing.case.explanations import BrokenLimits, Remedies
from clearing.explain.broken import COUNTED
from clearing.explain.moved import net_load
from clearing.explain.needs import NEAR_MW
from clearing.explain.setting import Setting
from clearing.explain.spacing import attained_minutes

STEP = 1e-3
"""Limits move to the next multiple of this beyond what was attained: MW, MWh."""

Row = tuple[str, str, str, int, str, float, float]
"""Family, subject, side, period, measure, before, after."""

WHOLE = -1
SPACED = ("start_spacing", "stop_spacing", "switching")


def remedies(table: Setting, broken: BrokenLimits) -> Remedies:
    """One row a limit that would have to move: once for limits of the whole horizon, else once a period."""
    rows: list[Row] = []
    once: dict[tuple[str, str, str], list[int]] = defaultdict(list)
    spaced: list[tuple[str, str]] = []
    for k, (family, subject) in enumerate(zip(broken.family, broken.subject, strict=True)):
        side = "max" if broken.attained[k] > broken.limit[k] else "min"
        if family in ("shortage", "surplus"):
            continue
        if family in SPACED:
            spaced.append((family, _plant(table.case, family, subject)))
        elif family in ("branch", "contingency") or family in COUNTED:
            once[family, subject, "max"].append(k)
        else:
            after = beyond(float(broken.attained[k]), side)
            place = int(broken.period[k]), broken.measure[k]
            rows.append((family, subject, side, *place, float(broken.limit[k]), after))
    for (family, subject, side), members in once.items():
        furthest = max(members, key=lambda k: abs(float(broken.attained[k])))
        after = beyond(abs(float(broken.attained[furthest])), side)
        measure, before = broken.measure[furthest], abs(float(broken.limit[furthest]))
        rows.append((family, subject, side, WHOLE, measure, before, after))
    rows += [attained_minutes(table, family, plant) for family, plant in dict.fromkeys(spaced)]
    rows += _balance(table)
    columns = list(zip(*rows, strict=True)) or [()] * 7
    return Remedies(
        family=columns[0],
        subject=columns[1],
        side=columns[2],
        period=np.array(columns[3], dtype=np.int64),
        measure=columns[4],
        before=np.array(columns[5], dtype=np.float64),
        after=np.array(columns[6], dtype=np.float64),
    )


def beyond(attained: float, side: str) -> float:
    """The next multiple of STEP at or beyond the value; whole numbers stay."""
    scaled = attained / STEP
    near = round(scaled)
    if abs(scaled - near) < 1e-6:
        return near * STEP
    return float((np.ceil(scaled) if side == "max" else np.floor(scaled)) * STEP)


def _plant(case: Case, family: str, subject: str) -> str:
    """The plant whose times are broken; switching is reported by unit."""
    if family != "switching":
        return subject
    return case.participants.plant_id[int(case.units.plant[case.units.id.index(subject)])]


def _balance(table: Setting) -> list[Row]:
    """Load that would have to go at its buses, and export that would have to be found for an island's surplus."""
    schedule, case = table.schedule, table.case
    rows: list[Row] = []
    load = net_load(case)
    for k, t in zip(*np.nonzero(schedule.shed_mw > NEAR_MW), strict=True):
        before = float(load[k, t])
        after = beyond(before - float(schedule.shed_mw[k, t]), "min")
        rows.append(("shortage", case.network.bus_id[k], "min", int(t), "MW", before, after))
    for a, t in zip(*np.nonzero(schedule.surplus_mw > NEAR_MW), strict=True):
        after = beyond(float(schedule.surplus_mw[a, t]), "max")
        rows.append(("surplus", table.grid.islands.id[a], "max", int(t), "MW", 0.0, after))
    return rows
