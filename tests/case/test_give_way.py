"""Hard data of one resource that clash: what gives way, how far, in which period. Every figure worked by hand."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from clearing.case.case import Case
from clearing.case.finding import Severity
from clearing.case.give_way import give_way
from clearing.case.reserves import Direction
from clearing.case.validate import validate
from clearing.rules.load import load
from tests.case.cases import valid
from tests.factory import market

RULES = load()
LEADS = load(overrides={"startup.lead.cold_minutes": "180"})
Told = tuple[str, int, float, float]

ON = {"id": "g", "p_min": 50, "p_max": 100, "on": True, "minutes": 60, "mw": 100}
OFF = {"id": "g", "p_min": 50, "p_max": 100, "minutes": 60}


def told(case: Case, rules: Any = RULES) -> list[Told]:
    """Family, period, before, after of every step; validation says the same as warnings, and nothing is refused."""
    _, steps = give_way(case, rules)
    findings = [f for f in validate(case, rules) if f.code.endswith("_GIVES_WAY")]
    columns = {(f"case.{s.column}[{s.row}]", s.subject) for s in steps}
    assert {(f.path, f.subject) for f in findings} == columns
    assert not [f for f in validate(case, rules) if f.severity is Severity.ERROR]
    return [(s.family, s.period, s.before, s.after) for s in steps]


STEPS: list[tuple[dict[str, Any], list[Told]]] = [
    # On for 1 h, out from the second hour: on for 2 h in all of the 3 h of min up.
    ({**ON, "min_up": 180, "must_off": [0, 1, 0, 0]}, [("min_up", 1, 180, 120)]),
    # Off for 1 h, to rest 3 h: must-run may begin in the third hour, not in the second.
    ({**OFF, "min_down": 180, "must_run": [0, 1, 1, 0]}, [("must_run", 1, 1, 0)]),
    # An outage in a must-run window: only the hours of the outage go. Min down holds the unit off one hour longer.
    ({**ON, "must_run": 1, "must_off": [0, 1, 0, 0]}, [("must_run", 1, 1, 0)]),
    (
        {**ON, "min_down": 120, "must_run": 1, "must_off": [0, 1, 0, 0]},
        [("must_run", 1, 1, 0), ("must_run", 2, 1, 0)],
    ),
    # Of two must-run windows too close for min down one goes: the shorter.
    ({**OFF, "min_up": 120, "must_run": [1, 0, 0, 0], "must_off": [0, 1, 0, 0]}, [("must_run", 0, 1, 0)]),
    (
        {**ON, "min_down": 180, "must_run": [1, 0, 1, 1], "must_off": [0, 1, 0, 0]},
        [("must_run", 2, 1, 0), ("must_run", 3, 1, 0)],
    ),
    # A fixed output ranks above min down and min up: off for 60 of 120 min, on for 60 + 60 of 240.
    ({**OFF, "min_down": 120, "fixed": {0: 60}}, [("min_down", 0, 120, 60)]),
    ({**ON, "min_up": 240, "fixed": {1: 0}}, [("min_up", 1, 240, 120)]),
    # Fixed at 0 below p_min is off, and ranks above must-run.
    ({**ON, "must_run": 1, "fixed": {2: 0}}, [("must_run", 2, 1, 0)]),
    # 100 MW, 30 MW an hour, out from the second hour: 70 MW are left above the shut-down limit of 60.
    ({**ON, "must_off": [0, 1, 1, 1], "ramp": 0.5, "shutdown_limit": 60}, [("shutdown_limit", 1, 60, 70)]),
    # Out at once: the whole 100 MW fall off.
    ({**ON, "must_off": 1, "shutdown_limit": 60}, [("shutdown_limit", 0, 60, 100)]),
    # Fixed 100 then 60: 40 MW at 30 MW an hour; the other way up; and a start right at 80 MW.
    ({**ON, "fixed": {0: 100, 1: 60}, "ramp": 0.5}, [("ramp_down", 1, 30, 40)]),
    ({**ON, "mw": 60, "fixed": {0: 60, 1: 100}, "ramp": 0.5}, [("ramp_up", 1, 30, 40)]),
    ({**OFF, "fixed": {0: 80}, "startup_limit": 60}, [("startup_limit", 0, 60, 80)]),
    # Initial output too far from the limits: a fixed output holds the unit on, so the ramp has to give; min up and
    # must-run rather go themselves.
    (
        {**ON, "p_max": [60, 100, 100, 100], "ramp": 0.5, "shutdown_limit": 60, "fixed": {0: 60}},
        [("ramp_down", 0, 30, 40)],
    ),
    ({**ON, "mw": 30, "ramp": 0.1, "min_up": 120}, [("min_up", 0, 120, 60)]),
    ({**ON, "mw": 30, "ramp": 0.1, "must_run": [1, 1, 0, 0]}, [("must_run", 0, 1, 0)]),
    # A fixed output out of reach moves into the limits, to 0 in an outage.
    ({**ON, "fixed": {1: 130}}, [("fixed_output", 1, 130, 100)]),
    ({**ON, "fixed": {1: 20}}, [("fixed_output", 1, 20, 50)]),
    ({**ON, "fixed": {1: 70}, "must_off": [0, 1, 0, 0]}, [("fixed_output", 1, 70, 0)]),
    # Three at once: the fixed output of the outage goes, the ramp to the other one stays short, must-run in the outage.
    (
        {**ON, "ramp": 0.5, "fixed": {0: 60, 1: 70}, "must_off": [0, 1, 0, 0], "shutdown_limit": 60, "must_run": 1},
        [("fixed_output", 1, 70, 0), ("must_run", 1, 1, 0), ("ramp_down", 0, 30, 40)],
    ),
]  # fmt: skip


@pytest.mark.parametrize(("row", "steps"), STEPS)
def test_the_weakest_give_way_and_no_further_than_they_must(row: dict[str, Any], steps: list[Told]) -> None:
    assert told(market([80] * 4, units=[row])) == steps


def test_what_gives_way_stands_in_the_case_that_is_cleared() -> None:
    row = {**ON, "ramp": 0.5, "fixed": {0: 60}, "must_run": 1, "must_off": [0, 0, 1, 0], "min_down": 120, "lead": [0]}
    case, _ = give_way(market([80] * 4, units=[row]), RULES)
    assert case.units.ramp_down_mw_per_minute[0] * 60 == pytest.approx(40)
    assert case.units.ramp_up_mw_per_minute[0] * 60 == 30
    assert case.units.on_min.tolist() == [[1, 1, 0, 0]]


def test_a_lead_time_outranks_must_run_and_gives_way_to_a_fixed_output() -> None:
    """Cold, ordered at the clock 6 h before the day, 600 min to synchronise: not before 4 h into the day."""
    row = {**OFF, "minutes": 9999, "lead": [600]}
    hours = {"lead_reference": -360}
    assert told(market([80] * 5, units=[{**row, "must_run": [0, 0, 1, 1, 1]}], **hours)) == [
        ("must_run", 2, 1, 0), ("must_run", 3, 1, 0),
    ]  # fmt: skip
    fixed = market([80] * 5, units=[{**row, "fixed": {2: 80}}], **hours)
    assert told(fixed) == [("start_lead", 2, 600, 480)]
    case, _ = give_way(fixed, RULES)
    assert case.start_leads.minutes.tolist() == [480]
    assert told(market([80] * 5, units=[{**row, "fixed": {2: 80}}], lead_reference=121)) == [
        ("fixed_output", 2, 80, 0)
    ]  # nothing is synchronised before its order


def test_the_lead_time_of_the_rule_set_gives_way_for_the_unit_alone() -> None:
    start = [(0, 0), (60, 0), (120, 0)]
    rows = [{**OFF, "id": "h", "start": start}, {**OFF, "minutes": 999, "start": start, "fixed": {0: 80}}]
    case = market([80] * 4, units=rows, lead_reference=-60)
    assert told(case, LEADS) == [("start_lead", 0, 180, 60)]
    assert give_way(case, LEADS)[0].start_leads.minutes.tolist() == [-1, -1, -1, -1, -1, 60]


def test_reserve_caps_stay_those_of_the_ramp_as_given() -> None:
    """0.5 MW a minute for 10 min is 5 MW, also where the ramp down was raised to get the unit to its fixed output."""
    products = [
        {"id": "up", "direction": Direction.UP, "minutes": 10},
        {"id": "down", "direction": Direction.DOWN, "minutes": 10, "max": 3},
    ]
    row = {**ON, "fixed": {0: 100, 1: 60}, "ramp": 0.5}
    case, _ = give_way(market([80] * 4, units=[row], products=products), RULES)
    assert case.reserves.unit_max_mw.tolist() == [[5.0], [3.0]]


@pytest.mark.parametrize(
    ("row", "steps"),
    [
        ({"initial": 0, "final": 36, "power": 10, "eta": 0.9}, []),
        ({"initial": 0, "final": 38, "power": 10, "eta": 0.9}, [("storage_final_energy", 3, 38, 36)]),
        ({"initial": 40, "final": 0, "final_max": 2, "power": 9}, [("storage_final_energy", 3, 2, 4)]),
        ({"initial": 45, "final": 20, "power": 10}, [("storage_initial_energy", 0, 45, 40)]),
        ({"initial": 10, "final": 50, "final_max": 60, "power": 90}, [("storage_final_energy", 3, 50, 40)]),
    ],
)
def test_storage_moves_to_what_can_be_reached(row: dict[str, Any], steps: list[Told]) -> None:
    """4 h: charged with 10 MW at an efficiency of 0.9 an hour gives 9 MWh, discharged with 9 MW takes 9."""
    found = told(market([1] * 4, storage=[{"id": "s", "energy": 40, **row}]))
    assert [(f, t, b, pytest.approx(a)) for f, t, b, a in found] == steps


def test_a_given_mode_gives_way_where_the_energy_would_leave_its_bounds() -> None:
    """5 MWh lose a tenth an hour: idle, 4.5 are left, below the least of 4.8; idle for two hours, 4.05."""
    store = {"id": "s", "power": 10.0, "energy": 10.0, "initial": 5.0, "final": 4.8, "loss": 0.1, "mode": [1, 0]}
    case = market([10.0, 10.0], [{"id": "u", "p_max": 20.0}], storage=[store])
    low = replace(case, storage=replace(case.storage, energy_min_mwh=np.array([4.8])))
    assert told(low) == [("storage_mode", 0, 1, 0)]
    idle = market([10.0, 10.0], [{"id": "u", "p_max": 20.0}], storage=[{**store, "mode": [1, 1]}])
    assert told(idle) == [("storage_final_energy", 1, 4.8, pytest.approx(4.05))]


def test_storage_that_loses_below_its_least_whatever_it_does_stays_refused() -> None:
    store = {"id": "s", "charge": 0.0, "discharge": 1.0, "energy": 10.0, "initial": 5.0, "final": 0.0, "loss": 0.1}
    case = market([10.0, 10.0], [{"id": "u", "p_max": 20.0}], storage=[store])
    low = replace(case, storage=replace(case.storage, energy_min_mwh=np.array([4.8])))
    errors = [f.code for f in validate(low, RULES) if f.severity is Severity.ERROR]
    assert errors == ["STORAGE_HAS_NO_WAY"]


def test_a_virtual_plant_gets_the_least_ramp_at_which_its_limits_can_follow() -> None:
    """From at most 1 MW to at least 10 MW in three hours: 3 MW an hour; the step from 4 to 9 alone would ask 5."""
    plant = {"id": "v", "min": [0, 0, 4, 9], "max": [1, 10, 4, 10], "blocks": [(10, 5)], "ramp": 2 / 60}
    assert told(market([10] * 4, virtual=[plant])) == [("virtual_ramp", 3, 2, 5)]
    plant = {"id": "v", "min": [0, 0, 0, 10], "max": [1, 10, 10, 10], "blocks": [(10, 5)], "ramp": 2 / 60}
    assert told(market([10] * 4, virtual=[plant])) == [("virtual_ramp", 3, 2, 3)]


def test_where_nothing_clashes_the_case_is_the_same() -> None:
    case = valid()
    changed, steps = give_way(case, RULES)
    assert steps == ()
    assert changed is case


def test_nonsense_stays_refused() -> None:
    for row, code in (
        ({**ON, "p_min": 120, "must_run": 1}, "P_MIN_ABOVE_P_MAX"),
        ({**OFF, "mw": 10}, "INITIAL_OFF_WITH_OUTPUT"),
        ({**ON, "minutes": 0}, "INITIAL_MINUTES_ZERO"),
        ({**ON, "startup_limit": 20}, "STARTUP_LIMIT_BELOW_P_MIN"),
    ):
        errors = {f.code for f in validate(market([80] * 4, units=[row]), RULES) if f.severity is Severity.ERROR}
        assert code in errors


def test_the_order_of_units_does_not_matter() -> None:
    rows = [{**row, "id": f"g{k}"} for k, (row, _) in enumerate(STEPS)]
    there = {(s.subject, s.family, s.period, s.after) for s in give_way(market([80] * 4, units=rows), RULES)[1]}
    back = {(s.subject, s.family, s.period, s.after) for s in give_way(market([80] * 4, units=rows[::-1]), RULES)[1]}
    assert there == back
    assert len(there) == sum(len(steps) for _, steps in STEPS)
    assert np.unique([s for s, *_ in there]).size == len(STEPS)
