"""What every column of reserves must be. One line a column; `validate_columns` applies it."""

from __future__ import annotations

from clearing.case.column_kinds import (
    COST,
    LIMIT,
    NUMBER,
    OUTPUT,
    PRICE,
    RAMP,
    RESPONSE,
    SHORTFALL_PRICE,
    Choice,
    Column,
    Index,
    Truth,
)

DIRECTIONS = Choice((1, 2))

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
