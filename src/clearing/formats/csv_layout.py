"""What stands in which file and column of a CSV case folder; reader and writer both follow this table.

A series cell holds one value for all periods, or is blank: then the values stand in the file `<sheet>.<column>.csv`,
one line a row of the sheet, one column a period, headed by the END of the period (00:15 … 24:00).
"""

from __future__ import annotations

from clearing.case.case import CommitmentUse
from clearing.formats import csv_layout_network as of_network
from clearing.formats import csv_layout_reserves as of_reserves
from clearing.formats import csv_layout_resources as of_resources
from clearing.formats.csv_columns import Kind, Sheet, column, names

NOTES = Sheet("notes", (column(Kind.TEXT, "note"),))
CASE = Sheet("case", (names(), column(Kind.TEXT, "value")))

SHEETS = (
    *(
        CASE,
        NOTES,
        of_resources.OWNERS,
        of_resources.PLANTS,
        of_network.ZONES,
        of_network.BUSES,
        of_network.BRANCHES,
        of_network.INTERFACES,
        of_network.INTERFACE_TERMS,
    ),
    *(
        of_resources.UNITS,
        of_resources.UNIT_OFFERS,
        of_resources.START_COSTS,
        of_resources.FIXED_OUTPUT,
        of_resources.RENEWABLES,
        of_resources.RENEWABLE_OFFERS,
        of_resources.STORAGE,
        of_resources.TIES,
        of_resources.LOADS,
    ),
    *(
        of_reserves.PRODUCTS,
        of_reserves.PRODUCT_BUSES,
        of_reserves.PRODUCT_UNITS,
        of_reserves.SYSTEM_RESERVES,
        of_resources.COMMITMENT,
        of_resources.COMMITMENT_FREE,
    ),
    *(
        of_reserves.PRODUCT_SHARING,
        of_reserves.PRODUCT_DEMAND,
        of_reserves.PRODUCT_OFFERS,
        of_reserves.PRODUCT_KINDS,
        of_reserves.PRODUCT_STORAGE,
        of_reserves.REGULATION_SPEEDS,
    ),
    *(
        of_resources.UNIT_GROUPS,
        of_resources.UNIT_GROUP_MEMBERS,
        of_resources.ENERGY_WINDOWS,
        of_resources.STORAGE_CYCLES,
        of_resources.STORAGE_MODES,
    ),
    *(of_resources.RESERVOIRS, of_resources.PUMPED_HYDRO),
    *(
        of_resources.DEMAND_BIDS,
        of_resources.DEMAND_BID_BLOCKS,
        of_resources.VIRTUAL_PLANTS,
        of_resources.VIRTUAL_PLANT_OFFERS,
        of_resources.VIRTUAL_PLANT_FACTORS,
        of_resources.MARKET_ENTRY,
    ),
    *(of_resources.START_LIMITS, of_resources.PLANT_LIMITS, of_resources.START_LEADS),
    *(of_network.HVDC_LINES, of_resources.STARTUP_CURVES, of_resources.SHUTDOWN_CURVES, of_resources.PRICE_INELIGIBLE),
    *(of_network.BRANCH_PENALTIES, of_network.INTERFACE_PENALTIES),
    *(of_network.LINEAR_LIMITS, *of_network.LINEAR_LIMIT_TERMS),
    *(of_network.BRANCH_OUTAGES, of_network.BRANCH_LIMITS, of_network.REFERENCE_WEIGHTS, of_network.LOSS_FACTORS),
    *(of_reserves.PRODUCT_TERMS, of_reserves.PRODUCT_OFFLINE, of_reserves.PRODUCT_CARRY, of_reserves.REGULATION_BANDS),
    *(
        of_network.CONTINGENCIES,
        of_network.CONTINGENCY_OUTAGES,
        of_network.CONTINGENCY_BRANCHES,
        of_network.CONTINGENCY_INTERFACES,
        of_network.CONTINGENCY_EXEMPTIONS,
    ),
)
SYSTEM_RESERVE_IDS = ("positive_min_mw", "positive_max_mw", "negative_min_mw")
CASE_KEYS = (
    "name",
    "operating_day",
    "period_minutes",
    "periods",
    "start_minute",
    "commitment_use",
    "lead_reference_minute",
    "monitored_min_voltage_kv",
)
COMMITMENT_USES = {u.name.lower(): u for u in CommitmentUse if u is not CommitmentUse.UNSPECIFIED}
