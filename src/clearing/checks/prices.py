"""Prices: parts add up, the multipliers explain them, zones, caps, and the surplus identity."""

from __future__ import annotations

import numpy as np
from scipy import sparse

from clearing.case.arrays import Bools, Floats, Ids
from clearing.case.finding import Finding
from clearing.case.prices import Prices
from clearing.case.product_limits import product_bound
from clearing.checks.bids import elastic_load
from clearing.checks.contingency_prices import weighted
from clearing.checks.electrical import island_sum, of_island, shift_flows, weighted_sensitivities
from clearing.checks.facts import Facts
from clearing.checks.finding import RELATIVE, over, tolerance
from clearing.checks.joint import linear_terms
from clearing.checks.losses import loss_parts, loss_surplus, lossy


def parts(known: Facts, prices: Prices) -> list[Finding]:
    """price = energy + congestion + loss + cap adjustment; no losses; energy = λ of the island; caps and zones."""
    rule = known.rules.prices
    free = unclipped(prices)
    # sums and copies of numbers of the same result: only rounding may separate them
    near = RELATIVE + 1e-9 * np.maximum(np.abs(prices.bus_energy), np.abs(prices.bus_congestion))
    island = of_island(known.grid, prices.system_price)
    energy = np.where(_dead(known) & (prices.bus_energy == 0), 0.0, island)
    clipped = np.clip(free, rule.floor_per_mwh, rule.cap_per_mwh) - free
    cases = (
        ("PRICE_PARTS", prices.bus_price, free + prices.bus_cap_adjustment, near, "price is not the sum of its parts"),
        ("PRICE_ENERGY", prices.bus_energy, energy, near, "energy part is not the price of its island"),
        ("PRICE_CAP", prices.bus_cap_adjustment, clipped, near, "cap adjustment is not what floor and cap add"),
    )
    found: list[Finding] = []
    for code, claim, right, allowed, text in cases:
        found += _compared(code, "price", known.case.network.bus_id, claim, right, allowed, text)
    return [*found, *_product_caps(known, prices), *loss_parts(known, prices), *_zones(known, prices)]


def _product_caps(known: Facts, prices: Prices) -> list[Finding]:
    """What the limits of its kind add to the price of a product."""
    low, high = (product_bound(known.case, known.rules, f"price_{side}_per_mw_hour") for side in ("floor", "cap"))
    free = prices.reserve_price - prices.reserve_cap_adjustment
    clipped = np.clip(free, low[:, None], high[:, None]) - free
    near = RELATIVE + 1e-9 * np.abs(free)
    text, ids = "cap adjustment is not what floor and cap of the product add", known.case.reserves.product_id
    return _compared("PRICE_CAP", "product", ids, prices.reserve_cap_adjustment, clipped, near, text)


def _compared(
    code: str, family: str, ids: Ids, claim: Floats, right: Floats, allowed: Floats | float, text: str
) -> list[Finding]:
    return over(code, family, ids, np.abs(claim - right), allowed, text, claim, right, "per MWh")


def unclipped(prices: Prices) -> Floats:
    """Price before floor and cap, per MWh (K, T)."""
    return prices.bus_energy + prices.bus_congestion + prices.bus_loss


def _dead(known: Facts) -> Bools:
    """Buses (K, T) alone in an island where nothing is ever injected: de-energised, their energy part may be 0."""
    alone = of_island(known.grid, island_sum(known.grid, np.ones(known.injection_mw.shape))) == 1
    idle = (known.injection_mw == 0).all(axis=1) & (known.bus_load_mw == 0).all(axis=1)
    return np.asarray(alone & idle[:, None])


def _zones(known: Facts, prices: Prices) -> list[Finding]:
    """Load-weighted mean of the bus prices; plain mean, flagged, where the load of the zone is not positive."""
    network = known.case.network
    inside = network.bus_zone >= 0
    shape = (len(network.zone_id), len(network.bus_id))
    members = sparse.csr_array((np.ones(inside.sum()), (network.bus_zone[inside], np.flatnonzero(inside))), shape=shape)
    count = np.asarray(members.sum(axis=1)).ravel()[:, None]
    of_bus = known.bus_load_mw + elastic_load(known.case, known.schedule)
    load = np.asarray(members @ of_bus)
    plain = load <= 0
    weighted = np.asarray(members @ (of_bus * prices.bus_price)) / np.where(plain, 1.0, load)
    mean = np.asarray(members @ prices.bus_price) / np.maximum(count, 1)
    right = np.where(plain, mean, weighted)
    size = tolerance(np.asarray(members @ np.abs(prices.bus_price)) / np.maximum(count, 1), right)
    empty = np.broadcast_to(count == 0, right.shape)
    off = np.where(empty, 0.0, np.abs(prices.zone_price - right))
    flag = np.where(empty, 0.0, np.abs(np.asarray(prices.zone_plain_mean, dtype=np.float64) - plain))
    return [
        *over(
            "ZONE_PRICE",
            "zone",
            network.zone_id,
            off,
            size,
            "zone price is not the mean of its buses",
            prices.zone_price,
            right,
            "per MWh",
        ),
        *over("ZONE_PRICE", "zone", network.zone_id, flag, 0.0, "flag of the plain mean is wrong", unit=""),
    ]


def derived(known: Facts, prices: Prices, values: dict[str, Floats]) -> list[Finding]:
    """System, reserve and congestion prices against the multipliers (sensitivities of priced branches only)."""
    balance, product = values["balance"], values["product"]
    congestion, moved = congestion_parts(known, values)
    network, products = known.case.network, known.case.reserves.product_id
    # an island that is part of another one has the price of that one
    price = of_island(known.grid, balance)[known.grid.first_bus]
    system = "system price is not the multiplier of the balance"
    local = "congestion part does not follow from the multipliers of branches and interfaces"
    reserve = "reserve price is not the multiplier of its requirement"
    near = (tolerance(price), tolerance(moved), tolerance(product))
    free = prices.reserve_price - prices.reserve_cap_adjustment
    return [
        *_compared("SYSTEM_PRICE", "price", known.grid.island_id, prices.system_price, price, near[0], system),
        *_compared("PRICE_CONGESTION", "price", network.bus_id, prices.bus_congestion, congestion, near[1], local),
        *_compared("RESERVE_PRICE", "product", products, free, product, near[2], reserve),
        *_speed(known, prices, values),
        *surplus_identity(known, prices, values),
    ]


def _speed(known: Facts, prices: Prices, values: dict[str, Floats]) -> list[Finding]:
    value = values.get("regulation_speed", np.zeros(prices.reserve_speed_price.shape))
    text = "price of speed is not the multiplier of its requirement"
    ids = known.case.reserves.product_id
    return _compared(
        "RESERVE_PRICE", "regulation_speed", ids, prices.reserve_speed_price, value, tolerance(value), text
    )


def congestion_parts(known: Facts, values: dict[str, Floats]) -> tuple[Floats, Floats]:
    """Σ value·G over branches, interfaces, both after contingencies, and linear limits; Σ |value·G|: (K, T)."""
    lines = np.flatnonzero((values["branch"] != 0).any(axis=1))
    groups = np.flatnonzero((values["interface"] != 0).any(axis=1))
    branches = len(known.case.network.branch_id)
    chosen = sparse.csr_array((np.ones(len(lines)), (np.arange(len(lines)), lines)), shape=(len(lines), branches))
    of_branches, of_buses, linear = _linear(known, values)
    combination = sparse.vstack([chosen, known.interface_terms[groups], of_branches], format="csr")
    value = np.concatenate([values["branch"][lines], values["interface"][groups], linear])
    total, size = weighted_sensitivities(known.grid, combination, value)
    after = weighted(known.case, known.grid, known.contingent, known.interface_terms, values)
    total, size = total + after.price, size + after.size
    return total + of_buses.T @ linear, size + np.abs(of_buses).T @ np.abs(linear)


def _linear(known: Facts, values: dict[str, Floats]) -> tuple[sparse.csr_array, Floats, Floats]:
    """Of linear limits: coefficients of branch flows (C, L) and of bus injections (C, K), and multipliers (C, T)."""
    network, count = known.case.network, len(known.case.linear_limits.id)
    of_branches, of_buses = np.zeros((count, len(network.branch_id))), np.zeros((count, len(network.bus_id)))
    for term, table in (("branch", of_branches), ("bus", of_buses)):
        for limit, row, factor in linear_terms(known, term):
            table[limit, row] += factor
    none = np.zeros((count, known.on.shape[1]))
    return sparse.csr_array(of_branches), of_buses, values.get("linear_limit", none)


def surplus_identity(known: Facts, prices: Prices, values: dict[str, Floats]) -> list[Finding]:
    """Load payments − generation revenue = Σ rents of branches and interfaces, on unclipped prices, by period.

    What is injected and withdrawn is paid the unclipped price of its bus (surplus at the reference); a rent is
    −value · flow, without the flow that phase shifts drive; of a linear limit what it weighs of flows and injections.
    """
    surplus = known.grid.weight * of_island(known.grid, known.schedule.surplus_mw)
    # what the balance misses, within its own tolerance, would be paid for at λ: it leaves at the reference too
    missing = island_sum(known.grid, known.injection_mw) - known.schedule.surplus_mw
    if lossy(known):
        missing = 0.0 * missing  # what is left over is lost on the way, and loss_surplus has it
    net = known.injection_mw - surplus - known.grid.weight * of_island(known.grid, missing)
    paid = unclipped(prices) * net
    driven = shift_flows(known.grid)
    flow = known.branch_mw - driven
    group = known.interface_mw - np.asarray(known.interface_terms @ driven)
    rent = (values["branch"] * flow).sum(axis=0) + (values["interface"] * group).sum(axis=0)
    for family, after in known.contingent.after.items() if known.contingent else ():
        rent = rent + (values[family] * after.whole).sum(axis=0)
    of_branches, of_buses, linear = _linear(known, values)
    rent = rent + (linear * (of_branches @ flow + of_buses @ net)).sum(axis=0)
    lost = loss_surplus(known, prices, net).sum(axis=0) if lossy(known) else 0.0
    off = np.abs(paid.sum(axis=0) - rent + lost)[None, :]
    size = RELATIVE * np.maximum(1.0, np.abs(paid).sum(axis=0))[None, :]
    text = "load payments less generation revenue are not the rents of the network"
    return over("SURPLUS_IDENTITY", "price", ("system",), off, size, text, unit="money an hour")
