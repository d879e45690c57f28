"""All parts of the soak as one table: `python -m benchmarks.soak.table [FOLDER]` writes FOLDER/table.md."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from .run import RESULTS


class Parts:
    """Figures of the parts of one kind."""

    def __init__(self, figures: list[dict[str, Any]]) -> None:
        self.figures = figures

    def sum(self, name: str) -> int:
        """Added up."""
        return sum(int(of[name]) for of in self.figures)

    def most(self, name: str) -> float:
        """Greatest."""
        return max(float(of[name]) for of in self.figures)

    def least(self, name: str) -> float:
        """Smallest."""
        return min(float(of[name]) for of in self.figures)

    def counts(self, name: str) -> str:
        """Counts by word, added up."""
        return _said(of[name] for of in self.figures)


def _said(counts: Iterable[dict[str, int]]) -> str:
    total: Counter[str] = Counter()
    for of in counts:
        total.update(of)
    return ", ".join(f"{key} {count}" for key, count in sorted(total.items()))


def _load(parts: Parts) -> list[str]:
    normal, over = ([of[name] for of in parts.figures] for name in ("load", "overload"))
    p99 = max(of["accepted_p99_seconds"] for of in normal)
    refused = [of["refused_p99_seconds"] for of in (*normal, *over) if "RESOURCE_EXHAUSTED" in of["codes"]]
    healthy = max(of["health_p99_seconds"] for of in over)
    return [
        f"load | 32 callers: p99 of accepted {p99:.2f} s; refusals p99 {1000 * max(refused, default=0.0):.0f} ms; "
        f"statuses {_said(of['codes'] for of in (*normal, *over))}",
        f"overload ×10 | goodput {100 * parts.least('goodput_share_of_peak'):.0f} % of peak, "
        f"Health p99 {1000 * healthy:.0f} ms, parent memory {100 * parts.most('parent_memory_change'):+.1f} %, "
        f"descriptors {parts.most('descriptors_change'):+.0f}, zombies {parts.most('zombies'):.0f}",
    ]


def _deadline(parts: Parts) -> list[str]:
    return [
        f"deadline | {parts.sum('trials')} trials: {parts.sum('margin_below_half_a_second')} answers less than 0.5 s "
        f"before it (least {parts.least('least_margin_seconds'):.2f} s), {parts.sum('not_labelled')} not labelled, "
        f"{parts.sum('idle_later_than_3_seconds')} idle later than deadline + 3 s "
        f"(worst {parts.most('idle_after_deadline_worst_seconds'):+.2f} s)"
    ]


def _cancel(parts: Parts) -> list[str]:
    return [
        f"cancel, disconnect | {parts.sum('trials')} trials: {parts.sum('freed_later_than_4_seconds')} freed later "
        f"than 4 s; worst {parts.most('freed_worst_seconds'):.2f} s"
    ]


def _budget(parts: Parts) -> list[str]:
    rows = []
    for budget in parts.figures[0]["by_budget"]:
        found = [of["by_budget"][budget] for of in parts.figures]
        complete, gap = sum(of["with_incumbent_bound_gap"] for of in found), max(of["worst_gap"] for of in found)
        bound = f"with a bound {complete}, gap up to {gap:.1e}" if complete else "with a bound none"
        rows.append(f"{budget}: {_said(of['ends'] for of in found)}, {bound}")
    return [f"budget | {'; '.join(rows)}"]


def _killed(parts: Parts) -> list[str]:
    return [
        f"worker killed mid-solve | {parts.sum('trials')} trials ({parts.counts('codes')}): status after at most "
        f"{parts.most('unavailable_worst_seconds'):.2f} s; {parts.sum('callers_beside_untouched')} callers beside "
        f"untouched; whole after {parts.most('whole_p50_seconds'):.2f} s (median), at most "
        f"{parts.most('whole_worst_seconds'):.2f} s"
    ]


def _memory(parts: Parts) -> list[str]:
    ends = _said(codes for of in parts.figures for codes in of["codes"].values())
    return [
        f"memory | {parts.sum('trials')} trials: {ends}; afterwards {parts.figures[-1]['answers_afterwards']}; parent "
        f"{parts.most('parent_growth_mb'):+.1f} MB"
    ]


def _drain(parts: Parts) -> list[str]:
    return [
        f"SIGTERM | {parts.sum('trials')} restarts under load: NOT_SERVING within "
        f"{parts.most('not_serving_worst_seconds'):.2f} s; {parts.sum('accepted_and_answered')} accepted and answered, "
        f"{parts.sum('accepted_and_lost')} lost"
    ]


def _same(parts: Parts) -> list[str]:
    different = sum(int(of["different_results"]) - 1 for of in parts.figures)
    return [f"determinism | {parts.sum('trials')} results, {different} other than the first of their part"]


def _checks(parts: Parts) -> list[str]:
    return [
        f"{row} | {of['tests']} tests, {of['failures'] + of['errors']} failed, {of['skipped']} skipped "
        f"({', '.join(of['files'])})"
        for row, of in parts.figures[-1].items()
    ]


def _chaos(parts: Parts) -> list[str]:
    paused = sum(int(of.get("calls_in_pauses_of_the_machine", 0)) for of in parts.figures)
    return [
        f"chaos | {parts.sum('seconds') / 60:.0f} minutes, {parts.sum('calls')} calls, workers {parts.counts('harm')}: "
        f"{parts.sum('answers_audited')} answers audited, {parts.sum('wrong_or_lost')} wrong or lost, "
        f"{paused} not judged while the machine did not run them; zombies {parts.most('zombies_last'):.0f}",
        *_memory_in_chaos([of for of in parts.figures if THIRDS in of]),
    ]


THIRDS = "parent_own_mb_thirds_when_warm"


def _memory_in_chaos(figures: list[dict[str, Any]]) -> list[str]:
    """Of the parts that tell what no file backs once the parent is warm."""
    if not figures:
        return []
    told = "; ".join(
        f"{' / '.join(f'{mb:.0f}' for mb in of[THIRDS])} MB in {of['seconds'] / 60:.0f} minutes "
        f"(last third {100 * (of[THIRDS][-1] / of[THIRDS][1] - 1.0):+.1f} % on the one before)"
        for of in figures
    )
    return [f"memory of the parent in chaos | medians of thirds of the time after four minutes at most: {told}"]


def _drift(parts: Parts) -> list[str]:
    growth = [of["parent_mb_first_last_most"][2] - of["parent_mb_first_last_most"][0] for of in parts.figures]
    files = [of["descriptors_first_last_most"][1] - of["descriptors_first_last_most"][0] for of in parts.figures]
    return [
        f"drift | {parts.sum('seconds') / 60:.0f} minutes, {parts.sum('calls')} ordinary calls: {parts.sum('wrong')} "
        f"wrong or other answers than the first; parent {max(growth):+.1f} MB at most, descriptors {max(files):+.0f}, "
        f"zombies {parts.most('zombies_last'):.0f}"
    ]


ROWS: dict[str, Callable[[Parts], list[str]]] = {
    "load": _load, "deadline": _deadline, "cancel": _cancel, "budget": _budget, "killed": _killed, "memory": _memory,
    "drain": _drain, "same": _same, "checks": _checks, "chaos": _chaos, "drift": _drift,
}  # fmt: skip
SPLIT = {"load", "budget", "killed"}
"""Kinds of which parts made beside other work say more about that work: a row of their own."""
ALONE_SHARE, ALONE_LOAD = 0.1, 2.2


def _alone(part: dict[str, Any]) -> bool:
    """Whether other work took next to nothing of the machine; parts of old tell the load average alone."""
    share = part.get("others_share")
    return bool(part["load_average"] <= ALONE_LOAD if share is None else share <= ALONE_SHARE)


def _rows(kind: str, parts: list[dict[str, Any]]) -> list[str]:
    if not parts:
        return [f"{kind} | not run"]
    groups = [("", parts)]
    if kind in SPLIT:
        alone, beside = [p for p in parts if _alone(p)], [p for p in parts if not _alone(p)]
        groups = [(words, of) for words, of in ((", alone", alone), (", beside other work", beside)) if of]
    rows = []
    for words, of in groups:
        for row in ROWS[kind](Parts([part["figures"] for part in of])):
            name, _, figure = row.partition(" | ")
            rows.append(f"{name}{words} | {figure}")
    return rows


def table(folder: Path) -> str:
    """Markdown of all parts in a folder."""
    lines = ["# Figures of the promises", "", "Made by `python -m benchmarks.soak.table`; do not edit.", ""]
    lines += ["| promise | figure |", "|---|---|"]
    seconds, busy = 0.0, []
    for kind in ROWS:
        texts = [path.read_text(encoding="utf-8") for path in sorted(folder.glob(f"{kind}-*.json"))]
        parts = [json.loads(text) for text in texts if text]  # an empty one is being run
        seconds += sum(part["seconds"] for part in parts)
        busy += [part["load_average"] for part in parts]
        lines += [f"| {row} |" for row in _rows(kind, parts)]
    while_run = f"load average {min(busy, default=0.0):.1f} to {max(busy, default=0.0):.1f} (2 is what the machine has)"
    return "\n".join([*lines, "", f"{seconds / 60:.0f} minutes in all parts; {while_run}."]) + "\n"


def main(arguments: list[str]) -> None:
    """Write and print it."""
    folder = Path(arguments[0]) if arguments else RESULTS
    text = table(folder)
    (folder / "table.md").write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main(sys.argv[1:])
