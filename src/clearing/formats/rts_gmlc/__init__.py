"""Reader of the RTS-GMLC folder: `SourceData` and the series its `timeseries_pointers.csv` points at.

Source: Barrows et al., "The IEEE Reliability Test System: A Proposed 2019 Update", IEEE Trans. Power Systems 2020,
and the README of SourceData. The choices this reader makes (each stands in `Case.notes` too):

network     buses, AC branches (limit Cont Rating, emergency LTE Rating, tap Tr Ratio with 0 = line); market zones are
            the areas R1, R2, R3. The HVDC link runs at its set-point (MW Load) as a pair of ties without losses.
thermal     CT, CC, STEAM, NUCLEAR are committed units. Cost points p_k = Output_pct_k · PMax:
            cost(p_0) = HR_avg_0 · p_0, then HR_incr_k between p_{k−1} and p_k, × fuel price / 1000, + VOM · p.
            Start cost = start heat × fuel price + Non Fuel Start Cost, by state: hot from 0, warm and cold from their
            start times on, states that the min down time leaves out dropped. A unit starts and stops at PMin (the
            data gives no start-up ramp; pglib-uc made the same choice), and NUCLEAR must run (as in pglib-uc).
sites       WIND, PV: 0 … forecast. HYDRO, ROR, RTPV: the pointers give PMin and PMax the same series, so fixed.
            CSP: a solar-thermal site that follows its natural inflow up to PMax, without its heat store and start
            cost. Synchronous condensers are left out.
storage     the pumped store with half of the round-trip loss each way, ending at least as full as it began.
reserves    Spin_Up_R1…R3 (10 min, own area), Reg_Up, Reg_Down (5 min), Flex_Up, Flex_Down (20 min, day-ahead only);
            eligible: gas, oil and coal units (`reserves.csv` of the data set, which names wind and PV besides).
            In periods shorter than the time to respond an award takes the ramp that falls into the period.
series      DAY_AHEAD: hourly, repeated within the hour; REAL_TIME: 5 min, averaged over the period.
initial     see `initial.py`: the data has none.

Columns, unit types and series of the chosen simulation that nobody reads are findings (`complete.py`).
"""

from __future__ import annotations

from pathlib import Path

from clearing.case.case import Case, Participants
from clearing.case.horizon import Horizon
from clearing.formats.findings import Problems
from clearing.formats.rts_gmlc import complete, initial, network, reserves, sites, thermal
from clearing.formats.rts_gmlc.source import Folder, find_source, open_folder

OPTIONS = ("day", "series", "period_minutes")

__all__ = ["OPTIONS", "find_source", "read"]


def read(path: Path, day: str = "2020-07-06", series: str = "REAL_TIME", period_minutes: str = "15") -> Case:
    """Read one day of an RTS-GMLC folder as a case.

    path             folder that holds SourceData and the series, or SourceData itself
    day              YYYY-MM-DD, within the year of the series (2020)
    series           DAY_AHEAD (hourly) or REAL_TIME (5 min)
    period_minutes   5, 15, 30 or 60
    Raises FormatError with all findings.
    """
    problems = Problems()
    folder = open_folder(path, day, series, period_minutes, problems)
    complete.check(folder)
    grid = network.read(folder)
    units = thermal.read(folder, grid)
    renewables = sites.renewables(folder, grid)
    storage = sites.storage(folder, grid)
    ties = sites.ties(folder, grid)
    loads = sites.loads(folder, grid)
    problems.stop()
    products = reserves.read(folder, grid, units)
    problems.stop()
    units, how = initial.with_initial_state(units, renewables, ties, loads, products)
    return Case(
        name=f"RTS-GMLC {day} {folder.series_name}",
        horizon=Horizon(folder.day, folder.period_minutes, folder.periods),
        participants=Participants(),
        network=grid,
        units=units,
        renewables=renewables,
        storage=storage,
        ties=ties,
        loads=loads,
        reserves=products,
        award_terms=reserves.terms(products, folder.period_minutes),
        notes=(*_notes(folder), how),
    )


def _notes(folder: Folder) -> tuple[str, ...]:
    resolution = "hourly values repeated within the hour" if folder.hourly else "5-minute values averaged"
    return (f"Series {folder.series_name} of {folder.day}: {resolution}.", *folder.notes)
