"""Losses as the auditor computes them: r·f² of the flows of the schedule, and what a MW more at a bus adds to them."""

from __future__ import annotations

import numpy as np
from scipy import sparse

from clearing.case.arrays import Floats
from clearing.case.finding import Finding
from clearing.case.losses import Losses
from clearing.case.prices import Prices
from clearing.checks.electrical import BASE_MVA, island_sum, of_island, sensitivities
from clearing.checks.facts import Facts, residual
from clearing.checks.finding import RELATIVE, over, single
from clearing.rules.rules import LossModel

MOST_AT_ONCE = 256
"""Branches whose sensitivities are held at a time."""


def lossy(known: Facts) -> bool:
    """Whether the rules have losses."""
    return known.rules.losses.model is not LossModel.NONE


def missed(known: Facts) -> Floats:
    """|losses of the flows − what the balance counts|, MW (I, T). With given factors the load holds the losses."""
    counted = residual(known)
    if known.rules.losses.model is LossModel.GIVEN:
        return np.abs(counted)
    lost = known.case.network.branch_resistance_pu[:, None] * known.branch_mw**2 / BASE_MVA
    at_ends = np.zeros(known.injection_mw.shape)
    np.add.at(at_ends, known.case.network.branch_from, lost)
    return np.abs(island_sum(known.grid, at_ends) - counted)


def loss_factors(known: Facts) -> Floats:
    """Σ_l ∂(r·f_l²)/∂injection_k (K, T), withdrawn at the island's reference; or 1 − what the case gives."""
    network = known.case.network
    if known.rules.losses.model is LossModel.GIVEN:
        given = np.ones(len(network.bus_id)) if network.bus_loss_factor is None else network.bus_loss_factor
        return np.broadcast_to(1.0 - given[:, None], known.injection_mw.shape)
    factor, slope = np.zeros(known.injection_mw.shape), network.branch_resistance_pu[:, None] * known.branch_mw / 50.0
    for state in known.grid.states:
        combination = sparse.csr_array(slope[:, state.periods].T)
        factor[:, state.periods] = sensitivities(known.grid, combination, int(state.periods[0])).T
    return factor


def factor_room(known: Facts) -> Floats:
    """How far a factor may be from that of the flows where losses are missed by δ: 2·√(δ·Σ_l r_l·G_lk²) (K, T).

    The factor is one of an operating point f', or a mean over such, with Σ_l r_l·(f_l − f'_l)² ≤ δ, because that is
    what a tangent of r·f² lacks away from its point; then |Σ_l 2·r_l·(f_l − f'_l)·G_lk| is at most this
    (Cauchy-Schwarz).
    """
    network = known.case.network
    if known.rules.losses.model is LossModel.GIVEN:
        return np.zeros(known.injection_mw.shape)
    alone, branches = np.zeros(known.injection_mw.shape), np.flatnonzero(network.branch_resistance_pu > 0)
    for state in known.grid.states:
        total = np.zeros(len(network.bus_id))
        for first in range(0, len(branches), MOST_AT_ONCE):
            own = branches[first : first + MOST_AT_ONCE]
            pick = sparse.csr_array(
                (np.ones(len(own)), (np.arange(len(own)), own)), shape=(len(own), len(network.branch_id))
            )
            shares = sensitivities(known.grid, pick, int(state.periods[0]))
            total += network.branch_resistance_pu[own] / BASE_MVA @ shares**2
        alone[:, state.periods] = total[:, None]
    most = np.maximum(missed(known), known.rules.losses.tolerance_mw)
    return np.asarray(2.0 * np.sqrt(alone * of_island(known.grid, most)))


def loss_parts(known: Facts, prices: Prices) -> list[Finding]:
    """loss part = −λ·factor, as near as the operating point is; 0 where losses are off."""
    buses, claim = known.case.network.bus_id, prices.bus_loss
    if not lossy(known):
        text = "there is a loss part though losses are off"
        return over("PRICE_LOSS", "price", buses, np.abs(claim), RELATIVE, text, claim, 0.0 * claim, "per MWh")
    energy = of_island(known.grid, prices.system_price)
    right = -energy * loss_factors(known)
    room = np.abs(energy) * factor_room(known) + RELATIVE * np.maximum(1.0, np.abs(energy))
    text = "loss part is not that of the flows"
    return over("PRICE_LOSS", "price", buses, np.abs(claim - right), room, text, claim, right, "per MWh")


def loss_surplus(known: Facts, prices: Prices, net_mw: Floats) -> Floats:
    """What load pays for losses less what they cost, money an hour (I, T): Σ_k λ·factor_k·net_k − λ·losses."""
    paid = -island_sum(known.grid, prices.bus_loss * net_mw)
    return paid - prices.system_price * island_sum(known.grid, net_mw)


def stated(known: Facts, claim: Losses, prices: Prices | None) -> list[Finding]:
    """Factors, MW and part of the surplus that a result states, against the flows and prices of its schedule."""
    if not lossy(known):
        return [single("LOSSES_OFF", "losses", "Losses are stated, though the rule set has none.")]
    buses, islands, lost = known.case.network.bus_id, known.grid.island_id, residual(known)
    right, claimed = loss_factors(known), claim.bus_factor
    room = factor_room(known) + RELATIVE
    text = "loss factor is not that of the flows"
    found = over("LOSS_FACTOR", "losses", buses, np.abs(claimed - right), room, text, claimed, right, "MW per MW")
    near = RELATIVE * np.maximum(1.0, island_sum(known.grid, np.abs(known.injection_mw)))
    off, text = np.abs(claim.island_mw - lost), "MW lost are not what is injected less what is withdrawn"
    found += over("LOSS_MW", "losses", islands, off, near, text, claim.island_mw, lost)
    if prices is None:
        told = claim.island_surplus is None
        text = "A part of the surplus is stated without prices."
        return found if told else [*found, single("LOSS_SURPLUS", "losses", text)]
    return [*found, *_of_prices(known, claim, prices, near)]


def _of_prices(known: Facts, claim: Losses, prices: Prices, near_mw: Floats) -> list[Finding]:
    """Factors are those of the loss parts to 1e-6; the part of the surplus follows from prices and schedule."""
    energy, hours = of_island(known.grid, prices.system_price), known.case.horizon.hours
    part = -energy * claim.bus_factor
    text, near = "loss factor is not that of the loss part", RELATIVE * np.maximum(1.0, np.abs(energy))
    off = np.abs(part - prices.bus_loss)
    found = over("LOSS_FACTOR", "losses", known.case.network.bus_id, off, near, text, part, prices.bus_loss, "per MWh")
    islands = known.grid.island_id
    if claim.island_surplus is None:
        text = "The result is priced, and the losses' part of the surplus is not stated."
        return [*found, single("LOSS_SURPLUS", "losses", text)]
    net = known.injection_mw - known.grid.weight * of_island(known.grid, known.schedule.surplus_mw)
    right = hours * loss_surplus(known, prices, net)
    room = hours * (RELATIVE + near_mw * np.abs(prices.system_price) + RELATIVE * np.abs(right))
    text, off = "losses' part of the surplus is not that of prices and schedule", np.abs(claim.island_surplus - right)
    return [
        *found,
        *over("LOSS_SURPLUS", "losses", islands, off, room, text, claim.island_surplus, right, "money of the period"),
    ]
