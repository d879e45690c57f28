"""Settlement prices and price setters against the prices and the schedule they come from."""

from __future__ import annotations

import numpy as np

from clearing.case.arrays import Floats, Ids, Ints
from clearing.case.case import Case
from clearing.case.finding import Finding
from clearing.case.prices import Prices, PriceSetter, SettlementPrices
from clearing.checks.bids import as_costs
from clearing.checks.curve import slopes
from clearing.checks.facts import Facts
from clearing.checks.finding import RELATIVE, first_few, over, single, tolerance
from clearing.checks.shapes import Shapes, wrong_arrays


def settlement(known: Facts, prices: Prices, claim: SettlementPrices) -> list[Finding]:
    """Hours by the clock; means of the hour within half a last digit; parts that add up; user price = ΣQP/ΣQ."""
    case = known.case
    hour, labels = _hours(case)
    if claim.hour_label != labels:
        return [single("SETTLEMENT_PRICE", "settlement", "The hours are not those the periods end in.")]
    unreadable = wrong_arrays(claim, _shapes(case, prices, len(labels)), "settlement")
    if unreadable:
        return unreadable
    island_id = tuple(f"island {i + 1}" for i in range(len(prices.system_price)))
    bus, zone = case.network.bus_id, case.network.zone_id
    found: list[Finding] = []
    for ids, told, source in (
        (bus, claim.bus_price, prices.bus_price),
        (bus, claim.bus_energy, prices.bus_energy),
        (bus, claim.bus_loss, prices.bus_loss),
        (bus, claim.bus_cap_adjustment, prices.bus_cap_adjustment),
        (zone, claim.zone_price, prices.zone_price),
        (island_id, claim.system_price, prices.system_price),
    ):
        found += _rounded("SETTLEMENT_PRICE", ids, told, source @ _weights(hour), claim.decimals)
    parts = claim.bus_energy + claim.bus_congestion + claim.bus_loss + claim.bus_cap_adjustment
    off = np.abs(claim.bus_price - parts)
    text = "published parts do not add up to the published price"
    near = 1e-9 * np.maximum(1.0, np.abs(claim.bus_price))
    found += over("SETTLEMENT_PARTS", "settlement", bus, off, near, text, claim.bus_price, parts, "per MWh")
    return [*found, *_user(known, prices, claim, hour)]


def price_setters(known: Facts, prices: Prices, named: tuple[PriceSetter, ...]) -> list[Finding]:
    """Whoever is named stands inside a block that costs the uncapped price of its bus."""
    case, free = known.case, prices.bus_price - prices.bus_cap_adjustment
    tables = {
        "unit": (case.units.id, case.units.bus, case.units.offers, known.schedule.dispatch_mw),
        "renewable": (case.renewables.id, case.renewables.bus, case.renewables.offers, known.schedule.renewable_mw),
    }
    if case.demand_bids.id:
        bids = case.demand_bids
        costs = as_costs(bids.bids, np.full(len(bids.id), -1.0))
        tables["demand_bid"] = (bids.id, bids.bus, costs, known.schedule.demand_mw - bids.min_mw)
    marginal = {
        family: (dict(zip(ids, range(len(ids)), strict=True)), at, *slopes(offers, output, 0.0 * output))
        for family, (ids, at, offers, output) in tables.items()
    }
    found = []
    for setter in named:
        row, at, below, above = marginal.get(setter.family, ({}, np.zeros(0, np.int64), free, free))
        i, t = row.get(setter.subject, -1), setter.period
        good = i >= 0 and 0 <= t < case.horizon.periods and case.network.bus_id[at[i]] == setter.bus
        if good:
            price = float(free[at[i], t]) * (-1.0 if setter.family == "demand_bid" else 1.0)
            near = float(tolerance(price)) * 2
            good = abs(below[i, t] - price) <= near and abs(above[i, t] - price) <= near
        if not good:
            text = f"{setter.subject} does not stand inside a block at the price of bus {setter.bus} in period {t}."
            found.append(single("PRICE_SETTER", setter.family, text, subject=setter.subject))
    return first_few(found)


def _hours(case: Case) -> tuple[Ints, Ids]:
    """Hour (T) of each period, from 0, and the END label of each hour's last period."""
    horizon, labels = case.horizon, case.horizon.labels()
    begins = horizon.start_minute + np.arange(horizon.periods) * horizon.period_minutes
    ends_in = (begins + horizon.period_minutes - 1) // 60
    hours = np.unique(ends_in)
    return np.searchsorted(hours, ends_in), tuple(labels[int(np.flatnonzero(ends_in == h).max())] for h in hours)


def _weights(hour: Ints) -> Floats:
    """(T, H) weights of a mean by hour."""
    member = (hour[:, None] == np.arange(hour.max(initial=-1) + 1)).astype(np.float64)
    return np.asarray(member / member.sum(axis=0))


def _shapes(case: Case, prices: Prices, hours: int) -> Shapes:
    buses = (len(case.network.bus_id), hours)
    parts = ("bus_price", "bus_energy", "bus_congestion", "bus_loss", "bus_cap_adjustment")
    return {
        **dict.fromkeys(parts, buses),
        "zone_price": (len(case.network.zone_id), hours),
        "system_price": (len(prices.system_price), hours),
        "user_price": (case.horizon.periods,),
        "user_hour_price": (hours,),
    }


def _rounded(code: str, ids: Ids, told: Floats, right: Floats, decimals: int) -> list[Finding]:
    allowed = 0.5 * 10.0**-decimals + RELATIVE * 1e-3 * np.maximum(1.0, np.abs(right))
    text = "published price is not the rounded mean of its periods"
    return over(code, "settlement", ids, np.abs(told - right), allowed, text, told, right, "per MWh")


def _user(known: Facts, prices: Prices, claim: SettlementPrices, hour: Ints) -> list[Finding]:
    """Money of all buses over energy of all buses, by period and by hour; plain means where nothing is used."""
    used, paid = known.bus_load_mw.sum(axis=0), (known.bus_load_mw * prices.bus_price).sum(axis=0)
    plain, weights = prices.bus_price.mean(axis=0), _weights(hour)
    by_hour = (used @ weights, paid @ weights, plain @ weights)
    found: list[Finding] = []
    for told, (energy, money, mean) in ((claim.user_price, (used, paid, plain)), (claim.user_hour_price, by_hour)):
        right = np.where(energy > 0.0, money / np.where(energy > 0.0, energy, 1.0), mean)
        found += _rounded("USER_PRICE", ("user",), told[None], right[None], claim.decimals)
    return found
