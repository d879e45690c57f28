"""Results by hand: schedules and prices of small cases without a solver."""

from __future__ import annotations

from typing import Any

import numpy as np

from clearing.case.case import Case
from clearing.case.prices import Multipliers, Prices
from clearing.case.result import BoundKind, ClearingResult, Costs, Reason, Termination, Uplift
from clearing.case.schedule import Flows, Schedule


def schedule(case: Case, dispatch: Any, islands: int = 1, on: Any = None, **arrays: Any) -> Schedule:
    """A schedule from output (N, T); a unit is on where it produces unless `on` says otherwise; the rest is 0."""
    periods, units = case.horizon.periods, len(case.units.id)
    output = np.asarray(dispatch, dtype=float).reshape(units, periods)
    state = (output > 0).astype(np.int8) if on is None else np.asarray(on, dtype=np.int8)
    before = np.concatenate([case.units.initial_on[:, None].astype(np.int8), state[:, :-1]], axis=1)
    shapes = {
        "renewable_mw": (len(case.renewables.id), periods),
        "charge_mw": (len(case.storage.id), periods),
        "discharge_mw": (len(case.storage.id), periods),
        "energy_mwh": (len(case.storage.id), periods),
        "reserve_mw": (len(case.reserves.product_id), units, periods),
        "shed_mw": (len(case.network.bus_id), periods),
        "surplus_mw": (islands, periods),
    }
    return Schedule(
        on=state,
        start=(state > before).astype(np.int8),
        stop=(state < before).astype(np.int8),
        dispatch_mw=output,
        **{
            name: np.broadcast_to(np.asarray(arrays.get(name, 0.0), float), shape).copy()
            for name, shape in shapes.items()
        },
    )


def prices(case: Case, system: Any, congestion: Any = 0.0, reserve: Any = 0.0, island: Any = 0) -> Prices:
    """Prices from λ (I, T), congestion parts (K, T) and reserve prices (Q, T); no caps; zones are those of the case."""
    periods, buses = case.horizon.periods, len(case.network.bus_id)
    lambda_ = np.atleast_2d(np.asarray(system, dtype=float))
    energy = lambda_[np.broadcast_to(np.asarray(island), (buses,))]
    local = np.broadcast_to(np.asarray(congestion, float), (buses, periods)).copy()
    nothing = np.zeros((buses, periods))
    assert not case.network.zone_id
    return Prices(
        bus_price=energy + local,
        bus_energy=energy,
        bus_congestion=local,
        bus_loss=nothing,
        bus_cap_adjustment=nothing.copy(),
        system_price=lambda_,
        zone_price=np.zeros((0, periods)),
        zone_plain_mean=np.zeros((0, periods)),
        reserve_price=np.broadcast_to(np.asarray(reserve, float), (len(case.reserves.product_id), periods)).copy(),
    )


def multipliers(*entries: tuple[str, str, int, float]) -> Multipliers:
    """From (family, subject, period, value)."""
    return Multipliers(
        tuple(e[0] for e in entries),
        tuple(e[1] for e in entries),
        np.array([e[2] for e in entries], dtype=np.int64),
        np.array([e[3] for e in entries], dtype=float),
    )


def result(
    plan: Schedule,
    costs: dict[str, float],
    flows: Any = None,
    given: Prices | None = None,
    proof: Multipliers | None = None,
    uplift: tuple[Any, Any] | None = None,
    **more: Any,
) -> ClearingResult:
    """A result whose bound is its objective. costs: parts by name; uplift: (revenue, cost) by unit."""
    parts = Costs(**{**dict.fromkeys(("energy", "no_load", "start", "stop", "storage", "penalty"), 0.0), **costs})
    periods = plan.on.shape[1]
    branch = np.zeros((0, periods)) if flows is None else np.asarray(flows, float)
    payments = None
    if uplift is not None:
        revenue, cost = (np.asarray(x, float) for x in uplift)
        payments = Uplift(np.maximum(0.0, cost - revenue), revenue, cost)
    end = Termination(
        reason=Reason.OPTIMAL_WITHIN_GAP,
        objective=parts.total,
        bound=parts.total,
        bound_kind=BoundKind.SOLVER_CLAIMED,
        gap=0.0,
        absolute_gap=0.0,
        gap_asked=1e-3,
        priced=given is not None,
    )
    return ClearingResult(
        end,
        schedule=plan,
        flows=Flows(branch, np.zeros((0, periods))),
        costs=parts,
        prices=given,
        multipliers=proof,
        uplift=payments,
        **more,
    )
