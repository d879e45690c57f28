"""Corruptions of the schedule: values and commitment, by family."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import sparse

from clearing.case.reserve_kinds import ProductKind
from clearing.case.reserves import Direction
from clearing.checks.electrical import branch_limits, sensitivities
from clearing.checks.kind_prices import held_most
from clearing.checks.kinds import of_kind
from clearing.checks.reserve_amounts import covered_awards, sharing_pairs
from tests.checks.corrupt import Draw, changed, corruption, set_cell, with_schedule

Made = "tuple[str, ClearingResult] | None"


def _greatest(draw: Draw, period: int) -> float:
    return float(max(np.abs(x[:, period]).max(initial=0) for x in (draw.known.bus_load_mw, draw.schedule.dispatch_mw)))


@corruption("value", "BALANCE")
def balance_unit(draw: Draw) -> Made:
    output = draw.schedule.dispatch_mw
    return set_cell(
        draw, "dispatch_mw", draw.known.on, lambda at: output[at] + draw.sign() * draw.size(_greatest(draw, at[1]))
    )


@corruption("value", "BALANCE")
def balance_renewable(draw: Draw) -> Made:
    output = draw.schedule.renewable_mw
    return set_cell(draw, "renewable_mw", output > -1, lambda at: output[at] + draw.size(_greatest(draw, at[1])))


@corruption("value", "BALANCE")
def balance_storage(draw: Draw) -> Made:
    flow = draw.schedule.discharge_mw
    return set_cell(draw, "discharge_mw", flow > -1, lambda at: flow[at] + draw.size(_greatest(draw, at[1])))


@corruption("value", "BALANCE")
def balance_shed(draw: Draw) -> Made:
    shed = draw.schedule.shed_mw
    return set_cell(draw, "shed_mw", shed > -1, lambda at: shed[at] + draw.size(_greatest(draw, at[1])))


@corruption("value", "BALANCE")
def balance_surplus(draw: Draw) -> Made:
    surplus = draw.schedule.surplus_mw
    return set_cell(draw, "surplus_mw", surplus > -1, lambda at: surplus[at] + draw.size(_greatest(draw, at[1])))


@corruption("value", "SHED_LIMIT")
def shed_more_than_load(draw: Draw) -> Made:
    load = np.maximum(draw.known.bus_load_mw, 0.0)
    return set_cell(draw, "shed_mw", load > -1, lambda at: load[at] + draw.size(load[at]))


@corruption("value", "SHED_LIMIT")
def shed_negative(draw: Draw) -> Made:
    load = draw.known.bus_load_mw
    return set_cell(draw, "shed_mw", load > -np.inf, lambda at: -draw.size(load[at]))


@corruption("value", "SURPLUS_LIMIT")
def surplus_negative(draw: Draw) -> Made:
    load = draw.known.bus_load_mw.sum(axis=0)
    return set_cell(draw, "surplus_mw", draw.schedule.surplus_mw > -1, lambda at: -draw.size(load[at[1]]))


@corruption("value", "OUTPUT_MAX")
def output_max(draw: Draw) -> Made:
    top = draw.case.units.p_max_mw
    return set_cell(draw, "dispatch_mw", draw.known.on, lambda at: top[at] + draw.size(top[at]))


@corruption("value", "OUTPUT_MAX")
def output_while_off(draw: Draw) -> Made:
    return set_cell(draw, "dispatch_mw", ~draw.known.on, lambda at: draw.size(draw.case.units.p_max_mw[at]))


@corruption("value", "OUTPUT_MIN")
def output_min(draw: Draw) -> Made:
    units = draw.case.units
    return set_cell(draw, "dispatch_mw", draw.known.on, lambda at: units.p_min_mw[at] - draw.size(units.p_max_mw[at]))


@corruption("value", "FIXED_OUTPUT")
def fixed_output(draw: Draw) -> Made:
    units = draw.case.units
    fixed = np.zeros(draw.known.on.shape, dtype=bool)
    fixed[units.fixed_unit, units.fixed_period] = True
    output = draw.schedule.dispatch_mw
    return set_cell(draw, "dispatch_mw", fixed, lambda at: output[at] + draw.sign() * draw.size(units.p_max_mw[at]))


@corruption("value", "RAMP_UP")
def ramp_up(draw: Draw) -> Made:
    known = draw.known
    limit = np.where(known.on & known.was_on, known.ramp_up_mw[:, None], np.inf)
    top = draw.case.units.p_max_mw
    return set_cell(
        draw, "dispatch_mw", np.isfinite(limit), lambda at: known.was_mw[at] + limit[at] + draw.size(top[at])
    )


@corruption("value", "RAMP_DOWN")
def ramp_down(draw: Draw) -> Made:
    known = draw.known
    limit = np.where(known.on & known.was_on, known.ramp_down_mw[:, None], np.inf)
    top = draw.case.units.p_max_mw
    return set_cell(
        draw, "dispatch_mw", np.isfinite(limit), lambda at: known.was_mw[at] - limit[at] - draw.size(top[at])
    )


@corruption("value", "STARTUP_LIMIT")
def startup_limit(draw: Draw) -> Made:
    known, limit = draw.known, draw.known.start_mw
    mask = known.started & np.isfinite(limit)
    return set_cell(draw, "dispatch_mw", mask, lambda at: limit[at] + draw.size(draw.case.units.p_max_mw[at]))


@corruption("value", "SHUTDOWN_LIMIT")
def shutdown_limit(draw: Draw) -> Made:
    known, limit = draw.known, draw.known.stop_mw
    mask = known.last & np.isfinite(limit)
    return set_cell(draw, "dispatch_mw", mask, lambda at: limit[at] + draw.size(draw.case.units.p_max_mw[at]))


@corruption("value", "AWARD_MAX")
def award_max(draw: Draw) -> Made:
    cap = held_most(draw.known)
    top = draw.case.units.p_max_mw
    return set_cell(draw, "reserve_mw", np.isfinite(cap), lambda at: cap[at] + draw.size(top[at[1:]]))


@corruption("value", "AWARD_NEGATIVE")
def award_negative(draw: Draw) -> Made:
    top = draw.case.units.p_max_mw
    return set_cell(draw, "reserve_mw", draw.schedule.reserve_mw > -1, lambda at: -draw.size(top[at[1:]]))


def _overfull(draw: Draw, direction: Direction, taken: Any) -> Made:
    own = (draw.case.reserves.direction == direction) & ~of_kind(draw.case, ProductKind.FLEXIBLE_RAMPING)
    mask = own[:, None, None] & draw.known.on[None]
    award, top = draw.schedule.reserve_mw, draw.case.units.p_max_mw
    room = np.maximum(taken, 0.0)
    return set_cell(draw, "reserve_mw", mask, lambda at: award[at] + room[at[1:]] + draw.size(top[at[1:]]))


@corruption("value", "HEADROOM")
def headroom(draw: Draw) -> Made:
    return _overfull(draw, Direction.UP, draw.case.units.p_max_mw - draw.schedule.dispatch_mw - draw.known.up_mw)


@corruption("value", "FOOTROOM")
def footroom(draw: Draw) -> Made:
    return _overfull(draw, Direction.DOWN, draw.schedule.dispatch_mw - draw.case.units.p_min_mw - draw.known.down_mw)


@corruption("value", "VIOLATION_NOT_LISTED|VIOLATION_AMOUNT")
def product_short(draw: Draw) -> Made:
    need, award = draw.case.reserves.requirement_mw, draw.schedule.reserve_mw
    counted = covered_awards(draw.known)
    at = draw.cell((need > 2e-3) & (counted > 2e-3))
    if at is None:
        return None
    q, t = at
    serving = [q, *(better for better, lesser in sharing_pairs(draw.known) if lesser == q)]
    share = max(0.0, min(need[at], counted[at]) - draw.size()) / float(counted[at])
    # Short by `size` more than it is or needs to be.
    place, held = (serving, slice(None), t), draw.schedule.storage_reserve_mw
    less = changed(award, place, award[serving, :, t] * share)
    stored = changed(held, place, held[serving, :, t] * share)
    return f"{at}x{share:.3g}", with_schedule(draw, reserve_mw=less, storage_reserve_mw=stored)


@corruption("value", "VIOLATION_NOT_LISTED|VIOLATION_AMOUNT")
def branch_overload(draw: Draw) -> Made:
    """Two units of one island swap MW until a branch is over its limit: balanced, but not transmitted."""
    network, units, grid = draw.case.network, draw.case.units, draw.known.grid
    limits = branch_limits(network, draw.case.horizon.periods)
    place = draw.cell(np.isfinite(limits))
    if place is None or len(units.id) < 2:
        return None
    line, t = place[:1], int(place[1])
    one, two = (int(i) for i in draw.rng.choice(len(units.id), 2, replace=False))
    row = sparse.csr_array(([1.0], ([0], [line[0]])), shape=(1, len(network.branch_id)))
    factor = sensitivities(grid, row, t)[0]
    push = factor[units.bus[one]] - factor[units.bus[two]]
    if grid.island[units.bus[one], t] != grid.island[units.bus[two], t] or abs(push) < 1e-3:
        return None
    limit = float(limits[place])
    over = max(limit, abs(float(draw.known.branch_mw[line[0], t]))) + draw.size(limit)
    move = (over - draw.known.branch_mw[line[0], t]) / push
    output = draw.schedule.dispatch_mw.copy()
    output[one, t] += move
    output[two, t] -= move
    return f"{network.branch_id[line[0]]}@{t}", with_schedule(draw, dispatch_mw=output)


@corruption("value", "RENEWABLE_MAX")
def renewable_max(draw: Draw) -> Made:
    top = draw.case.renewables.forecast_mw
    return set_cell(draw, "renewable_mw", top > -1, lambda at: top[at] + draw.size(top[at]))


@corruption("value", "RENEWABLE_MIN")
def renewable_min(draw: Draw) -> Made:
    low = draw.case.renewables.min_mw
    return set_cell(draw, "renewable_mw", low > -1, lambda at: low[at] - draw.size(low[at]))


@corruption("value", "STORAGE_POWER")
def storage_discharge(draw: Draw) -> Made:
    top = draw.case.storage.discharge_max_mw
    return set_cell(draw, "discharge_mw", top > -1, lambda at: top[at] + draw.size(top[at]))


@corruption("value", "STORAGE_POWER")
def storage_charge_negative(draw: Draw) -> Made:
    top = draw.case.storage.charge_max_mw
    return set_cell(draw, "charge_mw", top > -1, lambda at: -draw.size(top[at]))


@corruption("value", "STORAGE_EXCLUSIVE")
def storage_both(draw: Draw) -> Made:
    top = draw.case.storage.charge_max_mw
    return set_cell(
        draw, "charge_mw", draw.schedule.discharge_mw > 1e-3 * np.maximum(top, 1), lambda at: draw.size(top[at])
    )


@corruption("value", "STORAGE_ENERGY")
def storage_energy(draw: Draw) -> Made:
    top = draw.case.storage.energy_max_mwh
    energy = draw.schedule.energy_mwh
    return set_cell(draw, "energy_mwh", energy > -1, lambda at: energy[at] + draw.sign() * draw.size(top[at]))


@corruption("value", "STORAGE_LEVEL")
def storage_level(draw: Draw) -> Made:
    top = draw.case.storage.energy_max_mwh
    return set_cell(draw, "energy_mwh", draw.schedule.energy_mwh > -1, lambda at: top[at] + draw.size(top[at]))


@corruption("value", "STORAGE_FINAL")
def storage_final(draw: Draw) -> Made:
    plants = draw.case.storage
    mask = np.zeros(draw.schedule.energy_mwh.shape, dtype=bool)
    mask[:, -1] = True
    least = plants.final_energy_min_mwh
    return set_cell(draw, "energy_mwh", mask, lambda at: least[at[0]] - draw.size(plants.energy_max_mwh[at]))


@corruption("value", "NOT_FINITE")
def not_finite(draw: Draw) -> Made:
    fields = ("dispatch_mw", "renewable_mw", "charge_mw", "energy_mwh", "reserve_mw", "shed_mw", "surplus_mw")
    fields = tuple(f for f in fields if getattr(draw.schedule, f).size)
    field = str(draw.rng.choice(fields))
    bad = float(draw.rng.choice([np.nan, np.inf, -np.inf]))
    return set_cell(draw, field, np.ones(getattr(draw.schedule, field).shape), lambda at: bad)


@corruption("value", "SHAPE")
def wrong_shape(draw: Draw) -> Made:
    field = str(draw.rng.choice(["on", "start", "dispatch_mw", "renewable_mw", "energy_mwh", "reserve_mw", "shed_mw"]))
    return field, with_schedule(draw, **{field: getattr(draw.schedule, field)[..., :-1].copy()})
