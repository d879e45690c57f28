"""What the pages ask for, over the socket."""

from __future__ import annotations

import io
import json
import re
import zipfile
from pathlib import Path

import pytest

from clearing.cli.console import writers
from clearing.client import Endpoint
from clearing.console import guard
from clearing.console.serve import Opened
from tests.cli.conftest import clearing
from tests.console.conftest import ended, send

HIGH_MINIMUM = {"sheet": "units", "field": "p_min_mw", "row": 0, "period": None, "value": "500"}
MORE_LOAD = {"sheet": "loads", "field": "mw", "row": 0, "period": 2, "value": "155"}


def test_a_check_names_the_cell_and_saves_nothing(opened: Opened) -> None:
    told = send(opened, "POST", "/api/cases/three-bus/check", {"edits": [HIGH_MINIMUM]}).object
    assert told["valid"] is False
    first = told["findings"][0]
    assert (first["code"], first["cell"]["sheet"], first["cell"]["row"]) == ("P_MIN_ABOVE_P_MAX", "units", 0)
    assert send(opened, "POST", "/api/cases/three-bus/check", {"edits": []}).object == {"valid": True, "findings": []}


def test_a_value_that_is_no_number_is_a_finding_at_its_cell(opened: Opened) -> None:
    edit = {**MORE_LOAD, "value": "<b>much</b>"}
    told = send(opened, "POST", "/api/cases/three-bus/check", {"edits": [edit]}).object
    assert [(f["code"], f["cell"]["period"]) for f in told["findings"]] == [("BAD_VALUE", 2)]


def test_a_run_with_an_edit_leaves_what_the_command_line_leaves(opened: Opened) -> None:
    reply = send(opened, "POST", "/api/runs", {"case": "three-bus", "edits": [MORE_LOAD], "reproducible": True})
    assert reply.status == 201
    name = reply.object["id"]
    facts = ended(opened, name)
    assert (facts["state"], facts["audit_passed"]) == ("done", True)
    folder = opened.house.workspace.run_folder(name)
    assert json.loads((folder / "case.json").read_text())["loads"]["mw"][2] == 155
    assert clearing("replay", folder, "--server", opened.house.runs.server.address).code == 0
    whole = zipfile.ZipFile(io.BytesIO(send(opened, "GET", f"/runs/{name}/all.zip").data))
    assert {f"{name}/{f}" for f in ("result.json", "prices.csv", "report.html", "case.json")} <= set(whole.namelist())


def test_a_run_of_a_bad_case_is_refused_with_its_findings(opened: Opened) -> None:
    runs = len(opened.house.workspace.list_runs())
    reply = send(opened, "POST", "/api/runs", {"case": "three-bus", "edits": [HIGH_MINIMUM]})
    assert reply.status == 422
    assert reply.object["findings"][0]["code"] == "P_MIN_ABOVE_P_MAX"
    assert len(opened.house.workspace.list_runs()) == runs


def test_every_table_of_a_run_is_shown(opened: Opened) -> None:
    name = send(opened, "POST", "/api/runs", {"case": "three-bus"}).object["id"]
    assert ended(opened, name)["state"] == "done"
    page = send(opened, "GET", f"/runs/{name}").data.decode()
    tables = re.findall(r'data-table="(\w+)"', page)
    assert {"prices", "dispatch", "flows", "bindings"} <= set(tables)
    for table in tables:
        assert send(opened, "GET", f"/api/runs/{name}/tables/{table}").status == 200
    prices = send(opened, "GET", f"/api/runs/{name}/tables/prices?find=C").object
    assert prices["columns"] == ["bus", "zone", "10:30", "11:00", "11:30", "12:00"]
    assert [row[:2] for row in prices["rows"]] == [["C", "east"]]


def test_a_run_that_an_earlier_console_left_is_lost(server: str, tmp_path: Path) -> None:
    with Opened(tmp_path, Endpoint(server), "127.0.0.1:0", writers(), {}) as page:
        name = page.house.workspace.new_run("x", "{}", {"state": "running", "case": "x"})
        assert send(page, "GET", f"/api/runs/{name}").object["state"] == "lost"
        assert "lost" in send(page, "GET", f"/runs/{name}").data.decode()


@pytest.mark.parametrize(
    "path",
    [
        "/api/cases/..%2f..%2fx/sheets/units", "/cases/none", "/runs/none", "/api/runs/none", "/runs/none/files/a",
        "/api/cases/three-bus/sheets/none", "/api/cases/three-bus/sheets/units?series=none", "/none",
    ],
)  # fmt: skip
def test_what_is_not_there_is_said(opened: Opened, path: str) -> None:
    assert send(opened, "GET", path).status == 404


@pytest.mark.parametrize(
    "body", [b"{", b"[]", {"edits": 3}, {"edits": [3]}, {"edits": [{"row": "1"}]}, {"gap": "x"}, {"gap": 2}]
)
def test_what_no_page_sends_is_refused(opened: Opened, body: object) -> None:
    given = {"case": "three-bus", **body} if isinstance(body, dict) else body
    assert send(opened, "POST", "/api/runs", given).status == 400


def test_pages_of_others_can_neither_change_nor_read(opened: Opened) -> None:
    for origin in ("http://evil.example", "null", ""):
        assert send(opened, "POST", "/api/runs", {"case": "three-bus"}, Origin=origin).status == 403
        assert send(opened, "DELETE", "/api/cases/three-bus", Origin=origin).status == 403
    assert send(opened, "GET", "/", Host="evil.example").status == 403
    reply = send(opened, "GET", "/")
    assert "script-src 'self';" in reply.headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in reply.headers["Content-Security-Policy"]


@pytest.mark.parametrize("path", ["/api/cases", "/api/judged", "/api/runs"])
@pytest.mark.parametrize("announced", [True, False])
def test_no_request_is_read_beyond_the_limit(
    opened: Opened, path: str, announced: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether the browser says how much is coming or sends it in chunks."""
    monkeypatch.setattr(guard, "MOST_BYTES", 10_000)
    head = b'--x\r\nContent-Disposition: form-data; name="files"; filename="a.json"\r\n\r\n'
    form = head + b" " * 20_000 + b"\r\n--x--\r\n"
    given = {"Content-Type": "multipart/form-data; boundary=x"}
    reply = send(opened, "POST", path, form if announced else iter([form[:5_000], form[5_000:]]), **given)
    assert reply.status == 422
    assert [f["code"] for f in reply.object["findings"]] == ["TOO_LARGE_UPLOAD"]


def test_pages_load_nothing_from_elsewhere(opened: Opened) -> None:
    for path in ("/", "/cases/three-bus", "/static/case.js", "/static/run.js", "/static/console.css"):
        text = send(opened, "GET", path).data.decode().replace("http://www.w3.org/2000/svg", "")
        assert "http://" not in text
        assert "https://" not in text


def test_the_console_refuses_to_listen_for_everyone(tmp_path: Path) -> None:
    told = clearing("console", "--listen", "0.0.0.0:0", "--folder", tmp_path / "w", "--no-open")
    assert told.code == 2
    assert "--anyone" in told.stderr
    assert clearing("console", "--listen", "nowhere", "--no-open", "--folder", tmp_path / "w").code == 2
