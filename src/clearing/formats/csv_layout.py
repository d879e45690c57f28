"""What stands in which file and column of a CSV case folder; reader and writer both follow this table.

A series cell holds one value for all periods, or is blank: then the values stand in the file `<sheet>.<column>.csv`,
one line a row of the sheet, one column a period, headed by the END of the period (00:15 … 24:00).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, IntEnum

from clearing.case.case import CommitmentUse
from clearing.case.contingencies import OutageKind
from clearing.case.output_curves import CurveState
from clearing.case.reserve_kinds import ProductKind
from clearing.case.reserves import Direction
from clearing.case.resources import StorageMode
from clearing.case.units import Fuel, StartState
from clearing.case.virtual_plants import VirtualPlantKind


class Kind(Enum):
    """What a cell of a column holds."""

    NAME = "name"  # the row's own id: not blank, unique in the sheet
    TEXT = "text"
    REFERENCE = "reference"  # id of a row of another sheet
    OPTIONAL_REFERENCE = "optional reference"  # the same, or blank
    WORD = "word"  # of an enum, lower case
    NUMBER = "number"
    WHOLE = "whole number"
    OPTIONAL_WHOLE = "whole number or blank"  # blank is −1
    FLAG = "flag"  # 0 or 1
    SERIES = "series"
    FLAG_SERIES = "flag series"
    WHOLE_SERIES = "whole number series"


@dataclass(frozen=True, slots=True)
class Column:
    """One column: header, kind, field of the case table it fills, and what it refers to or is worded by."""

    name: str
    kind: Kind
    field: str
    refers: str = ""
    words: type[IntEnum] | None = None


@dataclass(frozen=True, slots=True)
class Sheet:
    """One file `<name>.csv`; `key` columns name a row in its series files."""

    name: str
    columns: tuple[Column, ...]
    key: tuple[str, ...] = ("id",)


def _column(kind: Kind, name: str, field: str = "") -> Column:
    return Column(name, kind, field or name)


def _names(field: str = "id") -> Column:
    return Column("id", Kind.NAME, field)


def _reference(name: str, sheet: str, field: str = "", *, optional: bool = False) -> Column:
    kind = Kind.OPTIONAL_REFERENCE if optional else Kind.REFERENCE
    return Column(name, kind, field or name, refers=sheet)


def _words(name: str, words: type[IntEnum], field: str = "") -> Column:
    return Column(name, Kind.WORD, field or name, words=words)


def _many(kind: Kind, *names: str, prefix: str = "") -> tuple[Column, ...]:
    return tuple(_column(kind, n, prefix + n) for n in names)


def _offers(name: str, resource: str, sheet: str) -> Sheet:
    columns = (
        _reference(resource, sheet, "resource"),
        _column(Kind.WHOLE, "block"),
        *_many(Kind.SERIES, "width_mw", "price_per_mwh"),
    )
    return Sheet(name, columns, key=(resource, "block"))


_HELD_BY = (
    _reference("plant", "plants", optional=True),
    _reference("owner", "owners", optional=True),
    _reference("bus", "buses"),
    _words("fuel", Fuel),
)

OWNERS = Sheet("owners", (_names("owner_id"),))
PLANTS = Sheet("plants", (_names("plant_id"),))
ZONES = Sheet("zones", (_names("zone_id"),))
BUSES = Sheet(
    "buses",
    (
        _names("bus_id"),
        _reference("zone", "zones", "bus_zone", optional=True),
        _column(Kind.NUMBER, "voltage_kv", "bus_voltage_kv"),
    ),
)
BRANCHES = Sheet(
    "branches",
    (
        _names("branch_id"),
        _reference("from", "buses", "branch_from"),
        _reference("to", "buses", "branch_to"),
        *_many(Kind.NUMBER, "reactance_pu", "resistance_pu", "tap_ratio", "shift_degrees", prefix="branch_"),
        *_many(Kind.NUMBER, "limit_mw", "emergency_limit_mw", prefix="branch_"),
        _column(Kind.FLAG, "in_service", "branch_in_service"),
    ),
)
INTERFACES = Sheet("interfaces", (_names("interface_id"), *_many(Kind.SERIES, "min_mw", "max_mw", prefix="interface_")))
INTERFACE_TERMS = Sheet(
    "interface_terms",
    (
        _reference("interface", "interfaces", "term_interface"),
        _reference("branch", "branches", "term_branch"),
        _column(Kind.NUMBER, "coefficient", "term_coefficient"),
    ),
)
_WINDOW = (
    _reference("branch", "branches"),
    _reference("first_period", "periods"),
    _reference("last_period", "periods"),
)
BRANCH_OUTAGES = Sheet("branch_outages", _WINDOW)
BRANCH_LIMITS = Sheet("branch_limits", (*_WINDOW, *_many(Kind.NUMBER, "limit_mw", "emergency_limit_mw")))
REFERENCE_WEIGHTS = Sheet(
    "reference_weights", (_reference("bus", "buses"), _column(Kind.NUMBER, "weight")), key=("bus",)
)
LOSS_FACTORS = Sheet("loss_factors", (_reference("bus", "buses"), _column(Kind.NUMBER, "factor")), key=("bus",))
UNITS = Sheet(
    "units",
    (
        _names(),
        *_HELD_BY,
        *_many(Kind.SERIES, "p_min_mw", "p_max_mw"),
        *_many(Kind.NUMBER, "ramp_up_mw_per_minute", "ramp_down_mw_per_minute", "startup_limit_mw"),
        *_many(Kind.NUMBER, "shutdown_limit_mw"),
        *_many(Kind.WHOLE, "min_up_minutes", "min_down_minutes"),
        *_many(Kind.NUMBER, "no_load_cost_per_hour", "stop_cost"),
        _column(Kind.FLAG, "initial_on"),
        _column(Kind.WHOLE, "initial_minutes"),
        _column(Kind.NUMBER, "initial_mw"),
        *_many(Kind.FLAG_SERIES, "on_min", "on_max"),
        _column(Kind.FLAG, "price_eligible"),
    ),
)
UNIT_OFFERS = _offers("unit_offers", "unit", "units")
START_COSTS = Sheet(
    "start_costs",
    (
        _reference("unit", "units"),
        _words("state", StartState),
        _column(Kind.WHOLE, "after_minutes"),
        _column(Kind.FLAG, "inclusive"),
        _column(Kind.NUMBER, "cost"),
    ),
)
FIXED_OUTPUT = Sheet(
    "fixed_output",
    (
        _reference("unit", "units", "fixed_unit"),
        _reference("period", "periods", "fixed_period"),
        _column(Kind.NUMBER, "mw", "fixed_mw"),
    ),
)
RENEWABLES = Sheet("renewables", (_names(), *_HELD_BY, *_many(Kind.SERIES, "min_mw", "forecast_mw")))
RENEWABLE_OFFERS = _offers("renewable_offers", "renewable", "renewables")
STORAGE = Sheet(
    "storage",
    (
        _names(),
        *_HELD_BY[:3],
        *_many(Kind.SERIES, "charge_max_mw", "discharge_max_mw"),
        *_many(Kind.SERIES, "charge_efficiency", "discharge_efficiency", "energy_min_mwh", "energy_max_mwh"),
        *_many(Kind.NUMBER, "initial_energy_mwh", "final_energy_min_mwh", "final_energy_max_mwh"),
        *_many(Kind.SERIES, "charge_price_per_mwh", "discharge_price_per_mwh"),
    ),
)
UNIT_GROUPS = Sheet(
    "unit_groups", (_names(), *_many(Kind.SERIES, "min_mw", "max_mw"), *_many(Kind.WHOLE_SERIES, "min_on", "max_on"))
)
UNIT_GROUP_MEMBERS = Sheet(
    "unit_group_members",
    (_reference("group", "unit_groups", "member_group"), _reference("unit", "units", "member_unit")),
)
ENERGY_WINDOWS = Sheet(
    "energy_windows",
    (
        _reference("unit", "units"),
        _reference("first_period", "periods"),
        _reference("last_period", "periods"),
        *_many(Kind.NUMBER, "min_mwh", "max_mwh"),
    ),
)
STORAGE_MODES = Sheet(
    "storage_modes",
    (
        _reference("storage", "storage"),
        *_many(Kind.SERIES, "charge_min_mw", "discharge_min_mw", "self_discharge_per_hour"),
        _column(Kind.WHOLE_SERIES, "given_mode"),  # 0 free, 1 idle, 2 charge, 3 discharge
    ),
    key=("storage",),
)
RESERVOIRS = Sheet(
    "reservoirs",
    (
        _names("reservoir_id"),
        *_many(Kind.NUMBER, "min_mwh", "max_mwh", "initial_mwh", "final_min_mwh", "final_max_mwh", prefix="reservoir_"),
        _column(Kind.SERIES, "inflow_mw", "reservoir_inflow_mw"),
    ),
)
PUMPED_HYDRO = Sheet(
    "pumped_hydro",
    (
        _names(),
        *_HELD_BY[:3],
        _reference("reservoir", "reservoirs"),
        *_many(Kind.SERIES, "generate_min_mw", "generate_max_mw"),
        *_many(Kind.NUMBER, "pump_mw", "generate_efficiency", "pump_efficiency"),
        _column(Kind.NUMBER, "market_share"),  # -1 = the rule set's
        _words("initial_mode", StorageMode),
        *_many(Kind.WHOLE, "initial_minutes", "changeover_minutes"),
        _column(Kind.OPTIONAL_WHOLE, "max_mode_changes"),
        *_many(Kind.SERIES, "pump_price_per_mwh", "generate_price_per_mwh"),
    ),
)
STORAGE_CYCLES = Sheet("storage_cycles", (_reference("storage", "storage"), _column(Kind.NUMBER, "max_cycles")))
DEMAND_BIDS = Sheet(
    "demand_bids",
    (
        _names(),
        _reference("owner", "owners", optional=True),
        _reference("bus", "buses"),
        *_many(Kind.SERIES, "min_mw", "max_mw"),
    ),
)
DEMAND_BID_BLOCKS = _offers("demand_bid_blocks", "demand_bid", "demand_bids")
VIRTUAL_PLANTS = Sheet(
    "virtual_plants",
    (
        _names(),
        _reference("owner", "owners", optional=True),
        _words("kind", VirtualPlantKind),
        *_many(Kind.SERIES, "min_mw", "max_mw", "baseline_mw"),
        _column(Kind.NUMBER, "ramp_mw_per_minute"),
    ),
)
VIRTUAL_PLANT_OFFERS = _offers("virtual_plant_offers", "virtual_plant", "virtual_plants")
VIRTUAL_PLANT_FACTORS = Sheet(
    "virtual_plant_factors",
    (
        _reference("virtual_plant", "virtual_plants", "factor_plant"),
        _reference("bus", "buses", "factor_bus"),
        _column(Kind.NUMBER, "factor"),
    ),
)
HVDC_LINES = Sheet(
    "hvdc_lines",
    (
        _names(),
        _reference("from_bus", "buses"),
        _reference("to_bus", "buses"),
        _column(Kind.FLAG, "dispatchable"),
        *_many(Kind.SERIES, "scheduled_mw", "min_mw", "max_mw"),
        *_many(Kind.NUMBER, "ramp_mw_per_minute", "loss_rate"),
    ),
)
BRANCH_PENALTIES = Sheet(
    "branch_penalties",
    (_reference("branch", "branches"), _column(Kind.NUMBER, "price_per_mwh", "branch_price_per_mwh")),
)
INTERFACE_PENALTIES = Sheet(
    "interface_penalties",
    (_reference("interface", "interfaces"), _column(Kind.NUMBER, "price_per_mwh", "interface_price_per_mwh")),
)
LINEAR_LIMITS = Sheet(
    "linear_limits",
    (_names(), *_many(Kind.SERIES, "min_mw", "max_mw"), _column(Kind.NUMBER, "price_per_mwh")),  # -1 = the rule set's
)


def _linear_terms(term: str, sheet: str) -> Sheet:
    columns = (
        _reference("limit", "linear_limits", f"{term}_limit"),
        _reference(term, sheet),
        _column(Kind.NUMBER, "coefficient", f"{term}_coefficient"),
    )
    return Sheet(f"linear_limit_{sheet}", columns)


LINEAR_LIMIT_TERMS = (
    _linear_terms("unit", "units"),
    _linear_terms("renewable", "renewables"),
    _linear_terms("storage", "storage"),
    _linear_terms("bus", "buses"),
    _linear_terms("branch", "branches"),
)
CONTINGENCIES = Sheet("contingencies", (_names(),))
CONTINGENCY_OUTAGES = Sheet(
    "contingency_outages",
    (
        _reference("contingency", "contingencies", "outage_contingency"),
        _words("kind", OutageKind, "outage_kind"),
        _column(Kind.TEXT, "element", "outage_element"),  # id in the sheet of its kind
    ),
)
CONTINGENCY_BRANCHES = Sheet("contingency_branches", (_reference("branch", "branches", "monitored_branch"),))
CONTINGENCY_INTERFACES = Sheet(
    "contingency_interfaces", (_reference("interface", "interfaces", "monitored_interface"),)
)
CONTINGENCY_EXEMPTIONS = Sheet(
    "contingency_exemptions",
    (
        _reference("contingency", "contingencies", "exempt_contingency"),
        _reference("branch", "branches", "exempt_branch"),
    ),
)
TIES = Sheet("ties", (_names(), _HELD_BY[2], _column(Kind.SERIES, "import_mw")))
LOADS = Sheet("loads", (_names(), _HELD_BY[2], _column(Kind.SERIES, "mw")))
PRODUCTS = Sheet(
    "products",
    (
        _names("product_id"),
        _words("direction", Direction),
        _column(Kind.NUMBER, "response_minutes"),
        _column(Kind.SERIES, "requirement_mw"),
    ),
)
PRODUCT_BUSES = Sheet("product_buses", (_reference("product", "products"), _reference("bus", "buses")))
PRODUCT_UNITS = Sheet(
    "product_units",
    (_reference("product", "products"), _reference("unit", "units"), _column(Kind.NUMBER, "max_mw")),
)
PRODUCT_SHARING = Sheet(
    "product_sharing", (_reference("from", "products", "shared_from"), _reference("to", "products", "shared_to"))
)
PRODUCT_DEMAND = Sheet(
    "product_demand",
    (_reference("product", "products", "step_product"), *_many(Kind.NUMBER, "mw", "price", prefix="step_")),
)
PRODUCT_OFFERS = Sheet(
    "product_offers",
    (
        _reference("product", "products"),
        _reference("unit", "units"),
        _column(Kind.WHOLE, "block"),
        *_many(Kind.SERIES, "width_mw", "price_per_mw_hour"),
    ),
    key=("product", "unit", "block"),
)
PRODUCT_KINDS = Sheet(
    "product_kinds",
    (
        _reference("product", "products"),
        _words("kind", ProductKind),
        _column(Kind.SERIES, "speed_requirement_mw_per_minute"),
    ),
    key=("product",),
)
PRODUCT_STORAGE = Sheet(
    "product_storage",
    (
        _reference("product", "products", "storage_product"),
        _reference("storage", "storage"),
        _column(Kind.NUMBER, "max_mw", "storage_max_mw"),
    ),
)
REGULATION_SPEEDS = Sheet(
    "regulation_speeds",
    (_reference("unit", "units", "speed_unit"), _column(Kind.NUMBER, "mw_per_minute", "speed_mw_per_minute")),
)
PRODUCT_TERMS = Sheet(
    "product_terms",
    (
        _reference("product", "products"),
        _column(Kind.FLAG, "in_limits"),
        *_many(Kind.NUMBER, "ramp_now", "ramp_before"),
        _column(Kind.FLAG, "joint_cap"),
    ),
    key=("product",),
)
PRODUCT_OFFLINE = Sheet(
    "product_offline",
    (
        _reference("product", "products", "offline_product"),
        _reference("unit", "units", "offline_unit"),
        _column(Kind.NUMBER, "max_mw", "offline_max_mw"),
    ),
)
PRODUCT_CARRY = Sheet(
    "product_carry", (_reference("from", "products", "carry_from"), _reference("to", "products", "carry_to"))
)
REGULATION_BANDS = Sheet(
    "regulation_bands",
    (
        _reference("unit", "units"),
        *_many(Kind.SERIES, "min_mw", "max_mw", "cost_per_hour"),
        _column(Kind.WHOLE_SERIES, "given"),  # 0 free, 1 does not regulate, 2 regulates
    ),
    key=("unit",),
)
SYSTEM_RESERVES = Sheet("system_reserves", (_names(), _column(Kind.SERIES, "mw")))
COMMITMENT = Sheet("commitment", (_reference("unit", "units"), _column(Kind.FLAG_SERIES, "on")), key=("unit",))
COMMITMENT_FREE = Sheet("commitment_free", (_reference("unit", "units"),), key=("unit",))
START_LIMITS = Sheet(
    "start_limits", (_reference("unit", "units"), *_many(Kind.OPTIONAL_WHOLE, "max_starts", "max_stops")), key=("unit",)
)
PLANT_LIMITS = Sheet(
    "plant_limits",
    (
        _reference("plant", "plants"),
        *_many(Kind.OPTIONAL_WHOLE, "max_starts", "max_stops", "start_spacing_minutes", "stop_spacing_minutes"),
        _column(Kind.OPTIONAL_WHOLE, "switching_minutes"),
    ),
    key=("plant",),
)
START_LEADS = Sheet(
    "start_leads",
    (
        _reference("unit", "units"),
        _column(Kind.WHOLE, "after_minutes"),
        _column(Kind.OPTIONAL_WHOLE, "lead_minutes"),
    ),
    key=("unit", "after_minutes"),
)
_CURVE = (
    _reference("unit", "units"),
    _words("state", CurveState),
    _column(Kind.WHOLE, "step"),
    _column(Kind.NUMBER, "mw"),
)
STARTUP_CURVES = Sheet("startup_curves", _CURVE, key=("unit", "state", "step"))
SHUTDOWN_CURVES = Sheet("shutdown_curves", _CURVE, key=("unit", "state", "step"))
PRICE_INELIGIBLE = Sheet(
    "price_ineligible", (_reference("unit", "units"), _reference("period", "periods")), key=("unit", "period")
)
NOTES = Sheet("notes", (_column(Kind.TEXT, "note"),))
CASE = Sheet("case", (_names(), _column(Kind.TEXT, "value")))

SHEETS = (
    *(CASE, NOTES, OWNERS, PLANTS, ZONES, BUSES, BRANCHES, INTERFACES, INTERFACE_TERMS),
    *(UNITS, UNIT_OFFERS, START_COSTS, FIXED_OUTPUT, RENEWABLES, RENEWABLE_OFFERS, STORAGE, TIES, LOADS),
    *(PRODUCTS, PRODUCT_BUSES, PRODUCT_UNITS, SYSTEM_RESERVES, COMMITMENT, COMMITMENT_FREE),
    *(PRODUCT_SHARING, PRODUCT_DEMAND, PRODUCT_OFFERS, PRODUCT_KINDS, PRODUCT_STORAGE, REGULATION_SPEEDS),
    *(UNIT_GROUPS, UNIT_GROUP_MEMBERS, ENERGY_WINDOWS, STORAGE_CYCLES, STORAGE_MODES),
    *(RESERVOIRS, PUMPED_HYDRO),
    *(DEMAND_BIDS, DEMAND_BID_BLOCKS, VIRTUAL_PLANTS, VIRTUAL_PLANT_OFFERS, VIRTUAL_PLANT_FACTORS),
    *(START_LIMITS, PLANT_LIMITS, START_LEADS),
    *(HVDC_LINES, STARTUP_CURVES, SHUTDOWN_CURVES, PRICE_INELIGIBLE),
    *(BRANCH_PENALTIES, INTERFACE_PENALTIES),
    *(LINEAR_LIMITS, *LINEAR_LIMIT_TERMS),
    *(BRANCH_OUTAGES, BRANCH_LIMITS, REFERENCE_WEIGHTS, LOSS_FACTORS),
    *(PRODUCT_TERMS, PRODUCT_OFFLINE, PRODUCT_CARRY, REGULATION_BANDS),
    *(CONTINGENCIES, CONTINGENCY_OUTAGES, CONTINGENCY_BRANCHES, CONTINGENCY_INTERFACES, CONTINGENCY_EXEMPTIONS),
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
