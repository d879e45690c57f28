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
from dataclasses import fields
from pathlib import Path
from typing import Any

from clearing.bench import picture
from clearing.bench.rows import Row, disagreements
from clearing.bench.variants import DEFAULT, TIGHTEST, one_at_a_time

ROOT = Path(__file__).resolve().parent.parent
KEPT = ROOT / "benchmarks" / "results" / "bench.json"
DAY = "2020-07-06"
CASE = (
    *("scenarios/rts-gmlc", "--option", f"day={DAY}", "--option", "series=DAY_AHEAD"),
    *("--option", "period_minutes=60"),
)
SECONDS, GAP = 40.0, 1e-3
BUSY = 10.0
BOUNDS = "bounds"
ENDS = (DEFAULT, TIGHTEST)


def main(arguments: list[str]) -> None:
    """See above."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("run", BOUNDS, "page"))
    parser.add_argument("names", nargs="*", help="solvers, or the date of the page")
    parser.add_argument("--seconds", type=float, default=SECONDS, help="of a search; more on a busy machine")
    asked = parser.parse_args(arguments)
    if asked.what == "page":
        write(asked.names[0])
        return
    if asked.what == BOUNDS:
        bounds()
        return
    for solver in asked.names:
        limits = ("--time-limit", str(asked.seconds), "--gap", str(GAP), "--threads", "1")
        keep(solver, {"cap_s": asked.seconds, **bench("--solver", solver, *limits)})


def bounds() -> None:
    """The formulations that have no bound yet, the tightest first after the default."""
    known = kept().get(BOUNDS, {"runs": []})
    done = {run["variant"] for run in known["runs"]}
    for variants in sorted(one_at_a_time(), key=lambda one: ENDS.index(one) if one in ENDS else 2):
        if variants.name not in done:
            # the bench ends a run after twice its limit and five minutes, which hold the relaxation too
            chosen = (("--" + f.name.replace("_", "-"), str(getattr(variants, f.name))) for f in fields(variants))
            own = (option for pair in chosen for option in pair)
            found = bench("--solver", "highs", *own, "--lp-bounds", "--time-limit", "5")
            known = {**found, "runs": [*known["runs"], *(run for run in found["runs"] if run["lp_bound"] is not None)]}
            keep(BOUNDS, known)


def bench(*options: str) -> dict[str, Any]:
    """What `clearing bench` prints, with the load of the machine before it and the time of day."""
    load = os.getloadavg()[0]
    command = [sys.executable, "-m", "clearing.cli.main", "bench", *CASE, *options, "--json"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if not done.stdout:
        raise SystemExit(done.stderr)
    found = json.loads(done.stdout)
    for run in found["runs"]:
        run["note"] = run["note"].partition(": Command")[0]  # what follows are paths of this machine
    return {"at": dt.datetime.now(dt.UTC).isoformat(timespec="minutes"), "load": round(load, 1), **found}


def kept() -> dict[str, Any]:
    """What is known so far."""
    return json.loads(KEPT.read_text(encoding="utf-8")) if KEPT.exists() else {}


def keep(name: str, found: dict[str, Any]) -> None:
    """One part of the results, in place of what was known of it."""
    known = kept()
    known[name] = found
    KEPT.write_text(json.dumps(known, indent=1) + "\n", encoding="utf-8")
    print(name, found["status"])


def rows_of(found: dict[str, Any]) -> list[Row]:
    """Runs as `clearing bench` knows them."""
    return [Row(**{key: value for key, value in run.items() if key != "gap"}) for run in found["runs"]]


def write(date: str) -> None:
    """The page and its picture."""
    known = kept()
    relaxed = known.pop(BOUNDS, None)
    rows = [row for found in known.values() for row in rows_of(found)]
    wrong = disagreements(rows, 1e-6, 1e-4)
    name = f"{date}-bench"
    picture.draw(KEPT.with_name(f"{name}.svg"), rows, f"RTS-GMLC, {DAY}, 24 hours")
    lines = [
        "# Solvers and formulations on an RTS-GMLC day", "",
        f"Made by `python -m benchmarks.solvers page {date}` from `bench.json`. RTS-GMLC, {DAY}, day-ahead series,",
        f"24 hours, 73 buses, rule set generic; one thread each, gap asked {GAP:g}. The models",
        "hold the network by angles and every limit; production adds rows where they are broken, and its seconds hold",
        "dispatch and audit. Two shared cores; load: of a minute, before the run (0: nothing else runs).", "",
        "| solver | ended | objective | bound | gap | form s | cap s | solve s | nodes | rows | columns | load |",
        "|---|---|---|---|---|---|---|---|---|---|---|---|",
    ]  # fmt: skip
    for found in known.values():
        for row in rows_of(found):
            figures = (
                _n(row.objective, ",.0f"), _n(row.bound, ",.0f"), _n(row.gap, ".1e"), _n(row.form_seconds, ".1f"),
                _n(found["cap_s"], "g"), _n(row.solve_seconds, ".1f"), _n(row.nodes, ","),
                _n(row.rows, ","), _n(row.columns, ","),
            )  # fmt: skip
            ended = f"{row.status}: {row.note}" if row.status == "failed" else row.status
            lines.append(f"| {row.solver} | {ended} | {' | '.join(figures)} | {found['load']:.1f} |")
    if any(found["load"] > BUSY for found in known.values()):
        lines += [
            "",
            f"Where the load is above {BUSY:g} a run had little of a core: that says nothing of the solver.",
        ]
    lines += ["", f"![seconds and gaps]({name}.svg)", ""]
    lines += [f"Contradictions: {'; '.join(wrong)}" if wrong else "No run contradicts another.", ""]
    if relaxed is not None:
        lines += _bounds(rows_of(relaxed), rows)
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
