"""Why the price of a bus is below 0: the limit that a MW of load there relieves."""

from __future__ import annotations

import numpy as np

from clearing.case.arrays import Floats
from clearing.case.case import Case
from clearing.case.result import Binding, ClearingResult
from clearing.grid.monitored import FAMILY, Grid, grid
from clearing.report.tables import MOST_ROWS, Table
from clearing.report.values import amount

HEADS = ("Bus", "Periods", "Lowest at", "Price", "Energy", "Congestion", "Losses", "Why")
NUMERIC = frozenset({1, 3, 4, 5, 6})
NOTHING = "No bus has a price below 0."


def below_zero(case: Case, result: ClearingResult) -> Table:
    """One row a bus whose price before floor and cap is below 0 somewhere, with its parts where it is lowest, and why.

    A price below 0 under an energy part above 0 is counterflow: load at the bus pushes against a flow that a limit
    holds, so that cheaper output comes through elsewhere. The limit named is the one that takes most off.
    """
    prices = result.prices
    if prices is None:
        return Table(HEADS, [], NUMERIC, "The result was not priced.")
    free = prices.bus_energy + prices.bus_congestion + prices.bus_loss
    found = np.flatnonzero((free < -0.005).any(axis=1))
    if not len(found):
        return Table(HEADS, [], NUMERIC, NOTHING)
    order = found[np.argsort(free[found].min(axis=1), kind="stable")][:MOST_ROWS]
    network, labels = grid(case), case.horizon.labels()
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
    pull = _pulls(network, bindings, bus, period)
    if not pull:
        return "losses" if loss < congestion else "limits that are not of single branches or interfaces"
    (family, subject), (money, share) = min(pull.items(), key=lambda item: item[1][0])
    return (
        f"counterflow: a MW of load here takes {amount(abs(share), 3)} MW off {family} {subject}, "
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
