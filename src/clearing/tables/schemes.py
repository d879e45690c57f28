"""Prices by several schemes side by side, as tables. Money; prices per MWh (reserves: per MW and hour)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from clearing.case.case import Case
from clearing.case.price_schemes import PriceSet
from clearing.tables.frame import events, series


def price_schemes(sets: Sequence[PriceSet]) -> pd.DataFrame:
    """One row a scheme: uplift in total and by kind, what bounds it, what was left out of the dual."""
    columns = {
        "scheme": [one.scheme.name for one in sets],
        "mean_bus_price_per_mwh": np.array([one.bus_price.mean() if one.bus_price.size else np.nan for one in sets]),
        "total_uplift": np.array([one.total_uplift for one in sets]),
        "lost_opportunity": np.array([one.lost_opportunity.sum() for one in sets]),
        "other_uplift": np.array([one.other_uplift for one in sets]),
        "make_whole": np.array([one.make_whole.sum() for one in sets]),
        "dual_value": np.array([one.dual_value for one in sets]),
        "dual_gap": np.array([np.nan if one.gap is None else one.gap for one in sets]),
        "approximate": np.array([one.approximate for one in sets]),
        "relaxed": [" ".join(one.relaxed) for one in sets],
    }
    return events(columns, ["scheme"])


def price_scheme_units(case: Case, sets: Sequence[PriceSet]) -> pd.DataFrame:
    """One row a scheme and unit: cost, revenue, most that it could earn, lost opportunity, make-whole."""
    names = ("cost", "revenue", "best_profit", "lost_opportunity", "make_whole")
    columns = {
        "scheme": [one.scheme.name for one in sets for _ in case.units.id],
        "unit": [unit for _ in sets for unit in case.units.id],
        **{name: np.concatenate([getattr(one, name) for one in sets]) for name in names},
    }
    return events(columns, ["scheme", "unit"])


def price_scheme_series(case: Case, sets: Sequence[PriceSet]) -> pd.DataFrame:
    """Periods × (scheme, kind, id): prices of buses and of reserve products."""
    blocks = [
        (one.scheme.name, kind, ids, values)
        for one in sets
        for kind, ids, values in (
            ("bus", case.network.bus_id, one.bus_price),
            ("reserve", case.reserves.product_id, one.reserve_price),
        )
    ]
    named = [(scheme, kind, name) for scheme, kind, ids, _ in blocks for name in ids]
    levels = dict(zip(("scheme", "kind", "id"), ([row[k] for row in named] for k in range(3)), strict=True))
    return series(case.horizon, np.concatenate([values for *_, values in blocks]), levels)
