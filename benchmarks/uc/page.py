"""Make `docs/performance.md` and its pictures again from `benchmarks/results/uc`: python -m benchmarks.uc.page"""

from __future__ import annotations

import json
import math
import statistics
from pathlib import Path

from benchmarks.uc.growth import FIXED_PERIODS, FIXED_UNITS, exponent
from benchmarks.uc.pictures import gaps, times
from benchmarks.uc.registry import FAMILIES, PEERS, Family, instances
from benchmarks.uc.run import RESULTS, TIGHT, runs_of
from benchmarks.uc.runners import Run, reached

DOCS = Path(__file__).parents[2] / "docs"
Runs = dict[str, dict[str, Run]]

HEAD = """\
# Performance: unit commitment on pglib-uc

Made by `python -m benchmarks.uc.page` from what `python -m benchmarks.uc.run` measured; do not edit. 56 instances of 48
hours: ca (610 thermal units), ferc (934–978), rts_gmlc (73). Two shared cores, every run a process of its own, seconds
from data in memory to the end of the search. Gaps are (objective − bound)/max(|objective|, |bound|, 1) with each
side's own bound. A search that hit its cap counts as at least that; a figure of a busy machine (load average beside
it, 2 is what two cores can do) is an upper bound: seconds of CPU, of all threads together, say more there.

"""


def main() -> None:
    """See above."""
    runs = measured()
    parts = [
        HEAD,
        _versions(runs),
        summary(runs),
        _ratios(runs),
        _growth(),
        _tight(),
        _anytime(),
        *(_table(runs, family) for family in FAMILIES),
    ]
    (DOCS / "performance.md").write_text("\n".join(parts), encoding="utf-8")
    times(runs, DOCS / "performance-times.svg")
    gaps(runs, DOCS / "performance-gaps.svg")


def measured() -> Runs:
    """All runs by peer."""
    return {peer.name: runs_of(peer.name) for peer in PEERS}


def seconds(run: Run, cap: float) -> float:
    """Seconds to the gap that was asked; a run that did not reach it counts as its cap at least."""
    return max(cap, run["search_s"] or cap) if not reached(run) else float(run["search_s"])


def _versions(runs: Runs) -> str:
    solvers = sorted({r["solver"] for of in runs.values() for r in of.values() if "solver" in r})
    dates = sorted(r["at"][:10] for of in runs.values() for r in of.values())
    when = "nothing measured yet" if not dates else f"measured {dates[0]} to {dates[-1]}"
    return f"{', '.join(solvers)}; {when}.\n"


def summary(runs: Runs) -> str:
    """A row a family and peer: how many reached the gap, times, memory."""
    lines = [
        "| family, gap asked | peer | cap, s | reached / tried | median s | worst s | CPU s, median | worst | "
        "first incumbent, median s | load, median | GB |",
        "|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    for family in FAMILIES:
        for peer in PEERS:
            of = [runs[peer.name][k] for k in _keys(runs, peer.name, family)]
            if not of:
                continue
            took, first = [seconds(r, r["cap_s"]) for r in of], [r["first_s"] for r in of if r.get("first_s")]
            cpu = [r["search_cpu_s"] for r in of if r.get("search_cpu_s")]
            lines.append(
                f"| {family.name} ({len(instances(family))}), {family.gap:g} | {peer.name} | {of[0]['cap_s']:g} | "
                f"{sum(map(reached, of))} / {len(of)} | {statistics.median(took):.1f} | {max(took):.1f} | "
                f"{_number(statistics.median(cpu) if cpu else None, '.1f')} | "
                f"{_number(max(cpu, default=None), '.1f')} | "
                f"{_number(statistics.median(first) if first else None, '.1f')} | "
                f"{statistics.median(r.get('load', 0.0) for r in of):.1f} | "
                f"{max(r.get('peak_gb', 0.0) for r in of):.1f} |"
            )
    return "\n".join([*lines, "", "![seconds by instance](performance-times.svg)", ""])


def _ratios(runs: Runs) -> str:
    """Geometric means of how many times longer a peer took, over the instances that both were tried on."""
    lines = [
        "| family | peer | instances | times as long (geometric mean) | least | most | load, theirs and ours |",
        "|---|---|---|---|---|---|---|",
    ]
    apart = False
    for family in FAMILIES:
        for peer in PEERS[1:]:
            both = [k for k in _keys(runs, peer.name, family) if k in runs["clearing"] and reached(runs["clearing"][k])]
            ratio = [
                seconds(runs[peer.name][k], runs[peer.name][k]["cap_s"]) / runs["clearing"][k]["search_s"] for k in both
            ]
            if ratio:
                mean = math.exp(statistics.fmean(map(math.log, ratio)))
                capped = any(not reached(runs[peer.name][k]) for k in both)
                said = f"{'≥ ' if capped else ''}{mean:.1f}"
                load = " and ".join(
                    f"{statistics.median(runs[name][k].get('load', math.nan) for k in both):.1f}"
                    for name in (peer.name, "clearing")
                )
                apart |= any(runs[peer.name][k]["commit"] != runs["clearing"][k]["commit"] for k in both)
                lines.append(
                    f"| {family.name} | {peer.name} | {len(both)} | {said} | {min(ratio):.1f} | {max(ratio):.1f} "
                    f"| {load} |"
                )
    if apart:
        note = (
            "Not of one hour: one side was measured again on a later commit. Where loads differ, the ratio has it too."
        )
        lines += ["", note]
    return "\n".join(["## Ratios", "", *lines, "", "![gaps by instance](performance-gaps.svg)", ""])


def _growth() -> str:
    """Seconds against size, and the slopes on logarithmic axes: of CPU seconds, which a busy machine leaves alone."""
    file = RESULTS / "growth.json"
    if not file.exists():
        return ""
    runs = {tuple(map(int, k.split("x"))): r for k, r in json.loads(file.read_text()).items()}
    head = "| units | periods | seconds | CPU s | gap | GB | load |"
    lines = ["## Growth", "", head, "|---|---|---|---|---|---|---|"]
    for (n, t), r in sorted(runs.items()):
        took = ("≥ " if not reached(r) else "") + f"{seconds(r, r['cap_s']):.1f} | {r['search_cpu_s']:.1f}"
        lines.append(f"| {n:,} | {t} | {took} | {_number(r['gap'], '.1e')} | {r['peak_gb']:.2f} | {r['load']:.1f} |")
    for axis, name in ((0, "units"), (1, "periods")):
        fixed = (FIXED_PERIODS, FIXED_UNITS)[axis]
        along = sorted((size[axis], float(r["search_cpu_s"])) for size, r in runs.items() if size[1 - axis] == fixed)
        if len(along) > 1:
            power = f"{exponent(*zip(*along, strict=True)):.2f}"
            lines += ["", f"Seconds of CPU grow with the number of {name} to the power {power}."]
    return "\n".join([*lines, ""])


def _tight() -> str:
    """How many reached the tighter gaps, and how soon."""
    runs = runs_of("clearing" + TIGHT)
    if not runs:
        return ""
    lines = [
        "## Tighter gaps",
        "",
        "`python -m benchmarks.uc.run --peer clearing --tight`: the clearing alone, cold.",
        "",
        "| family, gap asked | cap, s | reached / tried | median s | worst s | widest gap | load, median |",
        "|---|---|---|---|---|---|---|",
    ]
    for family in FAMILIES:
        of = [run for key, run in runs.items() if key.startswith(f"{family.name}/")]
        if of:
            took = [seconds(r, r["cap_s"]) for r in of]
            lines.append(
                f"| {family.name} ({len(instances(family))}), {family.tight:g} | {of[0]['cap_s']:g} | "
                f"{sum(map(reached, of))} / {len(of)} | {statistics.median(took):.1f} | {max(took):.1f} | "
                f"{max(r['gap'] for r in of):.1e} | {statistics.median(r['load'] for r in of):.1f} |"
            )
    return "\n".join([*lines, ""])


def _anytime() -> str:
    """Gaps after one and five minutes on a processor of both sides searching at the same time, a thread each."""
    file = RESULTS / "anytime.json"
    if not file.exists():
        return ""
    found = json.loads(file.read_text())
    lines = [
        "## Gaps after one and five minutes, rts_gmlc",
        "",
        "`python -m benchmarks.uc.anytime`: both search at the same time, one thread each; * = an earlier state of",
        "the search, seconds by the clock, a core each; else seconds on a processor. † = before what",
        "rounds differ on was searched first where that is little.",
        "",
        "| instance | clearing, 60 s | highs, 60 s | clearing, 300 s | highs, 300 s | load |",
        "|---|---|---|---|---|---|",
    ]
    for instance, run in sorted(found.items()):
        cells = [_number(run[who][mark], ".1e") for mark in ("gap_60_s", "gap_300_s") for who in ("clearing", "highs")]
        mark = (" †" if "earlier" in run else "") if "seconds" in run else " *"
        lines.append(f"| {instance}{mark} | {' | '.join(cells)} | {run['clearing']['load']:.1f} |")
    return "\n".join([*lines, ""])


def _table(runs: Runs, family: Family) -> str:
    lines = [
        f"## {family.name}",
        "",
        "| instance | peer | objective | bound | kind | gap | seconds | CPU s | warm | first | ended | GB | load |",
        "|---|---|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    for instance in instances(family):
        for peer in PEERS:
            run = runs[peer.name].get(f"{family.name}/{instance}")
            if run is not None:
                lines.append(f"| {instance} | {peer.name} | {_cells(run)} |")
    return "\n".join([*lines, ""])


def _cells(run: Run) -> str:
    warm = run.get("warm", {}).get("search_s")
    cells = (
        _number(run.get("objective"), ",.2f"), _number(run.get("bound"), ",.2f"),
        str(run.get("bound_kind", "–")).lower(), _number(run.get("gap"), ".2e"),
        ("≥ " if not reached(run) else "") + _number(seconds(run, run["cap_s"]), ".1f"),
        _number(run.get("search_cpu_s"), ".1f"), _number(warm, ".1f"),
        _number(run.get("first_s"), ".1f"), str(run["ended"]).lower(), _number(run.get("peak_gb"), ".2f"),
        _number(run.get("load"), ".1f"),
    )  # fmt: skip
    return " | ".join(cells)


def _keys(runs: Runs, peer: str, family: Family) -> list[str]:
    return [k for k in sorted(runs[peer]) if k.startswith(f"{family.name}/")]


def _number(value: float | None, how: str) -> str:
    return "–" if value is None else format(value, how)


if __name__ == "__main__":
    main()
