"""Findings about unit groups, energy windows and storage cycles."""

from dataclasses import replace

import numpy as np
import pytest

from clearing.case.case import Case
from clearing.case.finding import Severity
from clearing.case.validate import validate
from clearing.rules.load import load
from tests.case.cases import of, put, valid
from tests.factory import Row, market

RULES = load()
UNITS: list[Row] = [
    {"id": "a", "p_min": 10.0, "p_max": 50.0},
    {"id": "b", "p_max": 30.0, "must_off": [0, 1]},
]


def case(**more: object) -> Case:
    return market([40.0, 40.0], UNITS, **more)  # type: ignore[arg-type]


FAULTS = [
    (case(groups=[{"id": "G", "units": []}]), "GROUP_WITHOUT_MEMBER", Severity.ERROR, "case.unit_groups.id[0]", -1),
    (case(groups=[{"id": "G", "units": ["a", "a"]}]), "DUPLICATE_MEMBER", Severity.ERROR,
     "case.unit_groups.member_unit[1]", -1),
    (case(groups=[{"id": "G", "units": ["a"], "min": [1, 9], "max": 5}]), "GROUP_MIN_ABOVE_MAX", Severity.ERROR,
     "case.unit_groups.min_mw[0]", 1),
    (case(groups=[{"id": "G", "units": ["a"], "min_on": 1, "max_on": 0}]), "GROUP_ON_MIN_ABOVE_MAX", Severity.ERROR,
     "case.unit_groups.min_on[0]", 0),
    (case(groups=[{"id": "G", "units": ["a", "b"], "min": 60}]), "GROUP_MIN_ABOVE_CAPACITY", Severity.WARNING,
     "case.unit_groups.min_mw[0]", 1),
    (case(groups=[{"id": "G", "units": ["a", "b"], "min_on": 2}]), "GROUP_ON_ABOVE_MEMBERS", Severity.WARNING,
     "case.unit_groups.min_on[0]", 1),
    (case(windows=[{"unit": "a", "first": 1, "last": 0}]), "WINDOW_ENDS_BEFORE_START", Severity.ERROR,
     "case.energy_windows.last_period[0]", -1),
    (case(windows=[{"unit": "a", "min": 9, "max": 8}]), "WINDOW_MIN_ABOVE_MAX", Severity.ERROR,
     "case.energy_windows.min_mwh[0]", -1),
    (case(windows=[{"unit": "a"}, {"unit": "b"}, {"unit": "a"}]), "DUPLICATE_WINDOW", Severity.ERROR,
     "case.energy_windows.unit[2]", -1),
    (case(windows=[{"unit": "b", "min": 31}]), "WINDOW_MIN_ABOVE_CAPACITY", Severity.WARNING,
     "case.energy_windows.min_mwh[0]", -1),
]  # fmt: skip


@pytest.mark.parametrize(("spoiled", "code", "severity", "path", "period"), FAULTS, ids=[f[1] for f in FAULTS])
def test_each_fault_is_named(spoiled: Case, code: str, severity: Severity, path: str, period: int) -> None:
    (found,) = of(validate(spoiled, RULES), code)
    assert (found.severity, found.path, found.period) == (severity, path, period)


def test_one_limit_on_the_cycles_of_a_storage_unit() -> None:
    cycles = valid().storage_cycles
    twice = replace(cycles, storage=np.repeat(cycles.storage, 2), max_cycles=np.repeat(cycles.max_cycles, 2))
    (found,) = of(validate(replace(valid(), storage_cycles=twice), RULES), "DUPLICATE_CYCLE_LIMIT")
    assert (found.subject, found.path) == ("s1", "case.storage_cycles.storage[1]")


def test_tables_without_rows_have_any_shape_and_others_none() -> None:
    assert validate(case(), RULES) == []
    bad = put(valid(), "unit_groups.min_on", np.zeros((1, 3), dtype=np.int64))
    assert [f.path for f in of(validate(bad, RULES), "WRONG_LENGTH")] == ["case.unit_groups.min_on"]
