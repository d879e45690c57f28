"""The specification's command line: what it prints, what it refuses, prices from a commitment of production."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pyomo.environ as pyo
import pytest

from clearing.bench.variants import one_at_a_time
from clearing.case.result import ClearingResult
from clearing.day_ahead import clear
from clearing.formats import read
from clearing.rules.load import load
from clearing.solve.control import RunControl
from clearing.solve.options import SolveOptions
from clearing.wire.case_file import case_to_json, result_to_json
from models.scuc import scuc
from models.solve import main
from tests.factory import market
from tests.oracle.cases import drawn

SCENARIO = Path(__file__).resolve().parents[2] / "scenarios" / "three-bus"


@pytest.fixture(scope="module")
def cleared() -> ClearingResult:
    return clear(read(SCENARIO), load("generic"), SolveOptions(gap=0.0), RunControl())


def figures(text: str) -> dict[str, tuple[float, float, float]]:
    """Objective, bound and seconds by model."""
    found = re.findall(r"^(\w+): objective (\S+), bound (\S+), (\S+) s", text, re.MULTILINE)
    return {name: (float(a), float(b), float(c)) for name, a, b, c in found}


@pytest.mark.parametrize("solver", ["appsi_highs", "highs"])
def test_scuc_prints_objective_bound_and_seconds(
    solver: str, cleared: ClearingResult, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(SCENARIO), "--model", "scuc", "--solver", solver, "--gap", "0"]) == 0
    objective, bound, seconds = figures(capsys.readouterr().out)["scuc"]
    assert objective == pytest.approx(cleared.termination.objective, rel=1e-6)
    assert bound == pytest.approx(objective, rel=1e-6)
    assert 0 < seconds < 60


def test_a_given_commitment_takes_the_place_of_the_scuc(
    cleared: ClearingResult, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    result = tmp_path / "result.json"
    result.write_text(result_to_json(read(SCENARIO), load("generic"), cleared), encoding="utf-8")
    assert main([str(SCENARIO), "--model", "pricing", "--commitment", str(result)]) == 0
    text = capsys.readouterr().out
    assert set(figures(text)) == {"sced", "pricing"}
    prices = [[float(p) for p in line.split(": ")[1].split()] for line in text.splitlines() if "price at" in line]
    assert cleared.prices is not None
    assert np.array(prices) == pytest.approx(cleared.prices.bus_price, abs=1e-4)
    assert len({round(p, 3) for row in prices for p in row}) > 2


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nowhere"], "no such file"),
        ([str(SCENARIO), "--solver", "nobody"], "no solver nobody"),
        ([str(SCENARIO), "--rules", "nobody's"], "no rule set of this name"),
    ],
)
def test_what_cannot_be_done_is_said(arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 1
    assert message in capsys.readouterr().err


def test_an_invalid_case_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "case.json"
    file.write_text(case_to_json(market([10.0], [{"id": "u", "p_min": 20.0, "p_max": 10.0}])), encoding="utf-8")
    assert main([str(file)]) == 1
    assert "p_min is above p_max" in capsys.readouterr().err


README = (Path(__file__).resolve().parents[2] / "models" / "README.md").read_text(encoding="utf-8")


def test_the_example_of_the_readme_runs(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    (example,) = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    monkeypatch.chdir(SCENARIO.parents[1])
    exec(compile(example, "models/README.md", "exec"), {"__name__": "readme"})
    assert re.fullmatch(r"\d+\.\d+ \d+\.\d+\n", capsys.readouterr().out)


def test_the_readme_names_every_equation_and_no_other() -> None:
    models = [scuc(*drawn(seed, steered=True)) for seed in range(12)]
    models += [scuc(*drawn(seed), variants=variants) for seed in range(4) for variants in one_at_a_time()]
    here = {row.local_name for m in models for row in m.component_objects(pyo.Constraint)} | {"frozen_output", "losses"}
    table = README.split("## Reading it")[1].split("Indices are")[0]
    columns = [line.split("|") for line in table.splitlines() if line.startswith("| [`")]
    assert {name for column in columns for name in re.findall(r"`([a-z_]+)`", column[2])} - {"on"} == here
