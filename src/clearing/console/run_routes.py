"""Routes of runs: start, watch, cancel, tables, files."""

from __future__ import annotations

import asyncio
import io
import json
import zipfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from clearing.case.finding import Severity
from clearing.console.case_routes import attachment, body, edited, house_of, judged, span, told
from clearing.console.page_routes import OWN_POLICY
from clearing.console.runs import Asked
from clearing.console.workspace import NotUnderstood, Unknown
from clearing.wire import case_file

WATCH_SECONDS = 0.1
SHOWN = {".html": "text/html; charset=utf-8"}


async def start(request: Request) -> Response:
    """POST of a case, edits and options: a run of it begins, unless the case is refused with its findings."""
    return await run_in_threadpool(_start, request, await body(request))


def _start(request: Request, asked: dict[str, Any]) -> Response:
    house = house_of(request)
    source = str(asked.get("case", ""))
    tree, findings = edited(house, source, asked)
    options = _asked(asked)
    case = None
    if not findings:
        case, findings = judged(house, tree, options.rules)
    if case is None or any(f.severity is Severity.ERROR for f in findings):
        return JSONResponse(told(findings, tree), 422)
    return JSONResponse({"id": house.runs.start(source, case, case_file.tree_to_json(tree), options)}, 201)


def _asked(asked: dict[str, Any]) -> Asked:
    """Options of a run; raises NotUnderstood."""
    gap, seconds = _number(asked.get("gap"), 0.999999), _number(asked.get("time_limit_seconds"), 86_400.0)
    return Asked(
        rules=str(asked.get("rules") or "generic"),
        gap=gap,
        time_limit_seconds=seconds,
        reproducible=bool(asked.get("reproducible")),
    )


def _number(value: Any, most: float) -> float | None:
    if value in (None, ""):
        return None
    try:
        number = float(value)
    except (TypeError, ValueError):
        raise NotUnderstood from None
    if not 0.0 <= number <= most:
        raise NotUnderstood
    return number


def state(request: Request) -> Response:
    """GET of what is known about a run."""
    house, name = house_of(request), request.path_params["name"]
    facts = house.workspace.run_facts(name)
    return JSONResponse({"id": name, **facts, "state": house.runs.state(facts, name)})


def events(request: Request) -> Response:
    """GET of the progress of a run as server-sent events; the last is `over`."""
    name = request.path_params["name"]
    house_of(request).workspace.run_facts(name)
    return StreamingResponse(_watched(request, name), media_type="text/event-stream")


async def _watched(request: Request, name: str) -> AsyncIterator[str]:
    live, seen = house_of(request).runs.live(name), 0
    while live is not None:
        over = live.over.is_set()
        for event in live.events[seen:]:
            seen += 1
            yield f"data: {json.dumps(event, allow_nan=False)}\n\n"
        if over or await request.is_disconnected():
            break
        await asyncio.sleep(WATCH_SECONDS)
    yield "event: over\ndata: {}\n\n"


def cancel(request: Request) -> Response:
    """POST: break a run off."""
    house, name = house_of(request), request.path_params["name"]
    house.workspace.run_facts(name)
    return JSONResponse({"cancelled": house.runs.cancel(name)})


def table(request: Request) -> Response:
    """GET of a page of a table of results."""
    house, query = house_of(request), request.query_params
    folder = house.workspace.run_folder(request.path_params["name"])
    offset, limit = span(request)
    name = request.path_params["table"]
    found = house.results.page(folder, name, query.get("find", ""), offset, limit, query.get("field", ""))
    return JSONResponse(found)


def file(request: Request) -> Response:
    """GET of one file of a run; pages are shown, everything else is saved."""
    return file_of(house_of(request).workspace.run_folder(request.path_params["name"]), request.path_params["file"])


def file_of(folder: Path, name: str) -> Response:
    """A file of a folder; raises Unknown."""
    path = _file(folder, name)
    if path.suffix in SHOWN:
        return FileResponse(path, media_type=SHOWN[path.suffix], headers={"Content-Security-Policy": OWN_POLICY})
    return FileResponse(path, filename=path.name)


def _file(folder: Path, name: str) -> Path:
    found = next((path for path in folder.iterdir() if path.name == name and path.is_file()), None)
    if found is None or name.startswith("."):
        raise Unknown(name)
    return found


def archive(request: Request) -> Response:
    """GET of all files of a run as one zip."""
    name = request.path_params["name"]
    folder = house_of(request).workspace.run_folder(name)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as out:
        for path in sorted(folder.iterdir()):
            if path.is_file() and not path.name.startswith("."):
                out.write(path, f"{name}/{path.name}")
    return attachment(f"{name}.zip", packed.getvalue(), "application/zip")


def delete(request: Request) -> Response:
    """DELETE of a run that is over."""
    house, name = house_of(request), request.path_params["name"]
    if house.runs.live(name) is not None:
        return JSONResponse({"error": "The run is under way."}, 409)
    house.workspace.remove("runs", name)
    return Response(status_code=204)


ROUTES = [
    Route("/api/runs", start, methods=["POST"]),
    Route("/api/runs/{name}", state),
    Route("/api/runs/{name}", delete, methods=["DELETE"]),
    Route("/api/runs/{name}/events", events),
    Route("/api/runs/{name}/cancel", cancel, methods=["POST"]),
    Route("/api/runs/{name}/tables/{table}", table),
    Route("/runs/{name}/files/{file}", file),
    Route("/runs/{name}/all.zip", archive),
]
