"""`clearing settle` and `clearing roll-up` over gRPC: statements apart, parts of a request, settings."""

from __future__ import annotations

import csv
from pathlib import Path

from google.protobuf import json_format

from clearing.client import Client
from clearing.v1 import settlement_pb2 as pb2
from tests.cli.conftest import clearing
from tests.settlement.months import drawn, settled, worked


def written(path: Path, message: object) -> Path:
    """A message as a file."""
    path.write_text(json_format.MessageToJson(message), encoding="utf-8")  # type: ignore[type-var]
    return path


def test_a_cycle_over_grpc_and_its_files(server: str, tmp_path: Path) -> None:
    file = written(tmp_path / "day.json", worked())
    found = clearing("settle", file, "--server", server, "--json", "--out", tmp_path / "o").object
    assert (found["status"], found["totals"]["collected_milli"]) == ("OK", 60_000_000)
    assert sorted(path.name for path in (tmp_path / "o").iterdir()) == [
        "X-20251130-20251130-000001.csv", "X-20251130-20251130-000001.html", "X-20251130-20251130-000002.csv",
        "X-20251130-20251130-000002.html", "public.html", "public_accounts.csv", "public_balances.csv",
    ]  # fmt: skip
    with (tmp_path / "o" / "X-20251130-20251130-000002.csv").open(encoding="utf-8-sig", newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert rows[1]["电量 energy (MWh)"] == "-80.0000"
    assert rows[-1]["电费 money (元)"] == "59800.000"
    page = (tmp_path / "o" / "X-20251130-20251130-000002.html").read_text(encoding="utf-8")
    assert "收取 collect" in page
    assert "34800.000" in page
    assert "24400.000" not in page  # the other side's day-ahead energy


def test_a_setting_and_parts_on_the_command_line(server: str, tmp_path: Path) -> None:
    whole, rest = worked(), pb2.SettleRequest()
    rest.energy.extend(whole.energy)
    del whole.energy[:]
    files = written(tmp_path / "head.json", whole), written(tmp_path / "energy.json", rest)
    ended = clearing("settle", *files, "--server", server, "--set", "settlement.congestion_share=capacity")
    assert ended.code == 0
    assert "collected 60000.000, paid 60000.000, kept:" in ended.stdout


def test_what_is_wrong_is_said(server: str, tmp_path: Path) -> None:
    found = clearing("settle", written(tmp_path / "none.json", pb2.SettleRequest()), "--server", server, "--json")
    assert found.code != 0
    assert {finding["path"] for finding in found.object["findings"]} >= {"cycle.days", "prices.node"}


def test_roll_up(server: str, tmp_path: Path) -> None:
    statements = settled(worked()).statements
    asked = pb2.RollUpStatementsRequest(statements=statements, issued_at="2026-01-01 08:00", number_prefix="M")
    file = written(tmp_path / "month.json", asked)
    found = clearing("roll-up", file, "--server", server, "--json", "--out", tmp_path / "o").object
    assert [each["total_milli"] for each in found["statements"]] == [s.total_milli for s in statements]
    assert (tmp_path / "o" / "M-20251130-20251130-000001.html").is_file()


def test_chunks_over_grpc_are_the_whole(server: str) -> None:
    request = drawn(3)
    parts = [pb2.SettleRequest(energy=[table]) for table in request.energy]
    head = pb2.SettleRequest()
    head.CopyFrom(request)
    del head.energy[:]
    with Client(server) as client:
        assert client.settlement.settle_chunks(lambda: [head, *parts]) == settled(request)
