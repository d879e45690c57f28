"""Egret files with anything in them: a case or findings, never another exception, never endless."""

import copy
import json
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clearing import formats
from clearing.case.case import Case
from clearing.case.validate import validate
from clearing.formats import FormatError
from clearing.rules.load import load
from tests.formats.test_write_egret import full

RULES = load("generic")
WORDS = st.sampled_from(
    ["", "a", "b", "w", "north", "line", "cut", "A", "thermal", "time_series", "piecewise", "coefs", "pg", "1", "NaN"]
)
HUGE = st.sampled_from([10**400, -(10**30), 1e308, float("inf"), float("nan")])
LEAVES = st.one_of(
    st.none(), st.booleans(), st.integers(-3, 40), HUGE,
    st.floats(-200.0, 200.0), WORDS,
)  # fmt: skip
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(WORDS, inner, max_size=3)),
    max_leaves=6,
)
SERIES = st.fixed_dictionaries(
    {"data_type": st.just("time_series"), "values": st.lists(LEAVES, min_size=3, max_size=3)}
)


def places(tree: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Path of every value of a tree."""
    keys = list(tree) if isinstance(tree, dict) else range(len(tree)) if isinstance(tree, list) else []
    return [found for key in keys for found in [(*path, key), *places(tree[key], (*path, key))]]


BASE = full()
PLACES = places(BASE)


def judged(text: str) -> Case | None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "case.json"
        path.write_text(text)
        try:
            case = formats.read(path, "egret")
        except FormatError as error:
            return None if error.findings else pytest.fail("refused without a finding")
    validate(case, RULES)
    return case


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(st.sampled_from(PLACES), st.one_of(VALUES, SERIES), st.booleans()), min_size=1, max_size=4))
def test_a_spoilt_instance_is_a_case_or_findings(changes: list[tuple[tuple[Any, ...], Any, bool]]) -> None:
    tree = copy.deepcopy(BASE)
    for path, value, gone in changes:
        place: Any = tree
        for key in path[:-1]:
            inside = isinstance(place, dict) and key in place
            inside |= isinstance(place, list) and isinstance(key, int) and key < len(place)
            place = place[key] if inside else None
        if isinstance(place, dict):
            place.pop(path[-1], None)
            place |= {} if gone else {path[-1]: value}
        elif isinstance(place, list) and isinstance(path[-1], int) and path[-1] < len(place):
            place[path[-1]] = value
    judged(json.dumps(tree))


@settings(max_examples=20, deadline=None)
@given(st.one_of(VALUES, st.fixed_dictionaries({"system": VALUES, "elements": st.dictionaries(WORDS, VALUES)})))
def test_any_json_is_a_case_or_findings(tree: Any) -> None:
    judged(json.dumps(tree))


def test_the_instance_itself_is_a_case() -> None:
    assert judged(json.dumps(BASE)) is not None


def test_depth_without_end_is_refused() -> None:
    assert judged('{"system": ' + "[" * 100_000 + "]" * 100_000 + "}") is None
