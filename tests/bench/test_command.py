"""`clearing bench`: three solvers and production on one case, solvers of one's own, and contradictions."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest

from clearing.bench import picture
from clearing.report import words
from tests.cli.conftest import clearing

ROOT = Path(__file__).resolve().parents[2]
CASE = ROOT / "scenarios" / "three-bus"
PAGE = ROOT / "docs" / "add-your-solver.md"
OPTIMUM = 6210.0

LIAR = """
from models.solvers import Found, named

class Liar:
    def solve(self, m, limits):
        found = named("highs").solve(m, limits)
        return Found("optimal", found.objective, found.objective + 100.0)

class Broken:
    def solve(self, m, limits):
        found = named("highs").solve(m, limits)
        for one in m.output.values():
            one.set_value(0.0)
        return found

class Dies:
    def solve(self, m, limits):
        import os
        os._exit(3)
"""


def test_three_solvers_and_production_agree(tmp_path: Path) -> None:
    ended = clearing("bench", CASE, "--gap", "0", "--out", tmp_path / "out", "--json")
    assert ended.code == 0, ended.stderr
    found = {row["solver"]: row for row in ended.object["runs"]}
    assert list(found) == ["highs", "scip", "cbc", "production"]
    for row in found.values():
        assert row["objective"] == pytest.approx(OPTIMUM, rel=1e-6)
        assert row["gap"] == pytest.approx(0.0, abs=1e-6)
    assert "audit passed" in found["production"]["note"]
    assert ended.object["disagreements"] == []
    with (tmp_path / "out" / "bench.csv").open(encoding="utf-8") as file:
        assert [row["solver"] for row in csv.DictReader(file)] == list(found)
    assert "<svg" in (tmp_path / "out" / "bench.svg").read_text(encoding="utf-8")


def test_formulations_with_their_bounds_for_people() -> None:
    ended = clearing(
        "bench", CASE, "--solver", "highs", "--ramps", "damci-kurt", "--ramps", "arroyo-conejo", "--lp-bounds"
    )
    assert ended.code == 0, ended.stderr
    assert "ramps=damci-kurt" in ended.stderr
    assert ended.stdout.count("6,210.00") >= 2
    assert {"5,929", "5,923"} <= {figure[:5] for figure in re.findall(r"5,\d{3}\S*", ended.stdout)}


def test_a_solver_of_ones_own_as_the_page_shows_it(tmp_path: Path) -> None:
    source = re.search(r"```python\n(# mine\.py\n.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert source is not None
    (tmp_path / "mine.py").write_text(source[1], encoding="utf-8")
    ended = clearing("bench", CASE, "--solver", f"{tmp_path / 'mine.py'}:RoundUp", "--solver", "highs", "--json")
    assert ended.code == 0, ended.stderr
    own, highs = ended.object["runs"]
    assert own["bound"] <= highs["objective"] * (1 + 1e-9) <= own["objective"] * (1 + 1e-6)


def test_what_is_not_installed_is_said_and_the_others_go_on() -> None:
    ended = clearing("bench", CASE, "--solver", "xpress_of_nowhere", "--solver", "highs", "--json")
    assert ended.code == 0, ended.stderr
    missing, highs = ended.object["runs"]
    assert missing["status"] == "not installed"
    assert "xpress_of_nowhere" in missing["note"]
    assert highs["objective"] == pytest.approx(OPTIMUM, rel=1e-4)
    assert clearing("bench", CASE, "--solver", "xpress_of_nowhere").code == 3


@pytest.mark.parametrize(("own", "said"), [("Liar", "nothing costs less than"), ("Broken", "breaks a row")])
def test_contradictions_are_errors(tmp_path: Path, own: str, said: str) -> None:
    (tmp_path / "liar.py").write_text(LIAR, encoding="utf-8")
    ended = clearing("bench", CASE, "--solver", f"{tmp_path / 'liar.py'}:{own}", "--json")
    assert ended.code == 4
    assert ended.object["status"] == "DISAGREEMENT"
    assert any(said in text for text in ended.object["disagreements"])


def test_a_solver_that_dies_takes_nobody_with_it(tmp_path: Path) -> None:
    (tmp_path / "liar.py").write_text(LIAR, encoding="utf-8")
    ended = clearing("bench", CASE, "--solver", f"{tmp_path / 'liar.py'}:Dies", "--solver", "highs", "--json")
    assert ended.code == 0, ended.stderr
    died, highs = ended.object["runs"]
    assert died["status"] == "failed"
    assert "code 3" in died["note"]
    assert highs["objective"] is not None


def test_bad_input_is_refused() -> None:
    assert clearing("bench", CASE, "--each-variant", "--ramps", "damci-kurt").code == 2
    assert clearing("bench", CASE, "--limits", "none").code == 2
    assert clearing("bench", CASE.parent / "nowhere").code == 2


def test_the_picture_speaks_chinese(tmp_path: Path) -> None:
    for language in ("en", "zh"):
        ended = clearing(
            "bench", CASE, "--solver", "highs", "--language", language, "--out", tmp_path / language, "--lp-bounds"
        )
        assert ended.code == 0, ended.stderr
    english, chinese = ((tmp_path / k / "bench.svg").read_text(encoding="utf-8") for k in ("en", "zh"))
    assert all(text in english for text in ("forming", "seconds (median run"))
    assert all(text in chinese for text in ("建模", "求解", "取中位的一次", "线性松弛"))
    assert "forming" not in chinese
    assert all(words.chinese(text) for text in picture.WORDS)
    ended = clearing("bench", CASE, "--language", "de", "--json")
    assert (ended.code, ended.object["findings"][0]["path"]) == (2, "--language")
