"""A run of the manifest as a question: the case read, the request that is sent, and the digest it is known by."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import clearing
from clearing.batch.manifest import Run, text
from clearing.case.case import Case
from clearing.client import serial
from clearing.formats.registry import read_with
from clearing.formats.results import read_beginning
from clearing.manifest import PACKAGES, components
from clearing.scenario.apply import apply
from clearing.scenario.changes import read_patch


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked: case, serialised request; digest (SHA-256, hex) over request and versions."""

    case: Case
    request: bytes
    digest: str
    reproducible: bool


def pose(run: Run, folder: Path) -> Question:
    """The question of a run; folder: of its manifest. Raises FormatError with everything wrong with the case."""
    assert run.case is not None  # the manifest was judged
    case = read_with(folder / run.case, run.format, {key: text(value) for key, value in run.options.items()})
    if run.patches:
        case = apply(case, [read_patch(source, folder) for source in run.patches])
    name, _, version = run.rules.partition("@")
    overrides = {key: text(value) for key, value in run.set.items()}
    start = None if run.begin_at is None else read_beginning(folder / run.begin_at)
    request = serial.request(case, name, version, overrides, run.solve.options(), start)
    digest = hashlib.sha256(versions().encode() + b"\0" + request).hexdigest()
    return Question(case, request, digest, run.solve.reproducible)


ROUND_ABOUT = {"batch", "cli", "client", "report", "server"}
"""Packages of ours that ask for answers and show them."""


@cache
def versions() -> str:
    """Versions that decide an answer, and the digest of our own code: between releases it has no version."""
    parts = [f"{name}={version}" for name, version in components() if name in PACKAGES]
    return " ".join([*parts, f"code={_code()}"])


def _code() -> str:
    root, total = Path(clearing.__file__).parent, hashlib.sha256()
    for path in sorted(path for path in root.rglob("*") if path.suffix in (".py", ".toml")):
        name = path.relative_to(root)
        if name.parts[0] not in ROUND_ABOUT:
            total.update(name.as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return total.hexdigest()[:16]
