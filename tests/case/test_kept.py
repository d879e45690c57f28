"""What has not changed since an earlier case is the same object; everything else is as it was given."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pytest

from clearing.case.case import Case
from clearing.case.kept import Judged, as_before
from clearing.case.plausible import plausible
from clearing.case.validate import validate
from clearing.rules.load import load
from tests.factory import Row, market

RULES = load("generic")
UNITS: list[Row] = [
    {"id": "g1", "bus": "a", "p_max": 200, "price": 10, "on": True, "mw": 70},
    {"id": "g2", "bus": "b", "p_max": 200, "price": 50, "on": True, "mw": 30},
]
LINES = [{"id": x + y, "ends": (x, y), "x": 0.1, "limit": 90.0} for x, y in ("ab", "bc", "ac")]


def case(load_mw: float = 100.0, *, price: float = 10, outages: tuple[str, ...] = ("ac",)) -> Case:
    units = [UNITS[0] | {"price": price}, UNITS[1]]
    lost = [{"id": f"N-{name}", "branches": [name]} for name in outages]
    loads = {"a": [0.0] * 2, "b": [0.0] * 2, "c": [load_mw, load_mw + 5]}
    return market(loads, units, branches=LINES, contingencies=lost)


def assert_equal(one: object, other: object) -> None:
    if isinstance(one, np.ndarray):
        np.testing.assert_array_equal(one, other)
        assert isinstance(other, np.ndarray)
        assert one.dtype == other.dtype
    elif hasattr(one, "__dataclass_fields__"):
        for field in fields(one):  # type: ignore[arg-type]
            assert_equal(getattr(one, field.name), getattr(other, field.name))
    else:
        assert one == other


def test_an_equal_case_is_the_earlier_one() -> None:
    first = case()
    assert as_before(case(), first) is first


def test_only_what_changed_is_new_and_nothing_is_lost() -> None:
    first, given = case(), case(120.0, price=20)
    found = as_before(given, first)
    assert_equal(found, given)
    assert found.network is first.network
    assert found.contingencies is first.contingencies
    assert found.units.p_max_mw is first.units.p_max_mw
    assert found.units.offers.width_mw is first.units.offers.width_mw
    assert found.units.offers.price_per_mwh is not first.units.offers.price_per_mwh
    assert found.loads.mw is not first.loads.mw


@pytest.mark.parametrize(("was", "now"), [(0.0, -0.0), (np.nan, 1.0), (1.0, np.nan)])
def test_equal_means_to_the_last_bit(was: float, now: float) -> None:
    table = case().loads
    before, after, again = (replace(table, mw=np.full_like(table.mw, value)) for value in (was, now, was))
    assert as_before(after, before).mw is after.mw
    assert as_before(again, before) is before


def test_judged_again_where_a_part_is_another_object() -> None:
    judged, asked = Judged(), []
    first, second = object(), object()
    for parts in ((first, second), (first, second), (first, first)):
        judged.of("what", parts, lambda: asked.append(1))
    assert len(asked) == 2


@pytest.mark.parametrize(
    "now", [case(), case(110.0), case(1000.0), case(price=100), case(outages=("ac", "ab")), case(outages=("ac", "ac"))]
)
def test_findings_are_those_of_the_case_alone(now: Case) -> None:
    judged, before = Judged(), case()
    validate(before, RULES, None, judged)
    kept = as_before(now, before)
    assert validate(kept, RULES, None, judged) == validate(now, RULES)
    assert plausible(kept, before) == plausible(now, before)
    if now.contingencies.id == before.contingencies.id:
        assert kept.contingencies is before.contingencies
