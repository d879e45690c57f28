"""A period of a clearing as a MATPOWER case, for a study of its alternating-current flows.

What a clearing does not know is not made up: it is 0 or without a limit, and the file says so in its first lines.

    bus       Pd: load that is served, ties, virtual plants and surplus; Qd: of the load alone, by the power factor
              asked for, else 0; Vm 1, Va 0; where a unit runs the voltage is held, one bus an island is the reference
    gen       units, renewables, storage, pumped hydro, and both ends of direct-current lines: Pg is the schedule,
              status whether the unit runs; Qg 0, without limits where a voltage is held, else 0 to 0; Vg 1
    branch    as in the case, with what is in service and the limits of the period; charging 0
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from math import acos, inf, tan
from pathlib import Path

import numpy as np

from clearing.case.arrays import Floats, Ids, Ints
from clearing.case.branch_windows import NO_LIMITS, NO_OUTAGES
from clearing.case.case import Case
from clearing.case.finding import Finding
from clearing.case.hvdc_lines import delivered
from clearing.case.islands import first_of_island
from clearing.case.network import Network, branch_limits, live_branches
from clearing.case.result import ClearingResult
from clearing.case.schedule import Schedule
from clearing.case.units import Fuel
from clearing.case.virtual_plants import VirtualPlantKind
from clearing.formats.findings import refuse
from clearing.formats.matpower.network import BASE_MVA
from clearing.formats.matpower.write import FUELS, NO_FUEL, text
from clearing.formats.matpower.write_network import LOAD, REFERENCE, WITH_UNIT, branches, bus_numbers
from clearing.formats.unexpressed import Losses
from clearing.grid.islands import bus_load_mw, islands

OFF_MW = 1e-9


@dataclass(frozen=True, slots=True)
class Machines:
    """Rows of gen (n): names, bus, Pg, Pmin, Pmax, whether it runs, whether it holds the voltage of its bus, fuel."""

    name: tuple[str, ...]
    bus: Ints
    mw: Floats
    least_mw: Floats
    most_mw: Floats
    runs: Floats
    holds: Floats
    fuel: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Study:
    """A case and its result; power_factor: of load, lagging, in (0, 1], None = its reactive power is 0."""

    case: Case
    result: ClearingResult
    power_factor: float | None = None


def write(study: Study, period: int, path: Path) -> tuple[Finding, ...]:
    """Write one period; findings say what the file has no place for. Raises FormatError without a schedule."""
    case, schedule = study.case, study.result.schedule
    if schedule is None:
        raise refuse("NO_SCHEDULE", "RESULT", "The result has no schedule.")
    losses, machines = Losses(), _machines(case, schedule, period)
    network = _network(case, period)
    number = bus_numbers(network, losses)
    if case.network.interface_id:
        losses.label("case.network.interface_id", "A power flow watches no interfaces; add up their branches.")
    demand, reactive = _demand(study, schedule, period)
    kind = _kinds(network, machines)
    tables = {
        "bus": _buses(network, number, kind, demand, reactive),
        "gen": _gens(machines, kind, number),
        "branch": branches(network, number, losses),
    }
    names = {"bus_name": network.bus_id, "gen_name": machines.name, "branch_name": network.branch_id}
    lists = {**names, "genfuel": machines.fuel}
    label = case.horizon.labels()[period]
    said = _said(study, network, period, label)
    path.write_text(text(f"{case.name}_{label}", tables, lists, said), encoding="utf-8")
    return losses.finish(lossy=True)


def _network(case: Case, period: int) -> Network:
    """The network of one period, without interfaces and without what moves prices only."""
    normal, emergency = branch_limits(case.network, case.horizon.periods)
    none, index = np.zeros((0, 1)), np.zeros(0, dtype=np.int64)
    return replace(
        case.network,
        branch_in_service=live_branches(case.network, case.horizon.periods)[:, period],
        branch_limit_mw=normal[:, period],
        branch_emergency_limit_mw=emergency[:, period],
        branch_outages=NO_OUTAGES,
        branch_limit_windows=NO_LIMITS,
        interface_id=(),
        interface_min_mw=none,
        interface_max_mw=none,
        term_interface=index,
        term_branch=index,
        term_coefficient=np.zeros(0),
        bus_reference_weight=None,
        bus_loss_factor=None,
    )


def _demand(study: Study, schedule: Schedule, period: int) -> tuple[Floats, Floats]:
    """Active and reactive demand of the buses (K)."""
    case, t = study.case, period
    served = bus_load_mw(case)[:, t] - schedule.shed_mw[:, t]
    np.add.at(served, case.demand_bids.bus, schedule.demand_mw[:, t] - case.demand_bids.min_mw[:, t : t + 1].ravel())
    plants = case.virtual_plants
    is_load = (plants.kind == VirtualPlantKind.LOAD)[plants.factor_plant]
    moved = schedule.virtual_mw[:, t][plants.factor_plant] * plants.factor
    least = plants.min_mw[:, t : t + 1].ravel()[plants.factor_plant] * plants.factor
    np.add.at(served, plants.factor_bus, np.where(is_load, moved - least, 0.0))
    factor = study.power_factor
    reactive = np.zeros(len(served)) if factor is None else np.maximum(served, 0.0) * tan(acos(factor))
    demand = served.copy()
    np.subtract.at(demand, plants.factor_bus, np.where(is_load, 0.0, moved))
    np.subtract.at(demand, case.ties.bus, case.ties.import_mw[:, t])
    where = islands(case)
    demand += (where.reference_weight * where.at_buses(schedule.surplus_mw))[:, t]
    return demand, reactive


def _machines(case: Case, schedule: Schedule, t: int) -> Machines:
    units, sites, storage, pumped, lines = case.units, case.renewables, case.storage, case.pumped_hydro, case.hvdc_lines
    mw = schedule.dispatch_mw[:, t] + schedule.curve_mw[:, t]
    runs = (schedule.on[:, t] == 1) | (np.abs(schedule.curve_mw[:, t]) > OFF_MW)
    sent = schedule.hvdc_mw[:, t]
    got = sent * delivered(lines)[:, t : t + 1].ravel()
    stored = schedule.discharge_mw[:, t] - schedule.charge_mw[:, t]
    turned = schedule.generate_mw[:, t] - schedule.pump_mw[:, t]
    yes, no = True, False
    parts = [
        (units.id, units.bus, mw, units.p_min_mw[:, t], units.p_max_mw[:, t], runs, yes, _fuels(units.fuel)),
        (sites.id, sites.bus, schedule.renewable_mw[:, t], sites.min_mw[:, t], sites.forecast_mw[:, t], yes, no,
         _fuels(sites.fuel)),
        (storage.id, storage.bus, stored, -storage.charge_max_mw[:, t], storage.discharge_max_mw[:, t], yes, no, None),
        (pumped.id, pumped.bus, turned, -pumped.pump_mw, pumped.generate_max_mw[:, t : t + 1].ravel(), yes, no, None),
        (_ends(lines.id, "from"), lines.from_bus, -sent, -sent, -sent, yes, no, None),
        (_ends(lines.id, "to"), lines.to_bus, got, got, got, yes, no, None),
    ]  # fmt: skip
    count = [len(part[0]) for part in parts]
    output = np.concatenate([part[2] for part in parts])
    return Machines(
        name=tuple(name for part in parts for name in part[0]),
        bus=np.concatenate([part[1] for part in parts]),
        mw=output,
        least_mw=np.minimum(np.concatenate([part[3] for part in parts]), output),
        most_mw=np.maximum(np.concatenate([part[4] for part in parts]), output),
        runs=np.concatenate([np.broadcast_to(part[5], n).astype(float) for part, n in zip(parts, count, strict=True)]),
        holds=np.repeat([float(part[6]) for part in parts], count),
        fuel=tuple(word for part, n in zip(parts, count, strict=True) for word in (part[7] or [NO_FUEL] * n)),
    )


def _ends(ids: Ids, end: str) -> Ids:
    return tuple(f"{name} {end}" for name in ids)


def _fuels(codes: Ints) -> list[str]:
    return [FUELS.get(Fuel(code), NO_FUEL) for code in codes.tolist()]


def _kinds(network: Network, machines: Machines) -> Floats:
    """Kind of every bus (K): with a voltage to hold, the reference of its island, or none of both."""
    kind = np.full(len(network.bus_id), LOAD)
    room = np.zeros(len(network.bus_id))
    holding = (machines.runs * machines.holds) > 0.0
    np.add.at(room, machines.bus[holding], machines.most_mw[holding])
    kind[np.unique(machines.bus[holding])] = WITH_UNIT
    head = first_of_island(network, network.branch_in_service)
    for first in np.unique(head).tolist():
        own = np.flatnonzero(head == first)
        # the bus with most in service; where nothing runs, any: what an island without a voltage does is not studied
        best = own[np.lexsort((own, -room[own], -kind[own]))[0]]
        kind[best] = REFERENCE
    return kind


def _buses(
    network: Network, number: Sequence[int], kind: Floats, demand: Floats, reactive: Floats
) -> list[list[float]]:
    zone = np.maximum(network.bus_zone, 0) + 1
    return [
        [float(name), kind[k], demand[k], reactive[k], 0.0, 0.0, 1.0, 1.0, 0.0, network.bus_voltage_kv[k], zone[k],
         1.1, 0.9]
        for k, name in enumerate(number)
    ]  # fmt: skip


def _gens(machines: Machines, kind: Floats, number: Sequence[int]) -> list[list[float]]:
    rows = []
    for m, bus in enumerate(machines.bus.tolist()):
        free = inf if machines.holds[m] and kind[bus] != LOAD else 0.0
        figures = [machines.mw[m], 0.0, free, 0.0 - free, 1.0, BASE_MVA, machines.runs[m]]
        rows.append([float(number[bus]), *figures, machines.most_mw[m], machines.least_mw[m], *[0.0] * 11])
    return rows


def _said(study: Study, network: Network, period: int, label: str) -> Iterable[str]:
    case, result = study.case, study.result
    day, factor = case.horizon.operating_day, study.power_factor
    yield f"{case.name}, period that ends {day} {label}: dispatch and commitment of a clearing."
    yield "Assumed, because a clearing does not know it:"
    kept = "0" if factor is None else f"of load, power factor {factor:g} lagging; of ties, virtual plants: 0"
    yield f"  reactive demand {kept}; of machines without limits where a unit runs, else 0"
    yield "  voltages 1 p.u. at buses where a unit runs; the bus with most in service is the reference of its island"
    yield "  line charging and shunts 0; band of voltages 0.9 to 1.1 p.u."
    none = int((network.branch_resistance_pu == 0.0).sum())
    yield f"  resistance 0 of {none} of {len(network.branch_id)} branches: as in the case"
    unknown = int((network.bus_voltage_kv == 0.0).sum())
    if unknown:
        yield f"  base voltage 0 (not stated) of {unknown} buses"
    if case.hvdc_lines.id:
        yield "  both ends of direct-current lines are machines without reactive power"
    lost = 0.0 if result.losses is None else float(result.losses.island_mw[:, period].sum())
    if lost:
        yield f"  losses: the schedule covers {lost:.6g} MW of its own model; the reference makes up the difference"
