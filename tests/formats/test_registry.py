"""Which reader a path goes to, options, case files and scenarios."""

import json
from pathlib import Path

import pytest

from clearing import formats
from clearing.formats import FormatError, case_file, csv_folder
from tests.factory import market
from tests.formats.test_csv_folder import assert_same, rich_case
from tests.formats.test_pglib_uc import instance


def codes(error: FormatError) -> list[str]:
    return [f.code for f in error.findings]


@pytest.mark.parametrize("suffix", [".json", ".binpb"])
def test_a_case_file_reads_back_as_the_same_case(tmp_path: Path, suffix: str) -> None:
    case = rich_case()
    case_file.write(case, tmp_path / f"case{suffix}")
    assert_same(formats.read(tmp_path / f"case{suffix}"), case)


def test_a_case_file_has_a_known_suffix(tmp_path: Path) -> None:
    with pytest.raises(FormatError):
        case_file.write(market([1.0]), tmp_path / "case.txt")


def test_a_broken_case_file_gives_the_findings_of_the_decoder(tmp_path: Path) -> None:
    case_file.write(market([1.0]), tmp_path / "case.json")
    text = (tmp_path / "case.json").read_text()
    tree = json.loads(text)
    tree["horizon"]["period_minutes"] = "soon"
    (tmp_path / "case.json").write_text(json.dumps(tree))
    with pytest.raises(FormatError) as error:
        formats.read(tmp_path / "case.json")
    assert error.value.findings


def test_content_decides_between_json_formats(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(json.dumps(instance()))
    case_file.write(market([1.0], [{"id": "U", "p_max": 1}]), tmp_path / "b.json")
    assert formats.read(tmp_path / "a.json").units.id == ("A",)
    assert formats.read(tmp_path / "b.json").units.id == ("U",)


@pytest.mark.parametrize(
    ("name", "content", "format", "code"),
    [
        ("x.json", "{}", "auto", "FORMAT_NOT_RECOGNISED"),
        ("x.txt", "hello", "auto", "FORMAT_NOT_RECOGNISED"),
        ("x.json", "{}", "psse", "UNKNOWN_FORMAT"),
        ("x.json", "{", "pglib-uc", "NOT_JSON"),
    ],
)
def test_what_nobody_reads_is_refused(tmp_path: Path, name: str, content: str, format: str, code: str) -> None:
    (tmp_path / name).write_text(content)
    with pytest.raises(FormatError) as error:
        formats.read(tmp_path / name, format=format)
    assert codes(error.value) == [code]


def test_a_missing_path_and_an_unknown_option_are_refused(tmp_path: Path) -> None:
    with pytest.raises(FormatError) as error:
        formats.read(tmp_path / "nowhere")
    assert codes(error.value) == ["FILE_NOT_FOUND"]
    csv_folder.write(market([1.0]), tmp_path / "case")
    with pytest.raises(FormatError) as error:
        formats.read(tmp_path / "case", day="2020-01-01", hour="3")
    assert codes(error.value) == ["UNKNOWN_OPTION", "UNKNOWN_OPTION"]


def test_a_scenario_reads_the_case_it_names(tmp_path: Path) -> None:
    csv_folder.write(rich_case(), tmp_path / "case")
    (tmp_path / "scenario.toml").write_text('[case]\npath = "case"\n')
    assert_same(formats.read(tmp_path), rich_case())


@pytest.mark.parametrize(
    ("toml", "code"),
    [
        ("", "MISSING_FIELD"),
        ("[case", "NOT_TOML"),
        ("case = 3", "MISSING_FIELD"),
        ("[case]", "MISSING_FIELD"),
        ('[case]\npath = "a"\npackage = "b"', "MISSING_FIELD"),
        ("[case]\npath = 3", "WRONG_TYPE"),
        ('[case]\npath = "."', "OUT_OF_RANGE"),
        ('[case]\npath = "nowhere"', "FILE_NOT_FOUND"),
        ('[case]\npackage = "no_such_package.data"', "DATA_NOT_INSTALLED"),
        ('[case]\npackage = "__main__"', "DATA_NOT_INSTALLED"),
        ('[case]\npath = "case"\nrules = "x"', "UNKNOWN_FIELD"),
        ('[case]\npath = "case"\n[case.options]\nday = [1]', "WRONG_TYPE"),
        ('[case]\npath = "case"\n[case.options]\nday = "x"', "UNKNOWN_OPTION"),
    ],
)
def test_a_faulty_scenario_is_refused(tmp_path: Path, toml: str, code: str) -> None:
    csv_folder.write(market([1.0]), tmp_path / "case")
    (tmp_path / "scenario.toml").write_text(toml)
    with pytest.raises(FormatError) as error:
        formats.read(tmp_path)
    assert code in codes(error.value)
