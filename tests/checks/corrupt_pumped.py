"""Corruptions of pumped hydro: modes, power, reservoirs, changeovers, changes of mode."""

from __future__ import annotations

import numpy as np

from clearing.case.resources import StorageMode
from tests.checks.corrupt import Draw, corruption, set_cell

Made = "tuple[str, ClearingResult] | None"
PUMPS, IDLE, GENERATES = StorageMode.CHARGE, StorageMode.IDLE, StorageMode.DISCHARGE


@corruption("value", "BALANCE")
def balance_generation(draw: Draw) -> Made:
    mw, scale = draw.schedule.generate_mw, float(draw.known.bus_load_mw.max(initial=1.0))
    return set_cell(draw, "generate_mw", mw > -1, lambda at: mw[at] + draw.sign() * draw.size(scale))


@corruption("value", "PUMP_POWER")
def pump_power(draw: Draw) -> Made:
    mw = draw.schedule.pump_mw
    return set_cell(draw, "pump_mw", mw > 0, lambda at: mw[at] + draw.sign() * draw.size(float(mw[at])))


@corruption("value", "GENERATION_LIMIT")
def generation_limit(draw: Draw) -> Made:
    mw, most = draw.schedule.generate_mw, draw.case.pumped_hydro.generate_max_mw
    return set_cell(draw, "generate_mw", mw > -1, lambda at: most[at] + draw.size(30.0))


@corruption("value", "RESERVOIR_ENERGY|RESERVOIR_LEVEL|RESERVOIR_FINAL")
def reservoir_energy(draw: Draw) -> Made:
    energy = draw.schedule.reservoir_mwh
    room = draw.case.pumped_hydro.reservoir_max_mwh
    return set_cell(
        draw, "reservoir_mwh", energy > -1, lambda at: energy[at] + draw.sign() * draw.size(max(20.0, room[at[0]]))
    )


@corruption("commitment", "PUMP_POWER|GENERATION_LIMIT")
def another_mode(draw: Draw) -> Made:
    """A machine that runs is said to run the other way."""
    mode = draw.schedule.pumped_mode
    runs = (draw.schedule.pump_mw > 0.01) | (draw.schedule.generate_mw > 0.01)
    return set_cell(draw, "pumped_mode", runs, lambda at: GENERATES if mode[at] == PUMPS else PUMPS)


@corruption("commitment", "PUMPED_MODE")
def no_mode(draw: Draw) -> Made:
    mode = draw.schedule.pumped_mode
    return set_cell(draw, "pumped_mode", mode >= 0, lambda at: int(draw.rng.choice([0, 4, -1])))


@corruption("commitment", "CHANGEOVER")
def too_soon(draw: Draw) -> Made:
    """Pumping in the period before generation, by a machine that needs time between them."""
    table, mode = draw.case.pumped_hydro, draw.schedule.pumped_mode
    needs = np.zeros(mode.shape, dtype=np.bool_)
    if mode.size:
        slow = table.changeover_minutes > 0
        needs[:, :-1] = (mode[:, 1:] == GENERATES) & (mode[:, :-1] != PUMPS) & slow[:, None]
    return set_cell(draw, "pumped_mode", needs, lambda _: PUMPS)
