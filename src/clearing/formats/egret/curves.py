"""Cost curves of generators: polynomials of degree 2 and points, the same every hour or another one each."""

from __future__ import annotations

from typing import cast

import numpy as np

from clearing.case.arrays import Floats
from clearing.formats.curves import LEAST_STEP_MW, BlockCurve, PeriodCurve, block_curve, over_time, rises
from clearing.formats.egret.fields import Source, values
from clearing.formats.json_fields import JsonObject

PIECES = 2
"""Equal segments that Egret cuts a quadratic cost into (`NumGeneratorCostCurvePieces`)."""
SAME = 1e-9
POWERS = ("0", "1", "2")
FREE = BlockCurve(np.zeros(1), np.zeros(1), 0.0, 0.0)


def unit_cost(source: Source, row: JsonObject, p_min: Floats, p_max: Floats) -> PeriodCurve:
    """Blocks and no-load cost that give Egret's cost back in every period."""
    found: dict[tuple[float, float, str], BlockCurve] = {}
    curves = []
    for value, low, high in zip(values(row, "p_cost", source.periods), p_min.tolist(), p_max.tolist(), strict=True):
        key = (low, high, repr(value))
        if key not in found:
            found[key] = _curve(row, value, low, high)
        curves.append(found[key])
    cost = over_time(curves, p_min)
    if not cost.exact:
        row.problems.add("FIELD_NOT_READ", f"{row.path}.p_cost", "A cost at 0 MW that differs by period has no place.")
    return cost


def _curve(row: JsonObject, value: object, low: float, high: float) -> BlockCurve:
    """One period's blocks, from a cost curve as Egret writes it."""
    path, problems = f"{row.path}.p_cost", row.problems
    if value is None:
        problems.add("MISSING_FIELD", path, "The field is missing.")
        return FREE
    if not isinstance(value, dict) or value.get("data_type") != "cost_curve":
        problems.add("WRONG_TYPE", path, "A cost curve is needed.", value=value)
        return FREE
    kind = value.get("cost_curve_type", "piecewise")
    if kind == "polynomial":
        points = _quadratic(JsonObject(cast("dict[str, object]", value), path, problems), low, high)
    elif kind == "piecewise":
        points = _points(JsonObject(cast("dict[str, object]", value), path, problems), low, high)
    else:
        problems.add(
            "UNKNOWN_WORD", f"{path}.cost_curve_type", "No such kind.", value=kind, limit="polynomial, piecewise"
        )
        return FREE
    return FREE if points is None else block_curve(*points)


def _quadratic(curve: JsonObject, low: float, high: float) -> tuple[Floats, Floats] | None:
    """The ends and the middle of two equal segments; a straight line where there is no square term."""
    factors = curve.fields.get("values")
    if not isinstance(factors, dict) or set(factors) - set(POWERS):
        limit = "powers " + ", ".join(POWERS)
        curve.problems.add(
            "WRONG_TYPE", f"{curve.path}.values", "Factors of powers are needed.", value=factors, limit=limit
        )
        return None
    of = JsonObject({k: factors.get(k) or 0.0 for k in POWERS}, f"{curve.path}.values", curve.problems)
    constant, slope, square = (of.number(k) for k in POWERS)
    pieces = PIECES if square != 0.0 else 1
    mw = np.linspace(low, high, pieces + 1) if high - low > pieces * LEAST_STEP_MW else np.array([low])
    return mw, constant + slope * mw + square * mw * mw


def _points(curve: JsonObject, low: float, high: float) -> tuple[Floats, Floats] | None:
    """Points of the curve within the limits, the ends interpolated; the points must reach both."""
    pairs = curve.fields.get("values")
    if not isinstance(pairs, list) or not pairs or not all(isinstance(p, list | tuple) and len(p) == 2 for p in pairs):
        curve.problems.add(
            "WRONG_TYPE", f"{curve.path}.values", "Pairs of MW and cost an hour are needed.", value=pairs
        )
        return None
    rows = [
        JsonObject({"0": p[0], "1": p[1]}, f"{curve.path}.values[{k}]", curve.problems) for k, p in enumerate(pairs)
    ]
    mw, cost = (np.array([r.number(key) for r in rows]) for key in ("0", "1"))
    close = SAME * max(1.0, abs(high))
    if not rises(mw):
        curve.problems.add(
            "CURVE_NOT_RISING", f"{curve.path}.values", "The MW of the points must rise.", value=mw.tolist()
        )
        return None
    if mw[0] > low + close or mw[-1] < high - close:
        curve.problems.add(
            "CURVE_ENDS",
            f"{curve.path}.values",
            "The points must reach from the least to the greatest output.",
            value=mw.tolist(),
            limit=f"{low:g} … {high:g}",
        )
        return None
    inside = (mw > low + close) & (mw < high - close)
    ends = np.array([low, high]) if high - low > LEAST_STEP_MW else np.array([low])
    at = np.union1d(ends, mw[inside])
    return at, np.interp(at, mw, cost)
