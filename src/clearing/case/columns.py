"""What every column of a case must be: shape, kind and range. One line a column; `validate_columns` applies it."""

from __future__ import annotations

from dataclasses import dataclass

from clearing.case.predicates import Range

MOST_MW = 1e7
MOST_PRICE = 1e7
MOST_MONEY = 1e10
MOST_MINUTES = 1e8

MW = Range(-MOST_MW, MOST_MW)
OUTPUT = Range(0.0, MOST_MW)
LIMIT = Range(0.0, MOST_MW, plus_infinity=True)
LEAST = Range(-MOST_MW, MOST_MW, minus_infinity=True)
GREATEST = Range(-MOST_MW, MOST_MW, plus_infinity=True)
RAMP = Range(0.0, MOST_MW, open_low=True, plus_infinity=True)
ENERGY = Range(0.0, MOST_MW)
PRICE = Range(-MOST_PRICE, MOST_PRICE)
SHORTFALL_PRICE = Range(0.0, MOST_PRICE)
MONEY = Range(-MOST_MONEY, MOST_MONEY)
COST = Range(0.0, MOST_MONEY)
MINUTES = Range(0.0, MOST_MINUTES)
EFFICIENCY = Range(0.0, 1.0, open_low=True)
LOST = Range(0.0, 1.0, open_high=True)
RESPONSE = Range(0.0, MOST_MINUTES, open_low=True, plus_infinity=True)
KILOVOLT = Range(0.0, 1e4)
PER_UNIT = Range(-1e4, 1e4)
TAP = Range(0.0, 100.0, open_low=True)
DEGREES = Range(-360.0, 360.0)
LOSS_FACTOR = Range(0.5, 2.0)
COEFFICIENT = Range(-1e4, 1e4)
WEIGHT = Range(0.0, MOST_MW)
COUNT = Range(-1.0, MOST_MINUTES)  # −1 = no limit
OWN_MINUTES = Range(-1.0, MOST_MINUTES)  # −1 = the rule set's


@dataclass(frozen=True, slots=True)
class Index:
    """An index into the rows `table`; absent: −1 means none."""

    table: str
    absent: bool = False


@dataclass(frozen=True, slots=True)
class Choice:
    """A member of an enum: one of these numbers. looked_up: checks across columns cannot be made with another one."""

    numbers: tuple[int, ...]
    looked_up: bool = True


class Truth:
    """True or false."""


class Bit:
    """0 or 1."""


@dataclass(frozen=True, slots=True)
class Column:
    """rows, wide: letters of the dimensions as in the docstrings of the tables ('' = one dimension)."""

    name: str
    rows: str
    wide: str
    content: Range | Index | Choice | type[Truth] | type[Bit]
    whole: bool = False  # whole numbers


FUELS = Choice(tuple(range(12)), looked_up=False)
STATES = Choice((1, 2, 3))
DIRECTIONS = Choice((1, 2))
MODES = Choice((0, 1, 2, 3))
PUMP_MODES = Choice((1, 2, 3))
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

NUMBER = Range(0.0, 1e6)
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

TIES = (Column("bus", "X", "", Index("K")), Column("import_mw", "X", "T", MW))

LOADS = (Column("bus", "D", "", Index("K")), Column("mw", "D", "T", MW))

RESERVES = (
    Column("direction", "Q", "", DIRECTIONS),
    Column("response_minutes", "Q", "", RESPONSE),
    Column("covers_bus", "Q", "K", Truth),
    Column("unit_max_mw", "Q", "N", LIMIT),
    Column("requirement_mw", "Q", "T", OUTPUT),
    Column("positive_min_mw", "T", "", OUTPUT),
    Column("positive_max_mw", "T", "", OUTPUT),
    Column("negative_min_mw", "T", "", OUTPUT),
)

RESERVE_SHARING = (Column("shared_from", "P", "", Index("Q")), Column("shared_to", "P", "", Index("Q")))

RESERVE_DEMAND = (
    Column("step_product", "B", "", Index("Q")),
    Column("step_mw", "B", "", RAMP),
    Column("step_price", "B", "", SHORTFALL_PRICE),
)

RESERVE_OFFERS = (
    Column("product", "M", "", Index("Q")),
    Column("unit", "M", "", Index("N")),
    Column("width_mw", "M", "T", OUTPUT),
    Column("price_per_mw_hour", "M", "T", PRICE),
)

PRODUCT_KINDS = (
    Column("product", "n", "", Index("Q")),
    Column("kind", "n", "", Choice((1, 2, 3, 4))),
    Column("speed_requirement_mw_per_minute", "n", "T", OUTPUT),
)

REGULATION_SPEEDS = (Column("speed_unit", "m", "", Index("N")), Column("speed_mw_per_minute", "m", "", OUTPUT))

STORAGE_AWARDS = (
    Column("storage_product", "g", "", Index("Q")),
    Column("storage", "g", "", Index("G")),
    Column("storage_max_mw", "g", "", OUTPUT),
)

AWARD_TERMS = (
    Column("product", "n", "", Index("Q")),
    Column("in_limits", "n", "", Truth),
    Column("ramp_now", "n", "", NUMBER),
    Column("ramp_before", "n", "", NUMBER),
    Column("joint_cap", "n", "", Truth),
    Column("offline_product", "m", "", Index("Q")),
    Column("offline_unit", "m", "", Index("N")),
    Column("offline_max_mw", "m", "", OUTPUT),
    Column("carry_from", "c", "", Index("Q")),
    Column("carry_to", "c", "", Index("Q")),
)

REGULATION_BANDS = (
    Column("unit", "b", "", Index("N")),
    Column("min_mw", "b", "T", OUTPUT),
    Column("max_mw", "b", "T", OUTPUT),
    Column("cost_per_hour", "b", "T", COST),
    Column("given", "b", "T", Choice((0, 1, 2))),
)

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
