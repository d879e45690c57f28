"""Sheets of a CSV case folder: reserve products and system reserves."""

from __future__ import annotations

from clearing.case.reserve_kinds import ProductKind
from clearing.case.reserves import Direction
from clearing.formats.csv_columns import Kind, Sheet, column, many, names, reference, words_of

PRODUCTS = Sheet(
    "products",
    (
        names("product_id"),
        words_of("direction", Direction),
        column(Kind.NUMBER, "response_minutes"),
        column(Kind.SERIES, "requirement_mw"),
    ),
)
PRODUCT_BUSES = Sheet("product_buses", (reference("product", "products"), reference("bus", "buses")))
PRODUCT_UNITS = Sheet(
    "product_units",
    (reference("product", "products"), reference("unit", "units"), column(Kind.NUMBER, "max_mw")),
)
PRODUCT_SHARING = Sheet(
    "product_sharing", (reference("from", "products", "shared_from"), reference("to", "products", "shared_to"))
)
PRODUCT_DEMAND = Sheet(
    "product_demand",
    (reference("product", "products", "step_product"), *many(Kind.NUMBER, "mw", "price", prefix="step_")),
)
PRODUCT_OFFERS = Sheet(
    "product_offers",
    (
        reference("product", "products"),
        reference("unit", "units"),
        column(Kind.WHOLE, "block"),
        *many(Kind.SERIES, "width_mw", "price_per_mw_hour"),
    ),
    key=("product", "unit", "block"),
)
PRODUCT_KINDS = Sheet(
    "product_kinds",
    (
        reference("product", "products"),
        words_of("kind", ProductKind),
        column(Kind.SERIES, "speed_requirement_mw_per_minute"),
    ),
    key=("product",),
)
PRODUCT_STORAGE = Sheet(
    "product_storage",
    (
        reference("product", "products", "storage_product"),
        reference("storage", "storage"),
        column(Kind.NUMBER, "max_mw", "storage_max_mw"),
    ),
)
REGULATION_SPEEDS = Sheet(
    "regulation_speeds",
    (reference("unit", "units", "speed_unit"), column(Kind.NUMBER, "mw_per_minute", "speed_mw_per_minute")),
)
PRODUCT_TERMS = Sheet(
    "product_terms",
    (
        reference("product", "products"),
        column(Kind.FLAG, "in_limits"),
        *many(Kind.NUMBER, "ramp_now", "ramp_before"),
        column(Kind.FLAG, "joint_cap"),
    ),
    key=("product",),
)
PRODUCT_OFFLINE = Sheet(
    "product_offline",
    (
        reference("product", "products", "offline_product"),
        reference("unit", "units", "offline_unit"),
        column(Kind.NUMBER, "max_mw", "offline_max_mw"),
    ),
)
PRODUCT_CARRY = Sheet(
    "product_carry", (reference("from", "products", "carry_from"), reference("to", "products", "carry_to"))
)
REGULATION_BANDS = Sheet(
    "regulation_bands",
    (
        reference("unit", "units"),
        *many(Kind.SERIES, "min_mw", "max_mw", "cost_per_hour"),
        column(Kind.WHOLE_SERIES, "given"),  # 0 free, 1 does not regulate, 2 regulates
    ),
    key=("unit",),
)
SYSTEM_RESERVES = Sheet("system_reserves", (names(), column(Kind.SERIES, "mw")))
