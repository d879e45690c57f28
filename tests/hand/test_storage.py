"""A store that charges at the cheap end of a day and discharges at the dear end, worked by hand.

One bus, six half-hours (dt = 0.5 h). A: 80 MW at 20, 40 MW at 30. B: 40 MW at 60. C: 50 MW at 100. No-load, start and
least output are 0. Store: at most 30 MW in, 24 MW out, 20 MWh of room, efficiency 0.8 each way, empty at first, free
at the end. One MWh out needs 1.25 MWh inside and 1.5625 MWh at the bus.

  t    load   without the store    with the store                                  price, and why
  1     40    A 40                 in 30 (its most): A 70; 12 MWh inside            20  A's first block; the store would
                                                                                        pay up to 24 but cannot
  2     85    A 85                 in 20, which is the 8 MWh of room left: A 105    30  A's second block
  3    110    A 110                full, and dear hours are to come: nothing        30  A's second block
  4    200    A 120 B 40 C 40      out 24 (its most): A 120, B 40, C 16            100  C; 12 MWh out take 15 inside
  5    140    A 120 B 20           out the rest, 5 MWh inside, so 8 MW: B 12        60  B
  6    100    A 100                empty                                            30  A's second block

Why no other plan is cheaper. A MWh inside the store is worth 0.8 · 60 = 48 at the margin (period 5) and costs
30 / 0.8 = 37.5 at the margin (period 2), so it is filled, and not before period 1 has given what it can, at
20 / 0.8 = 25; it is worth 80 in period 4, so that power limit is used up first; at 30, 0.8 · 30 = 24, it is not sold.
Charging from B or C would cost 75 or more.

Cost per hour: 70·20 = 1400 | 80·20 + 25·30 = 2350 | 80·20 + 30·30 = 2500 | 2800 + 40·60 + 16·100 = 6800
               | 2800 + 12·60 = 3520 | 80·20 + 20·30 = 2200;  sum 18770, over half-hours 9385.
Without the store: 800 + 1750 + 2500 + 9200 + 4000 + 2200 = 20450, over half-hours 10225. It saves 840, which is what it
earns: out 0.5·(24·100 + 8·60) = 1440, in 0.5·(30·20 + 20·30) = 600.
One more MWh of room is worth 48 − 37.5 = 10.5.
"""

from dataclasses import replace

import numpy as np
import pytest

from clearing.case.case import Case
from clearing.case.result import ClearingResult
from tests.factory import market
from tests.hand.run import optimum

ROOM_MWH = 20.0
CHARGE = [30.0, 20.0, 0.0, 0.0, 0.0, 0.0]
DISCHARGE = [0.0, 0.0, 0.0, 24.0, 8.0, 0.0]
ENERGY = [12.0, 20.0, 20.0, 5.0, 0.0, 0.0]
DISPATCH = [
    [70.0, 105.0, 110.0, 120.0, 120.0, 100.0],
    [0.0, 0.0, 0.0, 40.0, 12.0, 0.0],
    [0.0, 0.0, 0.0, 16.0, 0.0, 0.0],
]
PRICE = [20.0, 30.0, 30.0, 100.0, 60.0, 30.0]


def case(room_mwh: float = ROOM_MWH, power: float = 1.0) -> Case:
    return market(
        [40.0, 85.0, 110.0, 200.0, 140.0, 100.0],
        units=[
            {"id": "A", "p_max": 120.0, "blocks": [(80.0, 20.0), (40.0, 30.0)]},
            {"id": "B", "p_max": 40.0, "price": 60.0},
            {"id": "C", "p_max": 50.0, "price": 100.0},
        ],
        storage=[{"id": "S", "charge": 30.0 * power, "discharge": 24.0 * power, "eta": 0.8, "energy": room_mwh}],
        period_minutes=30,
    )


@pytest.fixture(scope="module")
def answer() -> ClearingResult:
    return optimum(case())


def test_objective(answer: ClearingResult) -> None:
    assert answer.costs is not None
    assert answer.costs.total == pytest.approx(9385.0, abs=1e-6)


def test_schedule(answer: ClearingResult) -> None:
    schedule = answer.schedule
    assert schedule is not None
    assert schedule.charge_mw[0] == pytest.approx(CHARGE, abs=1e-6)
    assert schedule.discharge_mw[0] == pytest.approx(DISCHARGE, abs=1e-6)
    assert schedule.energy_mwh[0] == pytest.approx(ENERGY, abs=1e-6)
    assert schedule.dispatch_mw == pytest.approx(np.array(DISPATCH), abs=1e-6)


def test_prices(answer: ClearingResult) -> None:
    assert answer.prices is not None
    assert answer.prices.bus_price[0] == pytest.approx(PRICE, abs=1e-6)


def test_the_store_earns_what_it_saves(answer: ClearingResult) -> None:
    without = optimum(case(power=0.0))
    assert answer.prices is not None
    assert answer.schedule is not None
    assert without.costs is not None
    assert without.costs.total == pytest.approx(10225.0, abs=1e-6)
    net_out = answer.schedule.discharge_mw[0] - answer.schedule.charge_mw[0]
    assert 0.5 * (answer.prices.bus_price[0] * net_out).sum() == pytest.approx(840.0, abs=1e-6)


def test_one_more_mwh_of_room(answer: ClearingResult) -> None:
    larger = optimum(case(room_mwh=ROOM_MWH + 1.0))
    assert larger.costs is not None
    assert larger.costs.total == pytest.approx(9385.0 - 10.5, abs=1e-6)


def test_unequal_efficiencies() -> None:
    """0.8 in, 1.0 out: 20 MWh inside are 20 MWh out, 24 MW (12 MWh) in period 4 and 16 MW (8 MWh) in period 5.

    Saved: B falls by 8 MW more in period 5, 0.5·8·60 = 240: 9145. 1.0 in, 0.8 out: 30 MW put in 15 MWh, the last 5 MWh
    are 10 MW of period 2 instead of 20, 0.5·10·30 = 150 saved: 9235.
    """
    one = np.ones(1)
    for changed, cost in (({"discharge_efficiency": one}, 9145.0), ({"charge_efficiency": one}, 9235.0)):
        answer = optimum(replace(case(), storage=replace(case().storage, **changed)))
        assert answer.costs is not None
        assert answer.costs.total == pytest.approx(cost, abs=1e-6)
