"""Manifests: what runs leave out is that of the defaults, and everything wrong is said at once."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from clearing.batch.manifest import read
from clearing.batch.question import pose
from clearing.formats.findings import FormatError
from clearing.solve.options import LastStage
from tests.batch.conftest import day

TOML = """
name = "spring"
[defaults]
case = "days"
rules = "generic@1"
options = {period_minutes = 60, series = "DAY_AHEAD"}
set = {"solve.gap" = 0.005, "a.b" = true}
solve = {gap = 0.01, reproducible = true}
[days]
first = 2020-02-28
last = "2020-03-03"
every = 2
[[runs]]
name = "peak"
options = {day = "2020-08-12", period_minutes = 15}
set = {"solve.gap" = 0.001}
solve = {seed = 3, prices = false}
case = "other"
"""


def written(folder: Path, text: str, name: str = "m.toml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_days_and_runs_over_the_defaults(tmp_path: Path) -> None:
    manifest, runs = read(written(tmp_path, TOML))
    assert manifest.name == "spring"
    assert [run.name for run in runs] == ["2020-02-28", "2020-03-01", "2020-03-03", "peak"]
    first, peak = runs[0], runs[-1]
    assert first.options == {"period_minutes": 60, "series": "DAY_AHEAD", "day": "2020-02-28"}
    assert (first.case, first.rules, first.solve.gap) == ("days", "generic@1", 0.01)
    assert peak.options == {"period_minutes": 15, "series": "DAY_AHEAD", "day": "2020-08-12"}
    assert (peak.case, peak.rules) == ("other", "generic@1")
    assert peak.set == {"solve.gap": 0.001, "a.b": True}
    options = peak.solve.options()
    assert (options.gap, options.seed, options.reproducible) == (0.01, 3, True)
    assert options.last_stage is LastStage.DISPATCH
    assert runs[0].solve.options().last_stage is LastStage.PRICES


def test_no_manifest_consents_to_programs(tmp_path: Path) -> None:
    path = written(tmp_path, "[[runs]]\nname = 'a'\ncase = 'x'\nformat = 'generator'")
    with pytest.raises(FormatError) as refused:
        read(path)
    assert refused.value.findings[0].code == "GENERATOR_NOT_ALLOWED"
    assert read(path, may_run=True)[1][0].format == "generator"


def test_json_is_the_same(tmp_path: Path) -> None:
    tree = {"defaults": {"case": "days"}, "days": {"first": "2020-01-31", "last": "2020-02-01"}}
    _, runs = read(written(tmp_path, json.dumps(tree), "m.json"))
    assert [run.options["day"] for run in runs] == ["2020-01-31", "2020-02-01"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("name = ", [("BAD_MANIFEST", "m.toml")]),
        ("", [("REQUIRED", "m.toml:runs")]),
        ("[[runs]]\nname = 'a'\n[[runs]]\nname = 'a'\ncase = 'x'",
         [("REQUIRED", "m.toml:runs.0.case"), ("DUPLICATE_ID", "m.toml:runs.1.name")]),
        ("worker = 3\n[defaults.solve]\ngap = 1.0\nseed = -1",
         [("BAD_MANIFEST", "m.toml:defaults.solve.gap"), ("BAD_MANIFEST", "m.toml:defaults.solve.seed"),
          ("BAD_MANIFEST", "m.toml:worker")]),
        ("[defaults]\ncase = 'x'\n[days]\nfirst = 2020-01-02\nlast = 2020-01-01", [("BAD_MANIFEST", "m.toml:days")]),
        ("[defaults]\ncase = 'x'\n[days]\nfirst = 2020-01-02\nlast = 'never'", [("BAD_MANIFEST", "m.toml:days.last")]),
    ],
)  # fmt: skip
def test_everything_wrong_is_said_at_once(tmp_path: Path, text: str, expected: list[tuple[str, str]]) -> None:
    with pytest.raises(FormatError) as wrong:
        read(written(tmp_path, text))
    assert sorted((f.code, f.path) for f in wrong.value.findings) == sorted(expected)


def test_digest_is_that_of_content(tmp_path: Path) -> None:
    def digest(solve: str = "", load: int = 0, rules: str = "", where: str = "one", more: str = "") -> str:
        folder = tmp_path / where
        folder.mkdir(exist_ok=True)
        folder.joinpath("c.json").write_text(day(load), encoding="utf-8")
        path = written(folder, f"[[runs]]\nname = 'a'\ncase = 'c.json'\nsolve = {{{solve}}}\nset = {{{rules}}}\n{more}")
        return pose(read(path)[1][0], folder).digest

    first = digest()
    assert digest(where="two") == first  # wherever it lies
    (tmp_path / "one" / "r.json").write_text('{"case_digest": "a"}', encoding="utf-8")
    begun = digest(more="begin_at = 'r.json'")
    different = [
        first,
        begun,
        digest(load=1),
        digest("seed = 1"),
        digest("gap = 0.01"),
        digest(rules="'solve.gap' = 0.01"),
    ]
    assert len(set(different)) == len(different)
    with pytest.raises(FormatError, match="no such file"):
        digest(more="begin_at = 'none.json'")
    (tmp_path / "one" / "r.json").write_text("{", encoding="utf-8")
    with pytest.raises(FormatError, match=r"r\.json"):
        digest(more="begin_at = 'r.json'")
