"""Random networks, and their flows by a dense B-θ solve that shares nothing with clearing.grid."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from clearing.case.case import Case
from tests.factory import Row, market


def random_case(seed: int, buses: int = 8) -> Case:
    """Two or three islands, parallel branches, taps, phase shifters, branches out of service; load at some buses."""
    rng = np.random.default_rng(seed)
    names = [f"b{k}" for k in rng.permutation(buses)]
    groups = np.array_split(np.arange(buses), int(rng.integers(1, 4)))
    branches: list[Row] = []

    def line(a: int, b: int, *, on: bool = True) -> None:
        branches.append(
            {
                "id": f"l{len(branches)}", "ends": (names[a], names[b]), "x": float(rng.uniform(0.02, 0.5)), "on": on,
                "tap": float(rng.choice([1.0, 0.95, 1.08])), "shift": float(rng.choice([0.0, 0.0, 3.0, -7.5])),
                "limit": float(rng.choice([50.0, np.inf])),
            }
        )  # fmt: skip

    for group in groups:
        for k in range(1, len(group)):  # a tree, so that the group hangs together, then loops and parallels
            line(int(group[rng.integers(k)]), int(group[k]))
        for _ in range(int(rng.integers(0, 4)) if len(group) > 1 else 0):
            a, b = rng.choice(group, 2, replace=False)
            line(int(a), int(b))
    line(int(groups[0][0]), int(groups[-1][-1]) if len(groups) > 1 else int(groups[0][-1]), on=False)
    load = {name: rng.uniform(-20, 80, 2) * (rng.random() < 0.6) for name in names}
    live = [b["id"] for b in branches]
    terms = {str(i): float(rng.choice([1.0, -1.0, 0.5])) for i in rng.choice(live, min(2, len(live)), replace=False)}
    case = market(load, buses=names, branches=branches, interfaces=[{"id": "cut", "terms": terms, "max": 60.0}])
    order = rng.permutation(len(branches))
    network = case.network
    moved = {
        field: np.asarray(getattr(network, field))[order]
        for field in ("branch_from", "branch_to", "branch_reactance_pu", "branch_resistance_pu", "branch_tap_ratio",
                      "branch_shift_degrees", "branch_limit_mw", "branch_emergency_limit_mw", "branch_in_service")
    }  # fmt: skip
    where = np.argsort(order)
    network = replace(
        network, **moved, branch_id=tuple(network.branch_id[k] for k in order), term_branch=where[network.term_branch]
    )
    return replace(case, network=network)


def island_of(case: Case) -> np.ndarray:
    """Smallest bus that each bus is connected to."""
    network, label = case.network, np.arange(len(case.network.bus_id))
    for _ in label:
        for a, b, on in zip(network.branch_from, network.branch_to, network.branch_in_service, strict=True):
            if on:
                label[a] = label[b] = min(label[a], label[b])
    return label


def flows_by_angles(case: Case, injection: np.ndarray) -> np.ndarray:
    """Flow (L) for one injection (K) that is balanced in every island: dense least squares on the whole B matrix."""
    network = case.network
    size = np.where(network.branch_in_service, 100.0 / (network.branch_reactance_pu * network.branch_tap_ratio), 0.0)
    shift = np.deg2rad(network.branch_shift_degrees)
    nodal = np.zeros((len(injection), len(injection)))
    right = np.array(injection, dtype=float)
    for line, (a, b) in enumerate(zip(network.branch_from, network.branch_to, strict=True)):
        nodal[[a, b, a, b], [a, b, b, a]] += size[line] * np.array([1.0, 1.0, -1.0, -1.0])
        right[a] += size[line] * shift[line]
        right[b] -= size[line] * shift[line]
    angle = np.linalg.lstsq(nodal, right, rcond=None)[0]
    assert np.allclose(nodal @ angle, right, atol=1e-6)
    return np.asarray(size * (angle[network.branch_from] - angle[network.branch_to] - shift))
