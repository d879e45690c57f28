"""Factors of a network are found again by content, and only then."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest

from clearing.case.case import Case
from clearing.grid.cache import KEPT, ContentCache, digest
from clearing.grid.monitored import grid
from tests.grid.nets import random_case


@pytest.fixture(autouse=True)
def empty() -> Iterator[None]:
    KEPT.clear()
    yield
    KEPT.clear()


def other(case: Case, column: str) -> Case:
    """The case with one number of the first branch in service moved."""
    values = np.array(getattr(case.network, column))
    values[int(np.argmax(case.network.branch_in_service))] += 0.01
    changed: dict[str, Any] = {column: values}
    return replace(case, network=replace(case.network, **changed))


def test_the_same_network_is_found_again_and_flows_are_the_same_to_the_bit() -> None:
    case = random_case(5)
    first, second = grid(case), grid(replace(case, name="another day"))
    assert (KEPT.misses, KEPT.hits) == (2, 1)  # a topology and its LU
    assert first.topologies[0] is second.topologies[0]
    injection = np.random.default_rng(5).normal(size=(len(case.network.bus_id), 2))
    kept = second.branch_flow(injection)
    KEPT.clear()
    assert (grid(case).branch_flow(injection) == kept).all()


@pytest.mark.parametrize("column", ["branch_reactance_pu", "branch_tap_ratio", "branch_shift_degrees"])
def test_a_changed_branch_is_not_found_and_has_its_own_flows(column: str) -> None:
    case = next(c for c in map(random_case, range(50)) if _looped(c))
    injection = np.random.default_rng(5).normal(size=(len(case.network.bus_id), 2)) * 100
    KEPT.clear()
    plain = grid(case).branch_flow(injection)
    moved = grid(other(case, column)).branch_flow(injection)
    assert (KEPT.misses, KEPT.hits) == (4, 0)
    assert np.abs(moved - plain).max() > 1e-6
    KEPT.clear()
    assert (grid(other(case, column)).branch_flow(injection) == moved).all()


def _looped(case: Case) -> bool:
    """Whether the first branch in service stands in a loop, so that it moves flows."""
    network = case.network
    lines = np.flatnonzero(network.branch_in_service)
    live = network.branch_in_service.copy()
    live[lines[0]] = False
    alone = replace(case, network=replace(network, branch_in_service=live))
    return grid(alone).islands.count == grid(case).islands.count


def test_another_reference_or_branch_out_is_not_found() -> None:
    case = random_case(5)
    grid(case)
    weight = np.ones(len(case.network.bus_id))
    grid(replace(case, network=replace(case.network, bus_reference_weight=weight)))
    out = case.network.branch_in_service.copy()
    out[int(np.argmax(out))] = False
    grid(replace(case, network=replace(case.network, branch_in_service=out)))
    assert (KEPT.misses, KEPT.hits) == (5, 1)  # the LU of another reference is the same


def test_limits_and_names_are_no_part_of_it() -> None:
    case = random_case(5)
    grid(case)
    grid(replace(case, network=replace(case.network, branch_limit_mw=case.network.branch_limit_mw + 1.0)))
    assert (KEPT.misses, KEPT.hits) == (2, 1)


@dataclass(frozen=True)
class Thing:
    nbytes: int


def test_bytes_are_bounded_and_the_longest_unused_goes_first() -> None:
    cache = ContentCache(most_bytes=100)
    for name in (b"a", b"b"):
        cache.get(name, lambda: Thing(40))
    cache.get(b"a", lambda: Thing(0))  # used again, so b is the oldest
    cache.get(b"c", lambda: Thing(40))
    assert cache.bytes == 80
    assert cache.get(b"a", lambda: Thing(1)) == Thing(40)
    assert cache.get(b"b", lambda: Thing(2)) == Thing(2)


def test_what_is_larger_than_all_room_is_not_kept() -> None:
    cache = ContentCache(most_bytes=100)
    cache.get(b"a", lambda: Thing(60))
    assert cache.get(b"huge", lambda: Thing(101)) == Thing(101)
    assert cache.bytes == 60
    assert cache.get(b"a", lambda: Thing(0)) == Thing(60)


def test_digests_tell_shapes_types_and_kinds_apart() -> None:
    flat, ints = np.zeros(4), np.zeros(4, dtype=np.int64)
    keys = [digest("x", flat), digest("y", flat), digest("x", flat.reshape(2, 2)), digest("x", ints), digest("x")]
    assert len(set(keys)) == len(keys)
    assert digest("x", flat[::2]) == digest("x", np.zeros(2))
