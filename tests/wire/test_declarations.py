"""Declarations over the wire: there and back, and every fault at its path."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pytest

from clearing.case.declarations import Declarations, nothing_declared
from clearing.v1.declarations_pb2 import Declarations as Message
from clearing.wire import declarations
from tests.factory import market

CASE = market(
    [100.0],
    units=[{"id": "a", "p_max": 100, "price": 1}, {"id": "b", "p_max": 50, "price": 2}],
    renewables=[{"id": "w", "forecast": 5.0}],
    virtual=[{"id": "v", "max": 5.0, "price": 0.0}],
)


def test_declarations_come_back_as_they_went() -> None:
    table = Declarations(
        unit_rated_mw=np.array([np.nan, 60.0]),
        unit_heat_gj_per_hour=np.array([10.0, np.nan]),
        unit_metered_heat_gj_per_hour=np.array([9.0, np.nan]),
        site_rated_mw=np.array([np.nan]),
        site_project=("north",),
        virtual_rated_mw=np.array([7.0]),
        virtual_aggregate=("A",),
    )
    back, findings = declarations.read(declarations.write(table, CASE), CASE)
    assert findings == []
    for field in fields(Declarations):
        np.testing.assert_array_equal(getattr(back, field.name), getattr(table, field.name))


def test_heat_that_is_metered_of_some_units_is_refused_and_not_dropped() -> None:
    both, none = np.array([10.0, 5.0]), nothing_declared(CASE)
    table = replace(none, unit_heat_gj_per_hour=both, unit_metered_heat_gj_per_hour=np.array([9.0, np.nan]))
    with pytest.raises(ValueError, match="or of none"):
        declarations.write(table, CASE)


def test_every_fault_comes_at_once() -> None:
    pb = Message(
        unit=["a", "a", "x"], unit_rated_mw=[0.0, 5.0, 5.0], heat_unit=["b"], heat_gj_per_hour=[float("nan")],
        site=["w"], site_rated_mw=[-1.0], virtual_plant=["v"], virtual_rated_mw=[1.0, 2.0],
    )  # fmt: skip
    _, findings = declarations.read(pb, CASE)
    assert {
        ("DUPLICATE_ID", "declarations.unit[1]"), ("UNKNOWN_ID", "declarations.unit[2]"),
        ("OUT_OF_RANGE", "declarations.unit_rated_mw[0]"), ("OUT_OF_RANGE", "declarations.heat_gj_per_hour[0]"),
        ("OUT_OF_RANGE", "declarations.site_rated_mw[0]"), ("WRONG_LENGTH", "declarations.virtual_rated_mw"),
    } <= {(f.code, f.path) for f in findings}  # fmt: skip
