"""Pumped hydro (family 16): machines that pump at a fixed power, idle or generate, and their reservoirs."""

from __future__ import annotations

import pyomo.environ as pyo

from clearing.case.arrays import Flags
from clearing.case.resources import StorageMode
from models.data import Data
from models.soft import numbered

PUMP, IDLE, GENERATE = StorageMode.CHARGE, StorageMode.IDLE, StorageMode.DISCHARGE


def share(d: Data, h: int) -> float:
    """Share of a machine's power in the market: its own, else the rule set's."""
    own = float(d.case.pumped_hydro.market_share[h])
    return own if own >= 0 else d.rules.pumped.market_share


def pumped_hydro(m: pyo.ConcreteModel, d: Data, mode: Flags | None) -> None:
    """Modes, generation, energy. mode (U, T): StorageMode to hold; None = decided here (binary)."""
    table, last = d.case.pumped_hydro, d.periods[-1]
    pairs = (d.pumps, d.periods)
    if mode is None:
        m.pumping = pyo.Var(*pairs, domain=pyo.Binary)
        m.generating = pyo.Var(*pairs, domain=pyo.Binary)
    else:
        for name, this in (("pumping", PUMP), ("generating", GENERATE)):
            held = {(h, t): int(mode[h, t] == this) for h in d.pumps for t in d.periods}
            m.add_component(name, pyo.Param(*pairs, initialize=held, domain=pyo.Binary))
    m.generation = pyo.Var(*pairs, domain=pyo.NonNegativeReals)

    def energy_bounds(_: pyo.ConcreteModel, o: int, t: int) -> tuple[float, float]:
        """Bounds at the end of every period; after the last one the final bounds too."""
        low, high = float(table.reservoir_min_mwh[o]), float(table.reservoir_max_mwh[o])
        if t != last:
            return low, high
        final = float(table.reservoir_final_min_mwh[o]), float(table.reservoir_final_max_mwh[o])
        return max(low, final[0]), min(high, final[1])

    m.reservoir = pyo.Var(d.reservoirs, d.periods, bounds=energy_bounds)
    m.spill = pyo.Var(
        d.reservoirs,
        d.periods,
        bounds=lambda _, o, t: (0.0, float(table.reservoir_inflow_mw[o, t])),
    )

    @m.Expression(*pairs)
    def pump_power(m, h, t):
        """MW taken: the share of pump_mw, or nothing."""
        return share(d, h) * float(table.pump_mw[h]) * m.pumping[h, t]

    m.pumped_cost = pyo.Expression(
        expr=sum(
            d.hours * float(table.generate_price_per_mwh[h, t]) * m.generation[h, t]
            - d.hours * float(table.pump_price_per_mwh[h, t]) * m.pump_power[h, t]
            for h in d.pumps
            for t in d.periods
        )
    )

    @m.Constraint(d.reservoirs, d.periods)
    def reservoir_energy(m, o, t):
        """E_ot − E_o,t−1 = dt·(Σ η_p·pumped − Σ generation/η_g + inflow − spill), E_o,−1 the initial energy."""
        before = m.reservoir[o, t - 1] if t > 0 else float(table.reservoir_initial_mwh[o])
        own = [h for h in d.pumps if table.reservoir[h] == o]
        stored = sum(float(table.pump_efficiency[h]) * m.pump_power[h, t] for h in own)
        drawn = sum(m.generation[h, t] / float(table.generate_efficiency[h]) for h in own)
        inflow = float(table.reservoir_inflow_mw[o, t]) - m.spill[o, t]
        return m.reservoir[o, t] - before == d.hours * (stored - drawn + inflow)

    @m.Constraint(*pairs)
    def generation_most(m, h, t):
        """generation_ht ≤ share·generate_max_ht·generating_ht."""
        return m.generation[h, t] <= share(d, h) * float(table.generate_max_mw[h, t]) * m.generating[h, t]

    @m.Constraint(*pairs)
    def generation_least(m, h, t):
        """generation_ht ≥ share·generate_min_ht·generating_ht."""
        return m.generation[h, t] >= share(d, h) * float(table.generate_min_mw[h, t]) * m.generating[h, t]

    if mode is None:
        _modes(m, d)


def _modes(m: pyo.ConcreteModel, d: Data) -> None:
    """What modes may follow and accompany one another."""
    table, minutes = d.case.pumped_hydro, d.case.horizon.period_minutes
    pools = {o: [h for h in d.pumps if table.reservoir[h] == o] for o in d.reservoirs}
    together = [(h, k) for own in pools.values() for h in own for k in own]

    @m.Constraint(together, d.periods)
    def one_direction(m, h, k, t):
        """pumping_ht + generating_kt ≤ 1 for machines h, k of one reservoir."""
        return m.pumping[h, t] + m.generating[k, t] <= 1

    def too_soon(h: int, gap_minutes: int) -> bool:
        return gap_minutes < int(table.changeover_minutes[h])

    turns = [
        (h, t, s) for h in d.pumps for t in d.periods for s in d.periods if s > t and too_soon(h, (s - t - 1) * minutes)
    ]

    @m.Constraint(turns)
    def pump_then_generate(m, h, t, s):
        """pumping_ht + generating_hs ≤ 1 while less than the changeover lies between."""
        return m.pumping[h, t] + m.generating[h, s] <= 1

    @m.Constraint(turns)
    def generate_then_pump(m, h, t, s):
        """generating_ht + pumping_hs ≤ 1, likewise."""
        return m.generating[h, t] + m.pumping[h, s] <= 1

    def barred(h: int, t: int, other: StorageMode) -> bool:
        """Whether the time before the horizon is too short to be in the direction opposite to `other`.

        What an idle machine did before is not stated: it waits in both directions.
        """
        state = int(table.initial_mode[h])
        rested = t * minutes + (int(table.initial_minutes[h]) if state == IDLE else 0)
        return state in (other, IDLE) and too_soon(h, rested)

    @m.Constraint([(h, t) for h in d.pumps for t in d.periods if barred(h, t, GENERATE)])
    def pumping_waits(m, h, t):
        """pumping_ht = 0 while the machine has generated too lately before the horizon."""
        return m.pumping[h, t] == 0

    @m.Constraint([(h, t) for h in d.pumps for t in d.periods if barred(h, t, PUMP)])
    def generating_waits(m, h, t):
        """generating_ht = 0 while the machine has pumped too lately before the horizon."""
        return m.generating[h, t] == 0

    _changes(m, d)


def _changes(m: pyo.ConcreteModel, d: Data) -> None:
    table = d.case.pumped_hydro
    limited = [h for h in d.pumps if table.max_mode_changes[h] >= 0]
    m.mode_change = pyo.Var(limited, d.periods, bounds=(0, 1))
    sides = [(this, sign) for this in (PUMP, GENERATE) for sign in (1, -1)]
    over = numbered(m, "mode_changes_over", d.rules.starts.penalty, limited)

    @m.Constraint(limited, d.periods, sides)
    def mode_turns(m, h, t, this, sign):
        """change_ht ≥ ±(mode_ht − mode_h,t−1), for pumping and for generating."""
        column = m.pumping if this == PUMP else m.generating
        before = column[h, t - 1] if t > 0 else int(table.initial_mode[h] == this)
        return m.mode_change[h, t] >= sign * (column[h, t] - before)

    @m.Constraint(limited)
    def mode_changes(m, h):
        """Σ_t change_ht ≤ max_mode_changes_h, soft."""
        return sum(m.mode_change[h, t] for t in d.periods) - over(h) <= int(table.max_mode_changes[h])


def ready(m: pyo.ConcreteModel, d: Data, hours: float) -> None:
    """m.pumped_ready: generation that the water of the reservoir sustains for the reserve duration (family 2)."""
    table = d.case.pumped_hydro

    def most(_: pyo.ConcreteModel, h: int, t: int) -> tuple[float, float]:
        return 0.0, share(d, h) * float(table.generate_max_mw[h, t])

    m.pumped_ready = pyo.Var(d.pumps, d.periods, bounds=most)

    @m.Constraint(d.reservoirs, d.periods)
    def pumped_deliverable(m, o, t):
        """Σ_{h of o} ready_ht·hours/η_g ≤ E_ot − reservoir_min_o."""
        own = [h for h in d.pumps if table.reservoir[h] == o]
        drawn = sum(m.pumped_ready[h, t] * hours / float(table.generate_efficiency[h]) for h in own)
        return drawn <= m.reservoir[o, t] - float(table.reservoir_min_mwh[o])


def kept(d: Data, t: int) -> float:
    """Generation that the market leaves out, as far as it counts as system reserve."""
    table = d.case.pumped_hydro
    rest = sum((1.0 - share(d, h)) * float(table.generate_max_mw[h, t]) for h in d.pumps)
    most = d.rules.pumped.system_reserve_mw
    return rest if most is None else min(rest, most)
