"""Cases and runs as files in one folder; nothing of the console is kept anywhere else.

    cases/<id>/case.json      ProtoJSON, as `clearing import` writes it; facts.json beside it
    runs/<id>/case.json       the case as it was run; run.json: what was asked and how it ended
    runs/<id>/…               what `clearing run --out` writes: result.json, tables, report.html
    judged/<id>/request.json  a request that is no case; verdict.json and the pages of its reply beside it

Names come from people: an id is made of letters, digits, dots and dashes, whatever a file or a case is called.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import re
import shutil
from collections import OrderedDict
from pathlib import Path
from typing import Any

from clearing.tables.frame import MARKET_TIME

CASE_FILE, FACTS_FILE, RUN_FILE = "case.json", "facts.json", "run.json"
REQUEST_FILE, VERDICT_FILE = "request.json", "verdict.json"
LONGEST_ID = 80
_ID = re.compile(r"[\w-][\w.-]*")
KEPT_TREES = 4

Facts = dict[str, Any]


class Unknown(LookupError):
    """There is no case, run or file of this id."""


class NotUnderstood(Exception):
    """A request that no page of ours sends."""


class Workspace:
    """The folder. Reading a case again costs nothing while its file is the same; that is the only memory."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.cases, self.runs, self.judged = root / "cases", root / "runs", root / "judged"
        for folder in (self.cases, self.runs, self.judged):
            folder.mkdir(parents=True, exist_ok=True)
        self._texts: OrderedDict[tuple[Path, int], str] = OrderedDict()

    def case_folder(self, name: str) -> Path:
        """Folder of a case; raises Unknown."""
        return _inside(self.cases, name, CASE_FILE)

    def run_folder(self, name: str) -> Path:
        """Folder of a run; raises Unknown."""
        return _inside(self.runs, name, RUN_FILE)

    def case_text(self, folder: Path) -> str:
        """ProtoJSON of the case in a folder of a case or a run."""
        path = folder / CASE_FILE
        key = (path, path.stat().st_mtime_ns)
        text = self._texts.pop(key, None) or path.read_text(encoding="utf-8")
        self._texts[key] = text
        while len(self._texts) > KEPT_TREES:
            self._texts.popitem(last=False)
        return text

    def case_tree(self, folder: Path) -> dict[str, Any]:
        """The same as a tree of its own for the caller."""
        tree: dict[str, Any] = json.loads(self.case_text(folder))
        return tree

    def save_case(self, wanted: str, text: str, facts: Facts, replace: bool = False) -> str:
        """Write a case whole or not at all; returns its id, a new one unless `replace`."""
        name = wanted if replace else fresh(self.cases, wanted)
        folder = self.cases / name
        folder.mkdir(exist_ok=True)
        write(folder / FACTS_FILE, json.dumps({**facts, "saved": now()}, ensure_ascii=False))
        write(folder / CASE_FILE, text)
        return name

    def new_run(self, wanted: str, text: str, asked: Facts) -> str:
        """A folder for a run that begins now; returns its id."""
        name = fresh(self.runs, f"{stamp()}-{wanted}")
        folder = self.runs / name
        folder.mkdir()
        write(folder / CASE_FILE, text)
        write(folder / RUN_FILE, json.dumps(asked, ensure_ascii=False))
        return name

    def update_run(self, name: str, **told: Any) -> None:
        """Write more of what is known about a run."""
        folder = self.run_folder(name)
        write(folder / RUN_FILE, json.dumps({**read_json(folder / RUN_FILE), **told}, ensure_ascii=False))

    def run_facts(self, name: str) -> Facts:
        """What is known about a run; raises Unknown."""
        return read_json(self.run_folder(name) / RUN_FILE)

    def list_cases(self) -> list[Facts]:
        """Facts of all cases, the last saved first."""
        found = [{"id": p.parent.name, **read_json(p.with_name(FACTS_FILE))} for p in self.cases.glob(f"*/{CASE_FILE}")]
        return sorted(found, key=lambda facts: (str(facts.get("saved", "")), facts["id"]), reverse=True)

    def list_runs(self) -> list[Facts]:
        """Facts of all runs, the last begun first."""
        found = [{"id": p.parent.name, **read_json(p)} for p in self.runs.glob(f"*/{RUN_FILE}")]
        return sorted(found, key=lambda facts: (str(facts.get("began", "")), facts["id"]), reverse=True)

    def new_verdict(self, wanted: str) -> str:
        """A folder for a request that is judged now; returns its id."""
        name = fresh(self.judged, f"{stamp()}-{wanted}")
        (self.judged / name).mkdir()
        write(self.judged / name / VERDICT_FILE, json.dumps({"began": now()}))
        return name

    def verdict_folder(self, name: str) -> Path:
        """Folder of a request that was judged; raises Unknown."""
        return _inside(self.judged, name, VERDICT_FILE)

    def list_verdicts(self) -> list[Facts]:
        """What is known of requests that were judged, the last first."""
        found = [{"id": p.parent.name, **read_json(p)} for p in self.judged.glob(f"*/{VERDICT_FILE}")]
        return sorted(found, key=lambda facts: (str(facts.get("began", "")), facts["id"]), reverse=True)

    def remove(self, kind: str, name: str) -> None:
        """Delete a case, a run, or a request that was judged."""
        of = {"cases": self.case_folder, "runs": self.run_folder, "judged": self.verdict_folder}
        shutil.rmtree(of[kind](name))


def write(path: Path, text: str) -> None:
    """Write a file whole or not at all."""
    partial = path.with_name(f".{path.name}.part")
    partial.write_text(text, encoding="utf-8")
    os.replace(partial, path)


def read_json(path: Path) -> Facts:
    """An object in a file; empty where there is none."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def now() -> str:
    """The time in UTC+8, to the second."""
    return dt.datetime.now(MARKET_TIME).isoformat(timespec="seconds")


def stamp() -> str:
    """The time as ids of runs begin with it."""
    return dt.datetime.now(MARKET_TIME).strftime("%Y%m%d-%H%M%S")


def as_id(text: str) -> str:
    """An id out of any text."""
    kept = re.sub(r"[^\w.-]+", "-", text).strip(".-")[:LONGEST_ID]
    return kept if _ID.fullmatch(kept) else "case"


def fresh(folder: Path, wanted: str) -> str:
    """An id that no folder has yet."""
    base = as_id(wanted)
    name, count = base, 1
    while (folder / name).exists():
        count += 1
        name = f"{base}-{count}"
    return name


def _inside(parent: Path, name: str, file: str) -> Path:
    folder = parent / name
    if not _ID.fullmatch(name) or len(name) > 2 * LONGEST_ID or not (folder / file).is_file():
        raise Unknown(name)
    return folder
