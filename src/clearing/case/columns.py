"""What every column of resources must be: shape, kind and range. One line a column; `validate_columns` applies it."""

from __future__ import annotations

from clearing.case.column_kinds import (
    COST,
    COUNT,
    DAY,
    EFFICIENCY,
    ENERGY,
    GREATEST,
    LEAST,
    LIMIT,
    LOST,
    MINUTES,
    MONEY,
    MOST_MW,
    MW,
    NUMBER,
    OUTPUT,
    OWN_MINUTES,
    PRICE,
    RAMP,
    Bit,
    Choice,
    Column,
    Index,
    Truth,
)
from clearing.case.predicates import Range

FUELS = Choice(tuple(range(12)), looked_up=False)

STATES = Choice((1, 2, 3))

MODES = Choice((0, 1, 2, 3))

PUMP_MODES = Choice((1, 2, 3))


def _owned(rows: str) -> tuple[Column, ...]:
    return (
        Column("plant", rows, "", Index("plant", absent=True)),
        Column("owner", rows, "", Index("owner", absent=True)),
        Column("bus", rows, "", Index("K")),
    )


UNITS = (
    *_owned("N"),
    Column("fuel", "N", "", FUELS),
    Column("p_min_mw", "N", "T", OUTPUT),
    Column("p_max_mw", "N", "T", OUTPUT),
    Column("ramp_up_mw_per_minute", "N", "", RAMP),
    Column("ramp_down_mw_per_minute", "N", "", RAMP),
    Column("startup_limit_mw", "N", "", LIMIT),
    Column("shutdown_limit_mw", "N", "", LIMIT),
    Column("min_up_minutes", "N", "", MINUTES, whole=True),
    Column("min_down_minutes", "N", "", MINUTES, whole=True),
    Column("no_load_cost_per_hour", "N", "", MONEY),
    Column("stop_cost", "N", "", COST),
    Column("initial_on", "N", "", Truth),
    Column("initial_minutes", "N", "", MINUTES, whole=True),
    Column("initial_mw", "N", "", OUTPUT),
    Column("on_min", "N", "T", Bit),
    Column("on_max", "N", "T", Bit),
    Column("fixed_unit", "F", "", Index("N")),
    Column("fixed_period", "F", "", Index("T")),
    Column("fixed_mw", "F", "", OUTPUT),
    Column("price_eligible", "N", "", Truth),
)

START_COSTS = (
    Column("unit", "M", "", Index("N")),
    Column("state", "M", "", STATES),
    Column("after_minutes", "M", "", MINUTES, whole=True),
    Column("inclusive", "M", "", Truth),
    Column("cost", "M", "", COST),
)

RENEWABLES = (
    *_owned("R"),
    Column("fuel", "R", "", FUELS),
    Column("min_mw", "R", "T", OUTPUT),
    Column("forecast_mw", "R", "T", OUTPUT),
)

STORAGE = (
    *_owned("G"),
    Column("charge_max_mw", "G", "T", OUTPUT),
    Column("discharge_max_mw", "G", "T", OUTPUT),
    Column("charge_efficiency", "G", "T", EFFICIENCY),
    Column("discharge_efficiency", "G", "T", EFFICIENCY),
    Column("energy_min_mwh", "G", "T", ENERGY),
    Column("energy_max_mwh", "G", "T", ENERGY),
    Column("initial_energy_mwh", "G", "", ENERGY),
    Column("final_energy_min_mwh", "G", "", ENERGY),
    Column("final_energy_max_mwh", "G", "", ENERGY),
    Column("charge_price_per_mwh", "G", "T", PRICE),
    Column("discharge_price_per_mwh", "G", "T", PRICE),
    Column("charge_min_mw", "G", "T", OUTPUT),
    Column("discharge_min_mw", "G", "T", OUTPUT),
    Column("self_discharge_per_hour", "G", "T", LOST),
    Column("given_mode", "G", "T", MODES),
)

OWN_SHARE = Range(-1.0, 1.0)  # −1 = the rule set's

PUMPED_HYDRO = (
    *_owned("U"),
    Column("reservoir", "U", "", Index("O")),
    Column("generate_min_mw", "U", "T", OUTPUT),
    Column("generate_max_mw", "U", "T", OUTPUT),
    Column("pump_mw", "U", "", OUTPUT),
    Column("generate_efficiency", "U", "", EFFICIENCY),
    Column("pump_efficiency", "U", "", EFFICIENCY),
    Column("market_share", "U", "", OWN_SHARE),
    Column("initial_mode", "U", "", PUMP_MODES),
    Column("initial_minutes", "U", "", MINUTES, whole=True),
    Column("changeover_minutes", "U", "", MINUTES, whole=True),
    Column("max_mode_changes", "U", "", COUNT, whole=True),
    Column("pump_price_per_mwh", "U", "T", PRICE),
    Column("generate_price_per_mwh", "U", "T", PRICE),
    Column("reservoir_min_mwh", "O", "", ENERGY),
    Column("reservoir_max_mwh", "O", "", ENERGY),
    Column("reservoir_initial_mwh", "O", "", ENERGY),
    Column("reservoir_final_min_mwh", "O", "", ENERGY),
    Column("reservoir_final_max_mwh", "O", "", ENERGY),
    Column("reservoir_inflow_mw", "O", "T", OUTPUT),
)

NUMBER_OR_NONE = Range(-1.0, 1e6)

ENERGY_LIMIT = Range(0.0, MOST_MW, plus_infinity=True)

UNIT_GROUPS = (
    Column("member_group", "M", "", Index("J")),
    Column("member_unit", "M", "", Index("N")),
    Column("min_mw", "J", "T", LEAST),
    Column("max_mw", "J", "T", GREATEST),
    Column("min_on", "J", "T", NUMBER, whole=True),
    Column("max_on", "J", "T", NUMBER_OR_NONE, whole=True),
)

ENERGY_WINDOWS = (
    Column("unit", "W", "", Index("N")),
    Column("first_period", "W", "", Index("T")),
    Column("last_period", "W", "", Index("T")),
    Column("min_mwh", "W", "", ENERGY),
    Column("max_mwh", "W", "", ENERGY_LIMIT),
)

STORAGE_CYCLES = (Column("storage", "C", "", Index("G")), Column("max_cycles", "C", "", NUMBER))

SHARE = Range(0.0, 1.0)

KINDS = Choice((1, 2))

DEMAND_BIDS = (
    Column("owner", "B", "", Index("owner", absent=True)),
    Column("bus", "B", "", Index("K")),
    Column("min_mw", "B", "T", OUTPUT),
    Column("max_mw", "B", "T", OUTPUT),
)

VIRTUAL_PLANTS = (
    Column("owner", "V", "", Index("owner", absent=True)),
    Column("kind", "V", "", KINDS),
    Column("min_mw", "V", "T", OUTPUT),
    Column("max_mw", "V", "T", OUTPUT),
    Column("baseline_mw", "V", "T", OUTPUT),
    Column("ramp_mw_per_minute", "V", "", RAMP),
    Column("factor_plant", "M", "", Index("V")),
    Column("factor_bus", "M", "", Index("K")),
    Column("factor", "M", "", SHARE),
)

ENTRY = (
    Column("channel", "e", "", Choice((1, 2))),
    Column("first_day", "e", "", DAY, whole=True),
    Column("last_day", "e", "", Range(0.0, DAY.high), whole=True),
    Column("plant", "e", "", Index("V", absent=True)),
    Column("bus", "e", "", Index("K", absent=True)),
    Column("capacity_mw", "e", "", OUTPUT),
)

TIES = (Column("bus", "X", "", Index("K")), Column("import_mw", "X", "T", MW))

LOADS = (Column("bus", "D", "", Index("K")), Column("mw", "D", "T", MW))

COMMITMENT = (Column("on", "N", "T", Bit),)

START_LIMITS = (
    Column("unit", "M", "", Index("N")),
    Column("max_starts", "M", "", COUNT, whole=True),
    Column("max_stops", "M", "", COUNT, whole=True),
)

PLANT_LIMITS = (
    Column("plant", "M", "", Index("plant")),
    Column("max_starts", "M", "", COUNT, whole=True),
    Column("max_stops", "M", "", COUNT, whole=True),
    Column("start_spacing_minutes", "M", "", OWN_MINUTES, whole=True),
    Column("stop_spacing_minutes", "M", "", OWN_MINUTES, whole=True),
    Column("switching_minutes", "M", "", OWN_MINUTES, whole=True),
)

CURVE_STEP = Range(1.0, 2000.0)

OUTPUT_CURVES = (
    Column("unit", "M", "", Index("N")),
    Column("state", "M", "", Choice((0, 1, 2, 3))),
    Column("step", "M", "", CURVE_STEP, whole=True),
    Column("mw", "M", "", OUTPUT),
)

INELIGIBLE = (Column("unit", "M", "", Index("N")), Column("period", "M", "", Index("T")))

START_LEADS = (Column("minutes", "M", "", OWN_MINUTES, whole=True),)


def offers(resource: str) -> tuple[Column, ...]:
    """Columns of the offer curves of the table whose rows have this letter."""
    return (
        Column("resource", "M", "", Index(resource)),
        Column("width_mw", "M", "T", OUTPUT),
        Column("price_per_mwh", "M", "T", PRICE),
    )
