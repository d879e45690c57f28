"""Sheets of a CSV case folder: the network, its limits and contingencies."""

from __future__ import annotations

from clearing.case.contingencies import OutageKind
from clearing.formats.csv_columns import Kind, Sheet, column, many, names, reference, words_of

ZONES = Sheet("zones", (names("zone_id"),))
BUSES = Sheet(
    "buses",
    (
        names("bus_id"),
        reference("zone", "zones", "bus_zone", optional=True),
        column(Kind.NUMBER, "voltage_kv", "bus_voltage_kv"),
    ),
)
BRANCHES = Sheet(
    "branches",
    (
        names("branch_id"),
        reference("from", "buses", "branch_from"),
        reference("to", "buses", "branch_to"),
        *many(Kind.NUMBER, "reactance_pu", "resistance_pu", "tap_ratio", "shift_degrees", prefix="branch_"),
        *many(Kind.NUMBER, "limit_mw", "emergency_limit_mw", prefix="branch_"),
        column(Kind.FLAG, "in_service", "branch_in_service"),
    ),
)
INTERFACES = Sheet("interfaces", (names("interface_id"), *many(Kind.SERIES, "min_mw", "max_mw", prefix="interface_")))
INTERFACE_TERMS = Sheet(
    "interface_terms",
    (
        reference("interface", "interfaces", "term_interface"),
        reference("branch", "branches", "term_branch"),
        column(Kind.NUMBER, "coefficient", "term_coefficient"),
    ),
)
_WINDOW = (
    reference("branch", "branches"),
    reference("first_period", "periods"),
    reference("last_period", "periods"),
)
BRANCH_OUTAGES = Sheet("branch_outages", _WINDOW)
BRANCH_LIMITS = Sheet("branch_limits", (*_WINDOW, *many(Kind.NUMBER, "limit_mw", "emergency_limit_mw")))
REFERENCE_WEIGHTS = Sheet("reference_weights", (reference("bus", "buses"), column(Kind.NUMBER, "weight")), key=("bus",))
LOSS_FACTORS = Sheet("loss_factors", (reference("bus", "buses"), column(Kind.NUMBER, "factor")), key=("bus",))
HVDC_LINES = Sheet(
    "hvdc_lines",
    (
        names(),
        reference("from_bus", "buses"),
        reference("to_bus", "buses"),
        column(Kind.FLAG, "dispatchable"),
        *many(Kind.SERIES, "scheduled_mw", "min_mw", "max_mw"),
        *many(Kind.NUMBER, "ramp_mw_per_minute", "loss_rate"),
    ),
)
BRANCH_PENALTIES = Sheet(
    "branch_penalties",
    (reference("branch", "branches"), column(Kind.NUMBER, "price_per_mwh", "branch_price_per_mwh")),
)
INTERFACE_PENALTIES = Sheet(
    "interface_penalties",
    (reference("interface", "interfaces"), column(Kind.NUMBER, "price_per_mwh", "interface_price_per_mwh")),
)
LINEAR_LIMITS = Sheet(
    "linear_limits",
    (names(), *many(Kind.SERIES, "min_mw", "max_mw"), column(Kind.NUMBER, "price_per_mwh")),  # -1 = the rule set's
)


def _linear_terms(term: str, sheet: str) -> Sheet:
    columns = (
        reference("limit", "linear_limits", f"{term}_limit"),
        reference(term, sheet),
        column(Kind.NUMBER, "coefficient", f"{term}_coefficient"),
    )
    return Sheet(f"linear_limit_{sheet}", columns)


LINEAR_LIMIT_TERMS = (
    _linear_terms("unit", "units"),
    _linear_terms("renewable", "renewables"),
    _linear_terms("storage", "storage"),
    _linear_terms("bus", "buses"),
    _linear_terms("branch", "branches"),
)
CONTINGENCIES = Sheet("contingencies", (names(),))
CONTINGENCY_OUTAGES = Sheet(
    "contingency_outages",
    (
        reference("contingency", "contingencies", "outage_contingency"),
        words_of("kind", OutageKind, "outage_kind"),
        column(Kind.TEXT, "element", "outage_element"),  # id in the sheet of its kind
    ),
)
CONTINGENCY_BRANCHES = Sheet("contingency_branches", (reference("branch", "branches", "monitored_branch"),))
CONTINGENCY_INTERFACES = Sheet("contingency_interfaces", (reference("interface", "interfaces", "monitored_interface"),))
CONTINGENCY_EXEMPTIONS = Sheet(
    "contingency_exemptions",
    (
        reference("contingency", "contingencies", "exempt_contingency"),
        reference("branch", "branches", "exempt_branch"),
    ),
)
