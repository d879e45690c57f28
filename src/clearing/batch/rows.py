"""What a batch keeps of every run in one row, and the files made of all rows. Nothing here depends on the clock."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from clearing.batch.manifest import Run, text
from clearing.batch.store import Tree, write
from clearing.case.firm_load import firm_load
from clearing.client import Answer
from clearing.tables.outcome import COST_PARTS

RESULTS_FILE = "results.parquet"
Cell = str | int | float | bool | None

TYPES = {
    "case": "str", "operating_day": "str", "periods": "int64", "period_minutes": "int64", "reason": "str",
    "objective": "float64", "bound": "float64", "gap": "float64", "gap_asked": "float64", "audit_passed": "boolean",
    "violations": "int64", "starts": "int64", "load_mwh": "float64",
    **{f"cost_{part}": "float64" for part in COST_PARTS},
    "make_whole": "float64", "price_mean": "float64", "price_min": "float64", "price_max": "float64",
}  # fmt: skip
"""Columns of results.parquet after run and digest: money, MWh, money per MWh; price_mean is weighted by load."""


def row(answer: Answer) -> dict[str, Cell]:
    """The row of an answer that has a schedule."""
    case, result, end = answer.case, answer.result, answer.termination
    found: dict[str, Cell] = {
        "case": case.name,
        "operating_day": case.horizon.operating_day.isoformat(),
        "periods": case.horizon.periods,
        "period_minutes": case.horizon.period_minutes,
        "reason": end.reason.name,
        "objective": end.objective,
        "bound": end.bound,
        "gap": end.gap,
        "gap_asked": end.gap_asked,
        "audit_passed": result.audit_passed,
        "violations": len(result.violations),
        "starts": 0 if result.schedule is None else int(result.schedule.start.sum()),
    }
    bus, mw = firm_load(case)
    found["load_mwh"] = float(mw.sum()) * case.horizon.hours
    if result.costs is not None:
        found |= {f"cost_{part}": float(getattr(result.costs, part)) for part in COST_PARTS}
    if result.uplift is not None:
        found["make_whole"] = float(result.uplift.make_whole.sum())
    if result.prices is not None:
        price = result.prices.bus_price
        paid = float((price[bus] * mw).sum())
        found |= {"price_mean": paid / float(mw.sum()) if mw.sum() > 0.0 else float(price.mean())}
        found |= {"price_min": float(price.min()), "price_max": float(price.max())}
    return {name: found.get(name) for name in TYPES}


def write_results(folder: Path, kept: Sequence[tuple[Run, Tree]]) -> Path:
    """results.parquet of (run, record) of what is finished, in that order: no clock in it, so equal answers give equal
    bytes. A label of a run is a column label_NAME of text."""
    labels = sorted({name for run, _ in kept for name in run.labels})
    rows = []
    for run, record in kept:
        told = {f"label_{name}": text(run.labels[name]) for name in labels if name in run.labels}
        known = {name: record[name] for name in ("digest", "result_sha256")}
        rows.append({"run": run.name, **told, **known, **record["row"]})
    types = {**dict.fromkeys(("run", *(f"label_{name}" for name in labels), "digest", "result_sha256"), "str"), **TYPES}
    frame = pd.DataFrame(rows, columns=list(types)).astype(types)
    path = folder / RESULTS_FILE
    write_frame(path, frame)
    return path


def write_frame(path: Path, frame: pd.DataFrame) -> None:
    """A Parquet file, whole or not at all."""

    def into(partial: Path) -> None:
        frame.to_parquet(partial, engine="pyarrow", index=False)

    write(path, into)
