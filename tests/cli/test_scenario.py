"""`clearing scenario` on the three buses."""

from __future__ import annotations

import json
from pathlib import Path

from clearing.formats.registry import read_with
from tests.cli.conftest import clearing

THREE_BUS = Path(__file__).resolve().parents[2] / "scenarios" / "three-bus"


def test_list_and_show() -> None:
    found = clearing("scenario", "list", THREE_BUS.parent, "--json").object["scenarios"]
    assert {one["name"] for one in found} >= {"three-bus", "province", "rts-gmlc"}
    told = next(one for one in found if one["name"] == "three-bus")
    assert told["source"] == "path case"
    assert "three-bus" in clearing("scenario", "list", THREE_BUS.parent).stdout
    facts = clearing("scenario", "show", THREE_BUS, "--json").object
    assert (facts["units"], facts["buses"], facts["periods"], facts["load_mwh"]) == (3, 3, 4, 232.5)
    assert facts["provenance"] is None


def test_patch_diff_and_back(tmp_path: Path) -> None:
    out, found, again = tmp_path / "case.json", tmp_path / "found.json", tmp_path / "again.json"
    short = ("--outage", "branch:AB@10:30-11:00", "--load", "1.05", "--fuel-price", "coal=1.1")
    told = clearing("scenario", "patch", THREE_BUS, *short, "-o", out, "--json").object
    assert {(d["table"], d["id"]) for d in told["differences"]} == {
        ("loads", "load-C"), ("network.branch_outages", "AB"), ("network.branch_outages", ""), ("units", "G1"),
        ("units.offers", "G1"), ("units.start_costs", "G1"),
    }  # fmt: skip
    assert read_with(out, "auto", {}).units.offers.price_per_mwh[0, 0] == 20.0 * 1.1
    assert clearing("scenario", "diff", THREE_BUS, out, "--as-patch", found).code == 0
    assert clearing("scenario", "patch", THREE_BUS, "--patch", found, "-o", again).code == 0
    assert again.read_bytes() == out.read_bytes()
    assert "0 differences" in clearing("scenario", "diff", out, again).stdout


def test_make_says_where_it_comes_from(tmp_path: Path) -> None:
    patch = tmp_path / "windy.json"
    patch.write_text(json.dumps({"changes": [{"change": "noise", "what": "load", "sigma": 0.1, "seed": 7}]}))
    made = tmp_path / "made"
    how = ("--from", THREE_BUS, "--patch", patch, "--story", "A test")
    told = clearing("scenario", "make", made, *how, "--json").object
    facts = clearing("scenario", "show", made, "--json").object
    known = facts["provenance"]
    assert known == told["provenance"]
    assert (known["seeds"], known["patches"][0]["name"]) == ([7], "windy")
    assert known["digest"] == facts["digest"]
    assert known["base"]["digest"] == clearing("scenario", "show", THREE_BUS, "--json").object["digest"]
    assert clearing("scenario", "list", tmp_path, "--json").object["scenarios"][0]["story"] == "A test"
    again = clearing("scenario", "make", made, "--from", THREE_BUS, "--load", 2, "--json")
    assert (again.code, again.object["findings"][0]["code"]) == (2, "OUT_NOT_USABLE")


def test_what_cannot_be_used_is_one_json_object(tmp_path: Path) -> None:
    def code(*arguments: object) -> tuple[int, str]:
        ended = clearing("scenario", *arguments, "--json")
        return ended.code, ended.object["findings"][0]["code"]

    out = tmp_path / "c.json"
    assert code("patch", THREE_BUS, "-o", out) == (2, "USAGE")
    assert code("patch", "-o", out) == (2, "USAGE")
    assert code("patch", THREE_BUS, "-o", out, "--outage", "G1") == (2, "USAGE")
    assert code("patch", THREE_BUS, "-o", out, "--outage", "unit:G9") == (2, "UNKNOWN_ID")
    assert code("patch", THREE_BUS, "-o", out, "--fuel-price", "wood=2") == (2, "BAD_PATCH")
    assert code("patch", THREE_BUS, "-o", out, "--reserve", "2") == (2, "NOTHING_TO_CHANGE")
    assert code("sweep", tmp_path / "none.toml", "-o", out) == (2, "FILE_NOT_FOUND")
    assert code("list", tmp_path / "none") == (2, "FILE_NOT_FOUND")
    assert not out.exists()
