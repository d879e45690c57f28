"""Start-up and shut-down curves between proto and case."""

from __future__ import annotations

from clearing.case.arrays import Ids
from clearing.case.output_curves import NO_CURVES, OutputCurves
from clearing.case.units import StartState
from clearing.v1 import units_pb2
from clearing.wire.columns import column, names
from clearing.wire.fields import Index, Table
from clearing.wire.problems import Problems


def read(pb: units_pb2.OutputCurves, name: str, unit: Index, periods: int, problems: Problems) -> OutputCurves:
    """The table at case.units.<name>."""
    path = f"case.units.{name}"
    problems.only(pb, path)
    table = Table(pb, path, "unit", periods, problems)
    if not table.rows:
        return NO_CURVES
    return OutputCurves(
        unit=table.references("unit", unit),
        state=table.enum("state", StartState, optional=True),
        step=table.whole("step"),
        mw=table.floats("mw"),
    )


def write(table: OutputCurves, unit_id: Ids) -> units_pb2.OutputCurves | None:
    """The message, None without a row."""
    if not len(table.unit):
        return None
    return units_pb2.OutputCurves(
        unit=names(table.unit, unit_id), state=column(table.state), step=column(table.step), mw=column(table.mw)
    )
