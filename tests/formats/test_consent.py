"""No folder starts a program by being read: the caller has to name the format `generator`."""

from pathlib import Path

import pytest

from clearing import formats
from clearing.formats import FormatError
from models import solve
from tests.cli.conftest import clearing

PROGRAM = """
from pathlib import Path
from tests.factory import market
Path(__file__).with_name("ran").touch()
def make():
    return market([1.0], [{"id": "u", "p_max": 5.0}])
"""


@pytest.fixture
def scenario(tmp_path: Path) -> Path:
    folder = tmp_path / "scenario"
    folder.mkdir()
    (folder / "make.py").write_text(PROGRAM)
    (folder / "scenario.toml").write_text('[case]\ngenerator = "make.py"\n')
    return folder


def refused(path: Path, format: str) -> list[str]:
    with pytest.raises(FormatError) as error:
        formats.read(path, format)
    assert not list(path.rglob("ran"))
    return [f.code for f in error.value.findings]


@pytest.mark.parametrize("format", ["auto", "scenario"])
def test_reading_a_scenario_runs_nothing(scenario: Path, format: str) -> None:
    assert refused(scenario, format) == ["GENERATOR_NOT_ALLOWED"]


def test_naming_the_format_runs_it(scenario: Path) -> None:
    assert formats.read(scenario, "generator").units.id == ("u",)
    assert (scenario / "ran").exists()


@pytest.mark.parametrize(
    ("line", "format", "code"),
    [
        ('format = "generator"', "auto", "OUT_OF_RANGE"),
        ('format = "generator"', "generator", "OUT_OF_RANGE"),
        ('format = "scenario"', "auto", "GENERATOR_NOT_ALLOWED"),
        ("", "generator", "GENERATOR_NOT_ALLOWED"),
    ],
)
def test_one_scenario_cannot_consent_for_another(scenario: Path, line: str, format: str, code: str) -> None:
    outer = scenario.parent
    (outer / "scenario.toml").write_text(f'[case]\npath = "scenario"\n{line}\n')
    assert refused(outer, format) == [code]


def test_the_format_is_for_scenarios(tmp_path: Path) -> None:
    assert refused(tmp_path, "generator") == ["FILE_NOT_FOUND"]


@pytest.mark.parametrize("command", [("run",), ("validate",), ("import", "--out", "case.json")])
def test_a_command_says_what_to_type(scenario: Path, command: tuple[str, ...]) -> None:
    name, *rest = command
    ended = clearing(name, scenario, *rest)
    assert ended.code == 2
    assert "--format generator" in " ".join(ended.stderr.split())
    assert not (scenario / "ran").exists()


def test_a_command_with_consent_runs_it(scenario: Path, tmp_path: Path) -> None:
    assert clearing("import", scenario, "--format", "generator", "--out", tmp_path / "case.json").code == 0
    assert formats.read(tmp_path / "case.json").units.id == ("u",)


def test_the_models_want_consent_too(scenario: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert solve.main([str(scenario)]) == 1
    assert "--format generator" in capsys.readouterr().err
    assert not (scenario / "ran").exists()
    assert solve.main([str(scenario), "--format", "generator", "--model", "scuc"]) == 0
