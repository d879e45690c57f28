"""The sheets of a CSV case folder with buses, branches and interfaces."""

from __future__ import annotations

import numpy as np

from clearing.case.arrays import Floats
from clearing.case.branch_windows import NO_LIMITS, NO_OUTAGES, BranchLimits, BranchOutages
from clearing.case.network import Network
from clearing.formats import csv_layout_network as of_network
from clearing.formats.csv_columns import Sheet
from clearing.formats.csv_sheets import Reading, Values

_TABLES = (of_network.ZONES, of_network.BUSES, of_network.BRANCHES, of_network.INTERFACES, of_network.INTERFACE_TERMS)


def read(reading: Reading) -> Network:
    """The network."""
    values: Values = {}
    for sheet in _TABLES:
        values |= reading.sheet(sheet)
    outages = BranchOutages(**reading.sheet(of_network.BRANCH_OUTAGES))
    limits = BranchLimits(**reading.sheet(of_network.BRANCH_LIMITS))
    return Network(
        **values,
        branch_outages=outages if len(outages.branch) else NO_OUTAGES,
        branch_limit_windows=limits if len(limits.branch) else NO_LIMITS,
        bus_reference_weight=_weights(reading, len(values["bus_id"])),
        bus_loss_factor=_loss_factors(reading, len(values["bus_id"])),
    )


def _weights(reading: Reading, buses: int) -> Floats | None:
    """Weight of every bus (K); buses that the sheet leaves out have none; None where it has no line."""
    given = reading.sheet(of_network.REFERENCE_WEIGHTS)
    bus = given["bus"]
    if not len(bus):
        return None
    if len(np.unique(bus)) < len(bus):
        reading.problems.add("DUPLICATE_ID", "reference_weights.csv:bus", "A bus has one weight.", limit="unique")
    weight = np.zeros(buses)
    weight[bus[bus >= 0]] = given["weight"][bus >= 0]
    return weight


def _loss_factors(reading: Reading, buses: int) -> Floats | None:
    """Loss factor of every bus (K); 1 where the sheet leaves it out; None where it has no line."""
    given = reading.sheet(of_network.LOSS_FACTORS)
    bus = given["bus"]
    if not len(bus):
        return None
    if len(np.unique(bus)) < len(bus):
        reading.problems.add("DUPLICATE_ID", "loss_factors.csv:bus", "A bus has one loss factor.", limit="unique")
    factor = np.ones(buses)
    factor[bus[bus >= 0]] = given["factor"][bus >= 0]
    return factor


def tables(network: Network) -> tuple[tuple[Sheet, Values], ...]:
    """Sheets and their values."""
    windows = (
        (of_network.BRANCH_OUTAGES, network.branch_outages),
        (of_network.BRANCH_LIMITS, network.branch_limit_windows),
    )
    weight = np.zeros(0) if network.bus_reference_weight is None else network.bus_reference_weight
    factor = np.zeros(0) if network.bus_loss_factor is None else network.bus_loss_factor
    return (
        *((sheet, _fields(network, sheet)) for sheet in _TABLES),
        *((sheet, _fields(table, sheet)) for sheet, table in windows),
        (of_network.REFERENCE_WEIGHTS, {"bus": np.arange(len(weight)), "weight": weight}),
        (of_network.LOSS_FACTORS, {"bus": np.arange(len(factor)), "factor": factor}),
    )


def _fields(table: object, sheet: Sheet) -> Values:
    return {c.field: getattr(table, c.field) for c in sheet.columns}
