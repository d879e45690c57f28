"""Routes of cases: upload, sheets, check, save, download."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from clearing.case.case import Case
from clearing.case.finding import Finding, Severity
from clearing.console import row_changes, sheets, workspace
from clearing.console.runs import finding_object
from clearing.console.uploads import MOST_FILES, Upload, case_of
from clearing.wire import case_file

if TYPE_CHECKING:
    from clearing.console.app import House

MOST_EDITS = 100_000
MOST_ROWS = 200


def house_of(request: Request) -> House:
    """What the routes share."""
    house: House = request.app.state.house
    return house


def facts(case: Case) -> dict[str, Any]:
    """What a list of cases shows."""
    return {
        "name": case.name,
        "day": case.horizon.operating_day.isoformat(),
        "periods": case.horizon.periods,
        "minutes": case.horizon.period_minutes,
        "units": len(case.units.id),
        "renewables": len(case.renewables.id),
        "buses": len(case.network.bus_id),
        "branches": len(case.network.branch_id),
    }


async def upload(request: Request) -> Response:
    """POST of files: the case in them, as a case of the workspace."""
    house = house_of(request)
    async with request.form(max_files=MOST_FILES) as form:
        given = [f for f in form.getlist("files") if isinstance(f, UploadFile)]
        files = [Upload(f.filename or "", await f.read()) for f in given]
    case = await run_in_threadpool(case_of, files)
    wanted = files[0].name.rsplit("/", 1)[-1].split(".")[0] if len(files) == 1 else case.name
    text = await run_in_threadpool(case_file.case_to_json, case)
    name = await run_in_threadpool(house.workspace.save_case, wanted or case.name, text, facts(case))
    return JSONResponse({"id": name}, 201)


def sheet(request: Request) -> Response:
    """GET of a page of a sheet."""
    house, query = house_of(request), request.query_params
    tree = house.workspace.case_tree(house.workspace.case_folder(request.path_params["name"]))
    chosen = sheets.BY_NAME.get(request.path_params["sheet"])
    if chosen is None:
        raise workspace.Unknown(request.path_params["sheet"])
    series = query.get("series", "")
    if series and all(c.field != series for c in sheets.columns(chosen, tree)):
        raise workspace.Unknown(series)
    offset, limit = span(request)
    return JSONResponse(sheets.page(chosen, tree, query.get("find", ""), offset, limit, series))


def span(request: Request) -> tuple[int, int]:
    """Offset and limit of a page of rows; raises NotUnderstood."""
    try:
        offset, limit = (int(request.query_params.get(key, other)) for key, other in (("offset", 0), ("limit", 50)))
    except ValueError:
        raise workspace.NotUnderstood from None
    return max(0, offset), max(1, min(MOST_ROWS, limit))


async def body(request: Request) -> dict[str, Any]:
    """The JSON object of a request; raises NotUnderstood."""
    try:
        found = await request.json()
    except ValueError:
        raise workspace.NotUnderstood from None
    if not isinstance(found, dict):
        raise workspace.NotUnderstood
    return found


async def check(request: Request) -> Response:
    """POST of edits: what is wrong with the case once they are in, each finding with its cell. Nothing is saved."""
    house, asked = house_of(request), await body(request)
    name = request.path_params["name"]
    return JSONResponse(await run_in_threadpool(_check, house, name, asked))


def _check(house: House, name: str, asked: dict[str, Any]) -> dict[str, Any]:
    tree, findings = edited(house, name, asked)
    if not findings:
        _, findings = judged(house, tree, str(asked.get("rules", "generic")))
    return told(findings, tree)


async def save(request: Request) -> Response:
    """POST of edits: the case with them is written, under a new name where one is given."""
    house, asked = house_of(request), await body(request)
    name = request.path_params["name"]
    return await run_in_threadpool(_save, house, name, asked)


def _save(house: House, name: str, asked: dict[str, Any]) -> Response:
    tree, findings = edited(house, name, asked)
    return _kept(house, name, asked, tree, findings)


async def change_rows(request: Request) -> Response:
    """POST of edits and of a row to copy or remove: the case with both is written as `save` writes it."""
    house, asked = house_of(request), await body(request)
    return await run_in_threadpool(_change_rows, house, request.path_params["name"], asked)


def _change_rows(house: House, name: str, asked: dict[str, Any]) -> Response:
    tree, findings = edited(house, name, asked)
    sheet, row = sheets.BY_NAME.get(str(asked.get("sheet"))), asked.get("row")
    if sheet is None or not isinstance(row, int) or asked.get("change") not in ("copy", "remove"):
        raise workspace.NotUnderstood
    new = str(asked.get("id", "")).strip()
    wrong = (
        row_changes.remove(sheet, tree, row) if asked["change"] == "remove" else row_changes.copy(sheet, tree, row, new)
    )
    if wrong:
        path = ".".join(("case", *sheet.at, sheet.key)) + f"[{row}]"
        findings = [*findings, Finding(Severity.ERROR, "BAD_VALUE", path, wrong, value=new[:80])]
    return _kept(house, name, asked, tree, findings, whole=True)


def _kept(
    house: House, name: str, asked: dict[str, Any], tree: dict[str, Any], findings: list[Finding], whole: bool = False
) -> Response:
    """A case written, or what is wrong with it; whole: not where a name in it leads nowhere either."""
    if findings:
        return JSONResponse(told(findings, tree), 422)
    case, findings = case_file.case_from_json(json.dumps(tree))
    if case is None or (whole and any(f.severity is Severity.ERROR for f in findings)):
        return JSONResponse(told(findings, tree), 422)
    text = case_file.tree_to_json(tree)
    wanted = str(asked.get("as", "")).strip()
    saved = house.workspace.save_case(wanted or name, text, facts(case), replace=not wanted)
    rows = {sheet.name: len(sheet.keys(tree)) for sheet in sheets.present(tree)}
    return JSONResponse({**told(findings, tree), "id": saved, "rows": rows})


def edited(house: House, name: str, asked: dict[str, Any]) -> tuple[dict[str, Any], list[Finding]]:
    """The tree of a case with the edits of a request in it, and what no cell can hold; raises NotUnderstood."""
    tree = house.workspace.case_tree(house.workspace.case_folder(name))
    given = asked.get("edits", [])
    if not isinstance(given, list) or len(given) > MOST_EDITS:
        raise workspace.NotUnderstood
    findings = []
    for item in given:
        edit = _edit(item)
        wrong = sheets.apply(edit, tree)
        if wrong:
            path = edit.path if edit.sheet in sheets.BY_NAME else ""
            period = -1 if edit.period is None else edit.period
            findings.append(
                Finding(Severity.ERROR, "BAD_VALUE", path, wrong, period=period, value=edit.value[:80])
            )  # fmt: skip
    return tree, findings


def _edit(item: Any) -> sheets.Edit:
    period = item.get("period") if isinstance(item, dict) else -1
    if not isinstance(item, dict) or not isinstance(period, int | None) or not isinstance(item.get("row"), int):
        raise workspace.NotUnderstood
    return sheets.Edit(str(item.get("sheet")), str(item.get("field")), item["row"], period, str(item.get("value")))


def judged(house: House, tree: dict[str, Any], rules: str) -> tuple[Case | None, list[Finding]]:
    """The case of a tree and everything that is wrong with it, the server's findings too."""
    case, findings = case_file.case_from_json(json.dumps(tree))
    if case is None or any(f.severity is Severity.ERROR for f in findings):
        return case, findings
    name, _, version = rules.partition("@")
    with house.runs.server.connect() as client:
        verdict = client.validate_case(case, rules=name, version=version)
    return case, list(verdict.findings)


def told(findings: list[Finding], tree: dict[str, Any]) -> dict[str, Any]:
    """Findings with their cells, as the page takes them."""
    objects = [{**finding_object(f), "cell": sheets.cell_of(f.path, f.period, tree)} for f in findings]
    return {"valid": not any(f.severity is Severity.ERROR for f in findings), "findings": objects}


def download(request: Request) -> Response:
    """GET of the case file."""
    house, name = house_of(request), request.path_params["name"]
    text = house.workspace.case_text(house.workspace.case_folder(name))
    return attachment(f"{name}.json", text.encode())


def attachment(name: str, data: bytes, kind: str = "application/json") -> Response:
    """A file to save."""
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}"}
    return Response(data, media_type=kind, headers=headers)


def delete(request: Request) -> Response:
    """DELETE of a case."""
    house_of(request).workspace.remove("cases", request.path_params["name"])
    return Response(status_code=204)


ROUTES = [
    Route("/api/cases", upload, methods=["POST"]),
    Route("/api/cases/{name}/rows", change_rows, methods=["POST"]),
    Route("/api/cases/{name}", delete, methods=["DELETE"]),
    Route("/api/cases/{name}/sheets/{sheet}", sheet),
    Route("/api/cases/{name}/check", check, methods=["POST"]),
    Route("/api/cases/{name}/save", save, methods=["POST"]),
    Route("/cases/{name}/case.json", download),
]
