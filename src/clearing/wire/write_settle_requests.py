"""A cleared day → the request that settles it: every resource a participant, every bus a node."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from clearing.case.arrays import Floats, Ids, Ints
from clearing.case.case import Case
from clearing.market_day.two_settlement import Traded
from clearing.settlement.accounts import Addressee
from clearing.settlement.money import UNITS_OF_MWH
from clearing.v1 import settlement_pb2 as pb2

MILLI = 1000
KINDS = {
    "unit": Addressee.GENERATION, "renewable": Addressee.GENERATION, "storage": Addressee.STORAGE,
    "pumped_hydro": Addressee.STORAGE, "tie": Addressee.GRID, "virtual_plant": Addressee.DEMAND_RESPONSE,
    "demand_bid": Addressee.USER, "load": Addressee.USER, "shed": Addressee.USER,
}  # fmt: skip
"""Kind of resource → kind of addressee."""


@dataclass(frozen=True, slots=True)
class PriceParts:
    """Prices of buses (K, T): price = energy + loss + the rest, which is congestion and what clipping added."""

    price: Floats
    energy: Floats
    loss: Floats


@dataclass(frozen=True, slots=True)
class Market:
    """One market of a day: what resources trade (n, T), and parts of prices."""

    traded: Traded
    parts: PriceParts


@dataclass(frozen=True, slots=True)
class UnitCost:
    """Money (N) over the day: of the day-ahead schedule, and of running in real time."""

    ahead: Floats
    real: Floats


def settle_request(
    case: Case, ahead: Market, real: Market, at: Ints, issued_at: str, cost: UnitCost | None = None
) -> pb2.SettleRequest:
    """The request. at (T): day-ahead period of every real-time period; cost: what units are compensated for.
    The energy part is that of the first island; resources that trade nothing are left out."""
    periods, hours = case.horizon.periods, case.horizon.hours
    weight, node = _nodes(case, ahead.traded)
    first, second = (_tenths(mw, hours) for mw in (ahead.traded.mw[:, at], real.traded.mw))
    kept = np.flatnonzero(np.any(first != 0, axis=1) | np.any(second != 0, axis=1))
    ids = [f"{ahead.traded.kind[row]}:{ahead.traded.id[row]}" for row in kept]
    parts = {
        f"{name}_{part}": _milli(weight @ getattr(market.parts, part)[:, columns])
        for name, market, columns in (("ahead", ahead, at), ("real", real, np.arange(periods)))
        for part in ("price", "energy", "loss")
    }
    request = pb2.SettleRequest(
        cycle=pb2.SettlementCycle(
            first_day=str(case.horizon.operating_day), days=1, periods=periods, issued_at=issued_at, number_prefix="S"
        ),
        participants=pb2.SettlementParticipants(
            participant=ids,
            kind=[int(KINDS[ahead.traded.kind[row]]) for row in kept],  # type: ignore[misc]
            node=[node[row] for row in kept.tolist()],
        ),
        prices=pb2.NodePrices(
            node=[*case.network.bus_id, *(f"virtual_plant:{name}" for name in case.virtual_plants.id)],
            ahead_milli=parts["ahead_price"].ravel().tolist(),
            real_milli=parts["real_price"].ravel().tolist(),
            ahead_energy_milli=parts["ahead_energy"][0].tolist(),
            real_energy_milli=parts["real_energy"][0].tolist(),
            ahead_loss_milli=parts["ahead_loss"].ravel().tolist(),
            real_loss_milli=parts["real_loss"].ravel().tolist(),
        ),
        energy=[
            pb2.SettlementEnergy(
                ahead_tenth_kwh=first[kept].ravel().tolist(), real_tenth_kwh=second[kept].ravel().tolist()
            )
        ],
    )
    if cost is not None:
        _costs(request, ids, case.units.id, cost)
    return request


def _nodes(case: Case, traded: Traded) -> tuple[Floats, Sequence[str]]:
    """Weights (nodes, K) of buses in every node, and the node of every resource."""
    plants, buses = case.virtual_plants, case.network.bus_id
    share = np.zeros((len(plants.id), len(buses)))
    np.add.at(share, (plants.factor_plant, plants.factor_bus), plants.factor)
    at = {
        "unit": case.units.bus, "renewable": case.renewables.bus, "storage": case.storage.bus,
        "pumped_hydro": case.pumped_hydro.bus, "tie": case.ties.bus, "demand_bid": case.demand_bids.bus,
        "load": case.loads.bus, "shed": np.arange(len(buses)),
    }  # fmt: skip
    names, place = [], dict.fromkeys(KINDS, 0)
    for kind, name in zip(traded.kind, traded.id, strict=True):
        row = place[kind]
        place[kind] += 1
        names.append(f"virtual_plant:{name}" if kind == "virtual_plant" else buses[int(at[kind][row])])
    return np.vstack([np.eye(len(buses)), share]), names


def _costs(request: pb2.SettleRequest, ids: Sequence[str], units: Ids, cost: UnitCost) -> None:
    """Costs of every unit that settles, all parts of each in one."""
    known = set(ids)
    rows = [row for row, name in enumerate(units) if f"unit:{name}" in known]
    request.costs.participant.extend(f"unit:{units[row]}" for row in rows)
    request.costs.day.extend([0] * len(rows))
    request.costs.ahead_energy_milli.extend(_milli(cost.ahead[rows]).tolist())
    request.costs.real_cost_milli.extend(_milli(cost.real[rows]).tolist())


def _tenths(mw: Floats, hours: float) -> Ints:
    return np.rint(mw * (hours * UNITS_OF_MWH)).astype(np.int64)


def _milli(values: Floats) -> Ints:
    return np.rint(values * MILLI).astype(np.int64)
