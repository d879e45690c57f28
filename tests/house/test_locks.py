"""The hashed locks agree with pyproject.toml and with each other, and leak nothing of the machine that made them."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tools.lock import BUILD_LOCK, EXTRAS, leaks

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
LOCKS = (*EXTRAS, BUILD_LOCK)
PIN = re.compile(r"^([a-z0-9.-]+)==(\S+)( ; [^\\]+)?", re.MULTILINE)


def pins(name: str) -> dict[str, set[str]]:
    """Package → versions that a lock holds (several where a marker chooses)."""
    found: dict[str, set[str]] = {}
    for package, version, _ in PIN.findall((ROOT / name).read_text(encoding="utf-8")):
        found.setdefault(package, set()).add(version)
    return found


@pytest.mark.parametrize("name", LOCKS)
def test_lock_holds_pins_and_hashes_only(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    assert leaks(text) == []
    assert len(text.split("==")) > 5


def test_leaks_are_seen() -> None:
    line = "numpy==2.4.6 \\\n    --hash=sha256:" + "0" * 64 + "\n"
    assert leaks("# comment\n" + line) == []
    for bad in ("--index-url https://example.org/simple", "numpy @ file:///wheels/numpy.whl", "-e ."):
        assert leaks(line + bad + "\n") == [bad]


@pytest.mark.parametrize("name", EXTRAS)
def test_lock_satisfies_pyproject(name: str) -> None:
    wanted = list(PROJECT["dependencies"])
    for extra in EXTRAS[name]:
        wanted += PROJECT["optional-dependencies"][extra]
    held = pins(name)
    for requirement in map(Requirement, wanted):
        versions = held.get(canonicalize_name(requirement.name), set())
        assert versions, f"{name} lacks {requirement.name}: run `make lock`"
        assert all(requirement.specifier.contains(v) for v in versions), f"{name}: {requirement} against {versions}"


@pytest.mark.parametrize("name", [lock for lock in LOCKS if lock != "requirements-dev.lock"])
def test_locks_agree_on_versions(name: str) -> None:
    widest = pins("requirements-dev.lock")
    assert {package: versions for package, versions in pins(name).items() if widest.get(package) != versions} == {}
