"""Generator of the scenario: `make(day=…, seed=…, spinning=…, contingencies=…)` gives a case; a program writes it.

python -m scenarios.province.make --day spring-noon --out spring-noon.binpb
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

from clearing.case.case import Case
from clearing.case.horizon import Horizon
from clearing.formats import case_file
from clearing.formats.findings import refuse

from . import limits, security, tables
from .conditions import Conditions, conditions
from .days import DAYS, Day
from .design import design_injections
from .fleet import fleet
from .notes import notes
from .offers import unit_blocks
from .places import places
from .ratings import ratings
from .reserves import reserves
from .series import PERIODS, Series, series
from .source import read_source
from .stores import storage_table, stores
from .topology import topology

OPTIONS = ("day", "seed", "spinning", "contingencies")
SEED = 20270114


def make(day: str = "winter-peak", seed: str = str(SEED), spinning: str = "yes", contingencies: str = "no") -> Case:
    """The case of a day. Raises FormatError for an unknown option value or a missing network."""
    if day not in DAYS:
        raise refuse("OPTION", "option:day", "There is no such day.", value=day, limit=", ".join(DAYS))
    if not (seed.isdecimal() and len(seed) < 19):
        raise refuse("OPTION", "option:seed", "A seed is a whole number.", value=seed, limit="below 10^18")
    if spinning not in {"yes", "no"}:
        raise refuse("OPTION", "option:spinning", "Say yes or no.", value=spinning, limit="yes, no")
    if contingencies not in {"yes", "no"}:
        raise refuse("OPTION", "option:contingencies", "Say yes or no.", value=contingencies, limit="yes, no")
    case = build(DAYS[day], int(seed), spinning == "yes")
    return (
        case if contingencies == "no" else replace(case, contingencies=security.contingencies(case.network, case.units))
    )


def build(day: Day, seed: int, spinning: bool) -> Case:
    """What is the same on all days, then every day's weather and fleet, then the ratings, which look at all days."""
    grid, units = topology(read_source()), fleet(seed)
    at, blocks = places(seed, grid, units), unit_blocks(seed, units)
    stations = stores(seed, at)
    days: dict[str, tuple[Series, Conditions]] = {}
    for each in DAYS.values():
        weather = series(seed, each, grid, at)
        days[each.name] = (weather, conditions(seed, each, units, blocks, weather.net_load_mw()))
    designs = {
        name: design_injections(seed, name, grid, at, units, blocks, state, weather, stations)
        for name, (weather, state) in days.items()
    }
    weather, state = days[day.name]
    at_bus = tables.most_at_bus(grid, at, units, stations, [w for w, _ in days.values()])
    rated = ratings(day, grid, designs, at_bus)
    return Case(
        name=f"province-{day.name}",
        horizon=Horizon(operating_day=day.date, period_minutes=15, periods=PERIODS),
        participants=tables.participants(units),
        network=tables.network(grid, rated),
        units=tables.units(units, at, state, blocks),
        renewables=tables.renewables(seed, at, weather),
        storage=storage_table(stations),
        ties=tables.ties(at, weather),
        loads=tables.loads(grid, weather),
        reserves=reserves(units, weather.load.sum(axis=0), len(grid.bus_id), spinning),
        notes=notes(day, seed, units, state, grid, rated),
        storage_cycles=limits.storage_cycles(stations),
        start_limits=limits.start_limits(units),
        unit_groups=limits.voltage_support(grid, at, units, state),
    )


def main() -> None:
    """Write one day as a case file (.json or .binpb)."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--day", default="winter-peak", choices=sorted(DAYS))
    parser.add_argument("--seed", default=str(SEED))
    parser.add_argument("--spinning", default="yes", choices=("yes", "no"))
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--contingencies", default="no", choices=("yes", "no"))
    given = parser.parse_args()
    case_file.write(make(given.day, given.seed, given.spinning, given.contingencies), given.out)


if __name__ == "__main__":
    main()
