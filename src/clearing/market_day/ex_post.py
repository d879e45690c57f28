"""Ex-post check of real-time prices (D+1): the binding period priced again from what was metered, and what differs.

Reading: who ran is a fact, metered load is the load, what sites delivered (below 0: 0) is all they could (more than the
forecast is offered at the price of the last block); units and stores are dispatched anew within their offers and limits
from the state before the period. So the price again is that of the same market with what happened in place of what
was forecast, without look-ahead: a difference has its cause in load, in sites, in who ran, or in the look-ahead. It
proposes nothing: prices are corrected by people.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from clearing.case.arrays import Floats, Ids
from clearing.case.case import Case, CommitmentInput, CommitmentUse
from clearing.case.interval import cut
from clearing.case.offers import Offers

NEAR_PER_MWH = 0.01
"""Money per MWh below which two prices are one."""


@dataclass(frozen=True, slots=True)
class Metered:
    """What was measured in a period: MW of units (N), renewable sites (R) and loads (D); loads as in the case."""

    unit_mw: Floats
    renewable_mw: Floats
    load_mw: Floats


@dataclass(frozen=True, slots=True)
class Difference:
    """One bus whose price differs: published and again, money per MWh."""

    bus: str
    published: float
    again: float

    @property
    def change(self) -> float:
        """Again less published."""
        return self.again - self.published


def metered_case(case: Case, metered: Metered) -> Case:
    """The first period of an interval as it was metered, with the state before it as the interval had it."""
    for name, value, count in (
        ("unit_mw", metered.unit_mw, len(case.units.id)),
        ("renewable_mw", metered.renewable_mw, len(case.renewables.id)),
        ("load_mw", metered.load_mw, len(case.loads.id)),
    ):
        if np.shape(value) != (count,) or not np.isfinite(value).all():
            raise ValueError(f"{name}: {count} finite values are needed")
    now = cut(case, 0, 0)
    ran = (metered.unit_mw > 0.0).astype(np.int8)[:, None]
    delivered = np.maximum(metered.renewable_mw, 0.0)[:, None]
    return replace(
        now,
        loads=replace(now.loads, mw=np.asarray(metered.load_mw, dtype=np.float64)[:, None]),
        renewables=replace(
            now.renewables,
            forecast_mw=delivered,
            min_mw=np.minimum(now.renewables.min_mw, delivered),
            offers=_covering(now.renewables.offers, delivered),
        ),
        commitment=CommitmentInput(CommitmentUse.FOLLOW, ran),
    )


def otherwise(case: Case, metered: Metered) -> tuple[float, float, Ids]:
    """What was metered otherwise than the case has it: MW of load, MW of sites, units that stand otherwise."""
    load = float((metered.load_mw - case.loads.mw[:, 0]).sum())
    sites = float((metered.renewable_mw - case.renewables.forecast_mw[:, 0]).sum())
    if case.commitment is None:
        return load, sites, ()
    other = np.flatnonzero((metered.unit_mw > 0.0) != (case.commitment.on[:, 0] > 0))
    return load, sites, tuple(case.units.id[i] for i in other.tolist())


def _covering(offers: Offers, delivered: Floats) -> Offers:
    """Offers whose last blocks are as wide as it takes to cover what was delivered (R, 1)."""
    total = np.zeros(delivered.shape)
    np.add.at(total, offers.resource, offers.width_mw)
    last = np.flatnonzero(np.diff(offers.resource, append=-1))
    width = offers.width_mw.copy()
    own = offers.resource[last]
    width[last] += np.maximum(delivered[own] - total[own], 0.0)
    return replace(offers, width_mw=width)


def differences(case: Case, published: Floats, again: Floats, near: float = NEAR_PER_MWH) -> tuple[Difference, ...]:
    """Buses whose price differs by more than `near`, the largest change first. published, again (K), money per MWh."""
    before, after = published, again
    found = np.flatnonzero(np.abs(after - before) > near)
    order = found[np.argsort(-np.abs(after - before)[found], kind="stable")]
    return tuple(Difference(case.network.bus_id[k], float(before[k]), float(after[k])) for k in order.tolist())
