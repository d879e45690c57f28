"""Leave a unit on over a valley, or stop it and start it hot, warm or cold: every alternative costed by hand.

One bus, half-hours (dt = 0.5 h): a peak of 1 h, a valley of V hours, a peak of 1 h, an evening of 2 h. Load 240 MW in
the peaks, 120 MW else. A: 200 MW at 10, at 12 in the first half-hour of the valley; nothing else to pay.
B: 20 … 100 MW at 30, no-load 100 an hour, stop 50, start hot 600, warm 1500 (off 3 h or longer), cold 4000 (off 5 h or
longer), min down 1 h, min up as stated; on before the day.

Peaks need B: A 200 + B 40. Else A alone can serve, and B on at its 20 MW costs (30 − 10)·20 + 100 = 500 an hour, so
250 a half-hour, and (30 − 12)·20 + 100 = 460 an hour, 230, in the first half-hour of the valley.

What must be paid anyway: 4 peak half-hours of 0.5·(200·10 + 40·30 + 100) = 1650; the valley by A alone,
0.5·120·12 = 720 and 0.5·120·10 = 600 for each further half-hour; the evening 4·600 = 2400; and the stop of 50 at its
start (to stay on would cost 1000, or 250 and the stop later). For V = 2, 3, 5 h: 6600 + 2400 + 50 + 720 and 3, 5, 9
times 600 = 11570, 12770, 15170.

On top, for d hours off, so 2·(V − d) half-hours on, the cheapest of which is the first (* the least):

  V = 2, min up 1 h    d = 2:   50 + 600 = 650 *               d = 1.5: 650 + 230 = 880      d = 1: 1130
                       d = 0:   230 + 3·250 = 980
  V = 2, min up 3 h    d = 0:   980 *
                       d = 2:   650, and on for the whole evening, 4·250 less its stop of 50: 1600; a start before the
                                peak moves half-hours from evening to valley at the same 250
  V = 3, min up 1 h    d = 3:   50 + 1500 = 1550               d = 2.5: 650 + 230 = 880 *    d = 2: 1130
                       d = 0:   230 + 5·250 = 1480
  V = 5, min up 1 h    d = 5:   50 + 4000 = 4050               d = 4.5: 1550 + 230 = 1780 *  d = 3: 2530
                       d = 2.5: 650 + 230 + 4·250 = 1880       d = 0:   230 + 9·250 = 2480

Prices: 30 in the peaks (B between its limits); A sets it else, 12 and 10, also while B stands at its least output.
So A gains in the peaks, and B's make-whole payment is its no-load of the peaks, 200, and all that is on top, and 50.
"""

from dataclasses import dataclass, replace

import numpy as np
import pytest

from clearing.case.case import Case, CommitmentInput, CommitmentUse
from clearing.case.result import ClearingResult
from clearing.day_ahead import clear
from clearing.rules.load import load
from clearing.solve.control import RunControl
from clearing.solve.options import SolveOptions
from tests.factory import market
from tests.hand.run import optimum

PEAK, EVENING = 2, 4


@dataclass(frozen=True)
class Plan:
    """on: half-hours that B stays on in the valley; top: money on top of what must be paid anyway."""

    valley_hours: int
    min_up_hours: int
    on: int
    top: float

    @property
    def valley(self) -> int:
        return 2 * self.valley_hours

    @property
    def commitment(self) -> list[int]:
        valley = [1] * self.on + [0] * (self.valley - self.on)
        return [1] * PEAK + valley + [1] * PEAK + [0] * EVENING

    @property
    def base(self) -> float:
        return 4 * 1650.0 + 720.0 + (self.valley - 1) * 600.0 + EVENING * 600.0 + 50.0


PLANS = {
    "short valley: stop, start hot": Plan(2, 1, 0, 650.0),
    "long min up: leave it on": Plan(2, 3, 4, 980.0),
    "stop half an hour later, still hot": Plan(3, 1, 1, 880.0),
    "stop half an hour later, warm not cold": Plan(5, 1, 1, 1780.0),
}


OTHERS = (
    # valley hours, min up hours, half-hours on at its beginning, half-hours on at its end, money on top
    *((2, 1, on, 0, top) for on, top in enumerate((650.0, 880.0, 1130.0))),
    (2, 1, 4, 0, 980.0),
    *((3, 1, on, 0, top) for on, top in ((0, 1550.0), (1, 880.0), (2, 1130.0), (6, 1480.0))),
    *((5, 1, on, 0, top) for on, top in ((0, 4050.0), (1, 1780.0), (4, 2530.0), (5, 1880.0), (10, 2480.0))),
    (3, 1, 0, 1, 900.0),  # on again before the peak instead of off later: 250 in place of 230
)


def case(plan: Plan) -> Case:
    off_peak = [120.0] * plan.valley
    price = np.full(2 * PEAK + plan.valley + EVENING, 10.0)
    price[PEAK] = 12.0
    return market(
        [240.0] * PEAK + off_peak + [240.0] * PEAK + [120.0] * EVENING,
        units=[
            {"id": "A", "p_max": 200.0, "blocks": [(200.0, price)]},
            {
                "id": "B",
                "p_min": 20.0,
                "p_max": 100.0,
                "price": 30.0,
                "no_load": 100.0,
                "stop_cost": 50.0,
                "start": [(0, 600.0), (180, 1500.0), (300, 4000.0)],
                "min_up": 60 * plan.min_up_hours,
                "min_down": 60,
                "on": True,
                "mw": 40.0,
            },
        ],
        period_minutes=30,
    )


@pytest.fixture(scope="module", params=PLANS.values(), ids=PLANS.keys())
def solved(request: pytest.FixtureRequest) -> tuple[Plan, ClearingResult]:
    return request.param, optimum(case(request.param))


def test_objective(solved: tuple[Plan, ClearingResult]) -> None:
    plan, answer = solved
    assert answer.costs is not None
    assert plan.base == {2: 11570.0, 3: 12770.0, 5: 15170.0}[plan.valley_hours]
    assert answer.costs.total == pytest.approx(plan.base + plan.top, abs=1e-6)


def test_commitment_and_dispatch(solved: tuple[Plan, ClearingResult]) -> None:
    plan, answer = solved
    assert answer.schedule is not None
    assert answer.schedule.on[1].tolist() == plan.commitment
    peaks = np.array([1] * PEAK + [0] * plan.valley + [1] * PEAK + [0] * EVENING)
    b = np.where(peaks == 1, 40.0, 20.0) * np.array(plan.commitment)
    assert answer.schedule.dispatch_mw[1] == pytest.approx(b, abs=1e-6)
    assert answer.schedule.dispatch_mw[0] == pytest.approx(np.where(peaks == 1, 240.0, 120.0) - b, abs=1e-6)


def test_prices(solved: tuple[Plan, ClearingResult]) -> None:
    plan, answer = solved
    assert answer.prices is not None
    price = [30.0] * PEAK + [12.0] + [10.0] * (plan.valley - 1) + [30.0] * PEAK + [10.0] * EVENING
    assert answer.prices.bus_price[0] == pytest.approx(price, abs=1e-6)


def test_make_whole(solved: tuple[Plan, ClearingResult]) -> None:
    plan, answer = solved
    assert answer.uplift is not None
    assert answer.uplift.make_whole == pytest.approx([0.0, 200.0 + plan.top + 50.0], abs=1e-6)


@pytest.mark.parametrize(("valley_hours", "min_up_hours", "on", "again", "top"), OTHERS)
def test_every_alternative_costs_what_is_said(
    valley_hours: int, min_up_hours: int, on: int, again: int, top: float
) -> None:
    plan = Plan(valley_hours, min_up_hours, on, top)
    b = np.array(plan.commitment)
    b[PEAK + plan.valley - again : PEAK + plan.valley] = 1
    given = CommitmentInput(CommitmentUse.FIXED, np.array([np.ones_like(b), b], dtype=np.int8))
    answer = clear(replace(case(plan), commitment=given), load("generic"), SolveOptions(), RunControl())
    assert answer.audit_passed, answer.audit
    assert answer.costs is not None
    assert answer.costs.total == pytest.approx(plan.base + top, abs=1e-6)
