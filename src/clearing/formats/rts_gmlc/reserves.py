"""Reserve products of RTS-GMLC.

Response times and eligible kinds are those of the data set's `reserves.csv`, which not every copy of it carries.
It names wind, PV and CSP as eligible too; here only committed units hold reserves, as in most market models.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from clearing.case.award_terms import NO_AWARD_TERMS, AwardTerms
from clearing.case.network import Network
from clearing.case.reserves import Direction, Reserves
from clearing.case.units import Fuel, Units
from clearing.formats.rts_gmlc.source import Folder

RESPONSE_MINUTES = {"Spin_Up": 10.0, "Reg_Up": 5.0, "Reg_Down": 5.0, "Flex_Up": 20.0, "Flex_Down": 20.0}
ELIGIBLE = (Fuel.COAL, Fuel.GAS, Fuel.OIL)


def read(folder: Folder, grid: Network, units: Units) -> Reserves:
    """All products of the chosen series, in the order of their names; zonal ones cover the buses of their area."""
    files = folder.pointed("Requirement")
    names = tuple(sorted(files))
    covers = np.ones((len(names), len(grid.bus_id)), dtype=np.bool_)
    minutes = np.zeros(len(names))
    for q, name in enumerate(names):
        kind, _, area = name.partition("_R") if name.startswith("Spin_Up") else (name, "", "")
        if kind not in RESPONSE_MINUTES or (area and f"R{area}" not in grid.zone_id):
            folder.problems.add(
                "UNKNOWN_ID", f"timeseries_pointers.csv:{name}", "The reserve product is not known.", value=name
            )
            continue
        minutes[q] = RESPONSE_MINUTES[kind]
        if area:
            covers[q] = grid.bus_zone == grid.zone_id.index(f"R{area}")
    eligible = np.isin(units.fuel, ELIGIBLE)
    requirement = np.array([folder.series(files[n], n) for n in names]).reshape(len(names), folder.periods)
    absent = sorted(k for k in RESPONSE_MINUTES if not any(n.startswith(k) for n in names))
    if absent:
        folder.notes.append(f"No requirement for {', '.join(absent)} in the {folder.series_name} series.")
    folder.notes.append("Gas, oil and coal units hold reserves; nuclear, hydro, wind and solar do not.")
    return Reserves(
        product_id=names,
        direction=np.array([Direction.DOWN if n.endswith("Down") else Direction.UP for n in names], dtype=np.int64),
        response_minutes=minutes,
        covers_bus=covers,
        unit_max_mw=np.where(eligible, np.inf, 0.0)[None, :].repeat(len(names), axis=0),
        requirement_mw=requirement,
    )


def terms(products: Reserves, period_minutes: int) -> AwardTerms:
    """Awards of products with more time to respond than a period lasts take as much of its ramp as falls into it.

    A MW within 10 minutes is half a MW in 5; of products that respond within a period the rule set's form holds.
    """
    slow = np.flatnonzero(products.response_minutes > period_minutes)
    if not slow.size:
        return NO_AWARD_TERMS
    return replace(
        NO_AWARD_TERMS,
        product=slow,
        in_limits=np.ones(slow.size, dtype=np.bool_),
        ramp_now=period_minutes / products.response_minutes[slow],
        ramp_before=np.zeros(slow.size),
        joint_cap=np.zeros(slow.size, dtype=np.bool_),
    )
