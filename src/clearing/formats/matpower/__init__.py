"""Reader and writer of MATPOWER case files (`.m`, case format version 2): one hour, DC network.

The text is read as data and never executed: assignments of numbers, strings and lists to fields of `mpc`, comments and
the function header are understood, every other statement is refused with its line.

    bus       number, type (4 = isolated: it and what stands there are left out), Pd, Gs (a load in MW), zone, base kV
    gen       bus, Pmax, Pmin, status; below 0 MW it is a dispatchable load, which becomes a bid; a machine that may
              take or give becomes a unit and a bid, which is exact where its cost is convex
    branch    r, x, rate A (0 = no limit), rate C (emergency; 0 = rate A), ratio (0 = 1), shift, status, limits of the
              angle difference (0, 0 or beyond ±360 = none): limits of the flow, as interfaces `angle:<branch>`
    gencost   polynomials, cut into `segments` equal parts that are exact at their ends, and piecewise linear costs;
              start-up and shut-down cost
    dcline    dispatched between Pmin and Pmax, with loss1 as loss rate; loss0 is refused

`convention`: `matpower` (susceptance 1/(x·ratio), phase shifts) or `powermodels` (x/(r² + x²), ratios and shifts
ignored: the DC form of PowerModels and of the pglib-opf baseline). `commitment`: `fixed` (units in service are on, as
in an optimal power flow) or `free`. Fields without effect on an hour of DC dispatch are skipped; fields with effect
that are not read are refused.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np

from clearing.case import empty
from clearing.case.case import Case, CommitmentInput, CommitmentUse, Participants
from clearing.case.horizon import Horizon
from clearing.formats.findings import Problems, read_text
from clearing.formats.matpower import machines, network
from clearing.formats.matpower.options import OPTIONS, Options
from clearing.formats.matpower.source import Source, parse
from clearing.formats.matpower.write import write

__all__ = ["OPTIONS", "read", "write"]

NO_DATE = dt.date(2020, 1, 1)


def read(path: Path, **options: str) -> Case:
    """Read one case; it has no date, so the operating day is 2020-01-01. Raises FormatError with all findings."""
    problems = Problems()
    chosen = Options.of(options, problems)
    fields = parse(read_text(path), path.name, problems)
    problems.stop()
    source = Source(fields, path.name, problems)
    problems.stop()
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):  # what is not finite, validation refuses
        net, alive = network.network(source, chosen)
        units, offered_down, bids, notes = machines.machines(source, chosen, alive)
    loads = network.loads(source, alive)
    lines = network.hvdc(source, alive)
    problems.stop()
    on = np.ones((len(units.id), 1), dtype=np.int8)
    return Case(
        name=path.stem,
        horizon=Horizon(NO_DATE, 60, 1),
        participants=Participants(),
        network=net,
        units=units,
        renewables=empty.no_renewables(1),
        storage=empty.no_storage(1),
        ties=empty.no_ties(1),
        loads=loads,
        reserves=empty.no_reserves(len(net.bus_id), len(units.id), 1),
        commitment=CommitmentInput(CommitmentUse.FIXED, on) if chosen.fixed and units.id else None,
        demand_bids=bids,
        hvdc_lines=lines,
        notes=(*source.notes, *notes, *offered_down),
    )
