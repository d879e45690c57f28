"""Deviation of a year, what of it is default, and what is paid (clauses 7, 8.4.4, 8.4.5, 9.6 of Xinjiang).

    captive       shortfall = contract − executed             default = max(0, shortfall − exempt − 5 % · base)
    new energy    own = shortfall less what captive plants caused
                  default = max(0, own − exempt − 15 % · base),  advanced by the grid: own − default
    payment       10 % · highest traded price · default energy

Exempt energy is what the six causes of 8.4.5 or a congested channel (8.4.4) moved: deviation, never default. More
than the contract is no default whatever its size. Whole kWh, money in whole thousandths; shares and products are
rounded half up.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from clearing.case.arrays import Ints, freeze
from clearing.rules.substitution_metering import (
    AfterAdjustment,
    CaptiveCaused,
    DeviationBase,
    DeviationRules,
    HighestPrice,
)
from clearing.substitution.quantities import KWH_OF_MWH, MILLION, fill, millionths, part


class Exemption(IntEnum):
    """Why a deviation is nobody's default: the six causes of 8.4.5 in their order, and congestion (8.4.4)."""

    GRID_SECURITY = 1
    OUTAGE_CHANGED = 2
    ANCILLARY_SERVICE = 3
    ACCOMMODATION = 4
    RATIONING = 5
    WEATHER = 6
    CONGESTION = 7


class Standing(IntEnum):
    """Where a year ended."""

    WITHIN_TARGET = 1
    WITHIN_LIMIT = 2  # short beyond the target, not beyond the limit: no liability
    DEFAULT = 3
    ABOVE_TARGET = 4  # more than the target above: no sanction stated


@dataclass(frozen=True, slots=True)
class Year:
    """Per enterprise or site (n), kWh: deviation_kwh = executed − contract; own_kwh, its shortfall after what
    others caused is taken out; exempt_kwh, what of that is excused; limit_kwh, the part without liability;
    default_kwh; standing."""

    deviation_kwh: Ints
    own_kwh: Ints
    exempt_kwh: Ints
    limit_kwh: Ints
    default_kwh: Ints
    standing: Ints

    def __post_init__(self) -> None:
        freeze(self)


def captive_year(
    award_kwh: Ints, contract_kwh: Ints, executed_kwh: Ints, exempt_kwh: Ints, rules: DeviationRules
) -> Year:
    """The year of captive enterprises (C). contract_kwh: after transfers; executed_kwh: of the year; exempt_kwh:
    moved by the causes of 8.4."""
    own = np.maximum(contract_kwh - executed_kwh, 0)
    base = contract_kwh if rules.captive_base is DeviationBase.CONTRACT else award_kwh
    limit = part(base, rules.captive_limit)
    if rules.after_adjustment is AfterAdjustment.ALL:
        limit = np.zeros_like(limit)
    return _judged(executed_kwh - contract_kwh, own, exempt_kwh, limit, part(base, rules.captive_target))


def site_year(
    contract_kwh: Ints,
    executed_kwh: Ints,
    due_kwh: Ints,
    captive_short_kwh: int,
    exempt_kwh: Ints,
    rank: Ints,
    rules: DeviationRules,
) -> Year:
    """The year of new-energy sites (S). due_kwh: what was allocated to each of the energy that captive plants took;
    captive_short_kwh: by how much these missed their contracts in all."""
    if rules.captive_caused is CaptiveCaused.BY_DUE:
        own = np.maximum(due_kwh - executed_kwh, 0)
    else:
        caused = fill(captive_short_kwh, contract_kwh, rank) if contract_kwh.any() else np.zeros_like(contract_kwh)
        own = np.maximum(contract_kwh - executed_kwh - caused, 0)
    limit = part(contract_kwh, rules.new_energy_limit)
    return _judged(executed_kwh - contract_kwh, own, exempt_kwh, limit, limit)


def highest_price(base_milli: int, variations_milli: Ints, rules: DeviationRules) -> int:
    """Highest traded price, thousandths of money per MWh, of the variations cleared (n); without any: the base
    alone."""
    highest = int(variations_milli.max()) if variations_milli.size else 0
    return highest + base_milli if rules.highest_price is HighestPrice.BASE_PLUS_VARIATION else highest


def default_payment(default_kwh: Ints, price_milli: int, rules: DeviationRules) -> Ints:
    """Payment (n), thousandths of money, to the account of the 'two rules' (9.6.4); 0 where the price is negative."""
    rate = max(price_milli, 0) * millionths(rules.payment_share)
    whole = KWH_OF_MWH * MILLION
    return np.array([(2 * energy * rate + whole) // (2 * whole) for energy in default_kwh.tolist()], dtype=np.int64)


def _judged(deviation: Ints, own: Ints, exempt_kwh: Ints, limit: Ints, target: Ints) -> Year:
    exempt = np.minimum(exempt_kwh, own)
    liable = own - exempt
    default = np.maximum(liable - limit, 0)
    standing = np.select(
        [default > 0, deviation > target, liable > target],
        [Standing.DEFAULT, Standing.ABOVE_TARGET, Standing.WITHIN_LIMIT],
        Standing.WITHIN_TARGET,
    ).astype(np.int64)
    return Year(deviation, own, exempt, limit, default, standing)
