"""Requests of every release are answered as that release answered them, and no message has broken since."""

from __future__ import annotations

import math
import shutil
import subprocess
from pathlib import Path

import pytest
from google.protobuf.message import Message

from clearing.server.servicer import RPCS
from clearing.v1 import clearing_service_pb2, report_pb2
from clearing.wire.disclosure import response_type
from tests.golden.make import FOLDER, answer
from tests.house.test_locks import ROOT

RELEASED = ROOT / "proto" / "released"
VERSIONS = sorted(folder.name for folder in FOLDER.iterdir() if folder.is_dir() and folder.name[0].isdigit())
REQUESTS = sorted(FOLDER.glob("*/*.request.binpb"))
PASSING = ("digest", "run_info", "test_seconds", "clearing_version")
"""Fields that may differ from run to run or from version to version: seconds, ids, digests, versions."""

UNARY = {name for name, rpc in RPCS.items() if not (rpc.streams or rpc.many or rpc.gathers)}


def differences(old: Message, new: Message, path: str = "") -> list[str]:
    """Where the new one lacks or changes what the old one says; what it says in addition is no difference."""
    found: list[str] = []
    for field, before in old.ListFields():
        if any(word in field.name for word in PASSING):
            continue
        after, at = getattr(new, field.name), f"{path}.{field.name}"
        if field.is_repeated:
            if len(before) != len(after):
                found.append(f"{at}: {len(before)} before, {len(after)} now")
                continue
            pairs = list(zip(before, after, strict=True))
        else:
            pairs = [(before, after)]
        for row, (one, other) in enumerate(pairs):
            if isinstance(one, Message):
                found += differences(one, other, f"{at}[{row}]")
            elif isinstance(one, float):
                if not (one == other or math.isclose(one, other, rel_tol=1e-6, abs_tol=1e-6)):
                    found.append(f"{at}[{row}]: {one} before, {other} now")
            elif one != other:
                found.append(f"{at}[{row}]: {one!r} before, {other!r} now")
    return found


@pytest.mark.parametrize("request_file", REQUESTS, ids=lambda file: f"{file.parent.name}-{file.name.partition('.')[0]}")
def test_a_released_request_is_answered_as_it_was(request_file: Path) -> None:
    method = request_file.name.partition(".")[0]
    before = response_type(RPCS[method].method)()
    before.ParseFromString((request_file.parent / f"{method}.reply.binpb").read_bytes())
    now = type(before).FromString(answer(method)(request_file.read_bytes()))
    if method == "ListRuleSets":  # rule sets are added and amended; those that were there still are
        assert isinstance(before, clearing_service_pb2.ListRuleSetsResponse)
        known = {(rules.name, rules.version) for rules in now.rule_sets}
        assert {(rules.name, rules.version) for rules in before.rule_sets} <= known
        return
    assert differences(before, now) == []
    assert before.ByteSize() > 0


def test_every_unary_method_has_a_request_in_every_version() -> None:
    assert VERSIONS
    newest = {file.name.partition(".")[0] for file in (FOLDER / VERSIONS[-1]).glob("*.request.binpb")}
    assert newest == UNARY


def test_the_golden_day_is_no_trivial_one() -> None:
    day = clearing_service_pb2.ClearDayAheadResponse.FromString(
        (FOLDER / VERSIONS[-1] / "ClearDayAhead.reply.binpb").read_bytes()
    ).result
    assert day.audit.passed
    assert day.termination.reason == report_pb2.TERMINATION_REASON_OPTIMAL_WITHIN_GAP
    assert len(set(day.public_result.prices.bus_price)) > 2
    assert day.public_result.bindings.family


def test_what_changes_is_seen() -> None:
    old = clearing_service_pb2.ClearDayAheadResponse()
    old.result.termination.objective = 1.0
    new = clearing_service_pb2.ClearDayAheadResponse()
    new.result.termination.objective = 1.1
    new.result.period_label.append("more")
    assert differences(old, new) == [".result[0].termination[0].objective[0]: 1.0 before, 1.1 now"]


@pytest.mark.parametrize("image", sorted(RELEASED.glob("*.binpb")), ids=lambda file: file.stem)
def test_no_message_has_broken_since_a_release(image: Path) -> None:
    buf = shutil.which("buf") or str(ROOT / ".venv" / "bin" / "buf")
    if not Path(buf).exists():
        pytest.skip("buf (the dev extra) is not installed")
    ended = subprocess.run([buf, "breaking", "--against", image], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stdout) == (0, "")


def test_a_broken_message_would_be_seen(tmp_path: Path) -> None:
    buf = shutil.which("buf") or str(ROOT / ".venv" / "bin" / "buf")
    if not Path(buf).exists():
        pytest.skip("buf (the dev extra) is not installed")
    shutil.copytree(ROOT / "proto", tmp_path / "proto")
    shutil.copy(ROOT / "buf.yaml", tmp_path)
    report = tmp_path / "proto" / "clearing" / "v1" / "report.proto"
    report.write_text(report.read_text().replace("int32 threads = 9;", "int32 threads = 99;"))
    image = sorted((tmp_path / "proto" / "released").glob("*.binpb"))[-1]
    command = [buf, "breaking", "--against", image]
    ended = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert ended.returncode != 0
    assert "threads" in ended.stdout
