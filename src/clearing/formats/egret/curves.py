"""Cost curves of generators: polynomials of degree 2 and points, the same every hour or another one each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import numpy as np

from clearing.case.arrays import Floats
from clearing.formats.curves import LEAST_STEP_MW, BlockCurve, block_curve, rises
from clearing.formats.egret.fields import Source, values
from clearing.formats.json_fields import JsonObject

PIECES = 2
"""Equal segments that Egret cuts a quadratic cost into (`NumGeneratorCostCurvePieces`)."""
SAME = 1e-9
POWERS = ("0", "1", "2")
FREE = BlockCurve(np.zeros(1), np.zeros(1), 0.0, 0.0)


@dataclass(frozen=True, slots=True)
class UnitCost:
    """Blocks of a unit over the periods: width_mw, price_per_mwh (M, T) from 0 MW; the rest as in BlockCurve."""

    width_mw: Floats
    price_per_mwh: Floats
    no_load_cost_per_hour: float
    lowered_cost_per_hour: float


def unit_cost(source: Source, row: JsonObject, p_min: Floats, p_max: Floats) -> UnitCost:
    """Blocks and no-load cost that give Egret's cost back in every period.

    A unit has one no-load cost K for all periods, Egret's curve of a period one of its own, k_t. Where they differ,
    K = max k_t, and a block from 0 to p_min in front of the others costs (k_t − K)/p_min less an MWh.
    """
    found: dict[tuple[float, float, str], BlockCurve] = {}
    curves = []
    for value, low, high in zip(values(row, "p_cost", source.periods), p_min.tolist(), p_max.tolist(), strict=True):
        key = (low, high, repr(value))
        if key not in found:
            found[key] = _curve(row, value, low, high)
        curves.append(found[key])
    if len(found) == 1:
        (curve,) = found.values()
        shape = (curve.width_mw.size, source.periods)
        width, price = (np.broadcast_to(v[:, None], shape) for v in (curve.width_mw, curve.price_per_mwh))
        return UnitCost(width, price, curve.no_load_cost_per_hour, curve.lowered_cost_per_hour)
    return _over_time(row, curves, p_min)


def _over_time(row: JsonObject, curves: list[BlockCurve], p_min: Floats) -> UnitCost:
    most = max(c.no_load_cost_per_hour for c in curves)
    blocks = 1 + max(c.width_mw.size for c in curves)
    width, price = np.zeros((blocks, len(curves))), np.zeros((blocks, len(curves)))
    for t, curve in enumerate(curves):
        less = curve.no_load_cost_per_hour - most
        below = float(p_min[t])
        if below <= LEAST_STEP_MW and less != 0.0:
            row.problems.add(
                "FIELD_NOT_READ", f"{row.path}.p_cost", "A cost at 0 MW that differs by period has no place."
            )
        w, p = curve.width_mw.copy(), curve.price_per_mwh
        w[0] -= below
        width[:, t] = np.concatenate([[below], w, np.zeros(blocks - 1 - w.size)])
        front = p[0] + (less / below if below > LEAST_STEP_MW else 0.0)
        price[:, t] = np.concatenate([[front], p, np.full(blocks - 1 - p.size, p[-1])])
    return UnitCost(width, price, most, max(c.lowered_cost_per_hour for c in curves))


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
    mw = np.linspace(low, high, pieces + 1) if high - low > PIECES * LEAST_STEP_MW else np.array([low])
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
