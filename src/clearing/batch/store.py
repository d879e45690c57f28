"""The folder of a batch: what is finished is there whole, what is not is not there.

results/DIGEST.binpb     the result, as the server serialised it
records/DIGEST.json      what is known of the run; written last, so its presence says that the rest is there
tables/NAME/DIGEST.parquet
failures/NAME.json       why a run has no answer so far, and how often it was tried
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from clearing.formats.findings import refuse

Tree = dict[str, Any]
PARTIAL = ".partial"
PARTS = ("results", "records", "tables", "failures")


class Store:
    """One folder, held by one process at a time (`held`)."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @contextmanager
    def held(self) -> Iterator[Store]:
        """Hold the folder; raises FormatError OUT_IN_USE where another batch does. The hold ends with the process."""
        for part in PARTS:
            self.folder.joinpath(part).mkdir(parents=True, exist_ok=True)
        with self.folder.joinpath(".lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                message = "Another batch writes to this folder."
                raise refuse("OUT_IN_USE", "--out", message, value=self.folder.name) from None
            for left in self.folder.rglob(f"*{PARTIAL}"):
                left.unlink(missing_ok=True)  # of a process that was killed
            yield self

    def result_path(self, digest: str) -> Path:
        """Where the result of a digest is."""
        return self.folder / "results" / f"{digest}.binpb"

    def table_path(self, table: str, digest: str) -> Path:
        """Where a table of a run is."""
        return self.folder / "tables" / table / f"{digest}.parquet"

    def finished(self, digest: str) -> Tree | None:
        """The record of a run that is finished: its result and tables are there, to the last byte."""
        record = _read(self.folder / "records" / f"{digest}.json")
        if record is None or record.get("digest") != digest:
            return None
        try:
            kept = self.result_path(digest).read_bytes()
        except OSError:
            return None
        if hashlib.sha256(kept).hexdigest() != record.get("result_sha256"):
            return None
        there = (self.table_path(name, digest) for name, held in record.get("tables", {}).items() if held)
        return record if all(path.is_file() for path in there) else None

    def finish(self, digest: str, name: str, result: bytes, record: Tree) -> Tree:
        """Keep a result (its tables are there already) and then its record; forget the failures of the run."""
        write(self.result_path(digest), result)
        kept = {"digest": digest, "result_sha256": hashlib.sha256(result).hexdigest(), **record}
        self.amend(kept)
        self.forgive(name)
        return kept

    def amend(self, record: Tree) -> None:
        """Write the record of a run whose result is there."""
        write(self.folder / "records" / f"{record['digest']}.json", text(record))

    def forgive(self, name: str) -> None:
        """Forget that a run failed before."""
        self._failure(name).unlink(missing_ok=True)

    def failure(self, name: str) -> Tree | None:
        """Why a run has no answer; None where it did not fail."""
        return _read(self._failure(name))

    def fail(self, name: str, attempts: list[Tree]) -> Tree:
        """Keep why a run has no answer, after what was known before."""
        before = (self.failure(name) or {}).get("attempts", [])
        failure = {"run": name, "attempts": [*before, *attempts]}
        write(self._failure(name), text(failure))
        return failure

    def _failure(self, name: str) -> Path:
        # Names of runs are anybody's; a digest is a name that every file can have.
        return self.folder / "failures" / f"{hashlib.sha256(name.encode()).hexdigest()[:32]}.json"


def write(path: Path, content: bytes | Callable[[Path], object]) -> None:
    """Write a file whole or not at all, also where the machine fails. A callable writes under the path it is given."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(path.name + PARTIAL)
    if callable(content):
        content(partial)
    else:
        partial.write_bytes(content)
    with partial.open("rb+") as file:
        os.fsync(file.fileno())
    partial.replace(path)


def text(tree: Tree) -> bytes:
    """A tree as JSON, for people too."""
    return (json.dumps(tree, indent=1, ensure_ascii=False, allow_nan=False) + "\n").encode()


def _read(path: Path) -> Tree | None:
    try:
        tree = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return tree if isinstance(tree, dict) else None
