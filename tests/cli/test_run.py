from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from clearing.case.result import BoundKind, Reason
from tests import factory
from tests.cli.conftest import clearing, free_port, write

NUMBER = (int, float)
OPTIONAL = (int, float, type(None))
SCHEMA: dict[str, object] = {
    "status": str,
    "termination": str,
    "objective": OPTIONAL,
    "bound": OPTIONAL,
    "bound_kind": str,
    "gap": OPTIONAL,
    "absolute_gap": OPTIONAL,
    "gap_asked": NUMBER,
    "priced": bool,
    "wall_seconds": NUMBER,
    "queue_seconds": OPTIONAL,
    "stage_seconds": dict,
    "case": str,
    "operating_day": str,
    "period_minutes": int,
    "periods": int,
    "period_label": list,
    "units": int,
    "request_id": str,
    "rules": dict,
    "violations": list,
    "audit": dict,
    "system_price": (list, type(None)),
    "bus_prices": dict,
    "zone_prices": dict,
    "reserve_prices": dict,
    "dispatch": dict,
    "commitment": dict,
    "renewable_dispatch": dict,
    "storage_net": dict,
    "costs": (dict, type(None)),
    "uplift_total": OPTIONAL,
    "findings": list,
    "notes": list,
}


def check(answer: dict) -> None:  # type: ignore[type-arg]
    """The object of a run has every key, of its type, and series of the right length."""
    for key, kind in SCHEMA.items():
        assert isinstance(answer[key], kind), key  # type: ignore[arg-type]
    assert answer["termination"] in Reason.__members__
    assert answer["bound_kind"] in BoundKind.__members__
    assert set(answer["audit"]) == {"passed", "findings"}
    for name in ("bus_prices", "zone_prices", "dispatch", "commitment"):
        assert all(len(row) == answer["periods"] for row in answer[name].values())
    assert all(isinstance(s, float) and s >= 0 for s in answer["stage_seconds"].values())
    for violation in answer["violations"]:
        assert set(violation) == {"family", "subject", "period", "label", "amount_mw", "unit", "penalty"}


def test_a_hand_worked_case_comes_back_as_one_json_object(server: str, case_json: Path) -> None:
    ended = clearing("run", case_json, "--server", server, "--json")
    assert ended.code == 0
    answer = ended.object
    check(answer)
    assert answer["status"] == "OPTIMAL_WITHIN_GAP"
    assert (answer["periods"], answer["units"]) == (4, 2)
    assert answer["objective"] == pytest.approx(11_700)
    assert answer["bound"] == pytest.approx(11_700)
    assert answer["gap"] <= answer["gap_asked"]
    assert answer["system_price"] == pytest.approx([20, 20, 60, 60])
    assert answer["bus_prices"] == {"system": pytest.approx([20, 20, 60, 60])}
    assert answer["dispatch"]["base"] == pytest.approx([80, 90, 100, 100])
    assert answer["dispatch"]["peak"] == pytest.approx([0, 0, 50, 20])
    assert answer["commitment"]["peak"] == [0, 0, 1, 1]
    assert answer["uplift_total"] == pytest.approx(100)
    assert answer["violations"] == []
    assert answer["audit"] == {"passed": True, "findings": answer["audit"]["findings"]}
    assert {"commit", "price", "audit"} <= set(answer["stage_seconds"])


def test_progress_goes_to_stderr_a_line_a_stage(server: str, case_json: Path) -> None:
    ended = clearing("run", case_json, "--server", server, "--json")
    stages = [line.split()[0] for line in ended.stderr.splitlines()]
    assert {"commit", "price", "audit"} <= set(stages)
    assert "incumbent 11,700" in ended.stderr
    assert "\x1b" not in ended.stderr


def test_violations_are_listed_and_the_prices_stay_finite(server: str, tmp_path: Path) -> None:
    case = factory.market(load=[80.0, 150.0], units=[{"id": "g", "p_max": 100, "price": 20}])
    ended = clearing("run", write(tmp_path, case), "--server", server, "--json")
    answer = ended.object
    check(answer)
    assert ended.code == 0
    (violation,) = answer["violations"]
    assert violation["amount_mw"] == pytest.approx(50)
    assert (violation["period"], violation["label"]) == (1, "02:00")
    assert answer["objective"] == pytest.approx(20 * 180 + violation["penalty"])


def test_system_price_is_of_the_island_with_most_load(server: str, tmp_path: Path) -> None:
    case = factory.market(
        load={"a": [10.0, 10.0], "b": [50.0, 50.0]},
        units=[
            {"id": "at-a", "bus": "a", "p_max": 100, "price": 11},
            {"id": "at-b", "bus": "b", "p_max": 100, "price": 22},
        ],
    )
    answer = clearing("run", write(tmp_path, case), "--server", server, "--json").object
    assert answer["system_price"] == pytest.approx([22, 22])
    assert answer["bus_prices"]["a"] == pytest.approx([11, 11])


def test_rules_and_overrides_are_echoed(server: str, case_json: Path) -> None:
    arguments = ("--rules", "generic", "--set", "solve.gap=0.02", "--set", "prices.cap_per_mwh=50")
    answer = clearing("run", case_json, "--server", server, "--json", *arguments).object
    assert answer["rules"]["name"] == "generic"
    assert answer["rules"]["overrides"] == {"prices.cap_per_mwh": "50", "solve.gap": "0.02"}
    assert answer["gap_asked"] == 0.02
    assert answer["bus_prices"]["system"] == pytest.approx([20, 20, 50, 50])


def test_gap_on_the_command_line_wins_over_the_rules(server: str, case_json: Path) -> None:
    assert clearing("run", case_json, "--server", server, "--json", "--gap", "0.03").object["gap_asked"] == 0.03


def test_people_get_a_summary(server: str, case_json: Path) -> None:
    ended = clearing("run", case_json, "--server", server)
    assert ended.code == 0
    for words in ("OPTIMAL_WITHIN_GAP", "11,700.00", "every limit is kept", "SOLVER_CLAIMED"):
        assert words in ended.stdout


def test_names_that_look_like_markup_are_text(server: str, tmp_path: Path) -> None:
    case = factory.market(
        load=[80.0, 150.0],
        units=[{"id": "[bold]火电[/nothing]", "p_max": 100, "price": 20}],
        products=[{"id": "[red]up", "requirement": 500.0}],
    )
    path = write(tmp_path, case)
    ended = clearing("run", path, "--server", server)
    assert ended.code == 0
    assert "[red]up" in ended.stdout
    assert list(clearing("run", path, "--server", server, "--json").object["dispatch"]) == ["[bold]火电[/nothing]"]


@pytest.mark.slow
def test_without_a_server_one_is_started_in_a_fresh_process(case_json: Path) -> None:
    command = [sys.executable, "-m", "clearing.cli.main", "run", str(case_json), "--json", "--threads", "1"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    check(answer)
    assert answer["objective"] == pytest.approx(11_700)


@pytest.mark.slow
def test_no_server_at_the_address_is_no_solution(case_json: Path) -> None:
    ended = clearing("run", case_json, "--server", f"127.0.0.1:{free_port()}", "--json")
    assert ended.code == 3
    assert ended.object["status"] == "UNAVAILABLE"
    assert ended.object["findings"]


TABLES = {
    *("termination", "costs", "bindings", "violations", "findings", "initial_commitment", "commitment", "starts"),
    *("dispatch", "reserves", "flows", "prices", "price_series", "price_setters", "settlement_prices"),
    *("settlement_series", "multipliers", "make_whole"),
}
EXPLAINED = [
    f"explained_{name}" for name in ("spells", "on", "off", "limits", "broken", "reliefs", "shortages", "remedies")
]


def test_out_folder_holds_result_tables_and_report(out: Path) -> None:
    assert {p.name for p in out.iterdir()} == {
        "request.binpb",
        "result.json",
        "run_info.json",
        "report.html",
        *(f"{name}.csv" for name in (*TABLES, *EXPLAINED)),
    }
    html = (out / "report.html").read_text(encoding="utf-8")
    assert "solve.gap = 0.0005" in html
    assert json.loads((out / "run_info.json").read_text())["request_id"] in html


def test_out_that_cannot_be_used_is_said_before_the_run(server: str, case_json: Path) -> None:
    ended = clearing("run", case_json, "--server", server, "--out", case_json, "--json")
    assert ended.code == 2
    assert ended.object["findings"][0]["code"] == "OUT_NOT_USABLE"
    assert "commit" not in ended.stderr


def test_json_numbers_are_not_rounded(server: str, tmp_path: Path) -> None:
    case = factory.market(load=[np.pi * 10], units=[{"id": "g", "p_max": 100, "price": 20.123456789}])
    answer = clearing("run", write(tmp_path, case), "--server", server, "--json").object
    assert answer["dispatch"]["g"][0] == pytest.approx(np.pi * 10, abs=1e-9)


def test_pricing_schemes_side_by_side(tmp_path: Path) -> None:
    """LMP leaves 660 of the day unpaid, its make-whole payments; no prices leave less than 280.607."""
    scenario = Path(__file__).parents[2] / "scenarios" / "three-bus"
    ended = clearing("run", scenario, "--price-schemes", "--out", tmp_path)
    assert ended.code == 0, ended.stderr
    rows = (tmp_path / "price_schemes.csv").read_text(encoding="utf-8-sig").splitlines()
    table = {row.split(",")[0]: dict(zip(rows[0].split(","), row.split(","), strict=True)) for row in rows[1:]}
    assert list(table) == ["LMP", "ELMP", "CONVEX_HULL"]
    assert float(table["LMP"]["total_uplift"]) == pytest.approx(660.0, abs=1e-6)
    assert float(table["CONVEX_HULL"]["total_uplift"]) == pytest.approx(280.607142857, abs=1e-6)
    assert float(table["CONVEX_HULL"]["dual_gap"]) <= 1e-6
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "Pricing schemes side by side" in page
    assert "280.61" in page
