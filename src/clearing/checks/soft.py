"""Soft families: how much each soft limit is broken, and what that costs."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from clearing.case.arrays import Bools, Floats, Ids
from clearing.checks.award_terms import lacking
from clearing.checks.electrical import branch_limits, island_sum
from clearing.checks.facts import Facts
from clearing.checks.finding import tolerance
from clearing.checks.joint import ENERGY, joint
from clearing.checks.kind_limits import kind_limits
from clearing.checks.losses import lossy, missed
from clearing.checks.pumped_hydro import mode_changes
from clearing.checks.reserve_amounts import SYSTEM_FAMILIES, covered_awards, system_reserves
from clearing.checks.starts import FAMILIES as START_FAMILIES
from clearing.checks.starts import start_limits
from clearing.rules.rules import LossModel, Penalties, Steps

SYSTEM = ("system",)
"""Subject of the system reserves."""
SPEED = "regulation_speed"
"""The soft family of regulation speed."""
COUNTED = (*START_FAMILIES, "mode_changes")
"""Families that count starts, stops, changes: their penalty is money each, whatever the length of a period."""
LOSSES = "losses"
"""Losses that are not those of the flows: no limit, and no penalty."""
COMMITMENT_FAMILIES = (*SYSTEM_FAMILIES, "group_on", *COUNTED, LOSSES)
"""Soft families that are none of the pricing run: those of the commitment, and what losses miss."""


@dataclass(frozen=True, slots=True)
class Soft:
    """A soft family: amount_mw (n, T) over its limits, 0 where within tolerance (n, T); penalty steps per MWh.

    energy: amounts are MWh over a window and pay the steps as they are; else they last one period.
    Families that count starts and stops: amounts are numbers, steps are money each.
    own: rows with steps of their own, the same in clearing and pricing (demand curves, penalties of single lines).
    """

    family: str
    ids: Ids
    amount_mw: Floats
    tolerance_mw: Floats
    steps: Steps
    energy: bool = False
    own: tuple[tuple[int, Steps], ...] = ()

    def due(self, amount_mw: Floats, hours: float) -> Floats:
        """Penalty of amounts (n, T), money."""
        money = stepped(self.steps, amount_mw)
        for row, steps in self.own:
            money[row] = stepped(steps, amount_mw[row])
        return money * self.per(hours)

    def per(self, hours: float) -> float:
        """What a price is multiplied by: hours of a period, or 1 where it is money per MWh or each."""
        return 1.0 if self.energy or self.family in COUNTED else hours

    def dearest(self) -> Floats:
        """Price of the last step of every row (n, 1)."""
        price = np.full((len(self.ids), 1), self.steps[-1][1])
        for row, steps in self.own:
            price[row] = steps[-1][1]
        return price

    def penalised(self) -> Bools:
        """Rows (n) that clearing and pricing may penalise differently."""
        rows = np.ones(len(self.ids), dtype=np.bool_)
        rows[[row for row, _ in self.own]] = False
        return rows


def soft_limits(known: Facts) -> tuple[Soft, ...]:
    """All soft families, with clearing penalties."""
    penalties, each = known.rules.clearing_penalties, known.rules.starts.penalty
    return (
        *network_limits(known, penalties),
        *_imbalance(known, penalties),
        *_losses(known),
        *_reserves(known, penalties),
        *_joint(known, penalties),
        *(
            _soft(name, ids, amount, tolerance(), each)
            for name, ids, amount in (*start_limits(known), mode_changes(known))
        ),
    )


def network_limits(known: Facts, penalties: Penalties) -> tuple[Soft, ...]:
    """Branches |flow| ≤ limit and interfaces min ≤ flow ≤ max."""
    network = known.case.network
    limit = branch_limits(network, known.case.horizon.periods)
    low, high = network.interface_min_mw, network.interface_max_mw
    beyond = np.maximum(known.interface_mw - high, low - known.interface_mw)
    branch = _soft("branch", network.branch_id, np.abs(known.branch_mw) - limit, tolerance(limit), penalties.branch)
    interface = _soft("interface", network.interface_id, beyond, tolerance(low, high), penalties.interface)
    own = own_penalties(known)
    found = [replace(branch, own=own["branch"]), replace(interface, own=own["interface"])]
    for family, after in known.contingent.after.items() if known.contingent else ():
        steps = penalties.interface if family.endswith("interface") else penalties.branch
        found.append(replace(_soft(family, after.id, after.beyond(), after.near(), steps), own=own[family]))
    return tuple(found)


def own_penalties(known: Facts) -> dict[str, tuple[tuple[int, Steps], ...]]:
    """By family, (row, steps) of branches and interfaces that have a penalty of their own."""
    table = known.case.flow_penalties
    pairs = (
        ("branch", table.branch, table.branch_price_per_mwh),
        ("interface", table.interface, table.interface_price_per_mwh),
    )
    found: dict[str, tuple[tuple[int, Steps], ...]] = {
        family: tuple((int(row), ((np.inf, float(price)),)) for row, price in zip(rows, prices, strict=True))
        for family, rows, prices in pairs
    }
    for family, after in known.contingent.after.items() if known.contingent else ():
        of = dict(found["interface" if family.endswith("interface") else "branch"])
        found[family] = tuple((n, of[row]) for n, row in enumerate(after.row.tolist()) if row in of)
    return found


def _imbalance(known: Facts, penalties: Penalties) -> tuple[Soft, ...]:
    ids = known.grid.island_id
    shed = island_sum(known.grid, known.schedule.shed_mw)
    return (
        _soft("shortage", ids, shed, tolerance(), penalties.shortage),
        _soft("surplus", ids, known.schedule.surplus_mw, tolerance(), penalties.surplus),
    )


def _losses(known: Facts) -> tuple[Soft, ...]:
    """What the losses of the balance miss of those of the flows, beyond the tolerance of the rules."""
    if not lossy(known):
        return ()
    near = known.rules.losses.tolerance_mw if known.rules.losses.model is LossModel.MARGINAL else 0.0
    allowed = near + tolerance(0.1 * np.abs(known.injection_mw).max(axis=0, initial=0.0))
    return (_soft(LOSSES, known.grid.island_id, missed(known), allowed, ((np.inf, 0.0),)),)


def _reserves(known: Facts, penalties: Penalties) -> tuple[Soft, ...]:
    reserves = known.case.reserves
    short = lacking(known.case, reserves.requirement_mw - covered_awards(known))
    return (
        replace(_soft("product", reserves.product_id, short, tolerance(), penalties.product), own=demand_curves(known)),
        *_speed(known, penalties),
        *(
            _soft(name, SYSTEM, beyond[None, :], tolerance(), penalties.system_reserve)
            for name, beyond in system_reserves(known).items()
        ),
    )


def _speed(known: Facts, penalties: Penalties) -> tuple[Soft, ...]:
    """Speed that regulation lacks, MW/min, at the penalties of products."""
    ids = known.case.reserves.product_id
    return tuple(
        _soft(limit.family, ids, limit.lower - limit.activity, tolerance(), penalties.product)
        for limit in kind_limits(known)
        if limit.family == SPEED
    )


def _joint(known: Facts, penalties: Penalties) -> tuple[Soft, ...]:
    """Unit groups, energy windows, storage cycles, linear limits."""
    found = []
    for family in joint(known):
        if family.family in SYSTEM_FAMILIES:  # said already
            continue
        beyond = np.maximum(family.activity - family.upper, family.lower - family.activity)
        steps = penalties.group_on if family.family == "group_on" else penalties.joint_limit
        soft = _soft(family.family, family.ids, beyond, family.near, steps)
        own = linear_prices(known) if family.family == "linear_limit" else ()
        found.append(replace(soft, energy=family.family in ENERGY, own=own))
    return tuple(found)


def linear_prices(known: Facts) -> tuple[tuple[int, Steps], ...]:
    """(row, steps) of linear limits with a penalty of their own."""
    prices = known.case.linear_limits.price_per_mwh
    return tuple((int(row), ((np.inf, float(prices[row])),)) for row in np.flatnonzero(prices >= 0))


def demand_curves(known: Facts) -> tuple[tuple[int, Steps], ...]:
    """(product, steps) of every product with a demand curve, which stands in for the penalties of the rule set."""
    table, curves = known.case.reserve_demand, dict[int, list[tuple[float, float]]]()
    for q, width, price in zip(table.step_product, table.step_mw, table.step_price, strict=True):
        curves.setdefault(int(q), []).append((float(width), float(price)))
    return tuple((q, tuple(steps)) for q, steps in sorted(curves.items()))


def _soft(family: str, ids: Ids, beyond: Floats, allowed: Floats, steps: Steps) -> Soft:
    allowed = np.broadcast_to(allowed, beyond.shape)
    return Soft(family, ids, np.where(beyond > allowed, beyond, 0.0), allowed, steps)


def stepped(steps: Steps, amount_mw: Floats | float) -> Floats:
    """Money an hour for an amount of violation: each block at its price, what is beyond the last at the last price."""
    left = np.asarray(amount_mw, dtype=np.float64)
    cost = np.zeros(left.shape)
    for width, price in steps[:-1]:
        cost += price * np.minimum(left, width)
        left = left - np.minimum(left, width)
    return cost + steps[-1][1] * left


def penalty(known: Facts, soft: tuple[Soft, ...]) -> tuple[float, float]:
    """Penalty of the whole schedule in money, and how far it may be off because amounts carry a tolerance."""
    total = slack = 0.0
    for family in soft:
        total += float(family.due(family.amount_mw, known.hours).sum())
        broken = family.amount_mw > 0
        slack += family.per(known.hours) * float((family.dearest() * family.tolerance_mw)[broken].sum())
    return total, slack
