"""Stationarity of the pricing problem: at the marginal value of a resource, its output is where it wants to be."""

from __future__ import annotations

import numpy as np

from clearing.case.arrays import Bools, Floats, Ids
from clearing.case.finding import Finding
from clearing.case.offers import Offers
from clearing.case.prices import Prices
from clearing.case.resources import StorageMode
from clearing.checks.award_terms import carried_to, lacking
from clearing.checks.bids import as_costs, virtual_price, way
from clearing.checks.certificate import frozen, price_tolerance
from clearing.checks.contingencies import Weighted, weighted
from clearing.checks.curve import reserve_blocks, slopes, widths
from clearing.checks.facts import Facts
from clearing.checks.finding import over, tolerance
from clearing.checks.hvdc import asked_for, line_worth
from clearing.checks.joint import discharge_worth, linear_worth, unit_worth
from clearing.checks.kind_prices import award_terms, held_most, storage_award_terms, storage_terms
from clearing.checks.kinds import storage_cap
from clearing.checks.prices import unclipped
from clearing.checks.pumped_hydro import share
from clearing.checks.resources import energy_kept
from clearing.checks.soft import (
    award_worth,
    covered_awards,
    demand_curves,
    linear_prices,
    own_penalties,
    soft_limits,
)

CODE = "STATIONARITY"


def stationarity(known: Facts, prices: Prices, values: dict[str, Floats]) -> list[Finding]:
    """No output, award or storage level would gain at these prices by moving within its limits."""
    return [
        *units(known, prices, values),
        *renewables(known, prices, values),
        *awards(known, values),
        *storage_awards(known, values),
        *shortfalls(known, values),
        *penalised_flows(known, values),
        *storage(known, prices, values),
        *pumped(known, prices, values),
        *demand(known, prices),
        *virtual(known, prices, values),
        *hvdc(known, prices, values),
    ]


def units(known: Facts, prices: Prices, values: dict[str, Floats]) -> list[Finding]:
    """Committed units that the pricing run did not freeze.

    π_t = LMP_t + headroom_t + footroom_t + (ramp_up_t − ramp_up_{t+1}) − (ramp_down_t − ramp_down_{t+1}):
    the block below the output costs at most π, the block above it at least π, within p_min and the least of
    p_max, start-up and shut-down limit. π has output_limit too where the form HEADROOM holds SU and SD alone, and
    the multipliers of the unit's groups and energy windows, and of the limits of t + 1 that flexible ramping leans on.
    """
    table, output = known.case.units, known.schedule.dispatch_mw
    near = np.broadcast_to(tolerance(table.p_max_mw), output.shape)
    price = unclipped(prices)[table.bus]
    up, down = values["ramp_up"], values["ramp_down"]
    # a limit after the loss of the unit does not feel it, though its bus has a price for it
    unfelt = -_after(known, values).unit
    own = (values["headroom"], values["output_limit"], values["footroom"], unit_worth(known, values), unfelt)
    flexible = (values.get("flexible_up", 0.0 * output), values.get("flexible_down", 0.0 * output))
    terms = (price, *own, *flexible, up, -_next(up), -down, _next(down))
    value = np.sum(terms, axis=0)
    size = price_tolerance(known, np.sum(np.abs(terms), axis=0))
    top = np.where(known.started, np.minimum(table.p_max_mw, known.start_mw), table.p_max_mw)
    top = np.where(known.last, np.minimum(top, known.stop_mw), top)
    free = known.on & ~frozen(known.case, output, near)
    return _curve("units", table.id, table.offers, output, (table.p_min_mw, top), near, value, size, free)


def renewables(known: Facts, prices: Prices, values: dict[str, Floats]) -> list[Finding]:
    """π = LMP and what linear limits add, output between its minimum and its forecast."""
    table, output = known.case.renewables, known.schedule.renewable_mw
    near = np.broadcast_to(tolerance(table.forecast_mw), output.shape)
    price, limited = unclipped(prices)[table.bus], linear_worth(known, values, "renewable", len(table.id))
    value, size = price + limited, price_tolerance(known, np.abs(price) + np.abs(limited))
    free = np.ones(output.shape, dtype=np.bool_)
    limits = (table.min_mw, table.forecast_mw)
    return _curve("renewables", table.id, table.offers, output, limits, near, value, size, free)


def demand(known: Facts, prices: Prices) -> list[Finding]:
    """Bids read as costs of −bid price: the value of one more MW is −LMP, counted from the least quantity."""
    table = known.case.demand_bids
    if not table.id:
        return []
    over_least, room = known.schedule.demand_mw - table.min_mw, table.max_mw - table.min_mw
    near = np.broadcast_to(tolerance(table.max_mw), over_least.shape)
    value = -unclipped(prices)[table.bus]
    free, size = np.ones(over_least.shape, dtype=np.bool_), price_tolerance(known, value)
    costs = as_costs(table.bids, np.full(len(table.id), -1.0))
    return _curve("demand", table.id, costs, over_least, (0.0 * room, room), near, value, size, free)


def virtual(known: Facts, prices: Prices, values: dict[str, Floats]) -> list[Finding]:
    """π = ±Σ share·LMP (load: −) + virtual_ramp_t − virtual_ramp_{t+1}; bids of load are costs of −bid price."""
    table, mw = known.case.virtual_plants, known.schedule.virtual_mw
    if not table.id:
        return []
    near = np.broadcast_to(tolerance(table.max_mw), mw.shape)
    ramp = values["virtual_ramp"]
    terms = (way(known.case)[:, None] * virtual_price(known.case, unclipped(prices)), ramp, -_next(ramp))
    free, size = np.ones(mw.shape, dtype=np.bool_), price_tolerance(known, np.sum(np.abs(terms), axis=0))
    costs = as_costs(table.offers, way(known.case))
    limits = (table.min_mw, table.max_mw)
    return _curve("virtual", table.id, costs, mw, limits, near, np.sum(terms, axis=0), size, free)


def hvdc(known: Facts, prices: Prices, values: dict[str, Floats]) -> list[Finding]:
    """π = LMP at to_bus · what arrives − LMP at from_bus + hvdc_schedule + hvdc_ramp_t − hvdc_ramp_{t+1}."""
    table, flow = known.case.hvdc_lines, known.schedule.hvdc_mw
    if not table.id:
        return []
    least, most = asked_for(known.case)
    near = np.maximum(tolerance(least), tolerance(most))
    ramp = values["hvdc_ramp"]
    unfelt = -_after(known, values).line
    terms = (line_worth(known.case, unclipped(prices)), values["hvdc_schedule"], ramp, -_next(ramp), unfelt)
    size = price_tolerance(known, np.sum(np.abs(terms), axis=0), unclipped(prices)[table.from_bus])
    limits = (np.minimum(least, 0.0), np.maximum(most, 0.0))
    free = np.ones(flow.shape, dtype=np.bool_)
    return _box("hvdc", table.id, flow, limits, near, np.sum(terms, axis=0), size, free)


def _after(known: Facts, values: dict[str, Floats]) -> Weighted:
    return weighted(known.case, known.grid, known.contingent, known.interface_terms, values)


def awards(known: Facts, values: dict[str, Floats]) -> list[Finding]:
    """Value of an award = what its requirements pay + what it costs in the rows it shares; 0 strictly inside, or
    between the prices of the last block used and the next where the unit offers the product.

    A unit holds only products that cover its bus, also where a lesser product that it would serve covers it.
    Up: product + award_cap + headroom (+ ramp_up in form PGLIB); down: product + award_cap − footroom (+ ramp_down);
    other kinds: `kind_prices.award_terms`.
    """
    reserves, table, award = known.case.reserves, known.case.units, known.schedule.reserve_mw
    cap, blocks = held_most(known), reserve_blocks(known.case)
    worth, eligible = award_worth(known, values["product"]), reserves.covers_bus[:, table.bus]
    near = np.broadcast_to(tolerance(table.p_max_mw), table.p_max_mw.shape)
    found: list[Finding] = []
    for q, product in enumerate(reserves.product_id):
        terms = (worth[q], *award_terms(known, values, q))
        gain = np.sum(terms, axis=0)
        size = price_tolerance(known, np.sum(np.abs(terms), axis=0))
        free = eligible[q][:, None] & (cap[q] > near)
        if q in blocks:
            below, above, top = _offered(blocks[q], award[q], near)
            top, size = (
                np.minimum(cap[q], top),
                np.maximum(size, price_tolerance(known, _finite(below), _finite(above))),
            )
            low = np.where(free & (award[q] > near) & np.isfinite(below), below - gain, 0.0)
            high = np.where(free & (award[q] < top - near) & np.isfinite(above), gain - above, 0.0)
            text = "would gain by moving within its offers"
            found += over(CODE, f"award/{product}", table.id, np.maximum(low, high), size, text, gain, unit="per MWh")
            continue
        found += _box(f"award/{product}", table.id, award[q], (np.zeros(cap[q].shape), cap[q]), near, gain, size, free)
    return found


def storage_awards(known: Facts, values: dict[str, Floats]) -> list[Finding]:
    """Value of an award of storage = what its requirements and its speed pay + what it costs in the rows it shares."""
    case, held = known.case, known.schedule.storage_reserve_mw
    if not len(case.reserve_kinds.storage):
        return []
    worth, cap = award_worth(known, values["product"], case.storage.bus), storage_cap(case)
    near = tolerance(case.storage.charge_max_mw, case.storage.discharge_max_mw)
    found: list[Finding] = []
    for q, product in enumerate(case.reserves.product_id):
        terms = (worth[q], *storage_award_terms(known, values, q))
        gain = np.sum(terms, axis=0)
        most = cap[q][:, None] + 0.0 * gain
        size = price_tolerance(known, np.sum(np.abs(terms), axis=0))
        limits = (0.0 * most, most)
        found += _box(f"award/{product}", case.storage.id, held[q], limits, near, gain, size, most > near)
    return found


def _offered(blocks: Offers, award: Floats, near: Floats) -> tuple[Floats, Floats, Floats]:
    """Price of the last block used and of the next one (N, T), 0 for a unit without blocks; Σ of its blocks."""
    below, above = slopes(blocks, award, near)
    free = np.ones(len(award), dtype=np.bool_)
    free[blocks.resource] = False
    below[free], above[free] = 0.0, 0.0
    return below, above, widths(blocks, len(award))


def _finite(price: Floats) -> Floats:
    return np.where(np.isfinite(price), price, 0.0)


def shortfalls(known: Facts, values: dict[str, Floats]) -> list[Finding]:
    """Products with a demand curve: the step in use pays at most the reserve price, the next one at least.

    Where a shortfall counts as held in lesser products, it saves their prices too.
    """
    reserves, counted = known.case.reserves, covered_awards(known)
    lacks, found = lacking(known.case, reserves.requirement_mw - counted), list[Finding]()
    for q, steps in demand_curves(known):
        width, price = (np.array(column) for column in zip(*steps, strict=True))
        ends = np.cumsum(width)
        short, near = lacks[[q]], tolerance(reserves.requirement_mw[[q]])
        value = values["product"][[q, *carried_to(known.case, q)]].sum(axis=0, keepdims=True)
        below = price[np.searchsorted(ends, np.maximum(short - near, 0.0), side="right").clip(max=len(ends) - 1)]
        above = price[np.searchsorted(ends, short + near, side="right").clip(max=len(ends) - 1)]
        wrong = np.maximum(np.where(short > near, below - value, 0.0), value - above)
        text = "reserve price is not that of the demand curve at this shortfall"
        size = price_tolerance(known, np.maximum(above, np.abs(value)))
        found += over(CODE, "product", (reserves.product_id[q],), wrong, size, text, value, unit="per MWh")
    return found


def penalised_flows(known: Facts, values: dict[str, Floats]) -> list[Finding]:
    """Lines and linear limits with a penalty of their own: a multiplier is at most it, and it where they are broken."""
    found: list[Finding] = []
    own = {**own_penalties(known), "linear_limit": linear_prices(known)}
    for family in soft_limits(known):
        if family.family not in own:
            continue
        for row, ((_, price),) in own[family.family]:
            value, broken = np.abs(values[family.family][[row]]), family.amount_mw[[row]] > 0
            wrong = np.maximum(np.where(broken, price - value, 0.0), value - price)
            text = "multiplier is not the penalty of the limit"
            size = price_tolerance(known, np.maximum(price, value))
            found += over(CODE, family.family, (family.ids[row],), wrong, size, text, value, unit="per MWh")
    return found


def storage(known: Facts, prices: Prices, values: dict[str, Floats]) -> list[Finding]:
    """Charge, discharge and energy level of storage; the value of stored energy moves at the level's bounds only.

    With w = storage_energy value · dt (money a MWh): discharge gains LMP + w/η_d + cycle limit − discharge
    price, charge gains charge price − LMP − w·η_c, energy gains w_t − kept_{t+1}·w_{t+1}; all with what rows
    of awards that the unit holds add (`kind_prices.storage_terms`). Where the unit
    stands still its mode is not known, and one of the two has to hold; with a least MW it may be idle, and neither.
    """
    table, schedule = known.case.storage, known.schedule
    price = unclipped(prices)[table.bus] + linear_worth(known, values, "storage", len(table.id))
    worth = values["storage_energy"] * known.hours
    cycle = discharge_worth(known, values)
    room, stock = storage_terms(known, values)
    out = price + worth / table.discharge_efficiency + cycle - table.discharge_price_per_mwh + room
    back = table.charge_price_per_mwh - price - worth * table.charge_efficiency - room
    size = price_tolerance(
        known,
        np.abs(price) + np.abs(worth) + np.abs(cycle) + np.abs(room) + np.abs(stock),
        table.discharge_price_per_mwh,
        table.charge_price_per_mwh,
    )
    near = tolerance(table.discharge_max_mw, table.charge_max_mw)
    out_runs, back_runs = schedule.discharge_mw > near, schedule.charge_mw > near
    still = ~out_runs & ~back_runs
    idle = np.where(still, np.minimum(np.maximum(out, 0.0), np.maximum(back, 0.0)), 0.0)
    # a side without power can never be the mode that gains nothing unless it is fixed by its own limit
    blocked = (table.discharge_max_mw <= near) | (table.charge_max_mw <= near) | (table.given_mode > 0)
    blocked |= np.any((table.charge_min_mw > 0) | (table.discharge_min_mw > 0), axis=1, keepdims=True)
    idle = np.where(blocked, 0.0, idle)
    given_out = (table.discharge_min_mw, table.discharge_max_mw)
    taken_in = (table.charge_min_mw, table.charge_max_mw)
    low, high = _energy_bounds(known)
    level = tolerance(table.energy_max_mwh)
    turn = worth - _next(energy_kept(known) * worth) + stock
    always = np.ones(price.shape, dtype=np.bool_)
    text = "gains by charging and by discharging but stands still"
    return [
        *_box("storage", table.id, schedule.discharge_mw, given_out, near, out, size, out_runs),
        *_box("storage", table.id, schedule.charge_mw, taken_in, near, back, size, back_runs),
        *over(CODE, "storage", table.id, idle, size, text, unit="per MWh"),
        *_box("storage_energy", table.id, schedule.energy_mwh, (low, high), level, turn, size, always),
    ]


def pumped(known: Facts, prices: Prices, values: dict[str, Floats]) -> list[Finding]:
    """Units that generate, and the energy of reservoirs; pumping is a constant of the pricing run.

    With w = reservoir_energy value · dt: generation gains LMP + w/η_g − generate price, energy gains w_t − w_{t+1}.
    """
    table, plan = known.case.pumped_hydro, known.schedule
    if not table.id:
        return []
    price = unclipped(prices)[table.bus]
    worth = values["reservoir_energy"] * known.hours
    drawn = worth[table.reservoir] / table.generate_efficiency[:, None]
    gain = price + drawn - table.generate_price_per_mwh
    size = price_tolerance(known, np.abs(price) + np.abs(drawn), table.generate_price_per_mwh)
    part, near = share(known.case, known.rules), tolerance(table.generate_max_mw)
    limits = (part * table.generate_min_mw, part * table.generate_max_mw)
    generates = plan.pumped_mode == StorageMode.DISCHARGE
    low = np.repeat(table.reservoir_min_mwh[:, None], worth.shape[1], axis=1)
    high = np.repeat(table.reservoir_max_mwh[:, None], worth.shape[1], axis=1)
    low[:, -1] = np.maximum(low[:, -1], table.reservoir_final_min_mwh)
    high[:, -1] = np.minimum(high[:, -1], table.reservoir_final_max_mwh)
    turn, level = worth - _next(worth), np.broadcast_to(tolerance(table.reservoir_max_mwh[:, None]), worth.shape)
    always, room = np.ones(worth.shape, dtype=np.bool_), price_tolerance(known, np.abs(worth) + np.abs(_next(worth)))
    pools, energy = table.reservoir_id, plan.reservoir_mwh
    return [
        *_box("pumped_hydro", table.id, plan.generate_mw, limits, near, gain, size, generates),
        *_box("reservoir_energy", pools, energy, (low, high), level, turn, room, always),
    ]


def _energy_bounds(known: Facts) -> tuple[Floats, Floats]:
    table = known.case.storage
    low = table.energy_min_mwh.copy()
    high = table.energy_max_mwh.copy()
    low[:, -1] = np.maximum(low[:, -1], table.final_energy_min_mwh)
    high[:, -1] = np.minimum(high[:, -1], table.final_energy_max_mwh)
    return low, high


def _next(series: Floats) -> Floats:
    """One period later; 0 after the last."""
    return np.concatenate([series[:, 1:], np.zeros((len(series), 1))], axis=1)


def _curve(
    family: str,
    ids: Ids,
    offers: Offers,
    output: Floats,
    limits: tuple[Floats, Floats],
    near: Floats,
    value: Floats,
    size: Floats,
    free: Bools,
) -> list[Finding]:
    below, above = slopes(offers, output, near)
    can_fall = free & (output > limits[0] + near) & np.isfinite(below)
    can_rise = free & (output < limits[1] - near) & np.isfinite(above)
    too_high = _masked(below, value, can_fall)
    too_low = _masked(value, above, can_rise)
    return [
        *over(
            CODE,
            family,
            ids,
            too_high,
            size,
            "runs in a block that costs more than its marginal value",
            value,
            unit="per MWh",
        ),
        *over(
            CODE,
            family,
            ids,
            too_low,
            size,
            "leaves a block unused that costs less than its marginal value",
            value,
            unit="per MWh",
        ),
    ]


def _masked(left: Floats, right: Floats, mask: Bools) -> Floats:
    """left − right where mask, else 0; nothing infinite is subtracted elsewhere."""
    difference = np.zeros(mask.shape)
    np.subtract(left, right, out=difference, where=mask)
    return difference


def _box(
    family: str,
    ids: Ids,
    x: Floats,
    limits: tuple[Floats, Floats],
    near: Floats,
    gain: Floats,
    size: Floats,
    free: Bools,
) -> list[Finding]:
    low, high = limits
    up = np.where(free & (x < high - near), gain, 0.0)
    down = np.where(free & (x > low + near), -gain, 0.0)
    text = "would gain by moving within its limits"
    return over(CODE, family, ids, np.maximum(up, down), size, text, gain, unit="per MWh")
