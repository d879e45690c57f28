"""Pumped hydro."""

from __future__ import annotations

import numpy as np

from clearing.case.case import Case
from clearing.case.finding import Finding, Severity
from clearing.case.predicates import TOLERANCE, Field, flag
from clearing.case.pumped_market import pumped_market
from clearing.rules.rules import Rules


def units(case: Case, rules: Rules) -> list[Finding]:
    """GENERATE_MIN_ABOVE_MAX, BAD_MARKET_SHARE, and PUMP_PAYS_TO_CYCLE."""
    table = case.pumped_hydro
    if not table.id:
        return []

    def at(name: str) -> Field:
        return Field(f"case.pumped_hydro.{name}", table.id)

    least, most, share = table.generate_min_mw, table.generate_max_mw, table.market_share
    odd = (share < 0.0) & (share != -1.0)
    trip = (table.pump_efficiency * table.generate_efficiency)[:, None]
    asked = table.generate_price_per_mwh * trip
    burns = (table.pump_mw > 0)[:, None] & (most > 0) & (table.pump_price_per_mwh > asked + TOLERANCE)
    message = "bids more for pumping than it asks for giving the energy back: it is cycled for that alone"
    prices = table.pump_price_per_mwh
    return [
        *flag(
            "GENERATE_MIN_ABOVE_MAX", at("generate_min_mw"), least > most, "least is above the greatest", least, most
        ),
        *flag("BAD_MARKET_SHARE", at("market_share"), odd, "a share, or -1 for the rule set's", share, "0 to 1, or -1"),
        *flag("PUMP_PAYS_TO_CYCLE", at("pump_price_per_mwh"), burns, message, prices, asked, Severity.WARNING),
    ]


def reservoirs(case: Case, rules: Rules) -> list[Finding]:
    """Bounds are in order, the initial energy lies within, the final bounds can be reached."""
    table = case.pumped_hydro
    if not table.reservoir_id:
        return []
    low, high, start = table.reservoir_min_mwh, table.reservoir_max_mwh, table.reservoir_initial_mwh
    final_low, final_high = table.reservoir_final_min_mwh, table.reservoir_final_max_mwh

    def at(name: str) -> Field:
        return Field(f"case.pumped_hydro.reservoir_{name}", table.reservoir_id)

    dry = ~np.isin(np.arange(len(table.reservoir_id)), table.reservoir)
    outside = (start < low - TOLERANCE) | (start > high + TOLERANCE)
    disjoint, crossed = (final_low > high) | (final_high < low), final_low > final_high
    text, within = "the final bounds miss the energy bounds", np.clip(start, np.minimum(low, high), high)
    findings = [
        *flag("RESERVOIR_WITHOUT_UNIT", at("id"), dry, "no unit draws from the reservoir"),
        *flag("ENERGY_MIN_ABOVE_MAX", at("min_mwh"), low > high, "least energy is above the greatest", low, high),
        *flag("INITIAL_ENERGY_OUTSIDE", at("initial_mwh"), outside, "outside the energy bounds", start, within),
        *flag("FINAL_MIN_ABOVE_MAX", at("final_min_mwh"), crossed, "crosses", final_low, final_high),
        *flag("FINAL_ENERGY_OUTSIDE", at("final_min_mwh"), disjoint & ~crossed, text, final_low, high),
    ]
    return findings + _final_reach(case, rules, ~(outside | disjoint | crossed | dry))


def _final_reach(case: Case, rules: Rules, judged: np.ndarray) -> list[Finding]:
    """FINAL_ENERGY_UNREACHABLE: pumping (generating) with all units in every period does not get there."""
    table, hours = case.pumped_hydro, case.horizon.hours
    market = pumped_market(case, rules.pumped)
    pumped, drawn = np.zeros(len(judged)), np.zeros(len(judged))
    np.add.at(pumped, table.reservoir, table.pump_efficiency * market.pump_mw * case.horizon.periods)
    np.add.at(drawn, table.reservoir, market.generate_max_mw.sum(axis=1) / table.generate_efficiency)
    start = table.reservoir_initial_mwh
    filled = start + hours * (pumped + table.reservoir_inflow_mw.sum(axis=1))
    emptied = start - hours * drawn
    short = judged & (filled < table.reservoir_final_min_mwh - TOLERANCE)
    full = judged & (emptied > table.reservoir_final_max_mwh + TOLERANCE)
    message = "cannot be reached from the initial energy"
    least, most = (Field(f"case.pumped_hydro.reservoir_final_{s}_mwh", table.reservoir_id) for s in ("min", "max"))
    return [
        *flag("FINAL_ENERGY_UNREACHABLE", least, short, message, table.reservoir_final_min_mwh, filled),
        *flag("FINAL_ENERGY_UNREACHABLE", most, full, message, table.reservoir_final_max_mwh, emptied),
    ]
