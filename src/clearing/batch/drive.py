"""The batch itself: every run that is not finished yet is asked, tried again where that can help, and kept."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from clearing.batch.manifest import Run
from clearing.batch.places import Place
from clearing.batch.question import Question, pose
from clearing.batch.rows import row, write_frame
from clearing.batch.store import Store, Tree
from clearing.case.finding import Finding, Severity
from clearing.case.result import Reason
from clearing.client import Answer, ClearingError, InvalidCase, serial
from clearing.formats.findings import FormatError
from clearing.server.worker import where
from clearing.tables import Tables
from clearing.tables.frame import tidy
from clearing.wire import case_file

REPRODUCIBLE_SECONDS = 3600.0
"""Deadline of a run that must not be cut short; other runs have their budget and what follows it."""
AFTER_SEARCH_SECONDS = 180.0
DEFAULT_SEARCH_SECONDS = 120.0
CUT_SHORT = frozenset(
    {Reason.TIME_LIMIT_WITH_SOLUTION, Reason.INTERRUPTED_WITH_SOLUTION, Reason.WORKER_LOST_WITH_SOLUTION}
)
"""Ends that depend on the clock or on what happened to a process, and not on the request alone."""


class State(StrEnum):
    """What became of a run: done now, finished before, or no answer."""

    DONE = "done"
    SKIPPED = "skipped"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Ended:
    """A run that ended. record: of a finished one; findings: why there is no answer; refused: the input is bad."""

    run: Run
    state: State
    seconds: float = 0.0
    record: Tree = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    refused: bool = False


class Refused(Exception):
    """An answer that is not kept: cut short where it must not be, without a schedule."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class Batch:
    """Runs of one manifest into one store. tables: names of the tables kept of each; retries: within this batch."""

    def __init__(self, folder: Path, store: Store, place: Place, tables: Sequence[str], retries: int) -> None:
        self._folder, self._store, self._place = folder, store, place
        self._tables, self._retries = tuple(tables), retries
        self._asked: set[str] = set()
        self._stopped = False
        self._asking = threading.Lock()

    def run(self, runs: Iterable[Run], tell: Callable[[Ended], None]) -> None:
        """All runs, as many at a time as there are slots; each end is told from this thread, as it comes."""
        with ThreadPoolExecutor(self._place.slots, thread_name_prefix="batch") as pool:
            waiting = [pool.submit(self._one, run) for run in runs]
            try:
                for ended in as_completed(waiting):
                    tell(ended.result())
            except BaseException:
                self._stopped = True
                pool.shutdown(wait=False, cancel_futures=True)
                self._place.stop()
                raise

    def _one(self, run: Run) -> Ended:
        started = time.monotonic()
        try:
            return self._answered(run, started)
        except FormatError as wrong:
            return self._failed(run, wrong.findings, started, refused=True)
        except Exception as fault:  # one run that nobody foresaw must not end the others
            finding = Finding(Severity.ERROR, "FAULT", "run", where(fault))
            return self._failed(run, (finding,), started)

    def _answered(self, run: Run, started: float) -> Ended:
        question = pose(run, self._folder)
        record = self._store.finished(question.digest)
        if record is not None:
            self._store.forgive(run.name)
            return Ended(run, State.SKIPPED, record=self._with_tables(question, record))
        if not self._mine(question.digest):
            return Ended(run, State.SKIPPED, record={"digest": question.digest})
        faults: list[Finding] = []
        for tried in range(self._retries + 1):
            try:
                return self._ask(run, question, started, tried + 1)
            except InvalidCase as refused:
                return self._failed(run, refused.findings or (_fault(refused),), started, refused=True)
            except (ClearingError, Refused) as fault:
                faults.append(_fault(fault))
            if self._stopped:
                break
        self._release(question.digest)
        return self._failed(run, tuple(faults), started)

    def _ask(self, run: Run, question: Question, started: float, tried: int) -> Ended:
        reply = self._place.clear(question.request, deadline(run))
        answer = serial.answer(question.request, reply, question.case)
        _usable(answer, question.reproducible)
        info = answer.run_info
        known: Tree = {
            "run": run.name,
            "row": row(answer),
            "tables": self._keep(answer.tables, self._tables, question.digest),
            "attempts": tried,
            "seconds": time.monotonic() - started,
            "wall_seconds": info.wall_seconds,
            "components": dict(info.components),
        }
        record = self._store.finish(question.digest, run.name, serial.result(answer), known)
        return Ended(run, State.DONE, time.monotonic() - started, record)

    def _with_tables(self, question: Question, record: Tree) -> Tree:
        """The record of a finished run, with tables that were not asked for when it was cleared."""
        missing = [name for name in self._tables if name not in record["tables"]]
        if not missing:
            return record
        kept = self._store.result_path(question.digest).read_bytes()
        result, findings = case_file.result_from_bytes(kept, question.case)
        if result is None:
            raise FormatError(tuple(findings))
        made = self._keep(Tables(question.case, result), missing, question.digest)
        record = {**record, "tables": {**record["tables"], **made}}
        self._store.amend(record)
        return record

    def _keep(self, tables: Tables, names: Sequence[str], digest: str) -> dict[str, bool]:
        """Write the tables of a run; whether the result holds each."""
        held = {}
        for name in names:
            table = getattr(tables, name)
            held[name] = table is not None
            if table is not None:
                flat = tidy(table)
                flat.insert(0, "digest", digest)
                write_frame(self._store.table_path(name, digest), flat)
        return held

    def _failed(self, run: Run, findings: tuple[Finding, ...], started: float, refused: bool = False) -> Ended:
        if self._stopped:
            return Ended(run, State.FAILED, findings=findings)  # stopped is not failed: nothing is kept of it
        attempts = [{"code": f.code, "path": f.path, "message": f.message, "value": f.value} for f in findings]
        self._store.fail(run.name, attempts)
        return Ended(run, State.FAILED, time.monotonic() - started, findings=findings, refused=refused)

    def _mine(self, digest: str) -> bool:
        """Whether no other run of this batch asks the same."""
        with self._asking:
            if digest in self._asked:
                return False
            self._asked.add(digest)
            return True

    def _release(self, digest: str) -> None:
        with self._asking:
            self._asked.discard(digest)


def deadline(run: Run) -> float:
    """Seconds within which a run must be answered."""
    if run.solve.reproducible:
        return REPRODUCIBLE_SECONDS
    return (run.solve.time_limit_seconds or DEFAULT_SEARCH_SECONDS) + AFTER_SEARCH_SECONDS


def _usable(answer: Answer, reproducible: bool) -> None:
    """Raise Refused for an answer that another attempt may better."""
    end = answer.termination
    if answer.result.schedule is None:
        raise Refused("NO_SCHEDULE", f"{end.reason.name} {end.detail}".strip())
    if end.reason is Reason.WORKER_LOST_WITH_SOLUTION:
        raise Refused("WORKER_LOST", "The worker was lost; the answer is what it had found by then.")
    if reproducible and end.reason in CUT_SHORT:
        raise Refused("NOT_REPRODUCIBLE", f"The run was cut short: {end.reason.name}.")


def _fault(error: Exception) -> Finding:
    code = error.code if isinstance(error, Refused) else CODES.get(type(error).__name__, "ERROR")
    return Finding(Severity.ERROR, code, "run", str(error))


CODES = {
    "InvalidCase": "INVALID_ARGUMENT",
    "ServerBusy": "RESOURCE_EXHAUSTED",
    "OutOfTime": "DEADLINE_EXCEEDED",
    "ServerUnavailable": "UNAVAILABLE",
    "ServerFault": "INTERNAL",
}
