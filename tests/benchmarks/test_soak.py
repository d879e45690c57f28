"""The soak's own parts: faults beside the real thing, numbers of parts, the table."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

from benchmarks.soak import chaos, run, table
from benchmarks.soak.cases import malformed, small
from benchmarks.soak.served import percentile
from clearing.v1 import schedule_pb2


def test_parts_have_numbers_of_their_own_and_a_failed_one_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seeds: list[int] = []
    monkeypatch.setitem(run.KINDS, "cancel", lambda size, seed: seeds.append(seed) or {"trials": size})
    run.part("cancel", 3, tmp_path)
    assert run.part("cancel", 4, tmp_path)["part"] == 2
    assert seeds == [1, 2]
    monkeypatch.setitem(run.KINDS, "cancel", lambda size, seed: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        run.part("cancel", 1, tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["cancel-01.json", "cancel-02.json"]


def test_the_table_adds_parts_up_and_says_what_was_not_run(tmp_path: Path) -> None:
    for number, worst in ((1, 0.5), (2, 3.5)):
        figures = {"trials": 50, "freed_later_than_4_seconds": 0, "freed_worst_seconds": worst}
        told = {"seconds": 60.0, "load_average": 1.5, "figures": figures}
        (tmp_path / f"cancel-{number:02d}.json").write_text(json.dumps(told))
    (tmp_path / "cancel-03.json").touch()  # it is being run
    text = table.table(tmp_path)
    assert "| cancel, disconnect | 100 trials: 0 freed later than 4 s; worst 3.50 s |" in text
    assert "| deadline | not run |" in text
    assert "2 minutes" in text


def test_the_tables_of_the_repository_are_those_of_their_parts() -> None:
    folder = run.RESULTS
    if not (folder / "table.md").exists():
        pytest.skip("no part was run yet")
    assert (folder / "table.md").read_text(encoding="utf-8") == table.table(folder)


def test_small_requests_are_the_same_bytes_and_malformed_ones_are_not() -> None:
    assert small(1).SerializeToString(deterministic=True) == small(1).SerializeToString(deterministic=True)
    draw = random.Random(1)
    assert len({malformed(draw) for _ in range(20)}) == 20


def test_chaos_takes_no_wrong_answer_for_a_right_one() -> None:
    result = schedule_pb2.Result(digest="d")
    result.termination.reason = 1
    assert chaos._judge(result, "d", 1.0).startswith("the audit failed")
    result.audit.passed = True
    assert chaos._judge(result, "d", 1.0) == ""
    assert chaos._judge(result, "other", 1.0).startswith("another result than in peace")
    result.termination.objective, result.termination.detail = 1.0, "the schedule comes without prices"
    assert chaos._judge(result, "other", 1.0) == ""
    assert chaos._judge(result, "other", 1.1) != ""
    result.termination.reason, result.termination.priced, result.termination.objective = 7, True, 0.5
    assert chaos._judge(result, "other", 1.0).startswith("WORKER_LOST")
    result.termination.objective = 1.5
    assert chaos._judge(result, "other", 1.0) == ""


def test_percentiles() -> None:
    assert percentile([3.0, 1.0, 2.0], 0.5) == 2.0
    assert percentile([1.0], 0.99) == 1.0
    assert percentile([], 0.5) != percentile([], 0.5)
