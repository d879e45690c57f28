from __future__ import annotations

from pathlib import Path

import pytest

from clearing.cli.printing import browser, in_language
from clearing.report.html import render
from tests.cli.conftest import clearing
from tests.report import example


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("pages") / "report.html"
    path.write_text(render(*example.two_units(), example.ABOUT), encoding="utf-8")
    return path


@pytest.mark.slow
@pytest.mark.skipif(browser() is None, reason="chromium is not installed")
@pytest.mark.parametrize(("name", "begins"), [("report.pdf", b"%PDF-"), ("report.png", b"\x89PNG")])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_page_is_printed(page: Path, tmp_path: Path, name: str, begins: bytes, language: str) -> None:
    told = clearing("print", page, "--out", tmp_path / name, "--language", language)
    assert told.code == 0, told.stderr
    data = (tmp_path / name).read_bytes()
    assert data.startswith(begins)
    assert len(data) > 20_000


def test_a_page_without_scripts_is_printed_in_the_language_asked_for(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert in_language(text, "en") == text
    chosen = in_language(text, "zh")
    assert 'id="chinese" checked>' in chosen
    assert 'id="english" checked>' not in chosen
    assert len(chosen) == len(text)


def test_without_a_browser_it_is_said(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    told = clearing("print", page, "--out", tmp_path / "a.pdf")
    assert told.code == 1
    assert "NO_BROWSER" in told.stderr


@pytest.mark.parametrize(
    "wrong", [("none.html", "--out", "a.pdf"), ("", "--out", "a.doc"), ("", "--out", "a.pdf", "--language", "fr")]
)
def test_what_cannot_be_printed_is_refused(page: Path, wrong: tuple[str, ...]) -> None:
    assert clearing("print", wrong[0] or page, *wrong[1:]).code == 2
