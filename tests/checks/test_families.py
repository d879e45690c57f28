"""Single families where the reading of a rule matters: start states, clashes of hard data, system reserves, network."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from scipy import sparse

from clearing.case.case import Case
from clearing.case.finding import Severity
from clearing.case.result import ClearingResult, Violation
from clearing.checks.audit import AuditReport, audit
from clearing.checks.electrical import branch_flows, electrical, sensitivities, shift_flows
from clearing.checks.finding import MOST
from clearing.rules.load import load
from tests.checks.build import result, schedule
from tests.factory import market

RULES = load("generic")


def judged(case: Case, dispatch: Any, **more: Any) -> AuditReport:
    return audit(case, RULES, result(schedule(case, dispatch, **more), {}))


def errors(report: AuditReport) -> set[str]:
    return {f.code for f in report.findings if f.severity is Severity.ERROR}


@pytest.mark.parametrize(
    ("off_minutes", "inclusive", "cost"),
    [(59, True, 10), (60, True, 20), (60, False, 10), (61, False, 20), (180, True, 30), (1000, False, 30)],
)
def test_start_cost_by_time_off(off_minutes: int, inclusive: bool, cost: float) -> None:
    case = market(
        [10], units=[{"id": "g", "p_max": 10, "start": [(0, 10), (60, 20), (120, 30)], "minutes": off_minutes}]
    )
    states = replace(case.units.start_costs, inclusive=np.full(3, inclusive))
    case = replace(case, units=replace(case.units, start_costs=states))
    report = judged(case, [[10]])
    assert report.costs is not None
    assert report.costs.start == cost


def test_time_off_counts_whole_periods_within_the_horizon() -> None:
    unit = {"id": "g", "p_max": 10, "start": [(0, 10), (60, 20)], "on": True, "mw": 10}
    case = market([10] * 6, units=[unit], period_minutes=30)
    report = judged(case, [[10, 0, 10, 0, 0, 10]])
    assert report.costs is not None
    assert report.costs.start == 10 + 20


def test_what_must_not_give_way_is_kept_though_other_data_clash() -> None:
    """An outage against min up lowers it; min down against must-run gives that up: off is right, on is wrong."""
    units = [
        {"id": "out", "p_max": 10, "on": True, "mw": 10, "minutes": 30, "min_up": 120, "must_off": 1},
        {"id": "cold", "p_max": 10, "minutes": 30, "min_down": 90, "must_run": 1},
    ]
    case = market([0, 10], units=units)
    not_listed = {"GIVEN_WAY_NOT_LISTED"}
    assert errors(judged(case, [[0, 0], [0, 10]])) <= {"COST", "OBJECTIVE"} | not_listed
    assert {"MUST_RUN"} <= errors(judged(case, [[0, 0], [0, 0]]))
    assert {"MIN_DOWN_TIME"} <= errors(judged(case, [[0, 0], [10, 10]]))
    assert {"MUST_OFF"} <= errors(judged(case, [[10, 0], [0, 10]]))


def test_min_times_reach_over_the_end_of_the_horizon() -> None:
    case = market([0, 0, 10], units=[{"id": "g", "p_max": 10, "min_up": 600}])
    assert "MIN_UP_TIME" not in errors(judged(case, [[0, 0, 10]]))
    assert "MIN_UP_TIME" in errors(judged(case, [[0, 10, 0]]))


def test_ramps_share_with_awards_in_the_pglib_form_only() -> None:
    unit = {"id": "g", "p_max": 100, "ramp": 1.0, "on": True, "mw": 20}
    case = market([70], units=[unit], products=[{"id": "spin", "requirement": 20}])
    plan = result(schedule(case, [[70]], reserve_mw=[[[20]]]), {})
    assert "RAMP_UP" in errors(audit(case, load("generic", "", {"reserves.ramp_sharing": "pglib"}), plan))
    assert "RAMP_UP" not in errors(audit(case, load("generic", "", {"reserves.ramp_sharing": "headroom"}), plan))


def system_case(**limits: Any) -> tuple[Case, ClearingResult]:
    """100 MW of load less 10 of imports; 120 MW on line at 70; wind 20; storage that holds 5 MWh above its least."""
    case = market(
        [100],
        units=[{"id": "g", "p_min": 40, "p_max": 120, "on": True, "mw": 70}],
        renewables=[{"id": "w", "forecast": 20}],
        ties=[{"id": "t", "mw": 10}],
        storage=[{"id": "s", "power": 30, "energy": 50, "initial": 5, "final": 5}],
        **limits,
    )
    plan = schedule(case, [[70]], renewable_mw=[[20]], energy_mwh=[[5]])
    return case, result(plan, {})


@pytest.mark.parametrize(
    ("limits", "family", "amount"),
    [
        # 90 + 60 − (120 + 20 + storage for the reserve duration)
        ({"positive_min_mw": 70}, "system_positive_min", None),
        ({"positive_max_mw": 45}, "system_positive_max", 5.0),
        ({"negative_min_mw": 53}, "system_negative_min", 3.0),
    ],
)
def test_system_reserves(limits: dict[str, float], family: str, amount: float | None) -> None:
    case, answer = system_case(**limits)
    if amount is None:
        amount = 90 + 70 - 120 - 20 * RULES.reserves.renewable_share - min(30, 5 * 60 / RULES.reserves.storage_minutes)
    assert "VIOLATION_NOT_LISTED" in errors(audit(case, RULES, answer))
    paid = amount * RULES.clearing_penalties.system_reserve[0][1]
    told = replace(answer, violations=(Violation(family, "system", 0, amount, paid),))
    assert errors(audit(case, RULES, told)) == {"COST", "OBJECTIVE"}  # the penalty is not in the claimed cost


def test_system_reserves_that_are_kept_are_not_mentioned() -> None:
    case, answer = system_case(positive_min_mw=10, positive_max_mw=60, negative_min_mw=20)
    assert errors(audit(case, RULES, answer)) == set()


def test_phase_shift_and_tap_move_flows() -> None:
    """Two equal lines share 60 MW; a shift of 0.1 rad on one drives 0.1·1000/2 MW around; a tap of 2 halves a line."""
    lines = [{"id": "x", "ends": ("a", "b"), "x": 0.1}, {"id": "y", "ends": ("a", "b"), "x": 0.1}]
    injection = np.array([[60.0], [-60.0]])
    plain = market({"a": [0.0], "b": [60.0]}, branches=lines)
    assert branch_flows(grid_of(plain), injection)[:, 0] == pytest.approx([30, 30])
    shifted = market({"a": [0.0], "b": [60.0]}, branches=[lines[0] | {"shift": np.rad2deg(0.1)}, lines[1]])
    assert branch_flows(grid_of(shifted), injection)[:, 0] == pytest.approx([-20, 80])
    assert shift_flows(grid_of(shifted))[:, 0] == pytest.approx([-50, 50])
    tapped = market({"a": [0.0], "b": [60.0]}, branches=[lines[0] | {"tap": 2.0}, lines[1]])
    assert branch_flows(grid_of(tapped), injection)[:, 0] == pytest.approx([20, 40])


def grid_of(case: Case) -> Any:
    return electrical(case.network, np.array(case.loads.mw))


def test_islands_follow_branches_in_service_and_sensitivities_the_load_weighted_reference() -> None:
    lines = [
        {"id": "ab", "ends": ("a", "b")},
        {"id": "bc", "ends": ("b", "c"), "on": False},
        {"id": "cd", "ends": ("c", "d")},
    ]
    grid = grid_of(market({"a": [30.0], "b": [10.0], "c": [0.0], "d": [0.0]}, branches=lines))
    assert grid.island_id == ("a", "c")
    assert grid.weight[:, 0] == pytest.approx([0.75, 0.25, 1.0, 0.0])
    every = sparse.csr_array(np.eye(3))
    assert sensitivities(grid, every, 0) == pytest.approx(np.array([[0.25, -0.75, 0, 0], [0, 0, 0, 0], [0, 0, 0, -1]]))


def test_long_lists_of_findings_are_cut_and_counted() -> None:
    case = market([10.0] * (MOST + 15), units=[{"id": "g", "p_max": 10, "on": True, "mw": 10}])
    report = judged(case, [[5.0] * (MOST + 15)])
    mine = [f for f in report.findings if f.code == "BALANCE"]
    assert len(mine) == MOST + 1
    assert "15 more" in mine[-1].message
