from __future__ import annotations

import csv
import json
import sys
from pathlib import Path

import pandas as pd
import pytest

from clearing.tables.files import can_write_parquet
from tests.cli.conftest import clearing, two_units

LABELS = ["01:00", "02:00", "03:00", "04:00"]


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_dispatch_and_commitment_have_a_column_a_period(out: Path) -> None:
    base, peak = rows(out / "dispatch.csv")
    assert (base["kind"], base["id"], base["bus"], base["fuel"]) == ("unit", "base", "system", "coal")
    assert [float(base[t]) for t in LABELS] == pytest.approx([80, 90, 100, 100])
    assert [float(peak[t]) for t in LABELS] == pytest.approx([0, 0, 50, 20])
    assert [[int(row[t]) for t in LABELS] for row in rows(out / "commitment.csv")] == [[1, 1, 1, 1], [0, 0, 1, 1]]
    assert [row["before"] for row in rows(out / "initial_commitment.csv")] == ["1", "0"]


def test_prices_have_their_parts(out: Path) -> None:
    prices = rows(out / "prices.csv")
    assert [row["label"] for row in prices] == LABELS
    assert [float(row["price_per_mwh"]) for row in prices] == pytest.approx([20, 20, 60, 60])
    for row in prices:
        parts = ("energy_per_mwh", "congestion_per_mwh", "loss_per_mwh", "cap_adjustment_per_mwh")
        assert sum(float(row[part]) for part in parts) == pytest.approx(float(row["price_per_mwh"]))
    system, user = rows(out / "price_series.csv")
    assert (system["kind"], user["kind"]) == ("system", "user")
    assert [float(system[t]) for t in LABELS] == pytest.approx([20, 20, 60, 60])


def test_starts_and_make_whole(out: Path) -> None:
    (start,) = rows(out / "starts.csv")
    assert (start["label"], start["unit"], float(start["cost"])) == ("03:00", "peak", 100.0)
    paid = {row["unit"]: float(row["make_whole"]) for row in rows(out / "make_whole.csv")}
    assert paid == {"base": pytest.approx(0), "peak": pytest.approx(100)}
    assert rows(out / "violations.csv") == []


@pytest.mark.skipif(not can_write_parquet(), reason="the extra parquet is not installed")
def test_parquet_tables_hold_what_csv_tables_hold(server: str, case_json: Path, out: Path, tmp_path: Path) -> None:
    asked = ("--results", "parquet", "--results", "csv")
    ended = clearing("run", case_json, "--server", server, "--out", tmp_path, *asked)
    assert ended.code == 0, ended.stderr
    names = {p.stem for p in tmp_path.glob("*.parquet")}
    assert names == {p.stem for p in tmp_path.glob("*.csv")} == {p.stem for p in out.glob("*.csv")}
    dispatch = pd.read_parquet(tmp_path / "dispatch.parquet")
    assert dispatch[dispatch["id"] == "base"]["value"].tolist() == pytest.approx([80, 90, 100, 100])
    assert str(dispatch["period_end"].iloc[0]) == "2026-01-15 01:00:00+08:00"


def test_json_alone_writes_no_tables(server: str, case_json: Path, tmp_path: Path) -> None:
    ended = clearing("run", case_json, "--server", server, "--out", tmp_path, "--results", "json", "--json")
    assert ended.object["files"] == ["request.binpb", "result.json", "run_info.json", "report.html"]
    assert {p.name for p in tmp_path.iterdir()} == set(ended.object["files"])


def test_parquet_without_its_extra_is_said_before_the_run(
    server: str, case_json: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    ended = clearing("run", case_json, "--server", server, "--out", tmp_path / "o", "--results", "parquet", "--json")
    assert ended.code == 1
    (finding,) = ended.object["findings"]
    assert (finding["code"], finding["path"]) == ("MISSING_EXTRA", "--results")
    assert "clearing[parquet]" in finding["message"]
    assert not (tmp_path / "o").exists()


def test_tables_need_a_folder(server: str, case_json: Path) -> None:
    ended = clearing("run", case_json, "--server", server, "--results", "csv", "--json")
    assert (ended.code, ended.object["findings"][0]["path"]) == (2, "--results")


def test_the_result_of_a_run_passes_the_audit(server: str, case_json: Path, out: Path) -> None:
    ended = clearing("audit", case_json, out / "result.json", "--server", server, "--json")
    assert ended.code == 0, ended.stdout
    answer = ended.object
    assert answer["status"] == "AUDIT_PASSED"
    assert answer["audit"]["passed"] is True
    assert answer["objective"] == pytest.approx(answer["objective_stated"])


@pytest.mark.parametrize("what", ["dispatch", "objective", "price"])
def test_a_corrupted_result_fails_the_audit(what: str, server: str, case_json: Path, out: Path, tmp_path: Path) -> None:
    result = json.loads((out / "result.json").read_text())
    result.pop("digest", None)
    if what == "dispatch":
        units = result["owner_results"][0]["units"]
        key = next(k for k in units if k.startswith(("dispatch", "output", "mw")))
        units[key][0] += 5.0
    elif what == "objective":
        result["termination"]["objective"] *= 0.9
    else:
        prices = result["public_result"]["prices"]
        key = next(k for k in prices if "bus" in k and "price" in k)
        prices[key][0] += 7.0
    path = tmp_path / "result.json"
    path.write_text(json.dumps(result))
    ended = clearing("audit", case_json, path, "--server", server, "--json")
    assert ended.code == 4, ended.stdout
    answer = ended.object
    assert (answer["status"], answer["audit"]["passed"]) == ("AUDIT_FAILED", False)
    assert [f for f in answer["audit"]["findings"] if f["severity"] == "ERROR"]
    people = clearing("audit", case_json, path, "--server", server)
    assert people.code == 4
    assert "AUDIT_FAILED" in people.stdout


def test_the_report_of_a_result_file_says_where_it_comes_from(case_json: Path, out: Path, tmp_path: Path) -> None:
    path = tmp_path / "again.html"
    ended = clearing("report", case_json, out / "result.json", "-o", path)
    assert ended.code == 0, ended.stderr
    html = path.read_text(encoding="utf-8")
    info = json.loads((out / "run_info.json").read_text())
    for words in (info["request_id"], info["solver_version"], "solve.gap = 0.0005", "audit passed"):
        assert words in html


def test_a_broken_run_info_is_bad_input(case_json: Path, out: Path, tmp_path: Path) -> None:
    (tmp_path / "result.json").write_text((out / "result.json").read_text())
    (tmp_path / "run_info.json").write_text('{"stage_seconds": [3]}')
    ended = clearing("report", case_json, tmp_path / "result.json", "-o", tmp_path / "x.html")
    assert ended.code == 2
    assert "run_info.json" in ended.stderr
    assert not (tmp_path / "x.html").exists()


def test_import_writes_every_form_and_all_hold_the_same_case(case_json: Path, tmp_path: Path) -> None:
    binary, folder, again = tmp_path / "case.binpb", tmp_path / "tables", tmp_path / "case.json"
    assert clearing("import", case_json, "-o", binary).code == 0
    assert clearing("import", binary, "-o", folder).code == 0
    ended = clearing("import", folder, "--format", "auto", "-o", again)
    assert ended.code == 0, ended.stderr
    assert "2 units, 1 buses, 4 periods" in ended.stderr
    assert again.read_text() == case_json.read_text()


def test_import_into_an_unknown_form_is_bad_input(case_json: Path, tmp_path: Path) -> None:
    ended = clearing("import", case_json, "-o", tmp_path / "case.xlsx")
    assert ended.code == 2
    assert "UNKNOWN_FORMAT" in ended.stderr


def test_import_into_a_format_of_others_names_what_is_lost(case_json: Path, tmp_path: Path) -> None:
    other, back = tmp_path / "other.json.gz", tmp_path / "back.json"
    ended = clearing("import", case_json, "-o", other, "--to", "unitcommitment-jl")
    assert ended.code == 2, ended.stderr  # units that have been in their state for no time at all
    assert "NOT_EXPRESSED case.units.initial_minutes (base, peak)" in ended.stderr
    assert not other.exists()
    ended = clearing("import", case_json, "-o", other, "--to", "unitcommitment-jl", "--lossy")
    assert ended.code == 0, ended.stderr
    assert "NOT_EXPRESSED" in ended.stderr
    assert clearing("import", other, "-o", back).code == 0
    ended = clearing("import", case_json, "-o", other, "--to", "scenario")
    assert (ended.code, "UNKNOWN_FORMAT" in ended.stderr) == (2, True)


def test_rules_lists_every_value_with_its_clause(server: str) -> None:
    answer = clearing("rules", "--server", server, "--json").object
    assert {r["name"] for r in answer["rule_sets"]} >= {"generic", "shandong-trial"}
    values = {v["key"]: v for r in answer["rule_sets"] if r["name"] == "shandong-trial" for v in r["values"]}
    assert values["reserves.positive_min_mw"]["value"] == "3000"
    assert all(v["clause"] for v in values.values())
    people = clearing("rules", "generic", "--server", server)
    assert people.code == 0
    assert "solve.gap" in people.stdout


def test_rules_of_an_unknown_name_are_bad_input(server: str) -> None:
    ended = clearing("rules", "atlantis", "--server", server, "--json")
    assert ended.code == 2
    assert ended.object["findings"][0]["code"] == "UNKNOWN_RULE_SET"


def test_validate_says_valid(server: str, case_json: Path) -> None:
    ended = clearing("validate", case_json, "--server", server, "--json")
    answer = ended.object
    assert (ended.code, answer["status"], answer["periods"], answer["units"]) == (0, "VALID", 4, 2)
    assert two_units().name == answer["case"]
    assert "VALID" in clearing("validate", case_json, "--server", server).stdout
