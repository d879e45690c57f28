"""Prices and money of the parties of a cleared round (clauses 2.4.2, 6.1.2, 9.5.1.3, 9.5.1.4).

Contracts are not one to one (6.1.2): a party's variation is the energy-weighted mean of its pairs, to the thousandth,
halves up.

    forward   captive = catalogue price − base − its variation, new energy = approved price − base − its variation
    T&D       captive = C + T&D price + funds (+ losses, a setting), C the energy-weighted mean over sites of on-grid
              price without subsidy − base − variation; new energy as in forward mode (the source does not say)

Compensation = energy · (base + variation); residual = Σ of captive enterprises − Σ of sites, what rounding leaves.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from clearing.case.arrays import Ints, freeze
from clearing.rules.substitution_round import Charged, RoundRules
from clearing.substitution.quantities import money
from clearing.substitution.round_clear import Cleared
from clearing.substitution.round_tables import PriceMode, Round


@dataclass(frozen=True, slots=True)
class PartyPrices:
    """Per party: energy, variation, price and compensation; where there is no energy all are 0."""

    energy_kwh: Ints
    variation_milli: Ints
    price_milli: Ints
    compensation_milli: Ints

    def __post_init__(self) -> None:
        freeze(self)


@dataclass(frozen=True, slots=True)
class Prices:
    """Of captive enterprises and sites. composite_milli: C of the T&D mode; mean, highest: variation of all pairs."""

    captive: PartyPrices
    site: PartyPrices
    composite_milli: int
    mean_milli: int
    highest_milli: int
    residual_milli: int


def price(round_: Round, cleared: Cleared, rules: RoundRules) -> Prices:
    """Prices of the parties. Energy · variation of all pairs stays below 2⁶²."""
    terms, captives, sites, pairs = round_.terms, round_.captives, round_.sites, cleared.pairs
    sold = _means(round_.captive_offers.party[pairs.seller], pairs.energy_kwh, cleared.pair_milli, len(captives.area))
    bought = _means(round_.site_offers.party[pairs.buyer], pairs.energy_kwh, cleared.pair_milli, len(sites.area))
    less = terms.base_milli + bought[1]
    composite = _mean(sites.on_grid_milli - less, bought[0])
    pays = captives.catalogue_milli - terms.base_milli - sold[1]
    if terms.price_mode is PriceMode.TRANSMISSION:
        pays = composite + captives.funds_milli
        pays = pays + (captives.transmission_milli if rules.transmission_fee is Charged.CHARGED else 0)
        pays = pays + (captives.losses_milli if rules.losses is Charged.CHARGED else 0)
    captive = _party(*sold, pays, terms.base_milli)
    site = _party(*bought, sites.approved_milli - less, terms.base_milli)
    return Prices(
        captive, site, composite, _mean(cleared.pair_milli, pairs.energy_kwh),
        int(cleared.pair_milli.max()) if len(cleared.pair_milli) else 0,
        int(captive.compensation_milli.sum()) - int(site.compensation_milli.sum()),
    )  # fmt: skip


def _means(party: Ints, energy_kwh: Ints, milli: Ints, parties: int) -> tuple[Ints, Ints]:
    """Energy and mean variation of every party."""
    energy, total = np.zeros(parties, dtype=np.int64), np.zeros(parties, dtype=np.int64)
    np.add.at(energy, party, energy_kwh)
    np.add.at(total, party, energy_kwh * milli)
    whole = np.maximum(energy, 1)
    return energy, np.where(energy > 0, (2 * total + whole) // (2 * whole), 0)


def _mean(milli: Ints, energy_kwh: Ints) -> int:
    """Energy-weighted mean, halves up; 0 without energy."""
    energy = int(energy_kwh.sum())
    if not energy:
        return 0
    total = sum(price * each for price, each in zip(milli.tolist(), energy_kwh.tolist(), strict=True))
    return int((2 * total + energy) // (2 * energy))


def _party(energy_kwh: Ints, variation_milli: Ints, price_milli: Ints, base_milli: int) -> PartyPrices:
    trades = energy_kwh > 0
    compensation = money(energy_kwh, base_milli + variation_milli)
    return PartyPrices(energy_kwh, variation_milli, np.where(trades, price_milli, 0), compensation)
