"""Terms of reserve products, and bands of regulation."""

from __future__ import annotations

import numpy as np

from clearing.case.arrays import Bools, Ints
from clearing.case.case import Case
from clearing.case.finding import Finding, Severity
from clearing.case.predicates import TOLERANCE, Field, flag
from clearing.case.reserve_demand import has_curve
from clearing.case.reserve_kinds import ProductKind, kind_of
from clearing.rules.rules import Rules

_TERMS, _BANDS = "case.award_terms", "case.regulation_bands"


def terms(case: Case, rules: Rules) -> list[Finding]:
    """TERMS_DUPLICATE, OFFLINE_NOT_NON_SPINNING, CARRY_WITHOUT_SHARING, CARRY_WITHOUT_CURVE, CARRY_PRICE_RISES."""
    table, products = case.award_terms, case.reserves.product_id
    count, units = len(products), len(case.units.id)

    def at(name: str, rows: Ints) -> Field:
        return Field(f"{_TERMS}.{name}", [products[q] for q in rows.tolist()])

    kind = kind_of(case.reserve_kinds, count)
    spinning = kind[table.offline_product] != ProductKind.NON_SPINNING
    shared = set(zip(case.reserve_sharing.shared_from.tolist(), case.reserve_sharing.shared_to.tolist(), strict=True))
    pairs = list(zip(table.carry_from.tolist(), table.carry_to.tolist(), strict=True))
    alone = np.array([pair not in shared for pair in pairs], dtype=np.bool_)
    own, demand = has_curve(case.reserve_demand, count), case.reserve_demand
    bare = ~(own[table.carry_from] & own[table.carry_to])
    first, last = np.full(count, np.inf), np.full(count, -np.inf)
    np.minimum.at(first, demand.step_product, demand.step_price)
    np.maximum.at(last, demand.step_product, demand.step_price)
    rises = ~bare & (first[table.carry_from] < last[table.carry_to] - TOLERANCE)
    again, carry = "an earlier row has it", at("carry_from", table.carry_from)
    return [
        *flag("TERMS_DUPLICATE", at("product", table.product), _again(table.product), again),
        *flag("TERMS_DUPLICATE", at("offline_product", table.offline_product),
              _again(table.offline_product * max(units, 1) + table.offline_unit), again),
        *flag("TERMS_DUPLICATE", carry, _again(table.carry_from * max(count, 1) + table.carry_to), again),
        *flag("OFFLINE_NOT_NON_SPINNING", at("offline_product", table.offline_product), spinning,
              "only non-spinning products are held off line"),
        *flag("CARRY_WITHOUT_SHARING", carry, alone, "its awards do not count towards the lesser product"),
        *flag("CARRY_WITHOUT_CURVE", carry, bare, "both products need a demand curve"),
        *flag("CARRY_PRICE_RISES", carry, rises, "the better product is cheaper to lack than the lesser one",
              first[table.carry_from], last[table.carry_to]),
    ]  # fmt: skip


def bands(case: Case, rules: Rules) -> list[Finding]:
    """BAND_DUPLICATE, BAND_MIN_ABOVE_MAX, BAND_OUTSIDE_LIMITS."""
    table, units = case.regulation_bands, case.units
    if not len(table.unit):
        return []

    def at(name: str) -> Field:
        return Field(f"{_BANDS}.{name}", [units.id[i] for i in table.unit.tolist()])

    crossed: Bools = table.min_mw > table.max_mw
    low, high = units.p_min_mw[table.unit], units.p_max_mw[table.unit]
    below, above = table.min_mw < low - TOLERANCE, table.max_mw > high + TOLERANCE
    text = "a band lies within p_min and p_max"
    return [
        *flag("BAND_DUPLICATE", at("unit"), _again(table.unit), "an earlier row has a band for it"),
        *flag("BAND_MIN_ABOVE_MAX", at("min_mw"), crossed, "least is above the greatest", table.min_mw, table.max_mw),
        *flag("BAND_OUTSIDE_LIMITS", at("min_mw"), below, text, table.min_mw, low, Severity.ERROR),
        *flag("BAND_OUTSIDE_LIMITS", at("max_mw"), above, text, table.max_mw, high, Severity.ERROR),
    ]


def _again(keys: Ints) -> Bools:
    """Rows whose key stands in an earlier row."""
    again = np.ones(len(keys), dtype=np.bool_)
    again[np.unique(keys, return_index=True)[1]] = False
    return again
