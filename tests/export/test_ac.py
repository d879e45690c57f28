"""Schedules as MATPOWER cases: the same balance at every bus and the same flows, for our reader and for peers."""

from __future__ import annotations

import warnings
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from clearing.case.arrays import Floats
from clearing.case.case import Case
from clearing.case.result import ClearingResult
from clearing.checks.electrical import branch_flows, electrical
from clearing.checks.facts import injections
from clearing.day_ahead import clear
from clearing.export import ac
from clearing.formats import FormatError
from clearing.formats import read as read_case
from clearing.formats.findings import Problems
from clearing.formats.matpower.source import Source, parse
from clearing.grid.islands import bus_load_mw, islands
from clearing.solve.control import RunControl
from clearing.solve.options import SolveOptions
from tests.factory import market
from tests.formulation.drawn import GENERIC
from tests.oracle.cases import drawn
from tests.oracle.examples import EXAMPLES

NEAR = 1e-6
SEEDS = range(6)


@cache
def cleared(seed: int) -> tuple[Case, ClearingResult]:
    case, rules = drawn(seed, terms=seed % 3 == 0)
    return case, clear(case, rules, SolveOptions(gap=0.0), RunControl())


def everything() -> tuple[Case, ClearingResult]:
    """Every resource at once, on lines with resistance; an outage, and a limit of its own, in the second hour."""
    case = market(
        load={"a": [100.0, 120.0], "b": [50.0, 60.0], "c": [30.0, 20.0]},
        buses=("a", "b", "c"),
        units=[
            {"id": "slow", "bus": "a", "p_min": 50, "p_max": 200, "price": 20, "on": True, "mw": 120},
            {"id": "quick", "bus": "b", "p_min": 10, "p_max": 60, "price": 60},
        ],
        branches=[
            {"id": "ab", "ends": ("a", "b"), "x": 0.1, "r": 0.01, "limit": 60, "out": [(1, 1)]},
            {"id": "bc", "ends": ("b", "c"), "x": 0.2, "r": 0.02, "limit": 70},
            {"id": "ac", "ends": ("a", "c"), "x": 0.1, "r": 0.01, "limit": 90, "shift": 1.0, "tap": 1.02},
        ],
        renewables=[{"id": "wind", "bus": "c", "forecast": [20.0, 35.0], "price": 0}],
        storage=[{"id": "store", "bus": "b", "power": 20, "energy": 40, "initial": 20}],
        ties=[{"id": "tie", "bus": "c", "mw": [10.0, -15.0]}],
    )
    return case, clear(case, GENERIC, SolveOptions(gap=0.0), RunControl())


def written(case: Case, result: ClearingResult, t: int, folder: Path, factor: float | None = None) -> Source:
    file = folder / f"{t}.m"
    ac.write(ac.Study(case, result, factor), t, file)
    problems = Problems()
    source = Source(parse(file.read_text(encoding="utf-8"), file.name, problems), file.name, problems)
    problems.stop()
    return source


def net(source: Source) -> Floats:
    """Pg of what runs less Pd, by row of bus."""
    bus, gen = source.table("bus"), source.table("gen")
    place = {number: k for k, number in enumerate(bus[:, 0].tolist())}
    total = -bus[:, 2].copy()
    for row in gen[gen[:, 7] > 0.0]:
        total[place[row[0]]] += row[1]
    return total


def expected(case: Case, result: ClearingResult) -> Floats:
    """The auditor's injections, with the surplus taken off at the reference."""
    assert result.schedule is not None
    where = islands(case)
    taken = where.reference_weight * where.at_buses(result.schedule.surplus_mw)
    return injections(case, result.schedule, bus_load_mw(case)) - taken


def check(case: Case, result: ClearingResult, folder: Path) -> None:
    assert result.flows is not None
    right = expected(case, result)
    for t in range(case.horizon.periods):
        source = written(case, result, t, folder)
        own = net(source)
        np.testing.assert_allclose(own, right[:, t], atol=NEAR)
        again = read_case(folder / f"{t}.m").network
        flow = branch_flows(electrical(again, np.ones((len(own), 1))), own[:, None])[:, 0]
        np.testing.assert_allclose(flow, result.flows.branch_mw[:, t], atol=1e-5)


@pytest.mark.parametrize("seed", SEEDS)
def test_balance_and_flows_of_drawn_cases(seed: int, tmp_path: Path) -> None:
    check(*cleared(seed), tmp_path)


@pytest.mark.parametrize(
    "name", ["direct current", "pump", "output curves", "bids and virtual plants", "all limits broken"]
)
def test_balance_and_flows_of_named_cases(name: str, tmp_path: Path) -> None:
    case, rules = EXAMPLES[name].case(), EXAMPLES[name].rules()
    check(case, clear(case, rules, SolveOptions(gap=0.0), RunControl()), tmp_path)


def test_every_resource_is_a_machine_and_outages_are_of_the_period(tmp_path: Path) -> None:
    case, result = everything()
    check(case, result, tmp_path)
    first, second = (written(case, result, t, tmp_path) for t in range(2))
    assert first.fields["gen_name"] == ("slow", "quick", "wind", "store")
    assert first.table("branch")[:, 10].tolist() == [1, 1, 1]
    assert second.table("branch")[:, 10].tolist() == [0, 1, 1]
    assert first.table("branch")[:, 2].tolist() == [0.01, 0.02, 0.01]
    assert result.schedule is not None
    assert first.table("gen")[:2, 7].tolist() == result.schedule.on[:, 0].tolist()
    assert (first.table("bus")[:, 1] == 3).sum() == 1


def test_what_is_assumed_is_said_and_reactive_demand_is_asked_for(tmp_path: Path) -> None:
    case, result = everything()
    plain, lagging = written(case, result, 0, tmp_path), written(case, result, 0, tmp_path, 0.8)
    assert not plain.table("bus")[:, 3].any()
    # of the load alone: the tie brings 10 MW to c, whose load is 30 MW
    np.testing.assert_allclose(lagging.table("bus")[:, 3], np.array([100.0, 50.0, 30.0]) * 0.75)
    np.testing.assert_allclose(lagging.table("bus")[:, 2], [100.0, 50.0, 20.0])
    text = (tmp_path / "0.m").read_text(encoding="utf-8")
    assert "power factor 0.8" in text
    assert "base voltage 0 (not stated) of 3 buses" in text
    assert "resistance 0 of 0 of 3 branches" in text


def test_without_a_schedule_nothing_is_written(tmp_path: Path) -> None:
    case, result = everything()
    with pytest.raises(FormatError) as refused:
        ac.write(ac.Study(case, replace(result, schedule=None)), 0, tmp_path / "0.m")
    assert refused.value.findings[0].code == "NO_SCHEDULE"
    assert not list(tmp_path.iterdir())


def test_peers_read_it_and_find_the_same_flows(tmp_path: Path) -> None:
    """matpowercaseframes parses the file, pypower finds the flows of the clearing, and alternating ones near them."""
    frames = pytest.importorskip("matpowercaseframes")
    pypower = pytest.importorskip("pypower.api")
    case, result = everything()
    assert result.flows is not None
    silent = pypower.ppoption(VERBOSE=0, OUT_ALL=0)
    for t in range(2):
        written(case, result, t, tmp_path, 0.98)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of the peers
            tables = frames.CaseFrames(str(tmp_path / f"{t}.m")).to_mpc()
            mpc = {key: np.array(tables[key], dtype=float) for key in ("bus", "gen", "branch")}
            mpc |= {"baseMVA": float(tables["baseMVA"]), "version": "2"}
            direct, alternating = pypower.rundcpf(mpc, silent), pypower.runpf(mpc, silent)
        assert direct[1]
        assert alternating[1]
        np.testing.assert_allclose(direct[0]["branch"][:, 13], result.flows.branch_mw[:, t], atol=1e-5)
        np.testing.assert_allclose(alternating[0]["branch"][:, 13], result.flows.branch_mw[:, t], atol=5.0)
