"""Nothing of an RTS-GMLC folder is dropped in silence: what has no reader is a finding."""

from __future__ import annotations

import numpy as np

from clearing.formats.rts_gmlc import sites, thermal
from clearing.formats.rts_gmlc.source import Folder
from clearing.formats.tables import Table

BETWEEN = "|"
BUS_COLUMNS = (
    "Bus ID|Bus Name|BaseKV|Bus Type|MW Load|MVAR Load|V Mag|V Angle|MW Shunt G|MVAR Shunt B|Area|Sub Area|Zone|lat|lng"
)
BRANCH_COLUMNS = (
    "UID|From Bus|To Bus|R|X|B|Cont Rating|LTE Rating|STE Rating|Perm OutRate|Duration|Tr Ratio|Tran OutRate|Length"
)
UNIT_COLUMNS = (
    "GEN UID|Bus ID|Gen ID|Unit Group|Unit Type|Category|Fuel|MW Inj|MVAR Inj|V Setpoint p.u.|PMax MW|PMin MW|"
    "QMax MVAR|QMin MVAR|Min Down Time Hr|Min Up Time Hr|Ramp Rate MW/Min|Start Time Cold Hr|Start Time Warm Hr|"
    "Start Time Hot Hr|Start Heat Cold MBTU|Start Heat Warm MBTU|Start Heat Hot MBTU|Non Fuel Start Cost $|"
    "Non Fuel Shutdown Cost $|FOR|MTTF Hr|MTTR Hr|Scheduled Maint Weeks|Fuel Price $/MMBTU|Output_pct_0|"
    "Output_pct_1|Output_pct_2|Output_pct_3|Output_pct_4|HR_avg_0|HR_incr_1|HR_incr_2|HR_incr_3|HR_incr_4|VOM|"
    "Fuel Sulfur Content %|Emissions SO2 Lbs/MMBTU|Emissions NOX Lbs/MMBTU|Emissions Part Lbs/MMBTU|"
    "Emissions CO2 Lbs/MMBTU|Emissions CH4 Lbs/MMBTU|Emissions N2O Lbs/MMBTU|Emissions CO Lbs/MMBTU|"
    "Emissions VOCs Lbs/MMBTU|Damping Ratio|Inertia MJ/MW|Base MVA|Transformer X p.u.|Unit X p.u.|Pump Load MW|"
    "Storage Roundtrip Efficiency"
)
"""Columns that are read, and those without effect on an energy dispatch: reactive power, outage rates, emissions …"""
AREA, RESERVE, UNIT = "Area", "Reserve", "Generator"
LIMITS = ("PMax MW", "PMin MW")
READ = {(AREA, "MW Load"), (RESERVE, "Requirement"), (UNIT, "Natural_Inflow"), *((UNIT, limit) for limit in LIMITS)}
"""(Category, Parameter) of the pointers that somebody reads."""


def check(folder: Folder) -> None:
    """Findings about columns, unit types and series that nobody reads."""
    branches = folder.table("branch.csv")
    for table, known in ((folder.buses, BUS_COLUMNS), (branches, BRANCH_COLUMNS), (folder.generators, UNIT_COLUMNS)):
        for column in table.columns:
            if column not in known.split(BETWEEN):
                path = f"{table.file}:{column}"
                folder.problems.add("UNKNOWN_COLUMN", path, "The column is not known.", value=column)
    _unit_types(folder.generators)
    for row in np.flatnonzero(folder.buses.numbers("MW Shunt G")).tolist():
        folder.buses.fault("FIELD_NOT_READ", row, "MW Shunt G", "Shunts that take active power are not read.")
    _pointers(folder)


def _unit_types(rows: Table) -> None:
    known = (*thermal.COMMITTED, *sites.FUEL_OF_TYPE, sites.STORED, sites.LEFT_OUT)
    for row, kind in enumerate(rows.texts("Unit Type")):
        if kind not in known:
            rows.fault("UNKNOWN_WORD", row, "Unit Type", "No such kind.", value=kind, limit=", ".join(known))


def _pointers(folder: Folder) -> None:
    """Series of the chosen simulation: their parameter must be one that is read, limits those of sites."""
    rows = folder.pointers
    type_of = dict(zip(folder.generators.texts("GEN UID"), folder.generators.texts("Unit Type"), strict=True))
    columns = (rows.texts(name) for name in ("Simulation", "Category", "Parameter", "Object"))
    for row, (simulation, category, parameter, name) in enumerate(zip(*columns, strict=True)):
        if simulation != folder.series_name:
            continue
        limit_of_other = parameter in LIMITS and type_of.get(name, "") not in {*sites.FUEL_OF_TYPE} - {"CSP"}
        if (category, parameter) not in READ or limit_of_other:
            rows.fault("FIELD_NOT_READ", row, "Parameter", "Nothing reads this series.", value=f"{name} {parameter}")
