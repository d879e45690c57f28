"""Hand-worked: a store whose efficiencies and greatest energy differ by period.

Load 20 MW in three hours at 10, 24 and 50 an MWh. The store takes up to 10 MW, half of which arrives in hour 1 and all
of it in hour 2; it gives back all in hour 2 and 80 % in hour 3, is empty before and after, and holds at most R MWh at
the end of hour 2.

A MWh inside is worth 24 in hour 2 and 0.8 · 50 = 40 in hour 3; in hour 1 it costs 10/0.5 = 20, in hour 2 it costs 24.
So hour 1 brings all it can, 10 MW and 5 MWh; of these R wait for hour 3 and 5 − R go back in hour 2:
10 · 30 + 24 · (20 − 5 + R) + 50 · (20 − 0.8 R) = 1660 − 16 R up to R = 5, and beyond it hour 2 charges R − 5 MW, the
same. Without the store 1680; a MWh of room is worth 16.
"""

from dataclasses import replace

import numpy as np
import pytest

from clearing.case.case import Case
from clearing.day_ahead import clear
from clearing.rules.load import load
from clearing.solve.control import RunControl
from clearing.solve.options import SolveOptions
from models.scuc import scuc
from models.solve import solve
from tests.factory import market


def store(room: float) -> Case:
    case = market(
        [20.0, 20.0, 20.0],
        units=[{"id": "U", "p_max": 100, "blocks": [(100, [10.0, 24.0, 50.0])]}],
        storage=[{"id": "S", "power": 10, "energy": [10.0, room, 10.0], "final": 0.0, "final_max": 0.0}],
    )
    ways = {"charge_efficiency": np.array([[0.5, 1.0, 1.0]]), "discharge_efficiency": np.array([[1.0, 1.0, 0.8]])}
    return replace(case, storage=replace(case.storage, **ways))


@pytest.mark.parametrize(("room", "cost"), [(0.0, 1660.0), (4.0, 1596.0), (5.0, 1580.0), (6.0, 1564.0)])
def test_the_room_at_the_end_of_a_period_decides(room: float, cost: float) -> None:
    case, rules = store(room), load("generic")
    answer = clear(case, rules, SolveOptions(gap=0.0), RunControl())
    assert answer.termination.objective == pytest.approx(cost, rel=1e-9)
    assert answer.audit_passed, answer.audit
    assert solve(scuc(case, rules)).objective == pytest.approx(cost, rel=1e-9)


def test_schedule_of_the_store() -> None:
    plan = clear(store(4.0), load("generic"), SolveOptions(gap=0.0), RunControl()).schedule
    assert plan is not None
    assert plan.charge_mw[0] == pytest.approx([10.0, 0.0, 0.0], abs=1e-9)
    assert plan.discharge_mw[0] == pytest.approx([0.0, 1.0, 3.2], abs=1e-9)
    assert plan.energy_mwh[0] == pytest.approx([5.0, 4.0, 0.0], abs=1e-9)
