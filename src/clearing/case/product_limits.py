"""Limits of reserve products by their kind, as columns over the products."""

from __future__ import annotations

import numpy as np

from clearing.case.arrays import Floats, Ids
from clearing.case.case import Case
from clearing.case.reserve_kinds import kind_of
from clearing.rules.market_rules import PRODUCTS, ProductLimits, product_key
from clearing.rules.rules import Rules


def product_bound(case: Case, rules: Rules, name: str) -> Floats:
    """A limit (Q) by product, money per MW and hour; −inf or +inf where there is none. name: field of ProductLimits."""
    assert name in ProductLimits.__slots__
    none = -np.inf if "_floor_" in name else np.inf
    of_kinds = [getattr(limits, name) for limits in rules.market.products]
    found = np.array([none if value is None else value for value in of_kinds])
    return np.asarray(found[kind_of(case.reserve_kinds, len(case.reserves.product_id)) - 1])


def product_keys(case: Case, name: str) -> Ids:
    """Key (Q) of the setting of every product."""
    kinds = kind_of(case.reserve_kinds, len(case.reserves.product_id)) - 1
    return tuple(f"{product_key(PRODUCTS[k])}.{name}" for k in kinds.tolist())
