"""Cycles, orders and applications judged through the page: forms in, pages out."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import quote

import pytest
from google.protobuf import json_format

from clearing.cli.judging import KINDS
from clearing.console.page_routes import JUDGED
from clearing.console.serve import Opened
from tests.admission import applications, orders
from tests.console.conftest import Reply, send
from tests.settlement.months import worked


def test_what_the_page_offers_is_what_the_command_line_judges() -> None:
    assert list(JUDGED) == list(KINDS)


BOUNDARY = "part-of-a-form"


def judge(page: Opened, kind: str, data: bytes, name: str = "request.json", rules: str = "", **headers: str) -> Reply:
    parts = [f'name="{field}"\r\n\r\n{value}'.encode() for field, value in (("kind", kind), ("rules", rules))]
    parts.append(f'name="file"; filename="{name}"\r\nContent-Type: application/json\r\n\r\n'.encode() + data)
    lines = [b"--" + BOUNDARY.encode() + b"\r\nContent-Disposition: form-data; " + part + b"\r\n" for part in parts]
    whole = b"".join(lines) + f"--{BOUNDARY}--\r\n".encode()
    return send(page, "POST", "/api/judged", whole, Content_Type=f"multipart/form-data; boundary={BOUNDARY}", **headers)


def shown(page: Opened, reply: Reply) -> str:
    assert reply.status == 201
    return send(page, "GET", f"/judged/{quote(reply.object['id'])}").data.decode()


def as_json(request: Any) -> bytes:
    return json_format.MessageToJson(request).encode()


def test_an_application_leaves_the_page_of_its_work_order(opened: Opened) -> None:
    reply = judge(opened, "entry", as_json(applications.direct()), "入市 <b>.json")
    page = shown(opened, reply)
    assert '<strong class="good">VALID</strong>' in page
    assert "<b>" not in page
    inside = send(opened, "GET", f"/judged/{quote(reply.object['id'])}/files/entry.html").data.decode()
    assert "20240824009" in inside
    assert reply.object["id"] in send(opened, "GET", "/").data.decode()


def test_an_application_that_is_refused_shows_every_finding_with_its_field(opened: Opened) -> None:
    page = shown(opened, judge(opened, "entry", as_json(applications.new_unit(promise_accepted=False, file="x.exe"))))
    assert '<strong class="bad">INVALID</strong>' in page
    assert len(re.findall("<td>ERROR</td>", page)) >= 2


def test_orders_are_judged_under_the_rule_set_that_the_form_names(opened: Opened) -> None:
    request = orders.worked()
    orders.order(request, "G", orders.SELL, 9)
    reply = judge(opened, "positions", as_json(request), rules="shandong-trial")
    page = shown(opened, reply)
    assert "ENERGY_BELOW_LEAST" in page
    assert "rules shandong-trial" in page
    assert "0001_G.html" in page
    table = send(opened, "GET", f"/judged/{quote(reply.object['id'])}/files/0001_G_orders.csv")
    assert table.headers["Content-Disposition"].startswith("attachment")


def test_a_cycle_is_settled_and_its_statements_are_pages(opened: Opened) -> None:
    page = shown(opened, judge(opened, "settle", as_json(worked())))
    assert '<strong class="good">VALID</strong>' in page
    assert "public.html" in page


@pytest.mark.parametrize("kind", ["settle", "positions", "entry"])
@pytest.mark.parametrize("data", [b"", b"{", b'{"nothing": 1}', b"\xff\x00", b"[]"])
def test_what_is_no_such_request_is_told_at_its_place(opened: Opened, kind: str, data: bytes) -> None:
    page = shown(opened, judge(opened, kind, data))
    assert '<strong class="bad">INVALID</strong>' in page
    assert "<td>ERROR</td>" in page


def test_an_unknown_rule_set_and_an_unknown_kind(opened: Opened) -> None:
    page = shown(opened, judge(opened, "entry", as_json(applications.direct()), rules="<i>mars</i>"))
    assert '<strong class="bad">INVALID</strong>' in page
    assert "<i>" not in page
    assert judge(opened, "clear", b"{}").status == 400


def test_a_page_from_elsewhere_may_not_judge_and_nothing_else_is_served(opened: Opened) -> None:
    assert judge(opened, "entry", b"{}", Origin="http://example.com").status == 403
    name = quote(judge(opened, "entry", b"{}").object["id"])
    for path in ("../verdict.json", ".verdict.json.part", "none.html"):
        assert send(opened, "GET", f"/judged/{name}/files/{quote(path, safe='')}").status == 404
    assert send(opened, "DELETE", f"/api/judged/{name}").status == 204
    assert send(opened, "GET", f"/judged/{name}").status == 404
