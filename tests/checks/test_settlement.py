"""The audit of settlement prices and price setters: a clean result, and every kind of corruption."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from clearing.case.prices import PriceSetter
from clearing.case.result import ClearingResult
from clearing.checks.audit import audit
from clearing.day_ahead import clear
from clearing.rules.load import load
from clearing.solve.control import RunControl
from clearing.solve.options import SolveOptions
from tests.factory import market

RULES = load("generic")
CASE = market(
    {"a": [0.0] * 4, "b": [50.0, 50.0, 80.0, 80.0]},
    units=[
        {"id": "cheap", "bus": "a", "p_max": 200, "price": 20.0},
        {"id": "dear", "bus": "b", "p_max": 200, "price": 37.0007},
    ],
    zones={"b": "load"},
    branches=[{"id": "line", "ends": ("a", "b"), "limit": 60}],
    period_minutes=30,
)


@pytest.fixture(scope="module")
def result() -> ClearingResult:
    return clear(CASE, RULES, SolveOptions(gap=0.0), RunControl())


def codes(result: ClearingResult) -> set[str]:
    return {f.code for f in audit(CASE, RULES, result).findings}


def shifted(name: str, by: float) -> Callable[[ClearingResult], ClearingResult]:
    def corrupt(result: ClearingResult) -> ClearingResult:
        assert result.settlement is not None
        values = np.array(getattr(result.settlement, name))
        values.flat[-1] += by
        return replace(result, settlement=replace(result.settlement, **{name: values}))

    return corrupt


def setter(*row: object) -> Callable[[ClearingResult], ClearingResult]:
    return lambda result: replace(result, price_setters=(*result.price_setters, PriceSetter(*row)))  # type: ignore[arg-type]


def test_the_clean_result_passes(result):
    report = audit(CASE, RULES, result)
    assert report.passed
    assert not codes(result) & {"SETTLEMENT_PRICE", "SETTLEMENT_PARTS", "USER_PRICE", "PRICE_SETTER"}


@pytest.mark.parametrize(
    ("corrupt", "code"),
    [
        (shifted("bus_price", 0.002), "SETTLEMENT_PRICE"),
        (shifted("bus_energy", -0.002), "SETTLEMENT_PRICE"),
        (shifted("bus_loss", 0.002), "SETTLEMENT_PRICE"),
        (shifted("bus_cap_adjustment", 0.002), "SETTLEMENT_PRICE"),
        (shifted("bus_congestion", 0.001), "SETTLEMENT_PARTS"),
        (shifted("zone_price", 0.002), "SETTLEMENT_PRICE"),
        (shifted("system_price", 0.002), "SETTLEMENT_PRICE"),
        (shifted("user_price", 0.002), "USER_PRICE"),
        (shifted("user_hour_price", 0.002), "USER_PRICE"),
        (shifted("bus_price", np.nan), "NOT_FINITE"),
        (setter("unit", "dear", 0, "b"), "PRICE_SETTER"),
        (setter("unit", "cheap", 0, "b"), "PRICE_SETTER"),
        (setter("unit", "nobody", 0, "a"), "PRICE_SETTER"),
        (setter("unit", "cheap", 99, "a"), "PRICE_SETTER"),
        (setter("storage", "cheap", 0, "a"), "PRICE_SETTER"),
    ],
)
def test_a_corruption_is_caught(result, corrupt, code):
    report = audit(CASE, RULES, corrupt(result))
    assert not report.passed
    assert code in {f.code for f in report.findings}


def test_other_hours_are_refused(result):
    assert result.settlement is not None
    labels = ("00:30", *result.settlement.hour_label[1:])
    assert "SETTLEMENT_PRICE" in codes(replace(result, settlement=replace(result.settlement, hour_label=labels)))
