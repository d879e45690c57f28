"""Files of all kinds as cases, and what is refused."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from clearing.console.uploads import Refused, Upload, case_of
from clearing.console.workspace import Unknown, Workspace, as_id
from clearing.formats import read
from clearing.wire import case_file
from tests.console.conftest import CASE

TABLES = CASE / "case"


def zipped(files: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as out:
        for name, data in files.items():
            out.writestr(name, data)
    return packed.getvalue()


def of_folder(prefix: str = "") -> dict[str, bytes]:
    return {prefix + path.name: path.read_bytes() for path in TABLES.iterdir()}


@pytest.mark.parametrize(
    "files",
    [
        [Upload("C:\\days\\three.json", case_file.case_to_json(read(CASE)).encode())],
        [Upload("three.binpb", case_file.case_to_bytes(read(CASE)))],
        [Upload(name, data) for name, data in of_folder().items()],
        [Upload("three.zip", zipped(of_folder("three/case/")))],
    ],
    ids=["json", "binary", "files of a folder", "zip"],
)
def test_the_same_case_in_every_form(files: list[Upload]) -> None:
    assert case_file.case_to_bytes(case_of(files)) == case_file.case_to_bytes(read(CASE))


@pytest.mark.parametrize(
    ("files", "code"),
    [
        ([], "NO_FILE"),
        ([Upload("empty.json", b"")], "NO_FILE"),
        ([Upload("a.json", b"{]")], "FORMAT_NOT_RECOGNISED"),
        ([Upload("a.json", b'{"horizon": 3}')], "BAD_JSON"),
        ([Upload("a.zip", b"PK nothing")], "BAD_ZIP"),
        ([Upload("a.zip", zipped({"../out.json": b"{}"}))], "BAD_NAME"),
        ([Upload("a.zip", zipped({"/etc/out.json": b"{}"}))], "BAD_NAME"),
        ([Upload("a.zip", zipped({f"{k}.json": b"" for k in range(501)}))], "TOO_LARGE_UPLOAD"),
        ([Upload("x\0.json", b"{}")], "BAD_NAME"),
    ],
)
def test_what_is_no_case_is_refused_with_its_finding(files: list[Upload], code: str) -> None:
    with pytest.raises(Refused) as refused:
        case_of(files)
    assert code in [f.code for f in refused.value.findings]


def test_no_program_of_an_upload_is_run(tmp_path: Path) -> None:
    ran = tmp_path / "ran"
    scenario = b'[case]\ngenerator = "make.py"\n'
    program = f"import pathlib\npathlib.Path({str(ran)!r}).touch()\ndef make(): pass\n".encode()
    with pytest.raises(Refused) as refused:
        case_of([Upload("s.zip", zipped({"scenario.toml": scenario, "make.py": program}))])
    assert [f.code for f in refused.value.findings] == ["GENERATOR_NOT_ALLOWED"]
    assert not ran.exists()


@pytest.mark.parametrize("name", ["../../etc", "a/b", "<b>", "", "...", "电厂 一", "x" * 300])
def test_ids_never_leave_the_folder(tmp_path: Path, name: str) -> None:
    workspace = Workspace(tmp_path)
    saved = workspace.save_case(name, "{}", {})
    assert workspace.case_folder(saved).parent == workspace.cases
    assert saved == as_id(saved)
    with pytest.raises(Unknown):
        workspace.case_folder("../cases/" + saved)


def test_a_name_that_is_taken_gets_a_number(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    assert [workspace.save_case("day", "{}", {}) for _ in range(3)] == ["day", "day-2", "day-3"]
