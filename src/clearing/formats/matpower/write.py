"""Writer of MATPOWER case files, version 2: the inverse of the reader for one hour, findings for what has no place."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from clearing.case.arrays import Floats
from clearing.case.case import Case, CommitmentUse
from clearing.case.finding import Finding
from clearing.case.offers import Offers
from clearing.case.units import Fuel
from clearing.formats.matpower.network import BASE_MVA
from clearing.formats.matpower.write_network import branches, bus_numbers, buses, dc_lines
from clearing.formats.unexpressed import Losses

WRITTEN = ("network", "units", "renewables", "ties", "loads", "demand_bids", "hvdc_lines", "commitment")
UNITS = (
    *(
        "id",
        "plant",
        "owner",
        "bus",
        "fuel",
        "p_min_mw",
        "p_max_mw",
        "ramp_up_mw_per_minute",
        "ramp_down_mw_per_minute",
    ),
    *("startup_limit_mw", "shutdown_limit_mw", "min_up_minutes", "min_down_minutes", "no_load_cost_per_hour"),
    *("stop_cost", "initial_on", "initial_minutes", "initial_mw", "on_min", "on_max", "fixed_unit", "fixed_period"),
    *("fixed_mw", "price_eligible", "offers", "start_costs"),
)
FUELS = {
    Fuel.COAL: "coal", Fuel.GAS: "ng", Fuel.OIL: "oil", Fuel.NUCLEAR: "nuclear", Fuel.HYDRO: "hydro", Fuel.WIND: "wind",
    Fuel.SOLAR: "solar", Fuel.BIOMASS: "biomass",
}  # fmt: skip
PIECEWISE, POLYNOMIAL = 1, 2
NO_FUEL, BID = "unknown", "dl"


@dataclass(frozen=True, slots=True)
class Machine:
    """A row of gen and gencost: bus (index), limits, whether in service, cost points (mw, money an hour), fuel."""

    bus: int
    least_mw: float
    most_mw: float
    on: bool
    mw: Floats
    money: Floats
    start: float = 0.0
    stop: float = 0.0
    fuel: str = NO_FUEL


def write(case: Case, path: Path, lossy: bool = False) -> tuple[Finding, ...]:
    """Write a case of one hour as `.m`; findings say what was left out.

    Raises FormatError where something that decides the answer has no place in the format, unless `lossy`: of several
    periods the first is written then. Sites become generators, bids dispatchable loads, ties negative load.
    """
    losses = Losses()
    losses.tables(case, WRITTEN)
    if case.horizon.periods != 1 or case.horizon.period_minutes != 60:
        losses.problem("case.horizon", "The format knows one hour.", value=case.horizon.periods)
    machines = [*_units(case, losses), *_sites(case, losses), *_bids(case, losses)]
    number = bus_numbers(case.network, losses)
    injecting = {machine.bus for machine in machines if machine.most_mw > 0.0}
    tables = {
        "bus": buses(case, number, injecting, losses),
        "gen": [_gen(machine, number) for machine in machines],
        "branch": branches(case.network, number, losses),
        "gencost": _costs(machines),
        "dcline": dc_lines(case.hvdc_lines, number, losses),
    }
    findings = losses.finish(lossy)
    lists = {}
    if {machine.fuel for machine in machines} - {NO_FUEL, BID}:
        lists["genfuel"] = [machine.fuel for machine in machines]
    path.write_text(text(case.name, tables, lists), encoding="utf-8")
    return findings


def text(
    name: str,
    tables: Mapping[str, Sequence[Sequence[float]]],
    lists: Mapping[str, Sequence[str]],
    said: Iterable[str] = (),
) -> str:
    """A case file: its tables of numbers (dcline only where it has rows), its lists of words, and comments on top."""
    function = re.sub(r"\W", "_", f"case_{name}", flags=re.ASCII)
    lines = [f"function mpc = {function}", *(f"% {line}" for line in said)]
    lines += ["mpc.version = '2';", f"mpc.baseMVA = {_number(BASE_MVA)};"]
    for key, rows in tables.items():
        if rows or key != "dcline":
            lines += [f"mpc.{key} = [", *("\t" + "\t".join(map(_number, row)) + ";" for row in rows), "];"]
    for key, words in lists.items():
        quoted = (word.replace("'", "''") for word in words)
        lines += [f"mpc.{key} = {{", *(f"\t'{word}';" for word in quoted), "};"]
    return "\n".join(lines) + "\n"


def _number(value: float) -> str:
    """The shortest text that reads back as the same number."""
    return ("Inf" if value > 0 else "-Inf") if np.isinf(value) else repr(float(value)).removesuffix(".0")


def _units(case: Case, losses: Losses) -> Iterable[Machine]:
    units, ids = case.units, case.units.id
    losses.columns("case.units", units, UNITS)
    losses.owners("case.units", ids, units)
    endless = ("ramp_up_mw_per_minute", "ramp_down_mw_per_minute", "startup_limit_mw", "shutdown_limit_mw")
    for name in endless:
        losses.rows(f"case.units.{name}", ids, np.isfinite(getattr(units, name)), "The format has no such limit.")
    for name in ("min_up_minutes", "min_down_minutes"):
        losses.rows(f"case.units.{name}", ids, getattr(units, name) > 0, "The format has no such time.")
    losses.rows("case.units.initial_on", ids, np.asarray(~units.initial_on), "Every machine was on before.")
    losses.rows(
        "case.units.on_min", ids, np.asarray(units.on_min.any(axis=1)), "The format has no windows of the commitment."
    )
    off = np.asarray((units.on_max == 0).any(axis=1))
    losses.rows("case.units.on_max", ids, off, "The format has no windows of the commitment.")
    losses.rows("case.units.price_eligible", ids, np.asarray(~units.price_eligible), "Every machine may set the price.")
    if len(units.fixed_unit):
        losses.problem("case.units.fixed_mw", "The format has no fixed outputs.")
    on = _on(case, losses)
    starts, stops = _start_costs(case, losses), units.stop_cost
    for i in range(len(ids)):
        least, most = float(units.p_min_mw[i, 0]), float(units.p_max_mw[i, 0])
        mw, money = _points(units.offers, i, least, most, float(units.no_load_cost_per_hour[i]))
        fuel = FUELS.get(Fuel(int(units.fuel[i])), NO_FUEL)
        yield Machine(int(units.bus[i]), least, most, bool(on[i]), mw, money, starts[i], float(stops[i]), fuel)


def _on(case: Case, losses: Losses) -> np.ndarray:
    """Which units are in service: those of a fixed commitment, else all, which the reader's option must set free."""
    given = case.commitment
    if given is not None and given.use is CommitmentUse.FIXED:
        return np.asarray(given.on[:, 0] == 1)
    if len(case.units.id):
        losses.label("case.commitment", "Machines in service are on; read it back with the option commitment=free.")
    return np.ones(len(case.units.id), dtype=np.bool_)


def _start_costs(case: Case, losses: Losses) -> list[float]:
    """Cost of the first start state of every unit."""
    table, count = case.units.start_costs, len(case.units.id)
    several = np.bincount(table.unit, minlength=count) > 1
    losses.rows("case.units.start_costs", case.units.id, several, "The format has one cost of a start.")
    found = [0.0] * count
    for unit, cost in zip(table.unit.tolist()[::-1], table.cost.tolist()[::-1], strict=True):
        found[unit] = cost
    return found


def _points(offers: Offers, row: int, least: float, most: float, at_zero: float) -> tuple[Floats, Floats]:
    """Cost points of blocks that begin at 0 MW, from the least to the greatest output."""
    own = np.flatnonzero(offers.resource == row)
    ends = np.concatenate([[0.0], np.cumsum(offers.width_mw[own, 0])])
    money = at_zero + np.concatenate([[0.0], np.cumsum(offers.width_mw[own, 0] * offers.price_per_mwh[own, 0])])
    mw = np.unique(np.concatenate([[least], ends[(ends > least) & (ends < most)], [most]]))
    return mw, np.interp(mw, ends, money)


def _sites(case: Case, losses: Losses) -> Iterable[Machine]:
    sites = case.renewables
    losses.owners("case.renewables", sites.id, sites)
    every = np.ones(len(sites.id), dtype=np.bool_)
    losses.rows("case.renewables", sites.id, every, "Sites become generators that are on.", label=True)
    for r in range(len(sites.id)):
        least, most = float(sites.min_mw[r, 0]), float(sites.forecast_mw[r, 0])
        mw, money = _points(sites.offers, r, least, most, 0.0)
        fuel = FUELS.get(Fuel(int(sites.fuel[r])), NO_FUEL)
        yield Machine(int(sites.bus[r]), least, most, True, mw, money, fuel=fuel)


def _bids(case: Case, losses: Losses) -> Iterable[Machine]:
    """Dispatchable loads: output is minus what is taken, cost minus what it is worth above the least quantity."""
    bids = case.demand_bids
    losses.owners("case.demand_bids", bids.id, bids)
    for b in range(len(bids.id)):
        least, most = float(bids.min_mw[b, 0]), float(bids.max_mw[b, 0])
        own = np.flatnonzero(bids.bids.resource == b)
        width, price = bids.bids.width_mw[own, 0], bids.bids.price_per_mwh[own, 0]
        taken = least + np.concatenate([[0.0], np.cumsum(width)])
        worth = np.concatenate([[0.0], np.cumsum(width * price)])
        used = np.unique(np.concatenate([[least], taken[(taken > least) & (taken < most)], [most]]))
        money = np.interp(used, taken, worth)
        yield Machine(int(bids.bus[b]), -most, -least, True, -used[::-1], -money[::-1], fuel=BID)


def _gen(machine: Machine, number: Sequence[int]) -> list[float]:
    """A row of gen: bus, Pg, Qg, Qmax, Qmin, Vg, mBase, status, Pmax, Pmin, and 11 columns of no effect."""
    state = [1.0, BASE_MVA, float(machine.on), machine.most_mw, machine.least_mw]
    return [float(number[machine.bus]), 0.0, 0.0, 0.0, 0.0, *state, *[0.0] * 11]


def _costs(machines: Sequence[Machine]) -> list[list[float]]:
    """Rows of gencost, all as wide as the longest; a machine that cannot move has a constant."""
    rows = []
    for machine in machines:
        head = [machine.start, machine.stop, float(len(machine.mw))]
        if len(machine.mw) == 1:
            rows.append([POLYNOMIAL, *head, float(machine.money[0])])
        else:
            rows.append([PIECEWISE, *head, *np.stack([machine.mw, machine.money], axis=1).ravel().tolist()])
    wide = max((len(row) for row in rows), default=5)
    return [row + [0.0] * (wide - len(row)) for row in rows]
