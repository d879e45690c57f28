from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import typer

from clearing.case.finding import Finding, Severity
from clearing.case.result import BoundKind, ClearingResult, Reason, Termination
from clearing.cli.answer import answer_object
from clearing.cli.ending import as_failure, ending
from clearing.cli.output import answers, errors
from clearing.cli.status import Exit, outcome
from clearing.client import ClearingError, InvalidCase, OutOfTime, ServerBusy, ServerFault, ServerUnavailable
from clearing.report.about import About
from tests.cli.conftest import Ended, clearing, two_units, write
from tests.cli.test_run import check
from tests.report import example

KEYS = {"severity", "code", "path", "subject", "period", "value", "limit", "message", "clause"}


def refused(ended: Ended, code: str) -> list[dict]:  # type: ignore[type-arg]
    """Findings of a refusal: exit 2, one JSON object, an ERROR of this code among them."""
    assert ended.code == 2, ended.stdout
    answer = ended.object
    assert set(answer) == {"status", "findings"}
    assert answer["status"] == "INVALID"
    assert all(set(f) == KEYS for f in answer["findings"])
    assert ("ERROR", code) in {(f["severity"], f["code"]) for f in answer["findings"]}, answer
    return answer["findings"]  # type: ignore[no-any-return]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("run", "nothing-here.json", "--json"), "FILE_NOT_FOUND"),
        (("validate", "nothing-here.json", "--json"), "FILE_NOT_FOUND"),
        (("run", "{case}", "--format", "nonsense", "--json"), "UNKNOWN_FORMAT"),
        (("run", "{case}", "--option", "nonsense=1", "--json"), "UNKNOWN_OPTION"),
        (("run", "{case}", "--option", "nonsense", "--json"), "USAGE"),
        (("run", "{case}", "--set", "solve.gap", "--json"), "USAGE"),
        (("run", "{case}", "--set", "solve.gap=1", "--set", "solve.gap=2", "--json"), "USAGE"),
        (("run", "{case}", "--server", "localhost", "--json"), "USAGE"),
        (("run", "{case}", "--gap", "7", "--json"), "USAGE"),
        (("run", "{case}", "--time-limit", "-1", "--json"), "USAGE"),
        (("run", "{case}", "--no-such-option", "--json"), "USAGE"),
        (("run", "--json"), "USAGE"),
        (("no-such-command", "--json"), "USAGE"),
        (("audit", "{case}", "nothing-here.json", "--json"), "FILE_NOT_FOUND"),
        (("audit", "{case}", "{case}", "--json"), "BAD_JSON"),
    ],
)
def test_what_the_user_gave_is_refused_as_json(arguments: tuple[str, ...], code: str, case_json: Path) -> None:
    refused(clearing(*(a.replace("{case}", str(case_json)) for a in arguments)), code)


def test_rules_are_refused_with_every_fault_by_the_server(server: str, case_json: Path) -> None:
    refused(clearing("run", case_json, "--server", server, "--rules", "atlantis", "--json"), "UNKNOWN_RULE_SET")
    both = ("--set", "solve.gaap=1", "--set", "solve.gap=many")
    findings = refused(clearing("run", case_json, "--server", server, "--json", *both), "UNKNOWN_RULE")
    assert "BAD_RULE_VALUE" in {f["code"] for f in findings}


def test_a_wrong_case_is_refused_with_field_paths(server: str, tmp_path: Path) -> None:
    case = two_units()
    p_min = np.array(case.units.p_min_mw)
    p_min[1, 2] = 90.0
    path = write(tmp_path, replace(case, units=replace(case.units, p_min_mw=p_min)))
    findings = refused(clearing("run", path, "--server", server, "--json"), "P_MIN_ABOVE_P_MAX")
    assert findings[0]["path"].startswith("case.units.p_min_mw[")
    ended = clearing("validate", path, "--server", server, "--json")
    assert (ended.code, ended.object["status"]) == (2, "INVALID")
    assert "P_MIN_ABOVE_P_MAX" in {f["code"] for f in ended.object["findings"]}
    people = clearing("run", path, "--server", server)
    assert (people.code, people.stdout) == (2, "")
    assert "P_MIN_ABOVE_P_MAX" in people.stderr


def test_usage_for_people_goes_to_stderr() -> None:
    ended = clearing("run", "--no-such-option")
    assert (ended.code, ended.stdout) == (2, "")
    assert "no-such-option" in ended.stderr


def _result(reason: Reason, schedule: bool, passed: bool | None) -> ClearingResult:
    ending_ = Termination(reason, None, None, BoundKind.NONE, None, None, 0.001, False)
    result = ClearingResult(ending_, audit_passed=passed)
    if not schedule:
        return result
    return replace(result, schedule=example.two_units()[1].schedule)


@pytest.mark.parametrize(
    ("reason", "schedule", "passed", "expected"),
    [
        (Reason.OPTIMAL_WITHIN_GAP, True, True, ("OPTIMAL_WITHIN_GAP", 0)),
        (Reason.TIME_LIMIT_WITH_SOLUTION, True, True, ("TIME_LIMIT_WITH_SOLUTION", 0)),
        (Reason.TIME_LIMIT_WITHOUT_SOLUTION, False, None, ("TIME_LIMIT_WITHOUT_SOLUTION", 3)),
        (Reason.NUMERICAL_FAILURE, False, None, ("NUMERICAL_FAILURE", 3)),
        (Reason.OPTIMAL_WITHIN_GAP, True, False, ("AUDIT_FAILED", 4)),
        (Reason.WORKER_LOST_WITH_SOLUTION, True, None, ("NOT_AUDITED", 4)),
    ],
)
def test_outcome(reason: Reason, schedule: bool, passed: bool | None, expected: tuple[str, int]) -> None:
    assert outcome(_result(reason, schedule, passed)) == expected


def test_the_object_of_no_solution_has_all_keys_and_nulls() -> None:
    answer = answer_object(two_units(), _result(Reason.TIME_LIMIT_WITHOUT_SOLUTION, False, None), About())
    check(answer)
    empty = ("objective", "bound", "gap", "system_price", "uplift_total", "costs")
    assert [answer[key] for key in empty] == [None] * len(empty)
    assert answer["bound_kind"] == "NONE"
    assert answer["audit"] == {"passed": None, "findings": []}


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (InvalidCase("no", (Finding(Severity.ERROR, "X", "p", "m"),)), "INVALID", Exit.BAD_INPUT),
        (InvalidCase("too large", ()), "INVALID", Exit.BAD_INPUT),
        (ServerBusy("full", 2.0), "RESOURCE_EXHAUSTED", Exit.NO_SOLUTION),
        (OutOfTime("late"), "DEADLINE_EXCEEDED", Exit.NO_SOLUTION),
        (ServerUnavailable("gone"), "UNAVAILABLE", Exit.NO_SOLUTION),
        (ServerFault("oops", "id-1"), "INTERNAL", Exit.FAULT),
        (ClearingError("other"), "ERROR", Exit.FAULT),
        (PermissionError(13, "Permission denied", "x"), "ERROR", Exit.FAULT),
        (FileNotFoundError(2, "No such file or directory", "new/case.json"), "INVALID", Exit.BAD_INPUT),
        (NotADirectoryError(20, "Not a directory", "file/case.json"), "INVALID", Exit.BAD_INPUT),
        (IsADirectoryError(21, "Is a directory", "folder"), "INVALID", Exit.BAD_INPUT),
    ],
)
def test_every_exception_of_a_call_has_its_status(error: Exception, status: str, code: Exit) -> None:
    failed = as_failure(error)
    assert (failed.status, failed.exit_code) == (status, code)
    assert failed.findings


def _interrupted() -> None:
    raise KeyboardInterrupt


def _unforeseen() -> None:
    raise ZeroDivisionError("division by zero")


@pytest.mark.parametrize(("body", "status", "code"), [(_interrupted, "INTERRUPTED", 130), (_unforeseen, "ERROR", 1)])
def test_any_end_is_one_json_object(
    body: Callable[[], None], status: str, code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(typer.Exit) as stop, ending(as_json=True):
        body()
    assert stop.value.exit_code == code
    printed = capsys.readouterr()
    assert Ended(code, printed.out, printed.err).object["status"] == status
    assert ("Traceback" in printed.err) == (status == "ERROR")


def test_names_between_colons_stay_what_they_are(capsys: pytest.CaptureFixture[str]) -> None:
    """`units.csv:line 4:bus:` is a path, no picture."""
    for console in (answers(), errors()):
        console.print("units.csv:line 4:bus: The name is not known.")
    told = capsys.readouterr()
    assert told.out == told.err == "units.csv:line 4:bus: The name is not known.\n"


@pytest.mark.parametrize(
    "command",
    [("import", "CASE"), ("scenario", "patch", "CASE", "--load", "2"), ("report", "CASE", "RESULT")],
    ids=" ".join,
)
@pytest.mark.parametrize("place", ["missing", "file"])
def test_a_path_that_cannot_be_written_is_bad_input(
    command: tuple[str, ...], place: str, case_json: Path, out: Path, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    given = {"CASE": case_json, "RESULT": out / "result.json"}
    name = "page.html" if command[0] == "report" else "case.json"
    ended = clearing(*(given.get(word, word) for word in command), "-o", tmp_path / place / name)
    assert ended.code == 2, ended.stderr
    assert "OUT_NOT_USABLE" in ended.stderr
    assert "Traceback" not in ended.stderr
