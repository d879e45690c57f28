"""Results that anybody may send: nothing makes the audit raise, everything unreadable is a finding."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, replace
from typing import Any

import numpy as np
import pytest

from clearing.checks.audit import audit
from clearing.rules.load import load
from tests.checks.hand_worked import congested, stored

RULES = load("generic")
TABLES = ("schedule", "flows", "prices", "multipliers", "uplift")


def spoiled(array: np.ndarray) -> Iterator[Any]:
    """Arrays that do not fit, or hold what is no number."""
    yield None
    yield np.zeros(0)
    yield np.zeros((1, 2, 3, 4))
    yield np.full(array.shape, np.nan)
    yield np.full(array.shape, -np.inf)
    yield np.full(array.shape, "x", dtype=object)
    yield np.full(array.shape, 1e300)
    yield np.full(array.shape, -7.5)


@pytest.mark.parametrize("work", [congested, stored])
@pytest.mark.parametrize("name", TABLES)
def test_spoiled_arrays_are_findings(work: Any, name: str) -> None:
    case, result, _ = work()
    table = getattr(result, name)
    for field in fields(table):
        value = getattr(table, field.name)
        if not isinstance(value, np.ndarray) or not value.size:
            continue
        for bad in spoiled(value):
            report = audit(case, RULES, replace(result, **{name: replace(table, **{field.name: bad})}))
            assert not report.passed, (name, field.name, bad)


@pytest.mark.parametrize("name", ["flows", "costs", "prices", "multipliers", "uplift"])
def test_absent_tables_are_no_error_by_themselves(name: str) -> None:
    case, result, _ = congested()
    absent = {name: None} | ({"termination": replace(result.termination, priced=False)} if name == "prices" else {})
    assert audit(case, RULES, replace(result, **absent)).passed


@pytest.mark.parametrize("bad", [float("nan"), float("inf")])
def test_scalars_that_are_no_numbers(bad: float) -> None:
    case, result, _ = congested()
    assert result.costs is not None
    for changed in (
        replace(result, costs=replace(result.costs, energy=bad)),
        replace(result, termination=replace(result.termination, bound=bad)),
        replace(result, termination=replace(result.termination, gap_asked=bad)),
        replace(result, bindings=(replace(result.bindings[0], shadow_price=bad),)),
    ):
        assert "NOT_FINITE" in {f.code for f in audit(case, RULES, changed).findings}


def test_multiplier_families_and_subjects_of_other_lengths() -> None:
    case, result, _ = congested()
    assert result.multipliers is not None
    for changed in ({"family": ()}, {"subject": ("a",)}, {"family": ("balance",) * 5}):
        report = audit(case, RULES, replace(result, multipliers=replace(result.multipliers, **changed)))
        assert "SHAPE" in {f.code for f in report.findings}
