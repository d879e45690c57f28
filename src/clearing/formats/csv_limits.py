"""The sheets of a CSV case folder beside resources and network.

Limits that join units or periods, direct-current lines, output curves, cells without a say in the price.
"""

from __future__ import annotations

from typing import TypedDict

from clearing.case.case import Case
from clearing.case.energy_limits import NO_CYCLES, NO_WINDOWS, EnergyWindows, StorageCycles
from clearing.case.flow_penalties import NO_FLOW_PENALTIES, FlowPenalties
from clearing.case.hvdc_lines import NO_HVDC, HvdcLines
from clearing.case.linear_limits import NO_LINEAR_LIMITS, LinearLimits
from clearing.case.output_curves import NO_CURVES, OutputCurves
from clearing.case.price_ineligible import NONE_INELIGIBLE, PriceIneligible
from clearing.case.unit_groups import NO_GROUPS, UnitGroups
from clearing.formats import csv_layout_network as of_network
from clearing.formats import csv_layout_resources as of_resources
from clearing.formats.csv_columns import Sheet
from clearing.formats.csv_sheets import Reading, Values


class Limits(TypedDict):
    """Fields of Case."""

    unit_groups: UnitGroups
    energy_windows: EnergyWindows
    storage_cycles: StorageCycles
    hvdc_lines: HvdcLines
    startup_curves: OutputCurves
    shutdown_curves: OutputCurves
    price_ineligible: PriceIneligible
    flow_penalties: FlowPenalties
    linear_limits: LinearLimits


def read(reading: Reading) -> Limits:
    """The tables; units and storage have been read."""
    groups = UnitGroups(**reading.sheet(of_resources.UNIT_GROUPS), **reading.sheet(of_resources.UNIT_GROUP_MEMBERS))
    windows = EnergyWindows(**reading.sheet(of_resources.ENERGY_WINDOWS))
    cycles = StorageCycles(**reading.sheet(of_resources.STORAGE_CYCLES))
    lines = HvdcLines(**reading.sheet(of_network.HVDC_LINES))
    up = OutputCurves(**reading.sheet(of_resources.STARTUP_CURVES))
    down = OutputCurves(**reading.sheet(of_resources.SHUTDOWN_CURVES))
    held = PriceIneligible(**reading.sheet(of_resources.PRICE_INELIGIBLE))
    own = FlowPenalties(**reading.sheet(of_network.BRANCH_PENALTIES), **reading.sheet(of_network.INTERFACE_PENALTIES))
    linear = reading.sheet(of_network.LINEAR_LIMITS)
    for sheet in of_network.LINEAR_LIMIT_TERMS:
        linear |= reading.sheet(sheet)
    return {
        "unit_groups": groups if groups.id or groups.member_unit.size else NO_GROUPS,
        "energy_windows": windows if windows.unit.size else NO_WINDOWS,
        "storage_cycles": cycles if cycles.storage.size else NO_CYCLES,
        "hvdc_lines": lines if lines.id else NO_HVDC,
        "startup_curves": up if len(up.unit) else NO_CURVES,
        "shutdown_curves": down if len(down.unit) else NO_CURVES,
        "price_ineligible": held if len(held.unit) else NONE_INELIGIBLE,
        "flow_penalties": own if len(own.branch) or len(own.interface) else NO_FLOW_PENALTIES,
        "linear_limits": LinearLimits(**linear) if linear["id"] else NO_LINEAR_LIMITS,
    }


def tables(case: Case) -> tuple[tuple[Sheet, Values], ...]:
    """Sheets and their values."""
    pairs = (
        (of_resources.UNIT_GROUPS, case.unit_groups),
        (of_resources.UNIT_GROUP_MEMBERS, case.unit_groups),
        (of_resources.ENERGY_WINDOWS, case.energy_windows),
        (of_resources.STORAGE_CYCLES, case.storage_cycles),
        (of_network.HVDC_LINES, case.hvdc_lines),
        (of_resources.STARTUP_CURVES, case.startup_curves),
        (of_resources.SHUTDOWN_CURVES, case.shutdown_curves),
        (of_resources.PRICE_INELIGIBLE, case.price_ineligible),
        (of_network.BRANCH_PENALTIES, case.flow_penalties),
        (of_network.INTERFACE_PENALTIES, case.flow_penalties),
        *((sheet, case.linear_limits) for sheet in (of_network.LINEAR_LIMITS, *of_network.LINEAR_LIMIT_TERMS)),
    )
    return tuple((sheet, {c.field: getattr(table, c.field) for c in sheet.columns}) for sheet, table in pairs)
