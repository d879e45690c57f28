"""Limits on starts and stops that cannot be meant."""

import numpy as np

from clearing.case.finding import Severity
from clearing.case.starts import PlantLimits, StartLimits
from clearing.case.validate import validate
from clearing.rules.load import load
from tests.case.cases import of, one, put, valid
from tests.factory import market


def test_a_unit_and_a_plant_stand_once() -> None:
    two = np.zeros(2, dtype=np.int64)
    case = put(valid(), "start_limits", StartLimits(two, two + 1, two))
    assert one(case, "DUPLICATE_ID").path == "case.start_limits.unit[1]"
    case = put(valid(), "plant_limits", PlantLimits(*[two] * 6))
    assert one(case, "DUPLICATE_ID").subject == "p1"


def test_a_limit_that_windows_break_by_themselves_is_a_warning() -> None:
    units = [
        {"id": "a", "p_max": 9, "must_run": [0, 1], "max_starts": 0},
        {"id": "b", "p_max": 9, "on": True, "mw": 5, "must_off": [0, 1], "max_stops": 0},
        {"id": "c", "p_max": 9, "must_run": [0, 1], "max_starts": 1, "max_stops": 0},
    ]
    found = validate(market([5, 5], units), load())
    (start,), (stop,) = of(found, "START_LIMIT_AGAINST_MUST_RUN"), of(found, "STOP_LIMIT_AGAINST_MUST_OFF")
    assert (start.subject, stop.subject) == ("a", "b")
    assert start.severity is stop.severity is Severity.WARNING


def test_times_and_numbers_below_minus_one_are_refused() -> None:
    for path in ("start_limits.max_starts", "plant_limits.max_stops", "plant_limits.switching_minutes"):
        assert one(put(valid(), path, -2, 0), "OUT_OF_RANGE").path == f"case.{path}[0]"
