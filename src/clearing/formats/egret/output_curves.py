"""Start-up and shut-down curves of units."""

from __future__ import annotations

import math

import numpy as np

from clearing.case.output_curves import NO_CURVES, CurveState, OutputCurves
from clearing.formats.egret.fields import Source, stated
from clearing.formats.json_fields import JsonObject


def curves(source: Source, rows: list[tuple[str, JsonObject]]) -> tuple[OutputCurves, OutputCurves]:
    """MW by step in time order. Egret lists a start-up curve from the start backwards, and cuts both at min down."""
    return _curves(source, rows, "startup_curve", backwards=True), _curves(
        source, rows, "shutdown_curve", backwards=False
    )


def _curves(source: Source, rows: list[tuple[str, JsonObject]], key: str, *, backwards: bool) -> OutputCurves:
    table: list[tuple[int, int, float]] = []
    for i, (_, row) in enumerate(rows):
        if not stated(row, key):
            continue
        given = row.fields[key]
        if not isinstance(given, list):
            row.problems.add("WRONG_TYPE", f"{row.path}.{key}", "A list of MW is needed.", value=type(given).__name__)
            continue
        off = row.number("min_down_time", 0.0) if stated(row, "min_down_time") else 0.0
        kept = given[: math.ceil(off / source.hours)] if math.isfinite(off) else given
        mw = [JsonObject({key: value}, row.path, row.problems).number(key, 0.0) for value in kept]
        table += [(i, k + 1, value) for k, value in enumerate(reversed(mw) if backwards else mw)]
    if not table:
        return NO_CURVES
    return OutputCurves(
        unit=np.array([row[0] for row in table], dtype=np.int64),
        state=np.full(len(table), int(CurveState.ALL), dtype=np.int64),
        step=np.array([row[1] for row in table], dtype=np.int64),
        mw=np.array([row[2] for row in table], dtype=np.float64),
    )
