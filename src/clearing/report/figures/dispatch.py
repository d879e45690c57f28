"""Dispatch stack by fuel with load, storage and ties."""

from __future__ import annotations

import numpy as np

from clearing.case.case import Case
from clearing.case.schedule import Schedule
from clearing.report.balance import Layer, curtailed, supply
from clearing.report.figures.plot import Plot, Section, bars, halo, steps, time_layout
from clearing.report.topology import bus_load_mw
from clearing.report.values import FEW_TICKS

PATTERNS = {
    "oil": "\\",
    "rooftop_solar": ".",
    "solar_thermal": "/",
    "biomass": "-",
    "import": "|",
    "export": "|",
    "discharge": "x",
    "charge": "x",
    "shed": "+",
    "surplus": "+",
}


def dispatch_section(case: Case, schedule: Schedule, lossy: bool = False) -> Section:
    """The stack, losses of branches in it where there are any; below it energy in store and curtailment, likewise."""
    wide = [_stack(case, supply(case, schedule, lossy))]
    small = [p for p in (_storage(case, schedule), _curtailment(case, schedule)) if p is not None]
    return Section(wide, small)


def _stack(case: Case, layers: list[Layer]) -> Plot:
    labels = case.horizon.labels()
    traces = [
        bars(labels, layer.mw, layer.name, f"fuel-{layer.role.replace('_', '-')}", PATTERNS.get(layer.role, ""))
        for layer in layers
    ]
    load = steps(labels, bus_load_mw(case).sum(axis=0), "Load", "ink")
    traces += [halo(load), load]
    return Plot(
        title="Dispatch by fuel",
        traces=traces,
        layout=time_layout(labels, "MW"),
        height=440,
        note="Sinks (charging, pumping, exports, surplus) run below zero: the stack tops the load by what they take.",
    )


def _storage(case: Case, schedule: Schedule) -> Plot | None:
    ids = (*case.storage.id, *case.pumped_hydro.reservoir_id)
    if not ids:
        return None
    labels, energy = case.horizon.labels(), np.concatenate([schedule.energy_mwh, schedule.reservoir_mwh])
    layout = time_layout(labels, "MWh", FEW_TICKS)
    traces = [steps(labels, energy.sum(axis=0), "Energy in store", "fuel-discharge")]
    if len(ids) > 1:
        busiest = np.argsort(-np.ptp(energy, axis=1), kind="stable")[:6]
        traces += [
            {**steps(labels, energy[g], ids[g], f"series-{j + 1}"), "visible": "legendonly"}
            for j, g in enumerate(busiest.tolist())
        ]
    note = "At the end of the period, reservoirs included; single ones by the legend."
    return Plot("Energy in store", traces, layout, note=note, height=240)


def _curtailment(case: Case, schedule: Schedule) -> Plot | None:
    unused = curtailed(case, schedule)
    if not np.any(unused > 1e-6):
        return None
    labels = case.horizon.labels()
    traces = [bars(labels, unused, "Curtailed", "fuel-wind", "/")]
    return Plot("Renewables curtailed", traces, time_layout(labels, "MW", FEW_TICKS), height=240, legend=False)
