"""Direct-current lines: flow within limits, ramps, and what they take from and bring to their buses (family 19)."""

from __future__ import annotations

import numpy as np

from clearing.case.case import Case
from clearing.case.hvdc_lines import attainable, delivered, wanted
from clearing.formulation.commitment import shifted
from clearing.formulation.injections import Injection
from clearing.milp.columns import Columns, column_block
from clearing.milp.rows import RowBlock, row_block


def add_hvdc(columns: Columns, case: Case) -> None:
    """hvdc (H, T): MW at from_bus, positive from → to; no cost."""
    least, most = attainable(case.hvdc_lines)
    columns.add(column_block("hvdc", least.shape, least, most))


def hvdc_schedule(case: Case, columns: Columns) -> RowBlock:
    """flow ≥ least where least > 0, flow ≤ greatest where greatest < 0: what is asked for. Shape (H, T); soft.

    The other sides are bounds of the column. Source: clearing-model.md family 19.
    """
    least, most = wanted(case.hvdc_lines)
    lower, upper = np.where(least > 0.0, least, -np.inf), np.where(most < 0.0, most, np.inf)
    return row_block("hvdc_schedule", least.shape, lower, upper, [(columns["hvdc"], 1.0)])


def hvdc_ramp(case: Case, columns: Columns) -> RowBlock:
    """−R_h ≤ flow_t − flow_{t−1} ≤ R_h where dispatchable, R = rate · minutes; period 1 is free. Shape (H, T)."""
    lines, flow = case.hvdc_lines, columns["hvdc"]
    rate = np.where(lines.dispatchable, lines.ramp_mw_per_minute * case.horizon.period_minutes, np.inf)
    most = np.broadcast_to(rate[:, None], flow.shape).copy()
    most[:, :1] = np.inf
    return row_block("hvdc_ramp", flow.shape, -most, most, [(flow, 1.0), (shifted(flow, 1), -1.0)])


def hvdc_injections(case: Case, columns: Columns) -> tuple[Injection, Injection]:
    """The flow leaves from_bus, and what is not lost of it enters to_bus."""
    lines, flow = case.hvdc_lines, columns["hvdc"]
    every = np.arange(len(lines.id))
    leaves = Injection(lines.from_bus, flow, -np.ones(flow.shape), "line_from", every)
    return leaves, Injection(lines.to_bus, flow, delivered(lines), "line_to", every)
