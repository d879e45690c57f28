"""`clearing market-power` over gRPC: one JSON object, a page, bad input refused, and nobody sees another's offers."""

from __future__ import annotations

import json
from pathlib import Path

from clearing.wire import digest, write_case
from tests import factory
from tests.cli.conftest import clearing, write
from tests.report.test_html import Page

UNITS = [
    {"id": "big", "owner": "large", "p_max": 100, "blocks": [(5, 300), (95, 987.25)]},
    {"id": "a", "owner": "small", "p_max": 70, "price": 311.5},
    {"id": "b", "owner": "other", "p_max": 70, "price": 322.75},
]
COSTS = {"resource": ["big", "a", "b"], "cost_per_mwh": [300.0, 300.0, 300.0]}


def files(folder: Path) -> tuple[Path, Path]:
    case = write(folder, factory.market([150.0, 60.0], units=UNITS))
    costs = folder / "costs.json"
    costs.write_text(json.dumps(COSTS), encoding="utf-8")
    return case, costs


def test_mitigation_with_both_clearings_side_by_side_and_a_page(server: str, tmp_path: Path) -> None:
    case, costs = files(tmp_path)
    page = tmp_path / "power.html"
    ended = clearing(
        "market-power", case, "--costs", costs, "--mitigate", "--server", server, "--json", "--out", page,
    )  # fmt: skip
    assert ended.code == 0, ended.stdout
    found = ended.object
    assert found["supervision"]["failing_conduct"] == ["large"]
    assert found["impact"]["applied"] is True
    assert round(found["impact"]["price_fall_per_mwh"][0], 6) == 597.25
    assert found["original"]["audit"]["passed"] is True
    assert found["mitigated"]["audit"]["passed"] is True
    assert found["original"]["case_digest"] == found["case_digest"]
    replaced = [(5, 300), (95, 390)]
    now = factory.market([150.0, 60.0], units=[UNITS[0] | {"blocks": replaced}, *UNITS[1:]])
    assert found["mitigated"]["case_digest"] == digest.of(write_case.case(now))
    (large,) = [g for g in found["groups"] if g["group_id"] == "large"]
    assert large["offers"]["offer_per_mwh"] == [987.25]
    assert large["offers"]["replaced_by_per_mwh"] == [390.0]
    assert large["offers"]["reason"] == ["OFFER_TEST_REASON_ABOVE_ALLOWED"]
    html = page.read_text(encoding="utf-8")
    assert "Rounds of replacement" in html
    assert "987.25" in html


def test_offers_of_one_owner_stand_in_no_message_of_another(server: str, tmp_path: Path) -> None:
    """Every price that only `large` offers, in the parts for everybody, for other groups and in the log."""
    case, costs = files(tmp_path)
    asked = (
        "market-power",
        case,
        "--costs",
        costs,
        "--server",
        server,
        "--json",
        "--set",
        "market_power.conduct.scope=all",
    )
    found = clearing(*asked).object
    others = [g for g in found["groups"] if g["group_id"] != "large"]
    shared = {key: found[key] for key in found if key not in {"groups", "supervision"}}
    assert "987.25" in json.dumps(found["groups"])
    for hidden in ("987.25", "311.5", "322.75"):
        assert hidden not in json.dumps(shared)
    assert "987.25" not in json.dumps(others)


def test_after_a_result_its_profits_are_told(server: str, tmp_path: Path) -> None:
    case, costs = files(tmp_path)
    out = tmp_path / "out"
    assert clearing("run", case, "--server", server, "--out", out).code == 0
    ended = clearing("market-power", case, out / "result.json", "--costs", costs, "--server", server, "--json")
    found = ended.object
    assert "original" not in found
    assert "mitigated" not in found
    (large,) = [g for g in found["groups"] if g["group_id"] == "large"]
    assert large["profit"]["excess"] > 0.0
    assert clearing("market-power", case, "--server", server).code == 0


def test_bad_input_is_refused_with_every_finding_at_once(server: str, tmp_path: Path) -> None:
    case, costs = files(tmp_path)
    wrong = {"resource": ["big", "big", "no"], "cost_per_mwh": [300.0, 300.0, 1e9],
             "gas": {"unit": ["big"], "lng_price_per_tonne": -1.0}}  # fmt: skip
    costs.write_text(json.dumps(wrong), encoding="utf-8")
    ended = clearing("market-power", case, "--costs", costs, "--server", server, "--json")
    assert ended.code == 2
    assert {
        ("DUPLICATE_ID", "approved_costs.resource[1]"), ("UNKNOWN_ID", "approved_costs.resource[2]"),
        ("OUT_OF_RANGE", "approved_costs.cost_per_mwh[2]"), ("CONTRADICTION", "approved_costs.gas.unit[0]"),
        ("OUT_OF_RANGE", "approved_costs.gas.lng_price_per_tonne"),
        ("OUT_OF_RANGE", "approved_costs.gas.nm3_per_tonne"),
    } <= {(f["code"], f["path"]) for f in ended.object["findings"]}  # fmt: skip


def test_a_result_of_another_case_is_refused(server: str, tmp_path: Path) -> None:
    case, costs = files(tmp_path)
    out = tmp_path / "out"
    assert clearing("run", case, "--server", server, "--out", out).code == 0
    other = tmp_path / "other"
    other.mkdir()
    write(other, factory.market([150.0, 61.0], units=UNITS))
    asked = ("market-power", other / "case.json", out / "result.json", "--costs", costs, "--server", server, "--json")
    refused = clearing(*asked)
    assert refused.code == 2
    assert refused.object["findings"]


def test_shaanxi_over_the_days_of_a_month(server: str, tmp_path: Path) -> None:
    """Supply 480 over 210: 2.29, f 1.05, p 1.1. R = 550 · 0.42336 · 1.1 = 256.13; the mean is far above 1.05 · 300."""
    case, _ = files(tmp_path)
    known = tmp_path / "known.json"
    given: dict[str, object] = {"coal_per_tonne": 550, "coal_power_per_mwh": 300}
    days = []
    for _ in range(2):
        known.write_text(json.dumps(given), encoding="utf-8")
        asked = ("--rules", "shaanxi", "--set", "offers.min_segments=1", "--benchmarks", known, "--mitigate")
        found = clearing("market-power", case, *asked, "--server", server, "--json").object
        given["recovery"] = found["supervision"]["recovery"]
        days.append({g["group_id"]: g["profit"] for g in found["groups"]}["large"])
    test = found["mean_price"]
    assert (test["above"], test["reference_per_mwh"], test["allowed_mean_per_mwh"]) == (True, 256.13, 315.0)
    assert found["supervision"]["failing_conduct"] == ["large"]
    assert given["recovery"]["month"] == "2026-01"
    assert (days[0]["days"], days[0].get("recovery", 0.0), days[0]["accrued"]) == (1, 0.0, days[0]["excess"])
    assert days[1]["recovery"] == 2 * days[0]["excess"]
    refused = clearing(
        "market-power", case, "--rules", "shaanxi", "--set", "offers.min_segments=1", "--server", server, "--json"
    )
    assert {(f["code"], f["path"]) for f in refused.object["findings"]} == {
        ("REQUIRED", "benchmarks.coal_per_tonne"), ("REQUIRED", "benchmarks.coal_power_per_mwh"),
    }  # fmt: skip


def test_a_run_has_its_page_of_market_power(server: str, tmp_path: Path) -> None:
    """Both pages lead to each other; what the page shows stands in market_power.json."""
    case, costs = files(tmp_path)
    out = tmp_path / "out"
    ended = clearing("run", case, "--market-power", "--costs", costs, "--out", out, "--server", server, "--json")
    assert ended.code == 0, ended.stdout
    assert {"market_power.json", "market_power.html", "report.html"} <= set(ended.object["files"])
    told = json.loads((out / "market_power.json").read_text(encoding="utf-8"))
    assert told["supervision"]["failing_structure"] == ["large"]
    page = (out / "market_power.html").read_text(encoding="utf-8")
    assert 'href="report.html"' in page
    assert 'id="groups"' in page
    assert page.count("<table>") == page.count("</table>") >= 3
    links = [value for _, name, value in Page(page).attributes if name in ("src", "href")]
    assert not [link for link in links if "//" in link]
    assert 'href="market_power.html"' in (out / "report.html").read_text(encoding="utf-8")
    assert clearing("run", case, "--market-power", "--server", server, "--json").code == 2
    costs.write_text('{"resource": ["no"], "cost_per_mwh": [1]}', encoding="utf-8")
    late = tmp_path / "late"
    refused = clearing("run", case, "--market-power", "--costs", costs, "--out", late, "--server", server, "--json")
    assert [f["code"] for f in refused.object["findings"]] == ["UNKNOWN_ID"]
    assert not list(late.iterdir())  # before the search, not after it
    bare = clearing("run", case, "--market-power", "--no-prices", "--out", late, "--server", server, "--json")
    assert bare.code == 0
    assert "market_power.html" not in bare.object["files"]
