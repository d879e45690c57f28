"""The console's web application: pages, and the JSON that their scripts ask for."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from clearing.case.finding import Finding
from clearing.console import case_routes, judge_routes, page_routes, run_routes
from clearing.console.guard import Guard
from clearing.console.results import Results
from clearing.console.runs import Compare, Runs, finding_object
from clearing.console.uploads import Refused
from clearing.console.workspace import NotUnderstood, Unknown, Workspace

STATIC = Path(__file__).parent / "static"


@dataclass(frozen=True)
class House:
    """What the routes share: the folder, the runs under way, how runs are compared, tables looked at last.

    judge (kind, file, rules, folder of the pages): how requests that are no cases are judged.
    """

    workspace: Workspace
    runs: Runs
    compare: Compare
    judge: Callable[[str, Path, str, Path], tuple[bool, list[Finding]]]
    results: Results = field(default_factory=Results)


def application(house: House, hosts: Collection[str]) -> Guard:
    """The ASGI application. hosts: HOST:PORT that a browser may name it by; empty = any."""
    routes = [
        *page_routes.ROUTES,
        *case_routes.ROUTES,
        *run_routes.ROUTES,
        *judge_routes.ROUTES,
        Route("/static/plotly.js", page_routes.plotly),
        Mount("/static", StaticFiles(directory=STATIC)),
    ]
    handlers: dict[Any, Any] = {
        Unknown: _unknown,
        Refused: _refused,
        NotUnderstood: _not_understood,
        HTTPException: _http,
        Exception: _fault,
    }
    app = Starlette(routes=routes, exception_handlers=handlers)
    app.state.house = house
    return Guard(app, hosts)


async def _unknown(request: Request, error: Exception) -> Response:
    return JSONResponse({"error": "There is no such case, run or table."}, 404)


async def _refused(request: Request, error: Exception) -> Response:
    findings = error.findings if isinstance(error, Refused) else ()
    return JSONResponse({"findings": [finding_object(f) for f in findings]}, 422)


async def _not_understood(request: Request, error: Exception) -> Response:
    return JSONResponse({"error": "The request is not understood."}, 400)


async def _http(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    return JSONResponse({"error": error.detail if isinstance(error, HTTPException) else "Failed."}, status)


async def _fault(request: Request, error: Exception) -> Response:
    return JSONResponse({"error": "The console failed; its terminal says more."}, 500)
