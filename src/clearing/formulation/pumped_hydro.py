"""Pumped hydro: units that pump at a fixed power, idle or generate, with a reservoir in common (family 16)."""

from __future__ import annotations

import numpy as np

from clearing.case.arrays import Flags, Floats, Ints
from clearing.case.case import Case
from clearing.case.pumped_market import PumpedMarket
from clearing.case.resources import StorageMode
from clearing.formulation.commitment import shifted
from clearing.formulation.injections import Injection
from clearing.formulation.modes import held
from clearing.milp.columns import Columns, Index, column_block
from clearing.milp.elastic import elastic
from clearing.milp.rows import RowBlock, Scattered, row_block
from clearing.rules.rules import StartRules


def add_pumped(columns: Columns, case: Case, market: PumpedMarket, modes: Flags | None) -> None:
    """pumping, generating (0/1; held where modes are given), generation (MW), all (U, T); reservoir (O, T), MWh."""
    table, hours = case.pumped_hydro, case.horizon.hours
    shape, given = market.generate_max_mw.shape, held(case, modes)
    pump_cost = -table.pump_price_per_mwh * market.pump_mw[:, None] * hours
    here = np.arange(shape[1])
    waits = here < market.wait[:, None]
    for name, bars, cost in (
        ("pumping", market.bars_pumping, pump_cost),
        ("generating", market.bars_generating, 0.0),
    ):
        at = given[name]
        low, high = (0.0, ~(waits & bars[:, None])) if at is None else (at, at)
        columns.add(column_block(name, shape, low, high, cost, integer=at is None))
    price = table.generate_price_per_mwh * hours
    columns.add(column_block("generation", shape, 0.0, market.generate_max_mw, price))
    lower = np.repeat(table.reservoir_min_mwh[:, None], shape[1], axis=1)
    upper = np.repeat(table.reservoir_max_mwh[:, None], shape[1], axis=1)
    lower[:, -1] = np.maximum(lower[:, -1], table.reservoir_final_min_mwh)
    upper[:, -1] = np.minimum(upper[:, -1], table.reservoir_final_max_mwh)
    columns.add(column_block("reservoir", lower.shape, lower, upper))
    if modes is None:
        columns.add(column_block("filling", lower.shape, 0.0, 1.0))


def reservoir_energy(case: Case, market: PumpedMarket, columns: Columns) -> RowBlock:
    """0 ≤ E_t − E_{t−1} − dt·(Σ η_p·pump_mw·pumping − Σ generation/η_g) ≤ dt·inflow, E_0 the initial. Shape (O, T).

    What is missing from dt·inflow spills.
    """
    table, hours, energy = case.pumped_hydro, case.horizon.hours, columns["reservoir"]
    before = np.zeros(energy.shape)
    before[:, 0] = table.reservoir_initial_mwh
    row = _of_reservoir(case)
    into = hours * table.pump_efficiency * market.pump_mw
    scattered: list[Scattered] = [
        (row, columns["pumping"], -into[:, None]),
        (row, columns["generation"], (hours / table.generate_efficiency)[:, None]),
    ]
    upper = before + hours * table.reservoir_inflow_mw
    terms = [(energy, 1.0), (shifted(energy, 1), -1.0)]
    return row_block("reservoir_energy", energy.shape, before, upper, terms, scattered)


def generation_limits(market: PumpedMarket, columns: Columns) -> list[RowBlock]:
    """generate_min·generating ≤ generation ≤ generate_max·generating. Shapes (U, T)."""
    out, mode = columns["generation"], columns["generating"]
    return [
        row_block("generation_most", mode.shape, -np.inf, 0.0, [(out, 1.0), (mode, -market.generate_max_mw)]),
        row_block("generation_least", mode.shape, 0.0, np.inf, [(out, 1.0), (mode, -market.generate_min_mw)]),
    ]


def one_direction(case: Case, columns: Columns) -> list[RowBlock]:
    """pumping_h ≤ filling_o, generating_h ≤ 1 − filling_o: units of a reservoir do not pump while others generate.

    Shapes (U, T). A reading: a plant has one direction at a time.
    """
    filling = columns["filling"][case.pumped_hydro.reservoir]
    pumping, generating = columns["pumping"], columns["generating"]
    return [
        row_block("pumping_side", pumping.shape, -np.inf, 0.0, [(pumping, 1.0), (filling, -1.0)]),
        row_block("generating_side", pumping.shape, -np.inf, 1.0, [(generating, 1.0), (filling, 1.0)]),
    ]


def changeover(market: PumpedMarket, columns: Columns) -> RowBlock:
    """pumping_ht + generating_h,t+k ≤ 1 and generating_ht + pumping_h,t+k ≤ 1, k = 1 … ⌈changeover/minutes⌉.

    Shape (rows). The time before the horizon is in the bounds of the first periods.
    """
    pumping, generating = columns["pumping"], columns["generating"]
    periods = pumping.shape[1]
    k = np.arange(1, int(market.between.max(initial=0)) + 1)
    wanted = (k <= market.between[:, None])[:, None, :] & (np.arange(periods)[:, None] + k < periods)
    unit, first, gap = np.nonzero(wanted)
    second = first + gap + 1
    pairs = ((pumping, generating), (generating, pumping))
    now: Index = np.concatenate([one[unit, first] for one, _ in pairs])
    then: Index = np.concatenate([other[unit, second] for _, other in pairs])
    return row_block("changeover", now.shape, -np.inf, 1.0, [(now, 1.0), (then, 1.0)])


def pump_order(case: Case, columns: Columns) -> list[RowBlock]:
    """pumping_h ≥ pumping_{h'}, generating_h ≤ generating_{h'}: of equal units the first pumps first, generates last.

    Shapes (pairs, T). Cuts off nothing but the same plans under other names: two sets of equal units overlap least
    when one is taken from the front and the other from the back, and only the overlap matters to a changeover. Units
    with a limit on mode changes are left out.
    """
    first, second = _equal_pairs(case)
    pumping, generating = columns["pumping"], columns["generating"]
    shape = (len(first), pumping.shape[1])
    return [
        row_block("pump_order", shape, 0.0, np.inf, [(pumping[first], 1.0), (pumping[second], -1.0)]),
        row_block("generate_order", shape, -np.inf, 0.0, [(generating[first], 1.0), (generating[second], -1.0)]),
    ]


def mode_changes(case: Case, rules: StartRules, columns: Columns) -> list[RowBlock]:
    """change_t ≥ |pumping_t − pumping_{t−1}|, |generating_t − generating_{t−1}|; Σ_t change_t ≤ max_mode_changes.

    Shapes (n, T) and (n), the units with a limit; the latter soft, at money a change too many.
    """
    table = case.pumped_hydro
    limited = np.flatnonzero(table.max_mode_changes >= 0)
    shape = (len(limited), case.horizon.periods)
    change = columns.add(column_block("mode_change", shape, 0.0, 1.0))
    blocks = []
    for name, mode in (("pumping", StorageMode.CHARGE), ("generating", StorageMode.DISCHARGE)):
        now = columns[name][limited]
        was = np.zeros(shape)
        was[:, 0] = table.initial_mode[limited] == mode
        for side, sign in (("on", 1.0), ("off", -1.0)):
            terms = [(change, 1.0), (now, -sign), (shifted(now, 1), sign)]
            blocks.append(row_block(f"{name}_turns_{side}", shape, -sign * was, np.inf, terms))
    row = np.broadcast_to(np.arange(shape[0])[:, None], shape)
    most = table.max_mode_changes[limited].astype(np.float64)
    total = row_block("mode_changes", most.shape, -np.inf, most, (), [(row, change, 1.0)])
    return [*blocks, elastic(total, rules.penalty, 1.0, columns)]


def mode_rows(case: Case, market: PumpedMarket, rules: StartRules, columns: Columns) -> list[RowBlock]:
    """What ties modes to one another; not needed where they are held."""
    if not case.pumped_hydro.id:
        return []
    return [
        *one_direction(case, columns),
        changeover(market, columns),
        *pump_order(case, columns),
        *mode_changes(case, rules, columns),
    ]


def pumped_deliverable(case: Case, market: PumpedMarket, minutes: float, columns: Columns) -> RowBlock:
    """Σ_{h of o} h_ht·(minutes/60)/η_g ≤ E_ot − reservoir_min_o, 0 ≤ h_ht ≤ generate_max. Shape (O, T). Family 2."""
    table, energy = case.pumped_hydro, columns["reservoir"]
    ready = columns.add(column_block("pumped_ready", market.generate_max_mw.shape, 0.0, market.generate_max_mw))
    drawn = (minutes / 60.0 / table.generate_efficiency)[:, None]
    least = np.broadcast_to(-table.reservoir_min_mwh[:, None], energy.shape)
    scattered: list[Scattered] = [(_of_reservoir(case), ready, drawn)]
    return row_block("pumped_deliverable", energy.shape, -np.inf, least, [(energy, -1.0)], scattered)


def pumped_injection(case: Case, market: PumpedMarket, columns: Columns) -> tuple[Injection, Injection]:
    """Generation into the bus, pumping out of it."""
    bus, out = case.pumped_hydro.bus, columns["generation"]
    taken: Floats = np.broadcast_to(-market.pump_mw[:, None], out.shape)
    return Injection(bus, out, np.ones(out.shape)), Injection(bus, columns["pumping"], taken)


def _of_reservoir(case: Case) -> Index:
    """Row of `reservoir_energy` (U, T) that a unit belongs to."""
    periods = case.horizon.periods
    return np.asarray(case.pumped_hydro.reservoir[:, None] * periods + np.arange(periods))


def _equal_pairs(case: Case) -> tuple[Ints, Ints]:
    """Neighbours among units of one reservoir and bus that differ in nothing but their names."""
    table = case.pumped_hydro
    columns = (
        table.bus, table.reservoir, table.pump_mw, table.generate_efficiency, table.pump_efficiency,
        table.market_share, table.initial_mode, table.initial_minutes, table.changeover_minutes,
        *table.generate_min_mw.T, *table.generate_max_mw.T, *table.pump_price_per_mwh.T,
        *table.generate_price_per_mwh.T,
    )  # fmt: skip
    kinds = np.stack([np.asarray(c, dtype=np.float64) for c in columns], axis=1)
    kind = np.unique(kinds, axis=0, return_inverse=True)[1].ravel()
    kind = np.where(table.max_mode_changes >= 0, -1 - np.arange(len(kind)), kind)
    order = np.argsort(kind, kind="stable")
    equal = kind[order[1:]] == kind[order[:-1]]
    return order[:-1][equal], order[1:][equal]
