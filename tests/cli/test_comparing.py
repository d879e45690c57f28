from __future__ import annotations

from pathlib import Path

from tests.cli.conftest import clearing

CASE = Path(__file__).parents[2] / "scenarios" / "three-bus"


def test_folders_of_runs_are_compared(server: str, tmp_path: Path) -> None:
    for name, reserve in (("before", "0"), ("after", "40")):
        kept = ("--set", f"reserves.positive_min_mw={reserve}", "--out", tmp_path / name, "--server", server)
        assert clearing("run", CASE, *kept).code == 0
    told = clearing("compare", tmp_path / "before", tmp_path / "after", "--out", tmp_path / "page.html")
    assert told.code == 0
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert "before → after" in page
    assert "6,210.00" in page
    assert "reserves.positive_min_mw = 40" in page


def test_what_is_no_run_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    told = clearing("compare", tmp_path / "a", tmp_path / "a", "--out", tmp_path / "page.html")
    assert told.code == 2
    assert "NO_SUCH_FILE" in told.stderr
    assert clearing("compare", tmp_path / "a", "--out", tmp_path / "page.html").code == 2
    assert not (tmp_path / "page.html").exists()
