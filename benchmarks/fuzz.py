"""Fuzzing of every reader of the registry and of the request of every RPC, in parts that can be taken up again.

    python -m benchmarks.fuzz --out out/fuzz --cpu-seconds 600          # once more adds another part
    python -m benchmarks.fuzz --out out/fuzz --format matpower --cpu-seconds 60
    python -m benchmarks.fuzz --out out/fuzz --requests --cpu-seconds 600    # requests of RPCs
    python -m benchmarks.fuzz --replay out/fuzz/faults/matpower-0001

Good inputs are changed (tests/fuzz/mutate.py) and read (tests/fuzz/judge.py); an input that brings findings not seen
before is kept and changed further. A fault is anything but a case or a refusal with findings, more than 15 CPU seconds,
or memory beyond --memory-mb. Requests (tests/fuzz/requests.py) go through the pipeline of the server; there anything
but an answer or a refusal with findings is a fault, and so is a schedule that fails its audit. Each kind of fault, told
apart by where it was raised, is kept once in OUT/faults;
OUT/state.json adds up executions and CPU seconds over all parts.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import sys
import time
import traceback
from pathlib import Path
from typing import Any

from tests.fuzz import requests
from tests.fuzz.judge import Judgement, judge
from tests.fuzz.mutate import mutated
from tests.fuzz.seeds import MAKERS, Input, seeds

MOST_KEPT = 400
SLICE_SECONDS = 10.0


class Corpus:
    """Good and telling inputs of one format, and what was seen of it."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.start = seeds(name) if name in MAKERS else requests.seeds(name)
        if name not in MAKERS and not all(judged(name, files).accepted for files in self.start):
            raise SystemExit(f"{name}: the request itself is not answered, so changes of it say nothing")
        self.inputs: list[Input] = list(self.start)
        self.good: list[Input] = []
        self.seen: set[str] = set()

    def one(self, draw: random.Random) -> tuple[Input, bool]:
        """Change and judge one input; returns it and whether it was read as a case."""
        pools = [pool for pool in (self.start, self.inputs, self.good) if pool]
        source = draw.choice(draw.choice(pools))
        made = mutated(source, draw, self.inputs)
        try:
            found = judged(self.name, made)
        except BaseException as fault:
            raise Fault(made) from fault
        if not found.codes <= self.seen:
            self.seen |= found.codes
            pool = self.good if found.accepted else self.inputs
            pool.append(made)
            if len(pool) > MOST_KEPT:
                pool.pop(draw.randrange(len(pool)))
        return made, found.accepted


def judged(name: str, files: Input) -> Judgement:
    """Of a reader, or of an RPC."""
    return judge(name, files) if name in MAKERS else requests.judge(name, files)


class Fault(Exception):
    """An input that a reader did not survive."""

    def __init__(self, files: Input) -> None:
        super().__init__("fault")
        self.files = files


def main() -> int:
    """Fuzz for so many CPU seconds; exit code 1 where a fault was found."""
    arguments = _arguments()
    bytes_most = arguments.memory_mb << 20
    resource.setrlimit(resource.RLIMIT_AS, (bytes_most, bytes_most))
    if arguments.replay:
        return _replay(arguments.replay)
    state = _load(arguments.out)
    part = state["parts"] = state.get("parts", 0) + 1
    corpora = [Corpus(name) for name in (arguments.format or (requests.WAYS if arguments.requests else MAKERS))]
    end, faults = time.process_time() + arguments.cpu_seconds, 0
    draw = random.Random(f"{arguments.seed} {part}")
    while time.process_time() < end:
        for corpus in corpora:
            if corpus.start:
                faults += _slice(corpus, draw, state, arguments.out, min(SLICE_SECONDS, arguments.cpu_seconds / 8))
        _save(arguments.out, state)
    print(json.dumps(state, indent=1))
    return 1 if faults else 0


def _slice(corpus: Corpus, draw: random.Random, state: dict[str, Any], out: Path, seconds: float) -> int:
    """Some seconds of one format; returns the faults of kinds not known before."""
    figures = state.setdefault(corpus.name, {"executions": 0, "accepted": 0, "cpu_seconds": 0.0, "faults": {}})
    began, new = time.process_time(), 0
    while time.process_time() < began + seconds:
        figures["executions"] += 1
        try:
            figures["accepted"] += corpus.one(draw)[1]
        except Fault as fault:
            if isinstance(fault.__cause__, KeyboardInterrupt):
                raise
            new += _keep(corpus.name, fault, figures["faults"], out)
    figures["cpu_seconds"] = round(figures["cpu_seconds"] + time.process_time() - began, 1)
    figures["kinds_of_findings"] = max(figures.get("kinds_of_findings", 0), len(corpus.seen))
    state["peak_rss_mb"] = max(state.get("peak_rss_mb", 0), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10)
    return new


def _keep(name: str, fault: Fault, known: dict[str, int], out: Path) -> int:
    cause = fault.__cause__
    assert cause is not None
    frames = [
        f for f in traceback.extract_tb(cause.__traceback__) if "/clearing/" in f.filename or "tests" in f.filename
    ]
    where = f"{type(cause).__name__} {Path(frames[-1].filename).name}:{frames[-1].lineno}"
    known[where] = known.get(where, 0) + 1
    if known[where] > 1:
        return 0
    folder = out / "faults" / f"{name}-{len(known):04d}"
    for path, data in fault.files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)
    (folder / "TRACEBACK").write_text("".join(traceback.format_exception(cause)))
    print(f"{name}: {where}: {str(cause)[:200]}", file=sys.stderr, flush=True)
    return 1


def _replay(folder: Path) -> int:
    files = {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}
    files.pop("TRACEBACK", None)
    name = folder.name.rsplit("-", 1)[0]
    print(judged(name, files))
    return 0


def _load(out: Path) -> dict[str, Any]:
    path = out / "state.json"
    return dict(json.loads(path.read_text())) if path.is_file() else {}


def _save(out: Path, state: dict[str, Any]) -> None:
    out.mkdir(parents=True, exist_ok=True)
    (out / "state.json").write_text(json.dumps(state, indent=1))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=Path("out/fuzz"))
    parser.add_argument("--cpu-seconds", type=float, default=600.0)
    parser.add_argument("--format", action="append", choices=sorted({**MAKERS, **requests.WAYS}))
    parser.add_argument("--requests", action="store_true", help="of every RPC, instead of files of every format")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--memory-mb", type=int, default=6000)
    parser.add_argument("--replay", type=Path)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
