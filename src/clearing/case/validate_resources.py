"""Renewables and storage."""

from __future__ import annotations

import numpy as np

from clearing.case import give_way_resources
from clearing.case.case import Case
from clearing.case.finding import Finding, Severity
from clearing.case.predicates import TOLERANCE, Field, flag
from clearing.case.storage_way import first_dead_end, restricted_rows
from clearing.rules.rules import Rules


def renewables(case: Case, rules: Rules) -> list[Finding]:
    """min_mw ≤ forecast_mw."""
    table = case.renewables
    above = table.min_mw > table.forecast_mw
    field = Field("case.renewables.min_mw", table.id)
    return flag(
        "MIN_ABOVE_FORECAST", field, above, "least output is above the forecast", table.min_mw, table.forecast_mw
    )


def storage(case: Case, rules: Rules) -> list[Finding]:
    """Energy bounds are in order, the initial energy lies within, the final energy can be reached."""
    table = case.storage
    low, high, start = table.energy_min_mwh, table.energy_max_mwh, table.initial_energy_mwh
    final_low, final_high = table.final_energy_min_mwh, table.final_energy_max_mwh

    def at(name: str) -> Field:
        return Field(f"case.storage.{name}", table.id)

    least, most = low.min(axis=1, initial=np.inf), high.max(axis=1, initial=-np.inf)
    outside = (start < least - TOLERANCE) | (start > most + TOLERANCE)
    disjoint = (final_low > high[:, -1]) | (final_high < low[:, -1])
    crossed = final_low > final_high
    findings = [
        *flag(
            "ENERGY_MIN_ABOVE_MAX", at("energy_min_mwh"), low > high, "least energy is above the greatest", low, high
        ),
        *flag("FINAL_MIN_ABOVE_MAX", at("final_energy_min_mwh"), crossed, "crosses", final_low, final_high),
        *flag(
            "INITIAL_ENERGY_OUTSIDE",
            at("initial_energy_mwh"),
            outside,
            "outside the energy bounds",
            start,
            np.clip(start, np.minimum(least, most), most),
            Severity.WARNING,
        ),
        *flag(
            "FINAL_ENERGY_OUTSIDE",
            at("final_energy_min_mwh"),
            disjoint & ~crossed,
            "the final bounds miss the energy bounds",
            final_low,
            high[:, -1],
            Severity.WARNING,
        ),
    ]
    wrong = outside | disjoint | crossed | np.any((low > high) | ~(table.discharge_efficiency > 0), axis=1)
    restricted = restricted_rows(table)
    return [
        *findings,
        *_least_power(case),
        *_final_reach(case, wrong | restricted),
        *_no_way(case, restricted & ~wrong),
        *_round_trip(case),
    ]


def _least_power(case: Case) -> list[Finding]:
    """STORAGE_MIN_ABOVE_MAX: least charging (discharging) above the greatest."""
    table, found = case.storage, []
    for name in ("charge", "discharge"):
        least, most = getattr(table, f"{name}_min_mw"), getattr(table, f"{name}_max_mw")
        field = Field(f"case.storage.{name}_min_mw", table.id)
        found += flag("STORAGE_MIN_ABOVE_MAX", field, least > most, "least is above the greatest", least, most)
    return found


def _no_way(case: Case, judged: np.ndarray) -> list[Finding]:
    """STORAGE_HAS_NO_WAY: least MW, losses and given modes leave no way to keep the energy within its bounds.

    A warning where final bounds or given modes can give way, an error where least MW and losses alone leave none.
    """
    table, cleared = case.storage, give_way_resources.storage(case)[0].storage
    stuck = np.zeros(table.charge_max_mw.shape, dtype=np.bool_)
    hopeless = np.zeros_like(stuck)
    for g in np.flatnonzero(judged).tolist():
        first = first_dead_end(table, g, case.horizon.hours)
        if first is not None:
            left = first_dead_end(cleared, g, case.horizon.hours)
            (stuck if left is None else hopeless)[g, first] = True
    code, field = "STORAGE_HAS_NO_WAY", Field("case.storage.energy_min_mwh", table.id)
    message = "no charging and discharging keeps the energy within its bounds"
    return [
        *flag(code, field, hopeless, message),
        *flag(code, field, stuck, message, severity=Severity.WARNING),
    ]


def _final_reach(case: Case, judged: np.ndarray) -> list[Finding]:
    """FINAL_ENERGY_UNREACHABLE: charging (discharging) all day does not get there."""
    table, hours = case.storage, case.horizon.hours
    filled = table.initial_energy_mwh + hours * (table.charge_efficiency * table.charge_max_mw).sum(axis=1)
    efficiency = np.where(table.discharge_efficiency > 0, table.discharge_efficiency, 1.0)  # others are refused
    drained = table.initial_energy_mwh - hours * (table.discharge_max_mw / efficiency).sum(axis=1)
    short = ~judged & (filled < table.final_energy_min_mwh - TOLERANCE)
    full = ~judged & (drained > table.final_energy_max_mwh + TOLERANCE)
    least, most = (Field(f"case.storage.final_energy_{side}_mwh", table.id) for side in ("min", "max"))
    message = "cannot be reached from the initial energy"
    return [
        *flag("FINAL_ENERGY_UNREACHABLE", least, short, message, table.final_energy_min_mwh, filled, Severity.WARNING),
        *flag("FINAL_ENERGY_UNREACHABLE", most, full, message, table.final_energy_max_mwh, drained, Severity.WARNING),
    ]


def _round_trip(case: Case) -> list[Finding]:
    """STORAGE_PAYS_TO_CYCLE: it bids more for charging than it asks for giving the same energy back."""
    table = case.storage
    trip = table.charge_efficiency * table.discharge_efficiency
    asked = table.discharge_price_per_mwh * trip
    able = (table.charge_max_mw > 0) & (table.discharge_max_mw > 0)
    burns = able & (table.charge_price_per_mwh > asked + TOLERANCE)
    field = Field("case.storage.charge_price_per_mwh", table.id)
    message = "bids more for charging than it asks for giving the energy back: it is cycled for that alone"
    return flag(
        "STORAGE_PAYS_TO_CYCLE", field, burns, message, table.charge_price_per_mwh, asked, severity=Severity.WARNING
    )
