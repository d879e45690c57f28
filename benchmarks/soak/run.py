"""The soak, in parts whose result files add up (`make soak` runs the short form).

    python -m benchmarks.soak.run deadline --trials 100      # one more part of one kind
    python -m benchmarks.soak.run --short                    # every kind once, within ten minutes
    python -m benchmarks.soak.table                          # benchmarks/results/soak/table.md of all parts there are

A part is a JSON file in benchmarks/results/soak (--out): kind, number, when, what other work took of the machine,
figures. Every part of a kind has a seed of its own. Servers listen on loopback and end with the part.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil

from . import chaos, checks, deaths, drift, load, moments
from .served import ROOT

RESULTS = ROOT / "benchmarks" / "results" / "soak"
KINDS: dict[str, Callable[[int, int], dict[str, Any]]] = {
    "load": lambda size, _: load.load(size),
    "deadline": moments.deadline,
    "cancel": moments.cancel,
    "budget": moments.budget,
    "killed": deaths.killed,
    "memory": deaths.memory,
    "drain": deaths.drain,
    "same": checks.same,
    "checks": lambda _size, _seed: checks.checks(),
    "chaos": chaos.chaos,
    "drift": drift.drift,
}
"""What each kind does with its size (trials, or seconds of load, chaos and drift) and its seed."""

SHORT = {
    "load": 20, "deadline": 20, "cancel": 20, "budget": 1, "killed": 5, "memory": 3, "drain": 3, "same": 100,
    "checks": 1, "chaos": 45, "drift": 30,
}  # fmt: skip


def part(kind: str, size: int, out: Path) -> dict[str, Any]:
    """Run one part and write its file."""
    out.mkdir(parents=True, exist_ok=True)
    number = 1 + max((int(path.stem.rpartition("-")[2]) for path in out.glob(f"{kind}-*.json")), default=0)
    file = out / f"{kind}-{number:02d}.json"
    file.open("x").close()  # so that parts that run at the same time have numbers of their own
    began, cpu, busy = time.monotonic(), _own_seconds(), _busy_seconds()
    try:
        figures = KINDS[kind](size, number)
    except BaseException:
        file.unlink()
        raise
    spent, own = time.monotonic() - began, _own_seconds() - cpu
    others = _busy_seconds() - busy - own
    told = {
        "kind": kind,
        "part": number,
        "when": dt.datetime.now(dt.UTC).isoformat(timespec="minutes"),
        "seconds": round(spent, 1),
        "cpu_seconds": round(own, 1),
        "cores": os.cpu_count(),
        "others_share": round(max(0.0, others / spent / (os.cpu_count() or 1)), 3),
        "load_average": round(os.getloadavg()[0], 1),
        "figures": figures,
    }
    file.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    return told


def _own_seconds() -> float:
    """CPU seconds of this process and of all that ended below it."""
    return sum(os.times()[:4])


def _busy_seconds() -> float:
    """CPU seconds that the machine spent on anything."""
    times = psutil.cpu_times()
    return float(sum(times) - times.idle - getattr(times, "iowait", 0.0))


def main() -> None:
    """See the module."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kind", nargs="*", choices=[*KINDS, []], help="kinds to run, in this order")
    parser.add_argument(
        "--trials", type=int, help="trials, or seconds of load, chaos and drift; default: of the short form"
    )
    parser.add_argument("--short", action="store_true", help="every kind once")
    parser.add_argument("--out", type=Path, default=RESULTS)
    asked = parser.parse_args()
    for kind in list(KINDS) if asked.short else asked.kind:
        told = part(kind, asked.trials or SHORT[kind], asked.out)
        print(json.dumps(told, indent=1), flush=True)


if __name__ == "__main__":
    main()
