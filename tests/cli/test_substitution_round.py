"""`clearing substitution` over gRPC: the golden round, annexes, confirmations apart, a round judged."""

from __future__ import annotations

import csv
import json
from pathlib import Path

from tests.cli.conftest import clearing
from tests.substitution.rounds import GOLDEN

ROUND = GOLDEN / "round.json"


def read(path: Path) -> list[dict[str, str]]:
    """Rows of a CSV file."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_the_golden_round_over_grpc_and_a_setting(server: str) -> None:
    command = ("substitution", ROUND, "--server", server, "--json")
    found = clearing(*command).object
    assert (found["status"], found["rules"]["name"]) == ("OK", "xinjiang")
    assert (found["totals"]["energy_kwh"], found["residual_milli"]) == (7_100_000, -1_294)
    assert "optimum" not in found
    assert clearing(*command, "--compare").object["optimum"]["left_kwh"] == 1_900_000
    stands = clearing(*command, "--set", "substitution.round.uncrossed=volumes_stand").object
    assert stands["totals"]["energy_kwh"] == 8_650_000


def test_annexes_and_confirmations(server: str, tmp_path: Path) -> None:
    ended = clearing("substitution", ROUND, "--server", server, "--out", tmp_path / "r")
    assert ended.code == 0
    assert "M = N = 7100.000 MWh" in ended.stdout
    areas = {row["地区 area"]: row for row in read(tmp_path / "r" / "annex_1.csv")}
    assert areas["wn"]["装机容量 capacity (10 MW)"] == "10.0000"
    assert areas["wn"]["发电能力 capability (100 GWh)"] == "0.60000000"
    assert areas["wn"]["区域替代电量 N (100 GWh)"] == "0.02454699"
    assert areas["合计 total"]["区域替代电量 N (100 GWh)"] == "0.07100000"
    assert areas["风电小计 wind subtotal"]["弃电比 curtailment ratio (%)"] == "29.4118"
    assert areas["风电小时数 hours of wind (h)"]["发电能力 capability (100 GWh)"] == "566.7"
    rows = read(tmp_path / "r" / "annex_2.csv")
    third = next(row for row in rows if row["序号 number"] == "1" and "三" in row["参与方式 way of taking part"])
    assert [third[f"{month}月 (10 MWh)"] for month in (7, 8, 9)] == ["53.3333", "30.0000", "30.0000"]
    assert rows[-1]["合计 total (10 MWh)"] == "710.0000"
    page = (tmp_path / "r" / "annexes.html").read_text(encoding="utf-8")
    assert "附件1" in page
    assert "0.02454699" in page
    told = json.loads((tmp_path / "r" / "round.json").read_text(encoding="utf-8"))
    assert told["totals"]["energy_kwh"] == 7_100_000
    report = (tmp_path / "r" / "report.html").read_text(encoding="utf-8")
    assert "7,100.000" in report
    assert 'href="annexes.html"' in report
    sun = (tmp_path / "r" / "09_sun.csv").read_text(encoding="utf-8-sig")
    assert "交易电价 price (元/MWh),v1,694.520" in sun
    assert "alum" not in sun


def test_a_round_judged(server: str, tmp_path: Path) -> None:
    tree = json.loads(ROUND.read_text(encoding="utf-8"))
    tree["round"]["captive_offers"]["variation_milli"][0] = 50
    (tmp_path / "odd.json").write_text(json.dumps(tree), encoding="utf-8")
    found = clearing("substitution", tmp_path / "odd.json", "--validate", "--server", server, "--json").object
    assert found["valid"]
    assert [(f["code"], f["subject"], f["clause"]) for f in found["findings"]] == [
        ("OFFER_LEFT_OUT", "alum-1", "3.1.2.3")
    ]
    tree["round"]["months"] = 2
    (tmp_path / "bad.json").write_text(json.dumps(tree), encoding="utf-8")
    ended = clearing("substitution", tmp_path / "bad.json", "--validate", "--server", server, "--json")
    assert (ended.code, ended.object["status"]) == (2, "INVALID")
