"""`clearing validate --declarations`: offers judged with what is declared beside the case, over gRPC."""

from __future__ import annotations

from pathlib import Path

from tests import factory
from tests.cli.conftest import clearing, write


def test_a_declared_rating_decides_the_size_class(server: str, tmp_path: Path) -> None:
    unit = {"id": "u", "p_min": 240, "p_max": 400, "blocks": [(240, 300), (160, 320)], "min_up": 14400, "min_down": 120}
    case = write(tmp_path, factory.market([300.0], units=[unit]))
    bare = clearing("validate", case, "--rules", "shandong-trial", "--server", server, "--json")
    (fault,) = [f for f in bare.object["findings"] if f["severity"] == "ERROR"]
    assert bare.code == 2
    assert (fault["code"], fault["subject"], fault["value"], fault["limit"]) == (
        "MIN_UP_ABOVE_CLASS", "u", "14400", "4320",
    )  # fmt: skip
    assert fault["clause"].endswith("no. 18")
    declared = tmp_path / "declared.json"
    declared.write_text('{"unit": ["u"], "unit_rated_mw": [1000]}', encoding="utf-8")
    asked = ("validate", case, "--rules", "shandong-trial", "--server", server, "--json", "--declarations", declared)
    assert clearing(*asked).code == 0
    declared.write_text('{"unit": ["no"], "unit_rated_mw": [1000]}', encoding="utf-8")
    refused = clearing(*asked)
    assert refused.code == 2
    assert [f["code"] for f in refused.object["findings"]] == ["UNKNOWN_ID"]


def test_a_clearing_judges_offers_with_what_is_declared(server: str, tmp_path: Path) -> None:
    """The same unit: cleared as one of the 1000 MW class, refused with the clause as one of 400 MW."""
    unit = {"id": "u", "p_min": 240, "p_max": 400, "blocks": [(240, 300), (160, 320)], "min_up": 14400,
            "min_down": 120, "on": True, "mw": 300}  # fmt: skip
    case = write(tmp_path, factory.market([300.0], units=[unit]))
    asked = ("run", case, "--rules", "shandong-trial", "--server", server, "--json")
    refused = clearing(*asked)
    assert refused.code == 2
    (fault,) = [f for f in refused.object["findings"] if f["code"] == "MIN_UP_ABOVE_CLASS"]
    assert fault["clause"].endswith("no. 18")
    declared = tmp_path / "declared.json"
    declared.write_text('{"unit": ["u"], "unit_rated_mw": [1000]}', encoding="utf-8")
    assert clearing(*asked, "--declarations", declared).code == 0
