"""Sheets of a CSV case folder: who owns what, units, renewables, stores, bids, loads."""

from __future__ import annotations

from clearing.case.entry import EntryChannel
from clearing.case.output_curves import CurveState
from clearing.case.resources import StorageMode
from clearing.case.units import StartState
from clearing.case.virtual_plants import VirtualPlantKind
from clearing.formats.csv_columns import HELD_BY, Kind, Sheet, column, many, names, offers, reference, words_of

OWNERS = Sheet("owners", (names("owner_id"),))
PLANTS = Sheet("plants", (names("plant_id"),))
UNITS = Sheet(
    "units",
    (
        names(),
        *HELD_BY,
        *many(Kind.SERIES, "p_min_mw", "p_max_mw"),
        *many(Kind.NUMBER, "ramp_up_mw_per_minute", "ramp_down_mw_per_minute", "startup_limit_mw"),
        *many(Kind.NUMBER, "shutdown_limit_mw"),
        *many(Kind.WHOLE, "min_up_minutes", "min_down_minutes"),
        *many(Kind.NUMBER, "no_load_cost_per_hour", "stop_cost"),
        column(Kind.FLAG, "initial_on"),
        column(Kind.WHOLE, "initial_minutes"),
        column(Kind.NUMBER, "initial_mw"),
        *many(Kind.FLAG_SERIES, "on_min", "on_max"),
        column(Kind.FLAG, "price_eligible"),
    ),
)
UNIT_OFFERS = offers("unit_offers", "unit", "units")
START_COSTS = Sheet(
    "start_costs",
    (
        reference("unit", "units"),
        words_of("state", StartState),
        column(Kind.WHOLE, "after_minutes"),
        column(Kind.FLAG, "inclusive"),
        column(Kind.NUMBER, "cost"),
    ),
)
FIXED_OUTPUT = Sheet(
    "fixed_output",
    (
        reference("unit", "units", "fixed_unit"),
        reference("period", "periods", "fixed_period"),
        column(Kind.NUMBER, "mw", "fixed_mw"),
    ),
)
RENEWABLES = Sheet("renewables", (names(), *HELD_BY, *many(Kind.SERIES, "min_mw", "forecast_mw")))
RENEWABLE_OFFERS = offers("renewable_offers", "renewable", "renewables")
STORAGE = Sheet(
    "storage",
    (
        names(),
        *HELD_BY[:3],
        *many(Kind.SERIES, "charge_max_mw", "discharge_max_mw"),
        *many(Kind.SERIES, "charge_efficiency", "discharge_efficiency", "energy_min_mwh", "energy_max_mwh"),
        *many(Kind.NUMBER, "initial_energy_mwh", "final_energy_min_mwh", "final_energy_max_mwh"),
        *many(Kind.SERIES, "charge_price_per_mwh", "discharge_price_per_mwh"),
    ),
)
UNIT_GROUPS = Sheet(
    "unit_groups", (names(), *many(Kind.SERIES, "min_mw", "max_mw"), *many(Kind.WHOLE_SERIES, "min_on", "max_on"))
)
UNIT_GROUP_MEMBERS = Sheet(
    "unit_group_members",
    (reference("group", "unit_groups", "member_group"), reference("unit", "units", "member_unit")),
)
ENERGY_WINDOWS = Sheet(
    "energy_windows",
    (
        reference("unit", "units"),
        reference("first_period", "periods"),
        reference("last_period", "periods"),
        *many(Kind.NUMBER, "min_mwh", "max_mwh"),
    ),
)
STORAGE_MODES = Sheet(
    "storage_modes",
    (
        reference("storage", "storage"),
        *many(Kind.SERIES, "charge_min_mw", "discharge_min_mw", "self_discharge_per_hour"),
        column(Kind.WHOLE_SERIES, "given_mode"),  # 0 free, 1 idle, 2 charge, 3 discharge
    ),
    key=("storage",),
)
RESERVOIRS = Sheet(
    "reservoirs",
    (
        names("reservoir_id"),
        *many(Kind.NUMBER, "min_mwh", "max_mwh", "initial_mwh", "final_min_mwh", "final_max_mwh", prefix="reservoir_"),
        column(Kind.SERIES, "inflow_mw", "reservoir_inflow_mw"),
    ),
)
PUMPED_HYDRO = Sheet(
    "pumped_hydro",
    (
        names(),
        *HELD_BY[:3],
        reference("reservoir", "reservoirs"),
        *many(Kind.SERIES, "generate_min_mw", "generate_max_mw"),
        *many(Kind.NUMBER, "pump_mw", "generate_efficiency", "pump_efficiency"),
        column(Kind.NUMBER, "market_share"),  # -1 = the rule set's
        words_of("initial_mode", StorageMode),
        *many(Kind.WHOLE, "initial_minutes", "changeover_minutes"),
        column(Kind.OPTIONAL_WHOLE, "max_mode_changes"),
        *many(Kind.SERIES, "pump_price_per_mwh", "generate_price_per_mwh"),
    ),
)
STORAGE_CYCLES = Sheet("storage_cycles", (reference("storage", "storage"), column(Kind.NUMBER, "max_cycles")))
DEMAND_BIDS = Sheet(
    "demand_bids",
    (
        names(),
        reference("owner", "owners", optional=True),
        reference("bus", "buses"),
        *many(Kind.SERIES, "min_mw", "max_mw"),
    ),
)
DEMAND_BID_BLOCKS = offers("demand_bid_blocks", "demand_bid", "demand_bids")
VIRTUAL_PLANTS = Sheet(
    "virtual_plants",
    (
        names(),
        reference("owner", "owners", optional=True),
        words_of("kind", VirtualPlantKind),
        *many(Kind.SERIES, "min_mw", "max_mw", "baseline_mw"),
        column(Kind.NUMBER, "ramp_mw_per_minute"),
    ),
)
VIRTUAL_PLANT_OFFERS = offers("virtual_plant_offers", "virtual_plant", "virtual_plants")
VIRTUAL_PLANT_FACTORS = Sheet(
    "virtual_plant_factors",
    (
        reference("virtual_plant", "virtual_plants", "factor_plant"),
        reference("bus", "buses", "factor_bus"),
        column(Kind.NUMBER, "factor"),
    ),
)
MARKET_ENTRY = Sheet(
    "market_entry",
    (
        column(Kind.TEXT, "resource"),
        words_of("channel", EntryChannel),
        *many(Kind.TEXT, "first_day", "last_day"),  # YYYY-MM-DD; a blank last day = open
        reference("virtual_plant", "virtual_plants", "plant", optional=True),
        reference("bus", "buses", optional=True),
        column(Kind.NUMBER, "capacity_mw"),
    ),
    key=("resource",),
)
TIES = Sheet("ties", (names(), HELD_BY[2], column(Kind.SERIES, "import_mw")))
LOADS = Sheet("loads", (names(), HELD_BY[2], column(Kind.SERIES, "mw")))
COMMITMENT = Sheet("commitment", (reference("unit", "units"), column(Kind.FLAG_SERIES, "on")), key=("unit",))
COMMITMENT_FREE = Sheet("commitment_free", (reference("unit", "units"),), key=("unit",))
START_LIMITS = Sheet(
    "start_limits", (reference("unit", "units"), *many(Kind.OPTIONAL_WHOLE, "max_starts", "max_stops")), key=("unit",)
)
PLANT_LIMITS = Sheet(
    "plant_limits",
    (
        reference("plant", "plants"),
        *many(Kind.OPTIONAL_WHOLE, "max_starts", "max_stops", "start_spacing_minutes", "stop_spacing_minutes"),
        column(Kind.OPTIONAL_WHOLE, "switching_minutes"),
    ),
    key=("plant",),
)
START_LEADS = Sheet(
    "start_leads",
    (
        reference("unit", "units"),
        column(Kind.WHOLE, "after_minutes"),
        column(Kind.OPTIONAL_WHOLE, "lead_minutes"),
    ),
    key=("unit", "after_minutes"),
)
_CURVE = (
    reference("unit", "units"),
    words_of("state", CurveState),
    column(Kind.WHOLE, "step"),
    column(Kind.NUMBER, "mw"),
)
STARTUP_CURVES = Sheet("startup_curves", _CURVE, key=("unit", "state", "step"))
SHUTDOWN_CURVES = Sheet("shutdown_curves", _CURVE, key=("unit", "state", "step"))
PRICE_INELIGIBLE = Sheet(
    "price_ineligible", (reference("unit", "units"), reference("period", "periods")), key=("unit", "period")
)
