"""Explanations as tables; docs/explanations.md defines reasons and figures."""

from __future__ import annotations

import dataclasses
from enum import IntEnum
from typing import Any

import numpy as np
import pandas as pd

from clearing.case.arrays import Ints
from clearing.case.case import Case
from clearing.case.explanations import Explanations, OnSpells, Parts, ReliefAction, UnitReason
from clearing.tables.frame import events, period_ends, when


def explained(case: Case, found: Explanations) -> dict[str, pd.DataFrame]:
    """Tables spells, on, off, limits, broken, reliefs, shortages, remedies."""
    return {
        "spells": _stretches(case, found.spells).assign(margin=found.spells.margin),
        "on": _stretches(case, found.on),
        "off": _stretches(case, found.off),
        "limits": _limits(case, found),
        "broken": _in_period(case, found.broken, ["family", "subject", "label", "period_end"]),
        "reliefs": _reliefs(case, found),
        "shortages": _in_period(case, found.shortages, ["bus", "label", "period_end"]),
        "remedies": _in_period(case, found.remedies, ["family", "subject", "side", "label", "period_end"]),
    }


def _stretches(case: Case, table: OnSpells | Parts) -> pd.DataFrame:
    """Rows (unit, first_label): the stretch by its END labels and timestamps, its reason, its figures."""
    columns = _columns(table)
    first, last = columns.pop("first_period"), columns.pop("last_period")
    unit = [case.units.id[i] for i in columns.pop("unit").tolist()]
    labels, ends = np.array(case.horizon.labels(), dtype=object), period_ends(case.horizon)
    head = {
        "unit": unit,
        "first_label": labels[first].tolist(),
        "last_label": labels[last].tolist(),
        "first_period_end": ends[first],
        "last_period_end": ends[last],
        "reason": _names(UnitReason, columns.pop("reason")),
    }
    return events(head | columns, ["unit", "first_label"])


def _limits(case: Case, found: Explanations) -> pd.DataFrame:
    columns = _columns(found.limits)
    worst = when(case.horizon, columns.pop("worst_period"))
    head = {key: columns.pop(key) for key in ("family", "subject", "side", "periods")}
    return events(head | {"worst_label": worst["label"]} | columns, ["family", "subject", "side"])


def _reliefs(case: Case, found: Explanations) -> pd.DataFrame:
    """With the broken limit that each would relieve."""
    columns, broken = _columns(found.reliefs), found.broken
    rows = columns.pop("broken")
    head = {
        "family": [broken.family[k] for k in rows.tolist()],
        "subject": [broken.subject[k] for k in rows.tolist()],
        **when(case.horizon, broken.period[rows]),
        "resource": columns.pop("resource"),
        "action": _names(ReliefAction, columns.pop("action")),
        "measure": [broken.measure[k] for k in rows.tolist()],
    }
    return events(head | columns, ["family", "subject", "label", "period_end", "resource"])


def _in_period(case: Case, table: Any, index: list[str]) -> pd.DataFrame:
    columns = _columns(table)
    return events(when(case.horizon, columns.pop("period")) | columns, index)


def _columns(table: Any) -> dict[str, Any]:
    return {field.name: getattr(table, field.name) for field in dataclasses.fields(table)}


def _names(kind: type[IntEnum], codes: Ints) -> list[str]:
    return [kind(code).name for code in codes.tolist()]
