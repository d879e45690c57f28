"""Prices: parts add up, the multipliers explain them, zones, caps, and the surplus identity."""

from __future__ import annotations

import numpy as np
from scipy import sparse

from clearing.case.arrays import Bools, Floats
from clearing.case.finding import Finding
from clearing.case.prices import Prices
from clearing.checks.electrical import island_sum, sensitivities, shift_flows
from clearing.checks.facts import Facts
from clearing.checks.finding import RELATIVE, over, tolerance


def parts(known: Facts, prices: Prices) -> list[Finding]:
    """price = energy + congestion + loss + cap adjustment; no losses; energy = λ of the island; caps and zones."""
    buses, rule = known.case.network.bus_id, known.rules.prices
    free = unclipped(prices)
    size = tolerance(prices.bus_energy, prices.bus_congestion, prices.bus_cap_adjustment)
    off = np.abs(prices.bus_price - free - prices.bus_cap_adjustment)
    clipped = np.clip(free, rule.floor_per_mwh, rule.cap_per_mwh) - free
    lambda_ = prices.system_price[known.grid.island]
    energy_off = np.where(
        _dead(known)[:, None],
        np.minimum(np.abs(prices.bus_energy), np.abs(prices.bus_energy - lambda_)),
        np.abs(prices.bus_energy - lambda_),
    )
    return [
        *over(
            "PRICE_PARTS",
            "price",
            buses,
            off,
            size,
            "parts of the price do not add up",
            prices.bus_price,
            unit="per MWh",
        ),
        *over(
            "PRICE_LOSS",
            "price",
            buses,
            np.abs(prices.bus_loss),
            size,
            "there is a loss part though losses are off",
            unit="per MWh",
        ),
        *over(
            "PRICE_ENERGY",
            "price",
            buses,
            energy_off,
            size,
            "energy part is not the price of its island",
            prices.bus_energy,
            lambda_,
            "per MWh",
        ),
        *over(
            "PRICE_CAP",
            "price",
            buses,
            np.abs(prices.bus_cap_adjustment - clipped),
            size,
            "cap adjustment is not what clipping to floor and cap adds",
            prices.bus_cap_adjustment,
            clipped,
            "per MWh",
        ),
        *_zones(known, prices),
    ]


def unclipped(prices: Prices) -> Floats:
    """Price before floor and cap, per MWh (K, T)."""
    return prices.bus_energy + prices.bus_congestion + prices.bus_loss


def _dead(known: Facts) -> Bools:
    """Buses (K) alone in an island where nothing is ever injected: de-energised, their energy part may be 0."""
    alone = np.asarray(known.grid.members.sum(axis=1)).ravel()[known.grid.island] == 1
    return np.asarray(alone & (known.injection_mw == 0).all(axis=1) & (known.bus_load_mw == 0).all(axis=1))


def _zones(known: Facts, prices: Prices) -> list[Finding]:
    """Load-weighted mean of the bus prices; plain mean, flagged, where the load of the zone is not positive."""
    network = known.case.network
    inside = network.bus_zone >= 0
    shape = (len(network.zone_id), len(network.bus_id))
    members = sparse.csr_array((np.ones(inside.sum()), (network.bus_zone[inside], np.flatnonzero(inside))), shape=shape)
    count = np.asarray(members.sum(axis=1)).ravel()[:, None]
    load = np.asarray(members @ known.bus_load_mw)
    plain = load <= 0
    weighted = np.asarray(members @ (known.bus_load_mw * prices.bus_price)) / np.where(plain, 1.0, load)
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
    size = tolerance(values["balance"])
    reserve = values["product"]
    congestion, moved = congestion_parts(known, values)
    return [
        *over(
            "SYSTEM_PRICE",
            "price",
            known.grid.island_id,
            np.abs(prices.system_price - values["balance"]),
            size,
            "system price is not the multiplier of the balance",
            prices.system_price,
            values["balance"],
            "per MWh",
        ),
        *over(
            "PRICE_CONGESTION",
            "price",
            known.case.network.bus_id,
            np.abs(prices.bus_congestion - congestion),
            tolerance(moved),
            "congestion part does not follow from the multipliers of branches and interfaces",
            prices.bus_congestion,
            congestion,
            "per MWh",
        ),
        *over(
            "RESERVE_PRICE",
            "product",
            known.case.reserves.product_id,
            np.abs(prices.reserve_price - reserve),
            tolerance(reserve),
            "reserve price is not the multiplier of its requirement",
            prices.reserve_price,
            reserve,
            "per MWh",
        ),
        *surplus_identity(known, prices, values),
    ]


def congestion_parts(known: Facts, values: dict[str, Floats]) -> tuple[Floats, Floats]:
    """Σ value·G over branches and interfaces with a multiplier, and Σ |value·G|: both per MWh (K, T)."""
    lines = np.flatnonzero((values["branch"] != 0).any(axis=1))
    groups = np.flatnonzero((values["interface"] != 0).any(axis=1))
    branches = len(known.case.network.branch_id)
    chosen = sparse.csr_array((np.ones(len(lines)), (np.arange(len(lines)), lines)), shape=(len(lines), branches))
    factor = sensitivities(known.grid, sparse.vstack([chosen, known.interface_terms[groups]], format="csr"))
    value = np.concatenate([values["branch"][lines], values["interface"][groups]])
    return factor.T @ value, np.abs(factor).T @ np.abs(value)


def surplus_identity(known: Facts, prices: Prices, values: dict[str, Floats]) -> list[Finding]:
    """Load payments − generation revenue = Σ rents of branches and interfaces, on unclipped prices, by period.

    What is injected and withdrawn is paid the unclipped price of its bus (surplus at the reference); a rent is
    −value · flow, without the flow that phase shifts drive.
    """
    surplus = known.grid.weight[:, None] * known.schedule.surplus_mw[known.grid.island]
    # what the balance misses, within its own tolerance, would be paid for at λ: it leaves at the reference too
    missing = island_sum(known.grid, known.injection_mw) - known.schedule.surplus_mw
    net = known.injection_mw - surplus - known.grid.weight[:, None] * missing[known.grid.island]
    paid = unclipped(prices) * net
    driven = shift_flows(known.grid)
    flow = known.branch_mw - driven[:, None]
    group = known.interface_mw - np.asarray(known.interface_terms @ driven)[:, None]
    rent = (values["branch"] * flow).sum(axis=0) + (values["interface"] * group).sum(axis=0)
    off = np.abs(paid.sum(axis=0) - rent)[None, :]
    size = RELATIVE * np.maximum(1.0, np.abs(paid).sum(axis=0))[None, :]
    text = "load payments less generation revenue are not the rents of the network"
    return over("SURPLUS_IDENTITY", "price", ("system",), off, size, text, unit="money an hour")
