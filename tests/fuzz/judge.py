"""What a reader may do with any input: give a case, or refuse it with findings; within bounds of time and memory.

A case that is given must also pass through everything that the server does before it solves: validation, which returns
findings, and the way over the wire, which gives the same bytes again.
"""

from __future__ import annotations

import re
import shutil
import signal
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from clearing.case.case import Case
from clearing.case.finding import Severity
from clearing.case.validate import validate
from clearing.formats import FormatError, read
from clearing.rules.load import load
from clearing.wire import case_file
from tests.fuzz.seeds import OPTIONS, Input

CPU_SECONDS = 15.0
"""Of one input: reading, validation and encoding take milliseconds on small inputs."""
RULES = load("generic")


class TooLong(BaseException):
    """An input took more CPU time than any input may."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """accepted: a case came back; codes: of the findings with their places, digits left out."""

    accepted: bool
    codes: frozenset[str]


def judge(name: str, files: Input, cpu_seconds: float = CPU_SECONDS) -> Judgement:
    """Read an input of a format; whatever this raises is a fault of the reader."""
    folder = Path(tempfile.mkdtemp(prefix="fuzz-"))
    try:
        path = _written(folder, files)
        with bounded(cpu_seconds), warnings.catch_warnings():
            warnings.simplefilter("error")
            found = _read(name, path)
        assert not list(folder.rglob("RAN")), "a program of the input was run"
        return found
    finally:
        shutil.rmtree(folder)


def _read(name: str, path: Path) -> Judgement:
    try:
        case = read(path, name, **OPTIONS.get(name, {}))
    except FormatError as error:
        refused = error.findings
    else:
        return Judgement(True, frozenset(_taken(case)))
    assert any(f.severity is Severity.ERROR for f in refused), "refused without a reason"
    assert all(f.code and f.message for f in refused)
    return Judgement(False, frozenset(f"{f.code} {re.sub(r'[0-9]+', '#', f.path)[:60]}" for f in refused))


def _taken(case: Case) -> set[str]:
    """Codes of validation; the message of the case must be read as the same case."""
    codes = {f"valid {f.code}" for f in validate(case, RULES)}
    data = case_file.case_to_bytes(case)
    again, findings = case_file.case_from_bytes(data)
    if again is not None and not any(f.severity is Severity.ERROR for f in findings):
        assert case_file.case_to_bytes(again) == data, "the case comes back changed over the wire"
    return codes


def _written(folder: Path, files: Input) -> Path:
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    if len(files) == 1 and "/" not in next(iter(files)) and next(iter(files)) != "scenario.toml":
        return folder / next(iter(files))
    return folder


@contextmanager
def bounded(cpu_seconds: float) -> Iterator[None]:
    """Raise TooLong in the main thread after so much CPU time of this process."""

    def over(_: int, __: FrameType | None) -> None:
        raise TooLong(f"more than {cpu_seconds} CPU seconds")

    before = signal.signal(signal.SIGVTALRM, over)
    signal.setitimer(signal.ITIMER_VIRTUAL, cpu_seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0.0)
        signal.signal(signal.SIGVTALRM, before)
