"""Solvers and formulations on one RTS-GMLC day of 24 hours, by `clearing bench`; the page of it.

python -m benchmarks.solvers run highs scip cbc production     each by itself; what is done is kept, run by run
python -m benchmarks.solvers bounds                            LP bounds of every formulation; no time is measured
python -m benchmarks.solvers page DATE                         benchmarks/results/DATE-bench.md and its picture
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from clearing.bench import picture
from clearing.bench.rows import Row, disagreements

ROOT = Path(__file__).resolve().parent.parent
KEPT = ROOT / "benchmarks" / "results" / "bench.json"
DAY = "2020-07-06"
CASE = (
    *("scenarios/rts-gmlc", "--option", f"day={DAY}", "--option", "series=DAY_AHEAD"),
    *("--option", "period_minutes=60"),
)
SECONDS, GAP = 40.0, 1e-3
BOUNDS = "bounds"


def main(arguments: list[str]) -> None:
    """See above."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("run", BOUNDS, "page"))
    parser.add_argument("names", nargs="*", help="solvers, or the date of the page")
    asked = parser.parse_args(arguments)
    if asked.what == "page":
        write(asked.names[0])
        return
    if asked.what == BOUNDS:
        keep(BOUNDS, bench("--solver", "highs", "--each-variant", "--lp-bounds", "--time-limit", "0.5"))
        return
    for solver in asked.names:
        keep(solver, bench("--solver", solver, "--time-limit", str(SECONDS), "--gap", str(GAP), "--threads", "1"))


def bench(*options: str) -> dict[str, Any]:
    """What `clearing bench` prints, with the load of the machine before it and the time of day."""
    load = os.getloadavg()[0]
    command = [sys.executable, "-m", "clearing.cli.main", "bench", *CASE, *options, "--json"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if not done.stdout:
        raise SystemExit(done.stderr)
    found = json.loads(done.stdout)
    return {"at": dt.datetime.now(dt.UTC).isoformat(timespec="minutes"), "load": round(load, 1), **found}


def keep(name: str, found: dict[str, Any]) -> None:
    """One part of the results, in place of what was known of it."""
    known = json.loads(KEPT.read_text(encoding="utf-8")) if KEPT.exists() else {}
    known[name] = found
    KEPT.write_text(json.dumps(known, indent=1) + "\n", encoding="utf-8")
    print(name, found["status"])


def rows_of(found: dict[str, Any]) -> list[Row]:
    """Runs as `clearing bench` knows them."""
    return [Row(**{key: value for key, value in run.items() if key != "gap"}) for run in found["runs"]]


def write(date: str) -> None:
    """The page and its picture."""
    known = json.loads(KEPT.read_text(encoding="utf-8"))
    bounds = known.pop(BOUNDS, None)
    rows = [row for found in known.values() for row in rows_of(found)]
    wrong = disagreements(rows, 1e-6, 1e-4)
    name = f"{date}-bench"
    picture.draw(KEPT.with_name(f"{name}.svg"), rows, f"RTS-GMLC, {DAY}, 24 hours")
    lines = [
        "# Solvers and formulations on an RTS-GMLC day", "",
        f"Made by `python -m benchmarks.solvers page {date}` from `bench.json`. RTS-GMLC, {DAY}, day-ahead series,",
        f"24 hours, 73 buses, rule set generic; one thread, {SECONDS:g} s of search, gap asked {GAP:g}. The models",
        "hold the network by angles and every limit; production adds rows where they are broken, and its seconds hold",
        "dispatch and audit. Two shared cores; load: of a minute, before the run (0: nothing else runs).", "",
        "| solver | ended | objective | bound | gap | form s | solve s | nodes | rows | columns | load |",
        "|---|---|---|---|---|---|---|---|---|---|---|",
    ]  # fmt: skip
    for found in known.values():
        for row in rows_of(found):
            figures = (
                _n(row.objective, ",.0f"), _n(row.bound, ",.0f"), _n(row.gap, ".1e"), _n(row.form_seconds, ".1f"),
                _n(row.solve_seconds, ".1f"), _n(row.nodes, ","), _n(row.rows, ","), _n(row.columns, ","),
            )  # fmt: skip
            lines.append(f"| {row.solver} | {row.status} | {' | '.join(figures)} | {found['load']:.1f} |")
    lines += ["", f"![seconds and gaps]({name}.svg)", ""]
    lines += [f"Contradictions: {'; '.join(wrong)}" if wrong else "No run contradicts another.", ""]
    if bounds is not None:
        lines += _bounds(rows_of(bounds), rows)
    KEPT.with_name(f"{name}.md").write_text("\n".join(lines), encoding="utf-8")


def _bounds(rows: list[Row], runs: list[Row]) -> list[str]:
    """Every formulation's relaxation, and how much of the way from the default's to the best schedule it goes."""
    best = min((row.objective for row in runs if row.objective is not None), default=None)
    plain = next(row.lp_bound for row in rows if row.variant == "default")
    lines = [
        "## LP bounds of the formulations", "",
        "`closes`: how much of the way from the default's LP bound to the best schedule above.", "",
        "| formulation | LP bound | closes | rows | columns |", "|---|---|---|---|---|",
    ]  # fmt: skip
    for row in rows:
        closes = None
        if best is not None and plain is not None and row.lp_bound is not None and best > plain:
            closes = (row.lp_bound - plain) / (best - plain)
        figures = (_n(row.lp_bound, ",.2f"), _n(closes, ".1%"), _n(row.rows, ","), _n(row.columns, ","))
        lines.append(f"| {row.variant} | {' | '.join(figures)} |")
    return [*lines, ""]


def _n(value: float | None, how: str) -> str:
    return "–" if value is None else format(value, how)


if __name__ == "__main__":
    main(sys.argv[1:])
