"""pglib-uc: an RTS-GMLC instance in a 120 s budget, and pglib's own model as the judge of what a commitment costs."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from clearing import formats
from clearing.case.case import Case, CommitmentInput, CommitmentUse
from clearing.case.result import ClearingResult
from clearing.day_ahead import clear
from clearing.rules.load import load
from clearing.solve.control import RunControl
from clearing.solve.options import SolveOptions
from tests.outside.pglib_model import cost_of, first_hours, folder

RTS_GMLC = "rts_gmlc/2020-07-06.json"
BEST_KNOWN, WORST_ACCEPTED, LEAST_BOUND = 3_729_195.0, 3_745_000.0, 3_720_000.0


def cleared(case: Case, seconds: float) -> ClearingResult:
    rules = load("generic", overrides={"reserves.ramp_sharing": "pglib"})
    return clear(case, rules, SolveOptions(time_limit_seconds=seconds, gap=1e-3), RunControl())


def with_idle_units_switched_on(case: Case, on: np.ndarray) -> Case:
    """Every second idle unit runs for its min up time, and a second time later in the day where that fits.

    A good commitment starts few units; this one starts many, after different times off, so that start costs by state
    are judged too. The second start lies past the last lag, where pglib's equation (7) forbids no state.
    """
    units, periods = case.units, case.horizon.periods
    new = np.array(on)
    idle = np.flatnonzero(on.sum(axis=1) == 0)
    for k, i in enumerate(idle[::2]):
        up, down = (max(1, case.horizon.in_periods(int(m[i]))) for m in (units.min_up_minutes, units.min_down_minutes))
        lag = case.horizon.in_periods(int(units.start_costs.after_minutes[units.start_costs.unit == i].max()))
        off_before = 0 if units.initial_on[i] else case.horizon.in_periods(int(units.initial_minutes[i]))
        first = max(0, down - off_before) + k % 3
        again = max(first + up + down, lag) + k % 5
        for start in (first, again):
            new[i, start : start + up] = start + up <= periods
    assert np.diff(new, axis=1, prepend=units.initial_on[:, None].astype(np.int8)).clip(0).sum() >= 10
    return replace(case, commitment=CommitmentInput(CommitmentUse.FIXED, new))


def same_cost_in_their_model(instance: Path, case: Case, answer: ClearingResult) -> None:
    assert answer.schedule is not None
    assert answer.costs is not None
    assert answer.audit_passed, answer.audit
    assert answer.violations == ()  # their model is hard: a penalty would not be a cost there
    theirs = cost_of(instance, dict(zip(case.units.id, answer.schedule.on, strict=True)))
    print(f"\n{instance.name}: ours {answer.costs.total:.6f} (starts {answer.costs.start:.2f}), theirs {theirs:.6f}")
    assert theirs == pytest.approx(answer.costs.total, rel=1e-6)


@pytest.mark.slow
def test_rts_gmlc_in_its_budget_and_the_same_cost_in_their_model() -> None:
    instance = folder() / RTS_GMLC
    case = formats.read(instance)
    answer = cleared(case, 120.0)
    end = answer.termination
    assert end.bound is not None
    assert end.objective is not None
    print(f"\nobjective {end.objective:.2f}, bound {end.bound:.2f}, gap {end.gap:.2e}, {end.reason.name}")
    assert end.objective <= WORST_ACCEPTED
    assert LEAST_BOUND <= end.bound <= min(end.objective, BEST_KNOWN)
    same_cost_in_their_model(instance, case, answer)
    assert answer.schedule is not None
    many_starts = with_idle_units_switched_on(case, answer.schedule.on)
    same_cost_in_their_model(instance, many_starts, cleared(many_starts, 60.0))


@pytest.mark.slow
@pytest.mark.parametrize(("name", "hours"), [("ca/2015-03-01_reserves_1.json", 12), ("ferc/2015-03-01_hw.json", 6)])
def test_the_first_hours_of_larger_systems_cost_the_same_in_their_model(name: str, hours: int, tmp_path: Path) -> None:
    """610 and 934 units. Cut short, because their model of 48 hours takes a minute to build."""
    instance = first_hours(name, hours, tmp_path)
    case = formats.read(instance)
    answer = cleared(case, 60.0)
    assert answer.costs is not None
    assert answer.schedule is not None
    if answer.costs.start == 0.0:
        case = with_idle_units_switched_on(case, answer.schedule.on)
        answer = cleared(case, 60.0)
    same_cost_in_their_model(instance, case, answer)
