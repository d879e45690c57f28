"""Work beside a solve: the solver leaves the interpreter to others while it searches."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from threading import Event
from typing import Generic, TypeVar

T = TypeVar("T")

_THREAD = ThreadPoolExecutor(1, thread_name_prefix="beside")


class Beside(Generic[T]):
    """One piece of work whose result is wanted later: done once, while a solver runs or else when it is asked for."""

    def __init__(self, work: Callable[[], T]) -> None:
        self._work = work
        self._begun: Future[T] | None = None

    def begin(self) -> None:
        """A solver is about to run: do it beside."""
        if self._begun is None:
            self._begun = _THREAD.submit(self._work)

    def result(self) -> T:
        """What the work found; raises what it raised."""
        if self._begun is None:
            self._begun = Future()
            try:
                self._begun.set_result(self._work())
            except BaseException as fault:
                self._begun.set_exception(fault)
        return self._begun.result()


@contextmanager
def alongside(work: Callable[[Callable[[], bool]], object]) -> Iterator[None]:
    """Do work in a thread while the block runs. The work polls what it is given, which says when the block has ended,
    and is waited for; raises what it raised."""
    ended = Event()
    with ThreadPoolExecutor(1, thread_name_prefix="alongside") as thread:
        begun = thread.submit(work, ended.is_set)
        try:
            yield
        finally:
            ended.set()
    begun.result()
