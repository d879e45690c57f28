"""What gives way is the least that the order of strength allows: against all commitments of one unit, by definition."""

from __future__ import annotations

import itertools
from typing import Any

from hypothesis import given as drawn
from hypothesis import settings

from clearing.case.give_way import give_way
from clearing.case.give_way_step import Step
from clearing.rules.load import load
from tests.case.one_unit import COMMITMENTS, HOUR, T, feasible, units
from tests.factory import market

RULES = load()
NONE = [0] * T
LIMITS = {"ramp_up": ("ramp_up", HOUR), "ramp_down": ("ramp_down", HOUR), "startup_limit": ("startup_limit", 1),
          "shutdown_limit": ("shutdown_limit", 1)}  # fmt: skip
TIMES = {"min_up": ("min_up", 1), "min_down": ("min_down", 1)}
"""Family → key of the row and what a step is divided by to get it."""
FREE = {"ramp_up": 1e3, "ramp_down": 1e3, "startup_limit": 1e3, "shutdown_limit": 1e3, "min_up": 0, "min_down": 0}


def there(unit: dict[str, Any]) -> bool:
    return any(feasible(unit, on) for on in COMMITMENTS)


def with_steps(unit: dict[str, Any], steps: tuple[Step, ...]) -> dict[str, Any]:
    """The row after the steps."""
    after = {**unit, "must_run": list(unit["must_run"]), "fixed": dict(unit["fixed"])}
    for step in steps:
        if step.family == "must_run":
            after["must_run"][step.period] = 0
        elif step.family == "fixed_output":
            after["fixed"][step.period] = step.after
        else:
            key, divisor = (LIMITS | TIMES)[step.family]
            after[key] = step.after / divisor
    return after


def fewest(unit: dict[str, Any], families: tuple[str, ...]) -> int:
    """The least number of these families that make a way when they give way completely."""
    for count in range(len(families) + 1):
        for chosen in itertools.combinations(families, count):
            if there({**unit, **{family: FREE[family] for family in chosen}}):
                return count
    raise AssertionError("no way with everything loosened")


@settings(deadline=None, max_examples=300)  # shared machines
@drawn(units())
def test_the_least_gives_way_in_the_order_of_strength(unit: dict[str, Any]) -> None:
    rate = unit["ramp"]
    unit = {**unit, "ramp_up": rate, "ramp_down": rate}
    steps = give_way(market([20] * T, units=[unit]), RULES)[1]
    after = with_steps(unit, steps)
    assert there(after)
    kinds = {step.family: step for step in steps if step.family in LIMITS | TIMES}

    # fixed outputs: only those that availability forbids
    moved = {s.period for s in steps if s.family == "fixed_output"}
    out = {t for t, mw in unit["fixed"].items() if mw and (unit["must_off"][t] or not _within(unit, t, mw))}
    assert moved == out

    # ramps and limits: with every weaker datum gone, as few as can be and each as little as can be
    loose = {**after, "must_run": NONE, "min_up": 0, "min_down": 0}
    given = {**loose, **{key: unit[key] for key, _ in LIMITS.values()}}
    assert sum(family in LIMITS for family in kinds) == fewest(given, tuple(LIMITS))
    # times: with those limits, without must-run
    free = {**after, "must_run": NONE}
    assert sum(family in TIMES for family in kinds) == fewest({**free, "min_up": unit["min_up"],
                                                               "min_down": unit["min_down"]}, tuple(TIMES))  # fmt: skip
    for family, step in kinds.items():
        key, divisor = (LIMITS | TIMES)[family]
        less = (step.after - 1e-3) / divisor if family in LIMITS else step.after + 1
        assert not there({**(loose if family in LIMITS else free), key: less})

    # must-run: as many periods kept as any commitment can
    kept = max(
        sum(m * o for m, o in zip(unit["must_run"], on, strict=True)) for on in COMMITMENTS if feasible(free, on)
    )
    assert sum(after["must_run"]) == kept


def _within(unit: dict[str, Any], t: int, mw: float) -> bool:
    return bool(unit["p_min"][t] <= mw <= unit["p_max"][t])
