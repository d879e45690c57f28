"""What is wrong with kinds of reserve products is named."""

from __future__ import annotations

import numpy as np
import pytest

from clearing.case.case import Case
from clearing.case.reserve_kinds import ProductKind
from clearing.case.reserves import Direction
from clearing.case.validate import validate
from clearing.rules.load import load
from tests.case.cases import one, put
from tests.factory import Row, market

KINDS = "case.reserve_kinds"


def case_of(*products: Row, ramp: float = 2.0) -> Case:
    units = [{"id": "g", "p_max": 90.0, "must_run": 1, "on": True, "mw": 50.0, "price": 5.0, "bus": "a", "ramp": ramp}]
    storage = [{"id": "s", "bus": "b", "power": 5.0, "energy": 10.0, "initial": 5.0}]
    rows = [{"requirement": 1.0, "minutes": 10.0, **p} for p in products]
    branches = [{"id": "l", "ends": ("a", "b")}]
    return market({"a": [50.0, 50.0], "b": [0.0, 0.0]}, units, storage=storage, products=rows, branches=branches)


AGC = {"id": "agc", "kind": ProductKind.REGULATION}


def test_a_valid_case_of_every_kind_has_no_finding() -> None:
    case = case_of({**AGC, "speed": [2.0, 2.5], "storage": {"s": 5.0}}, {"id": "n", "kind": ProductKind.NON_SPINNING},
                   {"id": "f", "kind": ProductKind.FLEXIBLE_RAMPING, "direction": Direction.DOWN})  # fmt: skip
    assert validate(case, load()) == []


@pytest.mark.parametrize(
    ("field", "rows", "path"),
    [
        ("product", np.array([0, 0]), f"{KINDS}.product[1]"),
        ("speed_unit", np.array([0, 0]), f"{KINDS}.speed_unit[1]"),
        ("storage_product", np.array([0, 0]), f"{KINDS}.storage[1]"),
    ],
)
def test_a_row_stands_once(field: str, rows: np.ndarray, path: str) -> None:
    case = case_of({**AGC, "storage": {"s": 5.0}}, {"id": "b", "kind": ProductKind.REGULATION, "storage": {"s": 5.0}})
    if field == "speed_unit":
        case = put(case, "reserve_kinds.speed_mw_per_minute", np.array([1.0, 2.0]))
    assert one(put(case, f"reserve_kinds.{field}", rows), "RESERVE_KIND_DUPLICATE").path == path


def test_speed_is_asked_of_regulation_only() -> None:
    case = case_of({"id": "a", "speed": [0.0, 1.0]})
    found = one(case, "SPEED_WITHOUT_REGULATION")
    assert (found.path, found.period, found.value) == (f"{KINDS}.speed_requirement_mw_per_minute[0]", 1, "1")


def test_non_spinning_reserve_holds_room_upward() -> None:
    case = case_of({"id": "a", "kind": ProductKind.NON_SPINNING, "direction": Direction.DOWN})
    assert one(case, "NON_SPINNING_DOWN").path == f"{KINDS}.kind[0]"


def test_speed_that_cannot_be_had_and_units_that_bring_none_are_warnings() -> None:
    found = one(case_of({**AGC, "speed": 2.6, "storage": {"s": 5.0}}), "SPEED_ABOVE_CAPABILITY")
    assert (found.value, found.limit) == ("2.6", "2.5")
    assert one(case_of({**AGC, "speed": 0.4, "storage": {"s": 5.0}}, ramp=np.inf), "SPEED_NOT_STATED").subject == "agc"


def test_storage_away_from_its_product_is_a_warning() -> None:
    assert one(case_of({"id": "a", "buses": ["a"], "storage": {"s": 1.0}}), "STORAGE_AWARD_IDLE").subject == "s"


def test_unknown_rows_and_kinds_are_named() -> None:
    case = case_of({**AGC, "storage": {"s": 5.0}})
    assert one(put(case, "reserve_kinds.kind", np.array([5])), "UNKNOWN_ENUM").path == f"{KINDS}.kind[0]"
    assert one(put(case, "reserve_kinds.storage", np.array([1])), "INDEX_OUT_OF_RANGE").path == f"{KINDS}.storage[0]"
    bad = put(case, "reserve_kinds.storage_max_mw", np.array([-1.0]))
    assert one(bad, "NEGATIVE").path == f"{KINDS}.storage_max_mw[0]"


def test_standing_units_and_storage_count_towards_what_a_product_could_have() -> None:
    """g gives 20 MW in ten minutes, and its p_max if it may start for it; the battery gives 5."""
    spin, cold = {"id": "a", "requirement": 26.0, "storage": {"s": 5.0}}, {"kind": ProductKind.NON_SPINNING}
    assert one(case_of(spin), "REQUIREMENT_ABOVE_CAPABILITY").limit == "25"
    assert validate(case_of({**spin, **cold}), load()) == []
