"""Small cases solved on paper: case, result, and the objective that the arithmetic gives."""

from __future__ import annotations

from clearing.case.case import Case
from clearing.case.result import Binding, ClearingResult, Violation
from tests.checks.build import multipliers, prices, result, schedule
from tests.factory import market

Worked = tuple[Case, ClearingResult, float]


def peaker() -> Worked:
    """A second unit starts for one hour: 3400 + 800 energy, 30 no-load, 100 start, 7 stop.

    λ is the block of the marginal unit: 20, 40, and 20 at the edge of a block. In the peak the cheap unit is at
    p_max, where a MW more would be worth 20. The peaker earns 800 and costs 907: make-whole 107.
    """
    case = market(
        [50, 80, 60],
        units=[
            {"id": "base", "p_min": 20, "p_max": 60, "price": 20, "no_load": 10, "on": True, "mw": 50},
            {"id": "peak", "p_min": 10, "p_max": 50, "price": 40, "start_cost": 100, "stop_cost": 7, "min_up": 60},
        ],
    )
    proof = multipliers(
        *(("balance", "system", t, v) for t, v in enumerate((20.0, 40.0, 20.0))), ("headroom", "base", 1, -20.0)
    )
    return (
        case,
        result(
            schedule(case, [[50, 60, 60], [0, 20, 0]]),
            {"energy": 4200.0, "no_load": 30.0, "start": 100.0, "stop": 7.0},
            given=prices(case, [20, 40, 20]),
            proof=proof,
            uplift=([4600, 800], [3430, 907]),
        ),
        4337.0,
    )


def congested() -> Worked:
    """A line of 60 MW between 20 and 50 money: rent 30·60 = 1800 = 100·50 − 60·20 − 40·50. The reference is b."""
    case = market(
        {"a": [0.0], "b": [100.0]},
        units=[
            {"id": "cheap", "bus": "a", "p_max": 200, "price": 20, "on": True, "mw": 60},
            {"id": "dear", "bus": "b", "p_max": 200, "price": 50, "on": True, "mw": 40},
        ],
        branches=[{"id": "ab", "ends": ("a", "b"), "limit": 60}],
    )
    return (
        case,
        result(
            schedule(case, [[60], [40]]),
            {"energy": 3200.0},
            flows=[[60.0]],
            given=prices(case, [50], congestion=[[-30], [0]]),
            proof=multipliers(("balance", "a", 0, 50.0), ("branch", "ab", 0, -30.0)),
            uplift=([1200, 2000], [1200, 2000]),
            bindings=(Binding("branch", "ab", 0, "max", 60.0, 30.0),),
        ),
        3200.0,
    )


def triangle() -> Worked:
    """Three equal lines, 90 MW from a to c: 60 MW go straight, 30 MW by b; and an island of one bus at price 15."""
    case = market(
        {"a": [0.0], "b": [0.0], "c": [90.0], "d": [10.0]},
        units=[
            {"id": "one", "bus": "a", "p_max": 200, "price": 20, "on": True, "mw": 90},
            {"id": "other", "bus": "d", "p_max": 20, "price": 15, "on": True, "mw": 10},
        ],
        branches=[{"id": f"{x}{y}", "ends": (x, y), "limit": 100} for x, y in ("ab", "bc", "ac")],
    )
    return (
        case,
        result(
            schedule(case, [[90], [10]], islands=2),
            {"energy": 1950.0},
            flows=[[30.0], [30.0], [60.0]],
            given=prices(case, [[20], [15]], island=[0, 0, 0, 1]),
            proof=multipliers(("balance", "a", 0, 20.0), ("balance", "d", 0, 15.0)),
            uplift=([1800, 150], [1800, 150]),
        ),
        1950.0,
    )


def stored() -> Worked:
    """Half hours. 10 MW charged at 10, discharged at 50: a MWh is worth 10, then 50 (full between, empty at the end).

    The multiplier is divided by the half hour: −20 and −100. Energy 20 MW · 10 · 0.5 h twice = 200.
    """
    case = market(
        [10, 30],
        units=[
            {"id": "g", "p_max": 20, "price": 10, "on": True, "mw": 20},
            {"id": "dear", "p_max": 50, "price": 50, "p_min": 10},
        ],
        storage=[{"id": "s", "power": 10, "energy": 5, "initial": 0, "final": 0}],
        period_minutes=30,
    )
    plan = schedule(case, [[20, 20], [0, 0]], charge_mw=[[10, 0]], discharge_mw=[[0, 10]], energy_mwh=[[5, 0]])
    proof = multipliers(
        ("balance", "system", 0, 10.0),
        ("balance", "system", 1, 50.0),
        ("headroom", "g", 1, -40.0),
        ("storage_energy", "s", 0, -20.0),
        ("storage_energy", "s", 1, -100.0),
    )
    return (
        case,
        result(plan, {"energy": 200.0}, given=prices(case, [10, 50]), proof=proof, uplift=([600, 0], [200, 0])),
        200.0,
    )


def ramping() -> Worked:
    """The cheap unit rises 30 MW an hour from 20: 50, 80. λ = 30; its ramp is worth 20 in hour 2, 40 in hour 1."""
    case = market(
        [60, 100],
        units=[
            {"id": "slow", "p_max": 100, "price": 10, "ramp": 0.5, "on": True, "mw": 20},
            {"id": "fast", "p_max": 100, "price": 30, "on": True, "mw": 0},
        ],
    )
    proof = multipliers(
        ("balance", "system", 0, 30.0),
        ("balance", "system", 1, 30.0),
        ("ramp_up", "slow", 0, -40.0),
        ("ramp_up", "slow", 1, -20.0),
    )
    return (
        case,
        result(
            schedule(case, [[50, 80], [10, 20]]),
            {"energy": 2200.0},
            given=prices(case, [30, 30]),
            proof=proof,
            uplift=([3900, 900], [1300, 900]),
        ),
        2200.0,
    )


def reserved() -> Worked:
    """10 MW of reserve keep the cheap unit at 40 of 50 MW: reserve is worth 20 − 10."""
    case = market(
        [45],
        units=[
            {"id": "cheap", "p_max": 50, "price": 10, "on": True, "mw": 40},
            {"id": "dear", "p_max": 50, "price": 20, "on": True, "mw": 5},
        ],
        products=[{"id": "spin", "requirement": 10, "max": [50, 0]}],
    )
    proof = multipliers(("balance", "system", 0, 20.0), ("product", "spin", 0, 10.0), ("headroom", "cheap", 0, -10.0))
    return (
        case,
        result(
            schedule(case, [[40], [5]], reserve_mw=[[[10], [0]]]),
            {"energy": 500.0},
            given=prices(case, [20], reserve=[10]),
            proof=proof,
            uplift=([900, 100], [400, 100]),
            bindings=(Binding("product", "spin", 0, "min", 10.0, 10.0),),
        ),
        500.0,
    )


def short() -> Worked:
    """20 of 100 MW cannot be served: listed, with the penalty of 50 000 a MWh of the generic rule set; not priced."""
    case = market([100], units=[{"id": "g", "p_max": 80, "price": 10, "on": True, "mw": 80}])
    return (
        case,
        result(
            schedule(case, [[80]], shed_mw=[[20]]),
            {"energy": 800.0, "penalty": 1e6},
            violations=(Violation("shortage", "system", 0, 20.0, 1e6),),
        ),
        1_000_800.0,
    )


WORKED = (peaker, congested, triangle, stored, ramping, reserved, short)
