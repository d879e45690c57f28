"""docs/errors.md lists every code that the source can put into a finding, and no other."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "clearing"
WORD = re.compile(r"[A-Z][A-Z0-9_]+")

# Words in capitals that are no code of a finding: of the field's files, of the environment, of the language.
OTHER_FOLDERS = ("v1", "report")
OTHER_WORDS = {
    *("BA", "CC", "CSP", "CT", "DAY_AHEAD", "FORMATS", "HYDRO", "MW", "MW_BASIS_NET", "NA", "NUCLEAR", "OPTIONS"),
    *(
        "AUTO",
        "CASE",
        "DAY",
        "FILE",
        "FOLDER",
        "ID",
        "METERED",
        "MMD_AT_PLUS_A",
        "NAME",
        "PAGE",
        "PEM",
        "RESULT",
        "SECONDS",
        "SOURCE",
    ),
    *("PV", "REAL_TIME", "ROR", "RTPV", "STEAM", "STORAGE", "SYNC_COND", "UID", "VOM", "WIND"),
    *("AFTER", "BEFORE", "DELETE", "FACTOR", "GET", "GRID", "HEAD", "JSON", "MANIFEST", "POST", "TOML"),
    *("BIOMASS", "COAL", "GAS", "OIL", "OTHER", "ROOFTOP_SOLAR", "SOLAR", "SOLAR_THERMAL"),  # fuels
    *("PP", "WORK_ORDER_STATE_"),  # of project codes; before the states of a work order
    *("ES256", "ES384", "PS256", "PS384", "RS256", "RS384", "RS512"),  # signatures of tokens
}
OTHER_PREFIXES = ("CLEARING_", "NUMBA_", "MKL_", "OMP_", "OPENBLAS_")


def _literals() -> dict[str, str]:
    """Every word in capitals that stands as a whole string in the source, and a file that holds it."""
    found = {}
    for path in sorted(SOURCE.rglob("*.py")):
        if path.relative_to(SOURCE).parts[0] in OTHER_FOLDERS:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and WORD.fullmatch(node.value):
                found[node.value] = path.relative_to(SOURCE).as_posix()
    return {
        word: path for word, path in found.items() if word not in OTHER_WORDS and not word.startswith(OTHER_PREFIXES)
    }


def _listed() -> list[str]:
    page = (ROOT / "docs" / "errors.md").read_text(encoding="utf-8")
    tables = page.split("## Statuses of the service")[0]
    return re.findall(r"^\| ([A-Z][A-Z0-9_]+) \|", tables, flags=re.MULTILINE)


def test_every_code_of_the_source_is_on_the_page() -> None:
    listed = {*_listed(), "IO", "FAULT", "INTERNAL"}
    assert {word: path for word, path in _literals().items() if word not in listed} == {}


def test_every_code_on_the_page_is_in_the_source() -> None:
    assert set(_listed()) - set(_literals()) == set()


def test_no_code_stands_twice() -> None:
    listed = _listed()
    assert sorted(listed) == sorted(set(listed))
    assert len(listed) > 150


@pytest.mark.parametrize("row", re.findall(r"^\|.*\|$", (ROOT / "docs" / "errors.md").read_text("utf-8"), re.MULTILINE))
def test_no_cell_is_empty(row: str) -> None:
    assert all(cell.strip() for cell in row.strip("|").split(" | "))
