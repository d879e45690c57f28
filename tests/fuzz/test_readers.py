"""Every reader on changed inputs: a case or findings, never anything else. `benchmarks/fuzz.py` does it for hours."""

from __future__ import annotations

import random
import signal
from pathlib import Path

import pytest

from clearing.formats import FormatError
from clearing.formats.findings import refuse
from tests.fuzz import judge as judging
from tests.fuzz.judge import TooLong, judge
from tests.fuzz.mutate import mutated
from tests.fuzz.seeds import MAKERS, seeds

EXECUTIONS = {"rts-gmlc": 8, "csv": 12}
OF_OTHERS = 120


@pytest.mark.parametrize("name", MAKERS)
def test_good_inputs_are_read(name: str) -> None:
    if not seeds(name):
        pytest.skip("the data are not installed")
    read = [judge(name, files).accepted for files in seeds(name)]
    assert all(read) or (name == "scenario" and read == [True, False])  # the second asks to run a program


@pytest.mark.parametrize("name", MAKERS)
def test_changed_inputs_bring_a_case_or_findings(name: str) -> None:
    start, draw = seeds(name), random.Random(name)
    if not start:
        pytest.skip("the data are not installed")
    found = [judge(name, mutated(draw.choice(start), draw, start)) for _ in range(EXECUTIONS.get(name, OF_OTHERS))]
    assert any(judgement.accepted for judgement in found)
    assert len({code for judgement in found for code in judgement.codes}) > 5


def test_the_judge_sees_crashes_hangs_and_refusals_without_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    files = {"case.json": b"{}"}

    def crash(*_: object, **__: object) -> None:
        raise KeyError("x")

    def hang(*_: object, **__: object) -> None:
        while True:
            pass

    def silent(*_: object, **__: object) -> None:
        raise FormatError(())

    for wrong, kind in ((crash, KeyError), (hang, TooLong), (silent, AssertionError)):
        monkeypatch.setattr(judging, "read", wrong)
        with pytest.raises(kind):
            judge("case", files, cpu_seconds=0.2)
    assert signal.getitimer(signal.ITIMER_VIRTUAL) == (0.0, 0.0)


def test_a_program_in_the_input_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    def careless(path: Path, *_: object, **__: object) -> None:
        exec((path / "make.py").read_text(), {"__file__": str(path / "make.py")})
        raise refuse("X", "here", "said so")

    monkeypatch.setattr(judging, "read", careless)
    with pytest.raises(AssertionError, match="was run"):
        judge("scenario", seeds("scenario")[1])
