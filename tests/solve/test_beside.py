"""Work beside a solve is done once, begun or not, and what it raises reaches whoever asks."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest

from clearing.solve.beside import Beside, alongside


def test_what_was_begun_is_done_in_another_thread_and_once() -> None:
    seen: list[str] = []

    def work() -> int:
        seen.append(threading.current_thread().name)
        return len(seen)

    begun, asked = Beside(work), Beside(work)
    begun.begin()
    begun.begin()
    assert begun.result() == begun.result() == 1
    assert asked.result() == asked.result() == 2
    asked.begin()
    assert asked.result() == 2
    assert seen[0] != threading.current_thread().name == seen[1]


@pytest.mark.parametrize("begin", [True, False])
def test_what_it_raises_is_raised_where_it_is_asked_for(begin: bool) -> None:
    def work() -> int:
        raise ValueError("no")

    failing = Beside(work)
    if begin:
        failing.begin()
    for _ in range(2):
        with pytest.raises(ValueError, match="no"):
            failing.result()


def test_work_alongside_a_block_hears_of_its_end_and_is_waited_for() -> None:
    heard: list[bool] = []
    began = threading.Event()

    def work(ended: Callable[[], bool]) -> None:
        heard.append(ended())
        began.set()
        while not ended():
            time.sleep(0.001)
        heard.append(ended())

    with alongside(work):
        assert began.wait(10.0)
        assert heard == [False]
    assert heard == [False, True]


@pytest.mark.parametrize("own", [True, False])
def test_what_is_raised_alongside_or_in_the_block_reaches_the_caller(own: bool) -> None:
    def work(ended: Callable[[], bool]) -> None:
        while not ended():
            time.sleep(0.001)
        if not own:
            raise ValueError("beside")

    def block() -> None:
        if own:
            raise ValueError("block")

    with pytest.raises(ValueError, match="block" if own else "beside"), alongside(work):
        block()
