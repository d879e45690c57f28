"""What every file of the repository owes its readers: no machine's paths, links that lead somewhere, known commands."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
# Written apart so that this file does not match itself.
LEAK = re.compile("|".join(["/" + "root/", "/" + "home/[a-z]", "/" + "opt/", "pypi" + r"\.org", "python" + "hosted"]))
LINK = re.compile(r"\[[^\]]*\]\((?!https?:|mailto:|#)([^)#\s]+)")
MAKE = re.compile(r"`make ([a-z][a-z-]*)")


def tracked() -> list[Path]:
    """Text files under version control that exist in this checkout."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, text=True).stdout
    paths = (ROOT / name for name in listed.split("\0") if name and not name.endswith(".binpb"))
    return [path for path in paths if path.is_file() and b"\0" not in path.read_bytes()[:4096]]


MADE = ROOT / "docs" / "generated"


def documents() -> list[Path]:
    """All pages written in Markdown."""
    return [path for path in tracked() if path.suffix == ".md"]


def test_no_path_or_host_of_a_machine() -> None:
    hits = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()[:80]}"
        for path in tracked()
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if LEAK.search(line)
    ]
    assert hits == []


def test_links_between_pages_lead_somewhere() -> None:
    """Pages that the site makes of the code are not kept; its own build fails where one of them is missing."""
    dead = [
        f"{page.relative_to(ROOT)}: {target}"
        for page in documents()
        for target in LINK.findall(page.read_text(encoding="utf-8"))
        if not (page.parent / target).exists() and not (page.parent / target).resolve().is_relative_to(MADE)
    ]
    assert dead == []


def test_make_targets_in_pages_exist() -> None:
    targets = set(re.findall(r"^([a-z][a-z-]*):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    unknown = {
        f"{page.relative_to(ROOT)}: make {name}"
        for page in documents()
        for name in MAKE.findall(page.read_text(encoding="utf-8"))
        if name not in targets
    }
    assert unknown == set()


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md", "LICENSE"])
def test_habit_files_are_there(name: str) -> None:
    assert len((ROOT / name).read_text(encoding="utf-8")) > 500
