"""Locational prices and their parts from the duals of the pricing LP."""

from __future__ import annotations

import numpy as np

from clearing.case.arrays import Floats
from clearing.case.case import Case
from clearing.case.prices import Prices
from clearing.case.product_limits import product_bound
from clearing.case.schedule import Schedule
from clearing.formulation.linear_limits import bus_sensitivity
from clearing.formulation.model import Model
from clearing.formulation.regulation import speed_products
from clearing.grid.islands import bus_load_mw
from clearing.grid.monitored import Grid
from clearing.price.loss_part import loss_part
from clearing.rules.rules import Rules
from clearing.solve.dispatch import Dispatch
from clearing.solve.elastic_load import elastic_load_mw
from clearing.solve.loss_rounds import Settled


def prices(
    case: Case, rules: Rules, grid: Grid, priced: Dispatch, cleared: Schedule, losses: Settled | None = None
) -> Prices:
    """LMP_kt = λ_t + Σ_e dual_et·G_ek, per MWh; then caps; then zones, weighted with the load of the cleared schedule.

    dual_et ≤ 0 where the upper side of element e binds, so this is λ − Σ(τ+ − τ−)·G of clearing-model.md. Linear limits
    that weigh bus injections or branch flows count like elements. losses: those of the cleared schedule.
    """
    hours = case.horizon.hours
    balance = priced.row_dual[priced.model.problem.rows["balance"]] / hours
    energy = grid.islands.at_buses(balance)
    congestion = congestion_part(case, grid, priced.model, priced.row_dual, priced.network_dual)
    loss = loss_part(grid.islands, balance, losses)
    uncapped = energy + congestion + loss
    capped = np.clip(uncapped, rules.prices.floor_per_mwh, rules.prices.cap_per_mwh)
    product = priced.row_dual[priced.model.problem.rows["product"]] / hours
    low, high = (product_bound(case, rules, f"price_{side}_per_mw_hour")[:, None] for side in ("floor", "cap"))
    product_capped = np.clip(product, low, high)
    zone, plain = zone_prices(case, capped, bus_load_mw(case) + elastic_load_mw(case, cleared))
    return Prices(
        bus_price=capped,
        bus_energy=energy,
        bus_congestion=congestion,
        bus_loss=loss,
        bus_cap_adjustment=capped - uncapped,
        system_price=energy[grid.islands.first_bus],
        zone_price=zone,
        zone_plain_mean=plain,
        reserve_price=product_capped,
        reserve_speed_price=_speed_prices(case, priced),
        reserve_cap_adjustment=product_capped - product,
    )


def congestion_part(case: Case, grid: Grid, model: Model, row_dual: Floats, network_dual: Floats) -> Floats:
    """What limits of the network add at every bus (K, T), per MWh; network_dual (E, T) as the rows' duals."""
    hours = case.horizon.hours
    congestion = grid.at_all_buses(network_dual / hours)
    if case.linear_limits.id:
        dual = row_dual[model.problem.rows["linear_limit"]] / hours
        congestion = congestion + np.einsum("ckt,ct->kt", bus_sensitivity(case, grid.islands)[0], dual)
    return congestion


def _speed_prices(case: Case, priced: Dispatch) -> Floats:
    """Price of regulation speed (Q, T), money per MW/min and hour."""
    price = np.zeros(case.reserves.requirement_mw.shape)
    price[speed_products(case)] = priced.row_dual[priced.model.problem.rows["regulation_speed"]] / case.horizon.hours
    return price


def zone_prices(case: Case, bus_price: Floats, load: Floats) -> tuple[Floats, Floats]:
    """Mean of a zone's buses, weighted with load (K, T): (Z, T).

    Plain mean, flagged 1, where the zone's load is not positive.
    """
    network = case.network
    member = (network.bus_zone == np.arange(len(network.zone_id))[:, None]).astype(float)
    total = member @ load
    plain = total <= 0.0
    weighted = member @ (load * bus_price) / np.where(plain, 1.0, total)
    mean = member @ bus_price / np.maximum(member.sum(axis=1, keepdims=True), 1.0)
    return np.where(plain, mean, weighted), plain.astype(np.float64)
