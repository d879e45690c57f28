"""`clearing check-prices` on an interval that `clearing day --keep-cases` left, and on what it cannot check."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import clearing
from tests.cli.test_day import cases, rolled  # noqa: F401  # cases is a fixture

Cases = tuple[Path, Path, Path]


@pytest.fixture(scope="module")
def day(server: str, cases: Cases, tmp_path_factory: pytest.TempPathFactory) -> Path:  # noqa: F811
    out = tmp_path_factory.mktemp("checked")
    assert rolled(server, cases, out, "--keep-cases").code == 0
    return out


def checked(server: str, day: Path, metered: object, *more: object):  # type: ignore[no-untyped-def]
    """Interval 5 (load 120 MW, base at 100, peak gives 20 at 60) against what was metered."""
    file = day / "metered.json"
    file.write_text(json.dumps(metered))
    files = (day / "interval_005.case.json", day / "interval_005.binpb", file)
    return clearing("check-prices", *files, "--server", server, *more)


def test_prices_that_hold(server: str, day: Path) -> None:
    ended = checked(server, day, {"unit_mw": [100, 20]}, "--json")
    assert (ended.code, ended.object["status"]) == (0, "SAME")
    assert ended.object["period_end"] == "01:30"
    assert ended.object["published_mean_per_mwh"] == pytest.approx(60.0)


def test_prices_that_differ(server: str, day: Path) -> None:
    """105 MW came, peak at its 10 MW least: base gives the rest and sets 20."""
    ended = checked(server, day, {"unit_mw": [95, 10], "load_mw": [105]}, "--json")
    assert (ended.code, ended.object["status"]) == (0, "DIFFERENT")
    of = ended.object["differences"]
    assert (of["published_per_mwh"], of["again_per_mwh"]) == ([pytest.approx(60.0)], [pytest.approx(20.0)])
    assert ended.object["metered"]["load_mw"] == pytest.approx(-15.0)
    shown = checked(server, day, {"unit_mw": [95, 10], "load_mw": [105]})
    assert "DIFFERENT  1 buses differ" in shown.stdout
    assert "load -15.0 MW" in shown.stdout


def test_what_is_wrong_with_the_measurements_is_said(server: str, day: Path) -> None:
    ended = checked(server, day, {"unit_mw": [95]}, "--json")
    assert (ended.code, [(f["code"], f["path"]) for f in ended.object["findings"]]) == (
        2,
        [("WRONG_LENGTH", "metered.unit_mw")],
    )
    ended = checked(server, day, {"units": [95]}, "--json")
    assert (ended.code, ended.object["findings"][0]["code"]) == (2, "BAD_JSON")
