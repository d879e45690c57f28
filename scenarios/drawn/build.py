"""From size and options to a case, and the program that writes it; the `make.py` of a scenario calls these."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

import numpy as np

from clearing.case.case import Case
from clearing.case.horizon import Horizon
from clearing.formats import case_file
from clearing.formats.findings import Problems

from . import limits, security, tables
from .conditions import Conditions, conditions
from .days import DAYS, DESIGN_DAYS, Day
from .design import design_injections
from .fleet import fleet
from .notes import notes
from .offers import unit_blocks
from .places import places
from .ratings import ratings
from .reserves import reserves
from .series import PERIODS, Series, series
from .size import Size
from .source import read_source
from .stores import storage_table, stores
from .topology import topology

OPTIONS = ("day", "seed", "spinning", "contingencies")
SEED = "20270114"
YES_OR_NO = ("yes", "no")


def case_of(size: Size, day: str, seed: str, spinning: str, contingencies: str) -> Case:
    """The case of a day. Raises FormatError for unknown option values or a missing network."""
    wrong = Problems()
    if day not in DAYS:
        wrong.add("OPTION", "option:day", "There is no such day.", value=day, limit=", ".join(DAYS))
    if not (seed.isdecimal() and len(seed) < 19):
        wrong.add("OPTION", "option:seed", "A seed is a whole number.", value=seed, limit="below 10^18")
    for name, value in (("spinning", spinning), ("contingencies", contingencies)):
        if value not in YES_OR_NO:
            wrong.add("OPTION", f"option:{name}", "Say yes or no.", value=value, limit=", ".join(YES_OR_NO))
    wrong.stop()
    return build(size, DAYS[day], int(seed), spinning == "yes", contingencies == "yes")


def build(size: Size, day: Day, seed: int, spinning: bool, contingencies: bool) -> Case:
    """What is the same on all days, then weather and fleet by day, then the ratings, which look at all design days."""
    grid, units = topology(read_source(size.network), size.interfaces), fleet(seed, size)
    at, blocks = places(seed, size, grid, units), unit_blocks(seed, units)
    stations = stores(seed, size, at)
    days: dict[str, tuple[Series, Conditions]] = {}
    for each in dict.fromkeys((*DESIGN_DAYS, day)):
        weather = series(seed, size, each, grid, at)
        days[each.name] = (weather, conditions(seed, each, units, blocks, weather.net_load_mw(), size.spare_mw))
    designs = {
        name: design_injections(seed, name, grid, at, units, blocks, state, weather, stations, size.spare_mw)
        for name, (weather, state) in days.items()
    }
    weather, state = days[day.name]
    at_bus = tables.most_at_bus(grid, at, units, stations, [days[each.name][0] for each in DESIGN_DAYS])
    rated = ratings(size, day, grid, designs, at_bus)
    case = Case(
        name=f"{size.name}-{day.name}",
        horizon=Horizon(operating_day=day.date, period_minutes=15, periods=PERIODS),
        participants=tables.participants(units),
        network=tables.network(grid, rated),
        units=tables.units(units, at, state, blocks),
        renewables=tables.renewables(seed, at, weather),
        storage=storage_table(stations),
        ties=tables.ties(size, at, weather),
        loads=tables.loads(grid, weather),
        reserves=reserves(units, weather.load.sum(axis=0), len(grid.bus_id), spinning),
        notes=notes(size, day, seed, units, state, grid, rated),
        storage_cycles=limits.storage_cycles(stations),
        start_limits=limits.start_limits(units),
        unit_groups=limits.voltage_support(grid, at, units, state, size.support_areas),
    )
    if not contingencies:
        return case
    return security.secured(case, size.secured_kv, np.concatenate(list(designs.values()), axis=1))


def write_one(make: Callable[..., Case], about: str | None) -> None:
    """Write one day as a case file (.json or .binpb), as the command line says. about: the text of --help."""
    parser = argparse.ArgumentParser(description=about, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--day", default="winter-peak", choices=sorted(DAYS))
    parser.add_argument("--seed", default=SEED)
    parser.add_argument("--spinning", default="yes", choices=YES_OR_NO)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--contingencies", default="no", choices=YES_OR_NO)
    given = parser.parse_args()
    case_file.write(make(given.day, given.seed, given.spinning, given.contingencies), given.out)
