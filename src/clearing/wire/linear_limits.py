"""Linear limits between proto and case."""

from __future__ import annotations

from typing import Any

import numpy as np

from clearing.case.case import Case
from clearing.case.linear_limits import NO_LINEAR_LIMITS, TERMS, LinearLimits
from clearing.v1 import case_pb2, network_pb2
from clearing.wire.columns import column, names, series
from clearing.wire.fields import Index, Table, index_of
from clearing.wire.problems import Problems


def read(pb: network_pb2.LinearLimits, of: dict[str, Index], periods: int, problems: Problems) -> LinearLimits:
    """The table; of: rows of what each kind of term names."""
    path = "case.linear_limits"
    problems.only(pb, path)
    table = Table(pb, path, "id", periods, problems)
    ids, terms, rows = table.ids("id"), dict[str, Any](), table.rows
    for term in TERMS:
        part = Table(pb, path, f"{term}_limit", periods, problems)
        terms[f"{term}_limit"] = part.references(f"{term}_limit", index_of(ids))
        terms[term] = part.references(term, of[term])
        terms[f"{term}_coefficient"] = part.floats(f"{term}_coefficient")
        rows += part.rows
    found = LinearLimits(
        id=ids,
        min_mw=table.series("min_mw", -np.inf),
        max_mw=table.series("max_mw", np.inf),
        price_per_mwh=table.floats("price_per_mwh", -1.0),
        **terms,
    )
    return found if rows else NO_LINEAR_LIMITS


def write(case: Case, pb: case_pb2.Case) -> None:
    """The table of the case, where it has limits."""
    limits, periods = case.linear_limits, case.horizon.periods
    if limits is NO_LINEAR_LIMITS:
        return
    ids = {
        "unit": case.units.id,
        "renewable": case.renewables.id,
        "storage": case.storage.id,
        "bus": case.network.bus_id,
        "branch": case.network.branch_id,
    }
    table = network_pb2.LinearLimits(
        id=limits.id,
        min_mw=series(limits.min_mw, periods),
        max_mw=series(limits.max_mw, periods),
        price_per_mwh=column(limits.price_per_mwh),
    )
    for term in TERMS:
        getattr(table, f"{term}_limit").extend(names(getattr(limits, f"{term}_limit"), limits.id))
        getattr(table, term).extend(names(getattr(limits, term), ids[term]))
        getattr(table, f"{term}_coefficient").extend(column(getattr(limits, f"{term}_coefficient")))
    pb.linear_limits.CopyFrom(table)
