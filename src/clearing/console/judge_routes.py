"""Requests that are no cases: a cycle to settle, orders or an application to judge; the file in, its pages out."""

from __future__ import annotations

import json
import logging
from pathlib import Path

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from clearing.case.finding import Severity
from clearing.client import ClearingError
from clearing.console.case_routes import house_of
from clearing.console.page_routes import JUDGED, page
from clearing.console.run_routes import file_of
from clearing.console.runs import finding_object, said
from clearing.console.workspace import REQUEST_FILE, VERDICT_FILE, NotUnderstood, read_json, write

LONGEST_RULES = 80


async def judge(request: Request) -> Response:
    """POST of a form: what kind of request the file holds, the rule set in place of its own, the file."""
    house = house_of(request)
    async with request.form(max_files=1) as form:
        kind, rules, given = form.get("kind"), form.get("rules", ""), form.get("file")
        if kind not in JUDGED or not isinstance(rules, str) or not isinstance(given, UploadFile):
            raise NotUnderstood
        name, data = house.workspace.new_verdict(Path(given.filename or str(kind)).stem), await given.read()
    folder = house.workspace.judged / name
    (folder / REQUEST_FILE).write_bytes(data)
    try:
        valid, findings = await run_in_threadpool(house.judge, str(kind), folder / REQUEST_FILE, rules.strip(), folder)
        told = [finding_object(f) for f in findings]
    except Exception as error:  # whatever it was, the page must not say `under way` for ever
        valid, told = False, said(error)
        if not isinstance(error, ClearingError):
            logging.getLogger("clearing.console").exception("a request could not be judged")
    facts = {"kind": kind, "rules": rules.strip()[:LONGEST_RULES], "valid": valid, "findings": told}
    write(folder / VERDICT_FILE, json.dumps({**read_json(folder / VERDICT_FILE), **facts}, ensure_ascii=False))
    return JSONResponse({"id": name}, 201)


def verdict(request: Request) -> Response:
    """The page of one: whether it stands, every finding, the pages and tables of the reply."""
    name = request.path_params["name"]
    folder = house_of(request).workspace.verdict_folder(name)
    facts = read_json(folder / VERDICT_FILE)
    files = sorted(p.name for p in folder.iterdir() if p.is_file() and not p.name.startswith("."))
    errors = sum(f["severity"] == Severity.ERROR.name for f in facts.get("findings", ()))
    return page(
        "judged.html.j2",
        id=name,
        facts=facts,
        titles=JUDGED.get(facts.get("kind", ""), ("", "")),
        pages=[f for f in files if f.endswith(".html")],
        tables=[f for f in files if f.endswith(".csv")],
        errors=errors,
    )


def file(request: Request) -> Response:
    """GET of one file: pages are shown, everything else is saved."""
    return file_of(house_of(request).workspace.verdict_folder(request.path_params["name"]), request.path_params["file"])


def delete(request: Request) -> Response:
    """DELETE of one."""
    house_of(request).workspace.remove("judged", request.path_params["name"])
    return Response(status_code=204)


ROUTES = [
    Route("/api/judged", judge, methods=["POST"]),
    Route("/judged/{name}", verdict),
    Route("/judged/{name}/files/{file}", file),
    Route("/api/judged/{name}", delete, methods=["DELETE"]),
]
