"""Names of rows and columns for other solvers: family(subject,period), in letters that every format takes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from clearing.case.arrays import Ints
from clearing.export.whole import Whole
from clearing.formulation.limits import footroom_units
from clearing.formulation.model import Model
from clearing.formulation.modes import three_modes
from clearing.formulation.non_spinning import offline_units
from clearing.formulation.ramps import ramp_units
from clearing.formulation.reserves import capped
from clearing.formulation.start_states import start_arcs
from clearing.formulation.variables import load_buses
from clearing.grid.monitored import FAMILY
from clearing.milp.elastic import OVER, SHORT

Subjects = Mapping[str, Sequence[str]]
"""What the first index of a family stands for; a family that is not named is counted from 0."""

BY_DAY = ("unit_starts", "unit_stops", "plant_starts", "plant_stops", "stopped", "switched", "switching")
"""Families whose last index may be a day."""
MOST_LETTERS = 60
_COUNTED = re.compile(r"(.*?)((?:\.\d+)*)", re.DOTALL)
"""An id, and the numbers behind it."""


@dataclass(frozen=True, slots=True)
class Label:
    """A row or column: its name in the file, family, subject (ids as in the case), end of its period ('' = none)."""

    name: str
    family: str
    subject: str
    period: str


Parts = tuple[str, str, str]


def labels(whole: Whole) -> tuple[list[Label], list[Label]]:
    """Labels of all columns and of all rows of a problem, in its order; names differ within each of the two."""
    model, network = whole.model, whole.network
    problem, clock = model.problem, model.case.horizon.labels()
    known = subjects(model)
    rows = [part for name, index in problem.rows.items() for part in _block(name, index.shape, known, clock)]
    columns: list[Parts] = []
    for block in problem.columns.blocks:
        family = block.name.removesuffix(SHORT).removesuffix(OVER)
        if family != block.name and family in problem.rows:
            of = list(_block(family, problem.rows[family].shape, known, clock))
            columns += [(block.name, f"{row[1]}.{k}", row[2]) for k in range(block.shape[0]) for row in of]
        else:
            columns += _block(block.name, block.shape, known, clock)
    watched = network.grid.monitored
    families = [FAMILY[kind] for kind in watched.kind.tolist()]
    rows += [
        (families[e], watched.id[e], clock[t])
        for e, t in zip(network.element.tolist(), network.period.tolist(), strict=True)
    ]
    columns += [
        (families[e] + (OVER if part % 2 else SHORT), f"{watched.id[e]}.{part // 2}", clock[t])
        for part, e, t in network.slack.T.tolist()
    ]
    return _named(columns), _named(rows)


def _block(name: str, shape: tuple[int, ...], known: Subjects, clock: Sequence[str]) -> Iterator[Parts]:
    by_period = len(shape) > 1 and shape[-1] == len(clock) and name not in BY_DAY
    own = shape[:-1] if by_period else shape
    given = known.get(name)
    for index in np.ndindex(*own):
        first = str(index[0]) if given is None else given[index[0]]
        subject = ".".join([first, *map(str, index[1:])])
        yield from ((name, subject, end) for end in (clock if by_period else ("",)))


def subjects(model: Model) -> Subjects:
    """Ids of what the first index of the families stands for, where it is more than a number."""
    case, awards = model.case, model.awards
    units, sites, products = case.units.id, case.renewables.id, case.reserves.product_id
    pairs = [f"{products[q]}.{units[u]}" for q, u in zip(awards.product.tolist(), awards.unit.tolist(), strict=True)]
    held = zip(awards.storage_product.tolist(), awards.storage.tolist(), strict=True)

    def some(rows: Ints) -> list[str]:
        return [units[u] for u in rows.tolist()]

    of_units = ("on", "start", "stop", "above", "commitment", "min_up", "min_down", "output", "headroom",
                "output_limit")  # fmt: skip
    of_storage = ("charge", "discharge", "energy", "discharging", "storage_energy", "charge_mode", "discharge_mode")
    back = [case.storage.id[g] for g in three_modes(case.storage).tolist()]
    return {
        **dict.fromkeys(of_units, units),
        **dict.fromkeys(("headroom_stop", "output_limit_stop"), some(np.flatnonzero(model.data.min_up < 2))),
        **dict.fromkeys(of_storage, case.storage.id),
        **dict.fromkeys(("charging", "charge_least", "discharge_least", "one_mode"), back),
        **dict.fromkeys(("demand", "demand_output"), case.demand_bids.id),
        **dict.fromkeys(("virtual", "virtual_floor", "virtual_output", "virtual_ramp"), case.virtual_plants.id),
        **dict.fromkeys(("hvdc", "hvdc_schedule", "hvdc_ramp"), case.hvdc_lines.id),
        **dict.fromkeys(("group_output", "group_on"), case.unit_groups.id),
        "start_saving": _counted(units, start_arcs(case).unit),
        "segment": _counted(units, model.unit_curve.resource),
        "renewable_floor": sites,
        "renewable_segment": _counted(sites, model.renewable_curve.resource),
        "award": pairs,
        "award_cap": [pairs[p] for p in capped(case, awards).tolist()],
        "award_offline": [pairs[p] for p in awards.offline.tolist()],
        "award_storage": [f"{products[q]}.{case.storage.id[g]}" for q, g in held],
        "product": products,
        "ramp_up": some(ramp_units(case, model.data.ramp_up_mw, awards)),
        "ramp_down": some(ramp_units(case, model.data.ramp_down_mw, awards)),
        "offline": some(offline_units(awards)),
        "footroom": some(footroom_units(case, awards)),
        "shed": [case.network.bus_id[k] for k in load_buses(case).tolist()],
    }


def _counted(ids: Sequence[str], resource: Ints) -> list[str]:
    """`id.k` of every row of a table in which a resource has several, k from 0."""
    seen: dict[int, int] = {}
    found = []
    for row in resource.tolist():
        seen[row] = seen.get(row, -1) + 1
        found.append(f"{ids[row]}.{seen[row]}")
    return found


def _named(parts: Sequence[Parts]) -> list[Label]:
    texts = _Texts()
    taken: set[str] = set()
    found = list[Label]()
    for family, subject, period in parts:
        inside = ",".join(texts.of(text) for text in (subject, period) if text)
        name = f"{family}({inside})"
        if name in taken:  # ids that differ only in letters that no format takes
            name = f"{family}({len(found)}.{inside})"
        taken.add(name)
        found.append(Label(name, family, subject, period))
    return found


class _Texts:
    """Ids as names hold them: ASCII letters, digits, `_` and `.`; ids of other scripts are numbered, `id0`, `id1` …"""

    def __init__(self) -> None:
        self._known: dict[str, int] = {}

    def of(self, text: str) -> str:
        if text.isascii():
            return re.sub(r"[^A-Za-z0-9_.]", "_", text)[:MOST_LETTERS]
        own, count = _COUNTED.fullmatch(text).groups()  # type: ignore[union-attr]  # every text is one
        return f"id{self._known.setdefault(own, len(self._known))}{count}"
