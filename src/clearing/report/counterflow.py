"""Why the price of a bus is below 0: the limit that a MW of load there relieves."""

from __future__ import annotations

import numpy as np

from clearing.case.arrays import Floats
from clearing.case.case import Case
from clearing.case.contingencies import parted
from clearing.case.linear_limits import weights
from clearing.case.result import Binding, ClearingResult
from clearing.grid.monitored import AFTER, FAMILY, Grid, grid
from clearing.grid.pairs import Pairs
from clearing.report.tables import MOST_ROWS, Table
from clearing.report.values import amount, limit_name

HEADS = ("Bus", "Periods", "Lowest at", "Price", "Energy", "Congestion", "Losses", "Why")
NUMERIC = frozenset({1, 3, 4, 5, 6})
NOTHING = "No bus has a price below 0."
KIND = {
    "branch": "branch",
    "interface": "interface",
    "contingency": "branch",
    "contingency_interface": "interface",
    "linear_limit": "linear limit",
}


def below_zero(case: Case, result: ClearingResult) -> Table:
    """One row a bus whose price before floor and cap is below 0 somewhere, with its parts where it is lowest, and why.

    A price below 0 under an energy part above 0 is counterflow: load at the bus pushes against a flow that a limit
    holds, so that cheaper output comes through elsewhere. The limit named is the one that takes most off: a branch or
    an interface, either after a contingency, or a linear limit that weighs flows or injections.
    """
    prices = result.prices
    if prices is None:
        return Table(HEADS, [], NUMERIC, "The result was not priced.")
    free = prices.bus_energy + prices.bus_congestion + prices.bus_loss
    found = np.flatnonzero((free < -0.005).any(axis=1))
    if not len(found):
        return Table(HEADS, [], NUMERIC, NOTHING)
    order = found[np.argsort(free[found].min(axis=1), kind="stable")][:MOST_ROWS]
    network, labels = _with_met(case, grid(case), result.bindings), case.horizon.labels()
    rows, lowest = [], np.argmin(free, axis=1)
    for k in order.tolist():
        t = int(lowest[k])
        parts = (free[k, t], prices.bus_energy[k, t], prices.bus_congestion[k, t], prices.bus_loss[k, t])
        why = _why(case, network, result.bindings, k, t, parts[1:])
        count = str(int((free[k] < -0.005).sum()))
        rows.append((case.network.bus_id[k], count, labels[t], *(amount(float(p), 2) for p in parts), why))
    return Table(HEADS, rows, NUMERIC, NOTHING, len(found))


def _why(
    case: Case, network: Grid, bindings: tuple[Binding, ...], bus: int, period: int, parts: tuple[Floats, ...]
) -> str:
    energy, congestion, loss = (float(part) for part in parts)
    if energy < 0.0 and congestion >= energy:
        return "energy itself has a price below 0: more load spares curtailment or surplus"
    pull = _pulls(network, bindings, bus, period) | _linear_pulls(case, network, bindings, bus, period)
    if loss < min((money for money, _ in pull.values()), default=congestion):
        return "losses: a MW of load here makes flows, and what they lose, smaller"
    if not pull:
        return "limits that nothing names: the prices are not those of the bindings"
    (family, subject), (money, share) = min(pull.items(), key=lambda item: item[1][0])
    return (
        f"counterflow: a MW of load here takes {amount(abs(share), 3)} MW off "
        f"{KIND[family]} {limit_name(case, family, subject)}, "
        f"which is worth {amount(-money, 2)}"
    )


def _pulls(
    network: Grid, bindings: tuple[Binding, ...], bus: int, period: int
) -> dict[tuple[str, str], tuple[float, float]]:
    """By branch or interface that takes something off the price of the bus: money per MWh, and its shift factor."""
    monitored, factor = network.monitored, network.at_bus(bus)[:, period]
    place = {(FAMILY[kind], name): e for e, (kind, name) in enumerate(zip(monitored.kind, monitored.id, strict=True))}
    found: dict[tuple[str, str], tuple[float, float]] = {}
    for b in bindings:
        e = place.get((b.family, b.subject), -1)
        if b.period == period and e >= 0:
            money = float(factor[e]) * (-b.shadow_price if b.side == "max" else b.shadow_price)
            if money < 0.0:
                found[b.family, b.subject] = money, float(factor[e])
    return found


def _with_met(case: Case, network: Grid, bindings: tuple[Binding, ...]) -> Grid:
    """The grid that knows every limit after a contingency that binds."""
    table, found = case.contingencies, []
    for family, subject in dict.fromkeys((b.family, b.subject) for b in bindings):
        interface = FAMILY.index(family) - AFTER if family in FAMILY else -1
        named = parted(table, subject)
        if interface >= 0 and named is not None:
            ids = (case.network.branch_id, case.network.interface_id)[interface]
            found.append((interface, ids.index(named[0]), table.id.index(named[1])))
    if not found:
        return network
    return network.watching(Pairs(*np.array(found, dtype=np.int64).T.copy()))


def _linear_pulls(
    case: Case, network: Grid, bindings: tuple[Binding, ...], bus: int, period: int
) -> dict[tuple[str, str], tuple[float, float]]:
    """As `_pulls`, by linear limit: what it weighs of the injection at the bus and of the flows that it drives."""
    limits = case.linear_limits
    binding = [b for b in bindings if b.family == "linear_limit" and b.period == period]
    if not binding:
        return {}
    unit = np.zeros((len(case.network.bus_id), case.horizon.periods))
    unit[bus, period] = 1.0
    factor = weights(limits, "bus", len(unit))[:, bus]
    factor = factor + weights(limits, "branch", len(case.network.branch_id)) @ network.driven(unit)[:, period]
    found: dict[tuple[str, str], tuple[float, float]] = {}
    for b in binding:
        share = float(factor[limits.id.index(b.subject)])
        money = share * (-b.shadow_price if b.side == "max" else b.shadow_price)
        if money < 0.0:
            found[b.family, b.subject] = money, share
    return found
