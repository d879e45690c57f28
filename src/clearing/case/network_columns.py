"""What every column of the network and its limits must be. One line a column; `validate_columns` applies it."""

from __future__ import annotations

from clearing.case.column_kinds import (
    COEFFICIENT,
    DEGREES,
    GREATEST,
    KILOVOLT,
    LEAST,
    LIMIT,
    LOSS_FACTOR,
    MOST_MW,
    MOST_PRICE,
    MW,
    PER_UNIT,
    RAMP,
    SHORTFALL_PRICE,
    TAP,
    WEIGHT,
    Choice,
    Column,
    Index,
    Truth,
)
from clearing.case.predicates import Range

OUTAGE_KINDS = Choice((1, 2, 3))

NETWORK = (
    Column("bus_zone", "K", "", Index("Z", absent=True)),
    Column("bus_voltage_kv", "K", "", KILOVOLT),
    Column("branch_from", "L", "", Index("K")),
    Column("branch_to", "L", "", Index("K")),
    Column("branch_reactance_pu", "L", "", PER_UNIT),
    Column("branch_resistance_pu", "L", "", PER_UNIT),
    Column("branch_tap_ratio", "L", "", TAP),
    Column("branch_shift_degrees", "L", "", DEGREES),
    Column("branch_limit_mw", "L", "", LIMIT),
    Column("branch_emergency_limit_mw", "L", "", LIMIT),
    Column("branch_in_service", "L", "", Truth),
    Column("interface_min_mw", "S", "T", LEAST),
    Column("interface_max_mw", "S", "T", GREATEST),
    Column("term_interface", "M", "", Index("S")),
    Column("term_branch", "M", "", Index("L")),
    Column("term_coefficient", "M", "", COEFFICIENT),
    Column("bus_reference_weight", "K", "", WEIGHT),
    Column("bus_loss_factor", "K", "", LOSS_FACTOR),
)

BRANCH_OUTAGES = (
    Column("branch", "W", "", Index("L")),
    Column("first_period", "W", "", Index("T")),
    Column("last_period", "W", "", Index("T")),
)

BRANCH_LIMITS = (
    *BRANCH_OUTAGES,
    Column("limit_mw", "W", "", LIMIT),
    Column("emergency_limit_mw", "W", "", LIMIT),
)

CONTINGENCIES = (
    Column("outage_contingency", "o", "", Index("A")),
    Column("outage_kind", "o", "", OUTAGE_KINDS),
    Column("outage_element", "o", "", Range(0.0, MOST_MW), whole=True),
    Column("monitored_branch", "l", "", Index("L")),
    Column("monitored_interface", "s", "", Index("S")),
    Column("exempt_contingency", "x", "", Index("A")),
    Column("exempt_branch", "x", "", Index("L")),
)

LOSS = Range(0.0, 0.999)

HVDC = (
    Column("from_bus", "H", "", Index("K")),
    Column("to_bus", "H", "", Index("K")),
    Column("dispatchable", "H", "", Truth),
    Column("scheduled_mw", "H", "T", MW),
    Column("min_mw", "H", "T", MW),
    Column("max_mw", "H", "T", MW),
    Column("ramp_mw_per_minute", "H", "", RAMP),
    Column("loss_rate", "H", "", LOSS),
)

FLOW_PENALTIES = (
    Column("branch", "n", "", Index("L")),
    Column("branch_price_per_mwh", "n", "", SHORTFALL_PRICE),
    Column("interface", "m", "", Index("S")),
    Column("interface_price_per_mwh", "m", "", SHORTFALL_PRICE),
)

OWN_PRICE = Range(-1.0, MOST_PRICE)  # −1 = the rule set's

LINEAR_LIMITS = (
    Column("min_mw", "C", "T", LEAST),
    Column("max_mw", "C", "T", GREATEST),
    Column("price_per_mwh", "C", "", OWN_PRICE),
    *(
        column
        for term, table in (("unit", "N"), ("renewable", "R"), ("storage", "G"), ("bus", "K"), ("branch", "L"))
        for column in (
            Column(f"{term}_limit", term, "", Index("C")),
            Column(term, term, "", Index(table)),
            Column(f"{term}_coefficient", term, "", COEFFICIENT),
        )
    ),
)
