"""Pricing schemes side by side, for the page of a day."""

from __future__ import annotations

from clearing.case.price_schemes import PriceScheme
from clearing.case.result import ClearingResult
from clearing.report.tables import Table, table
from clearing.report.values import amount

NAMES = {PriceScheme.LMP: "LMP", PriceScheme.ELMP: "ELMP", PriceScheme.CONVEX_HULL: "Convex hull"}


def scheme_table(result: ClearingResult) -> Table | None:
    """One row a scheme; None where they were not asked for."""
    if not result.price_sets:
        return None
    heads = ("Prices", "Mean price", "Lost opportunity", "Other uplift", "Total uplift", "Make-whole", "Dual gap")
    rows = [
        (
            NAMES[one.scheme] + (" (approximate)" if one.approximate else ""),
            amount(float(one.bus_price.mean()), 2),
            amount(float(one.lost_opportunity.sum()), 2),
            amount(one.other_uplift, 2),
            amount(one.total_uplift, 2),
            amount(float(one.make_whole.sum()), 2),
            "" if one.gap is None else f"{one.gap:.1e}",
        )
        for one in result.price_sets
    ]
    return table(heads, rows, {1, 2, 3, 4, 5, 6}, "")
