"""Offer curves of units and renewables, prices of storage, and penalties beside them."""

from __future__ import annotations

from typing import Any

import numpy as np

from clearing.case.arrays import Bools, Floats, Ids, Ints
from clearing.case.case import Case
from clearing.case.finding import Finding, Severity
from clearing.case.offer_rules import named
from clearing.case.offers import Offers
from clearing.case.predicates import TOLERANCE, Field, flag
from clearing.rules.rules import Rules


def of_units(case: Case, rules: Rules) -> list[Finding]:
    """Curves of units reach p_max wherever the unit may be on."""
    units = case.units
    need = np.where(units.on_max == 1, units.p_max_mw, 0.0)
    return _curves("case.units", units.id, units.offers, need, rules)


def of_renewables(case: Case, rules: Rules) -> list[Finding]:
    """Curves of renewables reach the forecast."""
    renewables = case.renewables
    return _curves("case.renewables", renewables.id, renewables.offers, renewables.forecast_mw, rules)


def of_storage(case: Case, rules: Rules) -> list[Finding]:
    """Prices of storage that can charge or discharge lie within the limits of offers."""
    storage, findings = case.storage, []
    for name, most in (
        ("charge_price_per_mwh", storage.charge_max_mw),
        ("discharge_price_per_mwh", storage.discharge_max_mw),
    ):
        field = Field(f"case.storage.{name}", storage.id)
        findings += _within_limits(field, getattr(storage, name), most > 0, rules)
    return findings


def of_pumped_hydro(case: Case, rules: Rules) -> list[Finding]:
    """Prices of pumped hydro that can pump or generate lie within the limits of offers."""
    table, findings = case.pumped_hydro, []
    if not table.id:
        return []
    pumps = np.broadcast_to((table.pump_mw > 0)[:, None], table.pump_price_per_mwh.shape)
    for name, used in (("pump", pumps), ("generate", table.generate_max_mw > 0)):
        field = Field(f"case.pumped_hydro.{name}_price_per_mwh", table.id)
        findings += _within_limits(field, getattr(table, f"{name}_price_per_mwh"), used, rules)
    return findings


def _curves(path: str, ids: Ids, offers: Offers, need: Floats, rules: Rules) -> list[Finding]:
    if not len(offers.resource):
        return []
    subject = [ids[i] for i in offers.resource.tolist()]
    used = offers.width_mw > 0
    price = Field(f"{path}.offers.price_per_mwh", subject)
    findings = _within_limits(price, offers.price_per_mwh, used, rules)
    split = np.diff(offers.resource, prepend=0) < 0
    if split.any():
        message = "blocks of a resource stand together, resources in the order of their table"
        return findings + flag("OFFERS_NOT_GROUPED", Field(f"{path}.offers.resource", subject), split, message)
    position = _position(offers.resource)
    findings += _shape(path, subject, offers, used, position)
    return findings + _reach(path, ids, offers, used, position, need, rules)


def _position(resource: Ints) -> Ints:
    """Place of every block within the curve of its resource, from 0."""
    first = np.flatnonzero(np.diff(resource, prepend=-1))
    return np.arange(len(resource)) - np.repeat(first, np.diff(np.append(first, len(resource))))


def _shape(path: str, subject: list[str], offers: Offers, used: Bools, position: Ints) -> list[Finding]:
    """OFFER_NOT_MONOTONE and OFFER_GAP, going up all curves at once, one block position at a time."""
    resource, price = offers.resource, offers.price_per_mwh
    count, periods = int(resource.max()) + 1, price.shape[1]
    highest, skipped = np.full((count, periods), -np.inf), np.zeros((count, periods), dtype=np.bool_)
    falls, gap = np.zeros(used.shape, dtype=np.bool_), np.zeros(used.shape, dtype=np.bool_)
    limit = np.zeros(used.shape)
    for place in range(int(position.max()) + 1):
        m = np.flatnonzero(position == place)
        r, block = resource[m], used[m]
        limit[m] = highest[r]
        falls[m] = block & (price[m] < highest[r] - TOLERANCE)
        gap[m] = block & skipped[r] & np.isfinite(highest[r])
        skipped[r] = ~block & (skipped[r] | np.isfinite(highest[r]))
        highest[r] = np.where(block, np.fmax(highest[r], price[m]), highest[r])
    field, width = Field(f"{path}.offers.price_per_mwh", subject), Field(f"{path}.offers.width_mw", subject)
    message = "a block of no width lies below this one: the curve has a gap"
    return [
        *flag("OFFER_NOT_MONOTONE", field, falls, "the price falls along the curve", price, limit),
        *flag("OFFER_GAP", width, gap, message, offers.width_mw, severity=Severity.WARNING),
    ]


def _reach(
    path: str, ids: Ids, offers: Offers, used: Bools, position: Ints, need: Floats, rules: Rules
) -> list[Finding]:
    """TOO_MANY_SEGMENTS and OFFER_TOO_NARROW, shown at the last block of the curve."""
    most = rules.offers.max_segments
    total, blocks = np.zeros(need.shape), np.zeros(need.shape)
    np.add.at(total, offers.resource, np.where(used, offers.width_mw, 0.0))
    np.add.at(blocks, offers.resource, used)
    last = np.append(position[1:] == 0, True)
    r = offers.resource
    field = Field(f"{path}.offers.width_mw", [ids[i] for i in r.tolist()])
    crowded = last[:, None] & (blocks[r] > most)
    narrow = last[:, None] & (total[r] < need[r] - TOLERANCE)
    return [
        *named(
            rules,
            "offers.max_segments",
            flag("TOO_MANY_SEGMENTS", field, crowded, "too many blocks (offers.max_segments)", blocks[r], str(most)),
        ),
        *flag("OFFER_TOO_NARROW", field, narrow, "the blocks do not reach the greatest output", total[r], need[r]),
    ]


def _within_limits(field: Field, price: Any, used: Bools, rules: Rules) -> list[Finding]:
    cap, floor = rules.offers.cap_per_mwh, rules.offers.floor_per_mwh
    above, below = used & (price > cap), used & (price < floor)
    high = flag("OFFER_ABOVE_CAP", field, above, "above the offer cap (offers.cap_per_mwh)", price, f"≤ {cap:g}")
    low = flag("OFFER_BELOW_FLOOR", field, below, "below the offer floor (offers.floor_per_mwh)", price, f"≥ {floor:g}")
    return [*named(rules, "offers.cap_per_mwh", high), *named(rules, "offers.floor_per_mwh", low)]


def against_penalties(case: Case, rules: Rules) -> list[Finding]:
    """OFFER_ABOVE_PENALTY: load would be shed before such an offer is taken."""
    shed = rules.clearing_penalties.shortage[0][1]
    findings = []
    for path, ids, offers in (
        ("case.units", case.units.id, case.units.offers),
        ("case.renewables", case.renewables.id, case.renewables.offers),
    ):
        field = Field(f"{path}.offers.price_per_mwh", [ids[i] for i in offers.resource.tolist()])
        dear = (offers.width_mw > 0) & (offers.price_per_mwh >= shed)
        message = "at or above the shortage penalty: load is shed before this is taken"
        limit = f"< {shed:g}"
        findings += flag(
            "OFFER_ABOVE_PENALTY", field, dear, message, offers.price_per_mwh, limit, severity=Severity.WARNING
        )
    return findings
