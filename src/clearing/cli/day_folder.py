"""The folder of a market day: one file a clearing, so that a day that was interrupted goes on where it stopped."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from clearing.case.case import Case
from clearing.case.finding import Finding, Severity
from clearing.case.result import ClearingResult
from clearing.cli.status import Exit, Failure
from clearing.client import Answer
from clearing.wire import case_file

Ask = Callable[[], Answer]
RESUME_MISMATCH = "RESUME_MISMATCH"


class DayFolder:
    """Results of the day-ahead, the reliability commitment and every interval, as binary messages.

    done: results that were found there. A file that does not fit its case ends the day with RESUME_MISMATCH: the folder
    belongs to another one.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.done = 0
        self.asked = 0

    def result(self, name: str, case: Case, ask: Ask) -> ClearingResult:
        """The result of a case, from its file or else by asking; raises Failure where there is no schedule.

        An answer without one is left as NAME.failed.binpb, which no later run reads.
        """
        path = self.folder / f"{name}.binpb"
        if path.is_file():
            self.done += 1
            return self._kept(path, case)
        answer = ask()
        self.asked += 1
        if answer.result.schedule is None:
            self.folder.joinpath(f"{name}.failed.binpb").write_bytes(
                answer.raw.result.SerializeToString(deterministic=True)
            )
            text = f"{name}: {answer.termination.reason.name} {answer.termination.detail}".strip()
            raise Failure(
                "STAGE_WITHOUT_SCHEDULE",
                Exit.NO_SOLUTION,
                (Finding(Severity.ERROR, "STAGE_WITHOUT_SCHEDULE", name, text),),
            )
        partial = path.with_suffix(".partial")
        partial.write_bytes(answer.raw.result.SerializeToString(deterministic=True))
        partial.replace(path)  # whole or not at all
        return answer.result

    def keep_case(self, name: str, case: Case) -> None:
        """Leave the case of a clearing as NAME.case.json, for an ex-post check say."""
        self.folder.joinpath(f"{name}.case.json").write_text(case_file.case_to_json(case), encoding="utf-8")

    def _kept(self, path: Path, case: Case) -> ClearingResult:
        data = path.read_bytes()
        result, findings = case_file.result_from_bytes(data, case)
        changed = any(f.code == "DIGEST_MISMATCH" for f in findings)
        if result is None or result.schedule is None or changed or not case_file.is_result_of(data, case):
            text = "This file is no result of this day: choose another folder, or the cases it was begun with."
            raise Failure("INVALID", Exit.BAD_INPUT, (Finding(Severity.ERROR, RESUME_MISMATCH, path.name, text),))
        return result


def write_table(path: Path, heads: Sequence[str], rows: Iterable[Sequence[object]]) -> Path:
    """A CSV file."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(heads)
        writer.writerows(rows)
    return path
