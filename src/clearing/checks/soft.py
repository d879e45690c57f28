"""Soft families: how much each soft limit is broken, what that costs, and whether the result says the same."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from clearing.case.arrays import Bools, Floats, Ids, Ints
from clearing.case.finding import Finding, Severity
from clearing.case.result import Violation
from clearing.checks.award_terms import lacking
from clearing.checks.electrical import branch_limits, island_sum
from clearing.checks.facts import Facts
from clearing.checks.finding import first_few, over, tolerance
from clearing.checks.joint import ENERGY, PRICED, joint
from clearing.checks.kind_limits import kind_limits
from clearing.checks.losses import lossy, missed
from clearing.checks.pumped_hydro import mode_changes, pumped_reserve
from clearing.checks.starts import FAMILIES as START_FAMILIES
from clearing.checks.starts import start_limits
from clearing.rules.rules import LossModel, Penalties, Steps, ViolationPricing

SYSTEM = ("system",)
"""Subject of the system reserves."""
SYSTEM_FAMILIES = ("system_positive_min", "system_positive_max", "system_negative_min")
"""System reserves steer commitment only; the pricing run does not have them."""
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


def covered_awards(known: Facts) -> Floats:
    """Σ awards of the product and of those that serve it too, at buses that both cover, MW (Q, T)."""
    covers, schedule = known.case.reserves.covers_bus, known.schedule
    total = np.zeros(known.case.reserves.requirement_mw.shape)
    own = [(q, q) for q in range(len(total))]
    for bus, award in (
        (known.case.units.bus, schedule.reserve_mw),
        (known.case.storage.bus, schedule.storage_reserve_mw),
    ):
        counts = covers[:, bus]
        for better, lesser in [*own, *sharing_pairs(known)]:
            total[lesser] += award[better, counts[lesser] & counts[better]].sum(axis=0)
    return total


def sharing_pairs(known: Facts) -> list[tuple[int, int]]:
    """(better, lesser): awards of the better product also count towards the lesser one."""
    table = known.case.reserve_sharing
    return sorted(set(zip(table.shared_from.tolist(), table.shared_to.tolist(), strict=True)))


def award_worth(known: Facts, value: Floats, bus: Ints | None = None) -> Floats:
    """What a MW awarded earns (Q, N, T) where requirements pay value (Q, T): Σ over those it counts towards.

    bus (n): where the holders stand; default: the units.
    """
    bus = known.case.units.bus if bus is None else bus
    counts = known.case.reserves.covers_bus[:, bus][:, :, None]
    own = value[:, None, :] * counts
    worth = own.copy()
    for better, lesser in sharing_pairs(known):
        worth[better] += own[lesser] * counts[better]
    return np.asarray(worth)


def system_reserves(known: Facts) -> dict[str, Floats]:
    """What each system reserve lacks (least) or has too much (greatest): family → MW (T,).

    positive_min  D − ΣT + R − (Σ on·p_max + κ·Σ forecast + Σ storage deliverable over the reserve duration
                  + pumped hydro, likewise, and what of it is kept out of the market)
    positive_max  Σ (on·p_max − P) − R
    negative_min  Σ on·p_min + Σ renewable minima − (D − ΣT − R)
    The case's requirement wins over the rule set's; without either the row is absent.
    """
    case, rules, units = known.case, known.rules.reserves, known.case.units
    demand = known.bus_load_mw.sum(axis=0) - case.ties.import_mw.sum(axis=0)
    capacity = (units.p_max_mw * known.on).sum(axis=0)
    held = rules.renewable_share * case.renewables.forecast_mw.sum(axis=0) + storage_reserve(known).sum(axis=0)
    held = held + pumped_reserve(known)
    least = (units.p_min_mw * known.on).sum(axis=0) + case.renewables.min_mw.sum(axis=0)
    headroom = capacity - known.schedule.dispatch_mw.sum(axis=0)
    rows = (
        (case.reserves.positive_min_mw, rules.positive_min_mw, demand - capacity - held, 1.0),
        (case.reserves.positive_max_mw, rules.positive_max_mw, headroom, -1.0),
        (case.reserves.negative_min_mw, rules.negative_min_mw, least - demand, 1.0),
    )
    found: dict[str, Floats] = {}
    for name, (own, default, beyond, sign) in zip(SYSTEM_FAMILIES, rows, strict=True):
        required = own if own is not None else default
        if required is not None:
            found[name] = beyond + sign * np.asarray(required, dtype=np.float64)
    return found


def storage_reserve(known: Facts) -> Floats:
    """Least of discharge limit and what the stored energy sustains over storage_minutes, MW (G, T)."""
    plants, hours = known.case.storage, known.rules.reserves.storage_minutes / 60.0
    stored = (known.schedule.energy_mwh - plants.energy_min_mwh) * plants.discharge_efficiency
    sustained = stored / hours if hours > 0 else np.full(stored.shape, np.inf)
    return np.maximum(0.0, np.minimum(plants.discharge_max_mw, sustained))


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


def violations(known: Facts, soft: tuple[Soft, ...], listed: tuple[Violation, ...]) -> list[Finding]:
    """Broken soft limits that are listed are warnings; unlisted, invented or wrong ones are errors."""
    found: list[Finding] = []
    claimed, price, strangers = _claimed(soft, listed)
    found += first_few(strangers)
    for family, amount, paid in zip(soft, claimed, price, strict=True):
        name, ids = family.family, family.ids
        off, due = np.abs(amount - family.amount_mw), family.due(amount, known.hours)
        real, told = family.amount_mw > 0, amount > 0
        text = f"{name} limit is broken"
        allowed = np.maximum(family.tolerance_mw, tolerance(amount))
        found += over(
            "VIOLATION_NOT_LISTED",
            name,
            ids,
            np.where(real & ~told, off, 0.0),
            allowed,
            f"{text} but not listed",
            family.amount_mw,
        )
        found += over(
            "VIOLATION_AMOUNT",
            name,
            ids,
            np.where(told, off, 0.0),
            allowed,
            "listed violation is not the one found",
            amount,
            family.amount_mw,
        )
        found += over(
            "VIOLATION_PENALTY",
            name,
            ids,
            np.abs(paid - due),
            tolerance(due),
            "penalty is not that of the violation",
            paid,
            due,
            "money",
        )
        found += over(
            "VIOLATION", name, ids, np.where(real & told, family.amount_mw, 0.0), 0.0, text, severity=Severity.WARNING
        )
    return found


def _claimed(soft: tuple[Soft, ...], listed: tuple[Violation, ...]) -> tuple[list[Floats], list[Floats], list[Finding]]:
    """Listed amounts and penalties as arrays like those of `soft`, and findings about entries that fit nowhere."""
    place = {f.family: (j, {name: i for i, name in enumerate(f.ids)}) for j, f in enumerate(soft)}
    amount = [np.zeros(f.amount_mw.shape) for f in soft]
    paid = [np.zeros(f.amount_mw.shape) for f in soft]
    strangers: list[Finding] = []
    periods = soft[0].amount_mw.shape[-1]
    nowhere: tuple[int, dict[str, int]] = (-1, {})
    for entry in listed:
        family, subjects = place.get(entry.family, nowhere)
        row = subjects.get(entry.subject, -1)
        known_period = row >= 0 and 0 <= entry.period < periods
        if not known_period or not entry.amount_mw > 0 or amount[family][row, entry.period] != 0:
            text = f"Listed {entry.amount_mw:.6g} MW in period {entry.period}: unknown, not positive, or listed twice."
            strangers.append(
                Finding(
                    Severity.ERROR,
                    "VIOLATION_UNKNOWN",
                    f"{entry.family}/{entry.subject}",
                    text,
                    entry.subject,
                    entry.period,
                )
            )
            continue
        amount[family][row, entry.period] = entry.amount_mw
        paid[family][row, entry.period] = entry.penalty
    return amount, paid, strangers


def another_dispatch(known: Facts, soft: tuple[Soft, ...]) -> bool:
    """Whether a broken limit lets the pricing run, at its own penalties, settle on another dispatch.

    Not so under RELAX_AND_RERUN: with broken limits moved to what was attained, the schedule is an optimum of the
    pricing run too. What steers commitment only (system reserves, limits on starts) does not count; demand curves are
    the same in both.
    """
    if same_penalties(known) or known.rules.prices.violation_pricing is ViolationPricing.RELAX_AND_RERUN:
        return False
    return any((f.amount_mw[f.penalised()] > 0).any() for f in soft if f.family not in COMMITMENT_FAMILIES)


def same_penalties(known: Facts) -> bool:
    """Whether the pricing run has the penalties of the clearing: then the schedule is its optimum whatever breaks."""
    clearing, pricing = known.rules.clearing_penalties, known.rules.pricing_penalties
    families: tuple[str, ...] = ("shortage", "surplus", "branch", "interface", "product")
    if any(family.family in PRICED for family in joint(known)):
        families = (*families, "joint_limit")
    return all(getattr(clearing, f) == getattr(pricing, f) for f in families)
