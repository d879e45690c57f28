"""Options of a run → proto."""

from __future__ import annotations

from clearing.solve.options import SolveOptions
from clearing.v1 import report_pb2


def options(table: SolveOptions) -> report_pb2.SolveOptions:
    """What was asked of a run."""
    return report_pb2.SolveOptions(
        time_limit_seconds=table.time_limit_seconds or 0.0,
        gap=table.gap,
        seed=table.seed,
        reproducible=table.reproducible,
        work_limit_nodes=table.work_limit_nodes or 0,
        price_schemes=table.price_schemes,
        last_stage=report_pb2.LastStage.ValueType(table.last_stage),
    )
