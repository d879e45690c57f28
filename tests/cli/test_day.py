"""A market day of two hours on the command line, worked by hand; interrupted, it goes on where it stopped.

base: 50 … 100 MW at 20, on; peak: 10 … 80 MW at 60, start 100. Day-ahead, hours: 80, 90 MW: base alone, 20 twice.
Forecast: 80, 120 MW: the RUC adds peak in the second hour. Real time, quarters: 80 80 84 84, 115 120 120 115 MW: base
at 20 in the first hour; in the second base stands at 100 and peak gives 15 20 20 15 at 60.

    base   day-ahead (80 + 90)·20 = 3400; deviations 2 MWh·20 + 10 MWh·60 = 640
    peak   0; 17.5 MWh·60 = 1050
    load   −3400; −2·20 − 27.5·60 = −1690
"""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from tests import factory
from tests.cli.conftest import Ended, clearing, write

UNITS = [
    {"id": "base", "p_min": 50, "p_max": 100, "price": 20, "on": True, "mw": 80},
    {"id": "peak", "p_min": 10, "p_max": 80, "price": 60, "start_cost": 100},
]
QUARTERS = [80.0, 80.0, 84.0, 84.0, 115.0, 120.0, 120.0, 115.0]


def saved(folder: Path, name: str, loads: list[float], minutes: int) -> Path:
    (folder / name).mkdir()
    return write(folder / name, factory.market(loads, UNITS, period_minutes=minutes))


@pytest.fixture(scope="module")
def cases(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, Path]:
    folder = tmp_path_factory.mktemp("day")
    return (
        saved(folder, "ahead", [80.0, 90.0], 60),
        saved(folder, "real", QUARTERS, 15),
        saved(folder, "forecast", [80.0, 120.0], 60),
    )


def rolled(server: str, cases: tuple[Path, Path, Path], out: Path, *more: object) -> Ended:
    ahead, real, forecast = cases
    options = ("--real-time", real, "--forecast", forecast, "--look-ahead", 3, "--gap", 0, "--out", out)
    return clearing("day", ahead, *options, "--server", server, "--json", *more)


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_both_settlements_of_a_day_add_up(server: str, cases: tuple[Path, Path, Path], tmp_path: Path) -> None:
    ended = rolled(server, cases, tmp_path)
    assert ended.code == 0, ended.stderr
    day = ended.object
    assert (day["status"], day["intervals"], day["added_units"]) == ("AUDITED", 8, ["peak"])
    assert (day["kept"], day["cleared"]) == (0, 10)
    assert day["surplus"] == pytest.approx(0.0, abs=1e-6)
    assert day["amounts"]["load"] == {"ahead": pytest.approx(-3400.0), "real": pytest.approx(-1690.0)}
    assert day["energy"]["unit"] == {"ahead_mwh": pytest.approx(170.0), "real_mwh": pytest.approx(199.5)}
    told = clearing("settle", tmp_path / "settle.json", "--days", "--server", server, "--json").object
    kinds = [each["addressee"].split(":")[0] for each in told["statements"]]
    amounts = [
        -each["total_milli"] / 1000 for each, kind in zip(told["statements"], kinds, strict=True) if kind == "load"
    ]
    assert sum(amounts) == pytest.approx(3400.0 + 1690.0 + 100.0)  # and the start of peak, which its price does not pay
    assert told["totals"]["congestion_ahead_milli"] == 0
    settled = {row["id"]: row for row in rows(tmp_path / "settlement.csv")}
    assert float(settled["base"]["ahead_amount"]) == pytest.approx(3400.0)
    assert float(settled["base"]["real_amount"]) == pytest.approx(640.0)
    assert float(settled["base"]["deviation_mwh"]) == pytest.approx(12.0)
    assert float(settled["peak"]["amount"]) == pytest.approx(1050.0)
    periods = rows(tmp_path / "day.csv")
    assert [float(row["real_price_per_mwh"]) for row in periods] == pytest.approx([20.0] * 4 + [60.0] * 4)
    assert [float(row["ahead_price_per_mwh"]) for row in periods] == pytest.approx([20.0] * 8)
    assert [row["units_other_than_ahead"] for row in periods] == ["0"] * 4 + ["1"] * 4
    assert [-float(row["load_real_mw"]) for row in periods] == pytest.approx(QUARTERS)
    assert rows(tmp_path / "violations.csv") == []
    # what the RUC added gives 17.5 MWh, base the other 12 of the 29.5 MWh that load takes more
    caused = {(row["id"], row["cause"]): float(row["mwh"]) for row in rows(tmp_path / "deviations.csv")}
    assert caused.pop(("base", "redispatch")) == pytest.approx(12.0)
    assert caused.pop(("peak", "reliability")) == pytest.approx(17.5)
    assert list(caused.values()) == pytest.approx([-29.5])
    assert day["causes"]["load_forecast"]["less_mwh"] == pytest.approx(-29.5)
    assert day["audits_failed"] == []
    clearings = rows(tmp_path / "clearings.csv")
    assert [row["clearing"] for row in clearings[:3]] == ["day_ahead", "ruc", "interval_000"]
    assert {row["audited"] for row in clearings} == {"1"}
    assert json.loads((tmp_path / "day.json").read_text()) == {k: v for k, v in day.items() if k != "files"}
    assert "10 clearings" in (tmp_path / "report.html").read_text()


def test_an_interrupted_day_goes_on_and_ends_alike(server: str, cases: tuple[Path, Path, Path], tmp_path: Path) -> None:
    assert rolled(server, cases, tmp_path).code == 0
    whole = {name: (tmp_path / name).read_bytes() for name in ("settlement.csv", "day.csv", "interval_007.binpb")}
    for t in range(5, 8):
        (tmp_path / f"interval_{t:03d}.binpb").unlink()
    (tmp_path / "settlement.csv").unlink()
    again = rolled(server, cases, tmp_path)
    assert again.code == 0, again.stderr
    assert (again.object["kept"], again.object["cleared"]) == (7, 3)
    assert {name: (tmp_path / name).read_bytes() for name in whole} == whole


def test_a_folder_of_another_day_is_refused(server: str, cases: tuple[Path, Path, Path], tmp_path: Path) -> None:
    ahead, real, _ = cases
    assert clearing("day", ahead, "--real-time", real, "--out", tmp_path, "--server", server).code == 0
    (tmp_path / "elsewhere").mkdir()
    other = saved(tmp_path / "elsewhere", "real", [q + 1 for q in QUARTERS], 15)
    ended = clearing("day", ahead, "--real-time", other, "--out", tmp_path, "--server", server, "--json")
    assert (ended.code, [f["code"] for f in ended.object["findings"]]) == (2, ["RESUME_MISMATCH"])
    assert ended.object["findings"][0]["path"] == "interval_000.binpb"
    assert json.loads((tmp_path / "day.json").read_text())["status"] == "AUDITED"  # the other day's, left alone


def test_cases_that_are_not_one_day_are_refused(server: str, cases: tuple[Path, Path, Path], tmp_path: Path) -> None:
    ahead = cases[0]
    (tmp_path / "x").mkdir()
    longer = write(tmp_path / "x", factory.market([80.0] * 12, [*UNITS, {"id": "new"}], period_minutes=15))
    ended = clearing("day", ahead, "--real-time", longer, "--out", tmp_path / "out", "--server", server, "--json")
    assert ended.code == 2
    assert [(f["code"], f["path"]) for f in ended.object["findings"]] == [
        ("CASES_DIFFER", "case.units.id"),
        ("CASES_DIFFER", "case.horizon"),
    ]


def test_without_a_forecast_the_day_ahead_commitment_is_followed(
    server: str, cases: tuple[Path, Path, Path], tmp_path: Path
) -> None:
    """So 15 20 20 15 MW are shed at their penalty, and nobody was added."""
    ended = clearing("day", cases[0], "--real-time", cases[1], "--look-ahead", 2, "--out", tmp_path, "--server", server)
    assert ended.code == 0, ended.stderr
    assert [float(row["amount"]) for row in rows(tmp_path / "violations.csv")] == pytest.approx([15, 20, 20, 15])
    assert "violations in binding periods" in ended.stdout


def test_a_day_settled_under_other_pricing_schemes(server: str, tmp_path: Path) -> None:
    """80 and 120 MW: peak gives 20 in the second hour. LMP 60: 1300 − 20·60 = 100 are not paid. Convex hull price: what
    peak costs at 80 MW, 60 + 100/80 = 61.25: 75 are not paid. Real time is as planned."""
    case = saved(tmp_path, "case", [80.0, 120.0], 60)
    out = tmp_path / "out"
    options = ("--look-ahead", 2, "--gap", 0, "--price-schemes", "--out", out, "--server", server, "--json")
    ended = clearing("day", case, *options)
    assert ended.code == 0, ended.stderr
    assert {"settle.json", "settle_elmp.json", "settle_convex_hull.json"} <= set(ended.object["files"])
    found = {}
    for name in ("settle", "settle_convex_hull"):
        told = clearing("settle", out / f"{name}.json", "--server", server, "--json").object
        money = dict(zip(told["totals"]["account"], told["totals"]["account_money_milli"], strict=True))
        found[name] = tuple(money.get(f"SETTLEMENT_ACCOUNT_COMPENSATION_{market}", 0) for market in ("AHEAD", "REAL"))
        paid = {s["addressee"]: s["total_milli"] for s in told["statements"]}
        assert paid["unit:peak"] == 1_300_000
    assert found == {"settle": (100_000, 0), "settle_convex_hull": (75_000, 0)}
