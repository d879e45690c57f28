"""`clearing substitution-meter` and `substitution-settle` over gRPC: the worked month and year, statements apart."""

from __future__ import annotations

import csv
import json
from pathlib import Path

from tests.cli.conftest import clearing
from tests.substitution.requests import WORKED


def test_the_worked_month_over_grpc(server: str) -> None:
    found = clearing("substitution-meter", WORKED / "month.json", "--server", server, "--json").object
    assert (found["status"], found["rules"]["name"]) == ("OK", "xinjiang")
    assert found["totals"]["area_kwh"] == [812_757, 270_919, 169_324]
    assert found["residual_milli"] == -10_329_189


def test_the_worked_year_over_grpc_and_a_setting(server: str) -> None:
    command = ("substitution-settle", WORKED / "year.json", "--server", server, "--json")
    found = clearing(*command).object
    assert found["totals"]["account_milli"] == 6_531_494
    assert found["captives"][0]["standing"] == "DEVIATION_STANDING_DEFAULT"
    strict = clearing(*command, "--set", "substitution.deviation.new_energy_limit=0.1").object
    assert strict["sites"][0]["default_kwh"] == [385_654, 0]


def test_statements_of_a_month_are_files_a_party(server: str, tmp_path: Path) -> None:
    """h1 settled 300 MWh and 187.654 were advanced; no file of a party names another."""
    ended = clearing("substitution-meter", WORKED / "month.json", "--server", server, "--out", tmp_path / "m")
    assert ended.code == 0
    assert "captive 1253.000 MWh = settled 1065.346 MWh + advanced 187.654 MWh" in ended.stdout
    names = {path.name for path in (tmp_path / "m").iterdir()}
    assert {
        "00_public_areas.csv",
        "01_alum_items.csv",
        "02_brine_windows.csv",
        "03_north.html",
        "04_east_items.csv",
    } <= names
    rows = {row["item"]: row for row in read(tmp_path / "m" / "03_north_items.csv")}
    assert (rows["substitution settled N3"]["h1"], rows["advanced by the grid"]["h1"]) == ("300.000", "187.654")
    assert rows["compensation"]["项目"] == "补偿款（支付）"
    assert (rows["compensation"]["h2"], rows["compensation"]["单位"]) == ("69019.367", "元")
    for path in (tmp_path / "m").glob("03_north*"):
        text = path.read_text(encoding="utf-8")
        assert not [name for name in ("alum", "brine", ">t1<", "east") if name in text]
    areas = read(tmp_path / "m" / "00_public_areas.csv")
    assert {row["item"]: row["hami-wind"] for row in areas}["ratio X"] == "0.081276"


def test_statements_of_a_year(server: str, tmp_path: Path) -> None:
    assert clearing("substitution-settle", WORKED / "year.json", "--server", server, "--out", tmp_path).code == 0
    months = {row["item"]: row for row in read(tmp_path / "01_alum_months.csv")}
    assert [months["rolled on"][str(t)] for t in range(1, 5)] == ["100.000", "100.000", "80.000", "120.000"]
    rows = {row["item"]: row for row in read(tmp_path / "03_north_items.csv")}
    assert (rows["default payment"]["h1"], rows["standing"]["h1"]) == ("5639.834", "DEFAULT")
    returns = read(tmp_path / "03_north_returns.csv")
    assert [row["3"] for row in returns] == ["120.000", "18.666"]
    page = (tmp_path / "03_north.html").read_text(encoding="utf-8")
    assert "违约金" in page
    assert "5639.834" in page


def test_every_fault_is_named_at_once(server: str, tmp_path: Path) -> None:
    request = json.loads((WORKED / "month.json").read_text(encoding="utf-8"))
    request["month"], request["captives"]["units"][1] = "November", 0
    path = tmp_path / "month.json"
    path.write_text(json.dumps(request), encoding="utf-8")
    refused = clearing("substitution-meter", path, "--server", server, "--json")
    assert (refused.code, refused.object["status"]) == (2, "INVALID")
    assert {f["path"] for f in refused.object["findings"]} >= {"month", "captives.units[1]"}
    assert clearing("substitution-settle", tmp_path / "none.json", "--json").code == 2


def read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))
