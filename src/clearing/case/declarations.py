"""What participants declare beside a case: ratings, heat, projects and aggregates."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from clearing.case.arrays import Floats, Ids, freeze
from clearing.case.case import Case


@dataclass(frozen=True, slots=True)
class Declarations:
    """N units, R renewable sites, V virtual plants of the case; NaN and '' = not declared.

    unit_rated_mw (N)                   rated capacity, > 0: size class, last output point
    unit_heat_gj_per_hour (N)           heat that is declared, ≥ 0
    unit_metered_heat_gj_per_hour (N)   heat that was metered, which the declared is held against, ≥ 0
    site_rated_mw (R), site_project (R) installed capacity; the project a site is offered as
    virtual_rated_mw (V)                rated capacity of a virtual plant
    virtual_aggregate (V)               the 220 kV aggregate it is offered as
    """

    unit_rated_mw: Floats
    unit_heat_gj_per_hour: Floats
    unit_metered_heat_gj_per_hour: Floats
    site_rated_mw: Floats
    site_project: Ids
    virtual_rated_mw: Floats
    virtual_aggregate: Ids

    def __post_init__(self) -> None:
        freeze(self)


def nothing_declared(case: Case) -> Declarations:
    """A table in which nothing is declared."""
    units, sites, plants = len(case.units.id), len(case.renewables.id), len(case.virtual_plants.id)
    return Declarations(
        unit_rated_mw=np.full(units, np.nan),
        unit_heat_gj_per_hour=np.full(units, np.nan),
        unit_metered_heat_gj_per_hour=np.full(units, np.nan),
        site_rated_mw=np.full(sites, np.nan),
        site_project=("",) * sites,
        virtual_rated_mw=np.full(plants, np.nan),
        virtual_aggregate=("",) * plants,
    )


def unit_rating(case: Case, declared: Declarations) -> Floats:
    """Rating of every unit (N): what is declared, else its greatest p_max of the horizon (a reading)."""
    greatest = case.units.p_max_mw.max(axis=1, initial=0.0)
    return np.where(np.isnan(declared.unit_rated_mw), greatest, declared.unit_rated_mw)
