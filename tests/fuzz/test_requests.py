"""Changed requests of every RPC: answered, or refused with findings. `benchmarks/fuzz.py` does it for hours."""

from __future__ import annotations

import random

import pytest

from tests.fuzz.mutate import mutated
from tests.fuzz.requests import WAYS, judge, seeds

TRIES = 240
SOLVES = {"day_ahead": 60, "day_ahead_network": 30, "real_time": 60, "prices": 60}
"""Those that solve are tried less often."""


@pytest.mark.parametrize("name", WAYS)
def test_changed_requests_are_answered_or_refused(name: str) -> None:
    start, draw = seeds(name), random.Random(7)
    assert all(judge(name, files).accepted for files in start), "the request itself is answered"
    told = [judge(name, mutated(draw.choice(start), draw, start)) for _ in range(SOLVES.get(name, TRIES))]
    assert any(judgement.accepted for judgement in told)
    assert len({code for judgement in told for code in judgement.codes}) > 2
