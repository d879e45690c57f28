"""The pages: start, a case, a run."""

from __future__ import annotations

import datetime as dt
from functools import cache
from typing import Any
from urllib.parse import quote

import jinja2
from plotly.offline import get_plotlyjs
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from clearing.case.horizon import Horizon
from clearing.console import sheets
from clearing.console.case_routes import house_of
from clearing.console.runs import DONE
from clearing.console.uploads import MOST_BYTES
from clearing.console.workspace import FACTS_FILE, NotUnderstood, read_json

JUDGED = {
    "settle": ("Settlement of a cycle", "结算"),
    "positions": ("Orders of the medium and long term", "中长期申报"),
    "entry": ("Application to enter the market", "入市申请"),
}
"""Requests that are no cases, by kind: English and Chinese title."""

REPORT_FILE = "report.html"
OWN_POLICY = "frame-ancestors 'none'"
"""Of pages that bring their own policy."""


@cache
def environment() -> jinja2.Environment:
    """Templates; what they are given is escaped, what they lack is a fault."""
    found = jinja2.Environment(
        loader=jinja2.PackageLoader("clearing.console", "pages"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    found.policies["json.dumps_kwargs"] = {"allow_nan": False, "ensure_ascii": False}
    return found


def page(name: str, **given: object) -> Response:
    """A template filled in."""
    return HTMLResponse(environment().get_template(name).render(**given))


def home(request: Request) -> Response:
    """Cases, runs, and the place to put a file."""
    house = house_of(request)
    runs = [{**r, "state": house.runs.state(r, r["id"])} for r in house.workspace.list_runs()]
    return page(
        "home.html.j2",
        cases=house.workspace.list_cases(),
        runs=runs,
        verdicts=house.workspace.list_verdicts(),
        kinds=JUDGED,
        folder=house.workspace.root,
        most_bytes=MOST_BYTES,
    )


def case(request: Request) -> Response:
    """One case: its sheets, what is wrong with it, and how to run it."""
    house, name = house_of(request), request.path_params["name"]
    folder = house.workspace.case_folder(name)
    tree = house.workspace.case_tree(folder)
    given = {
        "id": name,
        "facts": read_json(folder / FACTS_FILE),
        "labels": _labels(tree),
        "sheets": [
            {"name": s.name, "title": s.title, "chinese": s.chinese, "rows": len(s.keys(tree))}
            for s in sheets.present(tree)
        ],
    }
    return page("case.html.j2", given=given, rule_sets=house.runs.rule_sets())


def _labels(tree: dict[str, Any]) -> list[str]:
    """END labels of the periods, as everywhere; of quarters where the file does not say."""
    horizon = tree.get("horizon", {})
    minutes, first = horizon.get("period_minutes", 15), horizon.get("start_minute", 0)
    return list(Horizon(dt.date.min, minutes, sheets.periods(tree), first).labels())


def run(request: Request) -> Response:
    """One run: progress while it lives, then what came of it."""
    house, name = house_of(request), request.path_params["name"]
    facts = house.workspace.run_facts(name)
    folder = house.workspace.run_folder(name)
    state = house.runs.state(facts, name)
    given = {
        "id": name,
        "state": state,
        "tables": [{"name": n, "title": t} for n, t in house.results.names(folder)] if state == DONE else [],
    }
    files = sorted(p.name for p in folder.iterdir() if p.is_file() and not p.name.startswith("."))
    others = [r for r in house.workspace.list_runs() if r["id"] != name and r.get("state") == DONE]
    return page(
        "run.html.j2",
        given=given,
        facts={**facts, "state": state},
        files=files,
        report=REPORT_FILE in files,
        others=others,
    )


def compare(request: Request) -> Response:
    """Runs beside each other, the one that began first as the first."""
    house = house_of(request)
    names = sorted(dict.fromkeys(request.query_params.getlist("run")))
    folders = [house.workspace.run_folder(name) for name in names]
    if len(folders) < 2:
        raise NotUnderstood
    page = house.compare(folders, (("Console", "/"), *((name, f"/runs/{quote(name)}") for name in names)))
    return HTMLResponse(page, headers={"Content-Security-Policy": OWN_POLICY})


@cache
def _plotly() -> bytes:
    return str(get_plotlyjs()).encode()


def plotly(request: Request) -> Response:
    """The script that draws charts; the browser may keep it."""
    return Response(_plotly(), media_type="text/javascript", headers={"Cache-Control": "max-age=86400"})


ROUTES = [Route("/", home), Route("/cases/{name}", case), Route("/runs/{name}", run), Route("/compare", compare)]
