"""Cases that cannot be clean: with exactly the limits of the remedies moved, clearing again finds no violation."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import pytest

from clearing.case.case import Case
from clearing.case.explanations import ReliefAction
from clearing.explain.moved import moved_case
from tests.explain.asked import GENERIC, cleared
from tests.factory import market

Row = dict[str, Any]
BASE: Row = {"id": "base", "p_min": 20.0, "p_max": 200.0, "price": 20.0, "on": True, "mw": 100.0}
OFF: Row = {"p_min": 10.0, "p_max": 40.0, "price": 50.0, "minutes": 6000}
AB: Row = {"buses": ("a", "b"), "branches": [{"id": "ab", "ends": ("a", "b"), "limit": 50.0}]}
PLANT: Row = {"plant": "q", **OFF}


def cases() -> dict[str, Case]:
    """Family of the violation → a case that breaks it."""
    wide = {**AB, "branches": [{"id": "ab", "ends": ("a", "b")}]}
    through = [{"id": "cut", "terms": {"ab": 1.0}, "max": [40.0, 45.0]}]
    must = {"must_run": [0, 1, 1, 0]}
    return {
        "shortage": market([100.0, 250.5], [BASE]),
        "surplus": market([100.0, 10.0, 100.0], [{**BASE, "must_run": 1}]),
        "branch": market(
            {"a": [50.0, 50.0], "b": [60.0, 60.0]},
            [{**BASE, "bus": "a", "must_run": 1},
             {"id": "stuck", "bus": "a", "fixed": {0: 90.0, 1: 85.0}, "p_max": 90.0, "on": True, "mw": 90.0}],
            **AB,
        ),
        "interface": market(
            {"a": [50.0, 50.0], "b": [60.0, 60.0]},
            [{**BASE, "bus": "a", "must_run": 1},
             {"id": "stuck", "bus": "a", "fixed": {0: 90.0, 1: 85.0}, "p_max": 90.0, "on": True, "mw": 90.0}],
            interfaces=through,
            **wide,
        ),
        "product": market([180.0, 185.0], [{**BASE, "mw": 180.0}], products=[{"id": "up", "requirement": 30.0}]),
        "system_positive_min": market([180.0], [{**BASE, "mw": 180.0}], positive_min_mw=50.0),
        "system_negative_min": market([50.0], [{**BASE, "must_run": 1, "mw": 50.0}], negative_min_mw=40.0),
        "system_positive_max": market([50.0], [{**BASE, "must_run": 1, "mw": 50.0}], positive_max_mw=40.0),
        "group_output": market([100.0, 120.0], [BASE], groups=[{"id": "g", "units": ["base"], "min": 250.0}]),
        "group_on": market([100.0, 240.0], [BASE, {"id": "x", **OFF}],
                           groups=[{"id": "g", "units": ["base", "x"], "max_on": 1}]),
        "energy_window": market([100.0] * 2, [BASE], windows=[{"unit": "base", "first": 0, "last": 1, "min": 500.0}]),
        "storage_cycle": market(
            [100.0, 220.0],
            [BASE],
            storage=[{"id": "s", "power": 30.0, "energy": 40.0, "initial": 30.0, "final": 0.0, "final_max": 0.0,
                      "cycles": 0.25}],
        ),
        "unit_starts": market([100.0] * 4, [BASE, {"id": "x", **OFF, "max_starts": 0, **must}]),
        "plant_starts": market([100.0] * 4, [BASE, {"id": "x", **PLANT, **must}],
                               plant_limits=[{"plant": "q", "max_starts": 0}]),
        "start_spacing": market(
            [100.0] * 5,
            [BASE, {"id": "x", **PLANT, "must_run": [0, 1, 1, 0, 0], "must_off": [1, 0, 0, 1, 1]},
             {"id": "y", **PLANT, "must_run": [0, 0, 1, 1, 0], "must_off": [1, 1, 0, 0, 1]}],
            plant_limits=[{"plant": "q", "start_spacing": 180}],
        ),
        "stop_spacing": market(
            [100.0] * 5,
            [BASE, {"id": "x", **PLANT, "must_run": [0, 1, 1, 0, 0], "must_off": [1, 0, 0, 1, 1]},
             {"id": "y", **PLANT, "must_run": [0, 1, 1, 1, 0], "must_off": [1, 0, 0, 0, 1]}],
            plant_limits=[{"plant": "q", "stop_spacing": 180}],
        ),
        "switching": market(
            [100.0] * 6,
            [BASE, {"id": "x", **PLANT, "on": True, "mw": 10.0, "must_off": [0, 1, 1, 1, 1, 1]},
             {"id": "y", **PLANT, "must_run": [0, 0, 1, 1, 0, 0], "must_off": [1, 1, 0, 0, 1, 1]}],
            plant_limits=[{"plant": "q", "switching": 300}],
        ),
    }  # fmt: skip


CASES = cases()


@pytest.mark.parametrize("family", sorted(CASES))
def test_a_case_with_its_remedies_is_clean(family: str) -> None:
    case = CASES[family]
    answer = cleared(case)
    assert family in {v.family for v in answer.violations}
    assert answer.explanations is not None
    moved = moved_case(case, GENERIC, answer.explanations.remedies)
    again = cleared(moved)
    assert again.violations == ()
    assert again.explanations is not None
    assert again.explanations.remedies.family == ()


def test_limits_of_windows_are_lifted_with_that_of_the_branch() -> None:
    """60 MW must reach b from stuck units at a: 50 is broken in period 0, and 40 of a window in period 1."""
    case = market(
        {"a": [50.0, 50.0], "b": [60.0, 60.0]},
        [{"id": "stuck", "bus": "a", "fixed": {0: 110.0, 1: 110.0}, "p_max": 110.0, "on": True, "mw": 110.0}],
        buses=("a", "b"),
        branches=[{"id": "ab", "ends": ("a", "b"), "limit": 50.0, "limits": [(1, 1, 40.0, 40.0)]}],
    )
    answer = cleared(case)
    assert [(v.family, v.period, v.amount_mw) for v in answer.violations] == [
        ("branch", 0, pytest.approx(10.0)),
        ("branch", 1, pytest.approx(20.0)),
    ]
    assert answer.explanations is not None
    assert cleared(moved_case(case, GENERIC, answer.explanations.remedies)).violations == ()


def test_a_remedy_less_leaves_the_case_broken() -> None:
    """The rows are needed: without the second of two the case still breaks its limit."""
    answer = cleared(CASES["product"])
    assert answer.explanations is not None
    table = answer.explanations.remedies
    assert table.family == ("product", "product")
    first = replace(table, **{f.name: getattr(table, f.name)[:1] for f in fields(table)})
    assert [v.period for v in cleared(moved_case(CASES["product"], GENERIC, first)).violations] == [1]


def test_load_shed_is_taken_apart() -> None:
    """250 MW of load, 200 of base: 30 out, 40 held off by its lead time, 60 beyond the ramp; 5 MW held as reserve."""
    units = [
        {**BASE, "mw": 200.0},
        {"id": "out", "p_max": 30.0, "must_off": 1},
        {"id": "slow", "p_max": 100.0, "on": True, "mw": 20.0, "ramp_up": 10 / 60, "price": 30.0},
        {"id": "late", **OFF, "lead": [600], "start": [(0, 10.0)]},
    ]
    answer = cleared(market([250.0], units, lead_reference=0))
    assert answer.explanations is not None
    short = answer.explanations.shortages
    assert short.bus == ("system",)
    assert short.missing_mw == pytest.approx([20.0])
    assert (short.outage_mw, short.off_mw, short.ramp_mw) == (
        pytest.approx([30.0]),
        pytest.approx([40.0]),
        pytest.approx([70.0]),
    )
    assert short.reserve_mw == pytest.approx([0.0])
    assert short.blocked_mw == pytest.approx([0.0], abs=1e-6)


def test_who_would_relieve_a_branch() -> None:
    answer = cleared(CASES["branch"])
    assert answer.explanations is not None
    broken, reliefs = answer.explanations.broken, answer.explanations.reliefs
    row = broken.family.index("branch")
    assert (broken.limit[row], broken.measure[row]) == (50.0, "MW")
    assert broken.attained[row] == pytest.approx(60.0)
    assert broken.amount[row] == pytest.approx(10.0)
    # Both stand at bus a; the reference is load at a and b (50:60), so a MW less at a takes 6/11 MW off the branch.
    moves = {(name, ReliefAction(int(action)).name): (mw, effect) for name, action, mw, effect in
             zip(reliefs.resource, reliefs.action, reliefs.mw, reliefs.effect, strict=True)}  # fmt: skip
    assert moves[("stuck", "LOWER")] == (pytest.approx(90.0), pytest.approx(10.0))
