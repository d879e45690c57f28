"""Limits of reserve products by their kind, as columns over the products."""

from __future__ import annotations

import numpy as np

from clearing.case.arrays import Floats, Ids, Ints
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
    kind = _kinds(case)
    return np.where(kind >= 0, found[kind], none)


def product_keys(case: Case, name: str) -> Ids:
    """Key (Q) of the setting of every product."""
    return tuple(f"{product_key(PRODUCTS[k])}.{name}" for k in _kinds(case).tolist())


def _kinds(case: Case) -> Ints:
    """Place (Q) of every product's kind among the kinds, −1 where there is none such: that has its own finding."""
    kind = kind_of(case.reserve_kinds, len(case.reserves.product_id)) - 1
    return np.where((kind >= 0) & (kind < len(PRODUCTS)), kind, -1)
