"""A part of a day as a case of its own, and the state that a schedule leaves behind."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clearing.case.case import Case, CommitmentInput, CommitmentUse
from clearing.case.interval import after, cut
from clearing.day_ahead import clear
from clearing.rules.load import load
from clearing.solve.control import RunControl
from clearing.solve.options import SolveOptions
from clearing.wire import case_file
from tests.factory import market
from tests.wire.drawn import cases
from tests.wire.equal import difference


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(cases(), st.data())
def test_every_series_of_any_case_is_cut(case: Case, data: st.DataObject) -> None:
    """A series that was forgotten has the length of the day and does not survive the message."""
    first = data.draw(st.integers(0, case.horizon.periods - 1))
    last = data.draw(st.integers(first, case.horizon.periods - 1))
    part = cut(case, first, last)
    back, findings = case_file.case_from_bytes(case_file.case_to_bytes(part))
    assert findings == []
    assert difference(part, back) == ""
    assert part.horizon.labels() == case.horizon.labels()[first : last + 1]


def test_a_case_cut_whole_is_itself() -> None:
    case = market([10.0, 20.0], [{"id": "a", "p_max": [30, 40], "fixed": {1: 5.0}}], period_minutes=15)
    assert difference(cut(case, 0, 1), case) == ""


def whole_day() -> Case:
    units = [
        {"id": "a", "p_max": [10, 20, 30, 40], "fixed": {1: 5.0, 3: 7.0}, "ineligible": [0, 2], "max_starts": 1},
        {"id": "b", "p_max": 50, "on": True, "mw": 20, "minutes": 90},
    ]
    branches = [{"id": "l", "ends": ("x", "y"), "x": 0.1, "limit": 9.0, "out": [(0, 1), (3, 3)],
                 "limits": [(1, 2, 5.0, 6.0)]}]  # fmt: skip
    windows = [{"unit": "a", "first": 2, "last": 3, "max": 9.0}, {"unit": "b", "first": 0, "last": 3, "max": 90.0}]
    on = np.array([[0, 1, 1, 0], [1, 1, 0, 0]], dtype=np.int8)
    given_ = CommitmentInput(CommitmentUse.FIXED, on, np.array([1]))
    return market(
        {"x": [1.0, 2.0, 3.0, 4.0], "y": [0.0] * 4}, units, branches=branches, windows=windows, period_minutes=30,
        commitment=given_,
    )  # fmt: skip


def test_lists_and_windows_of_periods_move_with_the_part() -> None:
    part = cut(whole_day(), 2, 3)
    assert part.horizon.labels() == ("01:30", "02:00")
    assert part.units.p_max_mw[0].tolist() == [30, 40]
    assert part.loads.mw[0].tolist() == [3, 4]
    assert (part.units.fixed_unit.tolist(), part.units.fixed_period.tolist()) == ([0], [1])
    assert part.price_ineligible.period.tolist() == [0]
    outages, limits = part.network.branch_outages, part.network.branch_limit_windows
    assert (outages.first_period.tolist(), outages.last_period.tolist()) == ([1], [1])
    assert (limits.first_period.tolist(), limits.last_period.tolist(), limits.limit_mw.tolist()) == ([0], [0], [5.0])
    assert part.commitment is not None
    assert (part.commitment.on.tolist(), part.commitment.free.tolist()) == ([[1, 0], [0, 0]], [1])
    assert (part.energy_windows.unit.tolist(), part.energy_windows.first_period.tolist()) == ([0], [0])
    assert (
        part.notes[-1]
        == "Energy windows of units, limits on starts hold over the whole day and are left out of its parts."
    )


@pytest.mark.parametrize(
    ("period", "on", "minutes", "mw"),
    [
        (0, [False, True], [30, 120], [0, 20]),
        (1, [True, True], [30, 150], [10, 10]),
        (2, [True, False], [60, 30], [20, 0]),
    ],
)
def test_the_state_after_a_period(period: int, on: list[bool], minutes: list[int], mw: list[float]) -> None:
    """Off for 0 minutes or on for 90 before; half-hours. a: off, on, on; b: on, on, off."""
    units = [
        {"id": "a", "p_min": 10, "p_max": 30, "price": 5, "minutes": 0},
        {"id": "b", "p_min": 10, "p_max": 50, "price": 9, "on": True, "mw": 20, "minutes": 90},
    ]
    given_ = CommitmentInput(CommitmentUse.FIXED, np.array([[0, 1, 1, 1], [1, 1, 0, 0]], dtype=np.int8))
    store = {"id": "s", "power": 4, "energy": 8, "initial": 3, "eta": 1.0, "final": 1}
    case = market([20.0, 20.0, 20.0, 20.0], units, storage=[store], period_minutes=30, commitment=given_)
    schedule = clear(case, load("generic"), SolveOptions(), RunControl()).schedule
    assert schedule is not None
    part = after(case, schedule, period, cut(case, period + 1, 3))
    assert part.units.initial_on.tolist() == on
    assert part.units.initial_minutes.tolist() == minutes
    assert part.units.initial_mw == pytest.approx(schedule.dispatch_mw[:, period])
    assert part.storage.initial_energy_mwh == pytest.approx(schedule.energy_mwh[:, period])
    assert (part.units.initial_mw > 0).tolist() == [m > 0 for m in mw]
