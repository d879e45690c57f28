"""Problems as files: read back by other solvers, with the optimum of the run; both sources have one optimum."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import highspy
import numpy as np
import pytest

from clearing.case.case import Case, CommitmentInput, CommitmentUse
from clearing.day_ahead import clear
from clearing.export import problem
from clearing.export.names import BY_DAY, subjects
from clearing.export.searched import searched
from clearing.export.whole import whole
from clearing.formats import FormatError
from clearing.rules.load import load
from clearing.rules.rules import Rules
from clearing.solve.control import RunControl
from clearing.solve.options import SolveOptions
from models import export as readable
from tests.factory import market
from tests.formulation.drawn import GENERIC
from tests.oracle.cases import drawn
from tests.oracle.examples import EXAMPLES

NEAR = 1e-6


def read(file: Path) -> highspy.Highs:
    highs = highspy.Highs()
    highspy.Highs.resetGlobalScheduler(True)  # one pool of threads a process, which others of these tests may have made
    for name, value in (("output_flag", False), ("threads", 1), ("mip_rel_gap", 0.0), ("mip_abs_gap", 1e-7)):
        highs.setOptionValue(name, value)
    assert highs.readModel(str(file)) == highspy.HighsStatus.kOk
    return highs


def optimum(file: Path) -> float:
    highs = read(file)
    highs.run()
    assert highs.getModelStatus() == highspy.HighsModelStatus.kOptimal
    return float(highs.getInfo().objective_function_value)


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_family_reads_back_with_one_optimum_of_both_sources(name: str, tmp_path: Path) -> None:
    case, rules = EXAMPLES[name].case(), EXAMPLES[name].rules()
    columns, rows = problem.write(case, rules, tmp_path / "production.mps")
    readable.write(case, rules, tmp_path / "models.mps")
    assert optimum(tmp_path / "production.mps") == pytest.approx(optimum(tmp_path / "models.mps"), rel=NEAR)
    lp = read(tmp_path / "production.mps").getLp()
    assert list(lp.col_names_) == [one.name for one in columns]
    assert list(lp.row_names_) == [one.name for one in rows]


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("suffix", [".mps", ".lp"])
def test_optimum_of_the_file_is_that_of_the_run(seed: int, suffix: str, tmp_path: Path) -> None:
    case, rules = drawn(seed, steered=bool(seed % 2), terms=seed % 3 == 0)
    ended = clear(case, rules, SolveOptions(gap=0.0), RunControl()).termination
    chosen = searched(case, rules)
    writers: tuple[Callable[[Case, Rules, Path], object], ...] = (problem.write, readable.write)
    for k, write in enumerate(writers):
        write(chosen, rules, tmp_path / f"{k}{suffix}")
        assert optimum(tmp_path / f"{k}{suffix}") == pytest.approx(ended.objective, rel=NEAR)


def test_a_peer_reads_the_lp(tmp_path: Path) -> None:
    scip = pytest.importorskip("pyscipopt")
    case, rules = drawn(2)
    problem.write(case, rules, tmp_path / "case.lp")
    model = scip.Model()
    model.hideOutput()
    model.readProblem(str(tmp_path / "case.lp"))
    model.optimize()
    assert model.getObjVal() == pytest.approx(optimum(tmp_path / "case.lp"), rel=NEAR)


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_subject_is_one_of_its_family(name: str) -> None:
    """Families that ids are known for have exactly as many of them as the problem has rows or columns of each."""
    found = whole(EXAMPLES[name].case(), EXAMPLES[name].rules())
    own = found.model.problem
    shapes = [(block.name, block.shape) for block in own.columns.blocks]
    shapes += [(name, index.shape) for name, index in own.rows.items()]
    known = subjects(found.model)
    for family, shape in shapes:
        if family in known and family not in BY_DAY:
            assert len(known[family]) == shape[0], family


def test_names_tell_family_subject_and_period(tmp_path: Path) -> None:
    case = market(
        load={"a": [40.0, 60.0], "b": [30.0, 30.0]},
        buses=("a", "b"),
        units=[
            {"id": "机组一", "bus": "a", "p_max": 80, "blocks": [(50, 10), (30, 20)], "on": True, "mw": 40},
            {"id": "G 2", "bus": "b", "p_max": 80, "price": 30},
            {"id": "G_2", "bus": "b", "p_max": 80, "price": 31},
        ],
        branches=[{"id": "a-b", "ends": ("a", "b"), "x": 0.1, "limit": 25}],
    )
    columns, rows = problem.write(case, GENERIC, tmp_path / "case.lp")
    names = {(one.family, one.subject, one.period): one.name for one in (*columns, *rows)}
    assert names["on", "机组一", "01:00"] == "on(id0,01_00)"
    assert names["segment", "机组一.1", "02:00"] == "segment(id0.1,02_00)"
    assert names["branch", "a-b", "02:00"] == "branch(a_b,02_00)"
    first, second = names["above", "G 2", "01:00"], names["above", "G_2", "01:00"]
    assert first == "above(G_2,01_00)"
    assert second.endswith("G_2,01_00)")
    assert first != second
    assert len({one.name for one in columns}) == len(columns)
    assert {*read(tmp_path / "case.lp").getLp().col_names_} == {one.name for one in columns}


def refused(call: Callable[[], object]) -> tuple[str, str]:
    with pytest.raises(FormatError) as found:
        call()
    return found.value.findings[0].code, found.value.findings[0].path


def test_what_is_not_one_problem_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    case, rules = market([50.0] * 3, [{"id": "a", "p_max": 80, "on": True, "mw": 50}]), GENERIC
    given = CommitmentInput(CommitmentUse.FIXED, np.ones(case.units.p_min_mw.shape, dtype=np.int8))
    fixed = replace(case, commitment=given)
    assert refused(lambda: searched(fixed, rules)) == ("NOT_ONE_PROBLEM", "case.commitment")
    lossy = load("generic", "", {"losses.model": "marginal"})
    assert refused(lambda: searched(case, lossy)) == ("NOT_ONE_PROBLEM", "rules.losses.model")
    wrong = replace(case, units=replace(case.units, min_up_minutes=case.units.min_up_minutes - 10_000))
    assert refused(lambda: searched(wrong, rules))[1].startswith("case.units.min_up_minutes")
    monkeypatch.setattr("clearing.export.whole.MOST_ENTRIES", 3)
    network = EXAMPLES["network"].case()
    assert refused(lambda: problem.write(network, rules, tmp_path / "case.mps")) == ("TOO_MANY_ROWS", "case.network")


def test_units_that_a_commitment_leaves_free_are_searched_for(tmp_path: Path) -> None:
    """Held units cost what they cost held: 80 MW from the dear one, which is on, the cheap one being off."""
    units = [
        {"id": "cheap", "p_max": 100, "price": 10},
        {"id": "dear", "p_min": 20, "p_max": 90, "price": 40, "on": True, "mw": 80},
        {"id": "middle", "p_max": 50, "price": 20},
    ]
    case = market([80.0], units)
    on = np.array([[0], [1], [0]], dtype=np.int8)
    held = replace(case, commitment=CommitmentInput(CommitmentUse.FIXED, on, np.array([2])))
    problem.write(searched(held, GENERIC), GENERIC, tmp_path / "case.mps")
    assert optimum(tmp_path / "case.mps") == pytest.approx(50 * 20 + 30 * 40)
