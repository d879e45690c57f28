"""Run peers on instances of pglib-uc, resumable: what is in the results file already is not run again.

    python -m benchmarks.uc.run                            # everything that is missing; days, with the slow peers
    python -m benchmarks.uc.run --peer clearing --family ca --limit 3
    python -m benchmarks.uc.run --peer clearing --again              # measure anew, the old run is replaced

Every run is a process of its own. On one instance the peers follow one another before the next instance begins, so
that they meet the same machine. Results are one JSON file a peer, written after every run.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from benchmarks.uc.registry import FAMILIES, PEERS, Family, Peer, asked, path_of
from benchmarks.uc.runners import COLD_ONLY, Run, run

TIGHT = "-tight"
"""End of the name of a result file of runs to the tighter gaps."""

RESULTS = Path(__file__).parents[1] / "results" / "uc"


def main() -> None:
    """See above."""
    chosen = _arguments()
    if chosen.cold or chosen.tight:
        os.environ[COLD_ONLY] = "1"
    done, kind = 0, TIGHT if chosen.tight else ""
    for family, instance in ((f, i) for f in FAMILIES for i in _all_asked(f)):
        for peer in PEERS:
            wanted = peer.name in chosen.peer and family.name in chosen.family and instance in asked(peer, family)
            if not wanted or (chosen.instance and chosen.instance not in instance):
                continue
            if not chosen.again and _key(family, instance) in runs_of(peer.name + kind):
                continue
            if done >= chosen.limit:
                return
            cap = chosen.cap or (4.0 * family.seconds if chosen.tight else peer.cap_seconds)
            asked_gap = family.tight if chosen.tight else family.gap
            done += _measure(replace(peer, cap_seconds=cap), family, instance, asked_gap, kind)


def runs_of(peer: str) -> dict[str, Run]:
    """Runs of a peer by family/instance."""
    file = RESULTS / f"{peer}.json"
    return dict(json.loads(file.read_text())) if file.exists() else {}


def _measure(peer: Peer, family: Family, instance: str, gap: float, kind: str) -> int:
    """Run, keep, say; 1, or 0 where the peer's environment is not there."""
    if peer.environment and peer.environment not in os.environ:
        print(f"{peer.name}: {peer.environment} names no interpreter; left out", file=sys.stderr)
        return 0
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        try:
            found = pool.submit(run, peer.name, path_of(family, instance), gap, peer.cap_seconds).result()
        except Exception as failed:  # a peer that falls over is a result too
            found = {"ended": f"failed: {type(failed).__name__}", "objective": None, "bound": None, "search_s": None}
    about = {"gap_asked": gap, "cap_s": peer.cap_seconds, "commit": _commit()}
    found |= about | {"at": datetime.now(UTC).isoformat(timespec="seconds")}
    RESULTS.mkdir(parents=True, exist_ok=True)
    runs = runs_of(peer.name + kind) | {_key(family, instance): found}
    ordered = json.dumps(dict(sorted(runs.items())), indent=1)
    (RESULTS / f"{peer.name}{kind}.json").write_text(ordered + "\n", encoding="utf-8")
    print(json.dumps({"peer": peer.name, "instance": _key(family, instance)} | found), flush=True)
    return 1


def _key(family: Family, instance: str) -> str:
    return f"{family.name}/{instance}"


def _all_asked(family: Family) -> list[str]:
    """The sample first, so that a stretch cut short has every peer on something."""
    names = dict.fromkeys(name for peer in PEERS for name in asked(peer, family))
    return sorted(names, key=lambda name: (name not in family.sample, name))


@cache
def _commit() -> str:
    """What was measured, as it was when the first run ended: `-dirty` where more than results is not committed."""
    root = Path(__file__).parents[2]

    def git(*words: str) -> str:
        return subprocess.run(
            ["git", "-C", str(root), *words], capture_output=True, text=True, check=False
        ).stdout.strip()

    changed = git("status", "--porcelain", "--untracked-files=no", "--", ".", ":!benchmarks/results")
    return git("rev-parse", "--short", "HEAD") + "-dirty" * bool(changed)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    peers, families = [peer.name for peer in PEERS], [family.name for family in FAMILIES]
    parser.add_argument("--peer", nargs="+", choices=peers, default=peers)
    parser.add_argument("--family", nargs="+", choices=families, default=families)
    parser.add_argument("--instance", default="", help="only instances with this in their name")
    parser.add_argument("--limit", type=int, default=10**6, help="runs at most")
    parser.add_argument("--cold", action="store_true", help="leave out the warm run of our own clearing")
    parser.add_argument("--cap", type=float, default=0.0, help="seconds of a search, instead of the peer's own cap")
    parser.add_argument("--tight", action="store_true", help="to the family's tighter gap, in four times its seconds")
    parser.add_argument("--again", action="store_true", help="also what there is a result of")
    return parser.parse_args()


if __name__ == "__main__":
    main()
