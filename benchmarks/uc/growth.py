"""Seconds against units and periods, of systems drawn from one instance of pglib-uc.

    python -m benchmarks.uc.growth                                   # both sweeps, resumable
    python -m benchmarks.uc.growth --units 100 200 --periods 48

The instance is ferc 2015-01-01 lw (934 units, 48 hours): fewer units are a seeded sample, more are copies whose costs
differ by up to 2 %; demand, reserve and wind go with the capacity; longer horizons repeat the two days, each repetition
up to 3 % higher or lower. The search is asked for a gap of 1e-3 within the cap.
"""

from __future__ import annotations

import argparse
import json
import math
import multiprocessing
import tempfile
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.uc.registry import folder
from benchmarks.uc.run import RESULTS
from benchmarks.uc.runners import Run, run

BASE = "ferc/2015-01-01_lw.json"
UNITS, PERIODS = (100, 200, 500, 1000, 2000), (24, 48, 96, 192)
FIXED_UNITS, FIXED_PERIODS = 500, 48
GAP, CAP_SECONDS, SEED = 1e-3, 300.0, 20261125
Json = dict[str, Any]


def system(units: int, periods: int) -> Json:
    """A pglib-uc instance of that size; equal sizes, equal instances."""
    base, rng = json.loads((folder() / BASE).read_text()), np.random.default_rng([SEED, units])
    names = sorted(base["thermal_generators"])
    drawn: Json = {}
    for k in range(units):
        copy, at = divmod(k, len(names))
        if at == 0:
            order = rng.permutation(len(names))
        unit = base["thermal_generators"][names[order[at]]]
        drawn[f"{names[order[at]]}-{copy}"] = unit if copy == 0 else _other(unit, rng)
    share = _capacity(drawn) / _capacity(base["thermal_generators"])
    wave = np.random.default_rng([SEED, periods]).uniform(0.97, 1.03, -(-periods // base["time_periods"]))

    def longer(values: list[float], *, varied: bool) -> list[float]:
        whole = np.concatenate([np.asarray(values) * (w if varied else 1.0) for w in wave])
        return [float(v) for v in share * whole[:periods]]

    wind = {
        name: site | {key: longer(site[key], varied=False) for key in ("power_output_minimum", "power_output_maximum")}
        for name, site in base["renewable_generators"].items()
    }
    series = {key: longer(base[key], varied=True) for key in ("demand", "reserves")}
    return base | series | {"time_periods": periods, "thermal_generators": drawn, "renewable_generators": wind}


def _other(unit: Json, rng: np.random.Generator) -> Json:
    """The same kind of unit, by up to 2 % dearer or cheaper."""
    dearer = float(rng.uniform(0.98, 1.02))
    points = [point | {"cost": point["cost"] * dearer} for point in unit["piecewise_production"]]
    starts = [start | {"cost": start["cost"] * dearer} for start in unit["startup"]]
    return unit | {"piecewise_production": points, "startup": starts}


def _capacity(units: Json) -> float:
    return float(sum(unit["power_output_maximum"] for unit in units.values()))


def exponent(sizes: Sequence[int], took: Sequence[float]) -> float:
    """Slope of log seconds over log size."""
    return float(np.polyfit([math.log(s) for s in sizes], [math.log(t) for t in took], 1)[0])


def main() -> None:
    """See above."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--units", nargs="*", type=int, default=UNITS)
    parser.add_argument("--periods", nargs="*", type=int, default=PERIODS)
    parser.add_argument("--again", action="store_true")
    chosen = parser.parse_args()
    file = RESULTS / "growth.json"
    for n, t in dict.fromkeys(
        [*((n, FIXED_PERIODS) for n in chosen.units), *((FIXED_UNITS, t) for t in chosen.periods)]
    ):
        runs = json.loads(file.read_text()) if file.exists() else {}
        if chosen.again or f"{n}x{t}" not in runs:
            RESULTS.mkdir(parents=True, exist_ok=True)
            runs[f"{n}x{t}"] = found = _measured(n, t)
            file.write_text(json.dumps(dict(sorted(runs.items())), indent=1) + "\n", encoding="utf-8")
            print(f"{n} units, {t} periods: {found['search_s']:.1f} s, gap {found['gap']:.1e}", flush=True)


def _measured(units: int, periods: int) -> Run:
    with tempfile.TemporaryDirectory() as place:
        path = Path(place) / "system.json"
        path.write_text(json.dumps(system(units, periods)))
        with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
            return pool.submit(run, "clearing", path, GAP, CAP_SECONDS).result() | {
                "gap_asked": GAP,
                "cap_s": CAP_SECONDS,
            }


if __name__ == "__main__":
    main()
