"""`clearing positions` over gRPC: verdicts, limits, settings, exit codes."""

from __future__ import annotations

from pathlib import Path

from tests.admission import orders
from tests.cli.conftest import clearing
from tests.cli.test_settling import written


def test_positions_over_grpc(server: str, tmp_path: Path) -> None:
    request = orders.worked()
    orders.order(request, "G", orders.SELL, 10)
    file = written(tmp_path / "orders.json", request)
    found = clearing("positions", file, "--server", server, "--json", "--split")
    assert found.code == 0
    assert found.object["status"] == "VALID"
    position = found.object["positions"][0]
    assert (position["accepted"], sum(position["split_kwh"])) == ([1], 10_000)
    told = clearing("positions", file, "--server", server)
    assert "180000.000" in told.stdout


def test_an_order_that_is_refused_ends_with_2(server: str, tmp_path: Path) -> None:
    request = orders.worked()
    name = orders.order(request, "G", orders.SELL, 9)
    file = written(tmp_path / "orders.json", request)
    found = clearing("positions", file, "--server", server, "--json")
    assert (found.code, found.object["status"]) == (2, "INVALID")
    (fault,) = found.object["findings"]
    assert (fault["code"], fault["subject"]) == ("ENERGY_BELOW_LEAST", name)
    assert fault["clause"].endswith("no. 26")
    small = "positions.bilateral.least_kwh=1000"
    assert clearing("positions", file, "--server", server, "--rules", "shandong-trial", "--set", small).code == 0
