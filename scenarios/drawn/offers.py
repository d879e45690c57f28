"""Offers: ten blocks a unit, three a renewable site; prices within −80 and 1300."""

from __future__ import annotations

import numpy as np

from clearing.case.arrays import over_periods
from clearing.case.offers import Offers

from .draws import stream
from .fleet import Fleet
from .series import PERIODS

FLOOR, CAP = -80.0, 1300.0
BLOCKS = 10
SITE_SHARE = (0.5, 0.3, 0.2)
"""Parts of a site's forecast in its three blocks."""
_STEP_UP = np.array([0.93, 0.95, 0.965, 0.98, 1.0, 1.02, 1.05, 1.1, 1.2])
"""Prices of the nine blocks above p_min as a multiple of the unit's cost, before mark-ups."""


def unit_blocks(seed: int, fleet: Fleet) -> tuple[np.ndarray, np.ndarray]:
    """Widths and prices (N, 10): the first block reaches p_min, nine equal ones (whole MW) the capacity.

    Some units take p_min at a loss to stay on line; the last two blocks carry a mark-up, larger with large groups.
    """
    rng = stream(seed, "offers")
    n = len(fleet.id)
    room = fleet.capacity_mw - fleet.least_mw
    ends = fleet.least_mw[:, None] + np.round(room[:, None] * np.arange(BLOCKS) / (BLOCKS - 1))
    width = np.diff(ends, axis=1, prepend=0.0)
    price = np.empty((n, BLOCKS))
    price[:, 1:] = fleet.cost[:, None] * _STEP_UP * (1.0 + 0.01 * rng.standard_normal((n, 1)))
    price[:, 0] = 0.92 * fleet.cost
    eager = rng.random(n) < 0.3
    price[eager, 0] = rng.uniform(FLOOR, 150.0, int(eager.sum()))
    group = np.bincount(fleet.owner, weights=fleet.capacity_mw)
    large = (group / group.max())[fleet.owner]
    markup = rng.exponential(0.25 + 0.5 * large)
    price[:, -2] *= 1.0 + 0.3 * markup
    price[:, -1] *= 1.0 + markup
    bold = (rng.random(n) < 0.04) & ~fleet.nuclear
    price[bold, -1] = CAP
    price[fleet.nuclear] = FLOOR
    return width, np.round(np.maximum.accumulate(np.clip(price, FLOOR, CAP), axis=1), 1)


def unit_offers(width: np.ndarray, price: np.ndarray) -> Offers:
    """The blocks as a table, the same all day; blocks of no width (nuclear: few whole MW) are left out."""
    resource, block = np.nonzero(width > 0.0)
    return Offers(
        resource=resource.astype(np.int64),
        width_mw=over_periods(width[resource, block], PERIODS),
        price_per_mwh=over_periods(price[resource, block], PERIODS),
    )


def site_prices(seed: int, sites: int) -> np.ndarray:
    """Prices (R, 3): contracts or subsidies behind most sites, so that they offer below zero rather than stop."""
    rng = stream(seed, "site offers")
    first = np.where(rng.random(sites) < 0.6, FLOOR, rng.uniform(-70.0, -30.0, sites))
    second = np.maximum(first, rng.uniform(-75.0, -15.0, sites))
    last = np.where(rng.random(sites) < 0.92, rng.uniform(-45.0, 0.0, sites), rng.uniform(0.0, 60.0, sites))
    return np.round(np.column_stack([first, second, np.maximum(second, last)]), 1)


def site_offers(forecast: np.ndarray, price: np.ndarray) -> Offers:
    """Blocks that share the forecast of every period (R, T)."""
    sites, blocks = price.shape
    width = np.round(forecast[:, None, :] * np.array(SITE_SHARE)[:, None], 2)
    width[:, -1] = np.maximum(np.round(forecast - width[:, :-1].sum(axis=1), 2), 0.0)
    return Offers(
        resource=np.repeat(np.arange(sites), blocks),
        width_mw=width.reshape(sites * blocks, PERIODS),
        price_per_mwh=over_periods(price.reshape(-1), PERIODS),
    )
