"""`clearing charge-deviations` over gRPC: both versions, rewards by mileage, gains paid back, owners apart."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import clearing

REQUEST = {
    "class_c": {
        "unit": ["m"], "owner": ["x"], "kind": ["DEVIATION_KIND_MARKET"], "actual_mwh": [110, 95],
        "contract_mwh": [100], "approved_per_mwh": [390], "contract_mean_per_mwh": [410, 420],
        "auction_per_mwh": [0, 370], "period_without_auction": [0], "auction_mean_per_mwh": 380, "periods": 2,
    },
    "plans": {
        "unit": ["m"], "owner": ["x"], "plan_mw": [100, 100], "actual_mw": [97, 104], "agent_price_per_mwh": 400,
        "period_minutes": 60, "periods": 2,
    },
    "mileage": {"unit": ["r", "s"], "owner": ["y", "z"], "mileage_mw": [30, 0, 10, 0]},
    "declared": {
        "participant": ["w", "u"], "owner": ["y", "z"], "kind": ["DECLARED_KIND_RENEWABLE", "DECLARED_KIND_USER"],
        "declared_mwh": [100, 130], "actual_mwh": [110, 100], "ahead_per_mwh": [300, 300], "real_per_mwh": [400, 350],
        "periods": 1,
    },
}  # fmt: skip


def owners(path: Path, server: str, rules: str) -> tuple[dict[str, dict[str, object]], float]:
    found = clearing("charge-deviations", path, "--rules", rules, "--server", server, "--json").object
    return {own.get("owner_id", ""): own for own in found["owners"]}, found.get("undistributed", 0.0)


def test_both_versions_and_who_gets_it(server: str, tmp_path: Path) -> None:
    """2024: 10 · 390, −5 · 420; 3 and 4 MWh at 400, shared 3 : 1 and by nobody. 2025-4: none of it."""
    path = tmp_path / "period.json"
    path.write_text(json.dumps(REQUEST), encoding="utf-8")
    of, left = owners(path, server, "fujian-2024")
    assert of["x"]["class_c_charge"] == [3900.0, -2100.0]
    assert of["x"]["article_61_charge"] == [2800.0]
    assert (of["y"]["regulation_reward"], of["z"]["regulation_reward"], left) == ([900.0], [300.0], 1600.0)
    assert "article_61_unit" not in of["y"]
    of, left = owners(path, server, "fujian-2025-4")
    assert of["x"]["class_c_charge"] == [3800.0, -2100.0]
    assert (of["x"]["article_61_charge"], of["y"]["regulation_reward"], left) == ([0.0], [0.0], 0.0)


def test_gains_of_shandong_are_paid_back(server: str, tmp_path: Path) -> None:
    """w: 5 % of 10 · 100. u declares 30 of 100 too many and gains 30 · 50; 10 of them are beyond 20 %: 10 · 50."""
    path = tmp_path / "period.json"
    path.write_text(json.dumps(REQUEST), encoding="utf-8")
    of, _ = owners(path, server, "shandong-trial")
    assert of["y"]["declared_recovery"] == pytest.approx([50.0])
    assert of["z"]["declared_recovery"] == pytest.approx([500.0])
    assert clearing("charge-deviations", path, "--server", server).code == 0


def test_every_fault_is_named_at_once(server: str, tmp_path: Path) -> None:
    path = tmp_path / "period.json"
    wrong = {**REQUEST, "plans": {}, "declared": {**REQUEST["declared"], "kind": ["DECLARED_KIND_USER", 9]}}
    wrong["mileage"] = {"unit": ["r", "r"], "mileage_mw": [-1, 1]}
    path.write_text(json.dumps(wrong), encoding="utf-8")
    refused = clearing("charge-deviations", path, "--server", server, "--json")
    assert refused.code == 2
    assert {
        ("REQUIRED", "plans.unit"), ("DUPLICATE_ID", "mileage.unit[1]"), ("UNKNOWN_ENUM", "declared.kind[1]"),
    } <= {(f["code"], f["path"]) for f in refused.object["findings"]}  # fmt: skip
