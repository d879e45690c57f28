"""Offers of committed units against the rules of a market: shape of curves, points, prices."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from clearing.case.arrays import Bools, Floats, Ids, Ints
from clearing.case.case import Case
from clearing.case.declarations import Declarations, unit_rating
from clearing.case.finding import Finding
from clearing.case.offers import Offers, block_ends
from clearing.case.predicates import TOLERANCE, Field, flag
from clearing.rules.market_choices import FirstPoint, LastPoint
from clearing.rules.rules import Rules

MULTIPLE_TOLERANCE = 1e-6
"""MW, money or GJ by which a multiple may be missed: rounding of what stands in files."""


@dataclass(frozen=True, slots=True)
class Curves:
    """Offer curves (M blocks, T periods) as points: subject (M), used and first used blocks, ends in MW, last rows."""

    path: str
    subject: list[str]
    offers: Offers
    used: Bools
    first: Bools
    end_mw: Floats
    last_row: Ints

    def field(self, column: str) -> Field:
        """A column of the offers."""
        return Field(f"{self.path}.offers.{column}", self.subject)

    def ends_of(self, rows: int) -> tuple[Floats, Floats]:
        """Last end and number of used blocks, both (rows, T); 0 where a resource has no curve."""
        total, blocks = np.zeros((rows, self.end_mw.shape[1])), np.zeros((rows, self.end_mw.shape[1]))
        total[self.offers.resource[self.last_row]] = self.end_mw[self.last_row]
        np.add.at(blocks, self.offers.resource, self.used)
        return total, blocks


def curves(path: str, ids: Ids, offers: Offers) -> Curves | None:
    """Curves of a table, or None where there are none or their blocks do not stand together (said elsewhere)."""
    resource = offers.resource
    if not len(resource) or (np.diff(resource) < 0).any():
        return None
    begins = np.flatnonzero(np.diff(resource, prepend=-1))
    length = np.diff(np.append(begins, len(resource)))
    used = np.asarray(offers.width_mw > 0.0)
    count = np.cumsum(used, axis=0)
    earlier = np.where((begins > 0)[:, None], count[begins - 1], 0)
    return Curves(
        path,
        [ids[i] for i in resource.tolist()],
        offers,
        used,
        used & (count - np.repeat(earlier, length, axis=0) == 1),
        block_ends(offers),
        np.append(begins[1:], len(resource)) - 1,
    )


def named(rules: Rules, key: str, findings: list[Finding]) -> list[Finding]:
    """The findings with the clause of the setting that they hold against."""
    return [replace(found, clause=rules.clause(key)) for found in findings]


def off_grid(values: Floats, unit: float) -> Bools:
    """Values that are no multiple of a unit; none where the unit is 0."""
    if unit <= 0.0:
        return np.zeros(np.shape(values), dtype=np.bool_)
    return np.asarray(np.abs(values - np.round(values / unit) * unit) > MULTIPLE_TOLERANCE)


def of_units(case: Case, rules: Rules, declared: Declarations) -> list[Finding]:
    """Blocks, lengths, points and prices of units. Findings TOO_FEW_SEGMENTS, OFFER_BLOCK_TOO_SHORT,
    OFFER_POINT_OFF_STEP, OFFER_PRICE_OFF_STEP, OFFER_FIRST_POINT, OFFER_LAST_POINT."""
    found = curves("case.units", case.units.id, case.units.offers)
    if found is None:
        return []
    return _lengths(case, rules, found) + _steps(rules, found) + _points(case, rules, declared, found)


def _lengths(case: Case, rules: Rules, found: Curves) -> list[Finding]:
    shape, units, resource = rules.market.unit_offers, case.units, found.offers.resource
    span = units.p_max_mw.max(axis=1) - units.p_min_mw.min(axis=1)
    least = np.maximum(shape.least_block_share * span, shape.least_block_mw)[resource]
    short = found.used & ~found.first & (found.offers.width_mw < least[:, None] - TOLERANCE)
    _, blocks = found.ends_of(len(units.id))
    last = np.zeros(len(resource), dtype=np.bool_)
    last[found.last_row] = True
    # A unit without a block in a period offers nothing there.
    few = last[:, None] & (blocks[resource] > 0) & (blocks[resource] < shape.min_segments)
    width = found.field("width_mw")
    message = "the block is shorter than the rules allow (offers.least_block_share, offers.least_block_mw)"
    few_message = "fewer blocks than the rules ask for (offers.min_segments)"
    by = "offers.least_block_share" if shape.least_block_share > 0 else "offers.least_block_mw"
    return [
        *named(rules, by, flag("OFFER_BLOCK_TOO_SHORT", width, short, message, found.offers.width_mw, least)),
        *named(
            rules,
            "offers.min_segments",
            flag("TOO_FEW_SEGMENTS", width, few, few_message, blocks[resource], f"≥ {shape.min_segments}"),
        ),
    ]


def _steps(rules: Rules, found: Curves) -> list[Finding]:
    shape = rules.market.unit_offers
    point = found.used & off_grid(found.end_mw, shape.output_point_unit_mw)
    price = found.used & off_grid(found.offers.price_per_mwh, shape.price_unit_per_mwh)
    message = "an output point is no multiple of its unit (offers.output_point_unit_mw)"
    price_message = "the price is no multiple of its unit (offers.price_unit_per_mwh)"
    limit = f"a multiple of {shape.output_point_unit_mw:g} MW"
    price_limit = f"a multiple of {shape.price_unit_per_mwh:g}"
    price_field, prices = found.field("price_per_mwh"), found.offers.price_per_mwh
    return [
        *named(
            rules,
            "offers.output_point_unit_mw",
            flag("OFFER_POINT_OFF_STEP", found.field("width_mw"), point, message, found.end_mw, limit),
        ),
        *named(
            rules,
            "offers.price_unit_per_mwh",
            flag("OFFER_PRICE_OFF_STEP", price_field, price, price_message, prices, price_limit),
        ),
    ]


def _points(case: Case, rules: Rules, declared: Declarations, found: Curves) -> list[Finding]:
    shape, units, resource = rules.market.unit_offers, case.units, found.offers.resource
    findings: list[Finding] = []
    if shape.first_point is FirstPoint.P_MIN:
        least = units.p_min_mw[resource]
        late = found.first & (least > TOLERANCE) & (found.end_mw > least + TOLERANCE)
        message = "the first output point lies above p_min (offers.first_point)"
        at_first = flag("OFFER_FIRST_POINT", found.field("width_mw"), late, message, found.end_mw, least)
        findings += named(rules, "offers.first_point", at_first)
    if shape.last_point is LastPoint.RATING:
        rated = unit_rating(case, declared)
        findings += last_points(rules, "offers.last_point", found, rated, len(units.id))
    return findings


def last_points(rules: Rules, key: str, found: Curves, rated: Floats, rows: int) -> list[Finding]:
    """OFFER_LAST_POINT: the greatest end of the day is the rating (rows); NaN = not judged."""
    total, _ = found.ends_of(rows)
    greatest = total.max(axis=1)[found.offers.resource]
    limit = rated[found.offers.resource]
    last = np.zeros(len(limit), dtype=np.bool_)
    last[found.last_row] = True
    off = last & (np.abs(greatest - limit) > MULTIPLE_TOLERANCE)
    message = f"the last output point is not the rated capacity ({key})"
    return named(rules, key, flag("OFFER_LAST_POINT", found.field("width_mw"), off, message, greatest, limit))
