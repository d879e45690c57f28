"""Runs that are under way: a thread and a channel each; what they tell, and how they are cancelled."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from clearing.case.case import Case
from clearing.case.finding import Finding, Severity
from clearing.client import Answer, ClearingError, Client, Endpoint, InvalidCase
from clearing.console.workspace import Workspace, now
from clearing.report.values import Json
from clearing.rules.load import RuleSetDescription
from clearing.solve.control import Progress
from clearing.solve.options import SolveOptions

Keep = Callable[[Path, Case, Answer, tuple[RuleSetDescription, ...]], Mapping[str, Any]]
"""keep(folder, case, answer, rule sets): writes an answer into the folder of its run; returns what to say of it."""

Compare = Callable[[list[Path], tuple[tuple[str, str], ...]], str]
"""compare(folders of runs, pages to lead to): the page that holds them against the first; raises Refused."""

Judge = Callable[[Endpoint, str, Path, str, Path], tuple[bool, list[Finding]]]
"""judge(server, kind, file, rules, folder): asks about a request in a file, writes the pages of the reply."""


@dataclass(frozen=True, slots=True)
class Writers:
    """How the command line writes what a run left, and pages of it."""

    keep: Keep
    compare: Compare
    judge: Judge


RUNNING, DONE, FAILED, CANCELLED, LOST = "running", "done", "failed", "cancelled", "lost"


@dataclass
class LiveRun:
    """One run. events: progress so far, read by those who watch; over: no more will come."""

    name: str
    client: Client
    events: list[dict[str, Any]] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)
    cancelled: threading.Event = field(default_factory=threading.Event)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a run is asked: rule set NAME[@VERSION], its overrides, gap and seconds (None = the server's)."""

    rules: str = "generic"
    overrides: Mapping[str, str] = field(default_factory=dict)
    gap: float | None = None
    time_limit_seconds: float | None = None
    seed: int = 0
    reproducible: bool = False


class Runs:
    """Starts runs against a server and writes their ends into the workspace."""

    def __init__(self, workspace: Workspace, server: Endpoint, keep: Keep) -> None:
        self._workspace, self.server, self._keep = workspace, server, keep
        self._live: dict[str, LiveRun] = {}
        self._rule_sets: tuple[RuleSetDescription, ...] = ()

    def rule_sets(self) -> tuple[RuleSetDescription, ...]:
        """Rule sets of the server, asked once."""
        if not self._rule_sets:
            with self.server.connect() as client:
                self._rule_sets = client.list_rule_sets()
        return self._rule_sets

    def start(self, source: str, case: Case, text: str, asked: Asked) -> str:
        """Begin a run of a case; returns its id."""
        told = {"case": source, "case_name": case.name, "asked": asdict(asked), "began": now(), "state": RUNNING}
        name = self._workspace.new_run(source, text, told)
        live = self._live[name] = LiveRun(name, self.server.connect())
        threading.Thread(target=self._run, args=(live, case, asked), name=f"run-{name}", daemon=True).start()
        return name

    def live(self, name: str) -> LiveRun | None:
        """The run while it is under way."""
        return self._live.get(name)

    def state(self, facts: Mapping[str, Any], name: str) -> str:
        """State of a run; one that was under way when an earlier console ended is lost."""
        state = str(facts.get("state", ""))
        return LOST if state == RUNNING and name not in self._live else state

    def cancel(self, name: str) -> bool:
        """Cancel a run: the call is broken off, and the server frees the worker at once. False where none is live."""
        live = self._live.get(name)
        if live is None:
            return False
        live.cancelled.set()
        live.client.close()
        return True

    def close(self) -> None:
        """Cancel whatever is under way and wait a little for it to be written down."""
        for name, live in list(self._live.items()):
            self.cancel(name)
            live.over.wait(5.0)

    def _run(self, live: LiveRun, case: Case, asked: Asked) -> None:
        try:
            told = self._cleared(live, case, asked)
        except Exception as error:  # whatever it is, the run has ended and its page must say so
            told = {"state": CANCELLED if live.cancelled.is_set() else FAILED, "findings": said(error)}
            if live.cancelled.is_set():
                told["findings"] = []
        finally:
            live.client.close()
        try:
            self._workspace.update_run(live.name, **told, ended=now(), events=live.events[-1:])
        finally:
            del self._live[live.name]
            live.over.set()

    def _cleared(self, live: LiveRun, case: Case, asked: Asked) -> dict[str, Any]:
        name, _, version = asked.rules.partition("@")
        options = SolveOptions(
            time_limit_seconds=asked.time_limit_seconds,
            gap=asked.gap,
            seed=asked.seed,
            reproducible=asked.reproducible,
        )
        answer = live.client.clear_day_ahead(
            case,
            rules=name,
            version=version,
            overrides=asked.overrides,
            options=options,
            on_progress=lambda progress: live.events.append(event(progress)),
        )
        if live.cancelled.is_set():
            return {"state": CANCELLED}
        live.events.append({"stage": "writing", "seconds": answer.run_info.wall_seconds})
        told = self._keep(self._workspace.run_folder(live.name), case, answer, self.rule_sets())
        return {"state": DONE, **told}


def event(progress: Progress) -> dict[str, Any]:
    """Progress as the page takes it; what is not known yet is left out."""
    return {key: value for key, value in asdict(progress).items() if value is not None}


def finding_object(finding: Finding) -> Json:
    """A finding as JSON."""
    return {**asdict(finding), "severity": finding.severity.name}


def said(error: Exception) -> list[Json]:
    """What to show of a call that brought no answer."""
    if isinstance(error, InvalidCase) and error.findings:
        return [finding_object(f) for f in error.findings]
    if isinstance(error, ClearingError):
        message = f"{error} (request {error.request_id})" if error.request_id else str(error)
        return [finding_object(Finding(Severity.ERROR, type(error).__name__, "", message))]
    message = f"The console failed: {type(error).__name__}."
    return [finding_object(Finding(Severity.ERROR, "FAULT", "", message))]
