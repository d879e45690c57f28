"""Islands, references, shift factors and limited elements."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clearing.grid.islands import bus_load_mw, islands
from clearing.grid.monitored import flows, grid
from tests.factory import market
from tests.grid.factors import factors
from tests.grid.nets import flows_by_angles, island_of, random_case

SEEDS = st.integers(0, 2**32 - 1)
RELAXED = settings(deadline=None, max_examples=60)


def balanced(label: np.ndarray, weight: np.ndarray, injection: np.ndarray) -> np.ndarray:
    """The injection with each island's surplus taken off at its reference."""
    out = injection.copy()
    for first in np.unique(label):
        members = label == first
        out[members] -= weight[members] * injection[members].sum()
    return out


@RELAXED
@given(SEEDS)
def test_flows_are_those_of_the_angles(seed: int) -> None:
    case = random_case(seed)
    found, label = islands(case), island_of(case)
    factor, offset = factors(case)
    injection = np.random.default_rng(seed).normal(0, 50, len(label))
    right = flows_by_angles(case, balanced(label, found.reference_weight[:, 0], injection))
    assert factor @ injection + offset == pytest.approx(right, abs=1e-6)


@RELAXED
@given(SEEDS)
def test_one_mw_at_a_bus_is_one_column(seed: int) -> None:
    case = random_case(seed)
    found, label = islands(case), island_of(case)
    factor, offset = factors(case)
    still = flows_by_angles(case, np.zeros(len(label)))
    assert offset == pytest.approx(still, abs=1e-6)
    for k in range(len(label)):
        one = balanced(label, found.reference_weight[:, 0], np.eye(len(label))[k])
        assert factor[:, k] == pytest.approx(flows_by_angles(case, one) - still, abs=1e-6)


@RELAXED
@given(SEEDS)
def test_islands_are_the_connected_buses_in_order_of_their_first(seed: int) -> None:
    case = random_case(seed)
    found, label = islands(case), island_of(case)
    firsts = sorted(set(label.tolist()))
    assert found.id == tuple(case.network.bus_id[k] for k in firsts)
    assert found.of_bus[:, 1].tolist() == [firsts.index(k) for k in label]
    assert found.count == len(firsts)
    load = np.maximum(bus_load_mw(case), 0).sum(axis=1)
    for i, first in enumerate(firsts):
        members = label == first
        expected = load[members] / load[members].sum() if load[members].sum() > 0 else np.eye(members.sum())[0]
        assert found.reference_weight[members, 0] == pytest.approx(expected)
        assert (found.total(np.ones((len(label), 2)))[i] == members.sum()).all()


@RELAXED
@given(SEEDS)
def test_the_reference_moves_nothing_and_out_of_service_carries_nothing(seed: int) -> None:
    case = random_case(seed)
    found = islands(case)
    factor, offset = factors(case)
    for i in range(found.count):
        at_reference = np.where(found.of_bus == i, found.reference_weight, 0.0)[:, 0]
        assert factor @ at_reference == pytest.approx(0.0, abs=1e-9)
    out = ~case.network.branch_in_service
    assert out.any()
    assert not factor[out].any()
    assert not offset[out].any()
    other = found.of_bus[case.network.branch_from, 0][:, None] != found.of_bus[:, 0]
    assert np.abs(factor[other]).max(initial=0.0) < 1e-9


def test_the_bus_that_has_all_the_load_has_a_column_of_zeros() -> None:
    branches = [{"id": "ab", "ends": ("a", "b")}, {"id": "bc", "ends": ("b", "c")}, {"id": "ac", "ends": ("a", "c")}]
    case = market({"a": [0.0], "b": [70.0], "c": [-20.0]}, branches=branches)
    factor, _ = factors(case)
    assert np.abs(factor[:, 1]).max() < 1e-12
    assert factor[:, 0] == pytest.approx([2 / 3, -1 / 3, 1 / 3])


def test_parallel_branches_share_by_susceptance_and_a_tap_counts() -> None:
    branches = [
        {"id": "one", "ends": ("a", "b"), "x": 0.1}, {"id": "two", "ends": ("b", "a"), "x": 0.2},
        {"id": "tap", "ends": ("a", "b"), "x": 0.1, "tap": 1.25},
    ]  # fmt: skip
    case = market({"a": [0.0], "b": [10.0]}, branches=branches)
    factor, _ = factors(case)
    assert factor[:, 0] == pytest.approx(np.array([10.0, -5.0, 8.0]) / 23)


def test_a_phase_shifter_in_a_loop_drives_a_flow_around_it() -> None:
    """Two parallel lines of 1000 MW a radian, one shifted by 0.02: half of 20 MW goes round."""
    shift = float(np.rad2deg(0.02))
    branches = [{"id": "s", "ends": ("a", "b"), "x": 0.1, "shift": shift}, {"id": "p", "ends": ("a", "b"), "x": 0.1}]
    case = market({"a": [0.0], "b": [10.0]}, branches=branches)
    assert factors(case)[1] == pytest.approx([-10.0, 10.0])


def test_a_bus_alone_is_an_island_and_a_copper_plate_has_no_flow() -> None:
    case = market({"a": [10.0], "b": [0.0]})
    found = islands(case)
    assert (found.id, found.count) == (("a", "b"), 2)
    assert found.reference_weight.tolist() == [[1.0], [1.0]]
    assert factors(case)[0].shape == (0, 2)


def test_loads_of_one_bus_add_up_and_the_reference_is_spread_over_the_day() -> None:
    case = market({"a": [30.0, 10.0], "b": [-50.0, 60.0]}, branches=[{"id": "ab", "ends": ("a", "b")}])
    loads = replace(
        case.loads, id=("x", "y", "z"), bus=np.array([0, 1, 0]), mw=np.array([[30.0, 10.0], [-50.0, 60.0], [20.0, 0.0]])
    )
    case = replace(case, loads=loads)
    assert bus_load_mw(case).tolist() == [[50.0, 10.0], [-50.0, 60.0]]
    assert islands(case).reference_weight[:, 0] == pytest.approx(
        [0.5, 0.5]
    )  # 60 and 60: what is injected does not count


@RELAXED
@given(SEEDS)
def test_limited_elements_are_rated_branches_in_service_and_all_interfaces(seed: int) -> None:
    case = random_case(seed)
    network, found = grid(case).monitored, islands(case)
    rated = np.isfinite(case.network.branch_limit_mw) & case.network.branch_in_service
    assert network.id == (*(np.array(case.network.branch_id)[rated]), "cut")
    injection = np.random.default_rng(seed).normal(0, 30, (len(found.of_bus), 2))
    label = island_of(case)
    right = np.array(
        [flows_by_angles(case, balanced(label, found.reference_weight[:, 0], injection[:, t])) for t in range(2)]
    ).T
    table = case.network
    cut = sum(c * right[b] for b, c in zip(table.term_branch, table.term_coefficient, strict=True))
    assert grid(case).flow(injection, np.zeros((0, injection.shape[1]))) == pytest.approx(
        np.vstack([right[rated], cut]), abs=1e-6
    )
    assert network.upper[-1].tolist() == [60.0, 60.0]
    assert np.isneginf(network.lower[-1]).all()
    assert (network.lower[:-1] == -network.upper[:-1]).all()
    everything = flows(case, grid(case), injection)
    assert everything.branch_mw == pytest.approx(right, abs=1e-6)
    assert everything.interface_mw == pytest.approx(cut[None, :], abs=1e-6)
