"""Direct-current lines between proto and case."""

from __future__ import annotations

import numpy as np

from clearing.case.case import Case
from clearing.case.hvdc_lines import NO_HVDC, HvdcLines
from clearing.v1 import case_pb2, network_pb2
from clearing.wire.columns import column, names, series
from clearing.wire.fields import Index, Table
from clearing.wire.problems import Problems


def read(pb: network_pb2.HvdcLines, at_bus: Index, periods: int, problems: Problems) -> HvdcLines:
    """The table; min_mw and max_mw are needed of dispatchable lines only, and min_mw is −max_mw where absent."""
    path = "case.hvdc_lines"
    problems.only(pb, path)
    table = Table(pb, path, "id", periods, problems)
    dispatchable = table.bools("dispatchable", False)
    if dispatchable.any() and not pb.max_mw:
        problems.error("REQUIRED", f"{path}.max_mw", "A dispatchable line needs its greatest flow.", limit="n or n·T")
    most = table.series("max_mw", 0.0)
    found = HvdcLines(
        id=table.ids("id"),
        from_bus=table.references("from_bus", at_bus),
        to_bus=table.references("to_bus", at_bus),
        dispatchable=dispatchable,
        scheduled_mw=table.series("scheduled_mw", 0.0),
        min_mw=table.series("min_mw", 0.0) if pb.min_mw else -most,
        max_mw=most,
        ramp_mw_per_minute=table.floats("ramp_mw_per_minute", np.inf),
        loss_rate=table.floats("loss_rate", 0.0),
    )
    return found if table.rows else NO_HVDC


def write(case: Case, pb: case_pb2.Case) -> None:
    """The table of the case, where it has lines."""
    lines, bus, periods = case.hvdc_lines, case.network.bus_id, case.horizon.periods
    if not lines.id:
        return
    pb.hvdc_lines.CopyFrom(
        network_pb2.HvdcLines(
            id=lines.id,
            from_bus=names(lines.from_bus, bus),
            to_bus=names(lines.to_bus, bus),
            dispatchable=column(lines.dispatchable),
            scheduled_mw=series(lines.scheduled_mw, periods),
            min_mw=series(lines.min_mw, periods),
            max_mw=series(lines.max_mw, periods),
            ramp_mw_per_minute=column(lines.ramp_mw_per_minute),
            loss_rate=column(lines.loss_rate),
        )
    )
