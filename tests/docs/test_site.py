"""The site builds without a warning, asks no other host for anything, and leads to every message, call and command."""

from __future__ import annotations

import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest
import typer.main

from clearing.cli.main import app
from clearing.v1 import clearing_service_pb2, settlement_service_pb2, substitution_service_pb2
from tools.pages import docstrings, extension, protos

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built as `make docs` does."""
    out = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-q", "-b", "html", "docs", str(out)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    return out


class Fetched(HTMLParser):
    """What a browser fetches for a page, and what the page leads to."""

    def __init__(self) -> None:
        super().__init__()
        self.fetched: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in {"script", "img", "link", "iframe", "source"}:
            self.fetched += [value for name, value in attrs if name in {"src", "href"} and value]


@pytest.mark.slow
def test_no_page_asks_another_host(site: Path) -> None:
    pages = list(site.rglob("*.html"))
    assert len(pages) > 70
    for page in pages:
        parser = Fetched()
        parser.feed(page.read_text(encoding="utf-8"))
        assert parser.fetched, page.name
        assert not [address for address in parser.fetched if "//" in address], page.name
    sheets = [path for path in site.rglob("*.css") if re.search(r"@import|url\(['\"]?(https?:)?//", path.read_text())]
    assert sheets == []


@pytest.mark.slow
def test_site_holds_messages_calls_commands_and_client(site: Path) -> None:
    def text(name: str) -> str:
        return (site / f"{name}.html").read_text(encoding="utf-8")

    for module in (clearing_service_pb2, settlement_service_pb2, substitution_service_pb2):
        for service in module.DESCRIPTOR.services_by_name.values():
            page = text("generated/protos/" + Path(module.DESCRIPTOR.name).stem)
            assert {call.name for call in service.methods if f"{service.name}.{call.name}" not in page} == set()
    commands = text("generated/command-line")
    names = typer.main.get_command(app).commands  # type: ignore[attr-defined]
    assert {name for name in names if f'href="#clearing-{name}"' not in commands} == set()
    assert "clear_day_ahead" in text("python")
    assert 'id="clearing.case.units.Units"' in text("generated/case-tables")
    assert 'href="generated/protos/schedule.html#clearing-v1-result"' in text("python")


def test_comments_of_protos_are_on_their_pages(tmp_path: Path) -> None:
    """A proto written here: fields, kinds and comments arrive, a nested enum and a call with them."""
    (tmp_path / "one.proto").write_text(
        'syntax = "proto3";\npackage clearing.v1;\n'
        "// Sheds | load.\nmessage Load {\n  // MW at a bus; *not* MWh.\n  repeated double load_mw = 3;\n"
        "  // How.\n  enum Kind {\n    // Unknown.\n    KIND_UNSPECIFIED = 0;\n  }\n  optional Kind kind = 4;\n}\n"
        "// Loads served.\nservice Loads {\n  // One load after another.\n  rpc Serve(Load) returns (stream Load);\n"
        "}\n",
        encoding="utf-8",
    )
    made = protos.pages(tmp_path)
    assert set(made) == {"index", "one"}
    page = made["one"]
    assert "Sheds \\| load." in page
    assert "| 3 | `load_mw` | repeated double | MW at a bus; \\*not\\* MWh. |" in page
    assert "| 4 | `kind` | optional [Load.Kind](#clearing.v1.Load.Kind) |  |" in page
    assert "(clearing.v1.Load.Kind)=\n## enum Load.Kind\n\nHow.\n" in page
    assert (
        "### Loads.Serve\n\n[Load](#clearing.v1.Load) → stream of [Load](#clearing.v1.Load)\n\nOne load after" in page
    )


def test_a_proto_that_is_none_is_refused(tmp_path: Path) -> None:
    (tmp_path / "bad.proto").write_text("message", encoding="utf-8")
    with pytest.raises(RuntimeError, match="refused"):
        protos.read(tmp_path)


def test_docstrings_keep_what_they_say() -> None:
    told = [
        "Sum of |x| * y.",
        "",
        "address    HOST:PORT",
        "seconds    of `time`,",
        "           or None",
        "",
        "    a_i ≤ b_i",
    ]
    assert docstrings.rst(told) == [
        "Sum of \\|x\\| \\* y.", "",
        "* ``address``: HOST:PORT", "* ``seconds``: of ``time``,", "  or None", "",
        "::", "", "    a_i ≤ b_i", "",
    ]  # fmt: skip


def test_defaults_that_are_tables_are_shortened() -> None:
    given = (
        "(name: str, gap: float | None = None, notes: tuple[str, ...] = (), groups: ~x.Y = Y(id=(), a=array([1, 2])))"
    )
    told = "(name: str, gap: float | None = None, notes: tuple[str, ...] = (), groups: ~x.Y = ...)"
    assert docstrings.brief(given) == told
    assert docstrings.brief(told) == told
    assert docstrings.brief("()") == "()"


def test_links_out_of_the_pages_become_names() -> None:
    pages = ROOT / "docs"
    text = "[figures](../benchmarks/README.md), [SECURITY.md](../SECURITY.md#x), [r](rules.md), [b](../docs/rules.md)"
    assert extension.name_what_is_outside(text, pages / "service.md", pages) == (
        "figures (`benchmarks/README.md`), `SECURITY.md`, [r](rules.md), [b](../docs/rules.md)"
    )
