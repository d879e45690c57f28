"""`clearing positions` and `clearing entry` over gRPC: verdicts, figures, settings, exit codes."""

from __future__ import annotations

from pathlib import Path

from tests.admission import applications, orders
from tests.cli.conftest import clearing
from tests.cli.test_settling import written


def test_positions_over_grpc(server: str, tmp_path: Path) -> None:
    request = orders.worked()
    orders.order(request, "G", orders.SELL, 10)
    file = written(tmp_path / "orders.json", request)
    found = clearing("positions", file, "--server", server, "--json", "--split", "--out", tmp_path / "o")
    assert found.code == 0
    assert found.object["status"] == "VALID"
    position = found.object["positions"][0]
    assert (position["accepted"], sum(position["split_kwh"])) == ([1], 10_000)
    assert sorted(path.name for path in (tmp_path / "o").glob("0001*")) == [
        "0001_G.html", "0001_G_orders.csv", "0001_G_position.csv",
    ]  # fmt: skip
    page = (tmp_path / "o" / "0001_G.html").read_text(encoding="utf-8")
    assert "净合约量 net position (MWh)" in page
    assert "180000.000" in page
    told = clearing("positions", file, "--server", server)
    assert "180000.000" in told.stdout


def test_a_month_without_orders_has_no_pages(server: str, tmp_path: Path) -> None:
    file = tmp_path / "orders.json"
    file.write_text("{}", encoding="utf-8")
    found = clearing("positions", file, "--server", server, "--json", "--out", tmp_path / "o")
    assert (found.code, found.object["status"]) == (2, "INVALID")
    assert not list((tmp_path / "o").iterdir())


def test_an_order_that_is_refused_ends_with_2(server: str, tmp_path: Path) -> None:
    request = orders.worked()
    name = orders.order(request, "G", orders.SELL, 9)
    file = written(tmp_path / "orders.json", request)
    found = clearing("positions", file, "--server", server, "--json")
    assert (found.code, found.object["status"]) == (2, "INVALID")
    (fault,) = found.object["findings"]
    assert (fault["code"], fault["subject"]) == ("ENERGY_BELOW_LEAST", name)
    assert fault["clause"].endswith("no. 26")
    small = "positions.bilateral.least_kwh=1000"
    assert clearing("positions", file, "--server", server, "--rules", "shandong-trial", "--set", small).code == 0


def test_entry_over_grpc(server: str, tmp_path: Path) -> None:
    file = written(tmp_path / "application.json", applications.direct())
    found = clearing("entry", file, "--server", server, "--json", "--out", tmp_path / "o")
    assert (found.code, found.object["status"]) == (0, "VALID")
    page = (tmp_path / "o" / "entry.html").read_text(encoding="utf-8")
    assert "选中机组的入市类型将变更为直接交易入市，是否确定？" in page
    assert "20240824009" in page
    assert found.object["work_order"]["number"] == "20240824009"
    told = clearing("entry", file, "--server", server)
    assert "入市申请—直接交易入市—发电企业—测试发电企业—20240824009  PENDING" in told.stdout
    assert "changed: 聚合1, 聚合2" in told.stdout


def test_an_application_that_is_refused_ends_with_2(server: str, tmp_path: Path) -> None:
    asked = applications.new_unit(promise_accepted=False, file="x.exe")
    file = written(tmp_path / "application.json", asked)
    found = clearing("entry", file, "--server", server, "--json", "--out", tmp_path / "o")
    assert (found.code, found.object["status"]) == (2, "INVALID")
    assert "PROMISE_NOT_ACCEPTED" in (tmp_path / "o" / "entry_findings.csv").read_text(encoding="utf-8-sig")
    assert {each["code"] for each in found.object["findings"]} == {"PROMISE_NOT_ACCEPTED", "ATTACHMENT_FORMAT"}
    free = ("--set", "entry.promise=free", "--set", "entry.attachment_format=any")
    assert clearing("entry", file, "--server", server, "--rules", "jiangsu", *free).code == 0
