"""What became of a batch: summary.json for programs, summary.md for people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median

from clearing.batch.drive import Ended, State
from clearing.batch.manifest import Run
from clearing.batch.question import versions
from clearing.batch.store import Store, Tree, text, write
from clearing.manifest import PACKAGES, components

SUMMARY_FILE, PAGE_FILE = "summary.json", "summary.md"
MOST_LISTED = 50


def summary(
    name: str, ends: Sequence[Ended], kept: Sequence[tuple[Run, Tree]], start_seconds: float, seconds: float, runs: int
) -> Tree:
    """The summary. kept: (run, record) of everything finished; start_seconds: until somebody could be asked, seconds:
    from then on; runs: of the manifest."""
    states = Counter(end.state for end in ends)
    rows = [record["row"] for _, record in kept]
    gaps = sorted(row["gap"] for row in rows if row["gap"] is not None)
    times = sorted(record["wall_seconds"] for _, record in kept)
    answered = states[State.DONE]
    return {
        "name": name,
        "runs": runs,
        "finished": len(kept),
        "finished_now": answered,
        "finished_before": states[State.SKIPPED],
        "failed": states[State.FAILED],
        "audit_failed": [run.name for run, record in kept if record["row"]["audit_passed"] is not True],
        "gap_missed": [run.name for run, record in kept if _missed(record["row"])],
        "with_violations": sum(row["violations"] > 0 for row in rows),
        "reasons": dict(sorted(Counter(row["reason"] for row in rows).items())),
        "objective_sum": sum(row["objective"] for row in rows if row["objective"] is not None),
        "gap_median": median(gaps) if gaps else None,
        "gap_max": gaps[-1] if gaps else None,
        "run_seconds_median": median(times) if times else None,
        "run_seconds_max": times[-1] if times else None,
        "attempts_more_than_one": [run.name for run, record in kept if record["attempts"] > 1],
        "start_seconds": start_seconds,
        "seconds": seconds,
        "runs_per_hour": 3600.0 * answered / seconds if answered and seconds > 0.0 else None,
        "versions": versions(),
        "other_versions": _others(kept),
        "failures": [_failure(end) for end in ends if end.state is State.FAILED],
    }


def write_summary(store: Store, told: Tree) -> list[Path]:
    """Both files, whole or not at all."""
    paths = [store.folder / SUMMARY_FILE, store.folder / PAGE_FILE]
    write(paths[0], text(told))
    write(paths[1], page(told).encode())
    return paths


def figures(told: Tree) -> list[tuple[str, str]]:
    """What the summary counts, as people read it: name, figure."""
    values = ((label, told[key]) for label, key in LABELS.items())
    return [(label, str(len(value)) if isinstance(value, list) else _shown(value)) for label, value in values]


def page(told: Tree) -> str:
    """The summary as Markdown."""
    lines = [f"# Batch {told['name']}".rstrip(), "", "| | |", "|---|---|"]
    lines += [f"| {label} | {shown} |" for label, shown in figures(told)]
    lines += ["", "## How runs ended", "", "| reason | runs |", "|---|---|"]
    lines += [f"| {reason} | {count} |" for reason, count in told["reasons"].items()]
    for title, key in (("Audit failed", "audit_failed"), ("Gap missed", "gap_missed")):
        if told[key]:
            lines += ["", f"## {title}", "", *(f"- {_plain(run)}" for run in told[key][:MOST_LISTED])]
            lines += _more(told[key])
    if told["failures"]:
        lines += ["", "## Without an answer", "", "| run | code | where | why |", "|---|---|---|---|"]
        for failure in told["failures"][:MOST_LISTED]:
            last = failure["findings"][-1] if failure["findings"] else {"code": "", "path": "", "message": ""}
            cells = (failure["run"], last["code"], last["path"], last["message"])
            lines.append("| " + " | ".join(_plain(cell) for cell in cells) + " |")
        lines += _more(told["failures"])
    if told["other_versions"]:
        lines += ["", "## Answered by other versions than this batch's", ""]
        lines += [f"- {_plain(part)}: {count} runs" for part, count in told["other_versions"].items()]
    return "\n".join(lines) + "\n"


LABELS = {
    "Runs": "runs",
    "Finished": "finished",
    "of them now": "finished_now",
    "of them before": "finished_before",
    "Without an answer": "failed",
    "Audit failed": "audit_failed",
    "Gap missed": "gap_missed",
    "With violations": "with_violations",
    "Sum of costs": "objective_sum",
    "Gap, median": "gap_median",
    "Gap, largest": "gap_max",
    "Seconds of a run, median": "run_seconds_median",
    "Seconds of a run, largest": "run_seconds_max",
    "Took more than one attempt": "attempts_more_than_one",
    "Seconds until workers were ready": "start_seconds",
    "Seconds of the batch": "seconds",
    "Runs an hour": "runs_per_hour",
}


def _missed(row: Mapping[str, object]) -> bool:
    gap, asked = row["gap"], row["gap_asked"]
    return not isinstance(gap, float) or not isinstance(asked, float) or gap > asked * (1.0 + 1e-9)


def _others(kept: Sequence[tuple[Run, Tree]]) -> dict[str, int]:
    """Packages that answered in another version than is installed here, and for how many runs."""
    here = dict(components())
    found: Counter[str] = Counter()
    for _, record in kept:
        there = record["components"]
        found.update(f"{name} {there[name]}" for name in PACKAGES if name in there and there[name] != here[name])
    return dict(sorted(found.items()))


def _failure(end: Ended) -> Tree:
    findings = [{"code": f.code, "path": f.path, "message": f.message} for f in end.findings]
    return {"run": end.run.name, "refused": end.refused, "findings": findings}


def _shown(value: object) -> str:
    if value is None:
        return "–"
    return f"{value:,.6g}" if isinstance(value, float) else str(value)


def _plain(text: str) -> str:
    """A name or message in a cell: on one line, without marks of Markdown or HTML that it could break out by."""
    for mark, instead in (("\n", " "), ("|", "/"), ("<", "‹"), ("`", "'"), ("[", "(")):
        text = text.replace(mark, instead)
    return text


def _more(listed: Sequence[object]) -> list[str]:
    left = len(listed) - MOST_LISTED
    return ["", f"… and {left} more, in {SUMMARY_FILE}"] if left > 0 else []
