"""Every MW that real time does otherwise has one cause, and the money goes with it: the day of `example`, by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from clearing.case.finding import Finding, Severity
from clearing.market_day.causes import CAUSES, deviations
from clearing.market_day.two_settlement import traded
from clearing.report.day_tables import warning_table
from tests.market_day.example import market_day

BY_HAND = {
    # (MWh more, MWh less, money): one hour at 30, one at 60
    "load_forecast": (0.0, -10.0, -300.0),
    "renewable_forecast": (10.0, -20.0, 0.0),
    "outage": (0.0, -40.0, -2400.0),
    "reliability": (50.0, 0.0, 3000.0),
    "curtailment": (10.0, 0.0, 600.0),
    "redispatch": (30.0, -30.0, -900.0),
}


@pytest.mark.parametrize("minutes", [15, 5])
def test_causes_by_hand(minutes: int) -> None:
    found = market_day(minutes).deviations
    for cause in CAUSES:
        assert found.totals(cause) == pytest.approx(BY_HAND.get(cause, (0.0, 0.0, 0.0))), cause


def test_parts_of_a_resource_add_up_to_its_deviation_and_its_money() -> None:
    day = market_day()
    assert day.settlement is not None
    energy, money = np.zeros(day.settlement.real_mwh.shape), np.zeros(day.settlement.real_mwh.shape)
    for part in day.deviations.parts:
        energy[part.row] += part.mw * day.hours
        money[part.row] += part.amount
    assert energy == pytest.approx(day.settlement.real_mwh - day.settlement.ahead_mwh)
    assert money == pytest.approx(day.settlement.real_amount)


def test_what_disturbs_and_what_answers_balance_in_every_period() -> None:
    day = market_day()
    total = sum(day.deviations.mw(cause, len(day.labels)) for cause in CAUSES)
    assert total == pytest.approx(np.zeros(8), abs=1e-9)


def test_a_derated_unit_loses_what_it_cannot_give_and_the_rest_is_redispatch() -> None:
    """mid bought 40 MW, may give 25 and gives 20: 15 MW are the outage's, 5 the dispatch's."""
    day = market_day()
    limits, output, on = (np.array(a) for a in (day.day.units.p_max_mw, day.schedule.dispatch_mw, day.schedule.on))
    limits[1], output[1], on[1] = 25.0, 20.0, 1
    units = replace(day.day.units, p_max_mw=limits, on_max=np.ones_like(day.day.units.on_max))
    case, now = replace(day.day, units=units), replace(day.schedule, dispatch_mw=output, on=on)
    before = traded(day.ahead, day.first, np.full((1, 2), 30.0))
    found = deviations(day.ahead, case, day.first, now, before, traded(case, now, np.full((1, 8), 30.0)), day.at)
    by_cause = {part.cause: part.mw[1] for part in found.parts if part.kind == "unit"}
    assert by_cause["outage"] == pytest.approx([-15.0] * 8)
    assert by_cause["redispatch"] == pytest.approx([-5.0] * 8)


def test_clearings_say_how_they_ended() -> None:
    day = market_day(audit_of=3, broken=5)
    assert not day.audited
    assert [c.name for c in day.clearings if not c.audited] == ["interval_003"]
    assert [f.code for c in day.clearings for f in c.faults] == ["BALANCE"]
    assert [(c.name, c.label, c.violations, c.penalty) for c in day.clearings if c.violations] == [
        ("interval_005", "01:30", 1, 90.0)
    ]
    assert [c.name for c in day.clearings[:3]] == ["day_ahead", "ruc", "interval_000"]


def test_a_value_that_stands_out_is_told_once_at_its_period() -> None:
    """Intervals 2 and 3 warn of the same period, which is 4 on the clock of the day; the day-ahead warns for itself."""
    day = market_day()
    clearings = list(day.clearings)
    far = Finding(Severity.WARNING, "FAR_FROM_PREVIOUS", "case.loads.mw[0]", "Far.", subject="load a")
    for k, period in ((0, 1), (4, 2), (5, 1)):  # 0: day-ahead; intervals begin after the RUC
        clearings[k] = replace(clearings[k], warnings=(replace(far, period=period),))
    day = replace(day, clearings=tuple(clearings))
    assert [(name, f.period) for name, f in day.warnings] == [("day_ahead", 1), ("interval_002", 4)]
    shown = warning_table(day)
    assert len(shown.rows) == 2
    assert any("01:15" in row and "interval_002: case.loads.mw[0]" in row for row in shown.rows)
