"""Reader of UnitCommitment.jl's JSON (versions 0.3 and 0.4, plain or gzip): one scenario, DC network.

Source of the meaning of every field: the page `format.md` of UnitCommitment.jl, and where that is silent its own
model and its validator of solutions.

    money                    every cost, price and penalty is a TIME STEP's, so with steps of 15 min it is four times as
                             much an hour
    Production cost curve    money a time step at the points; the first point is p_min, the last p_max; each a number or
                             one a time step → blocks from 0 MW and a no-load cost, exact
    Ramp up/down limit       MW a time step on the output; Startup/Shutdown limit: most MW in the first/last step on,
                             in place of the ramp (the validator's reading; a stricter one of the package's models also
                             holds the ramp then)
    Startup delays, costs    the cost holds from these hours off on, inclusive; hours before the horizon count
    Minimum uptime/downtime, Initial status      hours, 1 where the file says nothing; minus: off
    Must run?, Commitment status                 windows of the commitment; null is free
    Reserve eligibility      a unit named there may hold any MW; awards share headroom and up-ramp, which is the
                             ramp-sharing form `pglib` of the rule set
    Flow limit penalty       price of a line's own, 5000 where the file says nothing
    Shortfall penalty        demand curve of the product; negative: a requirement that must be met, which is soft here
    Loss factor              share of the level lost in a time step
    Charge/Discharge cost    paid for either, so the charge price is minus the cost
    Susceptance              only ratios matter; see `network.REACTANCE`

Known differences: reserve in the last step before a stop counts against the shut-down limit here, not there; storage
never charges and discharges at once; load that is not served costs what the rule set says. Each is a sentence in
`Case.notes` where it can matter. Options: `initial` = `stated`, or `merit-order`: a state made up for the units that
state none; `contingencies` = `read` or `ignore`. Refused, not dropped: every field that is not known, and values by
period where a case has one for all.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

import numpy as np

from clearing.case import empty
from clearing.case.case import Case, Participants
from clearing.case.horizon import Horizon
from clearing.case.units import Units
from clearing.formats.findings import Problems
from clearing.formats.rts_gmlc.initial import with_initial_state
from clearing.formats.shared import day_in_name
from clearing.formats.unitcommitment_jl import network as net
from clearing.formats.unitcommitment_jl import parameters, reserves, sites, storage, thermal
from clearing.formats.unitcommitment_jl.fields import Rows, Source, stated, text
from clearing.formats.unitcommitment_jl.write import write

__all__ = ["OPTIONS", "read", "write"]

OPTIONS = ("initial", "contingencies")
MOST_BYTES = parameters.MOST_BYTES
SUFFIXES = (".json", ".json.gz")
CHOICES = {"initial": ("stated", "merit-order"), "contingencies": ("read", "ignore")}
KINDS = ("thermal", "profiled")
NO_DATE = dt.date(2020, 1, 1)


def read(path: Path, initial: str = "stated", contingencies: str = "read") -> Case:
    """Read one scenario; the operating day is the date in the file name, or 2020-01-01 where there is none.

    Raises FormatError with all findings at once.
    """
    problems = Problems()
    for option, value in (("initial", initial), ("contingencies", contingencies)):
        if value not in CHOICES[option]:
            limit = ", ".join(CHOICES[option])
            problems.add("OPTION", f"{path.name}:{option}", "No such choice.", value=value, limit=limit)
    source = parameters.open_source(path, problems)
    units, sites_rows = _generators(source)
    grid = net.network(source)
    found = thermal.thermal(source, units)
    products = reserves.reserves(source, units)
    stores, store_notes = storage.storage(source)
    lost, lost_notes = net.contingencies(source, grid, found.units.id, contingencies == "ignore")
    made_up = initial == "merit-order" and bool(found.unstated.any())
    if not made_up:
        _refuse_unstated(units, found)
    case = Case(
        name=path.name.removesuffix(parameters.GZIP).removesuffix(".json"),
        horizon=Horizon(day_in_name(path, NO_DATE), source.period_minutes, source.periods),
        participants=Participants(),
        network=grid,
        units=found.units,
        renewables=sites.profiled(source, sites_rows),
        storage=stores,
        ties=empty.no_ties(source.periods),
        loads=sites.loads(source),
        reserves=products.reserves,
        flow_penalties=net.flow_penalties(source, grid),
        reserve_kinds=products.kinds,
        reserve_demand=products.demand,
        demand_bids=sites.bids(source),
        notes=(*parameters.notes(source), *found.notes, *products.notes, *store_notes, *lost_notes),
        contingencies=lost,
    )
    problems.stop()
    return _with_initial_state(case, found) if made_up else case


def _generators(source: Source) -> tuple[Rows, Rows]:
    """Thermal and profiled generators; a file of version 0.3 may leave out the type of the former."""
    version = text(source.parameters, "Version")
    rows: dict[str, Rows] = {kind: [] for kind in KINDS}
    for name, row in source.section("Generators"):
        old = version.startswith("0.3") and not stated(row, "Type")
        kind = KINDS[0] if old else text(row, "Type").lower()
        if kind in rows:
            rows[kind].append((name, row))
        elif isinstance(row.fields.get("Type"), str):
            limit = ", ".join(k.capitalize() for k in KINDS)
            row.problems.add("UNKNOWN_WORD", f"{row.path}.Type", "No such kind.", value=kind, limit=limit)
    return rows[KINDS[0]], rows[KINDS[1]]


def _refuse_unstated(rows: Rows, found: thermal.Thermal) -> None:
    for (name, row), unstated in zip(rows, found.unstated.tolist(), strict=True):
        if unstated:
            row.problems.add(
                "MISSING_FIELD",
                f"{row.path}.{thermal.STATUS}",
                "The initial state is missing; the option initial=merit-order makes one up.",
                subject=name,
            )


def _with_initial_state(case: Case, found: thermal.Thermal) -> Case:
    """The case with a state in merit order for the units that state none."""
    made, note = with_initial_state(case.units, case.renewables, case.ties, case.loads, case.reserves)
    units: Units = replace(
        case.units,
        initial_on=np.where(found.unstated, made.initial_on, case.units.initial_on),
        initial_minutes=np.where(found.unstated, made.initial_minutes, case.units.initial_minutes),
        initial_mw=np.where(found.unstated, made.initial_mw, case.units.initial_mw),
    )
    return replace(case, units=units, notes=(*case.notes, note))
