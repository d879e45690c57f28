"""Corruptions of output curves: MW beside the curve, a start too early for its curve."""

from __future__ import annotations

import numpy as np

from tests.checks.corrupt import Draw, corruption, set_cell
from tests.checks.corrupt_commitment import Made, recommit


@corruption("value", "CURVE_OUTPUT")
def curve_output(draw: Draw) -> Made:
    """More or less than the curve, on it or beside it."""
    own = np.zeros(len(draw.case.units.id), dtype=bool)
    own[draw.case.startup_curves.unit] = own[draw.case.shutdown_curves.unit] = True
    told = draw.schedule.curve_mw
    where = np.repeat(own[:, None], told.shape[1], axis=1)
    return set_cell(draw, "curve_mw", where, lambda at: told[at] + draw.sign() * draw.size(30.0))


@corruption("value", "CURVE_OUTPUT")
def curve_forgotten(draw: Draw) -> Made:
    return set_cell(draw, "curve_mw", draw.schedule.curve_mw > 1e-2, lambda at: 0.0)


@corruption("value", "BALANCE")
def balance_curve(draw: Draw) -> Made:
    told = draw.schedule.curve_mw
    return set_cell(draw, "curve_mw", told > 1e-2, lambda at: told[at] + draw.sign() * draw.size(30.0))


@corruption("commitment", "START_CURVE")
def start_before_its_curve(draw: Draw) -> Made:
    """On from the first period, where every start has a curve."""
    own = np.zeros(len(draw.case.units.id), dtype=bool)
    own[draw.case.startup_curves.unit] = True
    at = draw.cell(own & ~draw.case.units.initial_on)
    return None if at is None else (str(at), recommit(draw, at[0], np.ones(draw.case.horizon.periods, dtype=np.int8)))


@corruption("commitment", "MIN_DOWN_TIME")
def restart_within_its_curves(draw: Draw) -> Made:
    """On again in the period behind a stop, where curves lie between."""
    own = np.zeros(len(draw.case.units.id), dtype=bool)
    own[draw.case.shutdown_curves.unit] = True
    on, periods = draw.schedule.on, draw.case.horizon.periods
    gap = np.zeros(on.shape, dtype=bool)
    gap[:, 1 : periods - 1] = (on[:, : periods - 2] == 1) & (on[:, 1 : periods - 1] == 1) & (on[:, 2:] == 1)
    at = draw.cell(gap & own[:, None])
    if at is None:
        return None
    row = on[at[0]].copy()
    row[at[1]] = 0
    return str(at), recommit(draw, at[0], row)
