"""`clearing limit-prices` over gRPC: a day over the limit, the state that goes on, bad input, and owners apart."""

from __future__ import annotations

import json
from pathlib import Path

from tests.cli.conftest import clearing

DAY = {
    "day": {
        "source": ["a", "b"], "owner": ["x", "y"], "kind": ["SOURCE_KIND_COAL", "SOURCE_KIND_OTHER"],
        "energy_mwh": [10, 30, 10, 50, 1000, 1000, 1000, 1000], "price_per_mwh": [100, 800, 100, 600, 99, 99, 99, 99],
        "system_price_per_mwh": [100, 800, 100, 600], "month": "2026-05", "period_minutes": 15, "periods": 4,
    },
    "prices": {
        "test_300": 400, "remeasured_300": 380, "remeasured_600": 370, "remeasured_1000": 360, "auction_mean": 365,
    },
    "state": {"month": "2026-05", "step": 0, "days_above": 2},
}  # fmt: skip


def test_a_day_over_the_limit_and_the_step_that_follows(server: str, tmp_path: Path) -> None:
    """Mean of the coal unit 560 over 420: factor 0.75; the third day above brings the next step."""
    path = tmp_path / "day.json"
    path.write_text(json.dumps(DAY), encoding="utf-8")
    found = clearing("limit-prices", path, "--server", server, "--json").object
    assert (found["mean_per_mwh"], found["limit_per_mwh"], found["factor"]) == (560.0, 420.0, 0.75)
    assert found["scaled_system_price_per_mwh"] == [75.0, 600.0, 75.0, 450.0]
    assert found["state"] == {"month": "2026-05", "step": 1}
    own = {owner["owner_id"]: owner for owner in found["owners"]}
    assert own["x"]["scaled_per_mwh"] == [75.0, 600.0, 75.0, 450.0]
    assert own["x"]["source"] == ["a"]
    assert own["y"]["scaled_per_mwh"] == [74.25]
    assert clearing("limit-prices", path, "--server", server).code == 0


def test_every_fault_is_named_at_once(server: str, tmp_path: Path) -> None:
    path = tmp_path / "day.json"
    day = DAY["day"] | {"energy_mwh": [-1] + [1] * 7, "month": "May", "kind": ["SOURCE_KIND_COAL", 0]}
    path.write_text(json.dumps({**DAY, "day": day, "state": {"step": 9}, "prices": {}}), encoding="utf-8")
    refused = clearing("limit-prices", path, "--server", server, "--json")
    assert refused.code == 2
    assert {
        ("OUT_OF_RANGE", "day.energy_mwh[0]"), ("BAD_DATE", "day.month"), ("UNKNOWN_ENUM", "day.kind[1]"),
        ("OUT_OF_RANGE", "state.step"), ("OUT_OF_RANGE", "prices.auction_mean"),
    } <= {(f["code"], f["path"]) for f in refused.object["findings"]}  # fmt: skip
