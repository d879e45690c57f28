"""Sheets of the limits on starts and stops, and of lead times, of a CSV case folder."""

from __future__ import annotations

import numpy as np

from clearing.case.case import Case
from clearing.case.starts import PlantLimits, StartLeads, StartLimits
from clearing.case.units import Units
from clearing.formats import csv_layout_resources as of_resources
from clearing.formats.csv_columns import Sheet
from clearing.formats.csv_sheets import Reading, Values


def start_limits(reading: Reading) -> StartLimits:
    """Rows in the order of the units."""
    values = reading.sheet(of_resources.START_LIMITS)
    order = np.argsort(values["unit"], kind="stable")
    return StartLimits(**{field: column[order] for field, column in values.items()})


def plant_limits(reading: Reading) -> PlantLimits:
    """Rows as they stand."""
    return PlantLimits(**reading.sheet(of_resources.PLANT_LIMITS))


def start_leads(reading: Reading, units: Units, clock: str) -> StartLeads:
    """A row belongs to the start state of its unit and time off; states without a row have the rule set's time."""
    values, costs = reading.sheet(of_resources.START_LEADS), units.start_costs
    row_of = {key: k for k, key in enumerate(zip(costs.unit.tolist(), costs.after_minutes.tolist(), strict=True))}
    minutes = np.full(len(costs.unit) if len(values["unit"]) else 0, -1, dtype=np.int64)
    stated = zip(values["unit"].tolist(), values["after_minutes"].tolist(), values["lead_minutes"], strict=True)
    for unit, after, lead in stated:
        row = row_of.get((unit, after))
        if row is None:
            path = f"{of_resources.START_LEADS.name}.csv:after_minutes"
            reading.problems.add("UNKNOWN_ID", path, "start_costs.csv has no such state.", value=after)
        else:
            minutes[row] = lead
    return StartLeads(minutes, _clock(reading, clock))


def _clock(reading: Reading, text: str) -> int | None:
    if not text:
        return None
    if text.lstrip("-").isdecimal() and len(text) < 10:
        return int(text)
    reading.problems.add("OUT_OF_RANGE", "case.csv:lead_reference_minute", "A whole number is needed.", value=text)
    return None


def sheets(case: Case) -> tuple[tuple[Sheet, Values], ...]:
    """What is written of them."""
    limits, plants, leads, costs = case.start_limits, case.plant_limits, case.start_leads, case.units.start_costs
    stated = slice(0, len(leads.minutes))
    return (
        (of_resources.START_LIMITS, {c.field: getattr(limits, c.field) for c in of_resources.START_LIMITS.columns}),
        (of_resources.PLANT_LIMITS, {c.field: getattr(plants, c.field) for c in of_resources.PLANT_LIMITS.columns}),
        (
            of_resources.START_LEADS,
            {
                "unit": costs.unit[stated],
                "after_minutes": costs.after_minutes[stated],
                "lead_minutes": leads.minutes,
            },
        ),
    )
