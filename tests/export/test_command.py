"""`clearing export` for people and programs."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from clearing.formats import read
from tests.cli.conftest import clearing
from tests.export.test_problem import optimum

THREE_BUS = Path(__file__).resolve().parents[2] / "scenarios" / "three-bus"
OPTIMUM = 6210.0


@pytest.mark.parametrize("of", ["production", "models"])
@pytest.mark.parametrize("suffix", [".mps", ".lp"])
def test_a_problem_and_what_its_names_mean(of: str, suffix: str, tmp_path: Path) -> None:
    out = tmp_path / f"case{suffix}"
    told = clearing("export", "problem", THREE_BUS, "-o", out, "--of", of, "--json").object
    assert optimum(out) == pytest.approx(OPTIMUM)
    with (tmp_path / "case.names.csv").open(encoding="utf-8-sig", newline="") as file:
        names = list(csv.DictReader(file))
    assert (told["columns"], told["rows"]) == tuple(sum(n["kind"] == k for n in names) for k in ("column", "row"))
    balance = [n for n in names if n["family"] in ("balance", "bus_balance")]
    assert len(balance) == (4 if of == "production" else 12)


def test_formulations_of_the_models(tmp_path: Path) -> None:
    for name, more in (("plain", ()), ("damci", ("--ramps", "damci-kurt"))):
        ended = clearing("export", "problem", THREE_BUS, "-o", tmp_path / f"{name}.lp", "--of", "models", *more)
        assert ended.code == 0, ended.stderr
    assert (tmp_path / "plain.lp").read_text() != (tmp_path / "damci.lp").read_text()
    assert optimum(tmp_path / "damci.lp") == pytest.approx(OPTIMUM)


def test_a_schedule_for_a_study(tmp_path: Path) -> None:
    assert clearing("run", THREE_BUS, "--out", tmp_path / "run").code == 0
    result, out = tmp_path / "run" / "result.json", tmp_path / "ac"
    told = clearing("export", "ac", THREE_BUS, result, "-o", out, "--period", "11:00", "--json").object
    assert [Path(file).name for file in told["files"]] == ["three-bus_1100.m"]
    assert [f["code"] for f in told["findings"]] == ["NOT_EXPRESSED"]
    assert read(out / "three-bus_1100.m").loads.mw.sum() > 0.0
    assert "wrote 4 files" in clearing("export", "ac", THREE_BUS, result, "-o", out).stdout


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("problem", THREE_BUS, "-o", "case.txt"), "USAGE"),
        (("problem", THREE_BUS, "-o", "case.lp", "--ramps", "damci-kurt"), "USAGE"),
        (("problem", THREE_BUS, "-o", "missing/case.lp"), "OUT_NOT_USABLE"),
        (("problem", THREE_BUS, "-o", "missing/case.mps", "--of", "models"), "OUT_NOT_USABLE"),
        (("problem", THREE_BUS, "-o", "case.lp", "--set", "losses.model=marginal"), "NOT_ONE_PROBLEM"),
        (("ac", THREE_BUS, "nowhere.json", "-o", "out"), "FILE_NOT_FOUND"),
    ],
)
def test_what_cannot_be_used(
    arguments: tuple[object, ...], code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    ended = clearing("export", *arguments, "--json")
    assert (ended.code, ended.object["findings"][0]["code"]) == (2, code)
    assert list(tmp_path.iterdir()) == []
