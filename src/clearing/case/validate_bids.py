"""Load that bids, and virtual plants."""

from __future__ import annotations

import numpy as np

from clearing.case.arrays import Floats, Ids
from clearing.case.case import Case
from clearing.case.finding import Finding, Severity
from clearing.case.offers import Offers
from clearing.case.predicates import TOLERANCE, Field, flag
from clearing.case.virtual_plants import VirtualPlantKind
from clearing.rules.rules import Rules


def demand_bids(case: Case, rules: Rules) -> list[Finding]:
    """BID_MIN_ABOVE_MAX; curves fall and reach from min to max."""
    bids = case.demand_bids
    if not bids.id:
        return []
    field = Field("case.demand_bids.min_mw", bids.id)
    crossed = bids.min_mw > bids.max_mw
    way = np.full(len(bids.id), -1.0)
    return [
        *flag("BID_MIN_ABOVE_MAX", field, crossed, "least load is above the greatest", bids.min_mw, bids.max_mw),
        *_curves("case.demand_bids.bids", bids.id, bids.bids, bids.max_mw - bids.min_mw, way, rules),
    ]


def virtual_plants(case: Case, rules: Rules) -> list[Finding]:
    """BID_MIN_ABOVE_MAX, FACTORS_NOT_ONE, DUPLICATE_FACTOR, VIRTUAL_RAMP_TOO_SLOW; curves reach max."""
    plants = case.virtual_plants
    if not plants.id:
        return []

    def at(name: str) -> Field:
        return Field(f"case.virtual_plants.{name}", plants.id)

    total = np.zeros(len(plants.id))
    np.add.at(total, plants.factor_plant, plants.factor)
    pairs = np.stack([plants.factor_plant, plants.factor_bus])
    again = np.ones(len(plants.factor), dtype=np.bool_)
    again[np.unique(pairs, axis=1, return_index=True)[1]] = False
    factor = Field("case.virtual_plants.factor_bus", [plants.id[v] for v in plants.factor_plant])
    crossed = np.asarray(plants.min_mw > plants.max_mw)
    way = np.where(plants.kind == VirtualPlantKind.LOAD, -1.0, 1.0)
    uneven = np.abs(total - 1.0) > 1e-6
    return [
        *flag("BID_MIN_ABOVE_MAX", at("min_mw"), crossed, "least is above the greatest", plants.min_mw, plants.max_mw),
        *flag("FACTORS_NOT_ONE", at("factor"), uneven, "the shares of a plant add up to 1", total, "1"),
        *flag("DUPLICATE_FACTOR", factor, again, "the plant has an earlier factor at this bus"),
        *_ramps(case, at("ramp_mw_per_minute"), np.any(crossed, axis=1)),
        *_curves("case.virtual_plants.offers", plants.id, plants.offers, plants.max_mw, way, rules),
    ]


def _ramps(case: Case, field: Field, judged: np.ndarray) -> list[Finding]:
    """Whether a way within min and max keeps the ramp: the MW that can be reached, period by period."""
    plants = case.virtual_plants
    step = plants.ramp_mw_per_minute * case.horizon.period_minutes
    low, high = plants.min_mw[:, 0].copy(), plants.max_mw[:, 0].copy()
    bad = np.zeros(plants.min_mw.shape, dtype=np.bool_)
    for t in range(1, case.horizon.periods):
        low, high = np.maximum(plants.min_mw[:, t], low - step), np.minimum(plants.max_mw[:, t], high + step)
        bad[:, t] = low > high + TOLERANCE
        low, high = np.where(bad[:, t], plants.min_mw[:, t], low), np.where(bad[:, t], plants.max_mw[:, t], high)
    bad[judged] = False
    text = "limits change faster than the ramp allows; the period is the first that cannot be reached"
    return flag("VIRTUAL_RAMP_TOO_SLOW", field, bad, text, plants.ramp_mw_per_minute, severity=Severity.WARNING)


def _curves(path: str, ids: Ids, offers: Offers, need: Floats, way: Floats, rules: Rules) -> list[Finding]:
    """OFFERS_NOT_GROUPED, BID_NOT_MONOTONE, BID_TOO_NARROW, OFFER_ABOVE_CAP, OFFER_BELOW_FLOOR, BID_ABOVE_PENALTY.

    way (n): +1 where prices must rise along the blocks, −1 where they must fall.
    """
    resource, price, used = offers.resource, offers.price_per_mwh, offers.width_mw > 0
    subjects = [ids[i] for i in resource]
    at = Field(f"{path}.price_per_mwh", subjects)
    split = np.diff(resource, prepend=0) < 0
    if split.any():
        message = "blocks of a resource stand together, resources in the order of their table"
        return flag("OFFERS_NOT_GROUPED", Field(f"{path}.resource", subjects), split, message)
    wrong, limit, last = np.zeros(used.shape, dtype=np.bool_), np.zeros(used.shape), np.full(need.shape, -np.inf)
    total = np.zeros(need.shape)
    for m, i in enumerate(resource):
        signed = way[i] * price[m]
        wrong[m] = used[m] & (signed < last[i] - TOLERANCE)
        limit[m] = way[i] * last[i]
        last[i] = np.where(used[m], np.fmax(last[i], signed), last[i])
        total[i] += np.where(used[m], offers.width_mw[m], 0.0)
    narrow = total < need - TOLERANCE
    cap, floor, shed = rules.offers.cap_per_mwh, rules.offers.floor_per_mwh, rules.clearing_penalties.shortage[0][1]
    dear = used & (price >= shed)
    reach, above = Field(f"{path}.width_mw", ids), "at or above the shortage penalty: other load is shed for it"
    return [
        *flag("BID_NOT_MONOTONE", at, wrong, "prices rise along offers and fall along bids", price, limit),
        *flag("BID_TOO_NARROW", reach, narrow, "the blocks do not reach the greatest MW", total, need),
        *flag("OFFER_ABOVE_CAP", at, used & (price > cap), "above the cap (offers.cap_per_mwh)", price, f"≤ {cap:g}"),
        *flag("OFFER_BELOW_FLOOR", at, used & (price < floor), "below the floor (offers.floor_per_mwh)", price,
              f"≥ {floor:g}"),
        *flag("BID_ABOVE_PENALTY", at, dear, above, price, f"< {shed:g}", severity=Severity.WARNING),
    ]  # fmt: skip
